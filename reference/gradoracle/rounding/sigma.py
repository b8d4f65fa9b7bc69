"""The statistical model: roundings are independent, of mean zero, and so are their effects.

Each operation adds variances. What it predicts is a standard deviation; a verdict of 8 of them is
statistical, and called so.

Sources: N. J. Higham and T. Mary, "A new approach to probabilistic rounding error analysis", SIAM
J. Sci. Comput. 41 (2019), for independent mean-zero roundings; the sum over checkpoints is derived
in `gradoracle.rounding.sums`.
"""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from gradoracle.arrays import Array, Flags
from gradoracle.rounding.alike import alike
from gradoracle.rounding.kinks import Range, magnitude, of_matmul, of_product, of_softmax_vjp
from gradoracle.rounding.quantity import SIGMAS, Curve, Model, Quantity
from gradoracle.rounding.sums import (
    CHECKPOINTS,
    FEW_CHECKPOINTS,
    MANY,
    norm,
    root_sum_squares,
    summation_sigma,
)
from gradoracle.rounding.underflow import flushed, touched

MANY_ROWS = 1024  # of one number each: from so many on sorting is faster than hashing


class Sigma(Model):
    """Standard deviations of rounding errors; what a kink may add is certain and kept apart."""

    @property
    def _u(self) -> float:
        return self.form.u

    def _rounded(self, value: Array, sigma: Array, kinks: Range | None = None) -> Quantity:
        """Attach an error; what may be flushed to zero gets the smallest normal number.

        NaN (infinity minus infinity, or times 0) becomes infinite: then the bound decides.
        """
        sigma = np.fmin(sigma, np.inf)
        return Quantity(value, sigma + np.where(value != 0, self.form.tiny, 0.0), kinks)

    def _matmul(self, x: Quantity, y: Quantity, plus: Quantity | None, value: Array) -> Quantity:
        """Own roundings, plus those of the factors; equal terms make equal errors."""
        ones = bool((y.value == 1).all())
        of_x = _copies(x.value.T)
        of_y = of_x if ones else _copies(y.value)
        pairs = of_x if ones else _copies_of_both(x.value.T, y.value, of_x, of_y)
        checkpoints = CHECKPOINTS if value.size < MANY else FEW_CHECKPOINTS
        inherited = None
        if not x.is_exact:
            inherited = x.error * (np.sqrt(of_x) / self._u)
        # the result rounds once more, with a standard deviation of u at most
        final = 1.0 if plus is not None else 1.0 + 3.0
        start = None if plus is None else plus.value
        sigma = summation_sigma(x.value, y.value, pairs, checkpoints, inherited, final, start)
        sigma *= self._u
        if ones:
            sigma = np.hypot(sigma, self._drift(x.value))
        elif (together := alike(x.value, y.value, self._u)) is not None:
            sigma *= np.sqrt(np.maximum(together / pairs.min(), 1))
        if not y.is_exact:
            sigma = np.hypot(sigma, root_sum_squares(x.value * np.sqrt(of_y), y.error))
        if plus is not None:
            sigma = np.hypot(np.hypot(sigma, plus.error), self._u * np.abs(value))
        # each product and each partial sum may be flushed, all to one side, and the result
        flush = (1 + 2 * x.value.shape[1] / SIGMAS) * self.form.tiny
        sigma += np.where(touched(x.value, y.value, sigma), flush, 0.0)
        kinks = of_matmul(x.value, x.kinks, y.value, y.kinks)
        return Quantity(value, np.fmin(sigma, np.inf), kinks)

    def _drift(self, x: Array) -> Array:
        """Return how far a plain running sum of each row wanders: nearly equal terms round alike.

        Adding a term rounds it to the grid of the partial sum's binade; what that leaves is added
        up in order, from either end. For sums of the terms themselves, J and db; `alike` is for
        products.
        """
        rows = np.concatenate([x, x[:, ::-1]])
        sums = np.cumsum(rows, axis=1)
        grid = np.ldexp(self._u, np.frexp(np.abs(sums))[1])
        rest = rows - grid * np.rint(rows / np.where(grid > 0, grid, 1.0))
        wander = np.abs(np.cumsum(rest, axis=1)).max(axis=1, keepdims=True)
        return np.asarray(np.maximum(wander[: len(x)], wander[len(x) :]))

    def function(self, x: Quantity, curve: Curve) -> Quantity:
        """The error of x times |f'|, plus u (2 terms + |x f'(x)|): half a dozen roundings.

        Where f moves more than its slope says over 8 sigma of x (beside a kink, in an exponential
        tail), an eighth of that spread counts.
        """
        value, slope, size = curve.value(x.value), np.abs(curve.prime(x.value)), np.abs(x.value)
        E = SIGMAS * x.error
        with np.errstate(over="ignore", invalid="ignore"):
            spread = np.fmin(np.where(E > 0, curve.within.spread(x.value, E), 0.0), np.inf)
        moved = np.maximum(slope * x.error, spread / SIGMAS)
        if curve.terms is None:
            return Quantity(value, moved)
        own = self._u * (2 * curve.terms(x.value) + size * slope)
        own += flushed(value, spread, size, self.form.tiny)
        return Quantity(value, np.hypot(moved, own))

    def near_kink(self, z: Quantity) -> Flags:
        """Within 8 sigma of 0."""
        return np.asarray((np.abs(z.value) <= SIGMAS * z.error) & (z.error > 0))

    def multiply(self, x: Quantity, y: Quantity) -> Quantity:
        """Return x * y; one rounding."""
        a, b = magnitude(x.value, x.kinks), magnitude(y.value, y.kinks)
        sigma = np.hypot(np.hypot(a * y.error, b * x.error), x.error * y.error)
        sigma = np.hypot(sigma, self._u * a * b)
        kinks = of_product(x.value, x.kinks, y.value, y.kinks)
        return self._rounded(x.value * y.value, sigma, kinks)

    def scale(self, x: Quantity, factor: float) -> Quantity:
        """Return x times a number; exact for a power of two."""
        value = x.value * factor
        exact = factor == 0 or math.frexp(abs(factor))[0] == 0.5
        own = np.zeros_like(value) if exact else 2 * self._u * np.abs(value)
        return self._rounded(value, np.hypot(abs(factor) * x.error, own))

    def subtract(self, x: Quantity, y: Array) -> Quantity:
        """Return x - y; one rounding."""
        value = x.value - y
        return self._rounded(value, np.hypot(x.error, self._u * np.abs(value)))

    def softmax(self, z: Quantity, a: Array) -> Quantity:
        """Relative error of a_i: dz_i - sum_k a_k dz_k, then exp, a sum of k terms, a division.

        e^{z - lse} rounds lse, which all units of a column have in common: where they are added up
        it counts 1 / sum a^2 times, not the root of that.
        """
        largest = z.value.max(axis=0)
        own_share = z.error * np.sqrt((1 - 2 * a).clip(min=0))
        pulled = np.hypot(norm(a * z.error, 0), own_share)
        common = (np.abs(largest) + math.log(a.shape[0])) / np.sqrt(3 * (a * a).sum(axis=0))
        own = self._u * (2 + (largest - z.value) + math.sqrt(a.shape[0]) + common)
        return self._rounded(a, a * np.hypot(pulled, own))

    def softmax_vjp(self, a: Quantity, da: Quantity) -> Quantity:
        """Errors of a_i, of da_i, of their mean, and roundings of the size of the terms."""
        mean = (a.value * da.value).sum(axis=0, keepdims=True)
        centred = da.value - mean
        shared = np.hypot(norm(a.value * da.error, 0), norm(da.value * a.error, 0))
        terms = np.abs(da.value) + (a.value * np.abs(da.value)).sum(axis=0, keepdims=True)
        inner = np.hypot(np.hypot(da.error, shared), 2 * self._u * terms)
        sigma = np.hypot(np.abs(centred) * a.error, a.value * inner)
        return self._rounded(a.value * centred, sigma, of_softmax_vjp(a.value, da.kinks))

    def combine(
        self,
        value: Array,
        x: Quantity,
        slope: Array,
        curvature: float,
        magnitude: Array,
        functions: int,
    ) -> Quantity:
        """The slope times the error, and what curvature adds over 8 sigma, an eighth of it."""
        own = 2 * self._u * magnitude
        moved = np.abs(slope) * x.error + curvature * SIGMAS * x.error**2 / 2
        return self._rounded(value, np.hypot(moved, own))

    def combine_columns(
        self,
        value: Array,
        x: Quantity,
        slope: Array,
        curvature: float,
        magnitude: Array,
        functions: int,
    ) -> Quantity:
        """First order only; ``curvature`` is for bounds."""
        own = 2 * self._u * magnitude
        pulled = np.sqrt(((slope * x.error) ** 2).sum(axis=0, keepdims=True))
        return self._rounded(value, np.hypot(pulled, own))

    def divide(self, numerator: Array, x: Quantity) -> Quantity:
        """The relative error of x, and two roundings."""
        value = numerator / x.value
        relative = np.hypot(x.error / x.value, 2 * self._u)
        return self._rounded(value, np.abs(value) * relative)


def _copies(rows: Array) -> Array:
    """Return for each row how many are equal to it, itself included."""
    if rows.shape[1] == 1 and len(rows) > MANY_ROWS:
        _, place, counts = np.unique(rows, return_inverse=True, return_counts=True)
        return np.asarray(counts[place.ravel()], dtype=np.float64)
    keys = row_keys(rows)
    count = Counter(keys)
    if len(count) == len(keys):
        return np.ones(len(keys))
    return np.array([count[key] for key in keys], dtype=np.float64)


def _copies_of_both(x: Array, y: Array, of_x: Array, of_y: Array) -> Array:
    """Return how many rows are equal to one in both, given how many are in either."""
    if of_x.max() == 1:
        return of_x
    if of_y.max() == 1:
        return of_y
    keys = list(zip(row_keys(x), row_keys(y), strict=True))
    count = Counter(keys)
    return np.array([count[key] for key in keys], dtype=np.float64)


def row_keys(rows: Array) -> list[bytes]:
    """Return a key for each row: equal rows have equal keys."""
    whole, width = rows.tobytes(), rows.shape[1] * rows.itemsize
    return [whole[i : i + width] for i in range(0, len(whole), width)]
