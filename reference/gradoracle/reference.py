"""The reference pass: what rounding may do to every entry of every array of the trace.

The same formulas as any implementation, forward and backward, on quantities that carry an error
(`gradoracle.rounding`). It runs once for each model: a proven bound, a predicted standard
deviation, and samples, which know what errors of several units share. Every quantity of
the trace takes its value from the truth, so magnitudes are right to half a unit; what is computed
here are the errors.

Convention: one example per column, every dV the plain derivative of J, the division by N included.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np

from gradoracle.activations import elementwise, sigmoid, softmax
from gradoracle.arrays import Array, Flags
from gradoracle.case import Case, trace_shapes
from gradoracle.losses import LOSSES, probability_form_resolves
from gradoracle.rounding import FORMATS, Bound, Format, Model, Quantity, Sampled, Sigma
from gradoracle.rounding.curves import prime_curve, value_curve
from gradoracle.rounding.kinks import Range
from gradoracle.rounding.quantity import exact
from gradoracle.rounding.sampled import DRAWS
from gradoracle.rounding.sums import norm

DRAWN = 2**21  # numbers drawn at once for one array, of some examples: 16 MiB


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

    def may_overflow(self, name: str) -> Flags:
        """Tell where a sum before its division by N may be beyond the largest number of the dtype.

        Programs that divide late have N times every derivative in between, and N times J.
        """
        largest = float(np.finfo(self.case.dtype).max)
        with np.errstate(over="ignore", invalid="ignore"):
            reach = self.case.N * self._magnitude(name)
            return np.asarray(~(reach < largest / 2))  # NaN: infinity times 0

    def _magnitude(self, name: str) -> Array:
        """Return the sum of the magnitudes of the terms of J or of a derivative."""
        case, layer = self.case, int(name[2:] or 1) if name[0] == "d" and name != "dX" else 0

        def size(of: str) -> Array:
            return np.abs(case.X.astype(np.float64) if of == "A0" else self.bounds[of].value)

        if name == "J":
            L = case.L
            z, a = (self.bounds[f"{kind}{L}"].value for kind in "ZA")
            terms = LOSSES[case.network.loss].terms(z, a, case.Y.astype(np.float64))
            return np.asarray(np.abs(terms).sum() / case.N + size("J"))
        if name[:2] in ("dW", "db"):
            dZ = size(f"dZ{layer}")
            return dZ @ size(f"A{layer - 1}").T if name[1] == "W" else dZ.sum(axis=1, keepdims=True)
        above = 1 if name == "dX" else layer + 1
        if name[:2] == "dZ" or above > case.L:
            return size(name)
        return np.abs(case.W[above].T.astype(np.float64)) @ size(f"dZ{above}")


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
    bounds = _Pass(case, known.values, Bound(form), any_side).run()
    lost = {n for n, q in bounds.arrays.items() if _is_free(case, n) and not _finite(q)}
    correlated = form.factor_digits is not None or _has_constant_tensor(case)
    sigmas = None if correlated else _Likely(case, known.values, Sigma(form), any_side).run()
    return Reference(
        case,
        form,
        {} if sigmas is None else {n: q for n, q in sigmas.arrays.items() if n not in lost},
        {n: q for n, q in bounds.arrays.items() if n not in lost},
        correlated,
        bounds.flips if sigmas is None else sigmas.flips,
        bounds.on_kink,
    )


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
    """Put quantities of shape (1, k) side by side."""
    draws = np.broadcast_shapes(*(number.error.shape[:-1] for number in numbers))
    errors = [np.broadcast_to(q.error, (*draws, q.error.shape[-1])) for q in numbers]
    values = np.concatenate([number.value for number in numbers], axis=1)
    return Quantity(values, np.concatenate(errors, axis=-1))


class _Pass:
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
            error = np.maximum(error, self.shared[name])
        value = self.values.get(name, quantity.value)
        self.found[name] = Quantity(value, error, quantity.kinks)
        return self.found[name]

    def input_of(self, layer: int) -> Quantity:
        return exact(self.case.X) if layer == 1 else self.found[f"A{layer - 1}"]

    def forward(self) -> None:
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


class _Likely(_Pass):
    """The pass of `Sigma`, and what the errors of several units have in common.

    The units of a layer inherit the errors of the layer before, and dA^[l-1] of all units that of
    the same dZ^[l]. Over a sum of h such terms they add up h times, not sqrt(h) times: dX of a
    network with a single output and weights of one sign would be accused. Examples have nothing in
    common, so dW^[l] and db^[l] need no more than factors that know of it.
    """

    def layer_forward(self, layer: int) -> None:
        """Draw samples as soon as A^[1] is known; all that they tell comes after it."""
        super().layer_forward(layer)
        L, outputs = self.case.L, self.case.network.sizes[-1]
        if layer == 1 and (L > 2 or (L == 2 and outputs > 1)):
            self.shared = self.sampled()

    def output_error(self) -> None:
        """With two layers and one output dZ^[2] is all that is shared: nothing has to be drawn."""
        super().output_error()
        if self.case.L == 2 and self.case.network.sizes[-1] == 1:
            error = carried(self.case, self.values, self.found["dZ2"].error[np.newaxis])
            self.shared = {name: np.abs(one[0]) for name, one in error.items()}

    def sampled(self) -> dict[str, Array]:
        """Return deviations by what is shared, drawn for some examples at a time."""
        n, widest = self.case.n, max(self.case.network.sizes)
        step = max(1, DRAWN // (DRAWS * widest))
        parts = [_Samples(self, slice(i, i + step)).run().spread() for i in range(0, n, step)]
        shared = {name: np.concatenate([p[name] for p in parts], axis=1) for name in parts[0]}
        shared["J"] = norm(shared["J"], 1).reshape(())
        return shared


class _Samples(_Pass):
    """Draws of the errors of A^[1], which are independent, and what becomes of them.

    For some examples; without dW^[l], db^[l] and dA^[L] of a cross-entropy, and without the
    roundings of the backward pass through layer 1, which share nothing.
    """

    model: Sampled

    def __init__(self, likely: _Likely, some: slice) -> None:
        left = {n for n in likely.values if n[:2] in ("J", "dW", "db") or _is_free(likely.case, n)}
        values = {n: a[:, some] for n, a in likely.values.items() if n not in left}
        super().__init__(likely.case, values, Sampled(likely.model.form), any_side=False)
        self.Y = self.Y[:, some]
        self.found["Z1"] = exact(values["Z1"])
        independent = Quantity(values["A1"], likely.found["A1"].error[:, some])
        self.found["A1"] = self.model.draw(independent)

    def layer_forward(self, layer: int) -> None:
        """Z^[l] and A^[l]; those of layer 1 are drawn."""
        if layer > 1:
            super().layer_forward(layer)

    def objective(self) -> Quantity:
        """J of these examples, without roundings of the sum."""
        terms = self.terms()
        error = terms.error.sum(axis=(1, 2), keepdims=True) / self.case.N
        return Quantity(np.zeros((1, 1)), error)

    def layer_backward(self, layer: int) -> None:
        """dA^[l-1] and dZ^[l-1]; through layer 1 the errors are only carried on."""
        dZ = self.found[f"dZ{layer}"]
        if layer > 2:
            dA = self.keep(f"dA{layer - 1}", self.model.matmul(self.W[layer].T, dZ))
            self.keep(f"dZ{layer - 1}", self.pull_back(layer - 1, dA))
        elif layer == 2:
            for name, error in carried(self.case, self.values, dZ.error).items():
                self.keep(name, Quantity(self.values[name], error))

    def spread(self) -> dict[str, Array]:
        """Return the root mean square of the draws of all that comes after A^[1]."""
        after = {n: q for n, q in self.found.items() if n not in ("Z1", "A1")}
        return {n: self.model.root_mean_square(q) for n, q in after.items()}


def carried(case: Case, values: Mapping[str, Array], error: Array) -> dict[str, Array]:
    """Return what errors of dZ^[2] become in dA^[1], dZ^[1] and dX: linear maps.

    Parameters
    ----------
    case : Case
    values : mapping of str to numpy.ndarray
        The trace, for the examples of the errors.
    error : numpy.ndarray
        (draws, n_2, examples).
    """
    dA = case.W[2].T.astype(np.float64) @ error
    if case.activation(1) == "softmax":
        a = values["A1"]
        dZ = a * (dA - (a * dA).sum(axis=1, keepdims=True))
    else:
        dZ = dA * elementwise(case.activation(1)).prime(values["Z1"])
    return {"dA1": dA, "dZ1": dZ, "dX": case.W[1].T.astype(np.float64) @ dZ}
