"""A frozen case: the case, its truth, and the dtypes it can be asked in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gradoracle.arrays import Array
from gradoracle.case import Case

SMALLEST = 2.0**-1074  # the smallest positive float64


@dataclass(frozen=True, eq=False)
class FrozenTruth:
    """Every array of a trace with a proven error: a `gradoracle.truth.reverse.Truth` from a file.

    Attributes
    ----------
    values : mapping of str to numpy.ndarray
        float64, in the order of computation: the truth correctly rounded, or the midpoint of a
        ball that could not be decided. dA^[L] of a cross-entropy is missing where the largest
        float is too small for it.
    radii : mapping of str to numpy.ndarray
        |true - value| is at most this, the rounding of the value included.
    """

    values: Mapping[str, Array]
    radii: Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class Frozen:
    """One case of the corpus.

    Attributes
    ----------
    case : Case
        In float64; every input is exact in float32 as well.
    truth : FrozenTruth
    dtypes : tuple of str
        Those in which every truth and every sum of magnitudes stays below the largest float.
    """

    case: Case
    truth: FrozenTruth
    dtypes: tuple[str, ...]


def half_unit(values: Array) -> Array:
    """Return how far a real number may be from the float64 it is correctly rounded to.

    Half a unit in the last place; the smallest positive float where that half underflows.
    """
    with np.errstate(all="ignore"):  # whatever the caller has set
        return np.asarray(np.maximum(np.spacing(np.abs(values)) / 2, SMALLEST))
