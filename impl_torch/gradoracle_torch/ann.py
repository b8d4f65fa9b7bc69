"""The class ANN in torch: forward and cost written out, backward from autograd.

Beside `gradoracle_numpy.ann`: the same forward pass, one example per column as there (not in rows
as in `gradoracle_torch.n_layer`), so that its lines and its arrays can be compared one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
import torch
from torch import Tensor

from gradoracle.arrays import Array
from gradoracle.descent import Step
from gradoracle.estimator import Classifier
from gradoracle_torch.activations import ACTIVATIONS
from gradoracle_torch.losses import LOSSES_OF_Z
from gradoracle_torch.settings import pinned_settings

Tensors = Mapping[str, Tensor]


class ANN(Classifier[Tensor]):  # noqa: D101 (one docstring for all three)
    __doc__ = Classifier.__doc__

    def native(self, array: Array) -> Tensor:
        """Copy an array into a tensor."""
        return torch.from_numpy(np.array(array))

    def numpy(self, array: Tensor) -> Array:
        """Return the numbers of a tensor, without its graph."""
        return cast("Array", array.detach().numpy())

    @pinned_settings()
    def forward(self, X: Tensor, parameters: Tensors) -> dict[str, Tensor]:
        """Z^[l] = W^[l] A^[l-1] + b^[l] and A^[l] = g_l(Z^[l]), from A^[0] = X.

        Parameters
        ----------
        X : Tensor
            (n_0, n), one example per column.
        parameters : mapping of str to Tensor
            ``W1 b1 ... WL bL``, shapes (n_l, n_{l-1}) and (n_l, 1).

        Returns
        -------
        dict of str to Tensor
            ``A0 Z1 A1 ... ZL AL``, shapes (n_l, n), and the parameters, as leaves of their graph.
        """
        network = self.checked_network(X, parameters)
        store = {name: value.detach().requires_grad_() for name, value in parameters.items()}
        store["A0"] = X
        for layer, g in enumerate(network.activations, start=1):
            W, b, A = store[f"W{layer}"], store[f"b{layer}"], store[f"A{layer - 1}"]
            Z = W @ A + b
            store[f"Z{layer}"] = Z
            store[f"A{layer}"] = ACTIVATIONS[g](Z.T).T  # its functions take examples in rows
        return store

    @pinned_settings()
    def cost(self, store: Tensors, Y: Tensor) -> Tensor:
        """J = (1/n) sum of the cross-entropy of the logits + l2 / 2 sum of squared weights."""
        network, n = self.labelled_network(store, Y), Y.shape[1]
        Z = store[f"Z{network.L}"]
        J = LOSSES_OF_Z[network.loss](Z.T, Y.T) / n
        for layer in range(1, network.L + 1):
            if network.l2:
                J = J + network.l2 / 2 * store[f"W{layer}"].square().sum()
        return J

    @pinned_settings()
    def backward(self, store: Tensors, Y: Tensor) -> dict[str, Tensor]:
        """The derivatives of J by every W^[l] and b^[l], from one reverse pass of autograd.

        Parameters
        ----------
        store : mapping of str to Tensor
            What `forward` returned; its graph is used up.
        Y : Tensor
            (n_L, n).

        Returns
        -------
        dict of str to Tensor
            ``dW1 db1 ... dWL dbL``, each dV in the shape of V.
        """
        J = self.cost(store, Y)
        variables = {name: value for name, value in store.items() if value.is_leaf and name != "A0"}
        values = torch.autograd.grad(J, list(variables.values()))
        return {f"d{name}": value for name, value in zip(variables, values, strict=True)}

    def stepper(self, X: Tensor, Y: Tensor) -> Step[Tensor]:
        """Return the function parameters -> (J, updated parameters)."""

        def step(parameters: dict[str, Tensor]) -> tuple[float, dict[str, Tensor]]:
            store = self.forward(X, parameters)
            J = self.cost(store, Y)
            d = self.backward(store, Y)
            return J.item(), self.update(parameters, d)

        return step
