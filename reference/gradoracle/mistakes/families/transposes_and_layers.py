"""Transposes, order of factors, and the wrong layer: what fits when shapes happen to agree."""

from __future__ import annotations

from gradoracle.activations import elementwise
from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.mistakes.families.formulas import (
    binary_cross_entropy,
    through,
    weight_gradient_of,
)
from gradoracle.mistakes.families.places import (
    CURVED,
    all_alike,
    backward,
    both,
    like_above,
    square,
    width,
)
from gradoracle.mistakes.families.sources import FIRST_TEXT, SECOND_TEXT
from gradoracle.mistakes.mistake import Mistake, Source
from gradoracle.mistakes.steps import Run

FAMILY = "transposes, order and layers"

Z_MEND, Z_CODE = "Z[l] = W[l] A[l-1] + b[l]", "Z[l] = W[l] @ A[l-1] + b[l]"
DW_MEND, DW_CODE = "dW[l] = dZ[l] A[l-1]ᵀ", "dW[l] = dZ[l] @ A[l-1].T"
DA_MEND, DA_CODE = "dA[l-1] = W[l]ᵀ dZ[l]", "dA[l-1] = W[l].T @ dZ[l]"
DZ_MEND, DZ_CODE = "dZ[l] = (W[l+1]ᵀ dZ[l+1]) ∘ g′(Z[l])", "dZ[l] = dA[l] * g_prime(Z[l])"


def own_activation_fits(case: Case, layer: int) -> bool:
    """dZ^[l] (A^[l])^T, (n_l, n_l), is of the shape of W^[l], or is a number that broadcasts."""
    return width(case, layer) in (width(case, layer - 1), 1)


def like_the_input(case: Case, layer: int) -> bool:
    """Layer l - 1 is as wide as the input, and is not the input."""
    return layer > 1 and width(case, layer - 1) == width(case, 0)


def same_below(case: Case, layer: int) -> bool:
    """W^[l-1] and W^[l] are square and alike."""
    return layer > 1 and width(case, layer - 2) == width(case, layer - 1) == width(case, layer)


def same_above(case: Case, layer: int) -> bool:
    """W^[l] and W^[l+1] are square and alike."""
    return like_above(case, layer) and width(case, layer - 1) == width(case, layer)


def hidden_below(case: Case, layer: int) -> bool:
    """There is a hidden layer l - 1, and its activation does something."""
    return layer > 1 and case.activation(layer - 1) != "identity"


def updated_weights(r: Run, layer: int) -> Array:
    """dA^[l-1] = (W^[l] - rate dW^[l])^T dZ^[l]; the rate is the program's own."""
    rate: float = r.kept.get("learning rate", 0.1)
    return (r.W[layer] - rate * r.dW[layer]).T @ r.dZ[layer]


def derivative_inside(r: Run, layer: int) -> Array:
    """dZ^[l] = (W^[l+1])^T (dZ^[l+1] * g_l'(Z^[l]))."""
    prime = elementwise(r.activation(layer)).prime(r.Z[layer])
    return r.W[layer + 1].T @ (r.dZ[layer + 1] * prime)


MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        name="weights-transposed-forward",
        family=FAMILY,
        symptom="Z[l] = W[l]ᵀ A[l-1] + b[l], which fits where n[l] = n[l-1]",
        tempting="Libraries keep kernels as (inputs, units), and examples in rows.",
        mend=Z_MEND,
        code=Z_CODE,
        touches=("Zl",),
        place="every layer",
        steps={"Z": lambda r, layer: r.W[layer].T @ r.A[layer - 1] + r.b[layer]},
        applies=square,
        sources=(SECOND_TEXT,),
    ),
    Mistake(
        name="activations-times-weights",
        family=FAMILY,
        symptom="Z[l] = (A[l-1] W[l])ᵀ + b[l], which fits where n = n[l]",
        tempting="np.dot(X, W).T + b was right while examples stood in rows and W in columns.",
        mend=Z_MEND,
        code=Z_CODE,
        touches=("Zl",),
        place="every layer",
        steps={"Z": lambda r, layer: (r.A[layer - 1] @ r.W[layer]).T + r.b[layer]},
        applies=all_alike,
        sources=(SECOND_TEXT,),
    ),
    Mistake(
        name="elementwise-product-forward",
        family=FAMILY,
        symptom="Z[l] = W[l] ∘ A[l-1] + b[l], which fits where n = n[l] = n[l-1]",
        tempting="* is the matrix product on paper, in MATLAB and for np.matrix.",
        mend="Z[l] = W[l] A[l-1] + b[l], the matrix product",
        code=Z_CODE,
        touches=("Zl",),
        place="every layer",
        steps={"Z": lambda r, layer: r.W[layer] * r.A[layer - 1] + r.b[layer]},
        applies=all_alike,
    ),
    Mistake(
        name="input-fed-to-a-later-layer",
        family=FAMILY,
        symptom="Z[l] = W[l] X + b[l] with l > 1, which fits where n[l-1] = n0",
        tempting="The first layer's line is copied, and X stays in it.",
        mend=Z_MEND,
        code=Z_CODE,
        touches=("Zl",),
        place="every layer",
        steps={"Z": lambda r, layer: r.W[layer] @ r.A[0] + r.b[layer]},
        applies=like_the_input,
    ),
    Mistake(
        name="pre-activation-fed-forward",
        family=FAMILY,
        symptom="Z[l] = W[l] Z[l-1] + b[l]: the layers collapse into one linear map",
        tempting="Z and A are next to each other, and have the same shape.",
        mend=Z_MEND,
        code=Z_CODE,
        touches=("Zl",),
        place="every layer",
        steps={"Z": lambda r, layer: r.W[layer] @ r.Z[layer - 1] + r.b[layer]},
        applies=hidden_below,
    ),
    Mistake(
        name="loss-of-the-second-layer",
        family=FAMILY,
        symptom="J = −(1/N) Σ (y log A2 + (1 − y) log(1 − A2)) in a network of L > 2 layers",
        tempting="The formula comes from the network of two layers, where 2 is L.",
        mend="the loss is that of the output, A[L]",
        code="J = (np.logaddexp(0, Z[L]) - Y * Z[L]).sum() / N",
        touches=("J",),
        place="the output",
        steps={"J": lambda r, layer: binary_cross_entropy(r, r.A[2])},
        applies=lambda case, layer: (
            layer > 2
            and case.network.loss == "binary_cross_entropy"
            and case.activation(2) == "sigmoid"
            and (width(case, 2) == width(case, layer) or 1 in (width(case, 2), width(case, layer)))
        ),
        sources=(FIRST_TEXT,),
    ),
    Mistake(
        name="weight-gradient-transposed",
        family=FAMILY,
        symptom="dW[l] = A[l-1] dZ[l]ᵀ, which fits where n[l] = n[l-1]",
        tempting="The transpose is put where shapes need it, and a square layer needs none.",
        mend=DW_MEND,
        code=DW_CODE,
        touches=("dWl",),
        place="every layer",
        steps=weight_gradient_of(lambda r, layer: r.A[layer - 1] @ r.dZ[layer].T),
        applies=square,
        sources=(Source("DeepLearningTutorials #125"), Source("Grokking-Deep-Learning #22")),
    ),
    Mistake(
        name="activation-not-transposed",
        family=FAMILY,
        symptom="dW[l] = dZ[l] A[l-1], which fits where n = n[l-1]",
        tempting="On paper the product is written without the transpose.",
        mend=DW_MEND,
        code=DW_CODE,
        touches=("dWl",),
        place="every layer",
        steps=weight_gradient_of(lambda r, layer: r.dZ[layer] @ r.A[layer - 1]),
        applies=lambda case, layer: case.n == width(case, layer - 1) > 1,
        sources=(FIRST_TEXT,),
    ),
    Mistake(
        name="elementwise-product-for-weights",
        family=FAMILY,
        symptom="dW[l] = dZ[l] ∘ A[l-1], which fits where n = n[l] = n[l-1]",
        tempting="On paper elementwise and matrix products are not told apart.",
        mend="dW[l] = dZ[l] A[l-1]ᵀ, the matrix product",
        code=DW_CODE,
        touches=("dWl",),
        place="every layer",
        steps=weight_gradient_of(lambda r, layer: r.dZ[layer] * r.A[layer - 1]),
        applies=all_alike,
        sources=(FIRST_TEXT,),
    ),
    Mistake(
        name="weight-gradient-from-own-activation",
        family=FAMILY,
        symptom="dW[l] = dZ[l] A[l]ᵀ",
        tempting="All else in the line carries the index l.",
        mend="dW[l] = dZ[l] A[l-1]ᵀ: Z[l] is W[l] times what came in",
        code=DW_CODE,
        touches=("dWl",),
        place="every layer",
        steps=weight_gradient_of(lambda r, layer: r.dZ[layer] @ r.A[layer].T),
        applies=own_activation_fits,
        sources=(FIRST_TEXT,),
    ),
    Mistake(
        name="weight-gradient-from-pre-activation",
        family=FAMILY,
        symptom="dW[l] = dZ[l] Z[l-1]ᵀ",
        tempting="Z was saved for g′(Z), and lies at hand with the right shape.",
        mend="dW[l] = dZ[l] A[l-1]ᵀ: what came into the layer is A[l-1]",
        code=DW_CODE,
        touches=("dWl",),
        place="every layer",
        steps=weight_gradient_of(lambda r, layer: r.dZ[layer] @ r.Z[layer - 1].T),
        applies=hidden_below,
    ),
    Mistake(
        name="weight-gradient-from-cotangent",
        family=FAMILY,
        symptom="dW[l] = dZ[l] dA[l-1]ᵀ",
        tempting="In a line full of d's one more is written; the shape fits.",
        mend="dW[l] = dZ[l] A[l-1]ᵀ: the activation, not its derivative",
        code=DW_CODE,
        touches=("dWl",),
        place="every layer",
        steps=weight_gradient_of(
            lambda r, layer: r.dZ[layer] @ (r.W[layer].T @ r.dZ[layer]).T,
        ),
        sources=(FIRST_TEXT,),
    ),
    Mistake(
        name="weight-gradient-without-derivative",
        family=FAMILY,
        symptom="dW[l] = dA[l] A[l-1]ᵀ, beside a right db[l]",
        tempting="dA[l] and dZ[l] have the same shape; one letter differs.",
        mend=DW_MEND,
        code=DW_CODE,
        touches=("dWl",),
        place="every layer",
        steps=weight_gradient_of(lambda r, layer: r.dA[layer] @ r.A[layer - 1].T),
        applies=backward(*CURVED, "softmax"),
    ),
    Mistake(
        name="weight-gradient-from-the-input",
        family=FAMILY,
        symptom="dW[l] = dZ[l] Xᵀ with l > 1, which fits where n[l-1] = n0",
        tempting="The first layer's line is copied, and X stays in it.",
        mend=DW_MEND,
        code=DW_CODE,
        touches=("dWl",),
        place="every layer",
        steps=weight_gradient_of(lambda r, layer: r.dZ[layer] @ r.A[0].T),
        applies=like_the_input,
    ),
    Mistake(
        name="delta-of-the-layer-above",
        family=FAMILY,
        symptom="dW[l] = dZ[l+1] A[l-1]ᵀ, which fits where n[l] = n[l+1]",
        tempting="An index off by one, where lists begin at 0 and layers at 1.",
        mend=DW_MEND,
        code=DW_CODE,
        touches=("dWl",),
        place="hidden layers",
        steps=weight_gradient_of(lambda r, layer: r.dZ[layer + 1] @ r.A[layer - 1].T),
        applies=like_above,
    ),
    Mistake(
        name="weight-gradient-of-the-layer-above",
        family=FAMILY,
        symptom="dW[l] = dW[l+1], which fits where n[l+1] = n[l] = n[l-1]",
        tempting="A line is copied, and one of its indices left: dW1 = dJ/dW2.",
        mend=DW_MEND,
        code=DW_CODE,
        touches=("dWl",),
        place="hidden layers",
        steps={"dW": lambda r, layer: r.dW[layer + 1].copy()},
        applies=same_above,
        sources=(FIRST_TEXT,),
    ),
    Mistake(
        name="weights-not-transposed",
        family=FAMILY,
        symptom="dA[l-1] = W[l] dZ[l], which fits where n[l] = n[l-1]",
        tempting="Forwards it is W[l] that multiplies.",
        mend=DA_MEND,
        code=DA_CODE,
        touches=("dAl-1", "dX"),
        place="every layer",
        steps={"dA": lambda r, layer: r.W[layer] @ r.dZ[layer]},
        applies=square,
        sources=(FIRST_TEXT,),
    ),
    Mistake(
        name="delta-times-weights",
        family=FAMILY,
        symptom="dA[l-1] = dZ[l] W[l], which fits where n = n[l] = n[l-1]",
        tempting="The chain rule is written from left to right, and so are its factors.",
        mend=DA_MEND,
        code=DA_CODE,
        touches=("dAl-1", "dX"),
        place="every layer",
        steps={"dA": lambda r, layer: r.dZ[layer] @ r.W[layer]},
        applies=all_alike,
        sources=(FIRST_TEXT,),
    ),
    Mistake(
        name="elementwise-product-backward",
        family=FAMILY,
        symptom="dA[l-1] = W[l]ᵀ ∘ dZ[l], which fits where n = n[l] = n[l-1]",
        tempting="* is the matrix product on paper, in MATLAB and for np.matrix.",
        mend="dA[l-1] = W[l]ᵀ dZ[l], the matrix product",
        code=DA_CODE,
        touches=("dAl-1", "dX"),
        place="every layer",
        steps={"dA": lambda r, layer: r.W[layer].T * r.dZ[layer]},
        applies=all_alike,
    ),
    Mistake(
        name="weights-of-the-layer-above",
        family=FAMILY,
        symptom="dA[l-1] = W[l+1]ᵀ dZ[l], which fits where n[l+1] = n[l] = n[l-1]",
        tempting="An index off by one: dA[l] does take W[l+1].",
        mend=DA_MEND,
        code=DA_CODE,
        touches=("dAl-1", "dX"),
        place="hidden layers",
        steps={"dA": lambda r, layer: r.W[layer + 1].T @ r.dZ[layer]},
        applies=same_above,
    ),
    Mistake(
        name="weights-of-the-layer-below",
        family=FAMILY,
        symptom="dA[l-1] = W[l-1]ᵀ dZ[l], which fits where n[l] = n[l-1], as in layer [l-1]",
        tempting="The index of dA[l-1] is put on W as well.",
        mend=DA_MEND,
        code=DA_CODE,
        touches=("dAl-1", "dX"),
        place="every layer",
        steps={"dA": lambda r, layer: r.W[layer - 1].T @ r.dZ[layer]},
        applies=same_below,
    ),
    Mistake(
        name="error-passed-on-without-derivative",
        family=FAMILY,
        symptom="dA[l-1] = W[l]ᵀ dA[l]: layer [l]'s own dW and db are right, those below are not",
        tempting="The hidden error is told as the output error sent back through the weights.",
        mend="dA[l-1] = W[l]ᵀ dZ[l]: the error goes back through g′(Z[l]) first",
        code=DA_CODE,
        touches=("dAl-1", "dX"),
        place="every layer",
        steps={"dA": lambda r, layer: r.W[layer].T @ r.dA[layer]},
        applies=backward(*CURVED, "softmax"),
        sources=(
            Source("makeyourownneuralnetwork #88"),
            Source("makeyourownneuralnetwork #77"),
            Source("CodingTrain's Toy-Neural-Network-JS"),
        ),
    ),
    Mistake(
        name="updated-weights-on-the-way-back",
        family=FAMILY,
        symptom="dA[l-1] = (W[l] − α dW[l])ᵀ dZ[l] at every l, with the program's own α",
        tempting="Each layer is updated as soon as its gradient is there; it saves a loop.",
        mend="all gradients first, then all updates",
        code=DA_CODE,
        touches=("dAl-1", "dX"),
        place="the whole pass",
        steps={"dA": updated_weights},
        sources=(
            Source("data-science-from-scratch #31"),
            Source("Toy-Neural-Network-JS #72"),
            Source("zero_to_gpt #12"),
        ),
    ),
    Mistake(
        name="derivative-inside-the-product",
        family=FAMILY,
        symptom="dZ[l] = W[l+1]ᵀ (dZ[l+1] ∘ g′(Z[l])), which fits where n[l] = n[l+1]",
        tempting="The factors of the chain rule are multiplied in the order they are written in.",
        mend=DZ_MEND,
        code=DZ_CODE,
        touches=("dZl",),
        place="hidden layers",
        steps={"dZ": derivative_inside},
        applies=both(
            backward(*CURVED), lambda case, layer: layer < case.L and square(case, layer + 1)
        ),
        sources=(FIRST_TEXT,),
    ),
    Mistake(
        name="derivative-at-the-layer-above",
        family=FAMILY,
        symptom="dZ[l] = dA[l] ∘ g′(Z[l+1]), which fits where n[l] = n[l+1]",
        tempting="An index off by one, in a list of saved Z.",
        mend=DZ_MEND,
        code=DZ_CODE,
        touches=("dZl",),
        place="hidden layers",
        steps=through(
            lambda r, layer: elementwise(r.activation(layer)).prime(r.Z[layer + 1]),
        ),
        applies=both(like_above, backward(*CURVED)),
    ),
)
