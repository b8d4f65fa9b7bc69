"""Pre-activations as large as 40, 100 and 800, and logits on the right side of a sigmoid."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradoracle.activations import ACTIVATIONS
from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.corpus.drawing import build, remade

SIZES = (40, 100, 800)
BCE, CE = "binary_cross_entropy", "cross_entropy"
# without these no required case shows a probability that is 0 or 1, or where exp overflows
REQUIRED = {
    f"saturated.{BCE}": SIZES,
    f"saturated.{CE}": SIZES,
    "saturated.softplus": SIZES[:1],
}


def saturation() -> Iterator[Case]:
    """Yield them, the smallest first."""
    for size in SIZES:
        yield from _activations(size)
        yield from _cross_entropies(size)
        yield from _hidden(size)
    yield from _right_side()


def _level(stem: str, size: int) -> str:
    if size in REQUIRED.get(stem, ()):
        return "required"
    return "recommended" if size == SIZES[0] else "stress"


def _simpler(stem: str, size: int, simplest: str) -> list[str]:
    place = SIZES.index(size)
    return [f"{stem}.{SIZES[place - 1]}" if place else simplest]


def _activations(size: int) -> Iterator[Case]:
    for name in ACTIVATIONS:
        if name in ("identity", "relu", "leaky_relu"):
            continue  # nothing saturates
        yield _on_ladder(
            size,
            build(
                f"saturated.{name}.{size}",
                (2, 3),
                (name,),
                "linear",
                n=9,
                reduction="sum",
                level=_level(f"saturated.{name}", size),
                needs=_simpler(f"saturated.{name}", size, f"alone.{name}"),
                flags=["saturated"],
                catches=f"overflow, 0/0 or inf - inf in {name} where z is as large as {size}",
            ),
        )


def _cross_entropies(size: int) -> Iterator[Case]:
    for loss, output, simplest in (
        (BCE, "sigmoid", "regression.logistic"),
        (CE, "softmax", "regression.softmax"),
    ):
        for hard in (False, True):
            stem = f"saturated.{loss}" + ("-hard" if hard else "")
            yield _on_ladder(
                size,
                build(
                    f"{stem}.{size}",
                    (2, 3),
                    (output,),
                    loss,
                    n=9,
                    hard=hard,
                    level=_level(stem, size),
                    needs=_simpler(stem, size, simplest),
                    flags=["saturated"],
                    catches=f"log 0, a clip or an epsilon in {loss} where z is as large as {size}",
                ),
            )


def _hidden(size: int) -> Iterator[Case]:
    for name in ("sigmoid", "tanh"):
        stem = f"saturated.hidden-{name}"
        yield _on_ladder(
            size,
            build(
                f"{stem}.{size}",
                (2, 3, 1),
                (name, "sigmoid"),
                BCE,
                n=9,
                level=_level(stem, size),
                needs=_simpler(stem, size, f"hidden.{name}"),
                flags=["saturated"],
                catches=f"a derivative that is not 0 where a hidden {name} is saturated",
            ),
        )


def _on_ladder(size: int, case: Case) -> Case:
    """Let the first feature climb from -size to size, and every unit follow it."""
    rungs = [-size, -size / 2, -size / 8, -1.25, 0.5, 2.0, size / 4, 3 * size / 4, size]
    W = case.W[1].copy()
    W[:, 0] = (1.0, -1.0, 0.5)
    return remade(case, X=np.vstack([rungs, case.X[1]]), W={1: W})


def _right_side() -> Iterator[Case]:
    """Logits from 17 (where 1 - a is lost in float32) to 37 (where it is in float64)."""
    logits = np.arange(17.0, 38.0, 2.0)
    half = (np.arange(logits.size) % 2).astype(np.float64)
    for name, sign, Y, level, wrong in (
        ("right", 1, half, "recommended", "log(1 - a) of an a that has rounded to 1"),
        ("left", -1, half, "recommended", "log(a) of an a that has lost its digits to a clip"),
        ("right-ones", 1, np.ones_like(half), "stress", "a - 1 that is 0 where the truth is -e^-z"),
        ("left-zeros", -1, np.zeros_like(half), "stress", "an epsilon: a is e^z down to 1e-16"),
    ):
        case = build(
            f"logits.{name}",
            (2, 1),
            ("sigmoid",),
            BCE,
            level=level,
            needs=["labels.hard-bce"],
            flags=["saturated"],
            catches=wrong,
        )
        yield _steered(case, sign * logits, Y)
    case = build(
        "logits.softplus",
        (2, 1),
        ("softplus",),
        "linear",
        level="stress",
        needs=["alone.softplus"],
        flags=["saturated"],
        catches="softplus taken as z above 20, and its derivative as 1",
    )
    yield _steered(case, logits, case.Y[0])
    case = build(
        "logits.softmax",
        (2, 3),
        ("softmax",),
        CE,
        hard=True,
        level="recommended",
        needs=["regression.softmax"],
        flags=["saturated"],
        catches="log of a probability that has rounded to 0 or 1",
    )
    W = case.W[1].copy()
    W[:, 0] = (1.0, 0.0, -0.5)
    yield remade(case, X=np.vstack([logits, case.X[1]]), W={1: W})


def _steered(case: Case, Z: Array, Y: Array) -> Case:
    """Let the first feature be the logit, the second shift it by less than 1/2."""
    W = np.array([[1.0, 0.125]])
    b = np.array([[0.0625]])
    return remade(case, X=np.vstack([Z, case.X[1]]), W={1: W}, b={1: b}, Y=Y.reshape(1, -1))
