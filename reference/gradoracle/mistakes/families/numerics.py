"""Right on paper, wrong in floating point: overflow, cancellation, epsilons, too few bits."""

from __future__ import annotations

import math

import numpy as np

from gradoracle.activations import sigmoid
from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.mistakes.mistake import Mistake, Source
from gradoracle.mistakes.steps import Run, bias_gradient, delta, objective, weight_gradient

FAMILY = "numerics and dtype"

LOGITS = "write the cross-entropies with the logits: softplus(∓z), logsumexp(z) − z"
LOGITS_CODE = "J = (Y * np.logaddexp(0, -Z[L]) + (1 - Y) * np.logaddexp(0, Z[L])).sum() / N"
SIGMOID_CODE = "A[l] = 1 / (1 + np.exp(-Z[l]))"
ONE_DTYPE = "every array keeps the dtype of the parameters"


def uses(name: str, case: Case, layer: int) -> bool:
    """Whether g_l is the one of that name."""
    return case.activation(layer) == name


def is_cross_entropy(case: Case, layer: int) -> bool:
    """Whether the loss is one of the cross-entropies."""
    return case.network.loss in ("binary_cross_entropy", "cross_entropy")


def in_float64(case: Case, layer: int) -> bool:
    """Whether there are bits to lose."""
    return case.dtype == np.float64


def decay(r: Run) -> float:
    """The L2 term of J."""
    return r.l2 / 2 * sum((w * w).sum() for w in r.W.values()) if r.l2 else 0.0


def product_in_float32(r: Run, layer: int) -> Array:
    """W^[l] A^[l-1] + b^[l] with factors rounded to float32."""
    Z = r.W[layer].astype(np.float32) @ r.A[layer - 1].astype(np.float32)
    return Z.astype(r.case.dtype) + r.b[layer]


def product_in_float16(r: Run, layer: int) -> Array:
    """W^[l] A^[l-1] + b^[l] with factors and sums in float16."""
    Z = r.W[layer].astype(np.float16) @ r.A[layer - 1].astype(np.float16)
    return Z.astype(r.case.dtype) + r.b[layer]


def gradient_in_float32(r: Run, layer: int) -> Array:
    """dW^[l] stored in a float32 buffer."""
    return weight_gradient(r, layer).astype(np.float32).astype(r.case.dtype)


def loss_in_float32(r: Run, layer: int) -> Array:
    """J summed in float32."""
    return objective(r, layer).astype(np.float32).astype(r.case.dtype)


def loss_from_probabilities(r: Run, layer: int) -> Array:
    """-Σ y log a (- (1 - y) log(1 - a)) from A^[L]."""
    a, y = r.A[layer], r.Y
    terms = y * np.log(a)
    if r.loss == "binary_cross_entropy":
        terms = terms + (1 - y) * np.log(1 - a)
    return np.asarray(-terms.sum() / r.N + decay(r))


def log_with_epsilon(r: Run, layer: int) -> Array:
    """-Σ y log(a + 1e-8) (- (1 - y) log(1 - a + 1e-8))."""
    a, y, epsilon = r.A[layer], r.Y, 1e-8
    terms = y * np.log(a + epsilon)
    if r.loss == "binary_cross_entropy":
        terms = terms + (1 - y) * np.log(1 - a + epsilon)
    return np.asarray(-terms.sum() / r.N + decay(r))


def clipped(r: Run, layer: int) -> Array:
    """A^[L] kept within 1e-7 of 0 and of 1."""
    return np.clip(r.A[layer], 1e-7, 1 - 1e-7)


def loss_clipped(r: Run, layer: int) -> Array:
    """The loss from clipped probabilities."""
    a, y = clipped(r, layer), r.Y
    terms = y * np.log(a)
    if r.loss == "binary_cross_entropy":
        terms = terms + (1 - y) * np.log(1 - a)
    return np.asarray(-terms.sum() / r.N + decay(r))


def delta_clipped(r: Run, layer: int) -> Array:
    """(A^[L] - Y) / N, and nothing where the clipping took hold."""
    inside = clipped(r, layer) == r.A[layer]
    return np.where(inside, (r.A[layer] - r.Y) / r.N, 0).astype(r.case.dtype)


def delta_not_fused(r: Run, layer: int) -> Array:
    """dA^[L] times the derivative of the output, multiplied out."""
    return delta(r, layer)


def logsumexp_without_shift(r: Run, layer: int) -> Array:
    """Σ y (log Σ e^z - z)."""
    z = r.Z[layer]
    terms = r.Y * (np.log(np.sum(np.exp(z), axis=0, keepdims=True)) - z)
    return np.asarray(terms.sum() / r.N + decay(r))


def softplus_loss_without_care(r: Run, layer: int) -> Array:
    """Σ log(1 + e^z) - y z."""
    z = r.Z[layer]
    return np.asarray((np.log(1 + np.exp(z)) - r.Y * z).sum() / r.N + decay(r))


def sigmoid_of_two_exponentials(r: Run, layer: int) -> Array:
    """e^z / (1 + e^z)."""
    e = np.exp(r.Z[layer])
    return np.asarray(e / (1 + e))


def sigmoid_by_tanh(r: Run, layer: int) -> Array:
    """1/2 + tanh(z/2) / 2."""
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * r.Z[layer]))


def sigmoid_hard(r: Run, layer: int) -> Array:
    """clip(z/6 + 1/2, 0, 1)."""
    return np.clip(r.Z[layer] / 6 + 0.5, 0, 1)


def tanh_of_exponentials(r: Run, layer: int) -> Array:
    """(e^z - e^-z) / (e^z + e^-z)."""
    up, down = np.exp(r.Z[layer]), np.exp(-r.Z[layer])
    return np.asarray((up - down) / (up + down))


def tanh_by_sigmoid(r: Run, layer: int) -> Array:
    """2 sigma(2z) - 1."""
    return 2 * sigmoid(2 * r.Z[layer]) - 1


def softplus_without_care(r: Run, layer: int) -> Array:
    """log(1 + e^z)."""
    return np.asarray(np.log(1 + np.exp(r.Z[layer])))


def softplus_with_threshold(r: Run, layer: int) -> Array:
    """Return z where z > 20, else log1p(e^z)."""
    z = r.Z[layer]
    return np.where(z > 20, z, np.log1p(np.exp(np.minimum(z, 20))))


def gelu_by_tanh(r: Run, layer: int) -> Array:
    """z/2 (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3)))."""
    z = r.Z[layer]
    return np.asarray(0.5 * z * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))))


def gelu_by_sigmoid(r: Run, layer: int) -> Array:
    """Return z sigma(1.702 z)."""
    return r.Z[layer] * sigmoid(1.702 * r.Z[layer])


def slope_one_at_zero(r: Run, layer: int) -> Array:
    """dA^[l] where Z^[l] >= 0."""
    return r.dA[layer] * (r.Z[layer] >= 0)


def weights_clipped_gradient(r: Run, layer: int) -> Array:
    """dW^[l] kept between -0.1 and 0.1."""
    return np.clip(weight_gradient(r, layer), -0.1, 0.1)


def bias_clipped_gradient(r: Run, layer: int) -> Array:
    """db^[l] kept between -0.1 and 0.1."""
    return np.clip(bias_gradient(r, layer), -0.1, 0.1)


def loss_rounded(r: Run, layer: int) -> Array:
    """J to four places."""
    return np.round(objective(r, layer), 4)


def cotangent_with_epsilon(r: Run, layer: int) -> Array:
    """-y / (a + 1e-8) (+ (1 - y) / (1 - a + 1e-8))."""
    a, y, epsilon = r.A[layer], r.Y, 1e-8
    dA = -y / (a + epsilon)
    if r.loss == "binary_cross_entropy":
        dA = dA + (1 - y) / (1 - a + epsilon)
    return dA / r.N


MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        name="float32-in-forward-pass",
        family=FAMILY,
        symptom="Z[l] = W[l] A[l-1] + b[l] with factors in float32",
        tempting="A framework's default dtype, or one array that was read as float32.",
        mend=ONE_DTYPE,
        code="Z[l] = W[l] @ A[l-1] + b[l], all in W[l].dtype",
        touches=("Zl",),
        place="every layer",
        steps={"Z": product_in_float32},
        applies=in_float64,
    ),
    Mistake(
        name="float16-in-forward-pass",
        family=FAMILY,
        symptom="Z[l] = W[l] A[l-1] + b[l] with products and sums in float16",
        tempting="Half precision is fast; its sums want more bits than its factors.",
        mend=ONE_DTYPE,
        code="Z[l] = W[l] @ A[l-1] + b[l], all in W[l].dtype",
        touches=("Zl",),
        place="every layer",
        steps={"Z": product_in_float16},
    ),
    Mistake(
        name="float32-gradient-buffer",
        family=FAMILY,
        symptom="dW[l] is written into a float32 buffer",
        tempting=(
            "np.zeros(shape, np.float32) was made beforehand: writing into it rounds silently."
        ),
        mend=ONE_DTYPE,
        code="dW[l] = dZ[l] @ A[l-1].T + l2 * W[l]",
        touches=("dWl",),
        place="every layer",
        steps={"dW": gradient_in_float32},
        applies=in_float64,
    ),
    Mistake(
        name="float32-loss",
        family=FAMILY,
        symptom="J is summed in float32",
        tempting=(
            "A loss is only looked at, so it may be coarse; a finite difference of it may not."
        ),
        mend=ONE_DTYPE,
        code="J = terms.sum(dtype=Z[L].dtype) / N",
        touches=("J",),
        place="the output",
        steps={"J": loss_in_float32},
        applies=in_float64,
    ),
    Mistake(
        name="loss-rounded",
        family=FAMILY,
        symptom="J to four decimal places",
        tempting="The number that is printed is the number that is returned.",
        mend="return J as it is, and round where it is printed",
        code="J = terms.sum() / N",
        touches=("J",),
        place="the output",
        steps={"J": loss_rounded},
    ),
    Mistake(
        name="loss-from-probabilities",
        family=FAMILY,
        symptom="J = −Σ Y log A[L] − (1−Y) log(1 − A[L]), with A[L] rounded to 0 or 1",
        tempting="It is the formula on paper; log(0) comes when the network has become sure.",
        mend=LOGITS,
        code=LOGITS_CODE,
        touches=("J",),
        place="the output",
        steps={"J": loss_from_probabilities},
        applies=is_cross_entropy,
        sources=(
            Source("the first of the two texts this project grew from"),
            Source("the second of the two texts this project grew from: a relu-sigmoid network"),
        ),
    ),
    Mistake(
        name="log-with-epsilon",
        family=FAMILY,
        symptom="J = −Σ Y log(A[L] + 1e-8) …",
        tempting="It keeps log(0) away, and shifts every other loss a little.",
        mend=LOGITS,
        code=LOGITS_CODE,
        touches=("J",),
        place="the output",
        steps={"J": log_with_epsilon},
        applies=is_cross_entropy,
    ),
    Mistake(
        name="cotangent-with-epsilon",
        family=FAMILY,
        symptom="dA[L] = −Y/(A[L] + 1e-8) + …",
        tempting="It keeps 1/0 away, and shifts every other derivative a little.",
        mend="the fused dZ[L] = (A[L] − Y)/N divides by nothing",
        code="dZ[L] = (A[L] - Y) / N",
        touches=("dAL",),
        place="the output",
        steps={"dA_out": cotangent_with_epsilon},
        applies=is_cross_entropy,
    ),
    Mistake(
        name="probabilities-clipped",
        family=FAMILY,
        symptom="J and dZ[L] from A[L] clipped to [1e-7, 1 − 1e-7]",
        tempting="It keeps log(0) away; the surest wrong answers then have no gradient.",
        mend=LOGITS,
        code=LOGITS_CODE,
        touches=(
            "J",
            "dZL",
        ),
        place="the output",
        steps={"J": loss_clipped, "dZ_out": delta_clipped},
        applies=is_cross_entropy,
    ),
    Mistake(
        name="cross-entropy-not-fused",
        family=FAMILY,
        symptom="dZ[L] = dA[L] ∘ g′(Z[L]), multiplied out",
        tempting="The chain rule step by step; 1/a times a(1 − a) is ∞ · 0 where a is 0.",
        mend="dZ[L] = (A[L] − Y)/N is the same on paper, and right for every z",
        code="dZ[L] = (A[L] - Y) / N",
        touches=("dZL",),
        place="the output",
        steps={"dZ_out": delta_not_fused},
        applies=is_cross_entropy,
    ),
    Mistake(
        name="logsumexp-without-shift",
        family=FAMILY,
        symptom="J = Σ Y (log Σ exp(Z[L]) − Z[L])",
        tempting="It is the definition, and right until exp overflows.",
        mend="subtract the largest z of each column before exp",
        code=(
            "m = Z[L].max(axis=0); J = (Y * (np.log(np.exp(Z[L] - m).sum(axis=0)) + m - "
            "Z[L])).sum() / N"
        ),
        touches=("J",),
        place="the output",
        steps={"J": logsumexp_without_shift},
        applies=lambda case, layer: case.network.loss == "cross_entropy",
    ),
    Mistake(
        name="softplus-loss-overflows",
        family=FAMILY,
        symptom="J = Σ log(1 + exp(Z[L])) − Y Z[L]",
        tempting="The loss with logits, as it is simplified on paper: exp overflows from z = 710.",
        mend=LOGITS,
        code=LOGITS_CODE,
        touches=("J",),
        place="the output",
        steps={"J": softplus_loss_without_care},
        applies=lambda case, layer: case.network.loss == "binary_cross_entropy",
    ),
    Mistake(
        name="sigmoid-of-two-exponentials",
        family=FAMILY,
        symptom="A[l] = exp(Z[l]) / (1 + exp(Z[l]))",
        tempting="The same on paper; ∞/∞ is NaN from z = 710.",
        mend="1 / (1 + e^−z): there an overflow gives the right 0",
        code=SIGMOID_CODE,
        touches=("Al",),
        place="every layer",
        steps={"A": sigmoid_of_two_exponentials},
        applies=lambda case, layer: uses("sigmoid", case, layer),
    ),
    Mistake(
        name="sigmoid-by-tanh",
        family=FAMILY,
        symptom="A[l] = ½ + ½ tanh(Z[l]/2)",
        tempting="It never overflows; for z far below 0 it is a difference of two numbers near ½.",
        mend="1 / (1 + e^−z) keeps its digits where σ is small",
        code=SIGMOID_CODE,
        touches=("Al",),
        place="every layer",
        steps={"A": sigmoid_by_tanh},
        applies=lambda case, layer: uses("sigmoid", case, layer),
    ),
    Mistake(
        name="sigmoid-hard",
        family=FAMILY,
        symptom="A[l] = clip(Z[l]/6 + ½, 0, 1)",
        tempting="hard_sigmoid is a neighbour of sigmoid in every list of activations, and faster.",
        mend="σ(z) = 1 / (1 + e^−z)",
        code=SIGMOID_CODE,
        touches=("Al",),
        place="every layer",
        steps={"A": sigmoid_hard},
        applies=lambda case, layer: uses("sigmoid", case, layer),
    ),
    Mistake(
        name="tanh-of-exponentials",
        family=FAMILY,
        symptom="A[l] = (exp(Z[l]) − exp(−Z[l])) / (exp(Z[l]) + exp(−Z[l]))",
        tempting="It is the definition; ∞/∞ is NaN from |z| = 710, and small z lose their digits.",
        mend="the library's tanh is right everywhere",
        code="A[l] = np.tanh(Z[l])",
        touches=("Al",),
        place="every layer",
        steps={"A": tanh_of_exponentials},
        applies=lambda case, layer: uses("tanh", case, layer),
    ),
    Mistake(
        name="tanh-by-sigmoid",
        family=FAMILY,
        symptom="A[l] = 2σ(2 Z[l]) − 1",
        tempting=(
            "One activation is made from another; small z lose their digits in the difference."
        ),
        mend="the library's tanh is right everywhere",
        code="A[l] = np.tanh(Z[l])",
        touches=("Al",),
        place="every layer",
        steps={"A": tanh_by_sigmoid},
        applies=lambda case, layer: uses("tanh", case, layer),
    ),
    Mistake(
        name="softplus-overflows",
        family=FAMILY,
        symptom="A[l] = log(1 + exp(Z[l]))",
        tempting="It is the definition; exp overflows from z = 710, and 1 + e^z is 1 below −37.",
        mend="max(z, 0) + log1p(e^−|z|) is right everywhere",
        code="A[l] = np.maximum(Z[l], 0) + np.log1p(np.exp(-np.abs(Z[l])))",
        touches=("Al",),
        place="every layer",
        steps={"A": softplus_without_care},
        applies=lambda case, layer: uses("softplus", case, layer),
    ),
    Mistake(
        name="softplus-with-threshold",
        family=FAMILY,
        symptom="A[l] = Z[l] where Z[l] > 20, else log1p(exp(Z[l]))",
        tempting="It keeps exp from overflowing; e^−20 = 2e-9 is lost, which float64 sees.",
        mend="max(z, 0) + log1p(e^−|z|) is right everywhere",
        code="A[l] = np.maximum(Z[l], 0) + np.log1p(np.exp(-np.abs(Z[l])))",
        touches=("Al",),
        place="every layer",
        steps={"A": softplus_with_threshold},
        applies=lambda case, layer: uses("softplus", case, layer),
    ),
    Mistake(
        name="gelu-by-tanh",
        family=FAMILY,
        symptom="A[l] = ½ Z[l] (1 + tanh(√(2/π) (Z[l] + 0.044715 Z[l]³)))",
        tempting=(
            "The approximation of the paper, which some libraries call gelu; off by up to 5e-4."
        ),
        mend="gelu(z) = z Φ(z) with the error function",
        code="A[l] = Z[l] * 0.5 * erfc(-Z[l] / np.sqrt(2))",
        touches=("Al",),
        place="every layer",
        steps={"A": gelu_by_tanh},
        applies=lambda case, layer: uses("gelu", case, layer),
    ),
    Mistake(
        name="gelu-by-sigmoid",
        family=FAMILY,
        symptom="A[l] = Z[l] σ(1.702 Z[l])",
        tempting="The paper's second approximation; off by up to 2e-2.",
        mend="gelu(z) = z Φ(z) with the error function",
        code="A[l] = Z[l] * 0.5 * erfc(-Z[l] / np.sqrt(2))",
        touches=("Al",),
        place="every layer",
        steps={"A": gelu_by_sigmoid},
        applies=lambda case, layer: uses("gelu", case, layer),
    ),
    Mistake(
        name="relu-slope-one-at-zero",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ 1[Z[l] ≥ 0]",
        tempting="≥ for >: any slope from 0 to 1 is a choice there, and the contract takes 0.",
        mend="relu′(0) = 0, as every framework has it; --kink any accepts the other choice",
        code="dZ[l] = dA[l] * (Z[l] > 0)",
        touches=("dZl",),
        place="every layer",
        steps={"dZ": slope_one_at_zero, "dZ_out": slope_one_at_zero},
        applies=lambda case, layer: uses("relu", case, layer),
    ),
    Mistake(
        name="gradient-clipped",
        family=FAMILY,
        symptom="dW[l] and db[l] clipped to [−0.1, 0.1]",
        tempting="Clipping belongs to the update; in the gradient it changes its direction.",
        mend="return the gradient as it is, and clip a copy in the update",
        code="W[l] -= rate * np.clip(dW[l], -0.1, 0.1)",
        touches=(
            "dWl",
            "dbl",
        ),
        place="every layer",
        steps={"dW": weights_clipped_gradient, "db": bias_clipped_gradient},
    ),
)
