"""The class ANN in TensorFlow: forward and cost written out, backward from a GradientTape.

Beside `gradoracle_numpy.ann`: the same forward pass, one example per column as there (not in rows
as in `gradoracle_tf.n_layer`), so that its lines and its arrays can be compared one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import tensorflow as tf

from gradoracle.arrays import Array
from gradoracle.descent import Step
from gradoracle.estimator import Classifier
from gradoracle_tf.activations import ACTIVATIONS
from gradoracle_tf.losses import LOSSES_OF_Z
from gradoracle_tf.settings import pinned_settings

Tensors = Mapping[str, Any]


class ANN(Classifier[tf.Tensor]):  # noqa: D101 (one docstring for all three)
    __doc__ = Classifier.__doc__

    def native(self, array: Array) -> tf.Tensor:
        """Copy an array into a tensor."""
        return tf.constant(array)

    def numpy(self, array: tf.Tensor) -> Array:
        """Return the numbers of a tensor."""
        return cast("Array", array.numpy())

    @pinned_settings()
    def forward(self, X: tf.Tensor, parameters: Tensors) -> dict[str, Any]:
        """Z^[l] = W^[l] A^[l-1] + b^[l] and A^[l] = g_l(Z^[l]), from A^[0] = X.

        Parameters
        ----------
        X : tf.Tensor
            (n_0, n), one example per column.
        parameters : mapping of str to tf.Tensor
            ``W1 b1 ... WL bL``, shapes (n_l, n_{l-1}) and (n_l, 1).

        Returns
        -------
        dict of str to tf.Tensor
            ``A0 Z1 A1 ... ZL AL``, shapes (n_l, n), the parameters, and the ``tape``.
        """
        network = self.checked_network(X, parameters)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(parameters)
            store = {**parameters, "A0": X, "tape": tape}
            for layer, g in enumerate(network.activations, start=1):
                W, b, A = store[f"W{layer}"], store[f"b{layer}"], store[f"A{layer - 1}"]
                Z = W @ A + b
                store[f"Z{layer}"] = Z
                store[f"A{layer}"] = _activate(g, Z)
        return store

    @pinned_settings()
    def cost(self, store: Tensors, Y: tf.Tensor) -> tf.Tensor:
        """J = (1/n) sum of the cross-entropy of the logits + l2 / 2 sum of squared weights."""
        network, n = self.labelled_network(store, Y), Y.shape[1]
        Z = store[f"Z{network.L}"]
        J = LOSSES_OF_Z[network.loss](tf.transpose(Z), tf.transpose(Y)) / n
        for layer in range(1, network.L + 1):
            if network.l2:
                J += network.l2 / 2 * tf.reduce_sum(tf.square(store[f"W{layer}"]))
        return J

    @pinned_settings()
    def backward(self, store: Tensors, Y: tf.Tensor) -> dict[str, tf.Tensor]:
        """The derivatives of J by every W^[l] and b^[l], from one reverse pass of the tape.

        Parameters
        ----------
        store : mapping of str to tf.Tensor
            What `forward` returned.
        Y : tf.Tensor
            (n_L, n).

        Returns
        -------
        dict of str to tf.Tensor
            ``dW1 db1 ... dWL dbL``, each dV in the shape of V.
        """
        self.labelled_network(store, Y)
        with store["tape"]:
            J = self.cost(store, Y)
        variables = {name: value for name, value in store.items() if name[0] in "Wb"}
        values = store["tape"].gradient(J, variables)
        return {f"d{name}": value for name, value in values.items()}

    def stepper(self, X: tf.Tensor, Y: tf.Tensor) -> Step[tf.Tensor]:
        """Return the function parameters -> (J, updated parameters), a graph of TensorFlow's."""

        @tf.function(autograph=False)  # type: ignore[untyped-decorator]
        def graph(parameters: Tensors, X: tf.Tensor, Y: tf.Tensor) -> tuple[tf.Tensor, Tensors]:
            store = self.forward(X, parameters)
            J = self.cost(store, Y)
            d = self.backward(store, Y)
            return J, self.update(parameters, d)

        @pinned_settings()
        def step(parameters: dict[str, tf.Tensor]) -> tuple[float, dict[str, tf.Tensor]]:
            J, updated = graph(parameters, X, Y)
            return float(J), dict(updated)

        return step


def _activate(g: str, Z: tf.Tensor) -> tf.Tensor:
    """Return g(Z); softmax goes along the rows of its argument, here down the columns of Z."""
    if g == "softmax":
        return tf.transpose(ACTIVATIONS[g](tf.transpose(Z)))
    return ACTIVATIONS[g](Z)
