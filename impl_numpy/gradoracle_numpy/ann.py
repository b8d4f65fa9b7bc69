"""The class ANN by hand in NumPy: forward, cost, backward and the step of gradient descent.

One example per column; the 1/n is included in every derivative. Training on all of MNIST's 5 and
8 should cost little more than its two large matrix products: the arrays of one iteration are
filled again by the next, and elementwise functions take a few rows at a time, so that their
temporaries stay in the cache.

Source: the first of the two texts, "N-layer algorithm", dimension table and class ``ANN``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from gradoracle.activations import (
    activate,
    pull_back,
    relu_prime,
    sigmoid_prime_from_a,
    tanh_prime_from_a,
)
from gradoracle.arrays import Array
from gradoracle.descent import Step
from gradoracle.estimator import Classifier
from gradoracle.losses import LOSSES

Arrays = Mapping[str, Array]

CACHE = 2**18  # bytes: with a few temporaries of this size, within the cache of a core

# g' as a function of the activation a: costs less, and Z need not be kept
PRIME_FROM_A: dict[str, Callable[[Array], Array]] = {
    "sigmoid": sigmoid_prime_from_a,
    "tanh": tanh_prime_from_a,
    "relu": relu_prime,  # a > 0 where z > 0
}


class ANN(Classifier[Array]):  # noqa: D101 (one docstring for all three)
    __doc__ = Classifier.__doc__

    def native(self, array: Array) -> Array:
        """Return the array itself."""
        return array

    def numpy(self, array: Array) -> Array:
        """Return the array itself."""
        return array

    def forward(self, X: Array, parameters: Arrays, into: Arrays | None = None) -> dict[str, Array]:
        """Z^[l] = W^[l] A^[l-1] + b^[l] and A^[l] = g_l(Z^[l]), from A^[0] = X.

        Parameters
        ----------
        X : numpy.ndarray
            (n_0, n), one example per column.
        parameters : mapping of str to numpy.ndarray
            ``W1 b1 ... WL bL``, shapes (n_l, n_{l-1}) and (n_l, 1).
        into : mapping of str to numpy.ndarray, optional
            An earlier result with the same shapes; its Z and A are overwritten.

        Returns
        -------
        dict of str to numpy.ndarray
            ``A0 Z1 A1 ... ZL AL``, shapes (n_l, n), and the parameters.
        """
        into = into or {}
        network = self.checked_network(X, parameters)
        store = {"A0": X, **parameters}
        for layer, g in enumerate(network.activations, start=1):
            W, b, A = store[f"W{layer}"], store[f"b{layer}"], store[f"A{layer - 1}"]
            Z = np.matmul(W, A, out=into.get(f"Z{layer}"))
            A = into[f"A{layer}"] if into else np.empty_like(Z)
            for rows in _blocks(g, Z):
                Z[rows] += b[rows]
                A[rows] = activate(g, Z[rows])
            store |= {f"Z{layer}": Z, f"A{layer}": A}
        return store

    def cost(self, store: Arrays, Y: Array) -> Array:
        """J = (1/n) sum of the cross-entropy of the logits + l2 / 2 sum of squared weights."""
        network, n = self.labelled_network(store, Y), Y.shape[1]
        Z, A = store[f"Z{network.L}"], store[f"A{network.L}"]
        J = LOSSES[network.loss].terms(Z, A, Y).sum() / n
        if network.l2:
            J += network.l2 / 2 * sum((store[f"W{i + 1}"] ** 2).sum() for i in range(network.L))
        return np.asarray(J, Y.dtype)

    def backward(self, store: Arrays, Y: Array, into: Arrays | None = None) -> dict[str, Array]:
        """The derivatives of J, layer by layer from the last.

        dZ^[L] = (A^[L] - Y) / n, loss and activation fused; for l = L ... 1:
        dW^[l] = dZ^[l] (A^[l-1])^T + l2 W^[l]; db^[l] = dZ^[l] summed over the examples;
        dA^[l-1] = (W^[l])^T dZ^[l]; dZ^[l-1] = dA^[l-1] * g'(Z^[l-1]). dX is not computed.

        Parameters
        ----------
        store : mapping of str to numpy.ndarray
            What `forward` returned.
        Y : numpy.ndarray
            (n_L, n).
        into : mapping of str to numpy.ndarray, optional
            An earlier result with the same shapes; its dZ are overwritten.

        Returns
        -------
        dict of str to numpy.ndarray
            ``dZL dWL dbL ... dZ1 dW1 db1``, each dV in the shape of V.
        """
        into = into or {}
        network, n = self.labelled_network(store, Y), Y.shape[1]
        d: dict[str, Array] = {}
        dZ, ones = (store[f"A{network.L}"] - Y) / n, np.ones((n, 1), Y.dtype)
        for layer in range(network.L, 0, -1):
            W, A, below = store[f"W{layer}"], store[f"A{layer - 1}"], layer - 1
            d[f"dZ{layer}"] = dZ
            d[f"dW{layer}"] = dZ @ A.T
            if network.l2:
                d[f"dW{layer}"] += network.l2 * W
            d[f"db{layer}"] = dZ @ ones  # BLAS sums the examples faster than sum(axis=1)
            if below:
                g, Z = network.activations[below - 1], store[f"Z{below}"]
                dZ = _hidden_error(g, W, dZ, Z, A, into.get(f"dZ{below}"))
        return d

    def stepper(self, X: Array, Y: Array) -> Step[Array]:
        """Return the function parameters -> (J, updated parameters); it reuses its arrays."""
        store: dict[str, Array] | None = None
        d: dict[str, Array] | None = None

        def step(parameters: dict[str, Array]) -> tuple[float, dict[str, Array]]:
            nonlocal store, d
            with np.errstate(over="ignore", invalid="ignore"):  # descend looks at J
                store = self.forward(X, parameters, into=store)
                J = self.cost(store, Y)
                d = self.backward(store, Y, into=d)
                self._share(store)
                return float(J), self.update(parameters, d)

        return step

    def _share(self, store: dict[str, Array]) -> None:
        """Let A overwrite Z in the next pass, in hidden layers where backward needs A alone."""
        for layer, g in enumerate(self.network(store).activations[:-1], start=1):
            if g in PRIME_FROM_A:
                store[f"Z{layer}"] = store[f"A{layer}"]


def _blocks(g: str, Z: Array) -> Iterator[slice]:
    """Cut the rows of Z, (n_l, n), into blocks for the cache; softmax needs whole columns."""
    rows = len(Z) if g == "softmax" else max(1, CACHE // Z[0].nbytes)
    for first in range(0, len(Z), rows):
        yield slice(first, first + rows)


def _hidden_error(
    g: str, W: Array, dZ: Array, Z: Array, A: Array, into: Array | None = None
) -> Array:
    """Return dZ^[l-1] from dZ^[l]: dA^[l-1] = (W^[l])^T dZ^[l], and that times g'(Z^[l-1]).

    Z and A, (n_{l-1}, n), are the layer's below; softmax has its Jacobian in the place of g'.
    """
    dA = np.empty_like(A) if into is None else into  # dZ^[l-1] takes its place
    prime = PRIME_FROM_A.get(g)
    one_unit = len(dZ) == 1  # then every product is a single term, and BLAS is slow at that
    if not one_unit:
        np.matmul(W.T, dZ, out=dA)
    for rows in _blocks(g, dA):
        if one_unit:
            np.multiply(W.T[rows], dZ, out=dA[rows])
        if prime is not None:
            dA[rows] *= prime(A[rows])
        else:
            dA[rows] = pull_back(g, Z[rows], A[rows], dA[rows])
    return dA
