"""The losses in TensorFlow: the sum over examples and outputs, shape (); J divides it by N.

z, a and y have shape (n, n_L). A cross-entropy is a function of the logits z, output activation
included; its probability form, a function of a, is there for dA^[L] alone. Only values stand
here; a GradientTape differentiates them.
"""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from gradoracle_tf.activations import softplus

Loss = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


def squared_error(a: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """Sum of (a - y)^2; Keras' MeanSquaredError would be the mean over n * n_L."""
    return tf.reduce_sum(tf.math.squared_difference(a, y))


def half_squared_error(a: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """Sum of (a - y)^2 / 2."""
    return squared_error(a, y) / 2


def linear(a: tf.Tensor, c: tf.Tensor) -> tf.Tensor:
    """Sum of c a, with the cotangent c of the case in the place of the labels."""
    return tf.reduce_sum(c * a)


def binary_cross_entropy(z: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """Sum of -y log sigma(z) - (1 - y) log(1 - sigma(z)), as y softplus(-z) + (1 - y) softplus(z).

    tf.nn.sigmoid_cross_entropy_with_logits has as good a gradient, but with soft labels its value
    is a difference of numbers of the size of z (see `gradoracle_tf.deviations`).
    """
    return tf.reduce_sum(y * softplus(-z) + (1 - y) * softplus(z))


def cross_entropy(z: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """Sum of -y_i log softmax(z)_i; its gradient takes it that every row of y sums to 1."""
    return tf.reduce_sum(tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=z))


def binary_cross_entropy_of_a(a: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """Sum of -y log a - (1 - y) log(1 - a); Keras' own clips a to [1e-7, 1 - 1e-7]."""
    return -tf.reduce_sum(y * tf.math.log(a) + (1 - y) * tf.math.log(1 - a))


def cross_entropy_of_a(a: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """Sum of -y_i log a_i, every a_i a variable of its own."""
    return -tf.reduce_sum(y * tf.math.log(a))


LOSSES_OF_A: dict[str, Loss] = {
    "squared_error": squared_error,
    "half_squared_error": half_squared_error,
    "linear": linear,
}

LOSSES_OF_Z: dict[str, Loss] = {
    "binary_cross_entropy": binary_cross_entropy,
    "cross_entropy": cross_entropy,
}

PROBABILITY_FORMS: dict[str, Loss] = {
    "binary_cross_entropy": binary_cross_entropy_of_a,
    "cross_entropy": cross_entropy_of_a,
}
