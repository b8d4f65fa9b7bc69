"""The ledger: where TensorFlow's own function is not used, because it gives another number.

Each row can measure itself, so a test sees a change upstream. Sizes were measured with TensorFlow
2.21.0 on an x86-64 CPU, in float64.
"""

from __future__ import annotations

import math

import tensorflow as tf

from gradoracle.deviation import Deviation


def _double(value: float) -> tf.Tensor:
    return tf.constant(value, tf.float64)


def _gelu_error() -> float:
    z = math.sqrt(2)
    return abs(float(tf.nn.gelu(_double(z), approximate=False)) - z * (1 + math.erf(1.0)) / 2)


def _slope_error() -> float:
    return abs(float(tf.nn.leaky_relu(_double(-1.0), alpha=0.01)) / -0.01 - 1)


def _soft_label_error() -> float:
    z, off = 33.7, 2.0**-20
    value = float(
        tf.nn.sigmoid_cross_entropy_with_logits(labels=_double(1 - off), logits=_double(z))
    )
    return abs(value / (off * z + math.log1p(math.exp(-z))) - 1)


def _derivative_of_maximum() -> float:
    z = _double(0.0)
    with tf.GradientTape() as tape:
        tape.watch(z)
        a = tf.maximum(z, _double(0.0))
    return float(tape.gradient(a, z))


LEDGER: tuple[Deviation, ...] = (
    Deviation(
        name="tf.nn.gelu",
        does="passes 1/sqrt 2 through float32, also for float64: absolute error at z = sqrt 2",
        size=5.02e-9,
        instead="z (1 + erf(z / sqrt 2)) / 2 with the constant in the dtype of z",
        measure=_gelu_error,
    ),
    Deviation(
        name="tf.nn.leaky_relu without alpha",
        does="has slope 0.2 for z < 0, where the contract has 1/100",
        size=0.2,
        instead="tf.where(z > 0, z, 0.01 z)",
        measure=lambda: -float(tf.nn.leaky_relu(_double(-1.0))),
    ),
    Deviation(
        name="tf.nn.leaky_relu with alpha",
        does="keeps alpha in float32, also for float64: relative error of the slope 0.01",
        size=2.24e-8,
        instead="tf.where(z > 0, z, 0.01 z)",
        measure=_slope_error,
    ),
    Deviation(
        name="tf.nn.sigmoid_cross_entropy_with_logits",
        does="is max(z, 0) - z y + log1p(e^-|z|), which cancels for z > 0 and soft labels near 1: "
        "relative error of the value at z = 33.7, y = 1 - 2^-20 (its gradient is good)",
        size=8.84e-11,
        instead="y softplus(-z) + (1 - y) softplus(z)",
        measure=_soft_label_error,
    ),
    Deviation(
        name="tf.maximum",
        does="takes the right-hand derivative of max(z, 0) at z = 0, where the contract has 0",
        size=1.0,
        instead="tf.nn.relu",
        measure=_derivative_of_maximum,
    ),
    Deviation(
        name="subnormal numbers",
        does="are flushed to zero by every operation: relative error of 1e-310 * 1",
        size=1.0,
        instead="the same; results may be off by the smallest normal number",
        measure=lambda: abs(float(_double(1e-310) * _double(1.0)) / 1e-310 - 1),
    ),
)
