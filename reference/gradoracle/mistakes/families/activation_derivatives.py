"""Derivatives of activations: of another one, of the wrong argument, or left out."""

from __future__ import annotations

import numpy as np

from gradoracle.activations import activate, elementwise
from gradoracle.arrays import Array
from gradoracle.mistakes.families.each_activation import EACH
from gradoracle.mistakes.families.formulas import loss_of_activation, through
from gradoracle.mistakes.families.places import CURVED, SMOOTH, backward, both, forward
from gradoracle.mistakes.families.sources import FIRST_TEXT
from gradoracle.mistakes.mistake import Mistake, Source
from gradoracle.mistakes.steps import Run

FAMILY = "activation derivatives"

DZ_MEND, DZ_CODE = "dZ[l] = dA[l] ∘ g′(Z[l])", "dZ[l] = dA[l] * g_prime(Z[l])"


def prime_of(r: Run, layer: int, z: Array) -> Array:
    """g_l'(z)."""
    return elementwise(r.activation(layer)).prime(z)


OF_THE_WRONG_ARGUMENT: tuple[Mistake, ...] = (
    Mistake(
        name="derivative-dropped",
        family=FAMILY,
        symptom="dZ[l] = dA[l]",
        tempting="The error is sent back through the weights, and nothing more is remembered.",
        mend=DZ_MEND,
        code=DZ_CODE,
        touches=("dZl",),
        place="every layer",
        steps=through(lambda r, layer: np.ones_like(r.Z[layer])),
        applies=backward(*CURVED),
        sources=(Source("SciMLBook #164"),),
    ),
    Mistake(
        name="derivative-applied-twice",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ g′(Z[l])²",
        tempting="Once where dA is passed on, and once more where dZ is made.",
        mend=DZ_MEND,
        code=DZ_CODE,
        touches=("dZl",),
        place="every layer",
        steps=through(lambda r, layer: prime_of(r, layer, r.Z[layer]) ** 2),
        applies=backward("leaky_relu", *SMOOTH),
    ),
    Mistake(
        name="derivative-at-the-activation",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ g′(A[l]), where g′ takes Z[l]",
        tempting="A was saved and Z was not; or g′ was written for a, and then for z.",
        mend="g′ takes Z[l]; a formula in a, such as a(1 − a), takes A[l]",
        code=DZ_CODE,
        touches=("dZl",),
        place="every layer",
        steps=through(lambda r, layer: prime_of(r, layer, r.A[layer])),
        applies=backward(*SMOOTH),
        sources=(Source("neural2d #40"), Source("gophernet #6"), FIRST_TEXT),
    ),
    Mistake(
        name="derivative-at-the-cotangent",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ g′(dA[l])",
        tempting="A slip of the pen: dA is written before it on the same line.",
        mend=DZ_MEND,
        code=DZ_CODE,
        touches=("dZl",),
        place="every layer",
        steps={
            "dZ": lambda r, layer: r.dA[layer] * prime_of(r, layer, r.dA[layer]),
            "dZ_out": lambda r, layer: r.dA[layer] * prime_of(r, layer, r.dA[layer]),
        },
        applies=forward(*CURVED),
        sources=(FIRST_TEXT,),
    ),
    Mistake(
        name="activation-for-its-derivative",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ A[l]: the derivative returns the function",
        tempting="The two are copied from one another, and one line is left as it was.",
        mend=DZ_MEND,
        code=DZ_CODE,
        touches=("dZl",),
        place="every layer",
        steps=through(lambda r, layer: r.A[layer]),
        applies=backward(*CURVED),
        sources=(Source("nnet #4"),),
    ),
    Mistake(
        name="pre-activation-for-the-derivative",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ Z[l]",
        tempting="Z was saved for g′(Z), and g′ is forgotten around it.",
        mend=DZ_MEND,
        code=DZ_CODE,
        touches=("dZl",),
        place="every layer",
        steps=through(lambda r, layer: r.Z[layer]),
        applies=backward(*CURVED),
    ),
    Mistake(
        name="derivative-at-the-mean",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ g′(mean of Z[l] over the examples)",
        tempting="A derivative for a unit is expected, where there is one for each example.",
        mend=DZ_MEND,
        code=DZ_CODE,
        touches=("dZl",),
        place="every layer",
        steps=through(lambda r, layer: prime_of(r, layer, r.Z[layer].mean(axis=1, keepdims=True))),
        applies=both(backward(*CURVED), lambda case, layer: case.n > 1),
    ),
)

IN_THE_FORWARD_PASS: tuple[Mistake, ...] = (
    Mistake(
        name="activation-forgotten",
        family=FAMILY,
        symptom="A[l] = Z[l] in a hidden layer, with g′(Z[l]) on the way back",
        tempting="A line is left out; all shapes fit.",
        mend="A[l] = g(Z[l])",
        code="A[l] = g(Z[l])",
        touches=("Al",),
        place="hidden layers",
        steps={"A": lambda r, layer: r.Z[layer].copy()},
        applies=forward(*CURVED),
    ),
    Mistake(
        name="activation-applied-twice",
        family=FAMILY,
        symptom="A[l] = g(g(Z[l])), with g′(Z[l]) on the way back",
        tempting="Once inside the layer's own function, and once more outside.",
        mend="A[l] = g(Z[l])",
        code="A[l] = g(Z[l])",
        touches=("Al",),
        place="every layer",
        steps={
            "A": lambda r, layer: activate(
                r.activation(layer), activate(r.activation(layer), r.Z[layer])
            ),
            "J": loss_of_activation,
        },
        applies=forward("leaky_relu", *SMOOTH),  # relu(relu(z)) is relu(z)
        sources=(Source("deepcourse PR #9"), Source("tflearn #562")),
    ),
)

MISTAKES: tuple[Mistake, ...] = (*OF_THE_WRONG_ARGUMENT, *EACH, *IN_THE_FORWARD_PASS)
