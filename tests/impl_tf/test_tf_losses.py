"""Every loss and what a GradientTape makes of it, against ball arithmetic."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import tensorflow as tf
from elementwise_truth import (
    BINARY_LABELS,
    LOGITS,
    SOFT_LABELS,
    binary_cross_entropy_allowances,
    binary_cross_entropy_truth,
    cross_entropy_truth,
    grid,
    shares,
    softmax_allowance,
)

from gradoracle.arrays import DTYPES, unit_roundoff
from gradoracle.losses import LOSSES as CORE
from gradoracle_tf.losses import LOSSES_OF_A, LOSSES_OF_Z, PROBABILITY_FORMS

pytestmark = pytest.mark.parametrize("dtype", DTYPES)


def value_and_derivative(loss, at: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    variable = tf.constant(at)
    with tf.GradientTape() as tape:
        tape.watch(variable)
        total = loss(variable, tf.constant(y))
    assert total.shape == ()
    return total.numpy(), tape.gradient(total, variable).numpy()


def test_all_five_are_there(dtype):
    assert sorted([*LOSSES_OF_A, *LOSSES_OF_Z]) == sorted(CORE)
    assert list(PROBABILITY_FORMS) == list(LOSSES_OF_Z)


@pytest.mark.parametrize("y", BINARY_LABELS)
def test_binary_cross_entropy(y, dtype):
    loss, z = LOSSES_OF_Z["binary_cross_entropy"], grid(dtype)
    label = np.array([[y]], z.dtype)
    true_value, true_slope = binary_cross_entropy_truth(y, dtype)
    allowed_value, allowed_slope = binary_cross_entropy_allowances(y, dtype)
    _, slope = value_and_derivative(loss, z.reshape(-1, 1), np.full((z.size, 1), label))
    assert shares(slope, true_slope, allowed_slope).max() <= 1
    some = [*range(0, z.size, 9), *range(z.size - 4, z.size)]  # one by one: the loss is a sum
    values = [value_and_derivative(loss, z[[[i]]], label)[0] for i in some]
    true = [true_value[i] for i in some]
    assert shares(np.array(values), true, allowed_value[some]).max() <= 1


@pytest.mark.parametrize(("logits", "labels"), [*zip(LOGITS, SOFT_LABELS, strict=True)])
def test_cross_entropy(logits, labels, dtype):
    z, y = np.array([logits], DTYPES[dtype]), np.array([labels], DTYPES[dtype])
    u = unit_roundoff(DTYPES[dtype])
    value, slopes = value_and_derivative(LOSSES_OF_Z["cross_entropy"], z, y)
    true_value, true_slopes = cross_entropy_truth(z[0], y[0])
    # the terms y_i (log sum + max z - z_i), each with the log of a sum of 3 exponentials
    allowed = u * 8 * (y * (np.abs(z.max() - z) + np.log(3) + 1)).sum()
    assert shares(value, [true_value], allowed).max() <= 1
    allowed = softmax_allowance(z[0], u) + 2 * u * y[0] + np.finfo(z.dtype).tiny
    assert shares(slopes, true_slopes, allowed).max() <= 1


@pytest.mark.parametrize("loss", PROBABILITY_FORMS)
def test_derivative_of_the_probability_form(loss, dtype):
    u = unit_roundoff(DTYPES[dtype])
    a = np.array([[0.5, 1e-30, 0.3, 1 - 64 * u, 0.125]], DTYPES[dtype])
    y = np.array([[0.25, 1.0, 0.0, 0.125, 0.5]], DTYPES[dtype])
    _, slopes = value_and_derivative(PROBABILITY_FORMS[loss], a, y)
    for got, p, label in zip(slopes[0], a[0], y[0], strict=True):
        p, label = Fraction(float(p)), Fraction(float(label))
        terms = [-label / p]
        if loss == "binary_cross_entropy":
            terms.append((1 - label) / (1 - p))
        # two roundings a term (1 - a, the quotient) and one for the sum
        assert abs(Fraction(float(got)) - sum(terms)) <= 4 * u * sum(map(abs, terms))


@pytest.mark.parametrize(
    ("loss", "value", "slope"),
    [
        ("squared_error", lambda a, y: (a - y) ** 2, lambda a, y: 2 * (a - y)),
        ("half_squared_error", lambda a, y: (a - y) ** 2 / 2, lambda a, y: a - y),
        ("linear", lambda a, c: c * a, lambda a, c: c + 0 * a),
    ],
)
def test_losses_of_the_activation_are_exact_on_small_integers(loss, value, slope, dtype):
    a = np.array([[1.0, -2.0], [3.0, 0.5], [0.0, 4.0]], DTYPES[dtype])
    y = np.array([[2.0, -5.0], [1.5, 1.0], [8.0, -3.0]], DTYPES[dtype])
    total, slopes = value_and_derivative(LOSSES_OF_A[loss], a, y)
    assert total == value(a, y).sum()
    np.testing.assert_array_equal(slopes, slope(a, y))
