"""Mistakes that give the same numbers, in one table: which, in what is returned, where, and why.

No two of the catalogue are the same on every case. Where they are, a diagnosis can but list them
together. The tests check that the table is exactly true on the required cases: wherever a row holds
its mistakes explain each other's traces, and no two mistakes that are the same wherever both can be
made are missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.mistakes.steps import run

Holds = Callable[[Case, int], bool]
Returned = Literal["everything", "J, dW and db"]


@dataclass(frozen=True)
class Alike:
    """Mistakes with the same numbers, at one layer of some cases.

    Attributes
    ----------
    mistakes : tuple of str
        Two or more; any two of them.
    where : str
        The layers and cases, in words.
    holds : callable (case, layer) -> bool
        The same, where both can be made at that layer.
    why : str
    returned : {"everything", "J, dW and db"}
        Whether a trace with Z, A, dA and dZ tells them apart.
    """

    mistakes: tuple[str, ...]
    where: str
    holds: Holds
    why: str
    returned: Returned = "everything"


def declared(one: str, other: str, case: Case, layer: int, returned: Returned) -> Alike | None:
    """Return the row that says that two mistakes give the same numbers at a layer of a case.

    Parameters
    ----------
    one, other : str
    case : Case
    layer : int
    returned : {"everything", "J, dW and db"}
    """
    for row in ALIKE:
        speaks = {one, other} <= set(row.mistakes) and row.returned in ("everything", returned)
        if speaks and row.holds(case, layer):
            return row
    return None


def alike_to(name: str) -> Iterator[tuple[str, Alike]]:
    """Yield the mistakes that a mistake may be taken for, and the rows that say where."""
    for row in ALIKE:
        if name in row.mistakes:
            yield from ((other, row) for other in row.mistakes if other != name)


def _on(*ids: str) -> Holds:
    return lambda case, layer: case.id in ids


def _softmax(case: Case, layer: int) -> bool:
    return case.activation(layer) == "softmax"


def _relu(case: Case, layer: int) -> bool:
    return case.activation(layer) == "relu"


def _z(case: Case, layer: int) -> Array:
    return run(case)[f"Z{layer}"]


def _active(case: Case, layer: int) -> bool:
    return bool((_z(case, layer).mean(axis=1) > 0).all())


def _inactive(case: Case, layer: int) -> bool:
    return bool((_z(case, layer).mean(axis=1) <= 0).all())


_ALWAYS: Holds = lambda case, layer: True  # noqa: E731


_NO_CLASS = (
    "softmax-diagonal-only", "softmax-off-diagonal-sign", "softmax-kronecker-lost",
    "softmax-diagonal-lost", "softmax-mean-over-examples", "softmax-mean-not-weighted",
    "cross-entropy-not-fused",
)  # fmt: skip

ALIKE: tuple[Alike, ...] = (
    Alike(
        ("activation-in-place", "derivative-at-the-activation"),
        "wherever both can be made", _ALWAYS,
        "Z[l] is overwritten by A[l], and g's derivative takes what is there", "J, dW and db",
    ),
    Alike(
        ("gradient-in-column-order", "weight-gradient-transposed"),
        "wherever both can be made, without L2", lambda case, layer: not case.network.l2,
        "a square matrix read in the other order is its transpose",
    ),
    Alike(
        ("weights-not-transposed", "weights-reshaped-for-transposed"),
        "wherever both can be made", _ALWAYS,
        "a square matrix reshaped to the shape of its transpose is itself",
    ),
    Alike(
        ("activation-not-transposed", "activations-reshaped-for-transposed"),
        "wherever both can be made", _ALWAYS,
        "a square matrix reshaped to the shape of its transpose is itself",
    ),
    Alike(
        ("batch-reshaped-for-transposed", "batch-transposed"),
        "wherever both can be made", _ALWAYS,
        "a square batch reshaped to the shape of its transpose is not moved",
    ),
    Alike(
        ("activation-over-its-input", "weight-gradient-from-own-activation"),
        "at layer 1", lambda case, layer: layer == 1,
        "A[0] is overwritten by A[1], and is read in dW[1] alone",
    ),
    Alike(
        ("activation-over-its-input", "weight-gradient-from-own-activation"),
        "above layer 1, unless softmax is below",
        lambda case, layer: layer > 1 and case.activation(layer - 1) != "softmax",
        "A[l-1] is overwritten by A[l], and is read in dW[l] alone", "J, dW and db",
    ),
    Alike(
        ("bias-forgotten", "one-bias-for-the-layer"),
        "at a softmax layer", _softmax,
        "softmax does not see what is added to all units alike", "J, dW and db",
    ),
    Alike(
        ("bias-gradient-missing", "bias-gradient-summed-to-a-number"),
        "at a softmax layer", _softmax,
        "dZ[l] sums to 0 over the units of a softmax layer",
    ),
    Alike(
        ("bias-gradient-not-summed", "bias-gradient-over-the-units"),
        "at a layer of one unit", lambda case, layer: case.network.sizes[layer] == 1,
        "a sum over one unit is no sum",
    ),
    Alike(
        ("classes-counted-from-one", "classes-in-reverse-order"),
        "with two outputs", lambda case, layer: case.network.sizes[-1] == 2,
        "two rows moved by one are two rows in reverse",
    ),
    Alike(
        ("half-of-the-square-forgotten", "loss-averaged-over-outputs-gradient-not"),
        "with two outputs", lambda case, layer: case.network.sizes[-1] == 2,
        "the factor is 2 in both",
    ),
    Alike(
        ("gradient-averaged-over-outputs", "gradient-averaged-twice"),
        "with as many outputs as examples",
        lambda case, layer: case.network.sizes[-1] == case.N,
        "one divides by the outputs, the other by the examples",
    ),
    Alike(
        ("activations-of-previous-batch", "centred-going-back"),
        "with one example, in the first call", lambda case, layer: case.n == 1 == layer,
        "an example less the mean of one is 0, and so is what no call has left",
    ),
    Alike(
        ("labels-inverted", "labels-one-example-late"),
        "where the labels alternate",
        lambda case, layer: np.array_equal(np.roll(case.Y, 1, axis=1), 1 - case.Y),
        "each label is the other one",
    ),
    Alike(
        ("derivative-at-the-mean", "derivative-dropped"),
        "at a relu layer whose units are all active in the mean",
        lambda case, layer: _relu(case, layer) and _active(case, layer),
        "relu's derivative of the mean is 1 in every unit",
    ),
    Alike(
        ("derivative-at-the-mean", "delta-of-previous-batch"),
        "at a relu layer whose units are all inactive in the mean, in the first call",
        lambda case, layer: _relu(case, layer) and _inactive(case, layer),
        "relu's derivative of the mean is 0 in every unit, and so is what no call has left",
    ),
    Alike(
        ("bias-gradient-without-derivative", "relu-condition-outside-the-sum"),
        "at a layer whose units are all active in the mean",
        _active,
        "the condition on the batch lets every unit through",
    ),
    Alike(
        ("bias-gradient-missing", "relu-condition-outside-the-sum"),
        "at a layer whose units are all inactive in the mean",
        _inactive,
        "the condition on the batch lets no unit through",
    ),
    Alike(
        ("derivative-dropped", "relu-derivative-on-tanh"),
        "where every z is positive",
        lambda case, layer: bool((_z(case, layer) > 0).all()),
        "relu's derivative is 1 everywhere",
    ),
    Alike(
        ("delta-of-previous-batch", "relu-derivative-on-tanh"),
        "where no z is positive, in the first call",
        lambda case, layer: bool((_z(case, layer) <= 0).all()),
        "relu's derivative is 0 everywhere, and so is what no call has left",
    ),
    Alike(
        ("loss-from-probabilities", "loss-of-the-positive-class-reported",
         "softplus-loss-overflows"),
        "where z is 800 or -800", _on("saturated.binary_cross_entropy.800"),
        "J overflows",
    ),
    Alike(
        ("loss-from-probabilities", "logsumexp-without-shift"),
        "where z is 800", _on("saturated.cross_entropy.800"),
        "J overflows",
    ),
    Alike(
        _NO_CLASS, "where a probability is 0 in the dtype", _on("saturated.cross_entropy.800"),
        "dA[L] is infinite there, and every product with it no number", "J, dW and db",
    ),
)  # fmt: skip
