"""In which dtypes a case can be asked: where nothing that is added up exceeds the largest float."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from gradoracle.arrays import DTYPES, Array
from gradoracle.case import Case
from gradoracle.losses import LOSSES


def dtypes_of(case: Case, values: Mapping[str, Array]) -> tuple[str, ...]:
    """Return the dtypes in which every truth and every sum of magnitudes is representable.

    Parameters
    ----------
    case : Case
    values : mapping of str to numpy.ndarray
        The truth. dA^[L] of a cross-entropy may be missing, and does not count: it is left out
        of a trace where it cannot be represented.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        largest = max(float(np.abs(sums).max()) for sums in _sums(case, values))
    return tuple(name for name, dtype in DTYPES.items() if largest <= float(np.finfo(dtype).max))


def _sums(case: Case, values: Mapping[str, Array]) -> Iterator[Array]:
    """Yield every array of the run with its terms taken by magnitude, nothing divided by N."""
    size = {name: np.abs(array) for name, array in values.items()} | {"A0": np.abs(case.X)}
    W = {layer: np.abs(w) for layer, w in case.W.items()}
    l2, N = case.network.l2, case.N
    for layer in W:
        yield W[layer] @ size[f"A{layer - 1}"] + np.abs(case.b[layer])
        yield size[f"A{layer}"]
    yield _terms(case, size).sum() + l2 * sum(np.square(w).sum() for w in W.values())
    for layer in sorted(W, reverse=True):
        name = f"dA{layer}"
        if name in size and not (layer == case.L and LOSSES[case.network.loss].output):
            yield N * size[name]
        dZ = N * size[f"dZ{layer}"]
        yield dZ @ size[f"A{layer - 1}"].T + N * l2 * W[layer]
        yield dZ.sum(axis=1)
        yield W[layer].T @ dZ


def _terms(case: Case, size: Mapping[str, Array]) -> Array:
    """Return the loss before reduction, by magnitude; for the cross-entropies |z| is about that."""
    A, Y = size[f"A{case.L}"], np.abs(case.Y)
    if LOSSES[case.network.loss].output:
        return np.asarray(size[f"Z{case.L}"] + 1)
    return np.asarray(A * Y if case.network.loss == "linear" else np.square(A + Y))
