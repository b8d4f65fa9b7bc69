"""Values and derivatives of the activations and losses in ball arithmetic, from the definitions.

A power series z + t is put into the definition; its second coefficient is the derivative, so no
formula of a derivative stands here. Also used by the tests of the TensorFlow package.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import contextmanager
from functools import cache

import flint
import numpy as np
from flint import arb, arb_series

from gradoracle.activations import elementwise
from gradoracle.arrays import DTYPES, unit_roundoff

BITS = 1400  # 1 + e^-800 needs 1155


@contextmanager
def precise():
    before = flint.ctx.prec
    flint.ctx.prec = BITS
    try:
        yield
    finally:
        flint.ctx.prec = before


Definition = Callable[[arb_series], arb_series]

DEFINITIONS: dict[str, Definition] = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + (-z).exp()),
    "tanh": lambda z: ((2 * z).exp() - 1) / ((2 * z).exp() + 1),
    "relu": lambda z: z,
    "leaky_relu": lambda z: z,
    "softplus": lambda z: (1 + z.exp()).log(),
    "elu": lambda z: z,
    "gelu": lambda z: z * (1 + (z / arb(2).sqrt()).erf()) / 2,
    "silu": lambda z: z / (1 + (-z).exp()),
}

# where z <= 0, for those that are defined by pieces
BELOW: dict[str, Definition] = {
    "relu": lambda z: 0 * z,
    "leaky_relu": lambda z: z / 100,
    "elu": lambda z: z.exp() - 1,
}


def grid(dtype: str) -> np.ndarray:
    """z in [-40, 40], near 0, at both zeros and at +-800."""
    rng = np.random.default_rng(7)
    small = 10.0 ** np.arange(-12, 0)
    ends = [0.0, -0.0, 800.0, -800.0]
    parts = [np.linspace(-40, 40, 161), rng.uniform(-40, 40, 120), rng.normal(size=120)]
    return np.concatenate([*parts, small, -small, ends]).astype(DTYPES[dtype])


@cache
def activation_truth(name: str, dtype: str) -> tuple[tuple[arb, ...], tuple[arb, ...]]:
    """Return g and g' at every point of the grid."""
    above = DEFINITIONS[name]
    below = BELOW.get(name, above)
    with precise():
        runs = [(above if z > 0 else below)(arb_series([float(z), 1], 2)) for z in grid(dtype)]
        return tuple(s[0] for s in runs), tuple(s[1] for s in runs)


def activation_allowances(name: str, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """Return what g and g' may be off by: u (8 M + |z f'(z)|), and the smallest normal number.

    M is the sum of the magnitudes of the textbook form's terms; where there is none, f is exact.
    """
    row, z = elementwise(name), grid(dtype).astype(np.float64)
    u, tiny = unit_roundoff(DTYPES[dtype]), float(np.finfo(DTYPES[dtype]).tiny)

    def allowed(terms, slope):
        return tiny + (0 * z if terms is None else u * (8 * terms(z) + np.abs(z * slope(z))))

    return allowed(row.terms, row.prime), allowed(row.prime_terms, row.second)


def shares(got: np.ndarray, true: Iterable[arb], allowed: np.ndarray) -> np.ndarray:
    """Return |got - true| / allowed for each entry; infinite where got is NaN or infinite."""
    with precise():
        errors = [
            abs(float(arb(float(g)) - t)) if np.isfinite(g) else np.inf
            for g, t in zip(np.ravel(got), true, strict=True)
        ]
    return np.array(errors) / np.ravel(allowed)


# one column of logits each: close together, far apart, saturated
LOGITS = [[0.3, -1.1, 0.8], [0.0, 0.0, 0.0], [35.0, -5.0, 1.0], [-20.0, 4.0, 3.5], [800, -800, 0.0]]
SOFT_LABELS = [[0.25, 0.5, 0.25], [1.0, 0.0, 0.0], [0.0, 0.125, 0.875], [0.5, 0.0, 0.5], [0, 1, 0]]


def softmax_truth(z: Iterable[float]) -> tuple[list[arb], list[list[arb]]]:
    """Return softmax and its Jacobian J[i][j] = d a_i / d z_j, from the definition."""
    z = [float(v) for v in z]
    with precise():
        columns = []
        for j in range(len(z)):
            e = [arb_series([v, int(k == j)], 2).exp() for k, v in enumerate(z)]
            columns.append([t / sum(e) for t in e])
        value = [t[0] for t in columns[0]]
        return value, [[columns[j][i][1] for j in range(len(z))] for i in range(len(z))]


def softmax_allowance(z: np.ndarray, u: float) -> np.ndarray:
    """u a (2 * 8 + k + |z - max z|): numerator and denominator, k additions, the shift."""
    z = z.astype(np.float64)
    e = np.exp(z - z.max())
    return u * e / e.sum() * (16 + len(z) + np.abs(z - z.max()))


BINARY_LABELS = [0.0, 1.0, 0.5, 0.25, 0.75, 2.0**-10, 1 - 2.0**-10]


@cache
def binary_cross_entropy_truth(y: float, dtype: str) -> tuple[tuple[arb, ...], tuple[arb, ...]]:
    """Return -y log sigma(z) - (1-y) log(1 - sigma(z)) and its derivative by z on the grid."""
    with precise():
        runs = []
        for z in grid(dtype):
            s = arb_series([float(z), 1], 2)
            runs.append(arb(y) * (1 + (-s).exp()).log() + (1 - arb(y)) * (1 + s.exp()).log())
        return tuple(s[0] for s in runs), tuple(s[1] for s in runs)


def binary_cross_entropy_allowances(y: float, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """u (8 M + |z f'(z)|); M from the terms y softplus(-z), (1-y) softplus(z) of the value.

    The derivative is a - y, with the error of a good sigmoid and 4 roundings of the difference.
    """
    softplus, sigmoid = elementwise("softplus").value, elementwise("sigmoid").value
    z = grid(dtype).astype(np.float64)
    a = sigmoid(z)
    u, tiny = unit_roundoff(DTYPES[dtype]), float(np.finfo(DTYPES[dtype]).tiny)
    value = u * (8 * (y * softplus(-z) + (1 - y) * softplus(z)) + np.abs(z * (a - y)))
    slope = u * (8 * a + 4 * np.abs(a - y) + np.abs(z) * a * sigmoid(-z))
    return value + tiny, slope + tiny


def cross_entropy_truth(z: Iterable[float], y: Iterable[float]) -> tuple[arb, list[arb]]:
    """Return -sum of y_i log softmax(z)_i and its derivative by every z_j."""
    z, y = [float(v) for v in z], [float(v) for v in y]
    with precise():
        slopes = []
        for j in range(len(z)):
            s = [arb_series([v, int(k == j)], 2) for k, v in enumerate(z)]
            log_sum = sum(t.exp() for t in s).log()
            loss = sum(arb(t) * (log_sum - v) for t, v in zip(y, s, strict=True))
            slopes.append(loss[1])
        return loss[0], slopes
