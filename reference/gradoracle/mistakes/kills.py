"""Which known mistake is found out where: a trace against what rounding may do, all at once.

The judge says in words what is wrong with each array. Here only one number is wanted of each of
some 30,000 traces, so a case is laid out as one long vector; where the convention of derivatives
per example or an overflow matters, the judge is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradoracle.allowance import Allowance, ratio
from gradoracle.arrays import Array
from gradoracle.case import trace_shapes
from gradoracle.corpus import Frozen
from gradoracle.judge import judge
from gradoracle.mistakes.mistake import Mistake
from gradoracle.reference import reference
from gradoracle.rounding import SIGMAS
from gradoracle.verdict import Verdict

DTYPES = ("float64", "float32")
CONVENTION = ("dA", "dZ", "dX")  # may be N times the derivative, by convention
ANSWER = ("J", "dW", "db")  # what every program returns


@dataclass(frozen=True)
class Seen:
    """What becomes of a mistake at one layer of one case in one dtype.

    Attributes
    ----------
    mistake, case, dtype : str
    layer : int
        0 for the whole pass.
    excess : float
        The largest error of the trace over what rounding may do there: above 1 it is killed.
    answer : float
        The same for J, dW and db alone.
    call : int
        Of the program, that this is of: 2 if the first was right and the second is not.
    """

    mistake: str
    case: str
    dtype: str
    layer: int
    excess: float
    answer: float
    call: int = 1

    @property
    def killed(self) -> bool:
        """Whether a check of this case fails."""
        return self.excess > 1


class Target:
    """One case in one dtype, with what each number of its trace may be off by.

    Parameters
    ----------
    frozen : Frozen
    dtype : {"float64", "float32"}
    """

    def __init__(self, frozen: Frozen, dtype: str) -> None:
        self.case, self.truth, self.dtype = frozen.case.astype(dtype), frozen.truth, dtype
        self.reference = reference(self.case, self.truth)
        values, radii = self.truth.values, self.truth.radii
        self.names = [name for name in self.reference.names if name in values]
        self.shapes = trace_shapes(self.case.network, self.case.n)
        allowed = {n: Allowance.of(self.reference, n, radii.get(n), 1) for n in self.names}
        self.expected = self._flat(values)
        bound = {n: (a.beside_bound, a.bound + a.radius) for n, a in allowed.items()}
        sigma = {n: (a.beside_sigma, SIGMAS * a.sigma + a.radius) for n, a in allowed.items()}
        self.limits = [
            (
                self._flat({n: kinks.middle for n, (kinks, _) in each.items()}),
                self._flat({n: kinks.reach + error for n, (kinks, error) in each.items()}),
            )
            for each in (bound, sigma)
        ]
        sizes = [values[name].size for name in self.names]
        self.starts = np.cumsum([0, *sizes[:-1]])

    def seen(self, mistake: Mistake, layer: int) -> Seen:
        """Run a program with the mistake; twice, if it keeps anything and was right at first."""
        kept: dict[str, Any] = {}
        call, (excess, answer) = 1, self.excess(mistake.run(self.case, layer, kept))
        if excess <= 1 and kept:
            again = self.excess(mistake.run(self.case, layer, kept))
            if again[0] > 1:
                call, (excess, answer) = 2, again
        return Seen(mistake.name, self.case.id, self.dtype, layer, excess, answer, call)

    def excess(self, trace: Mapping[str, Array]) -> tuple[float, float]:
        """Return the largest error over what it may be, of the trace and of J, dW and db alone."""
        each = dict(zip(self.names, self._each(trace), strict=True))
        each = {name: float(e) for name, e in each.items() if name in trace}
        certain = max(e for name, e in each.items() if name[:2] not in CONVENTION)
        infinite = any(np.isinf(array).any() for array in trace.values())
        if infinite or (certain <= 1 < max(each.values())):
            verdicts = {t.name: t for t in judge(trace, self.truth, self.reference).tensors}
            each |= {n: 0.0 for n in each if verdicts[n].verdict is not Verdict.FAIL}
        answer = max(e for name, e in each.items() if name[:2] in ANSWER)
        return max(each.values()), answer

    def _each(self, trace: Mapping[str, Array]) -> Array:
        """Return the largest error over its allowance, array by array; NaN counts as infinite."""
        difference = self._flat(trace) - self.expected
        largest = np.zeros_like(difference)
        for middle, limit in self.limits:
            with np.errstate(all="ignore"):
                excess = ratio(np.abs(difference - middle), limit)
            largest = np.maximum(largest, np.where(np.isnan(excess), np.inf, excess))
        largest[~np.isfinite(difference)] = np.inf
        return np.asarray(np.maximum.reduceat(largest, self.starts))

    def _flat(self, arrays: Mapping[str, Array]) -> Array:
        """Lay arrays out one behind the other; NaN for what is missing or of a wrong shape."""
        parts = []
        for name in self.names:
            array, shape = arrays.get(name), self.shapes[name]
            if array is None or (array.shape not in (shape, ())):
                array = np.array(np.nan)
            parts.append(np.broadcast_to(array, shape).astype(np.float64).ravel())
        return np.concatenate(parts)


def everywhere(frozen: Iterable[Frozen], mistakes: Iterable[Mistake]) -> Iterator[Seen]:
    """Yield what becomes of every mistake at every layer of every case in both dtypes."""
    several = tuple(mistakes)
    for item in frozen:
        for dtype in (dtype for dtype in DTYPES if dtype in item.dtypes):
            target = Target(item, dtype)
            for mistake in several:
                for layer in mistake.layers(target.case):
                    yield target.seen(mistake, layer)
