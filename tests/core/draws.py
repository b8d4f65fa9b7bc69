"""Random cases for the tests of the core, which no change of the corpus can change."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from gradoracle import Batch, Case, Network, Parameters


def build(
    case_id: str,
    sizes: Sequence[int],
    activations: Sequence[str],
    loss: str,
    *,
    n: int = 11,
    reduction: str = "mean",
    l2: float = 0.0,
) -> Case:
    """Draw a case, seeded by its id; all inputs are multiples of 2^-12, so exact in float32.

    Weights have variance 1 / n_{l-1}, biases and inputs variance 1; labels are soft, those of
    `cross_entropy` dyadic.
    """
    rng = np.random.default_rng(zlib.crc32(case_id.encode()))

    def on_grid(values: np.ndarray) -> np.ndarray:
        return np.round(values * 4096) / 4096

    W = [on_grid(rng.normal(size=(m, k)) / np.sqrt(k)) for k, m in pairwise(sizes)]
    b = [on_grid(rng.normal(size=(m, 1))) for m in sizes[1:]]
    X = on_grid(rng.normal(size=(sizes[0], n)))
    Y = on_grid(rng.normal(size=(sizes[-1], n)))
    if loss == "binary_cross_entropy":
        Y = on_grid(rng.uniform(size=(sizes[-1], n)))
    if loss == "cross_entropy":
        Y = rng.multinomial(256, np.full(sizes[-1], 1 / sizes[-1]), size=n).T / 256
    network = Network(tuple(sizes), tuple(activations), loss, reduction, l2)
    return Case(case_id, network, Parameters(W, b), Batch(X, Y))
