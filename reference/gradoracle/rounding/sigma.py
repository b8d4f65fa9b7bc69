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
from gradoracle.rounding.quantity import SIGMAS, Curve, Model, Quantity
from gradoracle.rounding.sums import (
    CHECKPOINTS,
    FEW_CHECKPOINTS,
    MANY,
    norm,
    root_sum_squares,
    summation_sigma,
)


class Sigma(Model):
    """Standard deviations of rounding errors; `Quantity.slack` is what a kink may add."""

    @property
    def _u(self) -> float:
        return self.form.u

    def _rounded(self, value: Array, sigma: Array, slack: Array | None = None) -> Quantity:
        """Attach an error; what may be flushed to zero gets the smallest normal number."""
        return Quantity(value, sigma + np.where(value != 0, self.form.tiny, 0.0), slack)

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
        slack = _add(
            None if y.slack is None else np.abs(x.value) @ y.slack,
            None if x.slack is None else x.slack @ np.abs(y.value),
        )
        return self._rounded(value, sigma, slack)

    def function(self, x: Quantity, curve: Curve) -> Quantity:
        """The error of x times |f'|, plus u (2 terms + |x f'(x)|): half a dozen roundings."""
        slope, size = np.abs(curve.prime(x.value)), np.abs(x.value)
        slack = None if x.slack is None else slope * x.slack
        if curve.terms is None:
            return Quantity(curve.value(x.value), slope * x.error, slack)
        own = self._u * (2 * curve.terms(x.value) + size * slope)
        # a result may be flushed to zero, and a form like z e^z before it is multiplied by z
        own += np.where(size > 0, (1 + size) * self.form.tiny, 0)
        return Quantity(curve.value(x.value), np.hypot(slope * x.error, own), slack)

    def near_kink(self, z: Quantity) -> Flags:
        """Within 8 sigma of 0."""
        return np.asarray((np.abs(z.value) <= SIGMAS * z.error) & (z.error > 0))

    def either_side(self, slope: Quantity, near: Flags, jump: float) -> Quantity:
        """The jump is certain, not random: slack."""
        return Quantity(slope.value, slope.error, np.where(near, jump, 0.0))

    def multiply(self, x: Quantity, y: Quantity) -> Quantity:
        """Return x * y; one rounding."""
        value, a, b = x.value * y.value, np.abs(x.value), np.abs(y.value)
        sigma = np.hypot(np.hypot(a * y.error, b * x.error), self._u * np.abs(value))
        slack = _add(
            None if y.slack is None else a * y.slack, None if x.slack is None else b * x.slack
        )
        return self._rounded(value, sigma, slack)

    def scale(self, x: Quantity, factor: float) -> Quantity:
        """Return x times a number; exact for a power of two."""
        value = x.value * factor
        exact = factor == 0 or math.frexp(abs(factor))[0] == 0.5
        own = np.zeros_like(value) if exact else 2 * self._u * np.abs(value)
        slack = None if x.slack is None else abs(factor) * x.slack
        return self._rounded(value, np.hypot(abs(factor) * x.error, own), slack)

    def subtract(self, x: Quantity, y: Array) -> Quantity:
        """Return x - y; one rounding."""
        value = x.value - y
        return self._rounded(value, np.hypot(x.error, self._u * np.abs(value)), x.slack)

    def softmax(self, z: Quantity, a: Array) -> Quantity:
        """Relative error of a_i: dz_i - sum_k a_k dz_k, then exp, a sum of k terms, a division."""
        shift = np.abs(z.value - z.value.max(axis=0))
        squares = z.error**2
        pulled = (a * a * squares).sum(axis=0) + squares * (1 - 2 * a).clip(min=0)
        own = self._u * (2 + shift + math.sqrt(a.shape[0]))
        slack = None if z.slack is None else a * (z.slack + (a * z.slack).sum(axis=0))
        return self._rounded(a, a * np.sqrt(pulled + own**2), slack)

    def softmax_vjp(self, a: Quantity, da: Quantity) -> Quantity:
        """Errors of a_i, of da_i, of their mean, and roundings of the size of the terms."""
        mean = (a.value * da.value).sum(axis=0, keepdims=True)
        centred = da.value - mean
        shared = np.hypot(norm(a.value * da.error, 0), norm(da.value * a.error, 0))
        magnitude = np.abs(da.value) + (a.value * np.abs(da.value)).sum(axis=0, keepdims=True)
        inner = np.hypot(np.hypot(da.error, shared), 2 * self._u * magnitude)
        sigma = np.hypot(np.abs(centred) * a.error, a.value * inner)
        slack = None
        if a.slack is not None or da.slack is not None:
            of_a = np.zeros_like(centred) if a.slack is None else a.slack
            of_da = np.zeros_like(centred) if da.slack is None else da.slack
            both = a.value * of_da + np.abs(da.value) * of_a
            inner_slack = of_da + both.sum(axis=0, keepdims=True)
            slack = np.abs(centred) * of_a + a.value * inner_slack
        return self._rounded(a.value * centred, sigma, slack)

    def combine(
        self, value: Array, x: Quantity, slope: Array, curvature: float, magnitude: Array
    ) -> Quantity:
        """First order only; ``curvature`` is for bounds."""
        own = 2 * self._u * magnitude
        slack = None if x.slack is None else np.abs(slope) * x.slack
        return self._rounded(value, np.hypot(np.abs(slope) * x.error, own), slack)

    def combine_columns(
        self, value: Array, x: Quantity, slope: Array, curvature: float, magnitude: Array
    ) -> Quantity:
        """First order only; ``curvature`` is for bounds."""
        own = 2 * self._u * magnitude
        pulled = np.sqrt(((slope * x.error) ** 2).sum(axis=0, keepdims=True))
        slack = None
        if x.slack is not None:
            slack = (np.abs(slope) * x.slack).sum(axis=0, keepdims=True)
        return self._rounded(value, np.hypot(pulled, own), slack)

    def divide(self, numerator: Array, x: Quantity) -> Quantity:
        """The relative error of x, and two roundings."""
        value = numerator / x.value
        relative = np.hypot(x.error / x.value, 2 * self._u)
        slack = None if x.slack is None else np.abs(value) * x.slack / x.value
        return self._rounded(value, np.abs(value) * relative, slack)


def _add(x: Array | None, y: Array | None) -> Array | None:
    if x is None or y is None:
        return y if x is None else x
    return x + y


def _keys(rows: Array) -> list[bytes]:
    """Return a key for each row: equal rows have equal keys."""
    return [row.tobytes() for row in np.ascontiguousarray(rows)]


def _copies(keys: list[bytes] | list[tuple[bytes, bytes]]) -> Array:
    """Return for each key how many are equal to it, itself included."""
    count = Counter(keys)
    return np.array([count[key] for key in keys], dtype=np.float64)
