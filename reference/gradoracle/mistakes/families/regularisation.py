"""Mistakes with the L2 term, J = ... + λ/2 Σ ‖W‖²: its factor, its sign, where it goes."""

from __future__ import annotations

import numpy as np

from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.losses import LOSSES
from gradoracle.mistakes.mistake import Mistake, Source
from gradoracle.mistakes.steps import Run, bias_gradient, objective

FAMILY = "regularisation"

RIGHT_COST = "J = R(ℓ) + λ/2 Σ over the layers of the squared weights, not divided by n"
RIGHT_GRADIENT = "the derivative of λ/2 w² is λ w: dW[l] = dZ[l] A[l-1]ᵀ + λ W[l]"
COST_CODE = "J = terms.sum() / N + l2 / 2 * sum((w * w).sum() for w in W.values())"
GRADIENT_CODE = "dW[l] = dZ[l] @ A[l-1].T + l2 * W[l]"


def has_decay(case: Case, layer: int) -> bool:
    """Whether there is an L2 term."""
    return case.network.l2 != 0


def data_term(r: Run, layer: int) -> Array:
    """R(ℓ): J without the L2 term."""
    return np.asarray(LOSSES[r.loss].terms(r.Z[layer], r.A[layer], r.Y).sum() / r.N)


def cost_without_half(r: Run, layer: int) -> Array:
    """R(ℓ) + λ Σ w²."""
    return np.asarray(data_term(r, layer) + r.l2 * sum((w * w).sum() for w in r.W.values()))


def gradient_with_half(r: Run, layer: int) -> Array:
    """dZ^[l] (A^[l-1])^T + λ/2 W."""
    return r.dZ[layer] @ r.A[layer - 1].T + r.l2 / 2 * r.W[layer]


def gradient_twice(r: Run, layer: int) -> Array:
    """dZ^[l] (A^[l-1])^T + 2λ W."""
    return r.dZ[layer] @ r.A[layer - 1].T + 2 * r.l2 * r.W[layer]


def no_gradient(r: Run, layer: int) -> Array:
    """dZ^[l] (A^[l-1])^T."""
    return r.dZ[layer] @ r.A[layer - 1].T


def negative_gradient(r: Run, layer: int) -> Array:
    """dZ^[l] (A^[l-1])^T - λ W."""
    return r.dZ[layer] @ r.A[layer - 1].T - r.l2 * r.W[layer]


def gradient_over_n(r: Run, layer: int) -> Array:
    """dZ^[l] (A^[l-1])^T + λ/n W."""
    return r.dZ[layer] @ r.A[layer - 1].T + r.l2 / r.n * r.W[layer]


def cost_over_n(r: Run, layer: int) -> Array:
    """R(ℓ) + λ/(2n) Σ w²."""
    return np.asarray(
        data_term(r, layer) + r.l2 / (2 * r.n) * sum((w * w).sum() for w in r.W.values())
    )


def absolute_gradient(r: Run, layer: int) -> Array:
    """dZ^[l] (A^[l-1])^T + λ sign(W)."""
    return r.dZ[layer] @ r.A[layer - 1].T + r.l2 * np.sign(r.W[layer])


def squared_gradient(r: Run, layer: int) -> Array:
    """dZ^[l] (A^[l-1])^T + λ/2 W²."""
    return r.dZ[layer] @ r.A[layer - 1].T + r.l2 / 2 * r.W[layer] ** 2


def length_cost(r: Run, layer: int) -> Array:
    """R(ℓ) + λ/2 Σ ‖W‖."""
    return data_term(r, layer) + r.l2 / 2 * sum(np.linalg.norm(w) for w in r.W.values())


def length_gradient(r: Run, layer: int) -> Array:
    """dZ^[l] (A^[l-1])^T + λ/2 W/‖W‖."""
    w = r.W[layer]
    return r.dZ[layer] @ r.A[layer - 1].T + r.l2 / 2 * w / np.linalg.norm(w)


def mean_cost(r: Run, layer: int) -> Array:
    """R(ℓ) + λ/2 Σ mean(w²)."""
    return np.asarray(data_term(r, layer) + r.l2 / 2 * sum((w * w).mean() for w in r.W.values()))


def last_layer_cost(r: Run, layer: int) -> Array:
    """R(ℓ) + λ/2 ‖W[L]‖²."""
    return np.asarray(data_term(r, layer) + r.l2 / 2 * (r.W[layer] ** 2).sum())


def cost_with_biases(r: Run, layer: int) -> Array:
    """J + λ/2 Σ b²."""
    return np.asarray(objective(r, layer) + r.l2 / 2 * sum((b * b).sum() for b in r.b.values()))


def bias_with_decay(r: Run, layer: int) -> Array:
    """Sum of dZ over the examples + λ b."""
    return bias_gradient(r, layer) + r.l2 * r.b[layer]


def shrunk_gradient(r: Run, layer: int) -> Array:
    """(1 - λ) dZ^[l] (A^[l-1])^T + λ W^[l]."""
    return (1 - r.l2) * (r.dZ[layer] @ r.A[layer - 1].T) + r.l2 * r.W[layer]


MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        name="decay-cost-without-half",
        family=FAMILY,
        symptom="J = R(ℓ) + λ Σ w², with λ w in the gradient",
        tempting="Cost and gradient are copied from two texts, one of which has the half in λ.",
        mend=RIGHT_COST,
        code=COST_CODE,
        touches=("J",),
        place="the whole pass",
        steps={"J": cost_without_half},
        applies=has_decay,
        sources=(Source("a well-known book's chapter code"), Source("cs231n mirrors")),
    ),
    Mistake(
        name="decay-gradient-keeps-half",
        family=FAMILY,
        symptom="dW[l] = dZ[l] A[l-1]ᵀ + λ/2 W[l]",
        tempting="The 2 that the square brings down is forgotten: λ/2 is copied from the cost.",
        mend=RIGHT_GRADIENT,
        code=GRADIENT_CODE,
        touches=("dWl",),
        place="every layer",
        steps={"dW": gradient_with_half},
        applies=has_decay,
    ),
    Mistake(
        name="decay-gradient-doubled",
        family=FAMILY,
        symptom="dW[l] = dZ[l] A[l-1]ᵀ + 2λ W[l]",
        tempting="It is the derivative of λ w², and the cost has λ/2 w².",
        mend=RIGHT_GRADIENT,
        code=GRADIENT_CODE,
        touches=("dWl",),
        place="every layer",
        steps={"dW": gradient_twice},
        applies=has_decay,
    ),
    Mistake(
        name="decay-missing-in-gradient",
        family=FAMILY,
        symptom="dW[l] = dZ[l] A[l-1]ᵀ, with λ/2 Σ w² in J",
        tempting="The term was added to the cost, whose curve is looked at, and nowhere else.",
        mend=RIGHT_GRADIENT,
        code=GRADIENT_CODE,
        touches=("dWl",),
        place="every layer",
        steps={"dW": no_gradient},
        applies=has_decay,
    ),
    Mistake(
        name="decay-missing-in-cost",
        family=FAMILY,
        symptom="J = R(ℓ), with λ W in every dW",
        tempting="Weight decay is thought of as a part of the update, not of the cost.",
        mend=RIGHT_COST,
        code=COST_CODE,
        touches=("J",),
        place="the whole pass",
        steps={"J": data_term},
        applies=has_decay,
    ),
    Mistake(
        name="decay-sign",
        family=FAMILY,
        symptom="dW[l] = dZ[l] A[l-1]ᵀ − λ W[l]",
        tempting="Decay makes weights smaller, so it is subtracted; but the update subtracts dW.",
        mend=RIGHT_GRADIENT,
        code=GRADIENT_CODE,
        touches=("dWl",),
        place="every layer",
        steps={"dW": negative_gradient},
        applies=has_decay,
        sources=(
            Source("nn-from-scratch #11: sign of delta or of weight decay"),
            Source("deeplearning4j #345: sign of delta or of weight decay"),
        ),
    ),
    Mistake(
        name="decay-gradient-over-n",
        family=FAMILY,
        symptom="dW[l] = dZ[l] A[l-1]ᵀ + λ/n W[l], with λ/2 Σ w² in J",
        tempting="The sum is put into brackets with the decay, and all of it is divided by n.",
        mend=RIGHT_GRADIENT,
        code=GRADIENT_CODE,
        touches=("dWl",),
        place="every layer",
        steps={"dW": gradient_over_n},
        applies=has_decay,
    ),
    Mistake(
        name="decay-over-n",
        family=FAMILY,
        symptom="J = R(ℓ) + λ/(2n) Σ w², and λ/n W[l] in the gradient",
        tempting="Many texts define it so; it is another λ, and changes with the batch.",
        mend=RIGHT_COST,
        code=COST_CODE,
        touches=("J",),
        place="the whole pass",
        steps={"J": cost_over_n, "dW": gradient_over_n},
        applies=has_decay,
    ),
    Mistake(
        name="decay-of-absolute-weights",
        family=FAMILY,
        symptom="dW[l] = dZ[l] A[l-1]ᵀ + λ sign(W[l]), with λ/2 Σ w² in J",
        tempting="The gradient of L1 beside the cost of L2.",
        mend=RIGHT_GRADIENT,
        code=GRADIENT_CODE,
        touches=("dWl",),
        place="every layer",
        steps={"dW": absolute_gradient},
        applies=has_decay,
    ),
    Mistake(
        name="decay-not-differentiated",
        family=FAMILY,
        symptom="dW[l] = dZ[l] A[l-1]ᵀ + λ/2 W[l]²",
        tempting="The term of the cost is added to the gradient as it stands.",
        mend=RIGHT_GRADIENT,
        code=GRADIENT_CODE,
        touches=("dWl",),
        place="every layer",
        steps={"dW": squared_gradient},
        applies=has_decay,
    ),
    Mistake(
        name="decay-norm-not-squared",
        family=FAMILY,
        symptom="J = R(ℓ) + λ/2 Σ ‖W[l]‖, and its derivative λ/2 W[l]/‖W[l]‖",
        tempting="np.linalg.norm is at hand, and its square is forgotten.",
        mend=RIGHT_COST,
        code=COST_CODE,
        touches=("J",),
        place="the whole pass",
        steps={"J": length_cost, "dW": length_gradient},
        applies=has_decay,
    ),
    Mistake(
        name="decay-cost-averaged",
        family=FAMILY,
        symptom="J = R(ℓ) + λ/2 Σ mean(w²), with λ w in the gradient",
        tempting="np.mean for np.sum: everything else in the cost is a mean.",
        mend=RIGHT_COST,
        code=COST_CODE,
        touches=("J",),
        place="the whole pass",
        steps={"J": mean_cost},
        applies=has_decay,
    ),
    Mistake(
        name="decay-cost-of-last-layer",
        family=FAMILY,
        symptom="J = R(ℓ) + λ/2 ‖W[L]‖², with λ w in the gradient of every layer",
        tempting="The variable of the loop over the layers, used after the loop.",
        mend=RIGHT_COST,
        code=COST_CODE,
        touches=("J",),
        place="the whole pass",
        steps={"J": last_layer_cost},
        applies=lambda case, layer: case.network.l2 != 0 and case.L > 1,
    ),
    Mistake(
        name="decay-of-biases",
        family=FAMILY,
        symptom="J = R(ℓ) + λ/2 (Σ w² + Σ b²), and db[l] = Σ dZ[l] + λ b[l]",
        tempting="All parameters lie in one list, and decay goes over the list.",
        mend="biases are not regularised: they move the function, they do not bend it",
        code=f"{COST_CODE}; db[l] = dZ[l].sum(axis=1, keepdims=True)",
        touches=("J",),
        place="the whole pass",
        steps={"J": cost_with_biases, "db": bias_with_decay},
        applies=has_decay,
    ),
    Mistake(
        name="decay-in-bias-gradient",
        family=FAMILY,
        symptom="db[l] = Σ dZ[l] + λ b[l], with no b in J",
        tempting="The line of dW is copied for db, its decay with it.",
        mend="biases are not regularised: db[l] is dZ[l] summed over the examples",
        code="db[l] = dZ[l].sum(axis=1, keepdims=True)",
        touches=("dbl",),
        place="every layer",
        steps={"db": bias_with_decay},
        applies=has_decay,
    ),
    Mistake(
        name="decay-scales-the-gradient",
        family=FAMILY,
        symptom="dW[l] = (1 − λ) dZ[l] A[l-1]ᵀ + λ W[l]",
        tempting="Shrinking by 1 − λ is applied to the gradient besides the weights.",
        mend=RIGHT_GRADIENT,
        code=GRADIENT_CODE,
        touches=("dWl",),
        place="every layer",
        steps={"dW": shrunk_gradient},
        applies=has_decay,
    ),
)
