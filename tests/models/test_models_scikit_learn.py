"""scikit-learn's MLPs as candidates, and the private method their gradients come from."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest
from model_verdicts import only_result
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gradoracle.candidate.models import session_of
from gradoracle.errors import InputError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(30, 6))
TARGETS = {
    "two classes": RNG.integers(0, 2, 30),
    "words": np.array(["red", "green", "blue"])[RNG.integers(0, 3, 30)],
    "several labels": RNG.integers(0, 2, (30, 3)),
}


def fitted(kind, y, dtype="float64", **settings):
    model = kind(hidden_layer_sizes=(5, 4), max_iter=3, alpha=0.3, random_state=0, **settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that three steps do not converge
        return model.fit(X.astype(dtype), y)


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("target", TARGETS)
def test_classifiers_pass(target, activation, dtype):
    model = fitted(MLPClassifier, TARGETS[target], dtype, activation=activation)
    for batch in ({}, {"X": X, "Y": TARGETS[target]}):
        session = session_of(model, **batch)
        (case,) = session.about.cases
        assert case.network.l2 == float(case.dtype.type(0.3)) / case.n
        result = only_result(session)
        assert result.outcome == "passed", list(result.findings())
        assert {"A1", "dZ1", "dW3", "db1"} <= {t.name for t in result.tensors}


def test_labels_are_encoded_as_fit_does():
    model = fitted(MLPClassifier, TARGETS["words"])
    (case,) = session_of(model, X=X, Y=TARGETS["words"]).about.cases
    assert (model.classes_[case.Y.argmax(axis=0)] == TARGETS["words"]).all()
    with pytest.raises(InputError, match="blue, green, red"):
        session_of(model, X=X[:1], Y=["yellow"])


def test_a_regressor_of_one_output_passes():
    assert only_result(session_of(fitted(MLPRegressor, X[:, 0]))).outcome == "passed"


@pytest.mark.parametrize("outputs", [2, 3])
def test_the_factor_of_a_regressor_of_several_outputs_is_found_and_named(outputs):
    model = fitted(MLPRegressor, X[:, :outputs])
    model.alpha = 0.0
    session = session_of(model)
    assert f"{outputs} times that of its loss" in session.about.notes[-1]
    result = only_result(session)
    assert result.first_wrong.name == "dW3"
    assert result.first_wrong.got / result.first_wrong.expected == pytest.approx(outputs)


def test_a_wrong_gradient_is_found():
    class Broken(MLPClassifier):
        pass

    model = fitted(MLPClassifier, TARGETS["two classes"])
    right = model._compute_loss_grad

    def without_n(layer, n, activations, deltas, coef_grads, intercept_grads):
        right(layer, 1 if layer == 1 else n, activations, deltas, coef_grads, intercept_grads)

    model._compute_loss_grad = without_n
    result = only_result(session_of(model))
    assert (result.first_wrong.name, result.also_wrong) == ("dW2", ("db2",))
    with pytest.raises(InputError, match="Broken"):
        session_of(fitted(Broken, TARGETS["two classes"]))


def test_the_model_comes_out_unchanged():
    model = fitted(MLPClassifier, TARGETS["words"])
    before = [array.copy() for array in (*model.coefs_, *model.intercepts_)]
    only_result(session_of(model))
    assert all(map(np.array_equal, before, (*model.coefs_, *model.intercepts_)))


def test_the_private_method_is_seen_to_move(monkeypatch):
    model = fitted(MLPClassifier, TARGETS["words"])
    monkeypatch.setattr(MLPClassifier, "_backprop", lambda self, X, y, workspace: None)
    with pytest.raises(InputError, match=re.escape("_backprop(X, y, workspace)")):
        session_of(model)
    monkeypatch.setattr(MLPClassifier, "_backprop", None)
    with pytest.raises(InputError, match="no _backprop"):
        session_of(model)


def test_refusals():
    with pytest.raises(InputError, match="untrained"):
        session_of(MLPClassifier())
    with pytest.raises(InputError, match="poisson"):
        session_of(fitted(MLPRegressor, np.abs(X[:, 0]), loss="poisson"))
    with pytest.raises(InputError, match="LogisticRegression"):
        session_of(LogisticRegression())
    with pytest.raises(InputError, match="pipeline"):
        session_of(make_pipeline(StandardScaler(), MLPClassifier()))
    model = fitted(MLPClassifier, TARGETS["words"])
    for setting in ({"device": "cpu"}, {"compiled": True}, {"autocast": True}):
        with pytest.raises(InputError, match=next(iter(setting))):
            session_of(model, **setting)
    with pytest.raises(InputError, match="leave the loss out"):
        session_of(model, loss="log_loss")
