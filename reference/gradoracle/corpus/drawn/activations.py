"""Every activation: alone, in a hidden layer, at the output with every loss, and in depth."""

from __future__ import annotations

from collections.abc import Iterator

from gradoracle.activations import ACTIVATIONS
from gradoracle.case import Case
from gradoracle.corpus.drawing import build
from gradoracle.losses import LOSSES


def activations() -> Iterator[Case]:
    """Yield them, each needing the simpler ones."""
    yield from _alone()
    yield from _hidden()
    yield from _pairs()
    yield from _deep()


def _alone() -> Iterator[Case]:
    for name in ACTIVATIONS:
        yield build(
            f"alone.{name}",
            (4, 3),
            (name,),
            "linear",
            n=7,
            reduction="sum",
            needs=[] if name == "identity" else ["alone.identity"],
            catches=f"a wrong {name} or a wrong derivative of it, before any loss comes in",
        )


def _hidden() -> Iterator[Case]:
    for name in ACTIVATIONS:
        yield build(
            f"hidden.{name}",
            (4, 6, 5, 2),
            (name, "tanh", "sigmoid"),
            "binary_cross_entropy",
            n=7,
            needs=[f"alone.{name}", "two-layer.tanh-bce"],
            catches=f"a wrong derivative of {name} in a hidden layer",
        )


def _pairs() -> Iterator[Case]:
    for loss, row in LOSSES.items():
        first = row.output or "identity"
        for name in ACTIVATIONS if row.output is None else (row.output,):
            simpler = [f"pair.{first}-{loss}"] if name != first else []
            yield build(
                f"pair.{name}-{loss}",
                (4, 5, 3),
                ("sigmoid", name),
                loss,
                n=8,
                needs=[f"alone.{name}", *simpler],
                catches=f"a wrong output error of {loss} over {name}",
            )


def _deep() -> Iterator[Case]:
    for name in ACTIVATIONS:
        yield build(
            f"deep.{name}",
            (4, 5, 3, 6, 2),
            (name, name, name, "identity"),
            "half_squared_error",
            n=7,
            level="recommended",
            needs=[f"hidden.{name}"],
            catches=f"the derivative of {name} taken at another layer's Z",
        )
