"""How far rounding may take a correct trace from the truth, entry by entry.

The pass of `gradoracle.rounding_pass` runs once for each model: a proven bound, and a predicted
standard deviation that knows what errors of several units share (`gradoracle.shared_errors`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from gradoracle.arrays import Array, Flags
from gradoracle.case import Case
from gradoracle.losses import LOSSES
from gradoracle.rounding import FORMATS, Bound, Format, Quantity, Sigma
from gradoracle.rounding.kinks import Range
from gradoracle.rounding_pass import Pass, is_free
from gradoracle.shared_errors import Likely


class Known(Protocol):
    """The truth: proven now (`gradoracle.truth.reverse.Truth`) or read from the corpus."""

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
    bounds = Pass(case, known.values, Bound(form), any_side).run()
    lost = {n for n, q in bounds.arrays.items() if is_free(case, n) and not _finite(q)}
    correlated = form.factor_digits is not None or _has_constant_tensor(case)
    sigmas = None if correlated else Likely(case, known.values, Sigma(form), any_side).run()
    return Reference(
        case,
        form,
        {} if sigmas is None else {n: q for n, q in sigmas.arrays.items() if n not in lost},
        {n: q for n, q in bounds.arrays.items() if n not in lost},
        correlated,
        bounds.flips if sigmas is None else sigmas.flips,
        bounds.on_kink,
    )


def _finite(quantity: Quantity) -> bool:
    return bool(np.isfinite(quantity.error).all())


def _has_constant_tensor(case: Case) -> bool:
    """Whether X or a weight matrix repeats one number: sums then drift instead of wandering."""
    return any(
        a.size > 1 and a.flat[0] != 0 and (a == a.flat[0]).all() for a in (case.X, *case.W.values())
    )
