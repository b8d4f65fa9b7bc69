"""Bad input: one line with what was expected, what came, and the mend."""

from __future__ import annotations

import numpy as np
import pytest

from gradoracle.errors import InputError
from gradoracle_numpy import ANN

X = np.random.default_rng(0).random((6, 3))
y = np.array([5, 8, 5, 8, 5, 8])


def changed(index, value):
    array = X.copy()
    array[index] = value
    return array


@pytest.mark.parametrize(
    ("X", "y", "words"),
    [
        (changed((2, 1), np.nan), y, "finite numbers in X"),
        (changed((2, 1), np.inf), y, "finite numbers in X"),
        (X[:, 0], y, "X.reshape"),
        (X[np.newaxis], y, "matrix"),
        (3.0, y, "matrix"),
        ([[1.0], [1.0, 2.0]], y, "different lengths"),
        (X[:0], y[:0], "at least one example"),
        (X[:, :0], y, "one feature"),
        (X + 1j, y, "numbers in X"),
        (np.full((6, 3), "a"), y, "numbers in X"),
        (X, y[:5], "as many labels"),
        (X.T, y, "as many labels"),
        (X, y[:, np.newaxis], "y.ravel()"),
        (X, np.eye(2)[[0, 1] * 3], "argmax"),
        (X, np.full(6, 8), "only"),
        (X, np.array([5, 8, np.nan, 8, 5, 8]), "NaN"),
        (X, np.array([5, "a", None, 8, 5, 8], dtype=object), "mixture"),
        (X, np.arange(6), "6 classes"),
    ],
)
def test_data(X, y, words):
    with pytest.raises(InputError) as refusal:
        ANN([2, 1], n_iterations=1).fit(X, y)
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"layers_size": []}, "layers_size"),
        ({"layers_size": 196}, "layers_size"),
        ({"layers_size": [2.5, 1]}, "layer sizes"),
        ({"layers_size": [2, 0]}, "layer sizes"),
        ({"layers_size": [2, 3]}, "2 classes"),
        ({"activation": "sigmoidal"}, "activation"),
        ({"learning_rate": 0}, "learning_rate"),
        ({"learning_rate": float("nan")}, "learning_rate"),
        ({"learning_rate": "fast"}, "learning_rate"),
        ({"n_iterations": 0}, "n_iterations"),
        ({"n_iterations": 1.5}, "n_iterations"),
        ({"l2": -1}, "l2"),
        ({"dtype": "float16"}, "dtype"),
        ({"random_state": -1}, "random_state"),
        ({"random_state": "seed"}, "random_state"),
    ],
)
def test_parameters(parameters, words):
    with pytest.raises(InputError) as refusal:
        ANN(**({"layers_size": [2, 1], "n_iterations": 1} | parameters)).fit(X, y)
    assert words in str(refusal.value)


def test_other_features_than_in_fit():
    with pytest.raises(InputError, match="X with 3 features"):
        ANN([1], n_iterations=1).fit(X, y).predict(X[:, :2])


def test_score_needs_a_label_an_example():
    with pytest.raises(InputError, match=r"\(6,\)"):
        ANN([1], n_iterations=1).fit(X, y).score(X, y[:2])


def test_a_cost_that_overflows(ANN):
    with (
        np.errstate(over="ignore", invalid="ignore"),
        pytest.raises(InputError, match="smaller learning_rate"),
    ):
        ANN([4, 1], activation="identity", learning_rate=1e200, random_state=0).fit(X, y)


def test_rows_for_columns_in_forward(ANN):
    ann = ANN([2, 1], random_state=0)
    with pytest.raises(InputError, match=r"X\.T"):
        ann.forward(ann.native(X), ann.initialize_parameters(3))
