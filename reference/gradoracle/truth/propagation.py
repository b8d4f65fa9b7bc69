"""Forward and reverse pass of some examples of a case, on balls: the formulas of the contract.

dZ^[l] = dA^[l] o g_l'(Z^[l]), dW^[l] = dZ^[l] (A^[l-1])^T, db^[l] = sum over examples of dZ^[l],
dA^[l-1] = (W^[l])^T dZ^[l]. J is averaged, so dA^[L] and dZ^[L] hold the 1 / N of the reduction
and everything after them inherits it. The L2 term belongs to no example and is added elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flint import arb, arb_mat

from gradoracle.arrays import Array
from gradoracle.losses import LOSSES
from gradoracle.network import Network, Parameters
from gradoracle.truth import balls
from gradoracle.truth.nearest import Integers

Matrices = dict[str, arb_mat]


@dataclass(frozen=True, eq=False)
class Model:
    """What is the same for all examples of a case, the parameters as exact balls.

    Attributes
    ----------
    network : Network
    N : int
        The divisor of the reduction.
    W, transposed : mapping of int to arb_mat
        W^[l], (n_l, n_{l-1}), and its transpose.
    b : mapping of int to list of arb
        The n_l entries of b^[l].
    """

    network: Network
    N: int
    W: Mapping[int, arb_mat]
    transposed: Mapping[int, arb_mat]
    b: Mapping[int, Sequence[arb]]

    @classmethod
    def of(cls, network: Network, parameters: Parameters, N: int) -> Model:
        """Convert the parameters."""
        W = {layer: exactly(w) for layer, w in parameters.W.items()}
        b = {layer: exactly(v).entries() for layer, v in parameters.b.items()}
        return cls(network, N, W, {layer: w.transpose() for layer, w in W.items()}, b)


def propagate(model: Model, X: Array, Y: Array) -> tuple[Matrices, Matrices]:
    """Run some examples, at the working precision of python-flint.

    Parameters
    ----------
    model : Model
    X, Y : numpy.ndarray
        The examples, one a column.

    Returns
    -------
    arrays : dict of str to arb_mat
        Z, A, dA, dZ and dX of these examples.
    sums : dict of str to arb_mat
        What they add to J, dW and db.

    Raises
    ------
    UndecidedError
        If a pre-activation is not provably on one side of a kink.
    """
    L, loss, N = model.network.L, model.network.loss, arb(model.N)
    activations = dict(enumerate(model.network.activations, start=1))
    Z: dict[int, arb_mat] = {}
    A: dict[int, arb_mat] = {0: exactly(X)}
    for layer in range(1, L + 1):
        Z[layer] = add_to_rows(model.W[layer] * A[layer - 1], model.b[layer])
        A[layer] = _activate(activations[layer], Z[layer])

    examples = list(zip(columns_of(Z[L]), columns_of(A[L]), columns_of(exactly(Y)), strict=True))
    J = sum((balls.loss_of_column(loss, z, a, y) for z, a, y in examples), arb(0)) / N
    dA = from_columns([balls.cotangent(loss, z, a, y) for z, a, y in examples]) / N
    if LOSSES[loss].output is None:
        dZ = _pull_back(activations[L], Z[L], A[L], dA)
    else:
        dZ = from_columns([balls.fused_output_error(loss, z, a, y) for z, a, y in examples]) / N

    arrays = {f"Z{layer}": Z[layer] for layer in Z} | {f"A{layer}": A[layer] for layer in Z}
    sums = {"J": arb_mat(1, 1, [J])}
    ones = arb_mat(len(examples), 1, [1] * len(examples))
    for layer in range(L, 0, -1):
        arrays[f"dA{layer}"], arrays[f"dZ{layer}"] = dA, dZ
        sums[f"dW{layer}"] = dZ * A[layer - 1].transpose()
        sums[f"db{layer}"] = dZ * ones
        dA = model.transposed[layer] * dZ
        if layer > 1:
            dZ = _pull_back(activations[layer - 1], Z[layer - 1], A[layer - 1], dA)
    arrays["dX"] = dA
    return arrays, sums


def l2_terms(model: Model) -> Matrices:
    """Return what the L2 term adds: (l2 / 2) sum of squares to J, l2 W^[l] to dW^[l]."""
    if model.network.l2 == 0:
        return {}
    l2 = arb(model.network.l2)
    squares = sum((w * w for W in model.W.values() for w in W.entries()), arb(0))
    terms = {f"dW{layer}": W * l2 for layer, W in model.W.items()}
    return {"J": arb_mat(1, 1, [l2 / 2 * squares])} | terms


def add_to(totals: Matrices, sums: Mapping[str, arb_mat]) -> None:
    """Add sums to totals, name by name."""
    for name, matrix in sums.items():
        totals[name] = totals[name] + matrix if name in totals else matrix


def exactly(a: Array | Integers) -> arb_mat:
    """Return the exact values of the floats or integers of a matrix."""
    return arb_mat(a.shape[0], a.shape[1], a.ravel().tolist())


def add_to_rows(M: arb_mat, b: Sequence[arb]) -> arb_mat:
    """Return M + b, b_i in every column of row i."""
    columns = M.ncols()
    return M + arb_mat(len(b), columns, [v for v in b for _ in range(columns)])


def _activate(name: str, Z: arb_mat) -> arb_mat:
    if name == "softmax":
        return from_columns([balls.softmax(z) for z in columns_of(Z)])
    value, _ = balls.ELEMENTWISE[name]
    return arb_mat(Z.nrows(), Z.ncols(), list(map(value, Z.entries())))


def _pull_back(name: str, Z: arb_mat, A: arb_mat, dA: arb_mat) -> arb_mat:
    if name == "softmax":
        pairs = zip(columns_of(A), columns_of(dA), strict=True)
        return from_columns([balls.softmax_vjp(a, da) for a, da in pairs])
    _, prime = balls.ELEMENTWISE[name]
    entries = [d * prime(z) for d, z in zip(dA.entries(), Z.entries(), strict=True)]
    return arb_mat(Z.nrows(), Z.ncols(), entries)


def columns_of(M: arb_mat) -> list[list[arb]]:
    """Return the columns, one an example."""
    entries, width = M.entries(), M.ncols()
    return [entries[j::width] for j in range(width)]


def from_columns(columns: Sequence[Sequence[arb]]) -> arb_mat:
    """Return the matrix of these columns, of which there is at least one."""
    rows = [v for row in zip(*columns, strict=True) for v in row]
    return arb_mat(len(columns[0]), len(columns), rows)
