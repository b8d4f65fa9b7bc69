"""What is trained on what: networks, descent and data, checked before the first iteration."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from gradoracle.arrays import DTYPES, DType, is_number, is_whole, shown
from gradoracle.classification import classification_network, initial_parameters
from gradoracle.errors import InputError
from gradoracle.network import Batch, Parameters, checked_sizes

IMPLEMENTATIONS = {
    "numpy": "gradoracle_numpy.ann",
    "torch": "gradoracle_torch.ann",
    "tensorflow": "gradoracle_tf.ann",
}


@dataclass(frozen=True)
class TrainingRequest:
    """Full-batch gradient descent from one shared start, in several implementations.

    By default the published experiment. On MNIST's 5 and 8 its cost falls steadily at rates up to
    about 0.15; from 0.2 on it jumps up first, and rounding errors grow with every jump.

    Parameters
    ----------
    networks : tuple of tuple of int
        Layer sizes n_0 ... n_L, one tuple a network. A last size of 1 is a sigmoid output with
        binary cross-entropy, more are a softmax with cross-entropy.
    implementations : tuple of str
        Names of `IMPLEMENTATIONS`.
    learning_rate : float
        alpha in W := W - alpha dW.
    iterations : int
    activation : str
        Of the hidden layers.
    l2 : float
        Strength of the L2 term, l2 / 2 times the sum of the squared weights.
    dtype : {"float64", "float32"}
    seed : int
        Of the initial weights, which all implementations share.

    Raises
    ------
    InputError
        For a request that cannot be carried out, with the mend.
    """

    networks: tuple[tuple[int, ...], ...] = ((784, 196, 1),)
    implementations: tuple[str, ...] = tuple(IMPLEMENTATIONS)
    learning_rate: float = 0.15
    iterations: int = 1000
    activation: str = "sigmoid"
    l2: float = 0.0
    dtype: str = "float32"
    seed: int = 0

    def __post_init__(self) -> None:
        _require(
            isinstance(self.networks, (tuple, list)),
            "networks as a tuple of layer sizes, one tuple a network",
            shown(self.networks),
            "e.g. ((784, 196, 1),)",
        )
        _require(
            isinstance(self.implementations, (tuple, list)),
            "implementations as a tuple of names",
            shown(self.implementations),
            "e.g. ('numpy',)",
        )
        object.__setattr__(self, "networks", tuple(map(checked_sizes, self.networks)))
        object.__setattr__(self, "implementations", tuple(self.implementations))
        for sizes in self.networks:
            classification_network(sizes, self.activation, self.l2)
        for name in self.implementations:
            _require(
                isinstance(name, str) and name in IMPLEMENTATIONS,
                f"one of {', '.join(IMPLEMENTATIONS)}",
                name,
            )
        for what, names in (("network", self.networks), ("implementation", self.implementations)):
            _require(len(names) > 0, f"at least one {what}", "none")
            _require(len(set(names)) == len(names), f"each {what} once", f"{names}")
        _require(
            isinstance(self.dtype, str) and self.dtype in DTYPES,
            f"dtype one of {', '.join(DTYPES)}",
            self.dtype,
        )
        _require(
            is_number(self.learning_rate) and self.learning_rate > 0,
            "a learning rate that is finite and above 0",
            self.learning_rate,
        )
        _require(
            is_whole(self.iterations) and self.iterations >= 1,
            "iterations as a whole number of 1 or more",
            self.iterations,
        )
        _require(
            is_whole(self.seed) and self.seed >= 0,
            "a seed that is a whole number of 0 or more",
            self.seed,
        )
        # Python's own numbers, which JSON knows
        for what, kind in (("learning_rate", float), ("iterations", int), ("l2", float),
                           ("seed", int)):  # fmt: skip
            object.__setattr__(self, what, kind(getattr(self, what)))

    def start(self, sizes: tuple[int, ...]) -> Parameters:
        """Return the initial parameters, the same for every implementation."""
        return initial_parameters(sizes, self.numpy_dtype, self.seed)

    @property
    def numpy_dtype(self) -> DType:
        """The dtype as NumPy's."""
        return DTYPES[self.dtype]


@dataclass(frozen=True, eq=False)
class TrainingData:
    """A batch to learn from and one to test on, one example per column.

    Parameters
    ----------
    train, test : gradoracle.Batch
        X (n_0, n) and Y (n_L, n), with the same n_0 and n_L; labels 0 and 1, or one-hot.
    name : str
        What reports call the data.

    Raises
    ------
    InputError
        If the two do not fit together.
    """

    train: Batch
    test: Batch
    name: str = "data"

    def __post_init__(self) -> None:
        for name in ("X", "Y"):
            ours, theirs = getattr(self.train, name), getattr(self.test, name)
            _require(
                len(ours) == len(theirs),
                f"{name} with as many rows for testing as for training, {len(ours)}",
                len(theirs),
                "prepare both in the same way",
            )
        hot = np.isin(self.train.Y, (0, 1)).all() and np.isin(self.test.Y, (0, 1)).all()
        _require(bool(hot), "labels 0 and 1 in Y", "others", "(Y == one).astype(X.dtype)")
        if len(self.train.Y) > 1:
            one = (self.train.Y.sum(axis=0) == 1).all() and (self.test.Y.sum(axis=0) == 1).all()
            _require(bool(one), "a single 1 in every column of Y", "others", "encode one-hot")

    def check_fits(self, request: TrainingRequest) -> None:
        """Refuse networks whose first or last size is not that of the data."""
        ends = (len(self.train.X), len(self.train.Y))
        for sizes in request.networks:
            _require(
                (sizes[0], sizes[-1]) == ends,
                f"a network from {ends[0]} inputs to {ends[1]} output(s) for {self.name}",
                "-".join(map(str, sizes)),
                "-".join(map(str, (ends[0], *sizes[1:-1], ends[1]))),
            )

    def astype(self, dtype: DType) -> TrainingData:
        """Return the data rounded to ``dtype``."""
        return TrainingData(self.train.astype(dtype), self.test.astype(dtype), self.name)

    def sha256(self) -> str:
        """Return a fingerprint of every number, shape and dtype."""
        digest = hashlib.sha256()
        for batch in (self.train, self.test):
            for array in (batch.X, batch.Y):
                digest.update(f"{array.dtype.str} {array.shape}".encode())
                digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()


def _require(
    fulfilled: bool, expected: str, got: object, mend: str = "change it in the request"
) -> None:
    if not fulfilled:
        raise InputError(expected, got if isinstance(got, str) else shown(got), mend)
