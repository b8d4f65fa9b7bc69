"""Shapes: sizes that differ so that a wrong axis raises, and sizes that agree so that it does not;
depths from 1 to 20.
"""

from __future__ import annotations

from collections.abc import Iterator

from gradoracle.case import Case
from gradoracle.corpus.drawing import build, enlivened, remade

BCE = "binary_cross_entropy"


def shapes() -> Iterator[Case]:
    """Yield the depths, then the shapes."""
    yield from _depths()
    yield from _special()
    yield from _agreeing()
    yield from _narrow()


def _depths() -> Iterator[Case]:
    for depth in (*range(1, 13), 20):
        # in a deep network narrow layers of relus may be dead, and sigmoids level every example:
        # both would hide what is before them
        second = "sigmoid" if depth <= 12 else "tanh"
        third = "relu" if depth <= 5 else "leaky_relu"
        hidden = [("tanh", second, third, "gelu")[layer % 4] for layer in range(depth - 1)]
        if depth <= 5:
            sizes = tuple(range(depth + 2, 1, -1))
        else:
            sizes = (5, *((4, 6, 3, 5)[layer % 4] for layer in range(depth - 1)), 2)
        previous = 12 if depth == 20 else depth - 1
        case = build(
            f"depth.{depth}",
            sizes,
            (*hidden, "sigmoid"),
            BCE,
            n=9 if depth <= 5 else 7,
            level="required" if depth <= 5 else "recommended" if depth <= 12 else "stress",
            needs=[f"depth.{previous}"] if previous else ["regression.logistic"],
            catches="an index off by one in the loop over layers",
        )
        if depth > 5:
            case = enlivened(remade(case, W={layer: 3 * w for layer, w in case.W.items()}))
        yield case


def _special() -> Iterator[Case]:
    yield build(
        "shape.one-neuron",
        (1, 1),
        ("sigmoid",),
        BCE,
        n=3,
        catches="a scalar where a matrix belongs",
    )
    yield build(
        "shape.one-example",
        (4, 3, 2),
        ("tanh", "sigmoid"),
        BCE,
        n=1,
        needs=["two-layer.tanh-bce"],
        catches="an axis lost where there is one example",
    )
    yield build(
        "shape.softmax-hidden-deep",
        (4, 5, 6, 3),
        ("softmax", "softmax", "softmax"),
        "cross_entropy",
        n=7,
        needs=["hidden.softmax"],
        catches="softmax's Jacobian cut down to its diagonal",
    )
    yield build(
        "shape.all-distinct",
        (7, 6, 5, 4, 3),
        ("tanh", "softplus", "sigmoid", "identity"),
        "squared_error",
        n=8,
        needs=["regression.linear"],
        catches="any two axes confused: no two sizes are equal",
    )
    yield build(
        "shape.growing",
        (2, 3, 4, 5),
        ("tanh", "sigmoid", "identity"),
        "squared_error",
        n=7,
        needs=["shape.all-distinct"],
        catches="layer sizes taken in the other order",
    )


def _agreeing() -> Iterator[Case]:
    for name, sizes, n, wrong in (
        ("square", (4, 4, 4, 4), 7, "a transpose that a shape check lets pass"),
        ("n-equals-width", (5, 5, 2), 5, "a sum over the wrong axis that a shape check lets pass"),
        ("n-equals-inputs", (4, 3, 2), 4, "examples in rows that a shape check lets pass"),
        ("n-equals-outputs", (5, 4, 3), 3, "A W for W A, which fits when n is the outputs"),
        ("all-equal", (3, 3, 3), 3, "any transpose at all: every array but b is 3 by 3"),
    ):
        yield build(
            f"shape.{name}",
            sizes,
            (*("tanh", "sigmoid")[: len(sizes) - 2], "sigmoid"),
            BCE,
            n=n,
            needs=["two-layer.tanh-bce"],
            catches=wrong,
        )


def _narrow() -> Iterator[Case]:
    for name, sizes, n in (
        ("bottleneck", (4, 1, 3), 5),
        ("one-input", (1, 4, 2), 5),
        ("chain", (1, 1, 1, 1), 4),
        ("one-of-everything", (1, 1, 1), 1),
    ):
        yield build(
            f"shape.{name}",
            sizes,
            ("tanh",) * (len(sizes) - 2) + ("sigmoid",),
            BCE,
            n=n,
            needs=["shape.one-neuron"],
            catches="an axis of length 1 that is squeezed away or broadcast",
        )
