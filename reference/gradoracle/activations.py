"""The activations: value, derivative and what rounding does to them, side by side.

Every function here takes the **pre-activation** z, elementwise, in any floating dtype, and keeps
that dtype; only the two named ``..._from_a`` take the activation. The derivative at a kink is the
contract's choice: relu'(0) = 0, leaky_relu'(0) = 1/100.

Sources: the formulas follow from the definitions; gelu is the exact form z * Phi(z) of
Hendrycks and Gimpel (2016, arXiv:1606.08415), silu is that paper's z * sigmoid(z), elu is
Clevert, Unterthiner and Hochreiter (2016, arXiv:1511.07289) with alpha = 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gradoracle.arrays import Array

Elementwise = Callable[[Array], Array]

LEAKY_SLOPE = 0.01  # the real number 1/100; each dtype uses its nearest float


def identity(z: Array) -> Array:
    """Z."""
    return z.copy()


def identity_prime(z: Array) -> Array:
    """1."""
    return np.ones_like(z)


def sigmoid(z: Array) -> Array:
    """1 / (1 + e^-z). An e^-z that overflows gives the right 0 (z below -709 or -88)."""
    with np.errstate(over="ignore"):
        a: Array = np.exp(-z)
    a += 1
    np.reciprocal(a, out=a)
    return a


def sigmoid_prime(z: Array) -> Array:
    """sigma(z) (1 - sigma(z)), as e^-|z| / (1 + e^-|z|)^2: no cancellation on either side."""
    e: Array = np.exp(-np.abs(z))
    return e / (1 + e) ** 2


def sigmoid_prime_from_a(a: Array) -> Array:
    """Return a (1 - a), where a = sigma(z) is the activation."""
    return a * (1 - a)


def tanh(z: Array) -> Array:
    """(e^z - e^-z) / (e^z + e^-z)."""
    return np.tanh(z)


def tanh_prime(z: Array) -> Array:
    """1 - tanh(z)^2."""
    return tanh_prime_from_a(np.tanh(z))


def tanh_prime_from_a(a: Array) -> Array:
    """1 - a^2, where a = tanh(z) is the activation."""
    return 1 - a * a


def relu(z: Array) -> Array:
    """max(z, 0)."""
    return np.maximum(z, 0)


def relu_prime(z: Array) -> Array:
    """1 where z > 0, else 0; also 0 at z = 0 and -0."""
    return (z > 0).astype(z.dtype)


def leaky_relu(z: Array) -> Array:
    """Return z where z > 0, else z / 100."""
    return np.where(z > 0, z, LEAKY_SLOPE * z)


def leaky_relu_prime(z: Array) -> Array:
    """1 where z > 0, else 1/100; also 1/100 at z = 0."""
    return np.where(z > 0, z.dtype.type(1), z.dtype.type(LEAKY_SLOPE))


def softplus(z: Array) -> Array:
    """log(1 + e^z), as max(z, 0) + log1p(e^-|z|): finite for every z."""
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def elu(z: Array) -> Array:
    """Return z where z > 0, else e^z - 1."""
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))


def elu_prime(z: Array) -> Array:
    """1 where z > 0, else e^z; 1 at z = 0 from both sides."""
    return np.exp(np.minimum(z, 0))


def gelu(z: Array) -> Array:
    """Return z Phi(z), Phi the standard normal distribution function."""
    return z * _normal_cdf(z)


def gelu_prime(z: Array) -> Array:
    """Phi(z) + z phi(z)."""
    return _normal_cdf(z) + z * _normal_pdf(z)


def silu(z: Array) -> Array:
    """Return z sigma(z)."""
    return z * sigmoid(z)


def silu_prime(z: Array) -> Array:
    """sigma(z) (1 + z (1 - sigma(z))); sigma(-z) stands for 1 - sigma(z)."""
    return sigmoid(z) * (1 + z * sigmoid(-z))


def softmax(z: Array) -> Array:
    """e^{z_i} / sum_k e^{z_k} down each column, shifted by the column's largest z."""
    e: Array = np.exp(z - np.max(z, axis=0, keepdims=True))
    total: Array = np.sum(e, axis=0, keepdims=True)
    return e / total


def softmax_vjp(a: Array, da: Array) -> Array:
    """Return dZ of a softmax layer from its activation a and dA, both (n_l, n).

    dZ_i = a_i (dA_i - sum_k a_k dA_k): the transposed Jacobian diag(a) - a a^T times dA, column
    by column, without forming it.
    """
    mean: Array = np.sum(a * da, axis=0, keepdims=True)
    return a * (da - mean)


@dataclass(frozen=True)
class Activation:
    """One row of the table; every field is an elementwise function of z.

    Attributes
    ----------
    value, prime, second
        g, g' and g'' (the last one carries an error of z into g').
    terms, prime_terms
        The sum of the magnitudes of the terms of the textbook form of g and of g': what the
        rounding error of any good evaluation is proportional to. None where g is exact.
    kink
        Whether g' jumps at z = 0.
    bend
        Whether g'' does: a finite difference must not step across either.
    """

    value: Elementwise
    prime: Elementwise
    second: Elementwise
    terms: Elementwise | None
    prime_terms: Elementwise | None
    kink: bool = False
    bend: bool = False


def _zero(z: Array) -> Array:
    return np.zeros_like(z)


_erfc = np.frompyfunc(math.erfc, 1, 1)  # importing SciPy's takes as long as judging the corpus


def _normal_cdf(z: Array) -> Array:
    below = np.asarray(_erfc(z * -math.sqrt(0.5)), dtype=z.dtype)
    return 0.5 * below


def _normal_pdf(z: Array) -> Array:
    return math.sqrt(0.5 / math.pi) * np.exp(-0.5 * z * z)


def _below_zero(z: Array, value: Array) -> Array:
    return np.where(z > 0, 0, value)


ACTIVATIONS: dict[str, Activation | None] = {
    "identity": Activation(identity, identity_prime, _zero, None, None),
    "sigmoid": Activation(
        sigmoid,
        sigmoid_prime,
        lambda z: sigmoid_prime(z) * (1 - 2 * sigmoid(z)),
        sigmoid,
        sigmoid,
    ),
    "tanh": Activation(
        tanh,
        tanh_prime,
        lambda z: -2 * tanh(z) * tanh_prime(z),
        lambda z: np.abs(tanh(z)),
        lambda z: 1 + tanh(z) ** 2,
    ),
    "relu": Activation(relu, relu_prime, _zero, None, None, kink=True),
    "leaky_relu": Activation(
        leaky_relu,
        leaky_relu_prime,
        _zero,
        lambda z: _below_zero(z, -LEAKY_SLOPE * z),
        lambda z: _below_zero(z, np.full_like(z, LEAKY_SLOPE)),
        kink=True,
    ),
    "softplus": Activation(
        softplus,
        sigmoid,
        sigmoid_prime,
        softplus,
        lambda z: sigmoid(z) * (1 + np.abs(z)),
    ),
    "elu": Activation(
        elu,
        elu_prime,
        lambda z: _below_zero(z, elu_prime(z)),
        lambda z: _below_zero(z, elu_prime(z) + 1),
        np.ones_like,
        bend=True,
    ),
    "gelu": Activation(
        gelu,
        gelu_prime,
        lambda z: _normal_pdf(z) * (2 - z * z),
        np.abs,
        lambda z: 1 + np.abs(z) * _normal_pdf(z),
    ),
    "silu": Activation(
        silu,
        silu_prime,
        lambda z: sigmoid_prime(z) * (2 + z * (1 - 2 * sigmoid(z))),
        lambda z: np.abs(z) * sigmoid(z),
        lambda z: sigmoid(z) * (1 + np.abs(z)),
    ),
    "softmax": None,  # couples the units of a layer: softmax and softmax_vjp above
}


def elementwise(name: str) -> Activation:
    """Return the row of an elementwise activation.

    Raises
    ------
    ValueError
        For ``softmax``, which is no function of one z.
    """
    row = ACTIVATIONS[name]
    if row is None:
        raise ValueError(f"{name} couples the units of a layer and has no elementwise derivative")
    return row


def activate(name: str, z: Array) -> Array:
    """Return g(z) for any activation; softmax goes down each column."""
    return softmax(z) if name == "softmax" else elementwise(name).value(z)


def pull_back(name: str, z: Array, a: Array, da: Array) -> Array:
    """Return dZ of a layer from dA, both (n_l, n): dA times g'(z), or softmax's Jacobian."""
    return softmax_vjp(a, da) if name == "softmax" else da * elementwise(name).prime(z)
