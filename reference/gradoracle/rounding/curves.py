"""The activations and their derivatives as a model of rounding sees them.

The spreads are derived from the growth of each derivative: where |(log f')'| <= c, f' grows at
most by e^{cE} over a step of E, so f moves by at most |f'| (e^{cE} - 1) / c.

======== =============================================================================
sigmoid  (log s')' = 1 - 2 s, c = 1: s moves by s' (e^E - 1), and so does s' itself
tanh     (log t')' = -2 t, c = 2: t moves by t' (e^{2E} - 1) / 2, t' by t' (e^{2E} - 1)
softplus its derivative is s, (log s)' = 1 - s, c = 1
elu      its derivative is e^z below 0 and 1 above: at most min(1, e^{z+E}) within a step
others   Taylor: |f'| E + c E^2 / 2 with c the most of |f''|: gelu 0.8, silu 0.5,
         and for their derivatives gelu 0.8, silu 0.4
======== =============================================================================
"""

from __future__ import annotations

import numpy as np

from gradoracle.activations import elementwise
from gradoracle.arrays import Array
from gradoracle.rounding.quantity import Curve, Spread


def _one_to_one(z: Array, E: Array) -> Array:  # noqa: ARG001 - all spreads take (z, E)
    return E


def _relu(z: Array, E: Array) -> Array:
    return np.where(z < -E, 0.0, E)


def _elu(z: Array, E: Array) -> Array:
    return E * np.exp(np.minimum(z + E, 0.0))


def _elu_prime(z: Array, E: Array) -> Array:
    return np.where(z > E, 0.0, _elu(z, E))


def _still(z: Array, E: Array) -> Array:  # noqa: ARG001 - as above
    return np.zeros_like(E)


def _sech_squared(z: Array) -> Array:
    """tanh', without the cancellation of 1 - tanh^2: a large E makes much of a small slope."""
    e: Array = np.exp(-2 * np.abs(z))
    return 4 * e / (1 + e) ** 2


def value_curve(name: str) -> Curve:
    """Return g of an elementwise activation as a `Curve`."""
    g = elementwise(name)
    prime = g.prime
    spreads: dict[str, Spread] = {
        "identity": _one_to_one,
        "sigmoid": lambda z, E: prime(z) * np.expm1(E),
        "tanh": lambda z, E: _sech_squared(z) * np.expm1(2 * E) / 2,
        "relu": _relu,
        "leaky_relu": _one_to_one,
        "softplus": lambda z, E: prime(z) * np.expm1(E),
        "elu": _elu,
        "gelu": lambda z, E: np.abs(prime(z)) * E + 0.4 * E * E,
        "silu": lambda z, E: np.abs(prime(z)) * E + 0.25 * E * E,
    }
    return Curve(g.value, prime, spreads[name], g.terms)


def prime_curve(name: str) -> Curve:
    """Return g' of an elementwise activation as a `Curve`; the jump at a kink is left out."""
    g = elementwise(name)
    prime, second = g.prime, g.second
    spreads: dict[str, Spread] = {
        "identity": _still,
        "sigmoid": lambda z, E: prime(z) * np.expm1(E),
        "tanh": lambda z, E: _sech_squared(z) * np.expm1(2 * E),
        "relu": _still,
        "leaky_relu": _still,
        "softplus": lambda z, E: second(z) * np.expm1(E),
        "elu": _elu_prime,
        "gelu": lambda z, E: np.abs(second(z)) * E + 0.4 * E * E,
        "silu": lambda z, E: np.abs(second(z)) * E + 0.2 * E * E,
    }
    return Curve(prime, second, spreads[name], g.prime_terms)
