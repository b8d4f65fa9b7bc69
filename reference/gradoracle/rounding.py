"""Numbers that carry the standard deviation of their rounding error.

A `Rounded` holds a float64 value and what rounding in the dtype under test is predicted to do to
it. Each operation below propagates the errors of its operands as independent random variables and
adds the rounding of its own. Means and signs of roundings are taken as random: that is the model,
and why a verdict built on it is called statistical.

Sources: N. J. Higham and T. Mary, "A new approach to probabilistic rounding error analysis", SIAM
J. Sci. Comput. 41 (2019), for independent mean-zero roundings; the sum over checkpoints is derived
in `_summation_sigma`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradoracle.arrays import Array, DType, unit_roundoff

# partial sums looked at along one sum, in the order of the data
OVER_EXAMPLES = 64  # batches come sorted by label, by a feature, by magnitude
OVER_UNITS = 16
ROOM = 2**19  # numbers held at once while looking at partial sums: they stay in the cache
SMALL = 2**18  # multiplications in one product: for more a BLAS would start threads each time
UNDERFLOW = 2.0**-480  # a root of squares below this may have lost terms, of scaled operands
SIGMAS = 8  # the smallest integer that keeps 1e9 Gaussian entries below 1e-5 false alarms


@dataclass(frozen=True, eq=False)
class Rounded:
    """A value, the standard deviation of its rounding error, and what kinks may add to it.

    Attributes
    ----------
    value : numpy.ndarray
        float64.
    sigma : numpy.ndarray
        Same shape, at least 0; 0 where no rounding can happen.
    slack : numpy.ndarray or None
        Same shape: the effect of pre-activations too near a kink to tell the side; None is 0.
    """

    value: Array
    sigma: Array
    slack: Array | None = None

    @property
    def T(self) -> Rounded:
        """The transpose."""
        slack = None if self.slack is None else self.slack.T
        return Rounded(self.value.T, self.sigma.T, slack)

    @cached_property
    def is_exact(self) -> bool:
        """Whether no entry carries an error."""
        return self.slack is None and not self.sigma.any()


def exact(value: Array) -> Rounded:
    """Return a given value: inputs are the exact values of their floats."""
    value = np.asarray(value, dtype=np.float64)
    return Rounded(value, np.zeros_like(value))


@dataclass(frozen=True)
class Arithmetic:
    """The operations in one dtype.

    Parameters
    ----------
    dtype : numpy.dtype
        The dtype whose roundings are predicted; values are always float64.
    """

    dtype: DType

    @property
    def u(self) -> float:
        """Unit roundoff."""
        return unit_roundoff(self.dtype)

    @property
    def tiny(self) -> float:
        """The smallest normal number; hardware may flush anything below it to zero."""
        return float(np.finfo(self.dtype).tiny)

    def rounded(self, value: Array, sigma: Array, slack: Array | None = None) -> Rounded:
        """Attach an error; a result that may be flushed to zero gets the smallest normal number."""
        flush = np.where(value != 0, self.tiny, 0.0)
        return Rounded(value, sigma + flush, slack)

    def elementwise(
        self,
        x: Rounded,
        value: Callable[[Array], Array],
        prime: Callable[[Array], Array],
        terms: Callable[[Array], Array] | None,
    ) -> Rounded:
        """Apply a function: the error of x times |f'|, plus u (2 terms + |x f'(x)|).

        ``terms`` is the sum of the magnitudes of the textbook form's terms (see
        `gradoracle.activations.Activation`), None where the function is exact; the last part is
        the rounding of an argument.
        """
        slope, size = np.abs(prime(x.value)), np.abs(x.value)
        slack = None if x.slack is None else slope * x.slack
        if terms is None:
            return Rounded(value(x.value), slope * x.sigma, slack)
        own = self.u * (2 * terms(x.value) + size * slope)
        # a result may be flushed to zero, and a form like z e^z before it is multiplied by z
        own += np.where(size > 0, (1 + size) * self.tiny, 0)
        return Rounded(value(x.value), np.hypot(slope * x.sigma, own), slack)

    def add(self, x: Rounded, y: Rounded) -> Rounded:
        """X + y of equal shapes, or a column y; one rounding of the sum."""
        value = x.value + y.value
        sigma = np.hypot(np.hypot(x.sigma, y.sigma), self.u * np.abs(value))
        return self.rounded(value, sigma, _sum_slack(x.slack, y.slack))

    def scale(self, x: Rounded, factor: float) -> Rounded:
        """X times a real number; exact for a power of two."""
        value = x.value * factor
        power_of_two = factor == 0 or math.frexp(abs(factor))[0] == 0.5
        own = np.zeros_like(value) if power_of_two else 2 * self.u * np.abs(value)
        slack = None if x.slack is None else abs(factor) * x.slack
        return self.rounded(value, np.hypot(abs(factor) * x.sigma, own), slack)

    def multiply(self, x: Rounded, y: Rounded) -> Rounded:
        """X * y, elementwise."""
        value = x.value * y.value
        a, b = np.abs(x.value), np.abs(y.value)
        sigma = np.hypot(np.hypot(a * y.sigma, b * x.sigma), self.u * np.abs(value))
        slack = _sum_slack(
            None if y.slack is None else a * y.slack, None if x.slack is None else b * x.slack
        )
        return self.rounded(value, sigma, slack)

    def matmul(self, x: Rounded, y: Rounded, weights: Array | None = None) -> Rounded:
        """X @ y, for x (m, k) and y (k, n).

        Parameters
        ----------
        weights : numpy.ndarray, optional
            Shape (k,), for a sum over examples: how many of them are equal to this one (itself
            included). Equal terms make equal errors, which add up w times instead of sqrt(w)
            times.
        """
        w = np.ones(x.value.shape[1]) if weights is None else weights
        root = np.sqrt(w)
        value = x.value @ y.value
        checkpoints = OVER_UNITS if weights is None else OVER_EXAMPLES
        own = _summation_sigma(x.value, y.value, w, checkpoints)
        sigma = self.u * np.hypot(own, np.abs(value))
        if not y.is_exact:
            sigma = np.hypot(sigma, _root_sum_squares(x.value * root, y.sigma))
        if not x.is_exact:
            sigma = np.hypot(sigma, _root_sum_squares(x.sigma * root, y.value))
        slack = _sum_slack(
            None if y.slack is None else np.abs(x.value) @ y.slack,
            None if x.slack is None else x.slack @ np.abs(y.value),
        )
        return self.rounded(value, sigma, slack)


def _sum_slack(x: Array | None, y: Array | None) -> Array | None:
    if x is None or y is None:
        return y if x is None else x
    return x + y


def _power_of_two(x: Array, axis: int) -> Array:
    """Return a power of two near the largest entry along an axis: x over it squares safely."""
    largest = np.abs(x).max(axis=axis, keepdims=True, initial=0.0)
    return np.where(largest > 0, 2.0 ** np.frexp(largest)[1].clip(-1021, 1023), 1.0)


def _root_sum_squares(x: Array, y: Array) -> Array:
    """Return sqrt((x * x) @ (y * y)) without underflow of the squares."""
    px, py = _power_of_two(x, 1), _power_of_two(y, 0)
    x, y = x / px, y / py
    return _mend_underflow(np.sqrt((x * x) @ (y * y)), x, y) * px * py


def _mend_underflow(root: Array, x: Array, y: Array) -> Array:
    """Take the sum of magnitudes, an upper bound, where squares of all terms may have underflown.

    It happens where zeros, of relu for one, keep the large entries of x from those of y.
    """
    small = root < UNDERFLOW
    return np.where(small, np.abs(x) @ np.abs(y), root) if small.any() else root


def _summation_sigma(x: Array, y: Array, weights: Array, checkpoints: int) -> Array:
    r"""Return the standard deviation of x @ y by its own roundings, in units of u.

    One rounding of a number v is uniform in +-u|v|: variance u^2 v^2 / 3. A sum of k terms t_i
    has k products (variance sum t_i^2), k additions, each of which rounds a partial sum, and one
    more rounding of the result (the bias, or the division): S^2. Partial sums are taken in the
    order of the data at checkpoints: between two of them, S_0 and S_1, a partial sum is the
    straight line plus the bridge of m terms, whose mean square over the block is

        (S_0^2 + S_0 S_1 + S_1^2) / 3 + ||t_block||^2 / 6,

    and there are m of them. Batches sorted by label have partial sums that are far larger than
    both the terms and the result; without the checkpoints correct code would be accused.
    """
    px, py = _power_of_two(x, 1), _power_of_two(y, 0)
    x, y = x / px, y / py
    blocks = min(checkpoints, x.shape[1])
    xs, ys = _blocked(x, blocks), _blocked(y.T, blocks)
    ws = _blocked(weights[np.newaxis], blocks)
    count = ws.sum(axis=(1, 2))[:, np.newaxis, np.newaxis]
    side = max(1, math.isqrt(min(ROOM // blocks, SMALL // xs.shape[2])))
    variance = np.empty((x.shape[0], y.shape[1]))
    for i in range(0, x.shape[0], side):
        xb = np.ascontiguousarray(xs[:, i : i + side])
        xq = xb * xb * ws
        for j in range(0, y.shape[1], side):
            yb = np.ascontiguousarray(ys[:, j : j + side].transpose(0, 2, 1))
            after = np.cumsum(xb @ yb, axis=0)
            squares = after * after
            line = squares.copy()
            line[1:] += squares[:-1] + after[1:] * after[:-1]
            line *= count / 3
            line += (count / 6 + 1) * (xq @ (yb * yb))
            variance[i : i + side, j : j + side] = line.sum(axis=0) + after[-1] ** 2
    return _mend_underflow(np.sqrt(variance / 3), x, y) * px * py


def _blocked(x: Array, blocks: int) -> Array:
    """Cut (m, k) along k into equal blocks, padded with zeros: (blocks, m, ceil(k / blocks))."""
    m, k = x.shape
    width = -(-k // blocks)
    padded = np.zeros((m, blocks * width))
    padded[:, :k] = x
    return padded.reshape(m, blocks, width).transpose(1, 0, 2)
