"""The class ANN by hand in NumPy: forward, backward and gradient descent, example by column.

Source: the first of the two texts, "N-layer algorithm", dimension table and class ``ANN``; the
1/n is included in every derivative. Training on all of MNIST's 5 and 8 spends its time in two
matrix products; so that the rest stays small beside them, the large arrays of one iteration are
used again by the next, and elementwise functions go over them block by block, in the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from gradoracle.activations import activate, pull_back, sigmoid_prime_from_a, tanh_prime_from_a
from gradoracle.arrays import Array
from gradoracle.estimator import Classifier, Step
from gradoracle.losses import LOSSES

CACHE = 2**19  # bytes of one block: a block and what is computed from it fit into a core's cache

# where g'(z) costs less from the activation a = g(z)
PRIME_FROM_A: dict[str, Callable[[Array], Array]] = {
    "sigmoid": sigmoid_prime_from_a,
    "tanh": tanh_prime_from_a,
}


class ANN(Classifier[Array]):
    __doc__ = Classifier.__doc__

    def native(self, array: Array) -> Array:
        """Return the array itself."""
        return array

    def numpy(self, array: Array) -> Array:
        """Return the array itself."""
        return array

    def forward(
        self,
        X: Array,
        parameters: Mapping[str, Array],
        reuse: Mapping[str, Array] | None = None,
    ) -> dict[str, Array]:
        """A^[0] = X; Z^[l] = W^[l] A^[l-1] + b^[l]; A^[l] = g_l(Z^[l]).

        Parameters
        ----------
        X : numpy.ndarray
            (n_0, n), one example per column.
        parameters : mapping of str to numpy.ndarray
            ``W1 b1 ... WL bL``.
        reuse : mapping of str to numpy.ndarray, optional
            An earlier result for as many examples, whose Z and A are overwritten.

        Returns
        -------
        dict of str to numpy.ndarray
            ``A0 Z1 A1 ... ZL AL``, each (n_l, n), and the parameters.
        """
        reuse = reuse or {}
        store = {"A0": X, **parameters}
        for layer, g in enumerate(self._activations(X, parameters), start=1):
            W, b, A = store[f"W{layer}"], store[f"b{layer}"], store[f"A{layer - 1}"]
            Z = store[f"Z{layer}"] = np.matmul(W, A, out=reuse.get(f"Z{layer}"))
            A = store[f"A{layer}"] = reuse.get(f"A{layer}", np.empty_like(Z))
            for rows in _blocks(Z, g):
                Z[rows] += b[rows]
                A[rows] = activate(g, Z[rows])
        return store

    def cost(self, store: Mapping[str, Array], Y: Array) -> Array:
        """J = (1/n) sum of the cross-entropy, from the logits, + l2 / 2 sum of squared weights."""
        L, n = _depth(store), Y.shape[1]
        terms = LOSSES[self._loss(Y)].terms(store[f"Z{L}"], store[f"A{L}"], Y)
        J = terms.sum() / n
        for layer in range(1, L + 1):
            if self.l2:
                J = J + self.l2 / 2 * (store[f"W{layer}"] ** 2).sum()
        return J
