"""The activations and their derivatives to many digits, by differences of their definitions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import mpmath
import numpy as np
from definition import DIGITS, piece

from gradoracle.arrays import DTYPES

# 1 - sigma(800) is 1e-348, and a first difference divides by h: 1e-450 / 1e-50 leaves it 50
# digits; the truncation is about 1e-100 of the derivative
ENOUGH = 450
STEP = mpmath.mpf(10) ** -50


@dataclass(frozen=True)
class Derivatives:
    """f, f', f'', f''' at one point, from the side of 0 that the contract takes."""

    value: mpmath.mpf
    prime: mpmath.mpf
    second: mpmath.mpf
    third: mpmath.mpf


@cache
def grid(dtype: str) -> np.ndarray:
    """|z| up to 40, near 0, both zeros, +-800, and where e^-z leaves the normal numbers."""
    rng = np.random.default_rng(11)
    small = 10.0 ** np.arange(-12, 0, 2)
    edges = {"float64": [708.3, 709.7, 709.8, 720.5, 745.2], "float32": [87.2, 88.7, 90.1, 104.0]}
    ends = np.array([*edges[dtype], 800.0, float(np.finfo(dtype).tiny)])
    parts = [np.linspace(-40, 40, 25), rng.uniform(-15, 15, 20), rng.normal(size=20)]
    return np.concatenate([*parts, small, -small, ends, -ends, [0.0, -0.0]]).astype(DTYPES[dtype])


@cache
def derivatives(name: str, z: float) -> Derivatives:
    """Difference the formula of the side that z lies on, z = 0 on the lower one."""
    with mpmath.workdps(ENOUGH):
        f, h, z = piece(name, z > 0, DIGITS), STEP, mpmath.mpf(z)
        low2, low, mid, up, up2 = (f(z + k * h) for k in (-2, -1, 0, 1, 2))
        return Derivatives(
            value=mid,
            prime=(up - low) / (2 * h),
            second=(up - 2 * mid + low) / h**2,
            third=(up2 - 2 * up + 2 * low - low2) / (2 * h**3),
        )


def errors(got: np.ndarray, true: list[mpmath.mpf]) -> np.ndarray:
    """|got - true| as floats; infinite where got is no number."""
    with mpmath.workdps(ENOUGH):
        return np.array(
            [
                float(abs(mpmath.mpf(float(g)) - t)) if np.isfinite(g) else np.inf
                for g, t in zip(np.ravel(got), true, strict=True)
            ]
        )


def own_error(true: mpmath.mpf) -> mpmath.mpf:
    """What f or f' above may itself be off by: the truncation and the digits."""
    return abs(true) * mpmath.mpf(10) ** -95 + mpmath.mpf(10) ** -395
