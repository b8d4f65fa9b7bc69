"""Row-major code meets the contract: examples in rows, kernels transposed, and back.

==========  ===============================  =====================================
array       contract (one example a column)  rows (one example a row)
==========  ===============================  =====================================
X, Y, Z, A  (n_l, n)                         (n, n_l)
W           (n_l, n_{l-1}), Z = W A + b      the kernel (n_{l-1}, n_l), Z = A K + b
b           (n_l, 1)                         (n_l,)
J           ()                               ()
==========  ===============================  =====================================

The derivative dV has the layout of V. This is how Keras, scikit-learn and JAX lay things out; torch
keeps W as the contract does, and needs `rows(case).X` alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gradoracle.arrays import Array
from gradoracle.case import Case


@dataclass(frozen=True, eq=False)
class Rows:
    """A case with one example a row; every array is a writable copy.

    Attributes
    ----------
    X, Y : numpy.ndarray
        (n, n_0) and (n, n_L).
    kernels : dict of int to numpy.ndarray
        The transposed W^[l], (n_{l-1}, n_l), for l = 1 ... L.
    b : dict of int to numpy.ndarray
        (n_l,).
    """

    X: Array
    Y: Array
    kernels: dict[int, Array]
    b: dict[int, Array]


def rows(case: Case) -> Rows:
    """Copy a case into rows."""
    return Rows(
        X=np.array(case.X.T, order="C"),
        Y=np.array(case.Y.T, order="C"),
        kernels={layer: np.array(W.T, order="C") for layer, W in case.W.items()},
        b={layer: b[:, 0].copy() for layer, b in case.b.items()},
    )


def columns(trace: Mapping[str, Array]) -> dict[str, Array]:
    """Return a trace in rows as the contract has it; what has another number of axes is kept.

    A candidate that declares ``layout="rows"`` in its conventions need not call it.
    """
    return {name: _column_form(name, array) for name, array in trace.items()}


def _column_form(name: str, array: Array) -> Array:
    axes = getattr(array, "ndim", None)
    if name.startswith("db") and axes == 1:
        return array[:, np.newaxis]
    return array.T if axes == 2 and name != "J" else array
