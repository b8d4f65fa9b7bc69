"""What the three ANN classes share: scikit-learn's manners around forward, cost and backward.

`fit`, `predict` and `score` speak scikit-learn's language: examples in rows, labels of any kind.
`forward`, `cost` and `backward`, which each framework's package writes its own way, speak that of
the derivation: one example per column, arrays by their names W1, b1, Z1, A1, dW1, db1 ...

Source: the first of the two texts, "class ANN" and the experiment (784 inputs are put in front of
the layer sizes by ``fit``; full-batch gradient descent, W := W - alpha dW, b := b - alpha db).
"""

from __future__ import annotations

import inspect
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

import numpy as np
import numpy.typing as npt

from gradoracle.arrays import DTYPES, Array, DType
from gradoracle.classification import (
    Seed,
    as_classes,
    as_columns,
    as_targets,
    classification_network,
    initial_parameters,
)
from gradoracle.errors import InputError, MissingExtra
from gradoracle.network import Network, Parameters

if TYPE_CHECKING:
    from matplotlib.axes import Axes

T = TypeVar("T")  # the array of a framework
Step = Callable[[dict[str, T]], tuple[float, dict[str, T]]]


class NotFitted(InputError, AttributeError):
    """Something was asked of an estimator that only ``fit`` can give."""


class Classifier(ABC, Generic[T]):
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
        J before each iteration's update.
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

    # ---- what each framework writes its own way

    @abstractmethod
    def native(self, array: Array) -> T:
        """Copy a NumPy array into the framework's own."""

    @abstractmethod
    def numpy(self, array: T) -> Array:
        """Return one of the framework's arrays as a NumPy array."""

    @abstractmethod
    def forward(self, X: T, parameters: Mapping[str, T]) -> dict[str, Any]:
        """Return ``A0 Z1 A1 ... ZL AL`` and the parameters, from X (n_0, n)."""

    @abstractmethod
    def cost(self, store: Mapping[str, Any], Y: T) -> T:
        """Return J, shape (), of what `forward` left, for the labels Y (n_L, n)."""

    @abstractmethod
    def backward(self, store: Mapping[str, Any], Y: T) -> dict[str, T]:
        """Return ``dW1 db1 ... dWL dbL``, the derivatives of J, the 1/n included."""

    @abstractmethod
    def stepper(self, X: T, Y: T) -> Step[T]:
        """Return the function parameters -> (J, parameters after one update)."""

    # ---- gradient descent

    def initialize_parameters(self, n_features: int) -> dict[str, T]:
        """Return W1 b1 ... WL bL at random, for inputs of ``n_features`` rows."""
        sizes = self._network(n_features).sizes
        return self.named(initial_parameters(sizes, self._dtype, self.random_state))

    def named(self, parameters: Parameters) -> dict[str, T]:
        """Return the parameters by name in the framework's arrays."""
        W = {f"W{layer}": self.native(weights) for layer, weights in parameters.W.items()}
        return W | {f"b{layer}": self.native(bias) for layer, bias in parameters.b.items()}

    def parameters(self, named: Mapping[str, T]) -> Parameters:
        """Return W1 b1 ... WL bL as `gradoracle.Parameters`."""
        layers = range(1, len(named) // 2 + 1)
        return Parameters(
            {layer: self.numpy(named[f"W{layer}"]) for layer in layers},
            {layer: self.numpy(named[f"b{layer}"]) for layer in layers},
        )

    def update(self, parameters: Mapping[str, T], d: Mapping[str, T]) -> dict[str, T]:
        """Return W - alpha dW and b - alpha db of every layer, as new arrays."""
        alpha: Any = self.learning_rate
        return {name: value - alpha * d[f"d{name}"] for name, value in parameters.items()}

    def descend(
        self, start: Mapping[str, T], X: Array, Y: Array
    ) -> Iterator[tuple[float, dict[str, T]]]:
        """Yield J and the updated parameters of one iteration after the other, without end.

        Parameters
        ----------
        start : mapping of str to array
            W1 b1 ... WL bL in the framework's arrays; not changed.
        X, Y : numpy.ndarray
            (n_0, n) and (n_L, n), in the dtype of the parameters.

        Raises
        ------
        InputError
            If the cost is not a finite number any more.
        """
        parameters = dict(start)
        step = self.stepper(self.native(X), self.native(Y))
        while True:
            J, parameters = step(parameters)
            if not math.isfinite(J):
                raise InputError(
                    "a cost that stays finite",
                    f"{J} with learning_rate={self.learning_rate}",
                    "a smaller learning_rate, or features scaled to 0 ... 1",
                )
            yield J, parameters

    # ---- scikit-learn's face

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
        classes, numbers = as_classes(y, columns.shape[1])
        network = self._network(len(columns))
        Y = as_targets(numbers, len(classes), network.sizes[-1], self._dtype)
        self._check_descent()
        costs: list[float] = []
        parameters = self.initialize_parameters(len(columns))
        for J, parameters in islice(self.descend(parameters, columns, Y), self.n_iterations):
            costs.append(J)
        self.classes_, self.n_features_in_ = classes, len(columns)
        self.parameters_, self.costs_ = self.parameters(parameters), costs
        return self

    def predict_proba(self, X: npt.ArrayLike) -> Array:
        """Return the probability of each class, (n, number of classes), for examples in rows."""
        self._check_fitted("predict")
        columns = as_columns(X, self._dtype)
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
        labels: npt.NDArray[Any] = self.classes_[chosen]
        return labels

    def score(self, X: npt.ArrayLike, y: npt.ArrayLike) -> float:
        """Return the accuracy: the share of examples whose label is predicted."""
        predicted = self.predict(X)
        labels = np.asarray(y)
        if labels.shape != predicted.shape:
            raise InputError(
                f"y of shape {predicted.shape}", str(labels.shape), "one label an example"
            )
        return float((predicted == labels).mean())

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
        ax.plot(self.costs_, label=f"{self!r}")
        ax.set_xlabel("iteration")
        ax.set_ylabel("cost J")
        ax.set_title("-".join(map(str, self.parameters_.sizes)))
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
                raise InputError(f"a parameter out of {', '.join(known)}", name, "check spelling")
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        signature = inspect.signature(type(self).__init__).parameters
        given = self.get_params().items()
        changed = [f"{n}={v!r}" for n, v in given if repr(v) != repr(signature[n].default)]
        return f"{type(self).__name__}({', '.join(changed)})"

    def __sklearn_tags__(self) -> Any:
        """Say to scikit-learn, which alone calls this, that this is a classifier."""
        from sklearn.utils import (  # type: ignore[import-untyped]
            ClassifierTags,
            Tags,
            TargetTags,
        )

        return Tags(
            estimator_type="classifier",
            target_tags=TargetTags(required=True),
            classifier_tags=ClassifierTags(multi_class=False),
        )

    # ---- what is asked of the user

    @property
    def _dtype(self) -> DType:
        if self.dtype not in DTYPES:
            raise InputError(f"dtype one of {', '.join(DTYPES)}", repr(self.dtype), "float64")
        return DTYPES[self.dtype]

    def _network(self, n_features: int) -> Network:
        """Return the network for inputs of n_features; its constructor checks the request."""
        if not isinstance(self.layers_size, (Sequence, np.ndarray)) or not len(self.layers_size):
            raise InputError(
                "layers_size as the sizes n_1 ... n_L", repr(self.layers_size), "e.g. [196, 1]"
            )
        return classification_network((n_features, *self.layers_size), self.activation, self.l2)

    def _check_descent(self) -> None:
        """Check what only gradient descent uses."""
        alpha, steps = self.learning_rate, self.n_iterations
        if not (isinstance(alpha, (int, float, np.floating)) and 0 < alpha < math.inf):
            raise InputError(
                "learning_rate as a finite number above 0", repr(alpha), "learning_rate=0.1"
            )
        if not (isinstance(steps, (int, np.integer)) and steps >= 1):
            raise InputError(
                "n_iterations as a whole number of 1 or more", repr(steps), "n_iterations=1000"
            )

    def _check_fitted(self, method: str) -> None:
        if not hasattr(self, "parameters_"):
            name = type(self).__name__
            raise NotFitted(
                f"a fitted {name} before {method}", "one that is not", f"{name}.fit(X, y) first"
            )
