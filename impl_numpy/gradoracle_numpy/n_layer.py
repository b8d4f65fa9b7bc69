"""A network of any depth by hand: the loop over layers, forward and backward.

Convention: one example per column; every dV is the plain derivative of J, the division by N
included, so it happens once, at dA^[L] (or at dZ^[L], where loss and activation are fused).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gradoracle.activations import activate, pull_back
from gradoracle.arrays import Array
from gradoracle.case import Case, Trace
from gradoracle.losses import LOSSES, probability_form_resolves


@dataclass(frozen=True)
class Forward:
    """What the forward pass leaves for the backward pass: Z[1..L] and A[0..L]."""

    Z: Mapping[int, Array]
    A: Mapping[int, Array]


def forward(case: Case) -> Forward:
    """Return every Z^[l] = W^[l] A^[l-1] + b^[l] and A^[l] = g_l(Z^[l]), all (n_l, n)."""
    Z: dict[int, Array] = {}
    A: dict[int, Array] = {0: case.X}
    for layer in range(1, case.L + 1):
        Z[layer] = case.W[layer] @ A[layer - 1] + case.b[layer]
        A[layer] = activate(case.activation(layer), Z[layer])
    return Forward(Z, A)


def objective(case: Case, run: Forward) -> Array:
    """Return J: the sum of the loss over N, plus l2 / 2 times the squared weights."""
    terms = LOSSES[case.network.loss].terms(run.Z[case.L], run.A[case.L], case.Y)
    J = terms.sum() / case.N
    if case.network.l2:
        J = J + case.network.l2 / 2 * sum((w * w).sum() for w in case.W.values())
    return np.asarray(J)


def output_error(case: Case, run: Forward) -> dict[str, Array]:
    """Return dA^[L] and dZ^[L], both (n_L, n).

    Fused with its output activation, a cross-entropy gives dZ^[L] = (A^[L] - Y) / N without any
    activation derivative. dA^[L] is then the probability form (-y/a + (1-y)/(1-a), or -y/a) and
    is left out where the activation has saturated.
    """
    L, Z, A, loss = case.L, run.Z[case.L], run.A[case.L], LOSSES[case.network.loss]
    if loss.output is None:
        dA: Array = loss.cotangent(A, case.Y) / case.N
        return {f"dA{L}": dA, f"dZ{L}": pull_back(case.activation(L), Z, A, dA)}
    errors: dict[str, Array] = {f"dZ{L}": (A - case.Y) / case.N}
    if probability_form_resolves(case.network.loss, A):
        errors[f"dA{L}"] = loss.cotangent(A, case.Y) / case.N
    return errors


def backward(case: Case, run: Forward) -> dict[str, Array]:
    """Return the derivative of J by every A^[l], Z^[l], W^[l], b^[l] and X.

    For l = L ... 1:
    dW^[l] = dZ^[l] (A^[l-1])^T + l2 W^[l]; db^[l] = dZ^[l] summed over the examples, shape kept;
    dA^[l-1] = (W^[l])^T dZ^[l]; dZ^[l-1] = dA^[l-1] * g'(Z^[l-1]), or softmax's Jacobian.
    """
    d = output_error(case, run)
    for layer in range(case.L, 0, -1):
        dZ = d[f"dZ{layer}"]
        d[f"dW{layer}"] = dZ @ run.A[layer - 1].T + case.network.l2 * case.W[layer]
        d[f"db{layer}"] = dZ.sum(axis=1, keepdims=True)
        dA = case.W[layer].T @ dZ
        if layer == 1:
            d["dX"] = dA
        else:
            below = layer - 1
            d[f"dA{below}"] = dA
            d[f"dZ{below}"] = pull_back(case.activation(below), run.Z[below], run.A[below], dA)
    return d


def implementation(case: Case) -> Trace:
    """Run forward and backward on any case and return the whole trace."""
    run = forward(case)
    arrays: dict[str, Array] = {f"Z{layer}": z for layer, z in run.Z.items()}
    arrays |= {f"A{layer}": a for layer, a in run.A.items() if layer > 0}
    arrays["J"] = objective(case, run)
    arrays |= backward(case, run)
    return Trace(arrays, case.network)
