"""Case and Trace: everything a run needs, and everything it leaves behind."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from gradoracle.arrays import DTYPES, Array, DType, shown
from gradoracle.errors import InputError
from gradoracle.network import Batch, Network, Parameters

LEVELS = ("required", "recommended", "stress")

ID = re.compile(r"[a-z0-9]+([.-][a-z0-9_]+)*")


@dataclass(frozen=True, eq=False)
class Case:
    """A network, its parameters, a batch and a name.

    Parameters
    ----------
    id : str
        Immutable: lower case, digits, ``.``, ``-`` and ``_``, e.g. ``two-layer.relu-bce``.
    network : Network
    parameters : Parameters
        Shapes as the network's sizes say.
    batch : Batch
        X of shape (n_0, n) and Y of shape (n_L, n), in the dtype of the parameters.
    catches : str
        One sentence: what the case is there to catch.
    level : {"required", "recommended", "stress"}
    needs : tuple of str
        Ids of cases that must be right for this one to tell anything new.
    flags : frozenset of str
        What is special about it, e.g. ``kink`` or ``saturated``.

    Raises
    ------
    InputError
        If the parts do not fit together, or the labels do not suit the loss.
    """

    id: str
    network: Network
    parameters: Parameters
    batch: Batch
    catches: str = ""
    level: str = "required"
    needs: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not isinstance(self.level, str) or self.level not in LEVELS:
            raise InputError(f"a level out of {', '.join(LEVELS)}", shown(self.level), "check it")
        if not isinstance(self.id, str) or not ID.fullmatch(self.id):
            raise InputError(
                "a case id like two-layer.relu-bce", shown(self.id), "use a-z 0-9 . - _"
            )
        for part, kind in (("network", Network), ("parameters", Parameters), ("batch", Batch)):
            value = getattr(self, part)
            if not isinstance(value, kind):
                name = kind.__name__
                raise InputError(f"{part} as a {name}", shown(value), f"make one: {name}(...)")
        object.__setattr__(self, "needs", tuple(_words("needs", self.needs)))
        object.__setattr__(self, "flags", frozenset(_words("flags", self.flags)))
        if self.parameters.sizes != self.network.sizes:
            raise InputError(
                f"parameters for layer sizes {self.network}",
                "-".join(map(str, self.parameters.sizes)),
                "W[l] has shape (n_l, n_{l-1})",
            )
        if self.batch.X.dtype != self.dtype:
            raise InputError(
                f"X and Y in the dtype of the parameters, {self.dtype}",
                str(self.batch.X.dtype),
                f"batch.astype(np.dtype('{self.dtype}'))",
            )
        for name, rows, array in (
            ("X", self.network.sizes[0], self.X),
            ("Y", self.network.sizes[-1], self.Y),
        ):
            if array.shape[0] != rows:
                in_rows = array.shape[1] == rows
                raise InputError(
                    f"{name} of shape ({rows}, n), one example per column",
                    str(array.shape),
                    f"examples stand in rows: {name}.T" if in_rows else "check the layer sizes",
                )
        _check_labels(self.network.loss, self.Y)

    @property
    def L(self) -> int:
        """Number of layers with parameters."""
        return self.network.L

    @property
    def n(self) -> int:
        """Number of examples."""
        return self.batch.n

    @property
    def N(self) -> int:
        """The divisor of the reduction."""
        return self.network.divisor(self.n)

    @property
    def W(self) -> Mapping[int, Array]:
        """W[1] ... W[L], each (n_l, n_{l-1})."""
        return self.parameters.W

    @property
    def b(self) -> Mapping[int, Array]:
        """b[1] ... b[L], each (n_l, 1)."""
        return self.parameters.b

    @property
    def X(self) -> Array:
        """The inputs A^[0], (n_0, n)."""
        return self.batch.X

    @property
    def Y(self) -> Array:
        """The labels (or the cotangent C of the linear loss), (n_L, n)."""
        return self.batch.Y

    @property
    def dtype(self) -> DType:
        """The dtype of every array, given and returned."""
        return self.parameters.dtype

    def activation(self, layer: int) -> str:
        """Return the name of g_l, for l = 1 ... L."""
        return self.network.activations[layer - 1]

    def astype(self, dtype: DType | str) -> Case:
        """Return the same case with every input rounded to ``dtype``."""
        names = [n for n, d in DTYPES.items() if dtype is not None and (dtype == n or d == dtype)]
        # "double" is float64 for NumPy, but a name of the contract's is wanted
        if not names or (isinstance(dtype, str) and dtype not in DTYPES):
            raise InputError("dtype float64 or float32", shown(dtype), "case.astype('float64')")
        to = DTYPES[names[0]]
        if to == self.dtype:
            return self
        return replace(self, parameters=self.parameters.astype(to), batch=self.batch.astype(to))


def trace_shapes(network: Network, n: int) -> dict[str, tuple[int, ...]]:
    """Return every name of a trace with its shape, in the order of computation.

    ``Z1 A1 ... ZL AL J dAL dZL dWL dbL ... dA1 dZ1 dW1 db1 dX``, for n examples.
    """
    sizes, L = network.sizes, network.L
    shapes: dict[str, tuple[int, ...]] = {}
    for layer in range(1, L + 1):
        shapes[f"Z{layer}"] = shapes[f"A{layer}"] = (sizes[layer], n)
    shapes["J"] = ()
    for layer in range(L, 0, -1):
        shapes[f"dA{layer}"] = shapes[f"dZ{layer}"] = (sizes[layer], n)
        shapes[f"dW{layer}"] = (sizes[layer], sizes[layer - 1])
        shapes[f"db{layer}"] = (sizes[layer], 1)
    shapes["dX"] = (sizes[0], n)
    return shapes


@dataclass(frozen=True, eq=False)
class Trace(Mapping[str, Array]):
    """The named arrays of one run of one implementation.

    Parameters
    ----------
    arrays : mapping of str to numpy.ndarray
        Names of `trace_shapes`; a Python number becomes an array of shape (), a float one in the
        dtype of the first array. Kept in the order of computation; values, shapes and dtypes,
        complex ones too, are for the judge to look at: a wrong one is a verdict, not a crash.
    network : Network
        Says which names there are.

    Raises
    ------
    InputError
        For a name that is none of this network's, or something that is not an array of numbers.
    """

    arrays: Mapping[str, Array]
    network: Network

    def __post_init__(self) -> None:
        if not isinstance(self.network, Network):
            raise InputError("network as a Network", shown(self.network), "pass case.network")
        names = trace_shapes(self.network, 1)
        if not isinstance(self.arrays, Mapping):
            raise InputError(
                "a mapping of names to arrays",
                f"a {type(self.arrays).__name__}",
                "Trace({'Z1': Z1, ...}, case.network)",
            )
        ordered: dict[str, Array] = {}
        for name, value in self.arrays.items():
            if name not in names:
                raise InputError(
                    f"names among {' '.join(names)}", shown(name), "check the spelling"
                )
            if not _is_numeric(value):
                raise InputError(
                    f"{name} as an array of numbers", type(value).__name__, "return NumPy arrays"
                )
        floats = [
            a.dtype
            for a in self.arrays.values()
            if isinstance(a, np.ndarray) and a.dtype.kind == "f"
        ]
        for name in names:
            if name in self.arrays:
                given: object = self.arrays[name]
                ordered[name] = np.asarray(given)
                if floats and type(given) is float:
                    with np.errstate(over="ignore"):  # the judge will say so
                        ordered[name] = ordered[name].astype(floats[0])
        object.__setattr__(self, "arrays", MappingProxyType(ordered))

    def __reduce__(self) -> tuple[type[Trace], tuple[dict[str, Array], Network]]:
        # read-only mappings cannot be pickled, and traces travel from worker processes
        return Trace, (dict(self.arrays), self.network)

    def __getitem__(self, name: str) -> Array:
        return self.arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.arrays)

    def __len__(self) -> int:
        return len(self.arrays)


def _words(what: str, words: Collection[str]) -> Collection[str]:
    """Return a collection of str; a single str would fall apart into its letters."""
    if isinstance(words, str) or not isinstance(words, Collection):
        mend = f"({words!r},) with the comma" if isinstance(words, str) else "() for none"
        raise InputError(f"{what} as a collection of str", shown(words), mend)
    for word in words:
        if not isinstance(word, str):
            raise InputError(f"{what} as a collection of str", f"{shown(word)} in it", "drop it")
    return words


def _is_numeric(value: object) -> bool:
    try:
        return bool(np.issubdtype(np.asarray(value).dtype, np.number))
    except (TypeError, ValueError, RuntimeError):  # rows of different lengths, a tracked tensor
        return False


def _check_labels(loss: str, Y: Array) -> None:
    if loss in ("binary_cross_entropy", "cross_entropy") and not ((Y >= 0) & (Y <= 1)).all():
        classes = np.unique(Y)
        last = f"(Y == {classes[-1]:.17g}).astype(Y.dtype)"
        mends = {2: last}
        if loss == "binary_cross_entropy":
            mends[1] = f"{last} if that is the class 1, np.zeros_like(Y) if it is 0"
        raise InputError(
            f"labels between 0 and 1 with {loss}",
            f"values from {classes[0]:g} to {classes[-1]:g}",
            mends.get(len(classes), "encode the classes one-hot"),
        )
    if loss == "cross_entropy":
        for column, labels in enumerate(Y.T):
            # a correctly rounded sum is 0 only where the exact one is
            excess = math.fsum([*map(float, labels), -1.0])
            if excess != 0.0:
                raise InputError(
                    "labels of cross_entropy that sum to exactly 1 in every column",
                    f"a sum that is off by {excess:g} in column {column}",
                    "use one-hot labels, or soft labels that are multiples of a power of two",
                )
    if loss == "linear" and Y.size > 1 and (Y == 1).all():
        raise InputError(
            "a cotangent Y that is not all ones with the linear loss",
            "all ones, which hide a wrong softmax or normalisation",
            "draw it at random",
        )
