"""Re-deriving: every frozen number is proven anew, by two routes, and compared bit for bit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gradoracle.arrays import Array
from gradoracle.case import trace_shapes
from gradoracle.corpus.frozen import Frozen, half_unit
from gradoracle.corpus.magnitude import dtypes_of
from gradoracle.corpus.numbers import to_hex
from gradoracle.errors import InputError
from gradoracle.truth.balls import UndecidedError
from gradoracle.truth.reverse import Truth, truth
from gradoracle.truth.second_route import certify


@dataclass(frozen=True)
class Difference:
    """A frozen number that is not the one that was derived, or two routes that disagree.

    Attributes
    ----------
    case_id : str
    field : str
        A name of the trace with its index, such as ``dW1[0, 2]``.
    frozen, derived : str
        Both, to the last bit.
    """

    case_id: str
    field: str
    frozen: str
    derived: str

    def __str__(self) -> str:
        return f"{self.case_id} {self.field}: frozen {self.frozen}, derived {self.derived}"


def rederive(frozen: Frozen) -> list[Difference]:
    """Prove the truth of a case by both routes; return where the frozen one differs.

    The reverse pass gives each number correctly rounded, to be compared bit for bit; the Taylor
    coefficients of the definition, which share no derivative with it, must enclose each of them.

    Parameters
    ----------
    frozen : Frozen
    """
    case = frozen.case
    try:
        proven = truth(case)
        certificate = certify(case, proven)
    except (UndecidedError, InputError) as error:
        return [Difference(case.id, "truth", "numbers", f"none: {error}")]
    found = [
        Difference(case.id, "second route", "by the reverse pass", line)
        for line in certificate.disagreements
    ]
    found += _differences(frozen, proven)
    dtypes = dtypes_of(case, proven.values)
    if dtypes != frozen.dtypes:
        found.append(Difference(case.id, "dtypes", ", ".join(frozen.dtypes), ", ".join(dtypes)))
    return found


def _differences(frozen: Frozen, proven: Truth) -> Iterator[Difference]:
    """Yield them in the order of computation."""
    case, kept = frozen.case, frozen.truth
    for name in trace_shapes(case.network, case.n):
        if (name in kept.values) != (name in proven.values):
            states = ("present", "absent") if name in kept.values else ("absent", "present")
            yield Difference(case.id, name, *states)
        elif name in kept.values:
            for index, one, other in _differing(kept.values[name], proven.values[name]):
                yield Difference(case.id, f"{name}{index}", one, other)
            # a radius of half a unit or less says no more than that the value is right
            half = half_unit(kept.values[name])
            radii = [np.maximum(r, half) for r in (kept.radii[name], proven.radii[name])]
            for index, one, other in _differing(*radii):
                yield Difference(case.id, f"radius of {name}{index}", one, other)


def _differing(one: Array, other: Array) -> Iterator[tuple[str, str, str]]:
    """Yield index and both numbers wherever two arrays of one shape differ in a bit."""
    bits, others = (np.array(a, np.float64, order="C").view(np.int64) for a in (one, other))
    for where in np.argwhere(bits != others):
        index = tuple(int(i) for i in where)
        yield f"{list(index) if index else ''}", _both(one[index]), _both(other[index])


def _both(value: float) -> str:
    return f"{to_hex(float(value))} ({float(value)!r})"
