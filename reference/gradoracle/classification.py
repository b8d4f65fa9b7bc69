"""From data as a scikit-learn user has it to a network, its labels and its first parameters."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gradoracle.arrays import Array, DType, checked, shown
from gradoracle.errors import InputError
from gradoracle.network import Network, Parameters, checked_sizes

Seed = int | np.random.Generator | None


def classification_network(sizes: Sequence[int], activation: str, l2: float = 0.0) -> Network:
    """Return the network that tells classes apart: J is the mean cross-entropy (and L2).

    One output is a sigmoid with ``binary_cross_entropy``, more are a softmax with
    ``cross_entropy``; every hidden layer has the given activation.
    """
    sizes = checked_sizes(sizes)
    output, loss = (
        ("sigmoid", "binary_cross_entropy") if sizes[-1] == 1 else ("softmax", "cross_entropy")
    )
    return Network(sizes, (activation,) * (len(sizes) - 2) + (output,), loss, l2=l2)


def initial_parameters(sizes: Sequence[int], dtype: DType, seed: Seed) -> Parameters:
    """Draw W^[l] normal with standard deviation 1 / sqrt(n_{l-1}); every b^[l] is zero.

    The numbers are drawn in float64 and rounded: both dtypes start from the same point.

    Raises
    ------
    InputError
        For a seed that is no whole number of 0 or more, generator or None, and for layers that
        do not fit into the memory.
    """
    try:
        rng = np.random.default_rng(seed)
    except (TypeError, ValueError):
        raise InputError(
            "random_state as a whole number of 0 or more, a numpy.random.Generator or None",
            shown(seed),
            "random_state=0",
        ) from None
    layers = list(zip(sizes[1:], sizes[:-1], strict=True))
    try:
        W = [
            (rng.standard_normal((n, below)) / math.sqrt(below)).astype(dtype)
            for n, below in layers
        ]
        return Parameters(W, [np.zeros((n, 1), dtype) for n, _ in layers])
    except (MemoryError, OverflowError, ValueError):  # NumPy's words for too large an array
        raise InputError(
            "layers whose weights fit into the memory",
            f"{sum(n * below for n, below in layers):,} weights in {'-'.join(map(str, sizes))}",
            "make the layers smaller",
        ) from None


def as_columns(X: npt.ArrayLike, dtype: DType) -> Array:
    """Return examples in rows, (n, n_0), as the derivation wants them: columns, (n_0, n).

    Raises
    ------
    InputError
        If X is no matrix of finite real numbers, or empty.
    """
    try:
        rows = np.asarray(X)
    except ValueError:
        raise InputError(
            "X as a matrix (n, n_0)", "rows of different lengths", "one example a row"
        ) from None
    if rows.ndim != 2:
        raise InputError(
            "X as a matrix (n, n_0), one example a row",
            f"shape {rows.shape}" if rows.shape else f"a {type(X).__name__}",
            "X.reshape(1, -1) for a single example, X.reshape(-1, 1) for a single feature",
        )
    if 0 in rows.shape:
        raise InputError(
            "X with at least one example and one feature", f"shape {rows.shape}", "check the data"
        )
    if rows.dtype.kind not in "biuf":
        try:
            rows = rows.astype(dtype, casting="unsafe" if rows.dtype == object else "same_kind")
        except (TypeError, ValueError):
            raise InputError("numbers in X", f"{rows.dtype}", "encode what is no number") from None
    with np.errstate(over="ignore"):  # what overflows is found below
        rows = rows.astype(dtype)
    return checked("X", np.ascontiguousarray(rows.T), rows.T.shape)


def as_classes(y: npt.ArrayLike, n: int) -> tuple[npt.NDArray[np.generic], npt.NDArray[np.intp]]:
    """Return the classes, sorted, and for each of n examples the number of its class.

    Raises
    ------
    InputError
        If y is not one label an example, some are missing, or all are the same.
    """
    labels = as_labels(y)
    if labels.ndim != 1:
        flat = labels.size == n
        hot = "y.argmax(axis=1) turns one-hot labels into numbers"
        raise InputError(
            "y with one label an example, shape (n,)",
            f"shape {labels.shape}" if labels.shape else shown(y),
            ("y.ravel()" if flat else hot) if labels.shape else "pass the labels of X's rows",
        )
    if len(labels) != n:
        raise InputError(
            f"as many labels as examples in X, {n}", f"{len(labels)}", "one example a row, X.T?"
        )
    if not _all_there(labels):
        raise InputError("a label for each example", "NaN or infinity in y", "drop these examples")
    try:
        classes, numbers = np.unique(labels, return_inverse=True)
    except TypeError:
        raise InputError(
            "labels of one kind", "a mixture in y", "np.asarray(y, dtype=str)"
        ) from None
    if len(classes) < 2:
        raise InputError(
            "two classes or more in y",
            f"only {shown(classes[:1].tolist()[0])}",
            "add examples of another class",
        )
    return classes, numbers


def as_labels(y: npt.ArrayLike) -> npt.NDArray[np.generic]:
    """Return labels as an array.

    Raises
    ------
    InputError
        If they are rows of different lengths.
    """
    try:
        return np.asarray(y)
    except ValueError:
        raise InputError(
            "y with one label an example, shape (n,)",
            "rows of different lengths",
            "one label an example",
        ) from None


def _all_there(labels: npt.NDArray[np.generic]) -> bool:
    """Tell whether no label is NaN or infinite."""
    if labels.dtype.kind == "O":
        return all(math.isfinite(v) for v in labels.tolist() if isinstance(v, float))
    return labels.dtype.kind not in "fc" or bool(np.isfinite(labels).all())


def as_targets(numbers: npt.NDArray[np.intp], k: int, outputs: int, dtype: DType) -> Array:
    """Return Y, (n_L, n), of k classes: 0 and 1 for one output, one-hot for k outputs.

    Raises
    ------
    InputError
        If the number of outputs is neither k nor, for two classes, 1.
    """
    if outputs == 1 and k == 2:
        return numbers[np.newaxis].astype(dtype)
    if outputs != k:
        raise InputError(
            f"a last layer of size {k} for {k} classes" + (", or 1" if k == 2 else ""),
            f"{outputs}",
            f"make the last of layers_size {1 if k == 2 else k}",
        )
    one_hot: Array = np.equal.outer(np.arange(k), numbers).astype(dtype)
    return one_hot
