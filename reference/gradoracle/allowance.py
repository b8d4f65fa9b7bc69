"""What an entry may be off by: the radius of the truth, the bound, sigma, and kinks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gradoracle.arrays import Array
from gradoracle.reference import Reference
from gradoracle.rounding import SIGMAS
from gradoracle.rounding.kinks import Range


@dataclass(frozen=True)
class Allowance:
    """What an entry may be off by, besides the radius of the truth.

    Attributes
    ----------
    radius : numpy.ndarray or float
        Of the truth.
    bound : numpy.ndarray
        The most that rounding can do.
    sigma : numpy.ndarray
        What it is predicted to do.
    beside_bound, beside_sigma : Range
        What kinks may add: those within the bound to it, those within 8 sigma to 8 sigma.
    """

    radius: Array | float
    bound: Array
    sigma: Array
    beside_bound: Range
    beside_sigma: Range

    @classmethod
    def of(cls, reference: Reference, name: str, radius: Array | None, runs: int) -> Allowance:
        """Take those of one array, for one run against the truth or for two against each other."""
        return cls(
            0.0 if radius is None else radius,
            reference.bound(name) * runs,
            reference.sigma(name) * math.sqrt(runs),
            _beside(reference.proven_kinks(name), runs),
            _beside(reference.kinks(name), runs),
        )

    def times(self, factor: float) -> Allowance:
        """Scale everything; one rounding of the product with ``factor`` is within the bound."""
        return Allowance(
            self.radius * factor,
            self.bound * factor,
            self.sigma * factor,
            self.beside_bound.times(factor),
            self.beside_sigma.times(factor),
        )

    @property
    def visible(self) -> Array:
        """The error that would not have been seen: min(bound, 8 sigma), kinks and the radius."""
        proven = self.bound + self.beside_bound.largest
        likely = SIGMAS * self.sigma + self.beside_sigma.largest
        return np.asarray(np.minimum(proven, likely) + self.radius)

    def shares(self, difference: Array) -> tuple[Array, Array]:
        """Return got - expected in sigma and over the bound; 0/0 is 0, x/0 is infinite."""
        return (
            ratio(self._beyond(difference, self.beside_sigma), self.sigma),
            ratio(self._beyond(difference, self.beside_bound), self.bound),
        )

    def _beyond(self, difference: Array, kinks: Range) -> Array:
        """Return what neither the radius nor kinks explain; NaN stays NaN."""
        error = np.abs(difference - kinks.middle)
        return np.asarray(np.maximum(error - self.radius - kinks.reach, 0))


def _beside(kinks: Range | None, runs: int) -> Range:
    if kinks is None:
        return Range(np.zeros(()), np.zeros(()))
    if runs > 1:  # both may fall on either side
        return Range(np.zeros(()), 2 * kinks.reach)
    return kinks


def median(x: Array) -> float:
    """Return the upper median; ten times as fast as NumPy's for small arrays."""
    return float(np.partition(x, x.size // 2, axis=None)[x.size // 2])


def ratio(x: Array, y: Array) -> Array:
    """Return x / y, entry by entry, with 0/0 = 0 and x/0 infinite; NaN stays NaN.

    Over a y that is NaN or below 0 nothing is known: NaN.
    """
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        return np.where(y >= 0, np.where(x == 0, 0.0, x / y), np.nan)
