"""The reference pass: what rounding may do to every entry of every array of the trace.

The same formulas as any implementation, forward and backward, on quantities that carry an error
(`gradoracle.rounding`). It runs once for each model: a proven bound, a predicted standard
deviation, and for deep networks samples, which know that errors are correlated. Every quantity of
the trace takes its value from the truth, so magnitudes are right to half a unit; what is computed
here are the errors.

Convention: one example per column, every dV the plain derivative of J, the division by N included.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from gradoracle.activations import elementwise, sigmoid, softmax
from gradoracle.arrays import Array
from gradoracle.case import Case, trace_shapes
from gradoracle.losses import LOSSES, probability_form_resolves
from gradoracle.rounding import FORMATS, Bound, Format, Model, Quantity, Sampled, Sigma
from gradoracle.rounding.curves import prime_curve, value_curve
from gradoracle.rounding.kinks import Range
from gradoracle.rounding.quantity import exact

SHALLOW = 2  # layers up to which errors may be taken as independent


class Known(Protocol):
    """The truth: proven now (`gradoracle.truth.Truth`) or read from the corpus."""

    @property
    def values(self) -> Mapping[str, Array]:
        """Every array of the trace, float64."""
        ...

    @property
    def radii(self) -> Mapping[str, Array]:
        """|true - value| is at most this."""
        ...


@dataclass(frozen=True, eq=False)
class Reference:
    """How far rounding may take a correct trace of one case in one format from the truth.

    Attributes
    ----------
    case : Case
    form : Format
        How the candidate computes.
    sigmas : mapping of str to Quantity
        Standard deviations, in the order of computation; empty for formats that round factors.
        dA^[L] of a cross-entropy is missing where it cannot be computed from A^[L].
    bounds : mapping of str to Quantity
        Proven bounds, for the same names.
    correlated : bool
        Whether a constant tensor makes roundings anything but independent: only bounds count.
    flips : mapping of str to int
        How many pre-activations of a layer lie within 8 sigma of a kink, by name (``Z1``).
    on_kink : mapping of str to int
        How many are exactly 0 on a kink, where the contract chooses the derivative.
    """

    case: Case
    form: Format
    sigmas: Mapping[str, Quantity]
    bounds: Mapping[str, Quantity]
    correlated: bool
    flips: Mapping[str, int]
    on_kink: Mapping[str, int]

    @property
    def names(self) -> list[str]:
        """The arrays that can be judged, in the order of computation."""
        return list(self.bounds)

    def sigma(self, name: str) -> Array:
        """Return the standard deviation of each entry; infinite where only the bound counts."""
        if self.correlated:
            return np.full_like(self.bounds[name].error, np.inf)
        return self.sigmas[name].error

    def bound(self, name: str) -> Array:
        """Return the most that each entry may be off by rounding."""
        return self.bounds[name].error

    def kinks(self, name: str) -> Range | None:
        """Return what kinks within 8 sigma may add, besides 8 sigma."""
        return None if self.correlated else self.sigmas[name].kinks

    def proven_kinks(self, name: str) -> Range | None:
        """Return what kinks within the bound may add, besides the bound."""
        return self.bounds[name].kinks


def reference(
    case: Case, known: Known, form: Format | None = None, *, any_side: bool = False
) -> Reference:
    """Predict the errors of a correct run.

    Parameters
    ----------
    case : Case
    known : Truth
        Of the same case: its values.
    form : Format, optional
        How the candidate computes; that of the case's dtype by default.
    any_side : bool
        Whether every choice of the derivative at an exact kink is allowed.
    """
    form = FORMATS[str(case.dtype)] if form is None else form
    bounds = _Pass(case, known, Bound(form), any_side).run()
    lost = {n for n, q in bounds.arrays.items() if _is_free(case, n) and not _finite(q)}
    correlated = form.factor_digits is not None or _has_constant_tensor(case)
    sigmas = None if correlated else _Pass(case, known, Sigma(form), any_side).run()
    if sigmas is not None and case.L > SHALLOW:
        _widen(sigmas, case, known, Sampled(form))
    return Reference(
        case,
        form,
        {} if sigmas is None else {n: q for n, q in sigmas.arrays.items() if n not in lost},
        {n: q for n, q in bounds.arrays.items() if n not in lost},
        correlated,
        bounds.flips if sigmas is None else sigmas.flips,
        bounds.on_kink,
    )


def _widen(sigmas: _Pass, case: Case, known: Known, model: Sampled) -> None:
    """Take the larger of the added variances and the spread of the samples, entry by entry."""
    sampled = _Pass(case, known, model, any_side=False).run()
    for name, quantity in sigmas.found.items():
        spread = model.root_mean_square(sampled.found[name])
        sigmas.found[name] = replace(quantity, error=np.maximum(quantity.error, spread))


def _is_free(case: Case, name: str) -> bool:
    """dA^[L] of a cross-entropy is no step of the computation: it may be left out."""
    return name == f"dA{case.L}" and LOSSES[case.network.loss].output is not None


def _finite(quantity: Quantity) -> bool:
    return bool(np.isfinite(quantity.error).all())


def _has_constant_tensor(case: Case) -> bool:
    """Whether X or a weight matrix repeats one number: sums then drift instead of wandering."""
    return any(
        a.size > 1 and a.flat[0] != 0 and (a == a.flat[0]).all() for a in (case.X, *case.W.values())
    )


def _row(*numbers: Quantity) -> Quantity:
    """Put quantities of shape (1, 1) side by side."""
    shape = np.broadcast_shapes(*(number.error.shape for number in numbers))
    errors = [np.broadcast_to(number.error, shape) for number in numbers]
    values = np.concatenate([number.value for number in numbers], axis=1)
    return Quantity(values, np.concatenate(errors, axis=-1))


class _Pass:
    """The steps of one pass in one model; each fills in arrays by their names in the trace."""

    def __init__(self, case: Case, known: Known, model: Model, any_side: bool) -> None:
        self.case, self.known, self.model, self.any_side = case, known, model, any_side
        self.W = {layer: exact(w) for layer, w in case.W.items()}
        self.Y = case.Y.astype(np.float64)
        self.found: dict[str, Quantity] = {}
        self.flips: dict[str, int] = {}
        self.on_kink: dict[str, int] = {}

    def run(self) -> _Pass:
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
        self.found[name] = replace(quantity, value=self.known.values[name])
        return self.found[name]

    def input_of(self, layer: int) -> Quantity:
        return exact(self.case.X) if layer == 1 else self.found[f"A{layer - 1}"]

    def forward(self) -> None:
        for layer in range(1, self.case.L + 1):
            b = exact(self.case.b[layer])
            Z = self.keep(f"Z{layer}", self.model.matmul(self.W[layer], self.input_of(layer), b))
            name = self.case.activation(layer)
            if name == "softmax":
                A = self.model.softmax(Z, softmax(Z.value))
            else:
                A = self.model.function(Z, value_curve(name))
            self.keep(f"A{layer}", A)

    def objective(self) -> Quantity:
        """J: the terms summed example by example, over N, plus the L2 term."""
        terms = self.terms()
        errors = terms.error.swapaxes(-1, -2)
        flat = Quantity(
            terms.value.T.reshape(1, -1), errors.reshape(*errors.shape[:-2], 1, terms.value.size)
        )
        ones = exact(np.ones((flat.value.shape[1], 1)))
        J = self.model.scale(self.model.matmul(flat, ones), 1 / self.case.N)
        if self.case.network.l2:
            half = exact(np.array([[self.case.network.l2 / 2]]))
            rows = [exact(w.value.reshape(1, -1)) for w in self.W.values()]
            decay = [self.model.multiply(half, self.model.matmul(row, row.T)) for row in rows]
            # layer by layer: each addition may round
            J = self.model.matmul(_row(J, *decay), exact(np.ones((len(decay) + 1, 1))))
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
            known = f"dA{L}" in self.known.values  # missing where float64 is too small for it
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
            dZ = self.known.values[f"dZ{layer}"]
            nearer = np.abs(dZ - right * dA.value) < np.abs(dZ - left * dA.value)
            side = np.where(zero, nearer, Z.value > 0)
            slope = Quantity(np.where(side, right, left), slope.error)
            if near.any():
                slope = self.model.either_side(slope, near, np.where(side, left, right))
        return self.model.multiply(dA, slope)
