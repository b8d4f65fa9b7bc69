"""The bias: forgotten, misplaced, and its gradient summed over the wrong thing or not at all."""

from __future__ import annotations

import numpy as np

from gradoracle.activations import activate
from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.mistakes.families.places import (
    CURVED,
    averaged,
    backward,
    like_above,
    many,
    width,
)
from gradoracle.mistakes.families.sources import FIRST_TEXT
from gradoracle.mistakes.mistake import Mistake, Source
from gradoracle.mistakes.steps import Run

FAMILY = "bias"

Z_MEND, Z_CODE = "Z[l] = W[l] A[l-1] + b[l]", "Z[l] = W[l] @ A[l-1] + b[l]"
DB_MEND = "db[l] is dZ[l] summed over the examples, shape (n[l], 1) kept"
DB_CODE = "db[l] = dZ[l].sum(axis=1, keepdims=True)"


def several_units(case: Case, layer: int) -> bool:
    """The layer has more than one unit."""
    return width(case, layer) > 1


def several_entries(case: Case, layer: int) -> bool:
    """dZ^[l] is more than one number."""
    return width(case, layer) > 1 or case.n > 1


def units_like_examples(case: Case, layer: int) -> bool:
    """b^[l] lies along the examples as well: n = n_l."""
    return case.n == width(case, layer) > 1


def product(r: Run, layer: int) -> Array:
    """W^[l] A^[l-1]."""
    return r.W[layer] @ r.A[layer - 1]


def over_the_units(r: Run, layer: int) -> Array:
    """dZ^[l] summed with axis=0; where n = n_l it is put into the shape of b^[l]."""
    total = r.dZ[layer].sum(axis=0, keepdims=True)
    fits = total.size == r.b[layer].size
    return np.asarray(total.reshape(r.b[layer].shape) if fits else total)


def condition_outside(r: Run, layer: int) -> Array:
    """db^[l] = (dA^[l] summed) where the sum of Z^[l] over the examples is positive."""
    on = r.Z[layer].sum(axis=1, keepdims=True) > 0
    return np.asarray(r.dA[layer].sum(axis=1, keepdims=True) * on)


def of_the_bias(r: Run, layer: int) -> Array:
    """A^[l] = g_l(b^[l]), the same for every example."""
    return np.repeat(activate(r.activation(layer), r.b[layer]), r.n, axis=1)


MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        name="bias-forgotten",
        family=FAMILY,
        symptom="Z[l] = W[l] A[l-1]",
        tempting="Biases begin at 0, and the first step does not tell.",
        mend=Z_MEND,
        code=Z_CODE,
        touches=("Zl",),
        place="every layer",
        steps={"Z": product},
    ),
    Mistake(
        name="bias-subtracted",
        family=FAMILY,
        symptom="Z[l] = W[l] A[l-1] − b[l], with db[l] as if it were added",
        tempting="Older texts have thresholds, which are subtracted.",
        mend=Z_MEND,
        code=Z_CODE,
        touches=("Zl",),
        place="every layer",
        steps={"Z": lambda r, layer: product(r, layer) - r.b[layer]},
    ),
    Mistake(
        name="bias-added-twice",
        family=FAMILY,
        symptom="Z[l] = W[l] A[l-1] + 2b[l]",
        tempting="Once as a column of ones, and once by itself.",
        mend=Z_MEND,
        code=Z_CODE,
        touches=("Zl",),
        place="every layer",
        steps={"Z": lambda r, layer: product(r, layer) + 2 * r.b[layer]},
    ),
    Mistake(
        name="bias-after-the-activation",
        family=FAMILY,
        symptom="Z[l] = W[l] A[l-1] and A[l] = g(Z[l]) + b[l]",
        tempting="It reads well: weigh, squash, shift.",
        mend="Z[l] = W[l] A[l-1] + b[l] and A[l] = g(Z[l])",
        code=Z_CODE,
        touches=("Zl",),
        place="hidden layers",
        steps={
            "Z": product,
            "A": lambda r, layer: activate(r.activation(layer), r.Z[layer]) + r.b[layer],
        },
    ),
    Mistake(
        name="bias-along-the-examples",
        family=FAMILY,
        symptom="Z[l] = W[l] A[l-1] + b[l]ᵀ, which broadcasts where n = n[l]",
        tempting="A bias of shape (n[l],) is added to the last axis, which is the examples here.",
        mend="Z[l] = W[l] A[l-1] + b[l] with b[l] a column, (n[l], 1)",
        code=Z_CODE,
        touches=("Zl",),
        place="every layer",
        steps={"Z": lambda r, layer: product(r, layer) + r.b[layer].T},
        applies=units_like_examples,
    ),
    Mistake(
        name="one-bias-for-the-layer",
        family=FAMILY,
        symptom="Z[l] = W[l] A[l-1] + the first entry of b[l], for every unit",
        tempting="The picture has one node marked +1 a layer, and b is taken for one number.",
        mend=Z_MEND,
        code=Z_CODE,
        touches=("Zl",),
        place="every layer",
        steps={"Z": lambda r, layer: product(r, layer) + r.b[layer][0, 0]},
        applies=several_units,
    ),
    Mistake(
        name="bias-of-the-layer-above",
        family=FAMILY,
        symptom="Z[l] = W[l] A[l-1] + b[l+1], which fits where n[l] = n[l+1]",
        tempting="An index off by one, where lists begin at 0 and layers at 1.",
        mend=Z_MEND,
        code=Z_CODE,
        touches=("Zl",),
        place="hidden layers",
        steps={"Z": lambda r, layer: product(r, layer) + r.b[layer + 1]},
        applies=like_above,
    ),
    Mistake(
        name="activation-of-the-bias",
        family=FAMILY,
        symptom="A[l] = g(b[l]), the same for every example",
        tempting="A slip of the pen: b for Z.",
        mend="A[l] = g(Z[l])",
        code="A[l] = g(Z[l])",
        touches=("Al",),
        place="hidden layers",
        steps={"A": of_the_bias},
        sources=(FIRST_TEXT,),
    ),
    Mistake(
        name="bias-gradient-missing",
        family=FAMILY,
        symptom="db[l] = 0: the bias never moves",
        tempting="Biases begin at 0, and a network trains without them.",
        mend=DB_MEND,
        code=DB_CODE,
        touches=("dbl",),
        place="every layer",
        steps={"db": lambda r, layer: 0 * r.b[layer]},
    ),
    Mistake(
        name="bias-gradient-not-summed",
        family=FAMILY,
        symptom="db[l] = dZ[l], of shape (n[l], n)",
        tempting="For one example it is dZ[l]; and b − α db broadcasts without a word.",
        mend=DB_MEND,
        code=DB_CODE,
        touches=("dbl",),
        place="every layer",
        steps={"db": lambda r, layer: r.dZ[layer].copy()},
        applies=many,
        sources=(FIRST_TEXT,),
    ),
    Mistake(
        name="bias-gradient-without-keepdims",
        family=FAMILY,
        symptom="db[l] = np.sum(dZ[l], axis=1), of shape (n[l],)",
        tempting="The numbers are right; b − α db then broadcasts to (n[l], n[l]).",
        mend=DB_MEND,
        code=DB_CODE,
        touches=("dbl",),
        place="every layer",
        steps={"db": lambda r, layer: r.dZ[layer].sum(axis=1)},
    ),
    Mistake(
        name="bias-gradient-over-the-units",
        family=FAMILY,
        symptom="db[l] = np.sum(dZ[l], axis=0), which can be reshaped to b[l] where n = n[l]",
        tempting="To sum over all the rows is axis=0 in words, where axis=1 is meant.",
        mend="examples are columns: axis=1 sums along each row, over the examples",
        code=DB_CODE,
        touches=("dbl",),
        place="every layer",
        steps={"db": over_the_units},
        applies=several_entries,
        sources=(FIRST_TEXT,),
    ),
    Mistake(
        name="bias-gradient-summed-to-a-number",
        family=FAMILY,
        symptom="db[l] = np.sum(dZ[l]), one number for all units",
        tempting="np.sum without an axis; a number broadcasts to any shape.",
        mend=DB_MEND,
        code=DB_CODE,
        touches=("dbl",),
        place="every layer",
        steps={"db": lambda r, layer: np.full_like(r.b[layer], r.dZ[layer].sum())},
        applies=several_units,
    ),
    Mistake(
        name="bias-gradient-without-mean",
        family=FAMILY,
        symptom="db[l] lacks its 1/N; dW[l] has it",
        tempting="Two lines, and 1/n is written in one of them.",
        mend="db[l] is Σ dZ[l], where dZ[l] holds the 1/N, or 1/N here and in dW[l]",
        code=DB_CODE,
        touches=("dbl",),
        place="every layer",
        steps={"db": lambda r, layer: r.N * r.dZ[layer].sum(axis=1, keepdims=True)},
        applies=averaged,
    ),
    Mistake(
        name="bias-gradient-averaged-twice",
        family=FAMILY,
        symptom="db[l] = np.mean(dZ[l], axis=1), where dZ[l] holds 1/N already",
        tempting="A mean over the examples is expected, and taken once more.",
        mend="db[l] is Σ dZ[l]: the 1/N of the loss is in dZ[l]",
        code=DB_CODE,
        touches=("dbl",),
        place="every layer",
        steps={"db": lambda r, layer: r.dZ[layer].mean(axis=1, keepdims=True)},
        applies=many,
        sources=(Source("kvfrans/notes #5"),),
    ),
    Mistake(
        name="bias-gradient-without-derivative",
        family=FAMILY,
        symptom="db[l] = Σ dA[l], beside a right dW[l]",
        tempting="dA[l] and dZ[l] have the same shape; one letter differs.",
        mend=DB_MEND,
        code=DB_CODE,
        touches=("dbl",),
        place="every layer",
        steps={"db": lambda r, layer: r.dA[layer].sum(axis=1, keepdims=True)},
        applies=backward(*CURVED, "softmax"),
    ),
    Mistake(
        name="bias-gradient-from-weights",
        family=FAMILY,
        symptom="db[l] = Σ dW[l] along its rows",
        tempting="The line above is copied with one letter too few changed; the shape is right.",
        mend=DB_MEND,
        code=DB_CODE,
        touches=("dbl",),
        place="every layer",
        steps={"db": lambda r, layer: r.dW[layer].sum(axis=1, keepdims=True)},
    ),
    Mistake(
        name="bias-gradient-of-the-layer-above",
        family=FAMILY,
        symptom="db[l] = db[l+1], which fits where n[l] = n[l+1]",
        tempting="A line is copied, and one of its indices left.",
        mend=DB_MEND,
        code=DB_CODE,
        touches=("dbl",),
        place="hidden layers",
        steps={"db": lambda r, layer: r.db[layer + 1].copy()},
        applies=like_above,
    ),
    Mistake(
        name="relu-condition-outside-the-sum",
        family=FAMILY,
        symptom="db[l] = (Σ dA[l]) where Σ Z[l] > 0, else 0: one condition for the whole batch",
        tempting="The derivation is done for one example, and the sum added around it at the end.",
        mend="each example has its own condition: db[l] is Σ dA[l] ∘ (Z[l] > 0)",
        code="db[l] = (dA[l] * (Z[l] > 0)).sum(axis=1, keepdims=True)",
        touches=("dbl",),
        place="every layer",
        steps={"db": condition_outside},
        applies=backward("relu"),
        sources=(Source("Parr & Howard, the derivation of the bias"),),
    ),
)
