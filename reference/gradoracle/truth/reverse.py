"""The truth of one case: every array of the trace in ball arithmetic, by the reverse pass.

Examples are taken in chunks, so memory stays bounded when n grows: dW, db and J are summed in
balls, what belongs to one example is turned into floats at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from flint import arb, arb_mat, ctx

from gradoracle.arrays import Array
from gradoracle.case import Case, trace_shapes
from gradoracle.losses import LOSSES
from gradoracle.truth import balls
from gradoracle.truth.balls import UndecidedError

PRECISIONS = (128, 256, 512, 1024, 2048)  # bits; the next one is tried where a kink is undecided
CHUNK = 512  # examples at a time

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Truth:
    """Every array of the trace with a proven error.

    Attributes
    ----------
    values : mapping of str to numpy.ndarray
        The midpoints rounded to float64, in the order of computation.
    radii : mapping of str to numpy.ndarray
        |true - value| is at most this, the rounding of the midpoint included.
    """

    values: Mapping[str, Array]
    radii: Mapping[str, Array]


def truth(case: Case, progress: Progress | None = None) -> Truth:
    """Enclose every array of the trace of a case.

    Parameters
    ----------
    case : Case
        Its inputs are taken as the exact values of their floats.
    progress : callable (done, of), optional
        Called after each chunk of examples.

    Raises
    ------
    UndecidedError
        If a pre-activation is not provably on one side of a kink at 2,048 bits.
    """
    before = ctx.prec
    try:
        for bits in PRECISIONS:
            ctx.prec = bits
            try:
                return _reverse(case, progress)
            except UndecidedError:
                if bits == PRECISIONS[-1]:
                    raise
        raise AssertionError("unreachable: the last precision returns or raises")
    finally:
        ctx.prec = before


def _reverse(case: Case, progress: Progress | None) -> Truth:
    W = {layer: _matrix(w) for layer, w in case.W.items()}
    b = {layer: _entries(v) for layer, v in case.b.items()}
    totals: dict[str, arb_mat] = {"J": arb_mat(1, 1)}
    for layer in range(1, case.L + 1):
        totals[f"dW{layer}"] = W[layer] * arb(case.network.l2)
        totals[f"db{layer}"] = arb_mat(W[layer].nrows(), 1)
    pieces: dict[str, list[tuple[Array, Array]]] = {}
    for start in range(0, case.n, CHUNK):
        span = slice(start, min(start + CHUNK, case.n))
        chunk, sums = _chunk(case, W, b, span)
        for name, matrix in sums.items():
            totals[name] = totals[name] + matrix
        for name, matrix in chunk.items():
            pieces.setdefault(name, []).append(_floats(matrix))
        if progress is not None:
            progress(span.stop, case.n)
    squares = sum((w * w for v in W.values() for w in v.entries()), arb(0))
    totals["J"] = totals["J"] + arb_mat(1, 1, [arb(case.network.l2) / 2 * squares])
    floats = {name: _floats(matrix) for name, matrix in totals.items()}
    for name, parts in pieces.items():
        floats[name] = (
            np.concatenate([value for value, _ in parts], axis=1),
            np.concatenate([radius for _, radius in parts], axis=1),
        )
    shapes = trace_shapes(case.network, case.n)
    return Truth(
        {name: floats[name][0].reshape(shape) for name, shape in shapes.items()},
        {name: floats[name][1].reshape(shape) for name, shape in shapes.items()},
    )


def _chunk(
    case: Case, W: Mapping[int, arb_mat], b: Mapping[int, Sequence[arb]], span: slice
) -> tuple[dict[str, arb_mat], dict[str, arb_mat]]:
    """Run some examples: the arrays that belong to them, and what they add to J, dW, db."""
    L, loss = case.L, case.network.loss
    Z: dict[int, arb_mat] = {}
    A: dict[int, arb_mat] = {0: _matrix(case.X[:, span])}
    for layer in range(1, L + 1):
        product = W[layer] * A[layer - 1]
        columns = product.ncols()
        Z[layer] = product + arb_mat(
            len(b[layer]), columns, [v for v in b[layer] for _ in range(columns)]
        )
        A[layer] = _activate(case.activation(layer), Z[layer])

    Y = _matrix(case.Y[:, span])
    examples = list(zip(_columns(Z[L]), _columns(A[L]), _columns(Y), strict=True))
    scale = 1 / arb(case.N)
    J = sum((balls.loss_of_column(loss, z, a, y) for z, a, y in examples), arb(0)) * scale
    dA = _from_columns([balls.cotangent(loss, z, a, y) for z, a, y in examples]) * scale
    if LOSSES[loss].output is None:
        dZ = _pull_back(case.activation(L), Z[L], A[L], dA)
    else:
        dZ = (
            _from_columns([balls.fused_output_error(loss, z, a, y) for z, a, y in examples]) * scale
        )

    chunk = {f"Z{layer}": Z[layer] for layer in Z} | {f"A{layer}": A[layer] for layer in Z}
    sums = {"J": arb_mat(1, 1, [J])}
    ones = arb_mat(Y.ncols(), 1, [1] * Y.ncols())
    for layer in range(L, 0, -1):
        chunk[f"dA{layer}"], chunk[f"dZ{layer}"] = dA, dZ
        sums[f"dW{layer}"] = dZ * A[layer - 1].transpose()
        sums[f"db{layer}"] = dZ * ones
        dA = W[layer].transpose() * dZ
        if layer > 1:
            dZ = _pull_back(case.activation(layer - 1), Z[layer - 1], A[layer - 1], dA)
    chunk["dX"] = dA
    return chunk, sums


def _activate(name: str, Z: arb_mat) -> arb_mat:
    if name == "softmax":
        return _from_columns([balls.softmax(z) for z in _columns(Z)])
    value, _ = balls.ELEMENTWISE[name]
    return arb_mat(Z.nrows(), Z.ncols(), list(map(value, Z.entries())))


def _pull_back(name: str, Z: arb_mat, A: arb_mat, dA: arb_mat) -> arb_mat:
    if name == "softmax":
        pairs = zip(_columns(A), _columns(dA), strict=True)
        return _from_columns([balls.softmax_vjp(a, da) for a, da in pairs])
    _, prime = balls.ELEMENTWISE[name]
    entries = [d * prime(z) for d, z in zip(dA.entries(), Z.entries(), strict=True)]
    return arb_mat(Z.nrows(), Z.ncols(), entries)


def _matrix(a: Array) -> arb_mat:
    """Return the exact values of the floats."""
    return arb_mat(a.shape[0], a.shape[1], a.ravel().tolist())


def _entries(a: Array) -> list[arb]:
    return [arb(v) for v in a.ravel().tolist()]


def _columns(M: arb_mat) -> list[list[arb]]:
    entries, width = M.entries(), M.ncols()
    return [entries[j::width] for j in range(width)]


def _from_columns(columns: Sequence[Sequence[arb]]) -> arb_mat:
    rows = [v for row in zip(*columns, strict=True) for v in row]
    return arb_mat(len(columns[0]), len(columns), rows)


def _floats(M: arb_mat) -> tuple[Array, Array]:
    """Return midpoints rounded to float64, and radii that cover that rounding too."""
    entries = M.entries()
    shape = (M.nrows(), M.ncols())
    value = np.fromiter(map(float, entries), np.float64, len(entries)).reshape(shape)
    ball = np.fromiter(map(float, map(arb.rad, entries)), np.float64, len(entries)).reshape(shape)
    # half a unit in the last place for the midpoint (the smallest subnormal below the normal
    # range), twice that and a hair for the rounding of this very sum
    radius = np.spacing(np.abs(value)) / 2 + ball
    return value, np.nextafter(radius * (1 + 2.0**-50), np.inf)
