"""How a case is drawn: from a generator seeded by its id, on a grid that is exact in float32.

Drawing happens once, when a case is frozen; what is in the frozen files is the case from then on.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from gradoracle.activations import elementwise, softmax
from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.network import Batch, Network, Parameters

GRID = 2.0**-12  # inputs are multiples of this


def build(
    case_id: str,
    sizes: Sequence[int],
    activations: Sequence[str],
    loss: str,
    *,
    n: int = 11,
    reduction: str = "mean",
    l2: float = 0.0,
    sort: bool = False,
    hard: bool = False,
    level: str = "required",
    needs: Iterable[str] = (),
    flags: Iterable[str] = (),
    catches: str = "",
) -> Case:
    """Draw a case: weights of variance 1 / n_{l-1}, biases and inputs of variance 1, soft labels.

    No unit with a kink stays on one side of it (`enlivened`).

    Parameters
    ----------
    case_id : str
        Seeds the generator.
    sizes, activations, loss, reduction, l2
        As in `Network`.
    n : int
        Number of examples.
    sort : bool
        Whether the examples are sorted by their (first) label.
    hard : bool
        Whether the labels of the cross-entropies are 0 or 1 (one-hot) instead of soft.
    level, needs, flags, catches
        As in `Case`.
    """
    rng = np.random.default_rng(zlib.crc32(case_id.encode()))
    network = Network(tuple(sizes), tuple(activations), loss, reduction, l2)
    W, b = [], []
    for fan_in, size in pairwise(sizes):
        W.append(on_grid(rng.normal(size=(size, fan_in)) / np.sqrt(fan_in)))
        b.append(on_grid(rng.normal(size=(size, 1))))
    X = on_grid(rng.normal(size=(sizes[0], n)))
    Y = _labels(loss, sizes[-1], n, rng)
    if hard:
        Y = _hardened(loss, Y)
    if sort:
        order = np.argsort(Y[0], kind="stable")
        X, Y = X[:, order], Y[:, order]
    return enlivened(
        Case(
            case_id,
            network,
            Parameters(W, b),
            Batch(X, Y),
            catches,
            level,
            tuple(needs),
            frozenset(flags),
        )
    )


def enlivened(case: Case) -> Case:
    """Move biases so that a unit with a kink is on both sides of it in some examples of the batch.

    A unit that is dead, or alive throughout, would hide a wrong derivative.
    """
    b, A = dict(case.b), case.X
    for layer, W in case.W.items():
        name = case.activation(layer)
        Z = W @ A + b[layer]
        if name in ("relu", "leaky_relu", "elu"):
            one_sided = (Z > 0).all(axis=1) | (Z <= 0).all(axis=1)
            moved = one_sided & (np.ptp(Z, axis=1) > 8 * GRID)
            centre = on_grid((Z.max(axis=1) + Z.min(axis=1)) / 2)
            b[layer] = b[layer] - np.where(moved, centre, 0)[:, np.newaxis]
            Z = W @ A + b[layer]
        A = softmax(Z) if name == "softmax" else elementwise(name).value(Z)
    return remade(case, b=b)


def remade(
    case: Case,
    *,
    W: Mapping[int, Array] | None = None,
    b: Mapping[int, Array] | None = None,
    X: Array | None = None,
    Y: Array | None = None,
) -> Case:
    """Return the case with some of its arrays replaced; W and b by layer."""
    parameters = Parameters({**case.W, **(W or {})}, {**case.b, **(b or {})})
    batch = Batch(case.X if X is None else X, case.Y if Y is None else Y)
    return replace(case, parameters=parameters, batch=batch)


def on_grid(values: Array) -> Array:
    """Round to multiples of 2^-12."""
    return np.asarray(np.round(values / GRID) * GRID)


def _labels(loss: str, outputs: int, n: int, rng: np.random.Generator) -> Array:
    """Soft labels: for the cross-entropies in [0, 1], for `cross_entropy` dyadic, summing to 1."""
    if loss == "binary_cross_entropy":
        return on_grid(rng.uniform(size=(outputs, n)))
    if loss == "cross_entropy":
        cuts = np.sort(rng.integers(0, 257, size=(outputs - 1, n)), axis=0)
        edges = np.vstack([np.zeros((1, n)), cuts, np.full((1, n), 256)])
        return np.diff(edges, axis=0) / 256
    return on_grid(rng.normal(size=(outputs, n)))


def _hardened(loss: str, Y: Array) -> Array:
    """The nearest labels of 0 and 1; for `cross_entropy` one 1 a column."""
    if loss == "binary_cross_entropy":
        return np.round(Y)
    one_hot = np.zeros_like(Y)
    one_hot[Y.argmax(axis=0), np.arange(Y.shape[1])] = 1
    return one_hot
