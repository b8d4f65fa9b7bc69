"""Very small and very large numbers: a tolerance that is absolute sees none of the small ones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradoracle.case import Case
from gradoracle.corpus.drawing import build, remade

SIZES = (3, 4, 2)
LAYERS = (3, 4, 5, 4, 3, 5, 4, 3, 2)


def scales() -> Iterator[Case]:
    """Yield them: cotangents, inputs, weights."""
    yield from _cotangents()
    yield from _inputs()
    yield from _weights()


def _cotangents() -> Iterator[Case]:
    for name, exponent, wrong in (
        ("tiny", -100, "an absolute tolerance or an epsilon: gradients of 1e-30"),
        ("huge", 100, "an overflow of squares: gradients of 1e+30"),
    ):
        case = build(
            f"scale.cotangent-{name}",
            SIZES,
            ("tanh", "identity"),
            "linear",
            n=7,
            reduction="sum",
            level="recommended",
            needs=["pair.identity-linear"],
            flags=["scale"],
            catches=wrong,
        )
        yield remade(case, Y=case.Y * 2.0**exponent)


def _inputs() -> Iterator[Case]:
    for name, exponents, level, wrong in (
        ("small", [-40], "recommended", "a step or an epsilon larger than the inputs"),
        ("large", [50], "recommended", "a loss and gradients of 1e+30, near float32's end"),
        ("mixed", [-20, 0, 20], "recommended", "one feature's gradient judged on another's scale"),
        ("beyond-float32", [100], "stress", "arithmetic in float32: gradients of 1e+60"),
    ):
        case = build(
            f"scale.inputs-{name}",
            (3, 2),
            ("identity",),
            "squared_error",
            n=7,
            level=level,
            needs=["regression.linear"],
            flags=["scale"],
            catches=wrong,
        )
        yield remade(case, X=case.X * 2.0 ** np.array(exponents, dtype=float).reshape(-1, 1))


def _weights() -> Iterator[Case]:
    for name, exponent, hidden, wrong in (
        ("vanishing", -12, "tanh", "an absolute tolerance: dW1 is 1e-30 after eight layers"),
        ("exploding", 12, "leaky_relu", "an overflow: activations of 1e+30 after eight layers"),
    ):
        case = build(
            f"scale.{name}",
            LAYERS,
            (*(hidden,) * 7, "identity"),
            "linear",
            n=6,
            level="stress",
            needs=["depth.8", f"hidden.{hidden}"],
            flags=["scale"],
            catches=wrong,
        )
        yield remade(case, W={layer: w * 2.0**exponent for layer, w in case.W.items()})
