"""The rounding of a sum, and roots of sums of squares that do not underflow."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from gradoracle.arrays import Array

CHECKPOINTS = 64  # partial sums looked at along a long sum, in the order of the data
FEW_CHECKPOINTS = 16  # where the results are many
MANY = 2**18
TERMS = 8  # at least so many terms between two checkpoints
ROOM = 2**19  # numbers held at once while looking at partial sums: they stay in the cache
SMALL = 2**18  # multiplications in one product: for more a BLAS would start threads each time
FAR = 2.0**400  # so many times larger than the terms that squares still do not overflow
UNDERFLOW = 2.0**-480  # a root of squares below this may have lost terms, of scaled operands


def power_of_two(x: Array, axis: int) -> Array:
    """Return a power of two near the largest entry along an axis: x over it squares safely."""
    _, exponent = np.frexp(np.abs(x).max(axis=axis, keepdims=True, initial=0.0))
    return np.asarray(np.ldexp(1.0, np.maximum(np.minimum(exponent, 1023), -1021)))


def root_sum_squares(x: Array, y: Array) -> Array:
    """Return sqrt((x * x) @ (y * y)) without underflow of the squares."""
    px, py = power_of_two(x, 1), power_of_two(y, 0)
    x, y = x / px, y / py
    return mend_underflow(np.sqrt((x * x) @ (y * y)), x, y) * px * py


def norm(x: Array, axis: int) -> Array:
    """Return the root of the sum of squares along an axis, which is kept, without underflow."""
    p = power_of_two(x, axis)
    root: Array = np.sqrt(((x / p) ** 2).sum(axis=axis, keepdims=True))
    return root * p


def mend_underflow(root: Array, x: Array, y: Array, factor: float = 1.0) -> Array:
    """Take an upper bound where squares of all terms may have underflown: factor (|x| @ |y|).

    It happens where zeros, of relu for one, keep the large entries of x from those of y.
    """
    small = root < UNDERFLOW
    return np.where(small, factor * (np.abs(x) @ np.abs(y)), root) if small.any() else root


def summation_sigma(
    x: Array,
    y: Array,
    weights: Array,
    checkpoints: int,
    inherited: Array | None = None,
    final: float = 1.0,
    plus: Array | None = None,
) -> Array:
    r"""Return the standard deviation of x @ y (+ plus) by its own roundings, in units of u.

    One rounding of a number v is uniform in +-u|v|: variance u^2 v^2 / 3. A sum of k terms t_i
    has k products (variance sum t_i^2), k additions, each of which rounds a partial sum, and one
    more rounding of the result (the bias, or the division): S^2. Partial sums are taken in the
    order of the data at checkpoints: between two of them, S_0 and S_1, a partial sum is the
    straight line plus the bridge of m terms, whose mean square over the block is at most

        (S_0^2 + S_1^2) / 2 + ||t_block||^2 / 6,

    and there are m of them. Batches sorted by label have partial sums that are far larger than
    both the terms and the result; without the checkpoints correct code would be accused. A sum may
    also be taken from its end, and begin with ``plus`` (a bias) instead of ending with it: the
    largest variance of the four counts. With T the whole sum, Q = S - T / 2 and w = m at the
    checkpoints, partial sums from the start are T / 2 + Q and those from the end T / 2 - Q; with
    R = max(|T| / 2, |T / 2 + plus|) the largest variance is
    (sum w R^2 + 2 R |sum w Q| + sum w Q^2) / 3.

    Parameters
    ----------
    x, y : numpy.ndarray
        (m, k) and (k, n).
    weights : numpy.ndarray
        (k,): how many of the k terms are equal to this one, itself included; equal terms make
        equal roundings, which add up w times instead of sqrt(w) times.
    checkpoints : int
        At most this many.
    inherited : numpy.ndarray, optional
        (m, k): standard deviations of x, in units of u, of terms that count as independent.
    final : float
        How many times S^2 counts.
    plus : numpy.ndarray, optional
        (m, n) or (m, 1).
    """
    size = np.abs(x) if inherited is None else np.maximum(np.abs(x), inherited)
    px, py = power_of_two(size, 1), power_of_two(y, 0)
    x, y = x / px, y / py
    k = x.shape[1]
    width = max(-(-k // checkpoints), min(TERMS, k))  # of a block
    if width == k:
        count = weights.sum(keepdims=True)  # of the terms of each
        bridge = weights * (float(count[0]) / 18 + 1 / 3)
    else:
        count = np.add.reduceat(weights, np.arange(0, k, width))
        bridge = weights * (np.repeat(count, width)[:k] / 18 + 1 / 3)
    squares = x * x * bridge
    linear, most = x, _most(weights, final)
    if inherited is not None:
        inherited = inherited / px
        squares += inherited * inherited
        linear = np.abs(x) + inherited
    variance = squares @ (y * y)
    if plus is not None:
        with np.errstate(over="ignore"):
            # beside a number so large the terms are lost whole, which is less than it would round
            plus = np.where(variance > 0, np.clip(plus / px / py, -FAR, FAR), 0.0)
    if count.size == 1:  # without the machinery, for the many small sums
        total = x @ y
        line = total * total
        if plus is None:
            line *= float(count[0]) / 9 + final / 3
        else:
            line *= float(count[0]) / 36 + final / 3
            line += _radius(total, plus) ** 2 * (float(count[0]) / 3)
        variance += line
    else:
        _add_partial_sums(variance, x, y, count, width, final, plus)
    root = mend_underflow(np.sqrt(variance, out=variance), linear, y, most)
    root *= px
    root *= py
    return root


def _radius(total: Array, plus: Array | None) -> Array:
    """Return R, the larger half of a sum that begins with 0 or with ``plus``."""
    half = total / 2
    if plus is None:
        return np.abs(half, out=half)
    return np.asarray(np.maximum(np.abs(half), np.abs(half + plus)))


def _add_partial_sums(
    variance: Array,
    x: Array,
    y: Array,
    count: Array,
    width: int,
    final: float,
    plus: Array | None,
) -> None:
    """Add (sum w R^2 + 2 R |sum w Q| + sum w Q^2) / 3, and the last S^2 / 3, by tiles.

    A checkpoint counts half of either block beside it; at the first one S is 0.
    """
    xs, ys = _blocked(x, count.size, width), _blocked(y.T, count.size, width)
    side = max(1, math.isqrt(min(ROOM // count.size, SMALL // width)))
    first, whole = float(count[0]) / 2, float(count.sum())
    w = count / 2
    w[:-1] += count[1:] / 2
    start = None if plus is None else np.broadcast_to(plus, variance.shape)
    for i in range(0, x.shape[0], side):
        xb = np.ascontiguousarray(xs[:, i : i + side])
        for j in range(0, y.shape[1], side):
            yb = np.ascontiguousarray(ys[:, j : j + side].transpose(0, 2, 1))
            Q = (xb @ yb).reshape(count.size, -1)
            T = Q.sum(axis=0)
            Q[0] -= T / 2
            for before, after in pairwise(Q):  # faster than NumPy's accumulate along axis 0
                after += before
            tile = variance[i : i + side, j : j + side]
            R = _radius(T, None if start is None else start[i : i + side, j : j + side].ravel())
            found = np.abs(w @ Q - first / 2 * T)
            found *= 2 * R
            Q *= Q
            found += w @ Q
            found += whole * R * R
            found += (first / 4 + final) * T * T
            tile += (found / 3).reshape(tile.shape)


def _most(weights: Array, final: float) -> float:
    """Return the root of the variance over T = sum |t|, at most.

    With K = sum w every S and every root of squares is at most T, so the variance is at most
    (K + K / 6 + 1 + final) T^2 / 3; what is inherited is at most T itself.
    """
    return math.sqrt(float(weights.sum()) / 2 + final + 1)


def _blocked(x: Array, blocks: int, width: int) -> Array:
    """Cut (m, k) along k into equal blocks, padded with zeros: (blocks, m, width)."""
    m, k = x.shape
    padded = np.zeros((m, blocks * width))
    padded[:, :k] = x
    return padded.reshape(m, blocks, width).transpose(1, 0, 2)
