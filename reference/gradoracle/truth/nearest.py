"""The float64 nearest to each ball, and whether that is proven.

Rounding to nearest is monotone: if both ends of a ball round to the same float64, so does every
real number in it, and that float64 is the correctly rounded truth, whatever the truth is. A ball
within +-2^-1075 rounds to 0 in this way. `float(arb)` rounds the midpoint to nearest, ties to
even, subnormals and overflow included (`tests/truth` holds it to exact fractions).
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from flint import arb, arb_mat

from gradoracle.arrays import Array, Flags

EXACT = arb(0).rel_accuracy_bits()  # what python-flint answers for a radius of 0
SMALLEST = 2.0**-1074

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Nearest:
    """Balls as floats; all arrays have one shape.

    Attributes
    ----------
    values : numpy.ndarray
        The correctly rounded truth where ``decided``, else the rounded midpoint. Infinite where
        the truth is beyond the largest float64, NaN where the ball is the whole line.
    radii : numpy.ndarray
        |truth - value| is at most this: 0 where the ball is exact and the value is the ball, half
        a unit in the last place where decided (never less than the smallest subnormal).
    decided : numpy.ndarray of bool
    """

    values: Array
    radii: Array
    decided: Flags


def nearest(M: arb_mat) -> Nearest:
    """Round every entry of a matrix of balls, of 128 bits or more.

    An easy entry is decided in NumPy from hi = float(mid), lo = float(mid - hi) and the relative
    accuracy: mid - hi is exact at 128 bits, so with a radius below 2^-90 |mid|, which is less
    than 2^-36 of an ulp, the truth rounds to hi wherever |lo| stays below half the gap to the next
    float64 by one part in 2^20. What is not easy is decided by the two ends of its ball.
    """
    entries = M.entries()
    size = len(entries)
    hi = np.fromiter(map(float, entries), np.float64, size)
    lo = np.fromiter(map(float, map(operator.sub, entries, hi.tolist())), np.float64, size)
    accuracy = np.fromiter(map(arb.rel_accuracy_bits, entries), np.int64, size)

    easy = _far_from_ties(hi, lo, accuracy)
    radii = np.where(easy & (accuracy == EXACT) & (lo == 0), 0.0, half_ulp(hi))
    for i in np.flatnonzero((hi == 0) & (accuracy == EXACT)).tolist():
        if entries[i].is_zero():  # and not 2^-2000
            easy[i], radii[i] = True, 0.0
    found = Nearest(hi, radii, easy)
    for i in np.flatnonzero(~easy).tolist():
        found.values[i], found.radii[i], found.decided[i] = nearest_of_one(entries[i])
    shape = M.nrows(), M.ncols()
    return Nearest(
        found.values.reshape(shape), found.radii.reshape(shape), found.decided.reshape(shape)
    )


def nearest_of_one(ball: arb) -> tuple[float, float, bool]:
    """Return value, radius and decision of one ball from its two ends."""
    low, high = float(ball.lower()), float(ball.upper())
    if low == high:
        value = low + 0.0  # never -0
        exact = ball.is_exact() and bool(ball == value)
        return value, 0.0 if exact else float(half_ulp(np.array(value))), True
    value = float(ball.mid())
    error = float(abs(ball - value).upper())
    return value, float(np.nextafter(error, np.inf)), False


def half_ulp(values: Array) -> Array:
    """Half the distance to the next float64 away from zero, at least the smallest subnormal."""
    _, exponent = np.frexp(values)
    half = np.maximum(np.ldexp(0.5, exponent - 53), SMALLEST)
    return np.where(np.isfinite(values), np.where(values == 0, SMALLEST, half), np.inf)


def balls_of(values: Array, radii: Array) -> arb_mat:
    """Return the matrix of the balls [value - radius, value + radius]."""
    pairs: Sequence[arb] = list(map(arb, values.ravel().tolist(), radii.ravel().tolist()))
    rows, columns = values.shape if values.ndim == 2 else (1, 1)
    return arb_mat(rows, columns, pairs)


def _far_from_ties(hi: Array, lo: Array, accuracy: Integers) -> Flags:
    mantissa, exponent = np.frexp(np.abs(hi))
    in_range = (np.abs(exponent) < 900) & np.isfinite(lo) & (hi != 0)
    # below a power of two the floats lie twice as dense
    gap = np.ldexp(np.where(mantissa == 0.5, 0.25, 0.5), np.where(in_range, exponent, 0) - 53)
    far: Flags = in_range & (accuracy >= 90) & (np.abs(lo) < gap * (1 - 2.0**-20))
    return far
