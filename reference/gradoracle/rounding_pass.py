"""One pass of the network in one model of rounding, forward and backward.

The same formulas as any implementation, on quantities that carry an error (`gradoracle.rounding`).
Every quantity of the trace takes its value from the truth, so magnitudes are right to half a unit;
what is computed here are the errors.

Convention: one example per column, every dV the plain derivative of J, the division by N included.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Self

import numpy as np

from gradoracle.activations import elementwise, sigmoid, softmax
from gradoracle.arrays import Array
from gradoracle.case import Case, trace_shapes
from gradoracle.losses import LOSSES, probability_form_resolves
from gradoracle.rounding import Model, Quantity
from gradoracle.rounding.curves import prime_curve, value_curve
from gradoracle.rounding.quantity import exact


def is_free(case: Case, name: str) -> bool:
    """dA^[L] of a cross-entropy is no step of the computation: it may be left out."""
    return name == f"dA{case.L}" and LOSSES[case.network.loss].output is not None


def _row(*numbers: Quantity) -> Quantity:
    """Put quantities of shape (1, k) side by side."""
    draws = np.broadcast_shapes(*(number.error.shape[:-1] for number in numbers))
    errors = [np.broadcast_to(q.error, (*draws, q.error.shape[-1])) for q in numbers]
    values = np.concatenate([number.value for number in numbers], axis=1)
    return Quantity(values, np.concatenate(errors, axis=-1))


class Pass:
    """The steps of one pass in one model; each fills in arrays by their names in the trace."""

    def __init__(
        self, case: Case, values: Mapping[str, Array], model: Model, any_side: bool
    ) -> None:
        self.case, self.values, self.model, self.any_side = case, values, model, any_side
        self.W = {layer: exact(w) for layer, w in case.W.items()}
        self.Y = case.Y.astype(np.float64)
        self.found: dict[str, Quantity] = {}
        self.flips: dict[str, int] = {}
        self.on_kink: dict[str, int] = {}
        self.shared: dict[str, Array] = {}  # deviations by what errors have in common

    def run(self) -> Self:
        """Walk through the whole pass."""
        # errors may be infinite, and NaN where infinities meet; the models make those infinite
        with np.errstate(over="ignore", invalid="ignore"):
            self.forward()
            self.keep("J", self.objective())
            self.output_error()
            for layer in range(self.case.L, 0, -1):
                self.layer_backward(layer)
        return self

    @property
    def arrays(self) -> dict[str, Quantity]:
        """What was found, in the order of computation."""
        names = trace_shapes(self.case.network, 1)
        return {name: self.found[name] for name in names if name in self.found}

    def keep(self, name: str, quantity: Quantity) -> Quantity:
        """Remember an array of the trace, with the true value."""
        error = quantity.error
        if name in self.shared:
            # infinity times 0 is nothing that is known: then the bound decides
            shared = np.nan_to_num(self.shared[name], nan=np.inf, posinf=np.inf)
            error = np.maximum(error, shared)
        value = self.values.get(name, quantity.value)
        self.found[name] = Quantity(value, error, quantity.kinks)
        return self.found[name]

    def input_of(self, layer: int) -> Quantity:
        """Return A^[l-1]."""
        return exact(self.case.X) if layer == 1 else self.found[f"A{layer - 1}"]

    def forward(self) -> None:
        """Z^[l] and A^[l] of every layer."""
        for layer in range(1, self.case.L + 1):
            self.layer_forward(layer)

    def layer_forward(self, layer: int) -> None:
        """Z^[l] and A^[l] from A^[l-1]."""
        b = exact(self.case.b[layer])
        Z = self.keep(f"Z{layer}", self.model.matmul(self.W[layer], self.input_of(layer), b))
        name = self.case.activation(layer)
        if name == "softmax":
            A = self.model.softmax(Z, softmax(Z.value))
        else:
            A = self.model.function(Z, value_curve(name))
        self.keep(f"A{layer}", A)

    def objective(self) -> Quantity:
        """J as one sum: the terms example by example, over N, then l2 / 2 w^2 weight by weight.

        A program may begin with the L2 term, or add weight after weight to the loss: then every
        addition rounds at the size of the whole.
        """
        terms = self.terms()
        errors = terms.error.swapaxes(-1, -2)
        flat = Quantity(
            terms.value.T.reshape(1, -1), errors.reshape(*errors.shape[:-2], 1, terms.value.size)
        )
        flat = self.model.scale(flat, 1 / self.case.N)
        if self.case.network.l2:
            half = exact(np.array([[self.case.network.l2 / 2]]))
            w = exact(np.concatenate([w.value.reshape(1, -1) for w in self.W.values()], axis=1))
            flat = _row(flat, self.model.multiply(half, self.model.multiply(w, w)))
        J = self.model.matmul(flat, exact(np.ones((flat.value.shape[1], 1))))
        return Quantity(J.value.reshape(()), J.error.reshape(J.error.shape[:-2]))

    def terms(self) -> Quantity:
        """The loss before reduction: (n_L, n), or (1, n) for cross_entropy."""
        Z, A, Y = self.found[f"Z{self.case.L}"], self.found[f"A{self.case.L}"], self.Y
        loss = LOSSES[self.case.network.loss]
        value = loss.terms(Z.value, A.value, Y)
        if loss.output == "sigmoid":
            # frameworks use max(z, 0) - z y + log1p(e^-|z|): its terms are as large as |z|
            magnitude = 2 * np.abs(Z.value) + np.log1p(np.exp(-np.abs(Z.value)))
            return self.model.combine(value, Z, sigmoid(Z.value) - Y, 0.25, magnitude, 2)
        if loss.output == "softmax":
            largest = np.abs(Z.value).max(axis=0, keepdims=True)
            magnitude = 4 * largest + math.log(len(Y)) + 1
            column = value.sum(axis=0, keepdims=True)
            return self.model.combine_columns(column, Z, softmax(Z.value) - Y, 1.0, magnitude, 2)
        slope = loss.cotangent(A.value, Y)
        return self.model.combine(value, A, slope, loss.curvature, np.abs(value), 0)

    def output_error(self) -> None:
        """dA^[L] and dZ^[L]; fused for the cross-entropies, where dA^[L] is a form of its own."""
        L, N, name = self.case.L, self.case.N, self.case.network.loss
        A, loss = self.found[f"A{L}"], LOSSES[name]
        if loss.output is not None:
            self.keep(f"dZ{L}", self.model.scale(self.model.fused_error(A, self.Y), 1 / N))
            known = f"dA{L}" in self.values  # missing where float64 is too small for it
            if known and probability_form_resolves(name, A.value.astype(self.case.dtype)):
                self.keep(f"dA{L}", self.model.scale(self.probability_cotangent(A), 1 / N))
            return
        if loss.curvature:
            difference = self.model.subtract(A, self.Y)
            dA = self.model.scale(difference, loss.curvature / N)
        else:
            dA = self.model.scale(exact(self.Y), 1 / N)
        dA = self.keep(f"dA{L}", dA)
        self.keep(f"dZ{L}", self.pull_back(L, dA))

    def probability_cotangent(self, A: Quantity) -> Quantity:
        """-y/a + (1 - y)/(1 - a), or -y/a: from a, so rounding of a counts."""
        head = self.model.divide(-self.Y, A)
        if self.case.network.loss == "cross_entropy":
            return head
        # 1 - a is sigma(-z), without the cancellation; computed from a it rounds once
        beside = Quantity(sigmoid(-self.found[f"Z{self.case.L}"].value), A.error)
        tail = self.model.divide(1 - self.Y, self._rounded(beside))
        return self._rounded(Quantity(head.value + tail.value, head.error + tail.error))

    def _rounded(self, x: Quantity) -> Quantity:
        """Add one rounding of the result."""
        return self.model.subtract(x, np.zeros_like(x.value))

    def layer_backward(self, layer: int) -> None:
        """dW^[l], db^[l], dA^[l-1] and dZ^[l-1] from dZ^[l]."""
        model, dZ, W = self.model, self.found[f"dZ{layer}"], self.W[layer]
        decay = None
        if self.case.network.l2:
            decay = model.multiply(exact(np.array([[self.case.network.l2]])), W)
        self.keep(f"dW{layer}", model.matmul(dZ, self.input_of(layer).T, decay))
        self.keep(f"db{layer}", model.matmul(dZ, exact(np.ones((self.case.n, 1)))))
        below = "dX" if layer == 1 else f"dA{layer - 1}"
        dA = self.keep(below, model.matmul(W.T, dZ))
        if layer > 1:
            self.keep(f"dZ{layer - 1}", self.pull_back(layer - 1, dA))

    def pull_back(self, layer: int, dA: Quantity) -> Quantity:
        """dZ^[l] from dA^[l]: times g'(Z^[l]), or softmax's Jacobian."""
        name, Z = self.case.activation(layer), self.found[f"Z{layer}"]
        if name == "softmax":
            return self.model.softmax_vjp(self.found[f"A{layer}"], dA)
        g = elementwise(name)
        slope = self.model.function(Z, prime_curve(name))
        if g.kink:
            near, zero = self.model.near_kink(Z), Z.value == 0
            self.flips |= {f"Z{layer}": int(near.sum())} if near.any() else {}
            exactly = zero & ~near
            self.on_kink |= {f"Z{layer}": int(exactly.sum())} if exactly.any() else {}
            if self.any_side:
                near = near | zero
            left, right = g.prime(np.array(-1.0)), g.prime(np.array(1.0))
            # where Z has underflowed to 0 the truth of dZ tells which side it was on
            dZ = self.values[f"dZ{layer}"]
            nearer = np.abs(dZ - right * dA.value) < np.abs(dZ - left * dA.value)
            side = np.where(zero, nearer, Z.value > 0)
            slope = Quantity(np.where(side, right, left), slope.error)
            if near.any():
                slope = self.model.either_side(slope, near, np.where(side, left, right))
        return self.model.multiply(dA, slope)
