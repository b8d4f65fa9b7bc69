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
from gradoracle.rounding.quantity import SIGMAS, Curve, Model, Quantity, Range
from gradoracle.rounding.sums import (
    CHECKPOINTS,
    FEW_CHECKPOINTS,
    MANY,
    norm,
    root_sum_squares,
    summation_sigma,
)


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
        columns, rows = _keys(x.value.T), _keys(y.value)
        checkpoints = CHECKPOINTS if value.size < MANY else FEW_CHECKPOINTS
        pairs = _copies(list(zip(columns, rows, strict=True)))
        own = summation_sigma(x.value, y.value, pairs, checkpoints)
        sigma = self._u * np.hypot(own, np.abs(value))
        if not y.is_exact:
            sigma = np.hypot(sigma, root_sum_squares(x.value * np.sqrt(_copies(rows)), y.error))
        if not x.is_exact:
            sigma = np.hypot(sigma, root_sum_squares(x.error * np.sqrt(_copies(columns)), y.value))
        if plus is not None:
            sigma = np.hypot(sigma, plus.error)
        if (y.value == 1).all():
            sigma = np.hypot(sigma, self._drift(x.value))
        # each product and each partial sum may be flushed, all to one side
        k = x.value.shape[1]
        sigma = sigma + np.where(sigma > 0, 2 * k * self.form.tiny / SIGMAS, 0.0)
        kinks = None  # one factor of a product is a given array or an activation: no derivative
        if x.kinks is not None:
            kinks = Range(x.kinks.middle @ y.value, x.kinks.reach @ np.abs(y.value))
        if y.kinks is not None:
            kinks = Range(x.value @ y.kinks.middle, np.abs(x.value) @ y.kinks.reach)
        return self._rounded(value, sigma, kinks)

    def _drift(self, x: Array) -> Array:
        """Return how far a plain running sum of each row wanders: nearly equal terms round alike.

        Adding a term rounds it to the grid of the partial sum's binade; what that leaves is added
        up in order. Only for sums of the terms themselves (J and db), where such terms are common.
        """
        sums = np.cumsum(x, axis=1)
        grid = np.ldexp(self._u, np.frexp(np.abs(sums))[1])
        rest = x - grid * np.rint(x / np.where(grid > 0, grid, 1.0))
        return np.asarray(np.abs(np.cumsum(rest, axis=1)).max(axis=1, keepdims=True))

    def function(self, x: Quantity, curve: Curve) -> Quantity:
        """The error of x times |f'|, plus u (2 terms + |x f'(x)|): half a dozen roundings.

        Where f moves more than its slope says over 8 sigma of x (beside a kink, in an exponential
        tail), an eighth of that spread counts.
        """
        slope, size = np.abs(curve.prime(x.value)), np.abs(x.value)
        with np.errstate(over="ignore", invalid="ignore"):
            spread = np.where(x.error > 0, curve.spread(x.value, SIGMAS * x.error) / SIGMAS, 0.0)
        moved = np.maximum(slope * x.error, np.fmin(spread, np.inf))
        if curve.terms is None:
            return Quantity(curve.value(x.value), moved)
        own = self._u * (2 * curve.terms(x.value) + size * slope)
        # a result may be flushed to zero, and a form like z e^z before it is multiplied by z
        own += np.where(size > 0, (1 + size) * self.form.tiny, 0)
        return Quantity(curve.value(x.value), np.hypot(moved, own))

    def near_kink(self, z: Quantity) -> Flags:
        """Within 8 sigma of 0."""
        return np.asarray((np.abs(z.value) <= SIGMAS * z.error) & (z.error > 0))

    def either_side(self, slope: Quantity, near: Flags, other: Array) -> Quantity:
        """The jump is certain, not random: it is kept apart."""
        jump = np.where(near, other - slope.value, 0.0)
        return Quantity(slope.value, slope.error, Range(jump / 2, np.abs(jump) / 2))

    def multiply(self, x: Quantity, y: Quantity) -> Quantity:
        """Return x * y; one rounding. (v + m +- r)(w + n +- s), if kinks touch either."""
        value, a, b = x.value * y.value, _reach(x), _reach(y)
        sigma = np.hypot(np.hypot(a * y.error, b * x.error), x.error * y.error)
        sigma = np.hypot(sigma, self._u * a * b)
        if x.kinks is None and y.kinks is None:
            return self._rounded(value, sigma)
        nothing = Range(np.zeros_like(value), np.zeros_like(value))
        m, n = x.kinks or nothing, y.kinks or nothing
        v, w = x.value + m.middle, y.value + n.middle
        reach = np.abs(v) * n.reach + np.abs(w) * m.reach + m.reach * n.reach
        return self._rounded(value, sigma, Range(v * w - value, reach))

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
        """Relative error of a_i: dz_i - sum_k a_k dz_k, then exp, a sum of k terms, a division."""
        shift = np.abs(z.value - z.value.max(axis=0))
        own_share = z.error * np.sqrt((1 - 2 * a).clip(min=0))
        pulled = np.hypot(norm(a * z.error, 0), own_share)
        own = self._u * (2 + shift + math.sqrt(a.shape[0]))
        return self._rounded(a, a * np.hypot(pulled, own))

    def softmax_vjp(self, a: Quantity, da: Quantity) -> Quantity:
        """Errors of a_i, of da_i, of their mean, and roundings of the size of the terms."""
        mean = (a.value * da.value).sum(axis=0, keepdims=True)
        centred = da.value - mean
        shared = np.hypot(norm(a.value * da.error, 0), norm(da.value * a.error, 0))
        magnitude = np.abs(da.value) + (a.value * np.abs(da.value)).sum(axis=0, keepdims=True)
        inner = np.hypot(np.hypot(da.error, shared), 2 * self._u * magnitude)
        sigma = np.hypot(np.abs(centred) * a.error, a.value * inner)
        if da.kinks is None:
            return self._rounded(a.value * centred, sigma)
        middle, reach = da.kinks.middle, da.kinks.reach
        return self._rounded(
            a.value * centred,
            sigma,
            Range(
                a.value * (middle - (a.value * middle).sum(axis=0, keepdims=True)),
                a.value * (reach + (a.value * reach).sum(axis=0, keepdims=True)),
            ),
        )

    def combine(
        self, value: Array, x: Quantity, slope: Array, curvature: float, magnitude: Array
    ) -> Quantity:
        """The slope times the error, and what curvature adds over 8 sigma, an eighth of it."""
        own = 2 * self._u * magnitude
        moved = np.abs(slope) * x.error + curvature * SIGMAS * x.error**2 / 2
        return self._rounded(value, np.hypot(moved, own))

    def combine_columns(
        self, value: Array, x: Quantity, slope: Array, curvature: float, magnitude: Array
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


def _reach(x: Quantity) -> Array:
    """Return the largest magnitude that kinks leave possible."""
    size = np.abs(x.value)
    return size if x.kinks is None else size + np.abs(x.kinks.middle) + x.kinks.reach


def _keys(rows: Array) -> list[bytes]:
    """Return a key for each row: equal rows have equal keys."""
    return [row.tobytes() for row in np.ascontiguousarray(rows)]


def _copies(keys: list[bytes] | list[tuple[bytes, bytes]]) -> Array:
    """Return for each key how many are equal to it, itself included."""
    count = Counter(keys)
    return np.array([count[key] for key in keys], dtype=np.float64)
