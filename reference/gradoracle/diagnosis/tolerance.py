"""How far two programs that make the same mistake may lie apart: measured, not picked.

The judge derives its bounds for the right formulas; a wrong formula rounds otherwise, so its
rounding is measured on itself. The mistaken pass is run `RUNS` times more in the candidate's own
dtype. In each run every step's result v is moved, entry by entry, by 2 u |v| g with g standard
normal: 2 u is the standard deviation that elementary functions of good libraries show, and moving
the operands of a sum makes the roundings inside it fall afresh (Monte Carlo arithmetic, Parker
1997). Nothing is scaled from another dtype, so an accidental agreement or a kink that only float32
would cross does no harm.

An entry's deviations from the plain run hold the noise of both, as the difference of two programs
does. s_i is their median times 1.48, which of normal numbers is the standard deviation; of `RUNS`
deviations 8 s_i is exceeded with a chance of 4e-5 (simulated). The median, because a mistake that
rounds to few digits, or a kink, lets an entry jump in some runs. An s_i that is small by accident
is lifted to the median of the array's s_i that are not 0 (another formula for the same number,
1 - a^2 for tanh', has its rounding errors where the array is large). The tolerance is `SIGMAS`
times that.

A tolerance so wide that the truth itself would agree with the mistake decides nothing, and explains
nothing: see `explaining.tells`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gradoracle.arrays import Array, Flags, unit_roundoff
from gradoracle.case import Case
from gradoracle.mistakes.steps import RIGHT, Run, Step
from gradoracle.rounding import SIGMAS

RUNS = 16
NORMAL = 1.4826  # 1 / the upper quartile of the standard normal
EXACT = ("X", "Y")
Wrong = Mapping[tuple[str, int], Step]


def noisy(case: Case, wrong: Wrong, seed: int) -> dict[tuple[str, int], Step]:
    """Return every step of a pass, wrong or right, with its results moved by rounding's size.

    X and Y are exact, and stay: a moved X would fall on the other side where it is rounded to
    fewer digits. Z^[1] is moved as it would be by moving each term of its sum instead, but not
    where it is 0: terms that cancel wholly were summed without rounding, and a kink stays one.
    """
    rng = np.random.default_rng(seed)
    level = 2 * unit_roundoff(case.dtype)

    def moved(step: Step, terms: bool) -> Step:
        def run(r: Run, layer: int) -> Array:
            out = step(r, layer)
            size = _terms(r, layer) if terms else np.abs(out)
            if np.shape(size) != np.shape(out):  # a wrong shape
                size = np.abs(out)
            elif terms:
                size[out == 0] = 0
            normal = rng.standard_normal(np.shape(out), dtype=np.float32)  # quicker, and enough
            noise = level * (normal * size)
            if isinstance(out, np.ndarray) and out.flags.writeable and out.dtype.kind == "f":
                np.add(out, noise, out=out, casting="same_kind")  # what is aliased stays so
                return out
            return np.asarray(out + noise, dtype=np.asarray(out).dtype)

        return run

    noise = {
        (name, layer): moved(wrong.get((name, layer), RIGHT[name]), (name, layer) == ("Z", 1))
        for name, layer in _places(case.L)
        if name not in EXACT
    }
    return noise | {key: step for key, step in wrong.items() if key[0] in EXACT}


def _terms(r: Run, layer: int) -> Array:
    """Return the root of the sum of the squared terms of Z^[l]: its operands do not move."""
    W, A, b = r.W[layer], r.A[layer - 1], r.b[layer]
    if W.shape[1] != A.shape[0]:
        return np.zeros(())
    return np.asarray(np.sqrt(W**2 @ A**2 + b**2))


def _places(L: int) -> list[tuple[str, int]]:
    once = {"X": 0, "Y": 0, "J": L, "dA_out": L, "dZ_out": L}
    return [
        (name, layer)
        for name in RIGHT
        for layer in ([once[name]] if name in once else range(1, L + (name != "dZ")))
    ]


def spread(centre: Mapping[str, Array], samples: list[dict[str, Array]]) -> dict[str, Array]:
    """Return the tolerance of each entry of each array, from the noisy runs of a mistake.

    An entry without finite samples in most runs gets the median of the others.
    """
    found = {}
    for name, value in centre.items():
        like = [
            np.asarray(s[name], dtype=np.float64)
            for s in samples
            if name in s and np.shape(s[name]) == np.shape(value)
        ]
        middle = np.asarray(value, dtype=np.float64)
        with np.errstate(all="ignore"):
            moved = np.abs(np.array(like).reshape(len(like), *middle.shape) - middle)
        upper = _upper_median(moved) if like else middle * 0
        s = NORMAL * np.where(np.isfinite(upper), upper, 0.0)
        moving = s[s > 0]
        typical = float(np.median(moving)) if moving.size else 0.0
        found[name] = np.asarray(SIGMAS * np.maximum(s, typical))
    return found


def _upper_median(samples: Array) -> Array:
    """Return the upper median of the finite samples of each entry; infinity where there is none."""
    usable = np.isfinite(samples)
    if usable.all():
        half = len(samples) // 2
        return np.asarray(np.partition(samples, half, axis=0)[half])
    ordered = np.sort(np.where(usable, samples, np.inf), axis=0)  # those not finite come last
    at = np.minimum(usable.sum(axis=0)[np.newaxis] // 2, len(samples) - 1)
    return np.asarray(np.take_along_axis(ordered, at, axis=0)[0])


def alike(got: Array, value: Array) -> Flags:
    """Where two arrays of one shape are both NaN, or the same infinity, or both finite."""
    return np.asarray(
        (np.isnan(got) & np.isnan(value))
        | (np.isfinite(got) & np.isfinite(value))
        | (np.isinf(got) & (got == value))
    )


def shares(got: Array, value: Array, tolerance: Array) -> Array:
    """Return |got - value| over the tolerance; infinite where one is no number and the other is."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        difference = np.abs(got - value)
        share = np.where(difference == 0, 0.0, difference / tolerance)
    share = np.where(np.isfinite(got), share, 0.0)
    return np.where(alike(got, value), share, np.inf)


def roughly(got: Array, value: Array, scale: float, u: float) -> bool:
    """Whether half the digits agree: a look that may lose an explanation, but never gives one."""
    if not alike(got, value).all():
        return False
    with np.errstate(invalid="ignore", over="ignore"):
        difference = np.abs(got - value)
    largest = float(np.max(difference, where=np.isfinite(got), initial=0.0))
    return bool(largest <= np.sqrt(u) * scale)
