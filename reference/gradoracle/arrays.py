"""The arrays of the contract: exact dtype, exact shape, finite, read-only."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from gradoracle.errors import InputError

Array = npt.NDArray[np.floating[Any]]
DType = np.dtype[np.floating[Any]]
Flags = npt.NDArray[np.bool_]

DTYPES: dict[str, DType] = {"float64": np.dtype(np.float64), "float32": np.dtype(np.float32)}


def shown(value: object) -> str:
    """Return what a message shows of a value: one short line."""
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # a whole number of too many digits
        return f"a {type(value).__name__}"
    return text if len(text) <= 80 else f"{text[:77]}..."


def is_number(value: object) -> bool:
    """Tell whether a value is a finite real number that fits a float; True is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def is_whole(value: object) -> bool:
    """Tell whether a value is a whole number, Python's or NumPy's; True is none."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def rounded(array: Array, dtype: DType) -> Array:
    """Return the array in ``dtype``; what overflows becomes infinite, which `checked` refuses."""
    with np.errstate(over="ignore"):
        return array.astype(dtype)


def unit_roundoff(dtype: DType) -> float:
    """Return u, half the distance from 1 to the next float: 2^-53 or 2^-24."""
    return float(np.finfo(dtype).eps) / 2


def checked(name: str, value: object, shape: tuple[int, ...] | None) -> Array:
    """Return a read-only copy of ``value`` after checking it against the contract.

    Parameters
    ----------
    name : str
        The name in messages, e.g. ``W1``.
    value : numpy.ndarray
        Must be float64 or float32, finite, and of exactly ``shape``.
    shape : tuple of int or None
        The expected shape; examples are in columns. None if any will do.

    Raises
    ------
    InputError
        With the mend, for anything else; nothing is broadcast or cast.
    """
    if not isinstance(value, np.ndarray):
        raise InputError(
            f"{name} as a NumPy array" + (f" of shape {shape}" if shape else ""),
            f"a {type(value).__name__}",
            f"np.asarray({name}, dtype=np.float64)",
        )
    if value.dtype not in DTYPES.values():
        raise InputError(
            f"{name} in float64 or float32",
            str(value.dtype),
            f"{name}.astype(np.float64)",
        )
    if shape is not None and value.shape != shape:
        raise InputError(
            f"{name} of shape {shape}", str(value.shape), _shape_mend(name, value.shape, shape)
        )
    copy = np.array(value, order="C")  # a plain array, whatever subclass came
    if not np.isfinite(copy).all():
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(copy))[0])
        raise InputError(
            f"finite numbers in {name}",
            f"{copy[index]} at {list(index)}",
            f"find out where it comes from: np.argwhere(~np.isfinite({name}))",
        )
    copy.flags.writeable = False
    return copy


def _shape_mend(name: str, got: tuple[int, ...], want: tuple[int, ...]) -> str:
    """Guess the mend of a wrong shape: a lost axis, or rows for columns."""
    if got == want[::-1]:
        return f"examples and units are in the other order: {name}.T"
    if len(got) == 1 and got[0] == max(want) and min(want) == 1:
        return f"an axis was lost: {name}.reshape{want}"
    return f"check the layer sizes against {name}; one example per column"
