"""Network, Parameters and Batch: what the definition of J is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from gradoracle.activations import ACTIVATIONS
from gradoracle.arrays import Array, DType, checked, is_number, is_whole, rounded, shown
from gradoracle.errors import InputError
from gradoracle.losses import LOSSES

REDUCTIONS = ("mean", "sum", "mean_all")

Arrays = Sequence[Array] | Mapping[int, Array]


@dataclass(frozen=True)
class Network:
    """The definition of J, without numbers.

    J = R(loss(A^[L], Y)) + (l2 / 2) * sum over l of the squared entries of W^[l], with
    Z^[l] = W^[l] A^[l-1] + b^[l], A^[l] = g_l(Z^[l]) and A^[0] = X.

    Parameters
    ----------
    sizes : sequence of int
        n_0 ... n_L, at least two, each at least 1.
    activations : sequence of str
        g_1 ... g_L, names of `gradoracle.activations.ACTIVATIONS`.
    loss : str
        A name of `gradoracle.losses.LOSSES`.
    reduction : {"mean", "sum", "mean_all"}
        The divisor N: the n examples (the loss is summed over outputs), 1, or n * n_L.
    l2 : float
        The strength of the L2 term; not divided by n; biases are never regularised.

    Raises
    ------
    InputError
        For sizes, names or pairs that the contract does not allow, with the mend.
    """

    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    loss: str
    reduction: str = "mean"
    l2: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "sizes", checked_sizes(self.sizes))
        object.__setattr__(self, "activations", _names(self.activations))
        object.__setattr__(self, "l2", _strength(self.l2))
        _one_of("loss", self.loss, tuple(LOSSES))
        _one_of("reduction", self.reduction, REDUCTIONS)
        if len(self.activations) != self.L:
            raise InputError(
                f"{self.L} activations for layer sizes {self}",
                f"{len(self.activations)}: {', '.join(self.activations) or 'none'}",
                "give one activation for each layer but the input",
            )
        for name, size in zip(self.activations, self.sizes[1:], strict=True):
            if name == "softmax" and size < 2:
                raise InputError(
                    "softmax on a layer of width 2 or more",
                    "width 1, where softmax is the constant 1",
                    "use sigmoid with binary_cross_entropy for a single output",
                )
        needed = LOSSES[self.loss].output
        if needed is not None and self.activations[-1] != needed:
            raise InputError(
                f"a {needed} output layer with {self.loss}",
                f"{self.activations[-1]}",
                f"make the last activation {needed}, or the loss squared_error",
            )

    @property
    def L(self) -> int:
        """Number of layers with parameters."""
        return len(self.sizes) - 1

    def divisor(self, n: int) -> int:
        """Return N, by which the summed loss of n examples is divided."""
        return {"mean": n, "sum": 1, "mean_all": n * self.sizes[-1]}[self.reduction]

    def __str__(self) -> str:
        return "-".join(map(str, self.sizes))


def parse_sizes(text: str) -> tuple[int, ...]:
    """Read layer sizes written as on the command line, ``784-196-1``.

    Raises
    ------
    InputError
        If a part is not a whole number of at least 1, or there are fewer than two.
    """
    parts = text.split("-") if isinstance(text, str) else [""]
    whole = all(part.isascii() and part.isdigit() and len(part) < 20 for part in parts)
    sizes = tuple(map(int, parts)) if whole else ()
    if len(sizes) < 2 or 0 in sizes:
        raise InputError(
            "layer sizes such as 784-196-1", shown(text), "write whole numbers joined by '-'"
        )
    return sizes


@dataclass(frozen=True, eq=False, init=False)
class Parameters:
    """The weights and biases of a network, numbered from 1 as on paper.

    Parameters
    ----------
    W : sequence or mapping of numpy.ndarray
        W^[l] of shape (n_l, n_{l-1}), for l = 1 ... L.
    b : sequence or mapping of numpy.ndarray
        b^[l] of shape (n_l, 1).

    Raises
    ------
    InputError
        If numbers, dtypes or shapes of neighbouring layers do not fit.
    """

    W: Mapping[int, Array]
    b: Mapping[int, Array]

    def __init__(self, W: Arrays, b: Arrays) -> None:
        W, b = _numbered("W", W), _numbered("b", b)
        if len(W) != len(b) or not W:
            raise InputError(
                "as many biases as weights, at least one",
                f"{len(W)} weights and {len(b)} biases",
                "give W[l] and b[l] for each layer l = 1 ... L",
            )
        checked_W: dict[int, Array] = {}
        checked_b: dict[int, Array] = {}
        for layer, weights in W.items():
            if not isinstance(weights, np.ndarray) or weights.ndim != 2:
                shape = getattr(weights, "shape", type(weights).__name__)
                raise InputError(
                    f"W{layer} as an array of shape (n_{layer}, n_{layer - 1})",
                    str(shape),
                    "weights are matrices: one row a unit, one column an input",
                )
            if 0 in weights.shape:
                raise InputError(
                    f"W{layer} with at least one row and one column",
                    f"shape {weights.shape}",
                    "every layer has a unit or more",
                )
            rows, columns = weights.shape
            if layer > 1:
                columns = checked_W[layer - 1].shape[0]
            checked_W[layer] = checked(f"W{layer}", weights, (rows, columns))
            checked_b[layer] = checked(f"b{layer}", b[layer], (rows, 1))
        _same_dtype(
            {f"W{i}": w for i, w in checked_W.items()} | {f"b{i}": v for i, v in checked_b.items()}
        )
        object.__setattr__(self, "W", MappingProxyType(checked_W))
        object.__setattr__(self, "b", MappingProxyType(checked_b))

    def __reduce__(self) -> tuple[type[Parameters], tuple[dict[int, Array], dict[int, Array]]]:
        # read-only mappings cannot be pickled, and cases travel to worker processes
        return Parameters, (dict(self.W), dict(self.b))

    @property
    def sizes(self) -> tuple[int, ...]:
        """n_0 ... n_L."""
        return (self.W[1].shape[1], *(w.shape[0] for w in self.W.values()))

    @property
    def dtype(self) -> DType:
        """The dtype of every array."""
        return self.W[1].dtype

    def astype(self, dtype: DType) -> Parameters:
        """Return the parameters rounded to ``dtype``."""
        return Parameters(
            {i: rounded(w, dtype) for i, w in self.W.items()},
            {i: rounded(v, dtype) for i, v in self.b.items()},
        )


@dataclass(frozen=True, eq=False)
class Batch:
    """The inputs and labels, one example per column.

    Parameters
    ----------
    X : numpy.ndarray
        Shape (n_0, n).
    Y : numpy.ndarray
        Shape (n_L, n): labels, or for the ``linear`` loss the cotangent C.

    Raises
    ------
    InputError
        If either is empty, not a matrix, not finite, or they differ in n or dtype.
    """

    X: Array
    Y: Array

    def __post_init__(self) -> None:
        for name, value in (("X", self.X), ("Y", self.Y)):
            shape = getattr(value, "shape", None)
            if shape is not None and len(shape) != 2:
                raise InputError(
                    f"{name} as a matrix, one example per column",
                    f"shape {shape}",
                    f"{name}.reshape(1, -1) if it holds one number an example",
                )
            if shape is not None and 0 in shape:
                raise InputError(
                    f"{name} with at least one example", f"shape {shape}", "do not skip the data"
                )
        X = checked("X", self.X, getattr(self.X, "shape", None))
        Y = checked("Y", self.Y, getattr(self.Y, "shape", None))
        if X.shape[1] != Y.shape[1]:
            both, first = X.shape[0] == Y.shape[0], X.shape[0] == Y.shape[1]
            turned = "X.T and Y.T" if both else "X.T" if first else "Y.T"
            rows = both or first or X.shape[1] == Y.shape[0]
            raise InputError(
                "X and Y with the same number of columns (examples)",
                f"shapes {X.shape} and {Y.shape}",
                f"examples stand in rows: pass {turned}" if rows else "drop what has no label",
            )
        _same_dtype({"X": X, "Y": Y})
        object.__setattr__(self, "X", X)
        object.__setattr__(self, "Y", Y)

    @property
    def n(self) -> int:
        """Number of examples."""
        return int(self.X.shape[1])

    def astype(self, dtype: DType) -> Batch:
        """Return the batch rounded to ``dtype``."""
        return Batch(rounded(self.X, dtype), rounded(self.Y, dtype))


def checked_sizes(sizes: Sequence[int]) -> tuple[int, ...]:
    """Return n_0 ... n_L as a tuple of int.

    Raises
    ------
    InputError
        If they are not two or more whole numbers of at least 1.
    """
    several = tuple(sizes) if np.iterable(sizes) else ()
    if not all(map(is_whole, several)) or len(several) < 2 or min(several) < 1:
        raise InputError(
            "at least two layer sizes, whole numbers of 1 or more",
            shown(several or sizes),
            "give n_0 ... n_L, e.g. (784, 196, 1)",
        )
    return tuple(map(int, several))


def _names(names: Sequence[str]) -> tuple[str, ...]:
    if isinstance(names, str):
        raise InputError(
            "a sequence of activation names", repr(names), f"write ({names!r},) with the comma"
        )
    if not np.iterable(names):
        raise InputError("a sequence of activation names", shown(names), "e.g. ('tanh', 'sigmoid')")
    for name in names:
        _one_of("activation", name, tuple(ACTIVATIONS))
    return tuple(names)


def _strength(l2: float) -> float:
    if not (is_number(l2) and l2 >= 0):
        raise InputError("l2 as a finite number of 0 or more", shown(l2), "l2=0.0 switches it off")
    return float(l2)


def _one_of(what: str, name: str, allowed: tuple[str, ...]) -> None:
    if not isinstance(name, str) or name not in allowed:
        raise InputError(f"{what} one of {', '.join(allowed)}", shown(name), "check the spelling")


def _numbered(name: str, arrays: Arrays) -> dict[int, Array]:
    """Number a sequence from 1, or check that a mapping is."""
    if not np.iterable(arrays):
        raise InputError(
            f"{name} as a sequence or mapping of arrays", shown(arrays), f"[{name}1, ..., {name}L]"
        )
    if not isinstance(arrays, Mapping):
        return dict(enumerate(arrays, start=1))
    numbers = range(1, len(arrays) + 1)
    if set(arrays) != set(numbers):
        given = shown(sorted(arrays, key=str))
        raise InputError(f"{name} numbered 1 ... L", given, "layers are numbered from 1")
    return {i: arrays[i] for i in numbers}


def _same_dtype(arrays: Mapping[str, Array]) -> None:
    first, *rest = arrays
    for name in rest:
        if arrays[name].dtype != arrays[first].dtype:
            raise InputError(
                f"{name} in the dtype of {first}, {arrays[first].dtype}",
                str(arrays[name].dtype),
                f"{name}.astype(np.{arrays[first].dtype})",
            )
