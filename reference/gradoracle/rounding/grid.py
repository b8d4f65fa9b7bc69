"""Sums that are exact in every order: all terms multiples of one power of two, and not too many.

If every product x_ik y_kj (and the added term) is a multiple of 2^e and the sum of their
magnitudes is at most 2^(e + p), every partial sum in any order is a multiple of 2^e below 2^(e+p)
and so a number of p binary digits: nothing is ever rounded.
"""

from __future__ import annotations

import math

import numpy as np

from gradoracle.arrays import Array
from gradoracle.rounding.formats import Format

_NOTHING = 4096  # the exponent of zero's grid: a multiple of any power of two


def lowest_exponents(x: Array, axis: int) -> Array:
    """Return, along an axis, the largest e such that every entry is a multiple of 2^e."""
    mantissa, exponent = np.frexp(x)
    digits = np.abs(np.ldexp(mantissa, 53)).astype(np.int64)
    lowest = digits & -digits  # the lowest set bit, a power of two
    _, place = np.frexp(lowest.astype(np.float64))
    e = np.where(x == 0, _NOTHING, exponent - 53 + place - 1)
    return np.asarray(e.min(axis=axis, keepdims=True, initial=_NOTHING))


def is_exact_sum(x: Array, y: Array, plus: Array | None, form: Format) -> bool:
    """Tell whether no entry of x @ y + plus can round (or be flushed to zero), in any order.

    Each row of x and each column of y has its own grid. Magnitudes are summed in float64 and
    doubled, so that their own rounding cannot spoil the answer.
    """
    if x.shape[0] > 1 and y.shape[1] > 1:  # most sums round in the first entry: look there first
        corner = None if plus is None else plus[:1, :1]
        if not is_exact_sum(x[:1], y[:, :1], corner, form):
            return False
    e = lowest_exponents(x, 1) + lowest_exponents(y, 0)
    magnitude = np.abs(x) @ np.abs(y)
    if plus is not None:
        e = np.minimum(e, lowest_exponents(plus[..., np.newaxis], 2)[..., 0])
        magnitude = magnitude + np.abs(plus)
    room = np.ldexp(1.0, np.minimum(e + form.digits - 1, 1023).astype(np.int64))
    normal = e >= math.frexp(form.tiny)[1] - 1  # a multiple of 2^e is 0 or a normal number
    return bool(((magnitude <= room) & normal).all())
