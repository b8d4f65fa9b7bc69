"""What is flushed to zero or lost below the smallest normal number."""

from __future__ import annotations

import numpy as np

from gradoracle.arrays import Array, Flags


def touched(x: Array, y: Array, product: Array) -> Flags:
    """Tell where x @ y has a term that is not 0: it may be flushed, or underflow right here.

    Parameters
    ----------
    x, y : numpy.ndarray
        (m, k) and (k, n).
    product : numpy.ndarray
        A matrix that is not 0 only where there is such a term, |x| @ |y| for one; where it is 0
        the terms are looked at, unless a whole row or column is 0, as that of a blank pixel.
    """
    found: Flags = ~(product == 0)  # NaN, too
    open_ = ~found & np.any(x, axis=1, keepdims=True) & np.any(y, axis=0)
    if open_.any():
        found |= (x != 0).astype(np.float64) @ (y != 0).astype(np.float64) > 0
    return found


def flushed(value: Array, moved: Array, size: Array, tiny: float) -> Array:
    """Return what flushing may do to f(z), a function of one number.

    A result below the smallest normal number may be flushed, and a form like z e^z before it is
    multiplied by z. Larger results have nothing small in them, or something larger beside it.

    Parameters
    ----------
    value : numpy.ndarray
        f(z).
    moved : numpy.ndarray
        How far f may have moved because of an error in z.
    size : numpy.ndarray
        The largest |z|.
    tiny : float
        The smallest normal number.
    """
    most = (1 + size) * tiny
    small = ~(np.abs(value) - moved >= 2 * most)  # NaN, too
    return np.where(small & (size > 0), most, 0.0)
