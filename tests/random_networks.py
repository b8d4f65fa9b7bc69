"""Random correct networks, and ways to compute them that differ only in rounding."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from gradoracle.activations import ACTIVATIONS, activate, pull_back
from gradoracle.arrays import Array
from gradoracle.case import Case, Trace
from gradoracle.losses import LOSSES
from gradoracle.network import Batch, Network, Parameters

GRID = 2.0**-12
MatMul = Callable[[Array, Array], Array]


def on_grid(values: Array) -> Array:
    """Round to multiples of 2^-12: exact in float32."""
    return np.asarray(np.round(values / GRID) * GRID)


def labels(loss: str, outputs: int, n: int, rng: np.random.Generator) -> Array:
    """Draw labels that suit a loss; one-hot or dyadic for cross_entropy."""
    if loss == "cross_entropy":
        return np.eye(outputs)[rng.integers(0, outputs, n)].T.copy()
    if loss == "binary_cross_entropy":
        return on_grid(rng.uniform(size=(outputs, n)))
    return on_grid(rng.normal(size=(outputs, n)))


def random_network(seed: int) -> Case:
    """Draw 1 to 4 layers of 2 to 16 units, any activations, loss, reduction, L2, up to 40 examples.

    Weights have variance 1 / n_{l-1}, as networks that are trained have.
    """
    rng = np.random.default_rng([seed, 20_260])
    L = int(rng.integers(1, 5))
    sizes = tuple(int(s) for s in rng.integers(2, 17, L + 1))
    names, losses = list(ACTIVATIONS), list(LOSSES)
    activations = [names[int(i)] for i in rng.integers(0, len(names), L)]
    loss = losses[int(rng.integers(0, len(losses)))]
    activations[-1] = LOSSES[loss].output or activations[-1]
    n = int(rng.integers(1, 41))
    reduction = ("mean", "sum", "mean_all")[int(rng.integers(0, 3))]
    network = Network(sizes, tuple(activations), loss, reduction, float(rng.choice([0, 0.125])))
    W = [on_grid(rng.normal(size=(b, a)) / np.sqrt(a)) for a, b in itertools.pairwise(sizes)]
    b = [on_grid(rng.normal(size=(size, 1))) for size in sizes[1:]]
    batch = Batch(on_grid(rng.normal(size=(sizes[0], n))), labels(loss, sizes[-1], n, rng))
    return Case(f"random.{seed}", network, Parameters(W, b), batch)


def images(n: int, units: int, hidden: str, order: str, seed: int = 0) -> Case:
    """Draw a 784-units-1 network on n sparse images that depend on their labels.

    Parameters
    ----------
    order : {"random", "label", "feature", "magnitude"}
        How the examples are sorted.
    """
    rng = np.random.default_rng([seed, n, units])
    Y = rng.integers(0, 2, size=(1, n)).astype(float)
    ink = rng.uniform(size=(784, n)) * (rng.uniform(size=(784, n)) < 0.2)
    X = on_grid(
        ink * np.where(Y, np.linspace(0.4, 1, 784)[:, None], np.linspace(1, 0.4, 784)[:, None])
    )
    keys = {
        "random": np.arange(n),
        "label": np.argsort(Y[0], kind="stable"),
        "feature": np.argsort(X[400], kind="stable"),
        "magnitude": np.argsort((X**2).sum(axis=0), kind="stable"),
    }
    X, Y = X[:, keys[order]].copy(), Y[:, keys[order]].copy()
    sizes = (784, units, 1)
    W = [on_grid(rng.normal(size=(b, a)) / np.sqrt(a)) for a, b in ((784, units), (units, 1))]
    b = [on_grid(0.1 * rng.normal(size=(size, 1))) for size in sizes[1:]]
    network = Network(sizes, (hidden, "sigmoid"), "binary_cross_entropy")
    return Case(f"images.{order}.{hidden}-{n}", network, Parameters(W, b), Batch(X, Y))


def one_by_one(x: Array, y: Array) -> Array:
    """x @ y with a plain loop over the terms: every partial sum is rounded, in order."""
    total = np.zeros((x.shape[0], y.shape[1]), x.dtype)
    for k in range(x.shape[1]):
        total += x[:, k : k + 1] * y[k : k + 1]
    return total


def run_with(case: Case, matmul: MatMul) -> Trace:
    """The network of one output error that is fused (cross-entropies), with another product."""
    A, Z, arrays = {0: case.X}, {}, {}
    for layer in range(1, case.L + 1):
        Z[layer] = matmul(case.W[layer], A[layer - 1]) + case.b[layer]
        A[layer] = activate(case.activation(layer), Z[layer])
        arrays |= {f"Z{layer}": Z[layer], f"A{layer}": A[layer]}
    dZ = (A[case.L] - case.Y) / case.n
    for layer in range(case.L, 0, -1):
        arrays[f"dZ{layer}"] = dZ
        arrays[f"dW{layer}"] = matmul(dZ, A[layer - 1].T)
        arrays[f"db{layer}"] = matmul(dZ, np.ones((case.n, 1), case.dtype))
        dA = matmul(case.W[layer].T, dZ)
        if layer == 1:
            arrays["dX"] = dA
        else:
            arrays[f"dA{layer - 1}"] = dA
            below = layer - 1
            dZ = pull_back(case.activation(below), Z[below], A[below], dA)
    return Trace(arrays, case.network)
