"""What the three ANN classes share: scikit-learn's manners around gradient descent.

`fit`, `predict` and `score` speak scikit-learn's language, examples in rows and labels of any
kind; `forward`, `cost` and `backward` that of the derivation, examples in columns.

Source: the first of the two texts, class ``ANN`` (``fit`` puts the number of features in front of
the layer sizes).
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np
import numpy.typing as npt

from gradoracle.arrays import DTYPES, Array, DType, is_number, is_whole, shown
from gradoracle.classification import (
    Seed,
    as_classes,
    as_columns,
    as_labels,
    as_targets,
    classification_network,
    initial_parameters,
)
from gradoracle.descent import GradientDescent
from gradoracle.errors import InputError, MissingExtra
from gradoracle.network import Network

if TYPE_CHECKING:
    from matplotlib.axes import Axes

T = TypeVar("T")  # the array of a framework


class NotFitted(InputError, AttributeError):
    """Something was asked of an estimator that only ``fit`` can give."""


class Classifier(GradientDescent[T]):
    """A neural network that scikit-learn's tools can clone, validate and score.

    Parameters
    ----------
    layers_size : sequence of int
        n_1 ... n_L; ``fit`` puts n_0, the number of features, in front. The last one is 1 for two
        classes (sigmoid), or the number of classes (softmax).
    activation : str
        Of the hidden layers, a name of `gradoracle.activations.ACTIVATIONS`.
    learning_rate : float
        alpha.
    n_iterations : int
        Steps of full-batch gradient descent.
    l2 : float
        Adds l2 / 2 times the sum of the squared weights to J; not divided by n, biases left out.
    dtype : {"float64", "float32"}
    random_state : int, numpy.random.Generator or None
        Where the initial weights come from; a number gives the same ones in all frameworks.

    Attributes
    ----------
    classes_ : numpy.ndarray
        The labels, sorted.
    n_features_in_ : int
        n_0.
    parameters_ : gradoracle.Parameters
        W^[l], (n_l, n_{l-1}), and b^[l], (n_l, 1), after the last iteration.
    costs_ : list of float
        J of each iteration, before its update.
    """

    _estimator_type = "classifier"

    def __init__(
        self,
        layers_size: Sequence[int],
        *,
        activation: str = "sigmoid",
        learning_rate: float = 0.1,
        n_iterations: int = 1000,
        l2: float = 0.0,
        dtype: str = "float64",
        random_state: Seed = None,
    ) -> None:
        self.layers_size = layers_size
        self.activation = activation
        self.learning_rate = learning_rate
        self.n_iterations = n_iterations
        self.l2 = l2
        self.dtype = dtype
        self.random_state = random_state

    def initialize_parameters(self, n_features: int) -> dict[str, T]:
        """Return ``W1 b1 ... WL bL`` for inputs (n_features, n): W random, b zero."""
        sizes = self._network(n_features).sizes
        return self.named(initial_parameters(sizes, self._dtype, self.random_state))

    def fit(self, X: npt.ArrayLike, y: npt.ArrayLike) -> Self:
        """Learn to tell the classes apart by full-batch gradient descent.

        Parameters
        ----------
        X : array-like of shape (n, n_0)
            One example a row.
        y : array-like of shape (n,)
            Labels of any kind that can be sorted: numbers, strings.

        Returns
        -------
        self

        Raises
        ------
        InputError
            For data, labels or parameters that do not fit, with the mend.
        """
        columns = as_columns(X, self._dtype)
        n_features, n = columns.shape
        network = self._network(n_features)
        classes, numbers = as_classes(y, n)
        Y = as_targets(numbers, len(classes), network.sizes[-1], self._dtype)
        self._check_descent()
        start = self.unnamed(self.initialize_parameters(n_features))
        costs: list[float] = []
        for J, parameters in islice(self.descend(start, columns, Y), self.n_iterations):
            costs.append(J)
            last = parameters
        self.parameters_, self.costs_ = self.learned(last), costs
        self.classes_, self.n_features_in_ = classes, n_features
        return self

    def predict_proba(self, X: npt.ArrayLike) -> Array:
        """Return the probability of each class, (n, number of classes), for examples in rows."""
        self._check_fitted("predict")
        columns = as_columns(X, self.parameters_.dtype)  # dtype may have been set since fit
        if len(columns) != self.n_features_in_:
            raise InputError(
                f"X with {self.n_features_in_} features, as in fit",
                f"{len(columns)}",
                "one example a row, with the features of fit",
            )
        store = self.forward(self.native(columns), self.named(self.parameters_))
        A = self.numpy(store[f"A{len(self.parameters_.W)}"])
        return np.vstack([1 - A, A]).T if len(A) == 1 else A.T

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[Any]:
        """Return the most probable label of each example, (n,)."""
        chosen = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[chosen])

    def score(self, X: npt.ArrayLike, y: npt.ArrayLike) -> float:
        """Return the accuracy: the share of examples whose label is predicted."""
        predicted, labels = self.predict(X), as_labels(y)
        if labels.shape != predicted.shape:
            raise InputError(
                f"y of shape {predicted.shape}", str(labels.shape), "one label an example"
            )
        return float(np.mean(predicted == labels))

    def plot_cost(self, ax: Axes | None = None) -> Axes:
        """Draw the cost over the iterations of ``fit`` and return the axes.

        Raises
        ------
        MissingExtra
            If matplotlib is not installed.
        """
        self._check_fitted("plot_cost")
        if ax is None:
            try:
                import matplotlib.pyplot as plt
            except ImportError:
                raise MissingExtra("matplotlib", "plot") from None
            ax = plt.figure().add_subplot()
        ax.plot(self.costs_)
        ax.set(xlabel="iteration", ylabel="cost J")
        sizes = "-".join(map(str, self.parameters_.sizes))
        ax.set_title(f"{sizes}, learning rate {self.learning_rate:g}")
        return ax

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002 (scikit-learn's)
        """Return what the constructor was given, by name."""
        names = list(inspect.signature(type(self).__init__).parameters)[1:]
        return {name: getattr(self, name) for name in names}

    def set_params(self, **params: Any) -> Self:
        """Change what the constructor was given, and return self."""
        known = self.get_params()
        for name, value in params.items():
            if name not in known:
                raise InputError(f"one of {', '.join(known)}", repr(name), "check the spelling")
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        signature = inspect.signature(type(self).__init__).parameters
        given = self.get_params().items()
        changed = [f"{n}={v!r}" for n, v in given if repr(v) != repr(signature[n].default)]
        return f"{type(self).__name__}({', '.join(changed)})"

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn, which alone calls this, that this is a classifier."""
        from sklearn.utils import ClassifierTags, Tags, TargetTags

        return Tags("classifier", TargetTags(required=True), classifier_tags=ClassifierTags())

    @property
    def _dtype(self) -> DType:
        if not isinstance(self.dtype, str) or self.dtype not in DTYPES:
            raise InputError(f"dtype one of {', '.join(DTYPES)}", shown(self.dtype), "'float64'")
        return DTYPES[self.dtype]

    def _network(self, n_features: int) -> Network:
        """Return the network for this many features; making it checks the request."""
        sizes = self.layers_size
        sequence = isinstance(sizes, (list, tuple, np.ndarray))
        if not sequence or getattr(sizes, "ndim", 1) != 1 or not len(sizes):
            raise InputError("layers_size as n_1 ... n_L", shown(sizes), "e.g. [196, 1]")
        return classification_network((n_features, *sizes), self.activation, self.l2)

    def _check_descent(self) -> None:
        """Check what only gradient descent uses."""
        alpha, steps = self.learning_rate, self.n_iterations
        if not (is_number(alpha) and alpha > 0):
            raise InputError("learning_rate as a finite number above 0", shown(alpha), "e.g. 0.1")
        if not (is_whole(steps) and steps >= 1):
            raise InputError(
                "n_iterations as a whole number of 1 or more", shown(steps), "e.g. 100"
            )

    def _check_fitted(self, method: str) -> None:
        if not hasattr(self, "parameters_"):
            name = type(self).__name__
            raise NotFitted(
                f"a fitted {name} for {method}", "one that has seen no data", "call fit(X, y) first"
            )
