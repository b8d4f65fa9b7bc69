"""The activations in TensorFlow: functions of the pre-activation z, one example a row.

Only values stand here; a GradientTape differentiates them. The docstrings say what it takes at
the kinks and where TensorFlow's own function is not good enough (`gradoracle_tf.deviations` has
the ledger). Sources of the definitions: `gradoracle.activations`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import tensorflow as tf

LEAKY_SLOPE = 0.01  # the real number 1/100; TensorFlow rounds it to the dtype of z


def identity(z: tf.Tensor) -> tf.Tensor:
    """z, as a tensor of its own, so that Z and A are two variables on the tape."""
    return tf.identity(z)


def sigmoid(z: tf.Tensor) -> tf.Tensor:
    """1 / (1 + e^-z)."""
    return tf.sigmoid(z)


def tanh(z: tf.Tensor) -> tf.Tensor:
    """(e^z - e^-z) / (e^z + e^-z)."""
    return tf.tanh(z)


def relu(z: tf.Tensor) -> tf.Tensor:
    """max(z, 0), with derivative 0 at z = 0 (tf.maximum takes 1 there)."""
    return tf.nn.relu(z)


def leaky_relu(z: tf.Tensor) -> tf.Tensor:
    """Return z where z > 0, else z / 100, with derivative 1/100 at z = 0.

    tf.nn.leaky_relu keeps its slope (0.2 if none is given) in float32.
    """
    return tf.where(z > 0, z, LEAKY_SLOPE * z)


def softplus(z: tf.Tensor) -> tf.Tensor:
    """log(1 + e^z)."""
    return tf.nn.softplus(z)


def elu(z: tf.Tensor) -> tf.Tensor:
    """Return z where z > 0, else e^z - 1."""
    return tf.nn.elu(z)


def gelu(z: tf.Tensor) -> tf.Tensor:
    """Return z Phi(z), Phi(z) = (1 + erf(z / sqrt 2)) / 2; tf.nn.gelu has sqrt 2 in float32."""
    return z * (0.5 * (1 + tf.math.erf(z * math.sqrt(0.5))))


def silu(z: tf.Tensor) -> tf.Tensor:
    """Return z sigma(z)."""
    return tf.nn.silu(z)


def softmax(z: tf.Tensor) -> tf.Tensor:
    """e^{z_i} / sum_k e^{z_k} along each row, an example."""
    return tf.nn.softmax(z, axis=1)


ACTIVATIONS: dict[str, Callable[[tf.Tensor], tf.Tensor]] = {
    "identity": identity,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu": relu,
    "leaky_relu": leaky_relu,
    "softplus": softplus,
    "elu": elu,
    "gelu": gelu,
    "silu": silu,
    "softmax": softmax,
}
