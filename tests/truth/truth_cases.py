"""Cases at the edges of what can be decided, and exact numbers from balls."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from flint import arb

from gradoracle import Batch, Case, Network, Parameters


def single(
    a: list[float], y: list[float], loss: str = "half_squared_error", reduction: str = "mean"
) -> Case:
    """One identity unit of weight 1 and bias 0: A1 = X = a, so dZ1 = dA1 and db1 is their sum."""
    network = Network((1, 1), ("identity",), loss, reduction)
    parameters = Parameters([np.ones((1, 1))], [np.zeros((1, 1))])
    return Case("single", network, parameters, Batch(np.array([a]), np.array([y])))


def two_logits(z: float, C: tuple[float, float]) -> Case:
    """Softmax of (z, 0) under a linear loss: dZ1[0] = (C0 - C1) p0 p1, from terms of size C."""
    network = Network((1, 2), ("softmax",), "linear")
    parameters = Parameters([np.zeros((2, 1))], [np.array([[z], [0.0]])])
    return Case("two-logits", network, parameters, Batch(np.ones((1, 1)), np.array([C]).T))


def kink_of_2800_bits(on: int) -> Case:
    """Z = 2^1400 + 2^-1400 - 2^1400 - 2^-1400 in one of three examples."""
    row = [2.0**700, 2.0**-700]
    network = Network((4, 1), ("relu",), "linear", "sum")
    parameters = Parameters([np.array([[*row, *(-w for w in row)]])], [np.zeros((1, 1))])
    X = np.zeros((4, 3)) + 2.0**-300
    X[:, on] = row + row
    return Case("kink.open", network, parameters, Batch(X, np.array([[1.0, 2.0, 3.0]])))


def fraction(x: arb) -> Fraction:
    """Return the midpoint of a ball as a fraction."""
    mantissa, exponent = x.mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def ends(ball: arb) -> tuple[Fraction, Fraction]:
    """Return the exact ends of a ball."""
    mid, rad = fraction(ball), fraction(ball.rad())
    return mid - rad, mid + rad


def rounded(x: Fraction) -> float:
    """Round to nearest, ties to even, to infinity beyond the largest float64, 0 without a sign."""
    try:
        return float(x) + 0.0
    except OverflowError:
        return float("inf") if x > 0 else float("-inf")
