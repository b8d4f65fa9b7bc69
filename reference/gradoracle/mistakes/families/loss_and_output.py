"""The loss and the output layer: its terms, its derivative, and what is fused with what."""

from __future__ import annotations

import numpy as np

from gradoracle.activations import sigmoid
from gradoracle.arrays import Array
from gradoracle.losses import LOSSES
from gradoracle.mistakes.families.formulas import (
    penalty,
    scaled_loss,
    scaled_output,
)
from gradoracle.mistakes.families.places import CURVED, backward, both, fused, loss_is, many
from gradoracle.mistakes.families.sources import SLIDE
from gradoracle.mistakes.mistake import Mistake, Source
from gradoracle.mistakes.steps import Run, Step, delta, objective, output_delta

FAMILY = "loss and output layer"

SQUARES = ("squared_error", "half_squared_error")
OUTPUT_CODE = "dA[L] = loss_prime(A[L], Y) / N"
FUSED_CODE = "dZ[L] = (A[L] - Y) / N"
J_CODE = "J = loss(Z[L], A[L], Y).sum() / N"
BCE_CODE = "J = (np.logaddexp(0, Z[L]) - Y * Z[L]).sum() / N"


def error(r: Run, layer: int) -> Array:
    """A^[L] - Y."""
    return r.A[layer] - r.Y


def derivative_of_loss(cotangent: Step) -> dict[str, Step]:
    """Return the steps in which the loss has another derivative, taken through the activation."""
    return {"dA_out": cotangent, "dZ_out": delta}


def positive_class_loss(r: Run, layer: int) -> Array:
    """J = -(1/N) sum of Y log A."""
    return np.asarray(penalty(r) - (r.Y * np.log(r.A[layer])).sum() / r.N)


def positive_class_cotangent(r: Run, layer: int) -> Array:
    """dA^[L] = -Y / A / N."""
    return -r.Y / r.A[layer] / r.N


def loss_of_probabilities_as_logits(r: Run, layer: int) -> Array:
    """J of sigma(A^[L]), which is sigma(sigma(Z^[L]))."""
    a = r.A[layer]
    return np.asarray(LOSSES[r.loss].terms(a, a, r.Y).sum() / r.N + penalty(r))


def root_of_loss(r: Run, layer: int) -> Array:
    """The root of the data's part of J."""
    return np.asarray(np.sqrt(objective(r, layer) - penalty(r)) + penalty(r))


def mean_of_errors_squared(r: Run, layer: int) -> Array:
    """J with the errors of the examples averaged before they are squared."""
    mean = error(r, layer).mean(axis=1, keepdims=True)
    half = 0.5 if r.loss == "half_squared_error" else 1
    return np.asarray(half * (mean**2).sum() * (r.n / r.N) + penalty(r))


def absolute_error(r: Run, layer: int) -> Array:
    """J = (1/N) sum |A - Y|."""
    return np.asarray(np.abs(error(r, layer)).sum() / r.N + penalty(r))


def squared_error_of_cross_entropy(r: Run, layer: int) -> Array:
    """J = (1/N) sum (A - Y)^2."""
    return np.asarray((error(r, layer) ** 2).sum() / r.N + penalty(r))


def sum_of_outputs(r: Run, layer: int) -> Array:
    """J = (1/N) sum A."""
    return np.asarray(r.A[layer].sum() / r.N + penalty(r))


MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        name="two-of-the-square-forgotten",
        family=FAMILY,
        symptom="dA[L] = (A[L] − Y) / N, where the loss is (a − y)² without ½",
        tempting="The textbook's loss has ½, so that the 2 cancels.",
        mend="the derivative of (a − y)² is 2(a − y)",
        code="dA[L] = 2 * (A[L] - Y) / N",
        touches=("dAl",),
        place="the output",
        steps=scaled_output(lambda r: 0.5),
        applies=loss_is("squared_error"),
    ),
    Mistake(
        name="half-of-the-square-forgotten",
        family=FAMILY,
        symptom="dA[L] = 2(A[L] − Y) / N, where the loss is (a − y)² / 2",
        tempting="The derivative of a square has a 2, and the ½ in front is overlooked.",
        mend="the derivative of (a − y)² / 2 is a − y",
        code="dA[L] = (A[L] - Y) / N",
        touches=("dAl",),
        place="the output",
        steps=scaled_output(lambda r: 2),
        applies=loss_is("half_squared_error"),
    ),
    Mistake(
        name="loss-without-its-half",
        family=FAMILY,
        symptom="J = (1/N) Σ (a − y)² with the gradient of half of it",
        tempting="The ½ is only there for the derivative, and is left out where J is printed.",
        mend="J = (1/2N) Σ (a − y)², if dA[L] is a − y",
        code="J = ((A[L] - Y) ** 2).sum() / (2 * N)",
        touches=("J",),
        place="the output",
        steps=scaled_loss(lambda r: 2),
        applies=loss_is("half_squared_error"),
    ),
    Mistake(
        name="loss-with-a-half",
        family=FAMILY,
        symptom="J = (1/2N) Σ (a − y)² with the gradient of the whole",
        tempting="The textbook's J has ½; the 2 of the derivative is written all the same.",
        mend="J = (1/N) Σ (a − y)², if dA[L] is 2(a − y)",
        code="J = ((A[L] - Y) ** 2).sum() / N",
        touches=("J",),
        place="the output",
        steps=scaled_loss(lambda r: 0.5),
        applies=loss_is("squared_error"),
    ),
    Mistake(
        name="fused-delta-times-derivative",
        family=FAMILY,
        symptom="dZ[L] = (A[L] − Y) / N ∘ A[L] ∘ (1 − A[L]), where the loss is cross-entropy",
        tempting="dZ = dA ∘ σ′ holds everywhere, and a − y is taken for dA.",
        mend="a − y is dZ[L] already: the derivative of cross-entropy has cancelled σ′",
        code=FUSED_CODE,
        touches=("dZl",),
        place="the output",
        steps={"dZ_out": lambda r, layer: output_delta(r, layer) * r.A[layer] * (1 - r.A[layer])},
        applies=loss_is("binary_cross_entropy"),
    ),
    Mistake(
        name="cross-entropy-delta-on-squared-error",
        family=FAMILY,
        symptom="dZ[L] = (A[L] − Y) / N, where the loss is (a − y)² behind g",
        tempting="a − y is so short that it is written for every loss.",
        mend="dZ[L] = 2(A[L] − Y) / N ∘ g′(Z[L]): nothing cancels g′ here",
        code="dZ[L] = 2 * (A[L] - Y) / N * g_prime(Z[L])",
        touches=("dZl",),
        place="the output",
        steps={"dZ_out": lambda r, layer: error(r, layer) / r.N},
        applies=both(
            loss_is("squared_error"),
            backward(*CURVED),
        ),
    ),
    Mistake(
        name="delta-rule-of-the-slide",
        family=FAMILY,
        symptom="dZ[L] = y − a for the loss (a − y)²: no 2, no g′(Z[L]), and the sign reversed",
        tempting="The delta rule is for linear outputs, and its error is what the update adds.",
        mend="dZ[L] = 2(A[L] − Y) / N ∘ g′(Z[L])",
        code="dZ[L] = 2 * (A[L] - Y) / N * g_prime(Z[L])",
        touches=("dAl",),
        place="the output",
        steps={
            "dA_out": lambda r, layer: -error(r, layer) / r.N,
            "dZ_out": lambda r, layer: -error(r, layer) / r.N,
        },
        applies=both(
            loss_is("squared_error"), lambda case, layer: case.activation(layer) != "softmax"
        ),
        sources=(SLIDE,),
    ),
    Mistake(
        name="sign-of-the-error",
        family=FAMILY,
        symptom="dA[L] = sign(A[L] − Y) / N, where the loss is a square",
        tempting="The derivative of another loss, |a − y|, is left in the backward pass.",
        mend="the derivative of (a − y)² is 2(a − y)",
        code=OUTPUT_CODE,
        touches=("dAl",),
        place="the output",
        steps=derivative_of_loss(lambda r, layer: np.sign(error(r, layer)) / r.N),
        applies=loss_is(*SQUARES),
    ),
    Mistake(
        name="absolute-error-reported",
        family=FAMILY,
        symptom="J = (1/N) Σ |a − y| with the gradient of the square",
        tempting="The mean error is easier to read, and takes the place of the loss.",
        mend="print what is minimised; the mean error is a figure beside it",
        code=J_CODE,
        touches=("J",),
        place="the output",
        steps={"J": absolute_error},
        applies=loss_is(*SQUARES),
    ),
    Mistake(
        name="root-of-the-loss-reported",
        family=FAMILY,
        symptom="J = √((1/N) Σ (a − y)²) with the gradient of the square",
        tempting="The root mean square has the unit of y.",
        mend="the root has another derivative: report it beside J, not as J",
        code=J_CODE,
        touches=("J",),
        place="the output",
        steps={"J": root_of_loss},
        applies=loss_is(*SQUARES),
    ),
    Mistake(
        name="errors-averaged-before-squaring",
        family=FAMILY,
        symptom="J = (mean of a − y over the examples)², which errors of both signs make 0",
        tempting="A pair of brackets: np.mean(a − y) ** 2 for np.mean((a − y) ** 2).",
        mend="square first, then average",
        code=J_CODE,
        touches=("J",),
        place="the output",
        steps={"J": mean_of_errors_squared},
        applies=both(loss_is(*SQUARES), many),
    ),
    Mistake(
        name="squared-error-reported",
        family=FAMILY,
        symptom="J = (1/N) Σ (a − y)² with the gradient a − y of cross-entropy",
        tempting="The squared error is printed from habit; the descent never reads it.",
        mend="J = −(1/N) Σ (y log a + (1 − y) log(1 − a)), whose gradient is a − y",
        code=J_CODE,
        touches=("J",),
        place="the output",
        steps={"J": squared_error_of_cross_entropy},
        applies=fused,
    ),
    Mistake(
        name="loss-of-the-positive-class-reported",
        family=FAMILY,
        symptom="J = −(1/N) Σ y log a with the gradient of both terms",
        tempting="It is the cross-entropy of classes, where one term is enough.",
        mend="J = −(1/N) Σ (y log a + (1 − y) log(1 − a)) for sigmoid outputs",
        code=BCE_CODE,
        touches=("J",),
        place="the output",
        steps={"J": positive_class_loss},
        applies=loss_is("binary_cross_entropy"),
    ),
    Mistake(
        name="negative-class-left-out",
        family=FAMILY,
        symptom="J = −(1/N) Σ y log a and dZ[L] = −y(1 − a) / N: all outputs are driven to 1",
        tempting="The cross-entropy of classes is used on independent sigmoid outputs.",
        mend="J = −(1/N) Σ (y log a + (1 − y) log(1 − a)) for sigmoid outputs",
        code=BCE_CODE,
        touches=("J",),
        place="the output",
        steps={"J": positive_class_loss} | derivative_of_loss(positive_class_cotangent),
        applies=loss_is("binary_cross_entropy"),
    ),
    Mistake(
        name="loss-in-bits",
        family=FAMILY,
        symptom="J = −(1/N) Σ (y log₂ a + ...) with the gradient of the natural logarithm",
        tempting="Entropy is measured in bits elsewhere.",
        mend="the natural logarithm has the derivative 1/a",
        code=J_CODE,
        touches=("J",),
        place="the output",
        steps=scaled_loss(lambda r: 1 / float(np.log(2.0))),
        applies=fused,
    ),
    Mistake(
        name="sigmoid-again-in-the-loss",
        family=FAMILY,
        symptom="J and dZ[L] are those of σ(A[L]): the sigmoid is in the network and in the loss",
        tempting="A library's loss takes logits, and is given what the sigmoid returns.",
        mend="give the loss Z[L], or take the loss of probabilities",
        code=BCE_CODE,
        touches=("J",),
        place="the output",
        steps={"J": loss_of_probabilities_as_logits}
        | derivative_of_loss(lambda r, layer: (sigmoid(r.A[layer]) - r.Y) / r.N),
        applies=loss_is("binary_cross_entropy"),
        sources=(Source("deepcourse PR #9"), Source("tflearn #562")),
    ),
    Mistake(
        name="delta-from-logits",
        family=FAMILY,
        symptom="dZ[L] = (Z[L] − Y) / N",
        tempting="The model returns logits, and a − y is taken of what it returns.",
        mend="dZ[L] = (A[L] − Y) / N, of the probabilities",
        code=FUSED_CODE,
        touches=("dZl",),
        place="the output",
        steps={"dZ_out": lambda r, layer: (r.Z[layer] - r.Y) / r.N},
        applies=fused,
    ),
    Mistake(
        name="delta-of-the-decision",
        family=FAMILY,
        symptom="dZ[L] = (1 where A[L] > ½ else 0, − Y) / N",
        tempting="The perceptron's rule: what was decided, less what is right.",
        mend="dZ[L] = (A[L] − Y) / N, of the probabilities before they are rounded",
        code=FUSED_CODE,
        touches=("dZl",),
        place="the output",
        steps={"dZ_out": lambda r, layer: ((r.A[layer] > 0.5).astype(r.case.dtype) - r.Y) / r.N},
        applies=loss_is("binary_cross_entropy"),
    ),
    Mistake(
        name="backward-from-ones",
        family=FAMILY,
        symptom="J = (1/N) Σ a and dA[L] = 1/N, whatever the cotangent C is",
        tempting="out.sum().backward() needs no thought; it hides softmax and normalisation.",
        mend="J = (1/N) Σ c·a with a random cotangent: dA[L] = C / N",
        code="J = (Y * A[L]).sum() / N",
        touches=("J",),
        place="the output",
        steps={"J": sum_of_outputs}
        | derivative_of_loss(lambda r, layer: np.ones_like(r.A[layer]) / r.N),
        applies=loss_is("linear"),
    ),
    Mistake(
        name="target-forgotten",
        family=FAMILY,
        symptom="dA[L] = 2A[L] / N, as if every label were 0, beside a right J",
        tempting="The derivative of the square is taken, and the − y goes with the constants.",
        mend="the derivative of (a − y)² is 2(a − y)",
        code=OUTPUT_CODE,
        touches=("dAl",),
        place="the output",
        steps=derivative_of_loss(
            lambda r, layer: r.A[layer] * (2 if r.loss == "squared_error" else 1) / r.N
        ),
        applies=loss_is(*SQUARES),
    ),
)
