"""The reference pass: what rounding may do to every entry of every array of the trace.

The same formulas as any implementation, forward and backward, on numbers that carry the standard
deviation of their rounding error (`gradoracle.rounding`). Its float64 values only serve to
propagate those; what an entry should be is for `gradoracle.truth` to say.

Convention: one example per column, every dV the plain derivative of J, the division by N included.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gradoracle.activations import elementwise, sigmoid, softmax
from gradoracle.arrays import Array
from gradoracle.case import Case, trace_shapes
from gradoracle.losses import LOSSES, probability_form_resolves
from gradoracle.rounding import SIGMAS, Arithmetic, Rounded, exact


@dataclass(frozen=True, eq=False)
class Reference:
    """How far rounding may take a correct trace of one case in one dtype from the truth.

    Attributes
    ----------
    case : Case
        Its dtype is the one that is judged.
    arrays : mapping of str to Rounded
        In the order of computation. dA^[L] of a cross-entropy is missing where it cannot be
        computed from A^[L] (`gradoracle.losses.probability_form_resolves`).
    flips : mapping of str to int
        How many pre-activations of a layer lie within 8 sigma of a kink, by name (``Z1``).
    """

    case: Case
    arrays: Mapping[str, Rounded]
    flips: Mapping[str, int]

    def sigma(self, name: str) -> Array:
        """Return the standard deviation of each entry."""
        return self.arrays[name].sigma

    def slack(self, name: str) -> Array | float:
        """Return what may be added to each entry's error whatever the order of rounding."""
        slack = self.arrays[name].slack
        return 0.0 if slack is None else slack


def reference(case: Case) -> Reference:
    """Run forward and backward in float64 and predict the rounding errors in the case's dtype."""
    return _Pass(case).run()


class _Pass:
    """The steps of one pass; each fills in arrays by their names in the trace."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.ops = Arithmetic(case.dtype)
        self.W = {layer: exact(w) for layer, w in case.W.items()}
        self.b = {layer: exact(b) for layer, b in case.b.items()}
        self.Y = case.Y.astype(np.float64)
        self.copies = _copies(case)
        self.arrays: dict[str, Rounded] = {}
        self.flips: dict[str, int] = {}

    def run(self) -> Reference:
        self.forward()
        self.arrays["J"] = self.objective()
        self.output_error()
        for layer in range(self.case.L, 0, -1):
            self.layer_backward(layer)
        names = [name for name in trace_shapes(self.case.network, 1) if name in self.arrays]
        return Reference(self.case, {name: self.arrays[name] for name in names}, self.flips)

    def activation_input(self, layer: int) -> Rounded:
        return exact(self.case.X) if layer == 1 else self.arrays[f"A{layer - 1}"]

    def forward(self) -> None:
        for layer in range(1, self.case.L + 1):
            product = self.ops.matmul(self.W[layer], self.activation_input(layer))
            Z = self.arrays[f"Z{layer}"] = self.ops.add(product, self.b[layer])
            self.arrays[f"A{layer}"] = self.activate(self.case.activation(layer), Z)

    def activate(self, name: str, Z: Rounded) -> Rounded:
        if name != "softmax":
            g = elementwise(name)
            return self.ops.elementwise(Z, g.value, g.prime, g.terms)
        a = softmax(Z.value)
        shift = np.abs(Z.value - Z.value.max(axis=0))
        # relative error of a_i: dz_i - sum_k a_k dz_k, then exp, the sum of k terms, the division
        squares = Z.sigma**2
        pulled = (a * a * squares).sum(axis=0) + squares * (1 - 2 * a).clip(min=0)
        own = self.ops.u * (2 + shift + math.sqrt(a.shape[0]))
        slack = None if Z.slack is None else a * (Z.slack + (a * Z.slack).sum(axis=0))
        return self.ops.rounded(a, a * np.sqrt(pulled + own**2), slack)

    def objective(self) -> Rounded:
        """J: the terms summed example by example, over N, plus the L2 term."""
        terms = self.terms()
        per_example = terms.value.shape[0]
        flat = Rounded(
            terms.value.T.reshape(1, -1),
            terms.sigma.T.reshape(1, -1),
            None if terms.slack is None else terms.slack.T.reshape(1, -1),
        )
        ones = exact(np.ones((flat.value.shape[1], 1)))
        total = self.ops.matmul(flat, ones, np.repeat(self.copies, per_example))
        J = self.ops.scale(total, 1 / self.case.N)
        if self.case.network.l2:
            for w in self.W.values():
                row = exact(w.value.reshape(1, -1))
                J = self.ops.add(
                    J, self.ops.scale(self.ops.matmul(row, row.T), self.case.network.l2 / 2)
                )
        slack = None if J.slack is None else J.slack.reshape(())
        return Rounded(J.value.reshape(()), J.sigma.reshape(()), slack)

    def terms(self) -> Rounded:
        """The loss before reduction: (n_L, n), or (1, n) for cross_entropy."""
        Z, A, Y, u = (
            self.arrays[f"Z{self.case.L}"],
            self.arrays[f"A{self.case.L}"],
            self.Y,
            self.ops.u,
        )
        loss = LOSSES[self.case.network.loss]
        value = loss.terms(Z.value, A.value, Y)
        if loss.output == "sigmoid":
            # frameworks print max(z, 0) - z y + log1p(e^-|z|): its terms are as large as |z|
            slope = np.abs(sigmoid(Z.value) - Y)
            own = 2 * u * (np.abs(Z.value) + np.log1p(np.exp(-np.abs(Z.value))))
            return self.ops.rounded(value, np.hypot(slope * Z.sigma, own), _times(slope, Z.slack))
        if loss.output == "softmax":
            # labels sum to 1: a weighted mean of errors that share logsumexp's
            a = softmax(Z.value)
            largest = np.abs(Z.value).max(axis=0, keepdims=True)
            own = 2 * u * (2 * largest + math.log(a.shape[0]) + 1)
            pulled = np.sqrt(((a - Y) ** 2 * Z.sigma**2).sum(axis=0, keepdims=True))
            column = value.sum(axis=0, keepdims=True)
            slack = (
                None if Z.slack is None else (np.abs(a - Y) * Z.slack).sum(axis=0, keepdims=True)
            )
            return self.ops.rounded(column, np.hypot(pulled, own), slack)
        slope = np.abs(loss.cotangent(A.value, Y))
        return self.ops.rounded(
            value, np.hypot(slope * A.sigma, 2 * u * np.abs(value)), _times(slope, A.slack)
        )

    def output_error(self) -> None:
        """dA^[L] and dZ^[L]; fused for the cross-entropies, where dA^[L] is a form of its own."""
        L, N, u = self.case.L, self.case.N, self.ops.u
        A, Y = self.arrays[f"A{L}"], self.Y
        name = self.case.network.loss
        loss = LOSSES[name]
        if loss.output is None:
            value = loss.cotangent(A.value, Y)
            error = np.hypot(loss.curvature * A.sigma, u * np.abs(value))
            slack = None if A.slack is None else loss.curvature * A.slack
            dA = self.ops.scale(self.ops.rounded(value, error, slack), 1 / N)
            self.arrays[f"dA{L}"] = dA
            self.arrays[f"dZ{L}"] = self.pull_back(L, dA)
            return
        difference = self.ops.add(A, exact(-Y))
        self.arrays[f"dZ{L}"] = self.ops.scale(difference, 1 / N)
        if probability_form_resolves(name, A.value.astype(self.case.dtype)):
            value = loss.cotangent(A.value, Y)
            rest = (1 - Y) / (1 - A.value) if name == "binary_cross_entropy" else np.zeros_like(Y)
            head = Y / A.value
            slope = head / A.value + rest / np.maximum(1 - A.value, u)
            error = np.hypot(slope * A.sigma, 2 * u * (head + rest))
            self.arrays[f"dA{L}"] = self.ops.scale(
                self.ops.rounded(value, error, _times(slope, A.slack)), 1 / N
            )

    def layer_backward(self, layer: int) -> None:
        """dW^[l], db^[l], dA^[l-1] and dZ^[l-1] from dZ^[l]."""
        ops, dZ, W = self.ops, self.arrays[f"dZ{layer}"], self.W[layer]
        dW = ops.matmul(dZ, self.activation_input(layer).T, self.copies)
        if self.case.network.l2:
            dW = ops.add(dW, ops.scale(W, self.case.network.l2))
        self.arrays[f"dW{layer}"] = dW
        self.arrays[f"db{layer}"] = ops.matmul(dZ, exact(np.ones((self.case.n, 1))), self.copies)
        dA = ops.matmul(W.T, dZ)
        if layer == 1:
            self.arrays["dX"] = dA
        else:
            self.arrays[f"dA{layer - 1}"] = dA
            self.arrays[f"dZ{layer - 1}"] = self.pull_back(layer - 1, dA)

    def pull_back(self, layer: int, dA: Rounded) -> Rounded:
        """dZ^[l] from dA^[l]: times g'(Z^[l]), or softmax's Jacobian."""
        name, Z, A = self.case.activation(layer), self.arrays[f"Z{layer}"], self.arrays[f"A{layer}"]
        if name == "softmax":
            return self.softmax_pull_back(A, dA)
        g = elementwise(name)
        slope = self.ops.elementwise(Z, g.prime, g.second, g.prime_terms)
        if g.kink:
            near = (np.abs(Z.value) <= SIGMAS * Z.sigma) & (Z.sigma > 0)
            if near.any():
                self.flips[f"Z{layer}"] = int(near.sum())
                jump = float(np.abs(g.prime(np.array(1.0)) - g.prime(np.array(-1.0))))
                slope = Rounded(slope.value, slope.sigma, np.where(near, jump, 0.0))
        return self.ops.multiply(dA, slope)

    def softmax_pull_back(self, a: Rounded, dA: Rounded) -> Rounded:
        """dZ_i = a_i (dA_i - sum_k a_k dA_k), down each column."""
        mean = (a.value * dA.value).sum(axis=0, keepdims=True)
        value = a.value * (dA.value - mean)
        shared = ((a.value * dA.sigma) ** 2 + (dA.value * a.sigma) ** 2).sum(axis=0, keepdims=True)
        magnitude = np.abs(dA.value) + (a.value * np.abs(dA.value)).sum(axis=0, keepdims=True)
        own = 2 * self.ops.u * magnitude
        inner = np.sqrt(dA.sigma**2 + shared + own**2)
        sigma = np.hypot(np.abs(dA.value - mean) * a.sigma, a.value * inner)
        slack = None
        if a.slack is not None or dA.slack is not None:
            sa = np.zeros_like(value) if a.slack is None else a.slack
            sd = np.zeros_like(value) if dA.slack is None else dA.slack
            inner_slack = sd + (a.value * sd + np.abs(dA.value) * sa).sum(axis=0, keepdims=True)
            slack = np.abs(dA.value - mean) * sa + a.value * inner_slack
        return self.ops.rounded(value, sigma, slack)


def _times(slope: Array, slack: Array | None) -> Array | None:
    return None if slack is None else slope * slack


def _copies(case: Case) -> Array:
    """Return for each example how many of the batch are equal to it, itself included: (n,)."""
    columns = [x.tobytes() + y.tobytes() for x, y in zip(case.X.T, case.Y.T, strict=True)]
    count = Counter(columns)
    return np.array([count[column] for column in columns], dtype=np.float64)
