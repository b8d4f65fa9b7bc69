"""Mistakes on the way from the data to the pass: lost, doubled, mixed up, scaled."""

from __future__ import annotations

import numpy as np

from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.losses import LOSSES
from gradoracle.mistakes.mistake import Mistake
from gradoracle.mistakes.steps import Run, output_cotangent, output_delta

FAMILY = "data"

TOGETHER = "what is done to the examples of X is done to those of Y"
ONCE = "prepare the data once, before everything, and use the result everywhere"


def has_several_examples(case: Case, layer: int) -> bool:
    """Whether there are examples to mix up."""
    return case.n > 1


def has_several_features(case: Case, layer: int) -> bool:
    """Whether there are features to mix up."""
    return case.network.sizes[0] > 1


def loss_without_last(r: Run, layer: int) -> Array:
    """J without the last example, still over N."""
    J = LOSSES[r.loss].terms(r.Z[layer], r.A[layer], r.Y)[:, :-1].sum() / r.N
    if r.l2:
        J = J + r.l2 / 2 * sum((w * w).sum() for w in r.W.values())
    return np.asarray(J)


def without_last(d: Array) -> Array:
    """Zero for the last example."""
    return np.concatenate([d[:, :-1], np.zeros_like(d[:, -1:])], axis=1)


def cotangent_without_last(r: Run, layer: int) -> Array:
    """dA^[L] with nothing for the last example."""
    return without_last(output_cotangent(r, layer))


def delta_without_last(r: Run, layer: int) -> Array:
    """dZ^[L] with nothing for the last example."""
    return without_last(output_delta(r, layer))


def weights_without_last(r: Run, layer: int) -> Array:
    """dZ^[l] (A^[l-1])^T without the last example."""
    return r.dZ[layer][:, :-1] @ r.A[layer - 1][:, :-1].T + r.l2 * r.W[layer]


def weights_of_last(r: Run, layer: int) -> Array:
    """dZ^[l] (A^[l-1])^T of the last example alone."""
    return r.dZ[layer][:, -1:] @ r.A[layer - 1][:, -1:].T + r.l2 * r.W[layer]


def biases_of_last(r: Run, layer: int) -> Array:
    """dZ^[l] of the last example alone."""
    return r.dZ[layer][:, -1:].copy()


def weights_of_half(r: Run, layer: int) -> Array:
    """dZ^[l] (A^[l-1])^T of the first half, scaled to the whole."""
    half = (r.n + 1) // 2
    return r.dZ[layer][:, :half] @ r.A[layer - 1][:, :half].T * r.n / half + r.l2 * r.W[layer]


def biases_of_half(r: Run, layer: int) -> Array:
    """dZ^[l] summed over the first half, scaled to the whole."""
    half = (r.n + 1) // 2
    return np.asarray(r.dZ[layer][:, :half].sum(axis=1, keepdims=True) * r.n / half)


def first_again(r: Run, layer: int) -> Array:
    """X with its first example twice and without its last."""
    return r.case.X[:, [0, *range(r.n - 1)]]


def first_label_again(r: Run, layer: int) -> Array:
    """Y likewise."""
    return r.case.Y[:, [0, *range(r.n - 1)]]


def shuffled(r: Run, layer: int) -> Array:
    """X with its examples in a random order."""
    return r.case.X[:, np.random.default_rng(1).permutation(r.n)]


def labels_moved(r: Run, layer: int) -> Array:
    """Y moved by one example."""
    return np.roll(r.case.Y, 1, axis=1)


def first_label_for_all(r: Run, layer: int) -> Array:
    """The first label for every example."""
    return np.zeros_like(r.case.Y) + r.case.Y[:, :1]


def forward_of_scaled(r: Run, layer: int) -> Array:
    """W^[1] X / 255 + b^[1]."""
    return r.W[layer] @ (r.A[layer - 1] / 255) + r.b[layer]


def backward_of_scaled(r: Run, layer: int) -> Array:
    """dZ^[1] (X / 255)^T."""
    return r.dZ[layer] @ (r.A[layer - 1] / 255).T + r.l2 * r.W[layer]


def backward_of_centred(r: Run, layer: int) -> Array:
    """dZ^[1] (X - mean of X)^T."""
    A = r.A[layer - 1]
    return np.asarray(r.dZ[layer] @ (A - A.mean(axis=1, keepdims=True)).T + r.l2 * r.W[layer])


def standardised(r: Run, layer: int) -> Array:
    """(X - mean) / standard deviation of each feature."""
    X = r.case.X
    spread = X.std(axis=1, keepdims=True)
    return np.asarray(
        (X - X.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1).astype(X.dtype)
    )


def standardised_per_example(r: Run, layer: int) -> Array:
    """(X - mean) / standard deviation of each example."""
    X = r.case.X
    spread = X.std(axis=0, keepdims=True)
    return np.asarray(
        (X - X.mean(axis=0, keepdims=True)) / np.where(spread > 0, spread, 1).astype(X.dtype)
    )


def truncated(r: Run, layer: int) -> Array:
    """X without what is behind the point."""
    return np.trunc(r.case.X)


def mirrored(r: Run, layer: int) -> Array:
    """X with its features in the other order."""
    return r.case.X[::-1].copy()


def without_last_feature(r: Run, layer: int) -> Array:
    """X with zeros for the last feature."""
    X = r.case.X.copy()
    X[-1] = 0
    return X


def noisy(r: Run, layer: int) -> Array:
    """X with noise of a hundredth."""
    X = r.case.X
    return X + (0.01 * np.random.default_rng(0).standard_normal(X.shape)).astype(X.dtype)


MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        name="last-example-dropped",
        family=FAMILY,
        symptom="J and dZ[L] without the last example, still divided by n",
        tempting="range(n − 1), or [:-1] that was meant for something else.",
        mend="all n examples count",
        code="for i in range(n):",
        touches=("J",),
        place="the output",
        steps={
            "J": loss_without_last,
            "dA_out": cotangent_without_last,
            "dZ_out": delta_without_last,
        },
        applies=has_several_examples,
    ),
    Mistake(
        name="last-example-dropped-in-gradient",
        family=FAMILY,
        symptom="dW[l] = Σ over the first n − 1 examples of dZ[l] A[l-1]ᵀ",
        tempting="The loop over the examples ends one early, in one of two places.",
        mend="all n examples count",
        code="dW[l] = dZ[l] @ A[l-1].T + l2 * W[l]",
        touches=("dWl",),
        place="every layer",
        steps={"dW": weights_without_last},
        applies=has_several_examples,
    ),
    Mistake(
        name="last-example-alone",
        family=FAMILY,
        symptom="dW[l] = dZ_i A_iᵀ and db[l] = dZ_i of the last example",
        tempting="= for += in the loop over the examples.",
        mend="add up over the examples",
        code="dW[l] = dZ[l] @ A[l-1].T + l2 * W[l]",
        touches=(
            "dWl",
            "dbl",
        ),
        place="every layer",
        steps={"dW": weights_of_last, "db": biases_of_last},
        applies=has_several_examples,
    ),
    Mistake(
        name="first-half-of-the-batch",
        family=FAMILY,
        symptom="dW[l] and db[l] from the first half of the examples, J from all",
        tempting="The gradient is of a mini-batch, the loss of the whole batch.",
        mend="J and its gradient are of the same examples",
        code="dW[l] = dZ[l] @ A[l-1].T + l2 * W[l]",
        touches=(
            "dWl",
            "dbl",
        ),
        place="the whole pass",
        steps={"dW": weights_of_half, "db": biases_of_half},
        applies=has_several_examples,
    ),
    Mistake(
        name="first-example-twice",
        family=FAMILY,
        symptom="the first example stands in X and Y twice, the last not at all",
        tempting="An index i − 1 that is kept from becoming −1.",
        mend="each example once",
        code="X, Y = X[:, order], Y[:, order]  # order is a permutation",
        touches=("Zl",),
        place="the input",
        steps={"X": first_again, "Y": first_label_again},
        applies=has_several_examples,
    ),
    Mistake(
        name="inputs-shuffled-without-labels",
        family=FAMILY,
        symptom="X[:, order] with Y as it was",
        tempting="np.random.shuffle on X, and Y forgotten.",
        mend=TOGETHER,
        code="X, Y = X[:, order], Y[:, order]",
        touches=("Zl",),
        place="the input",
        steps={"X": shuffled},
        applies=has_several_examples,
    ),
    Mistake(
        name="labels-one-example-late",
        family=FAMILY,
        symptom="Y moved by one example against X",
        tempting="A header line that is skipped in one of two files.",
        mend=TOGETHER,
        code="assert len(X_rows) == len(Y_rows); X, Y = X_rows.T, Y_rows.T",
        touches=("J",),
        place="the output",
        steps={"Y": labels_moved},
        applies=has_several_examples,
    ),
    Mistake(
        name="first-label-for-all",
        family=FAMILY,
        symptom="Y[:, 0] for every example",
        tempting="An index that is not moved on in the loop over the examples.",
        mend="each example with its own label",
        code="Y[:, i] for example i",
        touches=("J",),
        place="the output",
        steps={"Y": first_label_for_all},
        applies=has_several_examples,
    ),
    Mistake(
        name="pixels-scaled-going-forward",
        family=FAMILY,
        symptom="Z[1] = W[1] (X/255) + b[1], and dW[1] with X",
        tempting="The images are scaled in forward(), and the backward pass reads the raw ones.",
        mend=ONCE,
        code="X = pixels / 255  # once, before both passes",
        touches=("Zl",),
        place="the input",
        steps={"Z": forward_of_scaled},
    ),
    Mistake(
        name="pixels-scaled-going-back",
        family=FAMILY,
        symptom="dW[1] = dZ[1] (X/255)ᵀ, and Z[1] with X",
        tempting="The images are scaled already, and once more where the gradient is made.",
        mend=ONCE,
        code="X = pixels / 255  # once, before both passes",
        touches=("dWl",),
        place="the input",
        steps={"dW": backward_of_scaled},
    ),
    Mistake(
        name="centred-going-back",
        family=FAMILY,
        symptom="dW[1] = dZ[1] (X − mean of X)ᵀ, and Z[1] with X",
        tempting="Centring was added to one of the two passes.",
        mend=ONCE,
        code="X = X - mean  # once, before both passes",
        touches=("dWl",),
        place="the input",
        steps={"dW": backward_of_centred},
    ),
    Mistake(
        name="standardised-again",
        family=FAMILY,
        symptom="A[0] = (X − mean)/std of each feature, of an X that is ready",
        tempting="The preparation is part of the program, and the data come prepared.",
        mend=ONCE,
        code="A[0] = X",
        touches=("Zl",),
        place="the input",
        steps={"X": standardised},
        applies=has_several_examples,
    ),
    Mistake(
        name="standardised-per-example",
        family=FAMILY,
        symptom="A[0] = (X − mean)/std of each example",
        tempting="axis=0 comes from code with one example a row.",
        mend="mean and std of a feature are over the examples: axis=1 here",
        code="X = (X - X.mean(axis=1, keepdims=True)) / X.std(axis=1, keepdims=True)",
        touches=("Zl",),
        place="the input",
        steps={"X": standardised_per_example},
        applies=has_several_features,
    ),
    Mistake(
        name="features-truncated",
        family=FAMILY,
        symptom="A[0] = X without what is behind the point",
        tempting="An array of integers is filled with floats, and rounds them silently.",
        mend="the array for the data has the dtype of the data",
        code="X = np.empty(shape, dtype=np.float64)",
        touches=("Zl",),
        place="the input",
        steps={"X": truncated},
    ),
    Mistake(
        name="features-mirrored",
        family=FAMILY,
        symptom="A[0] = X with its features in the other order",
        tempting="A flip of the augmentation that is left on, or a reversed list of columns.",
        mend="the order of training is the order of use",
        code="A[0] = X",
        touches=("Zl",),
        place="the input",
        steps={"X": mirrored},
        applies=has_several_features,
    ),
    Mistake(
        name="last-feature-lost",
        family=FAMILY,
        symptom="A[0] = X with zeros for the last feature",
        tempting="X[:, :-1] where the label was taken for the last column, and it is not.",
        mend="look at what the last column is",
        code="X_rows, y = table[:, :-1], table[:, -1]",
        touches=("Zl",),
        place="the input",
        steps={"X": without_last_feature},
        applies=has_several_features,
    ),
    Mistake(
        name="noise-left-on",
        family=FAMILY,
        symptom="A[0] = X + 0.01 · noise",
        tempting="Augmentation is part of the model, and on while its gradient is checked.",
        mend="switch augmentation off",
        code="A[0] = X",
        touches=("Zl",),
        place="the input",
        steps={"X": noisy},
    ),
)
