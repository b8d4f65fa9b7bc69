"""The batch a model is judged on: the user's, or a random one on which nothing saturates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gradoracle.activations import elementwise, softmax
from gradoracle.arrays import Array, is_whole, shown
from gradoracle.candidate.models.reading import Reading
from gradoracle.corpus.drawing import on_grid
from gradoracle.errors import InputError
from gradoracle.losses import LOSSES
from gradoracle.network import Batch

EXAMPLES = 16  # a power of two, so that a strength over n and the mean are exact
ORDINARY = 2.0  # up to this |z| no loss of probabilities loses more than a digit
LABEL_GRID = 2.0**-7  # exact in bfloat16


@dataclass(frozen=True, eq=False)
class Drawn:
    """A batch in columns, and what the framework and the report are told of it.

    Attributes
    ----------
    batch : Batch
    as_classes : bool
        Whether the framework gets its labels as class numbers.
    note : str
    """

    batch: Batch
    as_classes: bool
    note: str


def given(reading: Reading, X: Any, Y: Any) -> Drawn:
    """Return the user's batch, rounded to what the model computes in."""
    sizes = reading.parameters.sizes
    inputs = _array(X)
    if inputs.ndim != 2 or inputs.shape[1] != sizes[0] or not len(inputs):
        raise InputError(
            f"X of shape (n, {sizes[0]}), one example a row",
            f"shape {inputs.shape}",
            "reshape it: X.reshape(len(X), -1)" if inputs.ndim > 2 else "pass what the model takes",
        )
    labels, as_classes = _labels(reading, Y, len(inputs), sizes[-1])
    rounded = [_rounded(reading, array) for array in (inputs, labels)]
    same = all(map(_same, rounded, (inputs, labels)))
    note = f"the batch given, n = {len(inputs)}" + ("" if same else f", rounded to {reading.dtype}")
    return Drawn(Batch(rounded[0].T, rounded[1].T), as_classes, note)


def random(reading: Reading, n: int | None, seed: int) -> Drawn:
    """Draw inputs, shrunk until no cross-entropy saturates, and labels of the kind wanted."""
    sizes, objective = reading.parameters.sizes, reading.objective
    if n is None:
        n = EXAMPLES
        while n in sizes:
            n *= 2
    if not is_whole(n) or n < 1:
        raise InputError("n as a whole number of 1 or more", shown(n), "n=16")
    rng = np.random.default_rng(seed)
    X = _rounded(reading, on_grid(rng.normal(size=(sizes[0], n))))
    if LOSSES[objective.loss].output is not None:
        for _ in range(12):
            if np.abs(_last_z(reading, X)).max() <= ORDINARY:
                break
            X = X / 2
    Y = _random_labels(objective.loss, objective.labels == "soft", (sizes[-1], n), rng)
    note = f"a random batch, n = {n}, seed {seed}"
    return Drawn(Batch(X, _rounded(reading, Y)), objective.labels == "classes", note)


def _labels(reading: Reading, Y: Any, n: int, outputs: int) -> tuple[Array, bool]:
    """Return labels as a matrix (n, n_L), and whether they came as class numbers."""
    if reading.encode is not None:
        return _shaped(reading.encode(Y), n, outputs), False
    labels = _array(Y)
    whole = labels.dtype.kind in "iub"
    column = labels.ndim == 2 and labels.shape[1] == 1
    if reading.objective.loss == "cross_entropy" and (labels.ndim == 1 or column):
        return _one_hot(labels.ravel(), n, outputs, whole), True
    if reading.objective.labels == "classes":
        raise InputError(
            f"class numbers 0 ... {outputs - 1}, shape ({n},), with {reading.objective.said}",
            f"shape {labels.shape}",
            "Y.argmax(axis=1)",
        )
    return _shaped(labels[:, np.newaxis] if labels.ndim == 1 else labels, n, outputs), False


def _one_hot(classes: Any, n: int, outputs: int, whole: bool) -> Array:
    if classes.shape != (n,) or not whole or classes.min() < 0 or classes.max() >= outputs:
        raise InputError(
            f"{n} whole class numbers 0 ... {outputs - 1}",
            shown(classes),
            "one class number an example, or a matrix of probabilities",
        )
    one_hot: Array = np.eye(outputs)[classes]
    return one_hot


def _shaped(labels: Array, n: int, outputs: int) -> Array:
    if labels.shape != (n, outputs):
        raise InputError(
            f"Y of shape ({n}, {outputs}), one example a row",
            f"shape {labels.shape}",
            "give one row of labels for each row of X",
        )
    return labels


def _array(values: Any) -> Any:
    """Return a tensor of any framework, or anything like an array, as one of real numbers."""
    for step in ("detach", "cpu", "numpy"):  # torch asks for all three, TensorFlow for the last
        values = getattr(values, step, lambda values=values: values)()
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        raise InputError("X and Y of real numbers", f"dtype {array.dtype}", "encode them as floats")
    return array


def _rounded(reading: Reading, array: Array) -> Array:
    with np.errstate(over="ignore"):  # what overflows is refused by the batch
        cast: Array = array.astype(reading.parameters.dtype)
    return cast if reading.rounded is None else reading.rounded(cast)


def _same(a: Array, b: Array) -> bool:
    return bool(np.array_equal(a.astype(np.float64), b.astype(np.float64)))


def _last_z(reading: Reading, X: Array) -> Array:
    """Z^[L] in NumPy: only to see how large it is."""
    W, b = reading.parameters.W, reading.parameters.b
    A = Z = X
    for layer, name in enumerate(reading.activations, start=1):
        Z = W[layer] @ A + b[layer]
        A = softmax(Z) if name == "softmax" else elementwise(name).value(Z)
    return Z


def _random_labels(
    loss: str, soft: bool, shape: tuple[int, int], rng: np.random.Generator
) -> Array:
    """Labels (n_L, n): any number, in [0, 1], or dyadic with columns that sum to exactly 1."""
    outputs, n = shape
    if loss == "cross_entropy" and not soft:
        return np.eye(outputs)[:, rng.permutation(np.arange(n) % outputs)]
    if loss == "cross_entropy":
        cuts = np.sort(rng.integers(0, 129, size=(outputs - 1, n)), axis=0)
        edges = np.vstack([np.zeros((1, n)), cuts, np.full((1, n), 128)])
        return np.diff(edges, axis=0) * LABEL_GRID
    if loss == "binary_cross_entropy":
        if not soft:
            return rng.permuted(np.indices(shape).sum(axis=0) % 2, axis=1).astype(np.float64)
        return np.round(rng.uniform(size=shape) / LABEL_GRID) * LABEL_GRID
    return on_grid(rng.normal(size=shape))
