"""Full-batch gradient descent on a network, whatever framework computes it.

The class below speaks the language of the derivation: one example per column, arrays under their
names W1, b1, Z1, A1, dW1, db1 ... Each framework's package fills in forward, cost and backward.

Source: the first of the two texts, "N-layer algorithm": W := W - alpha dW, b := b - alpha db.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar

import numpy as np

from gradoracle.arrays import Array, shown
from gradoracle.classification import classification_network
from gradoracle.errors import InputError
from gradoracle.network import Network, Parameters

T = TypeVar("T")  # the array of a framework
_SMALLER = "take a smaller learning_rate, or scale the features to 0 ... 1"

Step = Callable[[dict[str, T]], tuple[float, dict[str, T]]]


class GradientDescent(ABC, Generic[T]):
    """Forward, cost, backward and update of a network that tells classes apart."""

    activation: str  # of the hidden layers
    l2: float
    learning_rate: float

    @abstractmethod
    def native(self, array: Array) -> T:
        """Return a NumPy array as the framework's own."""

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

    def descend(
        self, start: Parameters, X: Array, Y: Array
    ) -> Iterator[tuple[float, dict[str, T]]]:
        """Yield J and the updated parameters of one iteration after the other, without end.

        Parameters
        ----------
        start : gradoracle.Parameters
            Where to start; J of the first iteration is the cost there.
        X, Y : numpy.ndarray
            (n_0, n) and (n_L, n), in the dtype of the parameters.

        Raises
        ------
        InputError
            If the cost is not a finite number any more.
        """
        parameters = self.named(start)
        step = self.stepper(self.native(X), self.native(Y))
        while True:
            J, parameters = step(parameters)
            if not math.isfinite(J):
                raise InputError(
                    "a cost that stays finite",
                    f"{J} with learning_rate={self.learning_rate}",
                    _SMALLER,
                )
            yield J, parameters

    def update(self, parameters: Mapping[str, T], d: Mapping[str, T]) -> dict[str, T]:
        """Return W - alpha dW and b - alpha db of every layer, as new arrays."""
        alpha: Any = self.learning_rate
        with np.errstate(over="ignore", invalid="ignore"):  # `descend` and `learned` look at it
            return {name: value - alpha * d[f"d{name}"] for name, value in parameters.items()}

    def named(self, parameters: Parameters) -> dict[str, T]:
        """Return the parameters under their names, in the framework's arrays."""
        W = {f"W{layer}": self.native(weights) for layer, weights in parameters.W.items()}
        return W | {f"b{layer}": self.native(bias) for layer, bias in parameters.b.items()}

    def unnamed(self, parameters: Mapping[str, T]) -> Parameters:
        """Return ``W1 b1 ... WL bL`` as `gradoracle.Parameters`."""
        layers = range(1, len(parameters) // 2 + 1)
        return Parameters(
            {layer: self.numpy(parameters[f"W{layer}"]) for layer in layers},
            {layer: self.numpy(parameters[f"b{layer}"]) for layer in layers},
        )

    def learned(self, parameters: Mapping[str, T]) -> Parameters:
        """Return what `descend` has yielded as `gradoracle.Parameters`.

        Raises
        ------
        InputError
            If the last update, whose cost nobody has seen yet, overflowed.
        """
        try:
            return self.unnamed(parameters)
        except InputError as error:
            raise InputError(
                "parameters that stay finite",
                f"{error.got} with learning_rate={self.learning_rate}",
                _SMALLER,
            ) from None

    def checked_network(self, X: T, parameters: Mapping[str, T]) -> Network:
        """Return the network of the parameters, after checking that X suits it.

        Raises
        ------
        InputError
            If X is not (n_0, n), one example per column, or parameters are missing or do not fit
            each other.
        """
        _check_parameters(parameters)
        network, got = self.network(parameters), tuple(getattr(X, "shape", ()))
        if len(got) != 2 or got[0] != network.sizes[0]:
            in_rows = len(got) == 2 and got[1] == network.sizes[0]
            raise InputError(
                f"X of shape ({network.sizes[0]}, n), one example per column",
                f"shape {got}",
                "examples stand in rows: X.T" if in_rows else "check X against W1",
            )
        return network

    def labelled_network(self, store: Mapping[str, Any], Y: T) -> Network:
        """Return the network of what `forward` left, after checking that Y suits it.

        Raises
        ------
        InputError
            If Y is not exactly (n_L, n): a framework would broadcast it, and J be another one.
        """
        if not isinstance(store, Mapping) or not {"A0", "W1"} <= set(store):
            raise InputError(
                "the store that forward returned",
                shown(store),
                "ann.forward(X, parameters)",
            )
        network = self.network(store)
        wanted, got = (network.sizes[-1], store["A0"].shape[1]), tuple(getattr(Y, "shape", ()))
        if got != wanted:
            lost = wanted[0] == 1 and got == wanted[1:]
            raise InputError(
                f"Y of shape {wanted}, (n_L, n)",
                f"shape {got}" if hasattr(Y, "shape") else f"a {type(Y).__name__}",
                "examples stand in rows: Y.T"
                if got == wanted[::-1]
                else "an axis was lost: Y.reshape(1, -1)"
                if lost
                else "one column an example, one row an output",
            )
        return network

    def network(self, arrays: Mapping[str, Any]) -> Network:
        """Return the network that ``W1 ... WL``, among these arrays, belong to."""
        depth = sum(name.startswith("W") for name in arrays)
        sizes = [arrays["W1"].shape[1]]
        sizes += [arrays[f"W{layer}"].shape[0] for layer in range(1, depth + 1)]
        return classification_network(sizes, self.activation, self.l2)


def _check_parameters(parameters: Mapping[str, Any]) -> None:
    """Check that W1 b1 ... WL bL are there and fit each other."""
    names = set(parameters) if isinstance(parameters, Mapping) else set()
    layers = range(1, len(names) // 2 + 1)
    if not names or names != {f"{v}{layer}" for layer in layers for v in "Wb"}:
        raise InputError(
            "parameters W1 b1 ... WL bL",
            " ".join(sorted(map(str, names))) or "none",
            "parameters = ann.initialize_parameters(n_features)",
        )
    below = None
    for layer in layers:
        W, b = (tuple(getattr(parameters[f"{v}{layer}"], "shape", ())) for v in "Wb")
        if len(W) != 2 or 0 in W or below not in (None, W[1]):
            raise InputError(
                f"W{layer} of shape (n_{layer}, {below or 'n_0'})",
                f"shape {W}",
                "one row a unit, one column an input",
            )
        if b != (W[0], 1):
            raise InputError(
                f"b{layer} of shape ({W[0]}, 1)", f"shape {b}", f"b{layer}.reshape({W[0]}, 1)"
            )
        below = W[0]
