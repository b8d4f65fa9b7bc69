"""The activations and their derivatives as a model of rounding sees them.

Everything here holds for all z' within E of z, and is proven by the growth of a function: where
|(log f)'| <= c, f grows at most by e^{cE} over a step of E. Where that is applied to f', f moves by
at most |f'| (e^{cE} - 1) / c.

========= ============================================================================
s         (log s)' = 1 - s, c = 1
s'        (log s')' = 1 - 2 s, c = 1; |s''| <= s'
tanh'     (log t')' = -2 t, c = 2; |t''| <= 2 t'; tanh itself moves by E at most
softplus  its derivative is s, and s <= softplus: c = 1
elu       below 0 the derivative is e^z, c = 1, and above it is 1
gelu      Taylor: |f''| <= 0.8 and |f'''| <= 0.8; z phi(z) moves by 0.4 E at most
silu      |f'| <= s (1 + |z|), |f''| <= s' (2 + |z|), and Taylor: |f''| <= 0.5, |f'''| <= 0.4
========= ============================================================================

`Curve.units`: the most units of u, of the terms, that a textbook form needs whose elementary
functions (exp, log1p, tanh, erf, ...) use all 8 units of their premise; the rounding of their
arguments beyond |z f'(z)| included. For 1 / (1 + e^-z) that is 8 for exp and 2 operations, for
log1p(e^z) it is 8 + 8 + 2. `tests/rounding/test_compositions.py` computes them.
"""

from __future__ import annotations

import numpy as np

from gradoracle.activations import (
    LEAKY_SLOPE,
    elementwise,
    gelu_prime,
    sigmoid,
    sigmoid_prime,
    silu_prime,
    softplus,
)
from gradoracle.arrays import Array
from gradoracle.rounding.quantity import Curve, Envelope


def value_curve(name: str) -> Curve:
    """Return g of an elementwise activation as a `Curve`."""
    g = elementwise(name)
    return Curve(g.value, g.prime, g.terms, _VALUES[name])


def prime_curve(name: str) -> Curve:
    """Return g' of an elementwise activation as a `Curve`; the jump at a kink is left out."""
    g = elementwise(name)
    return Curve(g.prime, g.second, g.prime_terms, _PRIMES[name])


def _nothing(z: Array, E: Array) -> Array:  # noqa: ARG001 - every envelope takes (z, E)
    return np.zeros_like(E)


def _one(z: Array, E: Array) -> Array:  # noqa: ARG001 - as above
    return np.ones_like(E)


def _step(z: Array, E: Array) -> Array:  # noqa: ARG001 - as above
    return E


def _sigmoid(z: Array, E: Array) -> Array:
    return sigmoid(z) * np.exp(E)


def _sigmoid_prime(z: Array, E: Array) -> Array:
    return sigmoid_prime(z) * np.exp(E)


def _sech_squared(z: Array) -> Array:
    """tanh', without the cancellation of 1 - tanh^2: a large E makes much of a small slope."""
    e: Array = np.exp(-2 * np.abs(z))
    return 4 * e / (1 + e) ** 2


def _tanh(z: Array, E: Array) -> Array:
    return np.asarray(np.minimum(np.abs(np.tanh(z)) + E, 1.0))


def _tanh_prime(z: Array, E: Array) -> Array:
    return np.asarray(np.minimum(_sech_squared(z) * np.exp(2 * E), 1.0))


def _exp_below_zero(z: Array, E: Array) -> Array:
    return np.asarray(np.exp(np.minimum(z + E, 0.0)))


def _unless_above(z: Array, E: Array, value: Array | float) -> Array:
    """``value``, and 0 where all of z +- E is above 0."""
    return np.where(z > E, 0.0, value)


def _silu_slope(z: Array, E: Array) -> Array:
    taylor = np.abs(silu_prime(z)) + 0.5 * E
    return np.asarray(np.minimum(taylor, _sigmoid(z, E) * (1 + np.abs(z) + E)))


def _silu_bend(z: Array, E: Array) -> Array:
    taylor = np.abs(elementwise("silu").second(z)) + 0.4 * E
    return np.asarray(np.minimum(taylor, _sigmoid_prime(z, E) * (2 + np.abs(z) + E)))


def _gelu_bend(z: Array, E: Array) -> Array:
    return np.asarray(np.abs(elementwise("gelu").second(z)) + 0.8 * E)


_VALUES = {
    "identity": Envelope(_step),
    "sigmoid": Envelope(
        lambda z, E: sigmoid_prime(z) * np.expm1(E), _sigmoid_prime, _sigmoid, units=10
    ),
    "tanh": Envelope(lambda z, E: _sech_squared(z) * np.expm1(2 * E) / 2, _tanh_prime, _tanh),
    "relu": Envelope(lambda z, E: np.where(z < -E, 0.0, E)),
    "leaky_relu": Envelope(
        _step,
        lambda z, E: np.where(z < -E, LEAKY_SLOPE, 1.0),
        lambda z, E: LEAKY_SLOPE * np.maximum(E - z, 0.0),
    ),
    "softplus": Envelope(
        lambda z, E: sigmoid(z) * np.expm1(E),
        lambda z, E: np.minimum(_sigmoid(z, E), 1.0),
        lambda z, E: softplus(z) * np.exp(E),
        units=18,
    ),
    "elu": Envelope(
        lambda z, E: E * _exp_below_zero(z, E),
        _exp_below_zero,
        lambda z, E: _unless_above(z, E, 1 + _exp_below_zero(z, E)),
    ),
    "gelu": Envelope(
        lambda z, E: np.abs(gelu_prime(z)) * E + 0.4 * E * E,
        lambda z, E: np.abs(gelu_prime(z)) + 0.8 * E,
        lambda z, E: np.abs(z) + E,
    ),
    "silu": Envelope(
        lambda z, E: np.minimum(np.abs(silu_prime(z)) * E + 0.25 * E * E, _silu_slope(z, E) * E),
        _silu_slope,
        lambda z, E: _sigmoid(z, E) * (np.abs(z) + E),
        units=12,
    ),
}

_PRIMES = {
    "identity": Envelope(_nothing),
    "sigmoid": Envelope(
        lambda z, E: sigmoid_prime(z) * np.expm1(E), _sigmoid_prime, _sigmoid, units=14
    ),
    "tanh": Envelope(
        lambda z, E: _sech_squared(z) * np.expm1(2 * E),
        lambda z, E: 2 * _tanh_prime(z, E),
        lambda z, E: 1 + _tanh(z, E) ** 2,
    ),
    "relu": Envelope(_nothing),
    "leaky_relu": Envelope(_nothing, _nothing, lambda z, E: _unless_above(z, E, LEAKY_SLOPE)),
    "softplus": Envelope(
        lambda z, E: sigmoid_prime(z) * np.expm1(E),
        _sigmoid_prime,
        lambda z, E: _sigmoid(z, E) * (1 + np.abs(z) + E),
        units=21,
    ),
    "elu": Envelope(
        lambda z, E: _unless_above(z, E, E * _exp_below_zero(z, E)),
        lambda z, E: _unless_above(z, E, _exp_below_zero(z, E)),
        _one,
    ),
    "gelu": Envelope(
        lambda z, E: np.abs(elementwise("gelu").second(z)) * E + 0.4 * E * E,
        _gelu_bend,
        lambda z, E: elementwise("gelu").prime_terms(z) + 0.4 * E,  # type: ignore[misc]
    ),
    "silu": Envelope(
        lambda z, E: np.minimum(
            np.abs(elementwise("silu").second(z)) * E + 0.2 * E * E, _silu_bend(z, E) * E
        ),
        _silu_bend,
        lambda z, E: _sigmoid(z, E) * (1 + np.abs(z) + E),
        units=17,
    ),
}
