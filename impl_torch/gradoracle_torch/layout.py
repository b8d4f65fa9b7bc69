"""From columns to rows and back: the one place where the contract meets torch's idiom.

==========  ===============================  ==================================
array       contract (one example a column)  torch (one example a row)
==========  ===============================  ==================================
X, Y, Z, A  (n_l, n)                         (n, n_l)
W           (n_l, n_{l-1})                   (out, in), the same; Z = A W^T + b
b           (n_l, 1)                         (out,)
J           ()                               ()
==========  ===============================  ==================================

The derivative dV has the layout of V.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gradoracle.arrays import Array
from gradoracle.case import Case, Trace
from gradoracle.network import Network


@dataclass(frozen=True)
class Rows:
    """A case as torch likes it; X, W and b are leaves of the graph.

    Attributes
    ----------
    X, Y : Tensor
        (n, n_0) and (n, n_L).
    W, b : dict of int to Tensor
        Numbered from 1: (n_l, n_{l-1}) and (n_l,).
    """

    X: Tensor
    Y: Tensor
    W: dict[int, Tensor]
    b: dict[int, Tensor]


def to_torch(case: Case) -> Rows:
    """Copy a case into tensors; the arrays of the case are never shared."""
    return Rows(
        X=_tensor(case.X.T).requires_grad_(),
        Y=_tensor(case.Y.T),
        W={layer: _tensor(W).requires_grad_() for layer, W in case.W.items()},
        b={layer: _tensor(b[:, 0]).requires_grad_() for layer, b in case.b.items()},
    )


def to_trace(network: Network, tensors: Mapping[str, Tensor]) -> Trace:
    """Copy the named tensors of a run back into columns."""
    return Trace({name: _column_form(name, t) for name, t in tensors.items()}, network)


def _tensor(array: Array) -> Tensor:
    return torch.from_numpy(np.array(array, order="C"))


def _column_form(name: str, tensor: Tensor) -> Array:
    values = tensor.detach().numpy()
    match name.rstrip("0123456789"):
        case "J" | "dW":
            return values.copy()
        case "db":
            return values.reshape(-1, 1).copy()
        case _:
            return np.array(values.T, order="C")
