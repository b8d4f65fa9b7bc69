"""What stands in the batch and in the parameters: orders, copies, zeros, constants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from gradoracle.case import Case
from gradoracle.corpus.drawing import build, remade

BCE = "binary_cross_entropy"
NEEDS = ("two-layer.tanh-bce",)


def batches() -> Iterator[Case]:
    """Yield them, the orders first."""
    yield from _orders()
    yield from _copies()
    yield from _inputs()
    yield from _parameters()


def _orders() -> Iterator[Case]:
    wrong = "a sum that depends on the order of the examples"
    for hidden in ("sigmoid", "relu", "tanh"):
        for sort in (False, True):
            yield build(
                f"order.{'sorted' if sort else 'random'}.{hidden}",
                (4, 3, 1),
                (hidden, "sigmoid"),
                BCE,
                n=64,
                sort=sort,
                needs=[f"two-layer.{hidden}-bce"],
                catches=wrong,
            )
    for name in ("by-feature", "by-magnitude"):
        case = build(
            f"order.{name}",
            (4, 3, 1),
            ("tanh", "sigmoid"),
            BCE,
            n=64,
            level="recommended",
            needs=["order.sorted.tanh"],
            catches=wrong,
        )
        key = case.X[0] if name == "by-feature" else np.square(case.X).sum(axis=0)
        yield _columns(case, np.argsort(key, kind="stable"))
    yield build(
        "order.sorted-long",
        (1, 2, 1),
        ("tanh", "sigmoid"),
        BCE,
        n=512,
        sort=True,
        hard=True,
        level="stress",
        needs=["order.sorted.tanh"],
        catches="a running sum in too low a precision: labels 0 first, then labels 1",
    )


def _copies() -> Iterator[Case]:
    for name, columns, level, wrong in (
        ("duplicated", [0, 1, 2, 0, 1, 2, 0, 0, 1, 2, 0], "required", "a set where a batch is"),
        ("constant", [0] * 11, "recommended", "a gradient scaled by the number of distinct rows"),
    ):
        case = build(
            f"batch.{name}",
            (5, 4, 2),
            ("tanh", "sigmoid"),
            BCE,
            level=level,
            needs=NEEDS,
            flags=["duplicated"] + (["correlated"] if name == "constant" else []),
            catches=f"{wrong}: equal examples count as often as they stand there",
        )
        yield _columns(case, np.array(columns))


def _inputs() -> Iterator[Case]:
    case = build(
        "batch.blank-example",
        (5, 4, 2),
        ("tanh", "sigmoid"),
        BCE,
        needs=NEEDS,
        catches="an example of zeros that is dropped: the biases still see it",
    )
    X = case.X.copy()
    X[:, 4] = 0
    yield remade(case, X=X)

    case = build(
        "batch.blank-feature",
        (5, 4, 2),
        ("tanh", "sigmoid"),
        BCE,
        needs=NEEDS,
        catches="a feature that is 0 throughout: its weights have gradient exactly 0",
    )
    X = case.X.copy()
    X[2] = 0
    yield remade(case, X=X)

    case = build(
        "batch.pixels-255",
        (5, 4, 2),
        ("tanh", "sigmoid"),
        BCE,
        needs=NEEDS,
        flags=["saturated"],
        catches="steps and clips that suit inputs near 1: these are whole numbers from 0 to 255",
    )
    yield remade(case, X=np.round(np.abs(case.X) * 80).clip(0, 255), W={1: case.W[1] / 64})


def _parameters() -> Iterator[Case]:
    case = build(
        "bias.zero",
        (5, 4, 2),
        ("tanh", "sigmoid"),
        BCE,
        needs=NEEDS,
        catches="db left out because b is 0",
    )
    yield _filled(case, b=0.0)

    case = build(
        "bias.large",
        (5, 4, 2),
        ("softplus", "identity"),
        "squared_error",
        level="recommended",
        needs=["hidden.softplus"],
        catches="a bias added once too often, or divided by n",
    )
    yield remade(case, b={1: case.b[1] * 16, 2: case.b[2] * 64})

    case = build(
        "weights.zero",
        (5, 4, 2),
        ("tanh", "sigmoid"),
        BCE,
        level="recommended",
        needs=NEEDS,
        flags=["zero"],
        catches="a number where exactly 0 belongs: no error passes through weights of 0",
    )
    yield _filled(case, W=0.0)

    case = build(
        "weights.zero-first",
        (5, 4, 2),
        ("tanh", "sigmoid"),
        BCE,
        level="recommended",
        needs=NEEDS,
        flags=["zero"],
        catches="dX that is not exactly 0, dW1 that is",
    )
    yield remade(case, W={1: np.zeros_like(case.W[1])})

    case = build(
        "weights.constant",
        (5, 4, 2),
        ("tanh", "sigmoid"),
        BCE,
        level="recommended",
        needs=NEEDS,
        flags=["correlated"],
        catches="units that are told apart although all of them are alike",
    )
    yield _filled(case, W=0.25, b=0.5)


def _columns(case: Case, columns: npt.NDArray[np.intp]) -> Case:
    return remade(case, X=case.X[:, columns], Y=case.Y[:, columns])


def _filled(case: Case, W: float | None = None, b: float | None = None) -> Case:
    """Return the case with every weight, or every bias, the same number."""
    return replace(
        case,
        parameters=type(case.parameters)(
            [w if W is None else np.full_like(w, W) for w in case.W.values()],
            [v if b is None else np.full_like(v, b) for v in case.b.values()],
        ),
    )
