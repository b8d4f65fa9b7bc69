"""The built-in cases: small networks that reach every formula, and handwritten digits.

Every number is drawn from a generator seeded by the case's id and rounded to a multiple of 2^-12,
so it is exact in float32 and one case serves both dtypes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from gradoracle.activations import ACTIVATIONS
from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.data import Digits, binary
from gradoracle.losses import LOSSES
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
    catches: str = "",
) -> Case:
    """Draw a case: weights of variance 1 / n_{l-1}, biases and inputs of variance 1, soft labels.

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
    catches : str
        What the case is there to catch.
    """
    rng = np.random.default_rng(zlib.crc32(case_id.encode()))
    network = Network(tuple(sizes), tuple(activations), loss, reduction, l2)
    W, b = [], []
    for fan_in, size in pairwise(sizes):
        W.append(_on_grid(rng.normal(size=(size, fan_in)) / np.sqrt(fan_in)))
        b.append(_on_grid(rng.normal(size=(size, 1))))
    X = _on_grid(rng.normal(size=(sizes[0], n)))
    Y = _labels(loss, sizes[-1], n, rng)
    if sort:
        order = np.argsort(Y[0], kind="stable")
        X, Y = X[:, order], Y[:, order]
    return Case(case_id, network, Parameters(W, b), Batch(X, Y), catches)


def builtin() -> list[Case]:
    """Return the synthetic cases, ids unique, in a fixed order."""
    return [
        *_seed_networks(),
        *_regressions(),
        *_hidden_activations(),
        *_output_pairs(),
        *_reductions_and_l2(),
        *_depths_and_shapes(),
        *_orders(),
    ]


def _on_grid(values: Array) -> Array:
    return np.asarray(np.round(values / GRID) * GRID)


def _labels(loss: str, outputs: int, n: int, rng: np.random.Generator) -> Array:
    """Soft labels: for the cross-entropies in [0, 1], for `cross_entropy` dyadic, summing to 1."""
    if loss == "binary_cross_entropy":
        return _on_grid(rng.uniform(size=(outputs, n)))
    if loss == "cross_entropy":
        cuts = np.sort(rng.integers(0, 257, size=(outputs - 1, n)), axis=0)
        edges = np.vstack([np.zeros((1, n)), cuts, np.full((1, n), 256)])
        return np.diff(edges, axis=0) / 256
    return _on_grid(rng.normal(size=(outputs, n)))


def _seed_networks() -> Iterator[Case]:
    for hidden in ("sigmoid", "relu"):
        yield build(
            f"two-layer.{hidden}-bce",
            (5, 4, 1),
            (hidden, "sigmoid"),
            "binary_cross_entropy",
            catches=f"anything wrong in the 2-layer derivation with a {hidden} hidden layer",
        )


def _regressions() -> Iterator[Case]:
    yield build(
        "regression.linear",
        (3, 1),
        ("identity",),
        "squared_error",
        catches="a missing factor 2 or 1/n in linear regression",
    )
    yield build(
        "regression.logistic",
        (3, 1),
        ("sigmoid",),
        "binary_cross_entropy",
        catches="an activation derivative left in the fused a - y",
    )
    yield build(
        "regression.softmax",
        (4, 3),
        ("softmax",),
        "cross_entropy",
        catches="softmax and cross-entropy that are not fused to p - y",
    )


def _hidden_activations() -> Iterator[Case]:
    for name in ACTIVATIONS:
        yield build(
            f"hidden.{name}",
            (4, 6, 5, 2),
            (name, "tanh", "sigmoid"),
            "binary_cross_entropy",
            n=7,
            catches=f"a wrong derivative of {name} in a hidden layer",
        )


def _output_pairs() -> Iterator[Case]:
    for loss, row in LOSSES.items():
        for name in ACTIVATIONS if row.output is None else (row.output,):
            yield build(
                f"pair.{name}-{loss}",
                (4, 5, 3),
                ("sigmoid", name),
                loss,
                n=8,
                catches=f"a wrong output error of {loss} over {name}",
            )


def _reductions_and_l2() -> Iterator[Case]:
    for reduction in ("mean", "sum", "mean_all"):
        for l2 in (0.0, 0.125):
            yield build(
                f"reduction.{reduction}" + (".l2" if l2 else ""),
                (3, 4, 2),
                ("tanh", "identity"),
                "half_squared_error",
                n=6,
                reduction=reduction,
                l2=l2,
                catches=f"a divisor other than that of {reduction}"
                + (", or an L2 term on biases, over n, or without its factor" if l2 else ""),
            )
    yield build(
        "reduction.sum.bce-l2",
        (3, 4, 2),
        ("relu", "sigmoid"),
        "binary_cross_entropy",
        reduction="sum",
        l2=0.25,
        catches="L2 over a summed loss",
    )
    yield build(
        "reduction.mean_all.ce",
        (3, 4, 3),
        ("silu", "softmax"),
        "cross_entropy",
        reduction="mean_all",
        catches="a cross-entropy averaged over classes as well",
    )


def _depths_and_shapes() -> Iterator[Case]:
    for depth in (1, 2, 3, 4, 5):
        yield build(
            f"depth.{depth}",
            tuple(range(depth + 2, 1, -1)),
            (*("tanh", "sigmoid", "relu", "gelu")[: depth - 1], "sigmoid"),
            "binary_cross_entropy",
            n=9,
            catches="an index off by one in the loop over layers",
        )
    yield build(
        "shape.square",
        (4, 4, 4, 4),
        ("tanh", "sigmoid", "sigmoid"),
        "binary_cross_entropy",
        n=7,
        catches="a transpose that a shape check lets pass",
    )
    yield build(
        "shape.n-equals-width",
        (5, 5, 2),
        ("tanh", "sigmoid"),
        "binary_cross_entropy",
        n=5,
        catches="a sum over the wrong axis that a shape check lets pass",
    )
    yield build(
        "shape.one-example",
        (4, 3, 2),
        ("tanh", "sigmoid"),
        "binary_cross_entropy",
        n=1,
        catches="an axis lost where there is one example",
    )
    yield build(
        "shape.one-neuron",
        (1, 1),
        ("sigmoid",),
        "binary_cross_entropy",
        n=3,
        catches="a scalar where a matrix belongs",
    )
    yield build(
        "shape.softmax-hidden-deep",
        (4, 5, 6, 3),
        ("softmax", "softmax", "softmax"),
        "cross_entropy",
        n=6,
        catches="softmax's Jacobian cut down to its diagonal",
    )


def _orders() -> Iterator[Case]:
    for hidden in ("sigmoid", "relu", "tanh"):
        for sort in (False, True):
            yield build(
                f"order.{'sorted' if sort else 'random'}.{hidden}",
                (6, 5, 1),
                (hidden, "sigmoid"),
                "binary_cross_entropy",
                n=256,
                sort=sort,
                catches="a sum that depends on the order of the examples",
            )


def digit_cases(digits: Digits) -> list[Case]:
    """Return the seed networks on the training images of 5 and 8, a quarter as many hidden units.

    MNIST gives the 784-196-1 network of the texts, all 154,057 parameters; the embedded 8x8 set
    gives 64-16-1. Labels are 0 for a 5 and 1 for an 8.
    """
    train, _ = binary(digits)
    inputs = train.X.shape[0]
    sizes = (inputs, inputs // 4, 1)
    stem = f"{digits.name.lower().replace(' ', '-')}.{'-'.join(map(str, sizes))}"
    cases = []
    for hidden in ("sigmoid", "relu"):
        case_id = f"{stem}.{hidden}-bce"
        drawn = build(case_id, sizes, (hidden, "sigmoid"), "binary_cross_entropy", n=1)
        cases.append(
            Case(
                case_id,
                drawn.network,
                drawn.parameters,
                train,
                f"anything that shows only on real images ({digits.name}, 5 against 8)",
            )
        )
    return cases
