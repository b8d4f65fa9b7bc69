"""Scale and reduction: 1/n forgotten, taken twice, or of the wrong n; sums that are no sums."""

from __future__ import annotations

import numpy as np

from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.losses import LOSSES
from gradoracle.mistakes.families.formulas import (
    penalty,
    scaled_loss,
    scaled_output,
    weight_gradient_of,
)
from gradoracle.mistakes.families.places import averaged, many, width
from gradoracle.mistakes.mistake import Mistake, Source
from gradoracle.mistakes.steps import Run

FAMILY = "scale and reduction"

LACKS_THE_MEAN = (
    Source("nn-from-scratch"),
    Source("DeepLearningZeroToAll #173"),
    Source("Neural-Networks-Demystified #15"),
)
N_ONCE = "the derivative of the loss is divided by N once, at the output, by what J is divided by"
N_ONCE_CODE = "dA[L] = loss_prime(A[L], Y) / N"
DW = "dW[l] = dZ[l] @ A[l-1].T"
J_ONCE = "J is the sum of the loss over outputs and examples, divided by N"
J_CODE = "J = loss(Z[L], A[L], Y).sum() / N"


def mean_over_examples(case: Case, layer: int) -> bool:
    """J is a mean over several examples."""
    return case.network.reduction == "mean" and case.n > 1


def mean_over_several(case: Case, layer: int) -> bool:
    """J is a mean over the examples, of a sum over several outputs."""
    return case.network.reduction == "mean" and width(case, case.L) > 1


def of_the_mean_example(r: Run, layer: int) -> Array:
    """Z^[l] of the mean of A^[l-1] over the examples, in every column."""
    mean = r.A[layer - 1].mean(axis=1, keepdims=True)
    every: Array = np.repeat(mean, r.n, axis=1)
    return r.W[layer] @ every + r.b[layer]


def last_loss(r: Run, layer: int) -> Array:
    """J of the last example, over N."""
    terms = LOSSES[r.loss].terms(r.Z[layer], r.A[layer], r.Y)
    return np.asarray(terms[:, -1].sum() / r.N + penalty(r))


MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        name="gradient-without-mean",
        family=FAMILY,
        symptom="dZ[L] lacks the 1/N that J has, and so has every gradient",
        tempting="The derivation is done for one example, and the mean is remembered in J alone.",
        mend=N_ONCE,
        code=N_ONCE_CODE,
        touches=("dWl",),  # N times dA and dZ alone is the per-example convention
        place="the output",
        steps=scaled_output(lambda r: r.N),
        applies=averaged,
        sources=LACKS_THE_MEAN,
    ),
    Mistake(
        name="gradient-averaged-twice",
        family=FAMILY,
        symptom="dZ[L] has 1/N twice, and so has every gradient",
        tempting="The loss is a mean already, and dW and db are divided by n as in the textbook.",
        mend=N_ONCE,
        code=N_ONCE_CODE,
        touches=("dAl", "dZl"),
        place="the output",
        steps=scaled_output(lambda r: 1 / r.N),
        applies=averaged,
    ),
    Mistake(
        name="divided-by-n-minus-one",
        family=FAMILY,
        symptom="dZ[L] is divided by n − 1 where J is divided by n",
        tempting="It is the unbiased estimate of a variance; a mean is divided by n.",
        mend=N_ONCE,
        code=N_ONCE_CODE,
        touches=("dAl", "dZl"),
        place="the output",
        steps=scaled_output(lambda r: r.n / (r.n - 1)),
        applies=mean_over_examples,
    ),
    Mistake(
        name="gradient-averaged-over-outputs",
        family=FAMILY,
        symptom="dZ[L] is divided by n·n[L] where J is divided by n",
        tempting="np.mean without an axis divides by the outputs as well.",
        mend=N_ONCE,
        code=N_ONCE_CODE,
        touches=("dAl", "dZl"),
        place="the output",
        steps=scaled_output(lambda r: 1 / r.A[r.L].shape[0]),
        applies=mean_over_several,
    ),
    Mistake(
        name="loss-averaged-over-outputs-gradient-not",
        family=FAMILY,
        symptom="dZ[L] is divided by n where J is divided by n·n[L]",
        tempting="J = np.mean((a − y)²) hides its second divisor; 2(a − y)/n is in every textbook.",
        mend=N_ONCE,
        code=N_ONCE_CODE,
        touches=("dAl", "dZl"),
        place="the output",
        steps=scaled_output(lambda r: r.A[r.L].shape[0]),
        applies=lambda case, layer: (
            case.network.reduction == "mean_all" and width(case, case.L) > 1 and case.n > 1
        ),
        sources=(Source("a common snippet: the loss is a mean over n·k, its gradient 2(ŷ − y)/n"),),
    ),
    Mistake(
        name="loss-summed-gradient-averaged",
        family=FAMILY,
        symptom="dZ[L] is divided by n where J is a sum",
        tempting="Every textbook has 1/n in the gradient; this loss has none.",
        mend=N_ONCE,
        code=N_ONCE_CODE,
        touches=("dAl", "dZl"),
        place="the output",
        steps=scaled_output(lambda r: 1 / r.n),
        applies=lambda case, layer: case.network.reduction == "sum" and case.n > 1,
    ),
    Mistake(
        name="n-is-the-number-of-features",
        family=FAMILY,
        symptom="J and dZ[L] are divided by X.shape[0], which is n0, and not by n",
        tempting="X.shape[0] is the number of examples where they stand in rows.",
        mend="examples are columns: n = X.shape[1]",
        code=J_CODE,
        touches=("J",),
        place="the output",
        steps=(
            scaled_loss(lambda r: r.n / r.X.shape[0]) | scaled_output(lambda r: r.n / r.X.shape[0])
        ),
        applies=lambda case, layer: case.network.reduction == "mean" and case.n != width(case, 0),
    ),
    Mistake(
        name="loss-not-averaged",
        family=FAMILY,
        symptom="J lacks its 1/N; the gradients have it",
        tempting="Only the gradients matter to the descent; the loss is just printed.",
        mend=J_ONCE,
        code=J_CODE,
        touches=("J",),
        place="the output",
        steps=scaled_loss(lambda r: r.N),
        applies=averaged,
    ),
    Mistake(
        name="loss-averaged-over-outputs",
        family=FAMILY,
        symptom="J is divided by n·n[L] where the gradients are divided by n",
        tempting="np.mean without an axis divides by the outputs as well.",
        mend=J_ONCE,
        code=J_CODE,
        touches=("J",),
        place="the output",
        steps=scaled_loss(lambda r: 1 / r.A[r.L].shape[0]),
        applies=mean_over_several,
    ),
    Mistake(
        name="weight-gradient-without-mean",
        family=FAMILY,
        symptom="dW[l] lacks its 1/N; db[l] has it",
        tempting="Two lines, and 1/n is written in one of them.",
        mend="dW[l] = dZ[l] A[l-1]ᵀ, where dZ[l] holds the 1/N, or 1/N here and in db[l]",
        code=DW,
        touches=("dWl",),
        place="every layer",
        steps=weight_gradient_of(lambda r, layer: r.N * (r.dZ[layer] @ r.A[layer - 1].T)),
        applies=averaged,
    ),
    Mistake(
        name="weight-gradient-averaged-twice",
        family=FAMILY,
        symptom="dW[l] = dZ[l] A[l-1]ᵀ / N, where dZ[l] holds 1/N already",
        tempting="The textbook's 1/n belongs to its dZ per example.",
        mend="dW[l] = dZ[l] A[l-1]ᵀ: the 1/N of the loss is in dZ[l]",
        code=DW,
        touches=("dWl",),
        place="every layer",
        steps=weight_gradient_of(lambda r, layer: r.dZ[layer] @ r.A[layer - 1].T / r.N),
        applies=averaged,
    ),
    Mistake(
        name="averaged-again-in-every-layer",
        family=FAMILY,
        symptom="dA[l-1] = W[l]ᵀ dZ[l] / N at every l: a factor 1/N more with each layer",
        tempting="Each layer is written as if it were the last, with its own mean.",
        mend="dA[l-1] = W[l]ᵀ dZ[l]: the mean is taken once, by the loss",
        code="dA[l-1] = W[l].T @ dZ[l]",
        touches=("dAl-1", "dX"),
        place="the whole pass",
        steps={"dA": lambda r, layer: r.W[layer].T @ r.dZ[layer] / r.N},
        applies=averaged,
    ),
    Mistake(
        name="product-of-means",
        family=FAMILY,
        symptom="dW[l] = (Σ dZ[l]) (mean of A[l-1])ᵀ, both taken over the examples first",
        tempting="The mean gradient is taken for the gradient at the mean; it saves a matrix.",
        mend="the mean of products is not the product of means: dW[l] = dZ[l] A[l-1]ᵀ",
        code=DW,
        touches=("dWl",),
        place="every layer",
        steps=weight_gradient_of(
            lambda r, layer: (
                r.dZ[layer].sum(axis=1, keepdims=True)
                @ r.A[layer - 1].mean(axis=1, keepdims=True).T
            )
        ),
        applies=many,
    ),
    Mistake(
        name="gradient-at-the-mean-example",
        family=FAMILY,
        symptom="Z[l] = W[l] (mean of A[l-1] over the examples) + b[l], the same for each",
        tempting="The batch is averaged first, and one pass is done for all of it.",
        mend="every example goes through the network by itself; means are taken of the loss",
        code="Z[l] = W[l] @ A[l-1] + b[l]",
        touches=("Zl",),
        place="the input",
        steps={"Z": of_the_mean_example},
        applies=many,
    ),
    Mistake(
        name="loss-of-the-last-example",
        family=FAMILY,
        symptom="J is the loss of the last example alone, divided by N",
        tempting="In the loop over the examples, J = ... stands where J += ... is meant.",
        mend=J_ONCE,
        code=J_CODE,
        touches=("J",),
        place="the output",
        steps={"J": last_loss},
        applies=many,
    ),
)
