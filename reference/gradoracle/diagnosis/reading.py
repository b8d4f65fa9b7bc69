"""A wrong trace, read: which entries of which arrays are wrong, in one of two conventions.

A program may keep dA, dZ and dX per example, N times the plain derivative. A wrong trace does not
say which it means, so it is read both ways.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from gradoracle.allowance import Allowance
from gradoracle.arrays import Array, Flags
from gradoracle.case import Case, trace_shapes
from gradoracle.reference import Known, Reference
from gradoracle.rounding import SIGMAS


@dataclass(frozen=True, eq=False)
class Reading:
    """A trace beside the truth, in one convention.

    Attributes
    ----------
    case : Case
    factor : int
        By which dA, dZ and dX are multiplied: 1, or N per example.
    arrays : mapping of str to numpy.ndarray
        What was returned and is an array of numbers, in the order of computation and in its own
        dtype.
    truth : mapping of str to numpy.ndarray
        float64, in this convention.
    allowances : mapping of str to Allowance
        What a right program may be off by, for the arrays that can be judged.
    wrong : mapping of str to numpy.ndarray of bool
        The wrong entries of each wrong array; all of them where the shape or the dtype is wrong.
    known : Known
        The truth of everything.
    """

    case: Case
    factor: int
    arrays: Mapping[str, Array]
    truth: Mapping[str, Array]
    allowances: Mapping[str, Allowance]
    wrong: Mapping[str, Flags]
    known: Known

    def known_dZ(self, layer: int) -> Array:
        """Return the true dZ^[l], returned or not, as the plain derivative."""
        return self.known.values[f"dZ{layer}"]

    @property
    def right(self) -> tuple[str, ...]:
        """The arrays that are right."""
        return tuple(name for name in self.allowances if name not in self.wrong)

    @property
    def first_wrong(self) -> str:
        """The first wrong array in the order of computation; empty if none is."""
        return next(iter(self.wrong), "")

    @property
    def shaped(self) -> tuple[str, ...]:
        """The wrong arrays that have the right shape."""
        return tuple(n for n in self.wrong if self.arrays[n].shape == self.truth[n].shape)

    def scale(self, name: str) -> int:
        """Return what a plain derivative is multiplied by in this convention."""
        return self.factor if name[:2] in ("dA", "dZ", "dX") else 1


def readings(
    trace: Mapping[str, object], case: Case, known: Known, reference: Reference
) -> list[Reading]:
    """Read a trace as plain derivatives and per example; fewer wrong arrays first."""
    found = [read(trace, case, known, reference, 1)]
    if case.N > 1 and any(name[:2] in ("dA", "dZ", "dX") for name in found[0].arrays):
        found.append(read(trace, case, known, reference, case.N))
    return sorted(found, key=lambda reading: len(reading.wrong))


def read(
    trace: Mapping[str, object], case: Case, known: Known, reference: Reference, factor: int
) -> Reading:
    """Read a trace in one convention."""
    names = trace_shapes(case.network, case.n)
    arrays = numeric(trace, names)
    truth, allowances, wrong = {}, {}, {}
    for name, got in arrays.items():
        if name not in reference.bounds or name not in known.values:
            continue
        times = factor if name[:2] in ("dA", "dZ", "dX") else 1
        truth[name] = known.values[name] * times
        allowances[name] = Allowance.of(reference, name, known.radii.get(name), 1).times(times)
        flags = _wrong(name, got, truth[name], allowances[name], case)
        if flags.any():
            wrong[name] = flags
    return Reading(case, factor, arrays, truth, allowances, wrong, known)


def numeric(trace: Mapping[str, object], names: Iterable[str]) -> dict[str, Array]:
    """Return the arrays of real numbers among what was returned, in the order of the names."""
    found = {}
    for name in names:
        given = trace.get(name)
        if isinstance(given, np.ndarray | np.generic | float):
            array = np.asarray(given)
            if type(given) is float:
                array = array.astype(np.float64)
            if array.dtype.kind in "fiub":
                found[name] = array
    return found


def _wrong(name: str, got: Array, truth: Array, allowance: Allowance, case: Case) -> Flags:
    """Mark the wrong entries, as the judge does."""
    loose = name == "J" and got.dtype == np.float64  # a Python float
    if got.shape != truth.shape or (got.dtype != case.dtype and not loose):
        return np.ones(got.shape, dtype=bool)
    with np.errstate(invalid="ignore", over="ignore"):
        sigmas, shares = allowance.shares(got.astype(np.float64) - truth)
    right = np.isfinite(got) & (shares <= 1) & (sigmas <= SIGMAS)
    return np.asarray(~right)
