"""Derivatives of activations: of another one, of the wrong argument, or left out."""

from __future__ import annotations

from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.mistakes.mistake import Mistake, Source
from gradoracle.mistakes.steps import Run

FAMILY = "activation derivatives"


def tanh_prime_on_relu(r: Run, layer: int) -> Array:
    """dZ^[l] = dA^[l] * (1 - A^[l]^2) where g_l is relu."""
    return r.dA[layer] * (1 - r.A[layer] ** 2)


def is_relu(case: Case, layer: int) -> bool:
    """Whether g_l is relu."""
    return case.activation(layer) == "relu"


MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        name="tanh-derivative-on-relu",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ (1 − A[l]²)",
        tempting="The network was changed from tanh to relu, and its backward pass was not.",
        mend="relu′(z) is 1 where z > 0 and 0 elsewhere",
        code="dZ[l] = dA[l] * (Z[l] > 0)",
        touches=("dZl",),
        place="hidden layers",
        steps={"dZ": tanh_prime_on_relu},
        applies=is_relu,
        sources=(
            Source("the second of the two texts this project grew from: a relu-sigmoid network"),
        ),
    ),
)
