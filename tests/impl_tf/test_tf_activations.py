"""Every activation and what a GradientTape makes of it, against ball arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from elementwise_truth import (
    DEFINITIONS,
    LOGITS,
    activation_allowances,
    activation_truth,
    grid,
    shares,
    softmax_allowance,
    softmax_truth,
)

from gradoracle.activations import ACTIVATIONS as CORE
from gradoracle.arrays import DTYPES, unit_roundoff
from gradoracle_tf.activations import ACTIVATIONS

pytestmark = pytest.mark.parametrize("dtype", DTYPES)


def value_and_derivative(name: str, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    variable = tf.constant(z)
    with tf.GradientTape() as tape:
        tape.watch(variable)
        a = ACTIVATIONS[name](variable)
    return a.numpy(), tape.gradient(a, variable).numpy()


def test_all_ten_are_there(dtype):
    assert list(ACTIVATIONS) == list(CORE)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_value_and_derivative_are_as_good_as_the_table(name, dtype):
    value, derivative = value_and_derivative(name, grid(dtype))
    assert value.dtype == derivative.dtype == DTYPES[dtype]
    true_value, true_derivative = activation_truth(name, dtype)
    allowed_value, allowed_derivative = activation_allowances(name, dtype)
    assert shares(value, true_value, allowed_value).max() <= 1
    assert shares(derivative, true_derivative, allowed_derivative).max() <= 1


@pytest.mark.parametrize("zero", [0.0, -0.0])
@pytest.mark.parametrize(("name", "slope"), [("relu", 0.0), ("leaky_relu", 0.01), ("elu", 1.0)])
def test_derivative_at_the_kink(name, slope, zero, dtype):
    _, derivative = value_and_derivative(name, np.array([zero], DTYPES[dtype]))
    assert derivative[0] == DTYPES[dtype].type(slope)


@pytest.mark.parametrize("logits", LOGITS)
def test_softmax_and_its_jacobian(logits, dtype):
    z = np.array([logits], DTYPES[dtype])  # one example, a row
    value, jacobian = softmax_truth(z[0])
    allowed = softmax_allowance(z[0], unit_roundoff(DTYPES[dtype])) + np.finfo(z.dtype).tiny
    variable = tf.constant(z)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(variable)
        a = ACTIVATIONS["softmax"](variable)
        units = tf.unstack(a[0])
    assert shares(a.numpy(), value, allowed).max() <= 1
    for i, row in enumerate(jacobian):
        slopes = tape.gradient(units[i], variable)
        # a_i (delta_ij - a_j): each factor with its own error
        p = a[0].numpy().astype(np.float64)
        both = allowed[i] * ((np.arange(3) == i) + p) + p[i] * allowed
        assert shares(slopes.numpy(), row, both + np.finfo(z.dtype).tiny).max() <= 1


def test_a_poor_function_is_caught(dtype):
    """The comparison itself: a sign, a factor 1.001 and a NaN must not pass."""
    value, _ = value_and_derivative("gelu", grid(dtype))
    true, _ = activation_truth("gelu", dtype)
    allowed, _ = activation_allowances("gelu", dtype)
    for wrong in (-value, 1.001 * value, np.where(value == value.max(), np.nan, value)):
        assert not shares(wrong, true, allowed).max() <= 1
