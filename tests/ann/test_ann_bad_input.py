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


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"layers_size": np.ones((2, 2), int)}, "layers_size"),
        ({"layers_size": np.array(3)}, "layers_size"),
        ({"layers_size": [[2], 1]}, "layer sizes"),
        ({"layers_size": [np.ones(2)]}, "layer sizes"),
        ({"dtype": ["float32"]}, "dtype"),
        ({"learning_rate": True}, "learning_rate"),
        ({"learning_rate": 10**400}, "learning_rate"),
        ({"n_iterations": True}, "n_iterations"),
        ({"activation": None}, "activation"),
    ],
)
def test_parameters_of_the_wrong_kind(parameters, words):
    with pytest.raises(InputError, match=words) as refusal:
        ANN(**({"layers_size": [2, 1], "n_iterations": 1} | parameters)).fit(X, y)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([[5], [8, 5], 8, 5, 8, 5], "different lengths"),
        (None, "got None"),
        (np.array([5, 8, np.nan, 8, 5, 8], dtype=object), "NaN"),
        (np.zeros(6, np.int64), "only 0;"),
    ],
)
def test_labels_of_the_wrong_kind(labels, words):
    with pytest.raises(InputError, match=words):
        ANN([1], n_iterations=1).fit(X, labels)


def test_ragged_labels_in_score():
    with pytest.raises(InputError, match="different lengths"):
        ANN([1], n_iterations=1).fit(X, y).score(X, [[5], [8, 5]])


def forward(ANN, outputs=1, n=4):
    ann = ANN([2, outputs], random_state=0)
    columns = np.ascontiguousarray(X.T[:, :n])
    return ann, ann.forward(ann.native(columns), ann.initialize_parameters(3))


@pytest.mark.parametrize(
    ("shape", "outputs", "mend"),
    [
        ((4, 1), 1, r"Y\.T"),
        ((1, 1), 1, "one column"),
        ((2, 4), 1, "one column"),
        ((4,), 1, r"Y\.reshape\(1, -1\)"),
        ((), 1, "one column"),
        ((1, 4), 2, "one column"),
        ((4, 2), 2, r"Y\.T"),
    ],
)
def test_labels_are_never_broadcast(ANN, shape, outputs, mend):
    ann, store = forward(ANN, outputs)
    Y = ann.native(np.ones(shape))
    wanted = rf"Y of shape \({outputs}, 4\), \(n_L, n\)"
    for method in (ann.cost, ann.backward):
        with pytest.raises(InputError, match=f"{wanted}.*mend: .*{mend}"):
            method(store, Y)
    step = ann.stepper(ann.native(np.ascontiguousarray(X.T[:, :4])), Y)
    with pytest.raises(InputError, match=wanted):
        step(ann.named(ann.unnamed({k: v for k, v in store.items() if k[0] in "Wb"})))


def test_labels_as_a_list_and_no_store(ANN):
    ann, store = forward(ANN)
    with pytest.raises(InputError, match="a list"):
        ann.cost(store, [[0.0, 1.0, 0.0, 1.0]])
    with pytest.raises(InputError, match=r"ann\.forward"):
        ann.cost({}, ann.native(np.ones((1, 4))))


def test_parameters_of_forward(ANN):
    ann = ANN([4, 1], random_state=0)
    columns, right = ann.native(np.ascontiguousarray(X.T)), ann.initialize_parameters(3)
    missing = {name: value for name, value in right.items() if name != "b2"}
    for wrong, words in (
        ({}, "got none"),
        (missing, "W1 b1 ... WL bL"),
        (right | {"b1": ann.native(np.zeros(4))}, r"b1\.reshape\(4, 1\)"),
        (right | {"W2": ann.native(np.zeros((1, 3)))}, r"\(n_2, 4\)"),
    ):
        with pytest.raises(InputError, match=words):
            ann.forward(columns, wrong)


def test_dtype_may_be_set_after_fit(ANN):
    ann = ANN([2, 1], n_iterations=2, random_state=0).fit(X, y)
    before = ann.predict_proba(X)
    after = ann.set_params(dtype="float32").predict_proba(X)
    assert after.dtype == np.float64
    assert (after == before).all()
