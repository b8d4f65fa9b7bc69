"""Mistakes with the form of labels and arrays: broadcasting, encodings, reshape for transpose."""

from __future__ import annotations

import numpy as np

from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.losses import LOSSES
from gradoracle.mistakes.mistake import Mistake, Source
from gradoracle.mistakes.steps import Run, delta, weight_gradient

FAMILY = "labels and shapes"

ONE_HOT = "one row a class: the row of the right class is 1, the others are 0"
TRANSPOSE = "reshape keeps the order in memory; what turns rows into columns is .T"


def has_several_outputs(case: Case, layer: int) -> bool:
    """Whether a label is a column of two or more numbers."""
    return case.network.sizes[-1] > 1


def is_binary(case: Case, layer: int) -> bool:
    """Whether the loss is binary_cross_entropy."""
    return case.network.loss == "binary_cross_entropy"


def is_cross_entropy(case: Case, layer: int) -> bool:
    """Whether the loss is one of the cross-entropies."""
    return case.network.loss in ("binary_cross_entropy", "cross_entropy")


def has_column_labels(case: Case, layer: int) -> bool:
    """Whether (1, n) against (n, 1) becomes (n, n)."""
    return case.network.sizes[-1] == 1 and case.n > 1


def loss_of_all_pairs(r: Run, layer: int) -> Array:
    """The mean over n x n: every output against every label."""
    J = LOSSES[r.loss].terms(r.Z[layer], r.A[layer], r.Y.T).sum() / r.N / r.n
    if r.l2:
        J = J + r.l2 / 2 * sum((w * w).sum() for w in r.W.values())
    return np.asarray(J)


def cotangent_of_all_pairs(r: Run, layer: int) -> Array:
    """Its derivative: dA^[L] averaged over the labels."""
    pairs = LOSSES[r.loss].cotangent(r.A[layer], r.Y.T) + np.zeros_like(r.A[layer])
    return np.asarray(pairs.mean(axis=0, keepdims=True) / r.N)


def delta_of_all_pairs(r: Run, layer: int) -> Array:
    """Its derivative: dZ^[L] averaged over the labels."""
    if r.fused:
        return np.asarray((r.A[layer] - r.Y.T).mean(axis=0, keepdims=True) / r.N)
    return delta(r, layer)


def minus_one_to_one(r: Run, layer: int) -> Array:
    """2Y - 1."""
    return 2 * r.case.Y - 1


def inverted(r: Run, layer: int) -> Array:
    """1 - Y."""
    return 1 - r.case.Y


def next_class(r: Run, layer: int) -> Array:
    """Y with its rows moved by one."""
    return np.roll(r.case.Y, 1, axis=0)


def backwards(r: Run, layer: int) -> Array:
    """Y with its rows in the other order."""
    return r.case.Y[::-1].copy()


def hardened(r: Run, layer: int) -> Array:
    """1 for the largest label of a column, or for those of one half and more; 0 for the others."""
    Y = r.case.Y
    if r.loss == "binary_cross_entropy":
        return (Y >= 0.5).astype(Y.dtype)
    return np.asarray((np.arange(len(Y))[:, np.newaxis] == np.argmax(Y, axis=0)).astype(Y.dtype))


def smoothed(r: Run, layer: int) -> Array:
    """0.9 Y + 0.1 / the number of classes."""
    return 0.9 * r.case.Y + 0.1 / max(2, len(r.case.Y))


def class_numbers(r: Run, layer: int) -> Array:
    """The number of the class in every row."""
    Y = r.case.Y
    return np.broadcast_to(np.argmax(Y, axis=0), Y.shape).astype(Y.dtype)


def labels_reshaped(r: Run, layer: int) -> Array:
    """The labels, one example a row, reshaped to one a column."""
    return r.case.Y.T.reshape(r.case.Y.shape)


def batch_reshaped(r: Run, layer: int) -> Array:
    """The inputs, one example a row, reshaped to one a column."""
    return r.case.X.T.reshape(r.case.X.shape)


def batch_transposed(r: Run, layer: int) -> Array:
    """X^T, where it has the shape of X."""
    return r.case.X.T.copy()


def column_after_column(r: Run, layer: int) -> Array:
    """dW^[l] flattened column after column, and read row after row."""
    dW = weight_gradient(r, layer)
    return dW.ravel(order="F").reshape(dW.shape)


def activations_reshaped(r: Run, layer: int) -> Array:
    """dZ^[l] times A^[l-1] reshaped to the shape of its transpose."""
    A = r.A[layer - 1]
    return r.dZ[layer] @ A.reshape(A.shape[::-1]) + r.l2 * r.W[layer]


def weights_reshaped(r: Run, layer: int) -> Array:
    """W^[l] reshaped to the shape of its transpose, times dZ^[l]."""
    W = r.W[layer]
    return W.reshape(W.shape[::-1]) @ r.dZ[layer]


MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        name="labels-broadcast-to-all-pairs",
        family=FAMILY,
        symptom="J = the mean of ℓ over n × n: A[L] (1, n) against Y (n, 1)",
        tempting=(
            "Labels of shape (n,) or (n, 1) broadcast against the outputs; no error, all "
            "outputs drift to the mean label."
        ),
        mend="the labels have the shape of the outputs, (n_L, n)",
        code="Y = Y.reshape(A[L].shape); assert Y.shape == A[L].shape",
        touches=("J",),
        place="the output",
        steps={
            "J": loss_of_all_pairs,
            "dA_out": cotangent_of_all_pairs,
            "dZ_out": delta_of_all_pairs,
        },
        applies=has_column_labels,
        sources=(
            Source("many forum threads"),
            Source("pytorch #16045"),
        ),
    ),
    Mistake(
        name="labels-minus-one-to-one",
        family=FAMILY,
        symptom="Y in {−1, 1} with a cross-entropy that wants {0, 1}",
        tempting="The labels come from a perceptron or a support vector machine.",
        mend="0 ≤ y ≤ 1: halve, and add a half",
        code="Y = (Y + 1) / 2",
        touches=("J",),
        place="the output",
        steps={"Y": minus_one_to_one},
        applies=is_binary,
    ),
    Mistake(
        name="labels-inverted",
        family=FAMILY,
        symptom="Y = 1 − Y: the classes are exchanged",
        tempting="The class that is called positive is chosen in two places.",
        mend="one definition of the positive class, for labels and for outputs",
        code="Y = (labels == positive).astype(X.dtype)",
        touches=("J",),
        place="the output",
        steps={"Y": inverted},
        applies=is_binary,
    ),
    Mistake(
        name="classes-counted-from-one",
        family=FAMILY,
        symptom="Y has its classes in the rows below the right ones",
        tempting="Classes 1 … k are used as indices 0 … k − 1, and the last one wraps around.",
        mend=ONE_HOT,
        code="Y = (np.arange(k)[:, np.newaxis] == classes - 1).astype(X.dtype)",
        touches=("J",),
        place="the output",
        steps={"Y": next_class},
        applies=has_several_outputs,
    ),
    Mistake(
        name="classes-in-reverse-order",
        family=FAMILY,
        symptom="Y has its rows in the other order than the outputs",
        tempting="Two lists of the classes, sorted differently.",
        mend=ONE_HOT,
        code="Y = (np.arange(k)[:, np.newaxis] == classes).astype(X.dtype)",
        touches=("J",),
        place="the output",
        steps={"Y": backwards},
        applies=has_several_outputs,
    ),
    Mistake(
        name="soft-labels-hardened",
        family=FAMILY,
        symptom="Y is 1 for the likeliest class and 0 for the others",
        tempting=(
            "argmax and one-hot, as with every other data set; soft labels lose what they say."
        ),
        mend="use the labels as they are",
        code="Y = labels",
        touches=("J",),
        place="the output",
        steps={"Y": hardened},
        applies=is_cross_entropy,
    ),
    Mistake(
        name="label-smoothing-left-on",
        family=FAMILY,
        symptom="Y = 0.9 Y + 0.1/k",
        tempting="A loss with label_smoothing is checked against one without.",
        mend="switch smoothing off, or smooth the labels of both",
        code="Y = labels",
        touches=("J",),
        place="the output",
        steps={"Y": smoothed},
        applies=is_cross_entropy,
    ),
    Mistake(
        name="class-number-for-one-hot",
        family=FAMILY,
        symptom="Y holds the class number in every row",
        tempting="Integer labels broadcast against the outputs instead of being encoded.",
        mend=ONE_HOT,
        code="Y = (np.arange(k)[:, np.newaxis] == classes).astype(X.dtype)",
        touches=("J",),
        place="the output",
        steps={"Y": class_numbers},
        applies=has_several_outputs,
    ),
    Mistake(
        name="labels-reshaped-for-transposed",
        family=FAMILY,
        symptom="Y = Y_rows.reshape(k, n), where Y_rows has one example a row",
        tempting="The shape is right afterwards, and nothing complains.",
        mend=TRANSPOSE,
        code="Y = Y_rows.T",
        touches=("J",),
        place="the output",
        steps={"Y": labels_reshaped},
        applies=has_several_outputs,
    ),
    Mistake(
        name="batch-reshaped-for-transposed",
        family=FAMILY,
        symptom="A[0] = X_rows.reshape(n_0, n), where X_rows has one example a row",
        tempting="The shape is right afterwards, and nothing complains.",
        mend=TRANSPOSE,
        code="A[0] = X_rows.T",
        touches=("Zl",),
        place="the input",
        steps={"X": batch_reshaped},
    ),
    Mistake(
        name="batch-transposed",
        family=FAMILY,
        symptom="A[0] = Xᵀ, where X has as many examples as features",
        tempting="Two conventions; with a square batch no shape complains.",
        mend="one orientation: one example per column",
        code="A[0] = X; assert X.shape == (n_0, n)",
        touches=("Zl",),
        place="the input",
        steps={"X": batch_transposed},
        applies=lambda case, layer: case.n == case.network.sizes[0],
        sources=(Source("the first of the two texts this project grew from"),),
    ),
    Mistake(
        name="gradient-in-column-order",
        family=FAMILY,
        symptom="dW[l] is flattened column after column and read row after row",
        tempting="order='F', or a language whose arrays lie in memory by columns.",
        mend="one order for flattening and for reading back",
        code="dW[l] = flat.reshape(W[l].shape, order='F')",
        touches=("dWl",),
        place="every layer",
        steps={"dW": column_after_column},
    ),
    Mistake(
        name="activations-reshaped-for-transposed",
        family=FAMILY,
        symptom="dW[l] = dZ[l] A[l-1].reshape(n, n[l-1])",
        tempting="The shapes of the product fit, so it must be right.",
        mend=TRANSPOSE,
        code="dW[l] = dZ[l] @ A[l-1].T + l2 * W[l]",
        touches=("dWl",),
        place="every layer",
        steps={"dW": activations_reshaped},
    ),
    Mistake(
        name="weights-reshaped-for-transposed",
        family=FAMILY,
        symptom="dA[l-1] = W[l].reshape(n[l-1], n[l]) dZ[l]",
        tempting="The shapes of the product fit, so it must be right.",
        mend=TRANSPOSE,
        code="dA[l-1] = W[l].T @ dZ[l]",
        touches=("dAl-1",),
        place="every layer",
        steps={"dA": weights_reshaped},
    ),
)
