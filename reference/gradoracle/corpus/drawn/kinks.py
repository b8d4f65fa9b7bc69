"""Pre-activations that are exactly 0, by sums that are exact in every order.

Inputs and first weights are small multiples of 1/4, so that every sum of their products is exact
in float32; the biases then put some pre-activations on 0.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.corpus.drawing import build, remade

CHOICE = "the contract takes {}, and any value between the two slopes is a valid choice"


def kinks() -> Iterator[Case]:
    """Yield them: hidden, at the output, through several layers, and where nothing jumps."""
    for name, value in (("relu", "relu'(0) = 0"), ("leaky_relu", "leaky_relu'(0) = 1/100")):
        yield _on_zero(
            build(
                f"kink.{name}",
                (4, 3, 2),
                (name, "sigmoid"),
                "binary_cross_entropy",
                n=7,
                level="required" if name == "relu" else "recommended",
                needs=[f"hidden.{name}"],
                flags=["convention"],
                catches="another slope at 0: " + CHOICE.format(value),
            )
        )
        yield _on_zero(
            build(
                f"kink.{name}-output",
                (4, 3),
                (name,),
                "half_squared_error",
                n=7,
                level="recommended",
                needs=[f"pair.{name}-half_squared_error"],
                flags=["convention"],
                catches="another slope at 0 of an output: " + CHOICE.format(value),
            )
        )
    yield _blank()
    for name in ("elu", "softplus", "gelu", "silu", "tanh"):
        yield _on_zero(
            build(
                f"origin.{name}",
                (4, 3, 2),
                (name, "sigmoid"),
                "binary_cross_entropy",
                n=7,
                level="recommended",
                needs=[f"hidden.{name}"],
                catches=f"a case distinction that goes wrong at exactly 0, where {name} is smooth",
            )
        )


def _on_zero(case: Case) -> Case:
    """Move the first layer's pre-activations: unit i is 0 at examples i and i + n_1."""
    X, W = _quarters(case.X), _quarters(case.W[1])
    units = np.arange(W.shape[0])
    X[:, units + len(units)] = X[:, units]
    b = -(W @ X)[units, units].reshape(-1, 1)
    return remade(case, X=X, W={1: W}, b={1: b})


def _quarters(values: Array) -> Array:
    return np.asarray(np.round(values * 4).clip(-12, 12) / 4)


def _blank() -> Case:
    """An example of zeros without biases: 0 in every layer."""
    case = build(
        "kink.blank-example",
        (4, 5, 3, 1),
        ("relu", "relu", "sigmoid"),
        "binary_cross_entropy",
        n=7,
        level="recommended",
        needs=["kink.relu"],
        flags=["convention"],
        catches="another slope at 0, layer upon layer: " + CHOICE.format("relu'(0) = 0"),
    )
    X: Array = case.X.copy()
    X[:, 3] = 0
    return remade(case, X=X, b={layer: np.zeros_like(v) for layer, v in case.b.items()})
