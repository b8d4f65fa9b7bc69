"""Signs: of the error, of a term, of an exponent."""

from __future__ import annotations

import numpy as np

from gradoracle.activations import sigmoid
from gradoracle.arrays import Array
from gradoracle.mistakes.families.formulas import (
    loss_of_activation,
    penalty,
    scaled_loss,
    scaled_output,
    through,
    weight_gradient_of,
)
from gradoracle.mistakes.families.places import (
    backward,
    forward,
    loss_is,
)
from gradoracle.mistakes.families.sources import FIRST_TEXT
from gradoracle.mistakes.mistake import Mistake, Source
from gradoracle.mistakes.steps import Run, delta

FAMILY = "sign"


def sign_between_the_terms(r: Run, layer: int) -> Array:
    """J = -(1/N) sum(Y log A - (1 - Y) log(1 - A))."""
    a = r.A[layer]
    terms = r.Y * np.log(a) - (1 - r.Y) * np.log(1 - a)
    return np.asarray(penalty(r) - terms.sum() / r.N)


def inner_derivative_forgotten(r: Run, layer: int) -> Array:
    """dA^[L] = (-Y / A - (1 - Y) / (1 - A)) / N."""
    return (-r.Y / r.A[layer] - (1 - r.Y) / (1 - r.A[layer])) / r.N


MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        name="error-reversed",
        family=FAMILY,
        symptom="dZ[L] has y − a where a − y belongs, and every gradient the wrong sign",
        tempting="The error is what is wanted minus what is there; the update then adds.",
        mend="the derivative of (a − y)² by a is 2(a − y), and that of cross-entropy a − y",
        code="dA[L] = loss_prime(A[L], Y) / N",
        touches=("dAl", "dZl"),
        place="the output",
        steps=scaled_output(lambda r: -1),
        sources=(Source("nn-from-scratch #11"),),
    ),
    Mistake(
        name="hidden-delta-negated",
        family=FAMILY,
        symptom="dZ[l] = −dA[l] ∘ g′(Z[l])",
        tempting="The minus of the update, or that of e^−z, has come into the recursion.",
        mend="no sign changes on the way back: dZ[l] = dA[l] ∘ g′(Z[l])",
        code="dZ[l] = dA[l] * g_prime(Z[l])",
        touches=("dZl",),
        place="hidden layers",
        steps={"dZ": lambda r, layer: -delta(r, layer)},
        sources=(Source("nn-from-scratch #11"),),
    ),
    Mistake(
        name="weight-gradient-negated",
        family=FAMILY,
        symptom="dW[l] = −dZ[l] A[l-1]ᵀ, beside a right db[l]",
        tempting="The minus of W − α dW was put into dW already, in this layer alone.",
        mend="dW[l] is the derivative; the minus belongs to the update",
        code="dW[l] = dZ[l] @ A[l-1].T",
        touches=("dWl",),
        place="every layer",
        steps=weight_gradient_of(lambda r, layer: -(r.dZ[layer] @ r.A[layer - 1].T)),
    ),
    Mistake(
        name="bias-gradient-negated",
        family=FAMILY,
        symptom="db[l] = −Σ dZ[l], beside a right dW[l]",
        tempting="The bias was a threshold once, subtracted: then its derivative has a minus.",
        mend="b[l] is added: db[l] is dZ[l] summed over the examples",
        code="db[l] = dZ[l].sum(axis=1, keepdims=True)",
        touches=("dbl",),
        place="every layer",
        steps={"db": lambda r, layer: -r.dZ[layer].sum(axis=1, keepdims=True)},
    ),
    Mistake(
        name="loss-without-its-minus",
        family=FAMILY,
        symptom="J has + where cross-entropy has −: it falls below 0 and goes up",
        tempting="The log-likelihood is to be made large; the loss is minus that.",
        mend="a logarithm of a probability is negative, and cross-entropy is minus its mean",
        code="J = loss(Z[L], A[L], Y).sum() / N",
        touches=("J",),
        place="the output",
        steps=scaled_loss(lambda r: -1),
        applies=loss_is("binary_cross_entropy", "cross_entropy"),
    ),
    Mistake(
        name="minus-between-the-terms",
        family=FAMILY,
        symptom="J = −(1/N) Σ (y log a − (1 − y) log(1 − a))",
        tempting="The minus in front is put in front of the second term as well.",
        mend="J = −(1/N) Σ (y log a + (1 − y) log(1 − a))",
        code="J = (np.logaddexp(0, Z[L]) - Y * Z[L]).sum() / N",
        touches=("J",),
        place="the output",
        steps={"J": sign_between_the_terms},
        applies=loss_is("binary_cross_entropy"),
        sources=(FIRST_TEXT,),
    ),
    Mistake(
        name="inner-derivative-forgotten",
        family=FAMILY,
        symptom="dA[L] = (−y / a − (1 − y) / (1 − a)) / N",
        tempting="log(1 − a) has the derivative −1/(1 − a): the inner −1 is lost.",
        mend="dA[L] = (−y / a + (1 − y) / (1 − a)) / N",
        code="dA[L] = (-Y / A[L] + (1 - Y) / (1 - A[L])) / N",
        touches=("dAl", "dZl"),
        place="the output",
        steps={"dA_out": inner_derivative_forgotten, "dZ_out": delta},
        applies=loss_is("binary_cross_entropy"),
    ),
    Mistake(
        name="sigmoid-without-the-minus",
        family=FAMILY,
        symptom="A[l] = 1 / (1 + e^{Z[l]})",
        tempting="One sign, and the network trains all the same: the weights change theirs.",
        mend="σ(z) = 1 / (1 + e^−z)",
        code="A[l] = 1 / (1 + np.exp(-Z[l]))",
        touches=("Al",),
        place="every layer",
        steps={"A": lambda r, layer: sigmoid(-r.Z[layer]), "J": loss_of_activation},
        applies=forward("sigmoid"),
    ),
    Mistake(
        name="sigmoid-derivative-with-plus",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ A[l] ∘ (1 + A[l])",
        tempting="One sign in a formula known by heart.",
        mend="σ′(z) = a(1 − a) with a = σ(z)",
        code="dZ[l] = dA[l] * A[l] * (1 - A[l])",
        touches=("dZl",),
        place="every layer",
        steps=through(lambda r, layer: r.A[layer] * (1 + r.A[layer])),
        applies=backward("sigmoid"),
    ),
    Mistake(
        name="tanh-derivative-with-plus",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ (1 + A[l]²)",
        tempting="cosh² and sinh² differ where cos² and sin² add up; so does 1 ± tanh².",
        mend="tanh′(z) = 1 − a² with a = tanh(z)",
        code="dZ[l] = dA[l] * (1 - A[l] ** 2)",
        touches=("dZl",),
        place="every layer",
        steps=through(lambda r, layer: 1 + r.A[layer] ** 2),
        applies=backward("tanh"),
    ),
    Mistake(
        name="silu-derivative-with-minus",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ σ(Z[l]) ∘ (1 − Z[l] ∘ (1 − σ(Z[l])))",
        tempting="Two signs in one formula, and one of them is a minus.",
        mend="silu′(z) = σ(z)(1 + z(1 − σ(z)))",
        code="dZ[l] = dA[l] * sigmoid(Z[l]) * (1 + Z[l] * (1 - sigmoid(Z[l])))",
        touches=("dZl",),
        place="every layer",
        steps=through(
            lambda r, layer: sigmoid(r.Z[layer]) * (1 - r.Z[layer] * sigmoid(-r.Z[layer]))
        ),
        applies=backward("silu"),
    ),
)
