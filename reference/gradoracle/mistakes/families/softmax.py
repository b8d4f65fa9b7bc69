"""Mistakes with softmax: which axis, which Jacobian, how often."""

from __future__ import annotations

import numpy as np

from gradoracle.activations import softmax, softmax_vjp
from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.losses import LOSSES
from gradoracle.mistakes.mistake import Mistake, Source
from gradoracle.mistakes.steps import Run

FAMILY = "softmax"

RIGHT_VALUE = "softmax goes down each column, over the classes of one example"
VALUE_CODE = "e = np.exp(Z[l] - Z[l].max(axis=0)); A[l] = e / e.sum(axis=0)"
RIGHT_JACOBIAN = "∂a_i/∂z_k = a_i (δ_ik − a_k): dZ_i = a_i (dA_i − Σ_k a_k dA_k), column by column"
JACOBIAN_CODE = "dZ[l] = A[l] * (dA[l] - (A[l] * dA[l]).sum(axis=0))"
FUSED = "softmax and cross-entropy together: dZ[L] = (A[L] − Y)/N, and no derivative after it"
FUSED_CODE = "dZ[L] = (A[L] - Y) / N"


def is_softmax(case: Case, layer: int) -> bool:
    """Whether g_l is softmax."""
    return case.activation(layer) == "softmax"


def is_cross_entropy(case: Case, layer: int) -> bool:
    """Whether the loss is cross_entropy."""
    return case.network.loss == "cross_entropy"


def over_examples(r: Run, layer: int) -> Array:
    """Softmax along each row."""
    e = np.exp(r.Z[layer] - np.max(r.Z[layer], axis=1, keepdims=True))
    return np.asarray(e / np.sum(e, axis=1, keepdims=True))


def over_everything(r: Run, layer: int) -> Array:
    """Softmax of the matrix as one long vector."""
    e = np.exp(r.Z[layer] - np.max(r.Z[layer]))
    return np.asarray(e / np.sum(e))


def not_normalised(r: Run, layer: int) -> Array:
    """The numerator shifted, the denominator not."""
    e = np.exp(r.Z[layer] - np.max(r.Z[layer], axis=0, keepdims=True))
    return np.asarray(e / np.sum(np.exp(r.Z[layer]), axis=0, keepdims=True))


def without_shift(r: Run, layer: int) -> Array:
    """e^z / Σ e^z."""
    e = np.exp(r.Z[layer])
    return np.asarray(e / np.sum(e, axis=0, keepdims=True))


def twice(r: Run, layer: int) -> Array:
    """softmax(softmax(Z))."""
    return softmax(softmax(r.Z[layer]))


def loss_of_probabilities(r: Run, layer: int) -> Array:
    """The cross-entropy of logits, given A for the logits."""
    J = LOSSES[r.loss].terms(r.A[layer], r.A[layer], r.Y).sum() / r.N
    if r.l2:
        J = J + r.l2 / 2 * sum((w * w).sum() for w in r.W.values())
    return np.asarray(J)


def delta_of_probabilities(r: Run, layer: int) -> Array:
    """The derivative of that."""
    return softmax_vjp(r.A[layer], softmax(r.A[layer]) - r.Y) / r.N


def diagonal(r: Run, layer: int) -> Array:
    """dA^[l] * A^[l] (1 - A^[l])."""
    return r.dA[layer] * r.A[layer] * (1 - r.A[layer])


def off_diagonal_sign(r: Run, layer: int) -> Array:
    """The Jacobian with + a_i a_k beside the diagonal."""
    a, da = r.A[layer], r.dA[layer]
    beside = np.sum(a * da, axis=0, keepdims=True) - a * da
    return np.asarray(a * (1 - a) * da + a * beside)


def kronecker_lost(r: Run, layer: int) -> Array:
    """The Jacobian a_i (1 - a_k) everywhere."""
    a, da = r.A[layer], r.dA[layer]
    return np.asarray(a * np.sum((1 - a) * da, axis=0, keepdims=True))


def diagonal_lost(r: Run, layer: int) -> Array:
    """The Jacobian -a_i a_k everywhere."""
    a, da = r.A[layer], r.dA[layer]
    return np.asarray(-a * np.sum(a * da, axis=0, keepdims=True))


def mean_over_examples(r: Run, layer: int) -> Array:
    """A (dA - Σ over the examples of A dA)."""
    a, da = r.A[layer], r.dA[layer]
    return np.asarray(a * (da - np.sum(a * da, axis=1, keepdims=True)))


def mean_not_weighted(r: Run, layer: int) -> Array:
    """A (dA - Σ dA)."""
    a, da = r.A[layer], r.dA[layer]
    return np.asarray(a * (da - np.sum(da, axis=0, keepdims=True)))


def jacobian_after_fused(r: Run, layer: int) -> Array:
    """The Jacobian applied to A - Y."""
    return softmax_vjp(r.A[layer], r.A[layer] - r.Y) / r.N


def slope_after_fused(r: Run, layer: int) -> Array:
    """(A - Y) A (1 - A)."""
    a = r.A[layer]
    return (a - r.Y) * a * (1 - a) / r.N


def binary_loss(r: Run, layer: int) -> Array:
    """-Σ y log a + (1 - y) log(1 - a) of softmax outputs."""
    a, y = r.A[layer], r.Y
    J = -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum() / r.N
    if r.l2:
        J = J + r.l2 / 2 * sum((w * w).sum() for w in r.W.values())
    return np.asarray(J)


def binary_cotangent(r: Run, layer: int) -> Array:
    """-y/a + (1 - y)/(1 - a)."""
    return LOSSES["binary_cross_entropy"].cotangent(r.A[layer], r.Y) / r.N


MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        name="softmax-over-examples",
        family=FAMILY,
        symptom="A[l] = softmax(Z[l]) along each row",
        tempting="axis=1 comes from code with one example a row.",
        mend=RIGHT_VALUE,
        code=VALUE_CODE,
        touches=("Al",),
        place="every layer",
        steps={"A": over_examples},
        applies=is_softmax,
    ),
    Mistake(
        name="softmax-over-everything",
        family=FAMILY,
        symptom="A[l] = exp(Z[l]) / np.sum(exp(Z[l])), no axis",
        tempting="The formula for one vector, used on a batch.",
        mend=RIGHT_VALUE,
        code=VALUE_CODE,
        touches=("Al",),
        place="every layer",
        steps={"A": over_everything},
        applies=is_softmax,
    ),
    Mistake(
        name="softmax-shift-above-only",
        family=FAMILY,
        symptom="A[l] = exp(Z[l] − max) / Σ exp(Z[l])",
        tempting="The largest z was subtracted for safety, and in one of two places.",
        mend="subtract the same number above and below: it then cancels",
        code=VALUE_CODE,
        touches=("Al",),
        place="every layer",
        steps={"A": not_normalised},
        applies=is_softmax,
    ),
    Mistake(
        name="softmax-without-shift",
        family=FAMILY,
        symptom="A[l] = exp(Z[l]) / Σ exp(Z[l])",
        tempting="It is the definition, and right until exp overflows: NaN from z = 710.",
        mend="subtract the largest z of each column: nothing can then overflow",
        code=VALUE_CODE,
        touches=("Al",),
        place="every layer",
        steps={"A": without_shift},
        applies=is_softmax,
    ),
    Mistake(
        name="softmax-twice",
        family=FAMILY,
        symptom="A[l] = softmax(softmax(Z[l]))",
        tempting="The last layer has a softmax, and so has the function that is given its output.",
        mend="apply it once",
        code=VALUE_CODE,
        touches=("Al",),
        place="every layer",
        steps={"A": twice},
        applies=is_softmax,
        sources=(
            Source("deepcourse PR #9"),
            Source("tflearn #562"),
        ),
    ),
    Mistake(
        name="probabilities-as-logits",
        family=FAMILY,
        symptom="J and dZ[L] from cross-entropy of logits, fed with softmax(Z[L])",
        tempting="A loss that expects logits gets probabilities, and nothing complains.",
        mend="a loss that is defined on logits gets Z[L]",
        code="logsumexp(Z[L]) - Z[L], weighted with Y; dZ[L] = (A[L] - Y) / N",
        touches=("J",),
        place="the output",
        steps={"J": loss_of_probabilities, "dZ_out": delta_of_probabilities},
        applies=is_cross_entropy,
        sources=(
            Source("deepcourse PR #9"),
            Source("tflearn #562"),
        ),
    ),
    Mistake(
        name="softmax-diagonal-only",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ A[l] (1 − A[l])",
        tempting="It is the derivative of the sigmoid, and the diagonal of softmax's Jacobian.",
        mend=RIGHT_JACOBIAN,
        code=JACOBIAN_CODE,
        touches=("dZl",),
        place="every layer",
        steps={"dZ": diagonal, "dZ_out": diagonal},
        applies=is_softmax,
        sources=(
            Source("ML-From-Scratch"),
            Source("libnd4j #440"),
            Source("several courses"),
        ),
    ),
    Mistake(
        name="softmax-off-diagonal-sign",
        family=FAMILY,
        symptom="dZ_i = a_i (1 − a_i) dA_i + Σ_{k≠i} a_i a_k dA_k",
        tempting="The minus of ∂a_i/∂z_k = −a_i a_k is lost.",
        mend=RIGHT_JACOBIAN,
        code=JACOBIAN_CODE,
        touches=("dZl",),
        place="every layer",
        steps={"dZ": off_diagonal_sign, "dZ_out": off_diagonal_sign},
        applies=is_softmax,
    ),
    Mistake(
        name="softmax-kronecker-lost",
        family=FAMILY,
        symptom="dZ_i = a_i Σ_k (1 − a_k) dA_k",
        tempting="a_i (δ_ik − a_k) is read with δ = 1, as if i were k everywhere.",
        mend=RIGHT_JACOBIAN,
        code=JACOBIAN_CODE,
        touches=("dZl",),
        place="every layer",
        steps={"dZ": kronecker_lost, "dZ_out": kronecker_lost},
        applies=is_softmax,
    ),
    Mistake(
        name="softmax-diagonal-lost",
        family=FAMILY,
        symptom="dZ_i = −a_i Σ_k a_k dA_k",
        tempting="The Jacobian is built as −a aᵀ, and diag(a) is never added.",
        mend=RIGHT_JACOBIAN,
        code=JACOBIAN_CODE,
        touches=("dZl",),
        place="every layer",
        steps={"dZ": diagonal_lost, "dZ_out": diagonal_lost},
        applies=is_softmax,
    ),
    Mistake(
        name="softmax-mean-over-examples",
        family=FAMILY,
        symptom="dZ[l] = A[l] ∘ (dA[l] − Σ over examples of A[l] ∘ dA[l])",
        tempting="axis=1 for axis=0 in the backward pass: the shapes broadcast either way.",
        mend=RIGHT_JACOBIAN,
        code=JACOBIAN_CODE,
        touches=("dZl",),
        place="every layer",
        steps={"dZ": mean_over_examples, "dZ_out": mean_over_examples},
        applies=is_softmax,
    ),
    Mistake(
        name="softmax-mean-not-weighted",
        family=FAMILY,
        symptom="dZ[l] = A[l] ∘ (dA[l] − Σ_k dA_k)",
        tempting="The a_k under the sum is dropped.",
        mend=RIGHT_JACOBIAN,
        code=JACOBIAN_CODE,
        touches=("dZl",),
        place="every layer",
        steps={"dZ": mean_not_weighted, "dZ_out": mean_not_weighted},
        applies=is_softmax,
    ),
    Mistake(
        name="softmax-jacobian-after-fused",
        family=FAMILY,
        symptom="dZ[L] = softmax′(Z[L]) applied to (A[L] − Y)/N",
        tempting="A − Y is taken for dA, and the Jacobian that is in it already is applied again.",
        mend=FUSED,
        code=FUSED_CODE,
        touches=("dZL",),
        place="the output",
        steps={"dZ_out": jacobian_after_fused},
        applies=is_cross_entropy,
    ),
    Mistake(
        name="softmax-slope-after-fused",
        family=FAMILY,
        symptom="dZ[L] = (A[L] − Y) ∘ A[L] (1 − A[L]) / N",
        tempting="The output layer of the sigmoid network with squared error, with softmax put in.",
        mend=FUSED,
        code=FUSED_CODE,
        touches=("dZL",),
        place="the output",
        steps={"dZ_out": slope_after_fused},
        applies=is_cross_entropy,
    ),
    Mistake(
        name="binary-loss-behind-softmax",
        family=FAMILY,
        symptom="J = −Σ Y log A + (1−Y) log(1−A), dA[L] its derivative, dZ[L] = dA[L] A (1−A)",
        tempting="Two errors that cancel: dZ[L] is A − Y, the right update of another loss than J.",
        mend="with softmax J = −Σ Y log A, and dA[L] = −Y/A",
        code="J = (Y * (np.logaddexp.reduce(Z[L], axis=0) - Z[L])).sum() / N; "
        "dZ[L] = (A[L] - Y) / N",
        touches=("J",),
        place="the output",
        steps={"J": binary_loss, "dA_out": binary_cotangent, "dZ_out": diagonal},
        applies=is_cross_entropy,
        sources=(Source("ML-From-Scratch"),),
    ),
)
