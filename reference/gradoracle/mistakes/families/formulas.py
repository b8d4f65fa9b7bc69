"""Pieces that mistakes of several families are put together from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradoracle.arrays import Array
from gradoracle.mistakes.steps import Run, Step, objective, output_cotangent, output_delta


def through(prime: Step) -> dict[str, Step]:
    """Return the steps in which dZ^[l] is dA^[l] times something else than g_l'(Z^[l])."""

    def delta(r: Run, layer: int) -> Array:
        return r.dA[layer] * prime(r, layer)

    return {"dZ": delta, "dZ_out": delta}


def scaled_output(factor: Callable[[Run], float]) -> dict[str, Step]:
    """Return the steps in which the derivative of the loss has a factor too many."""

    def cotangent(r: Run, layer: int) -> Array:
        return output_cotangent(r, layer) * factor(r)

    def delta(r: Run, layer: int) -> Array:  # of a dA^[L] that has the factor, or fused
        return output_delta(r, layer) * (factor(r) if r.fused else 1)

    return {"dA_out": cotangent, "dZ_out": delta}


def penalty(r: Run) -> Array:
    """l2 / 2 times the sum of the squared weights."""
    return np.asarray(r.l2 / 2 * sum((w * w).sum() for w in r.W.values()))


def scaled_loss(factor: Callable[[Run], float]) -> dict[str, Step]:
    """Return the step in which J, but for the L2 term, has a factor too many."""
    return {
        "J": lambda r, layer: (objective(r, layer) - penalty(r)) * factor(r) + penalty(r),
    }


def weight_gradient_of(data: Step) -> dict[str, Step]:
    """Return the step in which the data's part of dW^[l] is another one."""
    return {"dW": lambda r, layer: data(r, layer) + r.l2 * r.W[layer]}


def binary_cross_entropy(r: Run, a: Array) -> Array:
    """J of some probabilities, as on paper: -(Y log a + (1 - Y) log(1 - a)) over N."""
    terms = r.Y * np.log(a) + (1 - r.Y) * np.log(1 - a)
    return np.asarray(penalty(r) - terms.sum() / r.N)


def loss_of_activation(r: Run, layer: int) -> Array:
    """J from A^[L], also where the loss is a function of the logits: A^[L] may be wrong."""
    if r.loss == "binary_cross_entropy":
        return binary_cross_entropy(r, r.A[layer])
    if r.loss == "cross_entropy":
        return np.asarray(penalty(r) - (r.Y * np.log(r.A[layer])).sum() / r.N)
    return objective(r, layer)
