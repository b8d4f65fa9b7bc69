"""The networks of the two texts: regressions, the seed networks, N layers, the delta rule."""

from __future__ import annotations

from collections.abc import Iterator

from gradoracle.case import Case
from gradoracle.corpus.drawing import build

BCE, CE = "binary_cross_entropy", "cross_entropy"


def networks() -> Iterator[Case]:
    """Yield them, the seed networks first."""
    yield from _two_layers()
    yield from _regressions()
    yield from _n_layers()
    yield from _delta_rule()


def _two_layers() -> Iterator[Case]:
    for hidden in ("sigmoid", "relu", "tanh"):
        yield build(
            f"two-layer.{hidden}-bce",
            (5, 4, 1),
            (hidden, "sigmoid"),
            BCE,
            needs=["regression.logistic"],
            catches=f"anything wrong in the 2-layer derivation with a {hidden} hidden layer",
        )
    yield build(
        "two-layer.relu-ce",
        (5, 4, 3),
        ("relu", "softmax"),
        CE,
        hard=True,
        needs=["regression.softmax", "two-layer.relu-bce"],
        catches="a sum over classes where each class has its own gradient",
    )
    yield build(
        "two-layer.tanh-half_squared_error",
        (5, 4, 2),
        ("tanh", "identity"),
        "half_squared_error",
        needs=["regression.linear", "two-layer.tanh-bce"],
        catches="a factor 2 of the squared error kept where the loss has a half",
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
        BCE,
        needs=["shape.one-neuron"],
        catches="an activation derivative left in the fused a - y",
    )
    yield build(
        "regression.softmax",
        (4, 3),
        ("softmax",),
        CE,
        catches="softmax and cross-entropy that are not fused to p - y",
    )
    yield build(
        "regression.logistic-l2",
        (3, 1),
        ("sigmoid",),
        BCE,
        l2=0.5,
        needs=["regression.logistic"],
        catches="weight decay on the bias, or with the wrong sign",
    )


def _n_layers() -> Iterator[Case]:
    for hidden in ("sigmoid", "relu"):
        yield build(
            f"n-layer.{hidden}-bce",
            (6, 5, 4, 3, 1),
            (*(hidden,) * 3, "sigmoid"),
            BCE,
            n=7,
            needs=[f"two-layer.{hidden}-bce"],
            catches="g applied to b^[l], or an error carried back without a transpose, "
            "in the N-layer algorithm",
        )


def _delta_rule() -> Iterator[Case]:
    """The classical rule's slide: E = sum (d - out)^2 of one example, sigmoid hidden units."""
    for name, output, wrong in (
        ("linear", "identity", "-1/2 of the gradient, which the slide calls the error"),
        ("sigmoid", "sigmoid", "an output error without the output's own o (1 - o)"),
    ):
        yield build(
            f"delta-rule.{name}-output",
            (5, 4, 3),
            ("sigmoid", output),
            "squared_error",
            n=1,
            reduction="sum",
            needs=["alone.sigmoid"],
            catches=wrong,
        )
