"""The class behaves as a scikit-learn user expects; scikit-learn itself is the user."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted

from gradoracle import Parameters
from gradoracle.errors import InputError
from gradoracle.estimator import NotFitted
from gradoracle_numpy import ann as numpy_ann


def test_the_constructor_stores_and_nothing_else(ANN):
    sizes = [4, 1]
    ann = ANN(sizes, learning_rate=-1, dtype="float16")  # nonsense is refused by fit
    assert ann.layers_size is sizes
    assert vars(ann).keys() == ann.get_params().keys()


def test_clone_copies_the_parameters_and_no_fit(ANN, clouds):
    X, y = clouds
    ann = ANN([4, 3], n_iterations=2, random_state=1).fit(X, y)
    copy = clone(ann)
    assert copy.get_params() == ann.get_params()
    assert not hasattr(copy, "parameters_")


def test_set_params_returns_self_and_refuses_unknown_names(ANN):
    ann = ANN([1])
    assert ann.set_params(l2=0.5) is ann
    assert ann.l2 == 0.5
    with pytest.raises(InputError, match="alpha"):
        ann.set_params(alpha=1)


def test_repr_is_the_call_that_makes_it(ANN):
    ann = ANN([196, 1], l2=0.5)
    assert repr(ann) == "ANN(layers_size=[196, 1], l2=0.5)"


def test_fit_returns_self_with_the_usual_attributes(ANN, digits):
    X, y, *_ = digits
    ann = ANN([4, 1], n_iterations=3, random_state=0)
    assert ann.fit(X, y) is ann
    check_is_fitted(ann)
    assert is_classifier(ann)
    assert ann.classes_.tolist() == [5, 8]
    assert ann.n_features_in_ == 64
    assert isinstance(ann.parameters_, Parameters)
    assert ann.parameters_.sizes == (64, 4, 1)
    assert len(ann.costs_) == 3
    assert all(type(J) is float for J in ann.costs_)


def test_labels_may_be_strings(ANN, digits):
    X, y, X_test, y_test = digits
    names = np.array(["five", "eight"])
    ann = ANN([8, 1], learning_rate=1.0, n_iterations=60, random_state=0)
    ann.fit(X, names[(y == 8).astype(int)])
    assert ann.classes_.tolist() == ["eight", "five"]
    assert set(ann.predict(X_test)) == {"eight", "five"}
    assert ann.score(X_test, names[(y_test == 8).astype(int)]) > 0.9


def test_probabilities_are_of_the_classes_in_their_order(ANN, digits, clouds):
    X, y, X_test, _ = digits
    ann = ANN([4, 1], learning_rate=1.0, n_iterations=20, random_state=0).fit(X, y)
    p = ann.predict_proba(X_test)
    assert p.shape == (len(X_test), 2)
    assert (ann.predict(X_test) == np.where(p[:, 1] > p[:, 0], 8, 5)).all()
    X, y = clouds
    p = ANN([4, 3], n_iterations=2, random_state=0).fit(X, y).predict_proba(X)
    assert p.shape == (60, 3)
    # three roundings of a sum of three terms near 1
    assert np.abs(p.sum(axis=1) - 1).max() <= 3 * np.finfo(np.float64).eps


def test_random_state_repeats_a_fit(ANN, digits):
    X, y, *_ = digits
    one, two, other = (
        ANN([4, 1], n_iterations=3, random_state=seed).fit(X, y) for seed in (7, 7, 8)
    )
    assert one.costs_ == two.costs_
    assert one.costs_ != other.costs_


def test_fit_leaves_data_alone_and_forgets_the_last_fit(ANN, clouds):
    X, y = clouds
    X_before = X.copy()
    ann = ANN([4, 3], n_iterations=4, random_state=0).fit(X, y)
    assert (X_before == X).all()
    first = ann.costs_
    assert ann.fit(X, y).costs_ == first


def test_a_fit_that_fails_leaves_the_last_one(clouds):
    X, y = clouds
    ann = numpy_ann.ANN([4, 3], n_iterations=4, random_state=0).fit(X, y)
    before = ann.costs_
    with pytest.raises(InputError):
        ann.fit(X, np.zeros(60))
    assert ann.costs_ is before


def test_lists_integers_and_float32(ANN):
    ann = ANN([1], learning_rate=1.0, n_iterations=50, dtype="float32", random_state=0)
    ann.fit([[0, 0], [0, 1], [1, 0], [3, 3]], ["a", "a", "a", "b"])
    assert ann.parameters_.dtype == np.float32
    assert ann.predict_proba([[0, 0]]).dtype == np.float32
    assert ann.predict([[3, 3], [0, 0]]).tolist() == ["b", "a"]


def test_cross_validation_pipeline_and_grid_search(ANN, digits):
    X, y, *_ = digits
    ann = ANN([4, 1], learning_rate=1.0, n_iterations=20, random_state=0)
    assert cross_val_score(ann, X, y, cv=3).min() > 0.8
    piped = make_pipeline(StandardScaler(), ann).fit(X, y)
    assert piped.score(X, y) > 0.9
    search = GridSearchCV(ann, {"learning_rate": [0.001, 1.0]}, cv=2).fit(X, y)
    assert search.best_params_ == {"learning_rate": 1.0}


def test_it_can_be_pickled(ANN, clouds):
    X, y = clouds
    ann = ANN([4, 3], n_iterations=2, random_state=0).fit(X, y)
    again = pickle.loads(pickle.dumps(ann))  # noqa: S301 (our own)
    assert (again.predict(X) == ann.predict(X)).all()


@pytest.mark.parametrize("method", ["predict", "predict_proba", "plot_cost"])
def test_before_fit(ANN, method, clouds):
    arguments = () if method == "plot_cost" else (clouds[0],)
    with pytest.raises(NotFitted, match=r"call fit\(X, y\) first"):
        getattr(ANN([1]), method)(*arguments)
    assert issubclass(NotFitted, NotFittedError.__bases__)  # whoever catches those


def test_plot_cost_draws_into_axes(ANN, clouds):
    from matplotlib.figure import Figure

    X, y = clouds
    ann = ANN([4, 3], n_iterations=5, random_state=0).fit(X, y)
    ax = Figure().add_subplot()
    assert ann.plot_cost(ax) is ax
    assert ax.lines[0].get_ydata().tolist() == ann.costs_
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("iteration", "cost J")


def test_plot_cost_makes_its_own_axes(clouds, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    import matplotlib.pyplot as plt

    plt.switch_backend("Agg")
    X, y = clouds
    ax = numpy_ann.ANN([4, 3], n_iterations=5, random_state=0).fit(X, y).plot_cost()
    assert len(ax.lines[0].get_ydata()) == 5
    plt.close(ax.figure)


def test_plot_cost_without_matplotlib(clouds, monkeypatch):
    X, y = clouds
    ann = numpy_ann.ANN([4, 3], n_iterations=1, random_state=0).fit(X, y)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"gradoracle\[plot\]"):
        ann.plot_cost()


def test_the_numpy_class_imports_neither_framework_nor_extra():
    code = (
        "import sys, gradoracle_numpy, gradoracle.training;"
        "sys.exit(not {'torch', 'tensorflow', 'matplotlib', 'sklearn'}.isdisjoint(sys.modules))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
