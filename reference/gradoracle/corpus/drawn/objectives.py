"""The objective: reductions, L2, labels, and networks that mix everything."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradoracle.case import Case
from gradoracle.corpus.drawing import build, remade

BCE, CE = "binary_cross_entropy", "cross_entropy"


def objectives() -> Iterator[Case]:
    """Yield them, the reductions first."""
    yield from _reductions()
    yield from _every_loss_reduced()
    yield from _l2()
    yield from _labels()
    yield from _mixed()


def _reductions() -> Iterator[Case]:
    for reduction in ("mean", "sum", "mean_all"):
        for l2 in (0.0, 0.125):
            simpler = "pair.identity-half_squared_error" if not l2 else f"reduction.{reduction}"
            yield build(
                f"reduction.{reduction}" + (".l2" if l2 else ""),
                (3, 4, 2),
                ("tanh", "identity"),
                "half_squared_error",
                n=6,
                reduction=reduction,
                l2=l2,
                needs=[simpler],
                catches=f"a divisor other than that of {reduction}"
                + (", or an L2 term on biases, over n, or without its factor" if l2 else ""),
            )
    yield build(
        "reduction.sum.bce-l2",
        (3, 4, 2),
        ("relu", "sigmoid"),
        BCE,
        reduction="sum",
        l2=0.25,
        needs=["reduction.sum.l2"],
        catches="L2 over a summed loss",
    )
    yield build(
        "reduction.mean_all.ce",
        (3, 4, 5),
        ("silu", "softmax"),
        CE,
        reduction="mean_all",
        needs=["reduction.mean_all"],
        catches="a cross-entropy averaged over classes as well",
    )


def _every_loss_reduced() -> Iterator[Case]:
    for reduction in ("sum", "mean_all"):
        for loss, output in (
            ("squared_error", "identity"),
            ("linear", "tanh"),
            (BCE, "sigmoid"),
            (CE, "softmax"),
        ):
            if (reduction, loss) == ("mean_all", CE):
                continue  # reduction.mean_all.ce
            yield build(
                f"reduction.{reduction}.{loss}",
                (4, 3, 2),
                ("softplus", output),
                loss,
                n=5,
                reduction=reduction,
                level="recommended",
                needs=[f"reduction.{reduction}"],
                catches=f"a divisor other than that of {reduction} under {loss}",
            )


def _l2() -> Iterator[Case]:
    yield build(
        "l2.deep",
        (5, 4, 6, 3),
        ("tanh", "gelu", "softmax"),
        CE,
        n=7,
        l2=0.0625,
        level="recommended",
        needs=["reduction.mean.l2", "pair.softmax-cross_entropy"],
        catches="an L2 term on some layers only",
    )
    yield build(
        "l2.strong",
        (4, 3, 2),
        ("sigmoid", "identity"),
        "squared_error",
        n=7,
        l2=64.0,
        level="recommended",
        needs=["reduction.mean.l2"],
        catches="a cost lambda sum w^2 beside a gradient lambda w",
    )
    yield build(
        "l2.float32-strength",
        (4, 3, 2),
        ("tanh", "sigmoid"),
        BCE,
        n=7,
        l2=float(np.float32(0.1)),
        level="recommended",
        needs=["reduction.mean.l2"],
        catches="a strength read back from a rounded decimal instead of its exact value",
    )


def _labels() -> Iterator[Case]:
    yield build(
        "labels.hard-bce",
        (5, 4, 2),
        ("tanh", "sigmoid"),
        BCE,
        hard=True,
        needs=["two-layer.tanh-bce"],
        catches="labels of exactly 0 and 1: 0 log 0 instead of 0, or a clipped logarithm",
    )
    yield build(
        "labels.one-hot",
        (5, 4, 3),
        ("tanh", "softmax"),
        CE,
        hard=True,
        needs=["regression.softmax"],
        catches="one-hot classes taken for indices, or counted along the wrong axis",
    )
    case = build(
        "labels.one-class",
        (5, 4, 1),
        ("tanh", "sigmoid"),
        BCE,
        n=7,
        level="recommended",
        needs=["labels.hard-bce"],
        catches="half of the binary cross-entropy left out: every label is 1",
    )
    yield remade(case, Y=np.ones_like(case.Y))


def _mixed() -> Iterator[Case]:
    """Networks in which every layer differs; a fault that two faults hide elsewhere shows here."""
    for names, loss, reduction, l2 in (
        (("relu", "tanh", "softmax"), CE, "mean", 0.0),
        (("softmax", "relu", "sigmoid"), BCE, "sum", 0.0),
        (("elu", "silu", "identity"), "squared_error", "mean_all", 0.25),
        (("leaky_relu", "softplus", "tanh"), "half_squared_error", "mean", 0.5),
        (("gelu", "softmax", "softplus"), "linear", "mean", 0.0),
        (("identity", "sigmoid", "elu"), "squared_error", "sum", 0.125),
    ):
        yield build(
            f"mixed.{'-'.join(names)}",
            (3, 6, 5, 4),
            names,
            loss,
            n=7,
            reduction=reduction,
            l2=l2,
            level="recommended",
            needs=[f"hidden.{name}" for name in names[:-1]] + [f"pair.{names[-1]}-{loss}"],
            catches="two faults that hide each other where all layers are alike",
        )
