"""It learns: costs fall, classes are told apart, whatever the network."""

from __future__ import annotations

import numpy as np
import pytest

from gradoracle.activations import ACTIVATIONS


def test_the_cost_falls_at_every_iteration(ANN, digits):
    X, y, *_ = digits
    costs = ANN([16, 1], n_iterations=100, random_state=0).fit(X, y).costs_
    assert (np.diff(costs) < 0).all()


def test_handwritten_digits(ANN, digits, dtype):
    X, y, X_test, y_test = digits
    ann = ANN([16, 1], learning_rate=1.0, n_iterations=150, dtype=dtype, random_state=0)
    ann.fit(X, y)
    assert ann.score(X, y) >= 0.98
    assert ann.score(X_test, y_test) >= 0.95


def test_three_classes_by_softmax(ANN, clouds):
    X, y = clouds
    assert (
        ANN([8, 3], learning_rate=0.5, n_iterations=100, random_state=0).fit(X, y).score(X, y)
        > 0.95
    )


def test_two_classes_by_softmax(ANN, digits):
    X, y, *_ = digits
    assert (
        ANN([8, 2], learning_rate=1.0, n_iterations=60, random_state=0).fit(X, y).score(X, y) > 0.95
    )


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_every_hidden_activation(ANN, clouds, activation):
    X, y = clouds
    ann = ANN([9, 8, 3], activation=activation, n_iterations=40, random_state=0).fit(X, y)
    assert ann.costs_[-1] < ann.costs_[0]


def test_l2_keeps_the_weights_small(ANN, clouds):
    X, y = clouds
    free, held = (
        ANN([8, 3], learning_rate=0.5, l2=l2, n_iterations=100, random_state=0).fit(X, y)
        for l2 in (0.0, 0.1)
    )
    size = [sum((W**2).sum() for W in ann.parameters_.W.values()) for ann in (free, held)]
    assert size[1] < size[0] / 2
