"""The losses: terms, derivative, and the fused derivative, side by side.

The terms of a loss have shape (n_L, n); J is their sum over N plus the L2 term. `cotangent` is the
derivative of the *sum* of the terms with respect to A^[L] (nothing averaged); for the two
cross-entropies J is a function of the logits Z^[L], and `cotangent` is the derivative of the
probability form with A^[L] as an independent variable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gradoracle.activations import softplus
from gradoracle.arrays import Array, unit_roundoff


def squared_error(z: Array, a: Array, y: Array) -> Array:
    """(a - y)^2."""
    return (a - y) ** 2


def half_squared_error(z: Array, a: Array, y: Array) -> Array:
    """(a - y)^2 / 2."""
    return 0.5 * (a - y) ** 2


def linear(z: Array, a: Array, c: Array) -> Array:
    """Return c a, with the cotangent c of the case in the place of the labels."""
    return c * a


def binary_cross_entropy(z: Array, a: Array, y: Array) -> Array:
    """-y log sigma(z) - (1 - y) log(1 - sigma(z)), as y softplus(-z) + (1 - y) softplus(z)."""
    return y * softplus(-z) + (1 - y) * softplus(z)


def cross_entropy(z: Array, a: Array, y: Array) -> Array:
    """-y_i log softmax(z)_i, as y_i (logsumexp(z) - z_i)."""
    shifted: Array = z - np.max(z, axis=0, keepdims=True)
    logsumexp: Array = np.log(np.sum(np.exp(shifted), axis=0, keepdims=True))
    return y * (logsumexp - shifted)


@dataclass(frozen=True)
class Loss:
    """One row of the table.

    Attributes
    ----------
    terms : callable (z, a, y) -> (n_L, n)
    cotangent : callable (a, y) -> (n_L, n)
        Derivative of the sum of the terms with respect to a; nothing averaged.
    curvature : float
        Derivative of the cotangent with respect to a, for the losses that are functions of a.
    output : str or None
        The output activation the loss is fused with: then dZ^[L] is (a - y) / N.
    """

    terms: Callable[[Array, Array, Array], Array]
    cotangent: Callable[[Array, Array], Array]
    curvature: float = 0.0
    output: str | None = None


LOSSES: dict[str, Loss] = {
    "squared_error": Loss(squared_error, lambda a, y: 2 * (a - y), 2.0),
    "half_squared_error": Loss(half_squared_error, lambda a, y: a - y, 1.0),
    "linear": Loss(linear, lambda a, c: c.copy()),
    "binary_cross_entropy": Loss(
        binary_cross_entropy, lambda a, y: -y / a + (1 - y) / (1 - a), output="sigmoid"
    ),
    "cross_entropy": Loss(cross_entropy, lambda a, y: -y / a, output="softmax"),
}


def probability_form_resolves(loss: str, a: Array) -> bool:
    """Tell whether dA^[L] of a cross-entropy can be computed from the activation at all.

    It is left out of a trace where an entry of a is below the smallest normal number, or where
    1 - a is lost in the rounding of a (8 units: what a good sigmoid may be off by). Always true
    for the other losses.

    Parameters
    ----------
    loss : str
        A name of `LOSSES`.
    a : numpy.ndarray
        A^[L], shape (n_L, n), in the dtype that is used.
    """
    if LOSSES[loss].output is None:
        return True
    visible = bool(np.all(a >= np.finfo(a.dtype).tiny))
    if loss == "binary_cross_entropy":
        visible = visible and bool(np.all(1 - a > 8 * unit_roundoff(a.dtype)))
    return visible
