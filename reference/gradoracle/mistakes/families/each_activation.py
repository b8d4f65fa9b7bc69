"""Derivatives of one activation after the other: of another one, or only a part of it."""

from __future__ import annotations

import math

import numpy as np

from gradoracle.activations import gelu_prime, sigmoid, sigmoid_prime
from gradoracle.arrays import Array
from gradoracle.mistakes.families.formulas import through
from gradoracle.mistakes.families.places import backward, forward
from gradoracle.mistakes.families.sources import SECOND_TEXT
from gradoracle.mistakes.mistake import Mistake, Source
from gradoracle.mistakes.steps import Run

FAMILY = "activation derivatives"

DZ_MEND, DZ_CODE = "dZ[l] = dA[l] ∘ g′(Z[l])", "dZ[l] = dA[l] * g_prime(Z[l])"
RELU_MEND = "relu′(z) is 1 where z > 0 and 0 elsewhere"
RELU_CODE = "dZ[l] = dA[l] * (Z[l] > 0)"
SIGMOID_MEND = "σ′(z) = a(1 − a) with a = σ(z)"
SIGMOID_CODE = "dZ[l] = dA[l] * A[l] * (1 - A[l])"
TANH_MEND = "tanh′(z) = 1 − a² with a = tanh(z)"
TANH_CODE = "dZ[l] = dA[l] * (1 - A[l] ** 2)"
LEAKY_MEND = "the slope below 0 is 1/100, forwards and backwards"
LEAKY_CODE = "dZ[l] = dA[l] * np.where(Z[l] > 0, 1, 0.01)"
ELU_MEND = "elu′(z) is 1 where z > 0, and e^z = a + 1 elsewhere"
ELU_CODE = "dZ[l] = dA[l] * np.where(Z[l] > 0, 1, A[l] + 1)"
GELU_MEND = "gelu′(z) = Φ(z) + zφ(z)"
SILU_MEND = "silu′(z) = σ(z) + zσ(z)(1 − σ(z))"


def step_at_zero(r: Run, layer: int) -> Array:
    """1 where Z^[l] > 0, else 0."""
    return (r.Z[layer] > 0).astype(r.case.dtype)


def leaky(z: Array, slope: float) -> Array:
    """1 where z > 0, else the slope."""
    return np.where(z > 0, z.dtype.type(1), z.dtype.type(slope))


def gelu_tanh(z: Array) -> Array:
    """The tanh of gelu's approximation z (1 + tanh(...)) / 2."""
    return np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))


def gelu_tanh_prime(r: Run, layer: int) -> Array:
    """The derivative of the approximation."""
    z = r.Z[layer]
    t = gelu_tanh(z)
    inner = math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * z**2)
    return 0.5 * (1 + t) + 0.5 * z * (1 - t**2) * inner


def gelu_cdf(r: Run, layer: int) -> Array:
    """Phi(Z^[l])."""
    z = r.Z[layer]
    return gelu_prime(z) - z * np.exp(-0.5 * z * z) * math.sqrt(0.5 / math.pi)


def gelu_sigmoid_prime(r: Run, layer: int) -> Array:
    """The derivative of z sigma(1.702 z)."""
    z = 1.702 * r.Z[layer]
    return sigmoid(z) + z * sigmoid_prime(z)


EACH: tuple[Mistake, ...] = (
    Mistake(
        name="tanh-derivative-on-relu",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ (1 − A[l]²)",
        tempting="The network was changed from tanh to relu, and its backward pass was not.",
        mend=RELU_MEND,
        code=RELU_CODE,
        touches=("dZl",),
        place="every layer",
        steps=through(lambda r, layer: 1 - r.A[layer] ** 2),
        applies=backward("relu"),
        sources=(SECOND_TEXT,),
    ),
    Mistake(
        name="sigmoid-derivative-on-relu",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ A[l] ∘ (1 − A[l])",
        tempting="The network was changed from sigmoid to relu, and its backward pass was not.",
        mend=RELU_MEND,
        code=RELU_CODE,
        touches=("dZl",),
        place="every layer",
        steps=through(lambda r, layer: r.A[layer] * (1 - r.A[layer])),
        applies=backward("relu"),
        sources=(Source("encog-dotnet-core #124"),),
    ),
    Mistake(
        name="leaky-derivative-on-relu",
        family=FAMILY,
        symptom="dZ[l] = dA[l] where Z[l] > 0, and dA[l] / 100 elsewhere",
        tempting="Dead units were to be kept alive, in the backward pass alone.",
        mend=RELU_MEND,
        code=RELU_CODE,
        touches=("dZl",),
        place="every layer",
        steps=through(lambda r, layer: leaky(r.Z[layer], 0.01)),
        applies=backward("relu"),
    ),
    Mistake(
        name="relu-mask-reversed",
        family=FAMILY,
        symptom="dZ[l] = dA[l] where Z[l] < 0, and 0 elsewhere",
        tempting="dZ[Z > 0] = 0 sets to zero what should be kept.",
        mend=RELU_MEND,
        code=RELU_CODE,
        touches=("dZl",),
        place="every layer",
        steps=through(lambda r, layer: (r.Z[layer] < 0).astype(r.case.dtype)),
        applies=backward("relu"),
    ),
    Mistake(
        name="relu-mask-of-z-and-gradient",
        family=FAMILY,
        symptom="dZ[l] = dA[l] where both Z[l] > 0 and dA[l] > 0, and 0 elsewhere",
        tempting="Guided backpropagation, for pictures of what a unit sees; it is no gradient.",
        mend="relu′ asks for the sign of z alone",
        code=RELU_CODE,
        touches=("dZl",),
        place="every layer",
        steps=through(lambda r, layer: ((r.Z[layer] > 0) & (r.dA[layer] > 0)).astype(r.case.dtype)),
        applies=backward("relu"),
    ),
    Mistake(
        name="relu-derivative-on-sigmoid",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ (Z[l] > 0), where g is sigmoid",
        tempting="One derivative for all layers, that of the hidden ones.",
        mend=SIGMOID_MEND,
        code=SIGMOID_CODE,
        touches=("dZl",),
        place="every layer",
        steps=through(step_at_zero),
        applies=backward("sigmoid"),
    ),
    Mistake(
        name="tanh-derivative-on-sigmoid",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ (1 − A[l]²), where g is sigmoid",
        tempting="Both are squashing functions, with a derivative in a.",
        mend=SIGMOID_MEND,
        code=SIGMOID_CODE,
        touches=("dZl",),
        place="every layer",
        steps=through(lambda r, layer: 1 - r.A[layer] ** 2),
        applies=backward("sigmoid"),
    ),
    Mistake(
        name="activation-formula-on-pre-activation",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ Z[l] ∘ (1 − Z[l])",
        tempting="def sigmoid_derivative(x): return x * (1 - x) does not say that x is σ(z).",
        mend=SIGMOID_MEND,
        code=SIGMOID_CODE,
        touches=("dZl",),
        place="every layer",
        steps=through(lambda r, layer: r.Z[layer] * (1 - r.Z[layer])),
        applies=backward("sigmoid"),
        sources=(Source("interviews.ai #15"),),
    ),
    Mistake(
        name="sigmoid-derivative-on-tanh",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ A[l] ∘ (1 − A[l]), where g is tanh",
        tempting="The network was changed from sigmoid to tanh, and its backward pass was not.",
        mend=TANH_MEND,
        code=TANH_CODE,
        touches=("dZl",),
        place="every layer",
        steps=through(lambda r, layer: r.A[layer] * (1 - r.A[layer])),
        applies=backward("tanh"),
    ),
    Mistake(
        name="relu-derivative-on-tanh",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ (Z[l] > 0), where g is tanh",
        tempting="One derivative for all layers.",
        mend=TANH_MEND,
        code=TANH_CODE,
        touches=("dZl",),
        place="every layer",
        steps=through(step_at_zero),
        applies=backward("tanh"),
    ),
    Mistake(
        name="tanh-derivative-not-squared",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ (1 − A[l])",
        tempting="The square is forgotten: sech² is 1 − tanh².",
        mend=TANH_MEND,
        code=TANH_CODE,
        touches=("dZl",),
        place="every layer",
        steps=through(lambda r, layer: 1 - r.A[layer]),
        applies=backward("tanh"),
    ),
    Mistake(
        name="tanh-derivative-on-pre-activation",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ (1 − Z[l]²)",
        tempting="def tanh_derivative(x): return 1 - x ** 2 does not say that x is tanh(z).",
        mend=TANH_MEND,
        code=TANH_CODE,
        touches=("dZl",),
        place="every layer",
        steps=through(lambda r, layer: 1 - r.Z[layer] ** 2),
        applies=backward("tanh"),
    ),
    Mistake(
        name="tanh-of-half-z",
        family=FAMILY,
        symptom="A[l] = (1 − e^{−Z[l]}) / (1 + e^{−Z[l]}) and dZ[l] = dA[l] ∘ (1 − Z[l]²)",
        tempting="tanh(z) has e^−2z; with e^−z it is tanh(z/2).",
        mend="tanh(z) = (1 − e^−2z) / (1 + e^−2z), and tanh′(z) = 1 − tanh(z)²",
        code="A[l] = (1 - np.exp(-2 * Z[l])) / (1 + np.exp(-2 * Z[l]))",
        touches=("Al",),
        place="every layer",
        steps={"A": lambda r, layer: np.tanh(r.Z[layer] / 2)}
        | through(lambda r, layer: 1 - r.Z[layer] ** 2),
        applies=forward("tanh"),
        sources=(Source("scratch_mlp"),),
    ),
    Mistake(
        name="leaky-slope-forgotten-backwards",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ (Z[l] > 0), where g is leaky relu",
        tempting="relu became leaky in the forward pass alone.",
        mend=LEAKY_MEND,
        code=LEAKY_CODE,
        touches=("dZl",),
        place="every layer",
        steps=through(step_at_zero),
        applies=backward("leaky_relu"),
    ),
    Mistake(
        name="leaky-slope-of-a-fifth",
        family=FAMILY,
        symptom="A[l] = Z[l] where Z[l] > 0, and 0.2 Z[l] elsewhere, and so backwards",
        tempting="Libraries differ: TensorFlow's default is 0.2, torch's 0.01.",
        mend=LEAKY_MEND,
        code="A[l] = np.where(Z[l] > 0, Z[l], 0.01 * Z[l])",
        touches=("Al",),
        place="every layer",
        steps={"A": lambda r, layer: r.Z[layer] * leaky(r.Z[layer], 0.2)}
        | through(lambda r, layer: leaky(r.Z[layer], 0.2)),
        applies=forward("leaky_relu"),
    ),
    Mistake(
        name="leaky-slope-of-a-tenth",
        family=FAMILY,
        symptom="A[l] = Z[l] where Z[l] > 0, and 0.1 Z[l] elsewhere, and so backwards",
        tempting="0.1 and 0.01 are one zero apart.",
        mend=LEAKY_MEND,
        code="A[l] = np.where(Z[l] > 0, Z[l], 0.01 * Z[l])",
        touches=("Al",),
        place="every layer",
        steps={"A": lambda r, layer: r.Z[layer] * leaky(r.Z[layer], 0.1)}
        | through(lambda r, layer: leaky(r.Z[layer], 0.1)),
        applies=forward("leaky_relu"),
    ),
    Mistake(
        name="relu-derivative-on-a-smooth-one",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ (Z[l] > 0), where g is softplus, elu, gelu or silu",
        tempting="They look like relu, and took its place in the forward pass alone.",
        mend=DZ_MEND,
        code=DZ_CODE,
        touches=("dZl",),
        place="every layer",
        steps=through(step_at_zero),
        applies=backward("softplus", "elu", "gelu", "silu"),
    ),
    Mistake(
        name="softplus-differentiated-twice",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ σ′(Z[l]), where g is softplus",
        tempting="softplus′ is σ; the derivative of that one is the one known by heart.",
        mend="softplus′(z) = σ(z)",
        code="dZ[l] = dA[l] * sigmoid(Z[l])",
        touches=("dZl",),
        place="every layer",
        steps=through(lambda r, layer: sigmoid_prime(r.Z[layer])),
        applies=backward("softplus"),
    ),
    Mistake(
        name="elu-derivative-plus-one-everywhere",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ (A[l] + 1), where Z[l] > 0 too",
        tempting="a + 1 is right below 0, and np.where is left out.",
        mend=ELU_MEND,
        code=ELU_CODE,
        touches=("dZl",),
        place="every layer",
        steps=through(lambda r, layer: r.A[layer] + 1),
        applies=backward("elu"),
    ),
    Mistake(
        name="elu-derivative-without-one",
        family=FAMILY,
        symptom="dZ[l] = dA[l] where Z[l] > 0, and dA[l] ∘ A[l] elsewhere",
        tempting="The derivative of e^z is itself; but a is e^z − 1.",
        mend=ELU_MEND,
        code=ELU_CODE,
        touches=("dZl",),
        place="every layer",
        steps=through(lambda r, layer: np.where(r.Z[layer] > 0, r.case.dtype.type(1), r.A[layer])),
        applies=backward("elu"),
    ),
    Mistake(
        name="elu-without-minus-one",
        family=FAMILY,
        symptom="A[l] = Z[l] where Z[l] > 0, and e^{Z[l]} elsewhere",
        tempting="The −1 changes no derivative; it makes elu continuous.",
        mend="elu(z) is z where z > 0, and e^z − 1 elsewhere",
        code="A[l] = np.where(Z[l] > 0, Z[l], np.exp(Z[l]) - 1)",
        touches=("Al",),
        place="every layer",
        steps={
            "A": lambda r, layer: np.where(
                r.Z[layer] > 0, r.Z[layer], np.exp(np.minimum(r.Z[layer], 0))
            )
        },
        applies=forward("elu"),
    ),
    Mistake(
        name="gelu-by-tanh-both-ways",
        family=FAMILY,
        symptom="A[l] = Z[l] (1 + tanh(√(2/π) (Z[l] + 0.044715 Z[l]³))) / 2, and so backwards",
        tempting="It is the form of the first programs, and an option of every library.",
        mend="gelu(z) = zΦ(z), with the error function",
        code="A[l] = gelu(Z[l])",
        touches=("Al",),
        place="every layer",
        steps={"A": lambda r, layer: 0.5 * r.Z[layer] * (1 + gelu_tanh(r.Z[layer]))}
        | through(gelu_tanh_prime),
        applies=forward("gelu"),
    ),
    Mistake(
        name="gelu-derivative-by-tanh",
        family=FAMILY,
        symptom="dZ[l] = dA[l] times the derivative of gelu's tanh form; A[l] = Z[l] Φ(Z[l])",
        tempting="Forward and backward pass were taken from two places.",
        mend=GELU_MEND,
        code=DZ_CODE,
        touches=("dZl",),
        place="every layer",
        steps=through(gelu_tanh_prime),
        applies=backward("gelu"),
    ),
    Mistake(
        name="gelu-by-sigmoid-both-ways",
        family=FAMILY,
        symptom="A[l] = Z[l] σ(1.702 Z[l]), and so backwards",
        tempting="The quick form of gelu, off by up to 0.02.",
        mend="gelu(z) = zΦ(z), with the error function",
        code="A[l] = gelu(Z[l])",
        touches=("Al",),
        place="every layer",
        steps={"A": lambda r, layer: r.Z[layer] * sigmoid(1.702 * r.Z[layer])}
        | through(gelu_sigmoid_prime),
        applies=forward("gelu"),
    ),
    Mistake(
        name="gelu-derivative-without-density",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ Φ(Z[l])",
        tempting="The product rule is forgotten: z stands before Φ(z).",
        mend=GELU_MEND,
        code=DZ_CODE,
        touches=("dZl",),
        place="every layer",
        steps=through(gelu_cdf),
        applies=backward("gelu"),
    ),
    Mistake(
        name="silu-derivative-without-product-rule",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ σ(Z[l])",
        tempting="The product rule is forgotten: z stands before σ(z).",
        mend=SILU_MEND,
        code="dZ[l] = dA[l] * (sigmoid(Z[l]) + Z[l] * sigmoid(Z[l]) * (1 - sigmoid(Z[l])))",
        touches=("dZl",),
        place="every layer",
        steps=through(lambda r, layer: sigmoid(r.Z[layer])),
        applies=backward("silu"),
    ),
    Mistake(
        name="sigmoid-derivative-on-silu",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ σ(Z[l]) ∘ (1 − σ(Z[l])), where g is silu",
        tempting="silu is called sigmoid-weighted, and the weight's derivative is taken for it.",
        mend=SILU_MEND,
        code="dZ[l] = dA[l] * (sigmoid(Z[l]) + Z[l] * sigmoid(Z[l]) * (1 - sigmoid(Z[l])))",
        touches=("dZl",),
        place="every layer",
        steps=through(lambda r, layer: sigmoid_prime(r.Z[layer])),
        applies=backward("silu"),
    ),
)
