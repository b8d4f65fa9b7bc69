"""From columns to rows and back: the one place where the contract meets TensorFlow's idiom.

==========  ===============================  =========================================
array       contract (one example a column)  TensorFlow (one example a row)
==========  ===============================  =========================================
X, Y, Z, A  (n_l, n)                         (n, n_l)
W           (n_l, n_{l-1})                   kernel (in, out), transposed; Z = A W + b
b           (n_l, 1)                         (out,)
J           ()                               ()
==========  ===============================  =========================================

The derivative dV has the layout of V.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from gradoracle.arrays import Array
from gradoracle.case import Case, Trace
from gradoracle.network import Network


@dataclass(frozen=True)
class Rows:
    """A case as TensorFlow likes it.

    Attributes
    ----------
    X, Y : tf.Tensor
        (n, n_0) and (n, n_L).
    W, b : dict of int to tf.Tensor
        Numbered from 1: kernels (n_{l-1}, n_l) and biases (n_l,).
    """

    X: tf.Tensor
    Y: tf.Tensor
    W: dict[int, tf.Tensor]
    b: dict[int, tf.Tensor]

    @property
    def inputs(self) -> list[tf.Tensor]:
        """What a tape must watch; it then follows everything computed from these."""
        return [self.X, *self.W.values(), *self.b.values()]


def to_tensorflow(case: Case) -> Rows:
    """Copy a case into tensors."""
    return Rows(
        X=_tensor(case.X.T),
        Y=_tensor(case.Y.T),
        W={layer: _tensor(W.T) for layer, W in case.W.items()},
        b={layer: _tensor(b[:, 0]) for layer, b in case.b.items()},
    )


def to_trace(network: Network, tensors: Mapping[str, tf.Tensor]) -> Trace:
    """Copy the named tensors of a run back into columns."""
    return Trace({name: _column_form(name, t) for name, t in tensors.items()}, network)


def _tensor(array: Array) -> tf.Tensor:
    return tf.constant(np.array(array, order="C"))


def _column_form(name: str, tensor: tf.Tensor) -> Array:
    values: Array = tensor.numpy()
    match name.rstrip("0123456789"):
        case "J":
            return np.array(values)
        case "db":
            return values.reshape(-1, 1).copy()
        case _:
            return np.array(values.T, order="C")
