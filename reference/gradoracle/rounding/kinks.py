"""What a kink may add to a derivative: certain, not random, and so kept apart from errors.

Where a pre-activation is too near a kink to tell its side, the derivative there may be anything
between the one-sided ones. The operations after it pass the interval on; each entry's interval is
taken by itself, which makes it wider, never narrower.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradoracle.arrays import Array


@dataclass(frozen=True, eq=False)
class Range:
    """What may be added to a value: anything within ``reach`` of ``middle``, entry by entry."""

    middle: Array
    reach: Array

    @property
    def T(self) -> Range:
        """The transpose."""
        return Range(self.middle.T, self.reach.T)

    def times(self, factor: float) -> Range:
        """Scale both, by a number above 0."""
        return Range(self.middle * factor, self.reach * factor)

    @property
    def largest(self) -> Array:
        """The most that may be added, in magnitude."""
        return np.asarray(np.abs(self.middle) + self.reach)


def magnitude(value: Array, kinks: Range | None) -> Array:
    """Return the largest magnitude of a value that kinks leave possible."""
    size: Array = np.abs(value)
    return size if kinks is None else size + kinks.largest


def of_matmul(x: Array, x_kinks: Range | None, y: Array, y_kinks: Range | None) -> Range | None:
    """Of x @ y. One factor is a given array or an activation, no derivative: it has no range."""
    if x_kinks is not None:
        return Range(x_kinks.middle @ y, x_kinks.reach @ np.abs(y))
    if y_kinks is not None:
        return Range(x @ y_kinks.middle, np.abs(x) @ y_kinks.reach)
    return None


def of_product(x: Array, x_kinks: Range | None, y: Array, y_kinks: Range | None) -> Range | None:
    """Of x * y: (v +- r)(w +- s), where v and w are the middles, is within |v| s + |w| r + r s."""
    if x_kinks is None and y_kinks is None:
        return None
    nothing = Range(np.zeros_like(x), np.zeros_like(x))
    m, n = x_kinks or nothing, y_kinks or nothing
    v, w = x + m.middle, y + n.middle
    reach = np.abs(v) * n.reach + np.abs(w) * m.reach + m.reach * n.reach
    return Range(v * w - x * y, reach)


def of_softmax_vjp(a: Array, da_kinks: Range | None) -> Range | None:
    """Of a_i (da_i - sum_k a_k da_k), which is linear in da."""
    if da_kinks is None:
        return None
    middle, reach = da_kinks.middle, da_kinks.reach
    return Range(
        a * (middle - (a * middle).sum(axis=0, keepdims=True)),
        a * (reach + (a * reach).sum(axis=0, keepdims=True)),
    )
