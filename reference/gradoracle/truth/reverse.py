"""The truth of one case: every array of the trace, correctly rounded and proven so.

The first sweep works at 128 bits, which decides nearly everything. What it leaves open is done
again at 256 bits and so on to 2,048, but only for the examples that have an open entry, or for all
where a sum over the examples is open. Examples are taken in chunks, so memory stays bounded when n
grows: dW, db and J are summed in balls, what belongs to one example is rounded at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flint import ctx

from gradoracle.arrays import Array, Flags
from gradoracle.case import Case, trace_shapes
from gradoracle.errors import InputError
from gradoracle.losses import LOSSES
from gradoracle.truth.balls import UndecidedError
from gradoracle.truth.helper import Helper
from gradoracle.truth.nearest import Integers, Nearest, nearest
from gradoracle.truth.propagation import Matrices, add_to
from gradoracle.truth.sweep import Chunk, Part, Sweep

PRECISIONS = (128, 256, 512, 1024, 2048)  # bits
CHUNK = 256  # examples at a time
WORTH = 100_000_000  # weights times examples from which a second process pays for its start

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Truth:
    """Every array of the trace with a proven error.

    dA^[L] of a cross-entropy is left out where it exceeds the largest float64: there A^[L] has
    saturated, and no trace holds it.

    Attributes
    ----------
    values : mapping of str to numpy.ndarray
        float64, in the order of computation: the correctly rounded truth where decided, else the
        rounded midpoint of the ball at 2,048 bits.
    radii : mapping of str to numpy.ndarray
        |true - value| is at most this: half a unit in the last place of a decided value, 0 where
        the value is known to be the truth itself.
    decided : mapping of str to numpy.ndarray of bool
        Whether the value is proven to be the float64 nearest to the truth.
    """

    values: Mapping[str, Array]
    radii: Mapping[str, Array]
    decided: Mapping[str, Flags] = field(default_factory=dict)

    @property
    def undecided(self) -> int:
        """How many entries are not proven to be correctly rounded."""
        return sum(int(np.count_nonzero(~flags)) for flags in self.decided.values())


def truth(case: Case, progress: Progress | None = None, processes: int | None = None) -> Truth:
    """Enclose every array of the trace of a case, and round it correctly.

    Parameters
    ----------
    case : Case
        Its inputs are taken as the exact values of their floats.
    progress : callable (done, of), optional
        Called after each chunk of examples, and anew in every sweep that has to be repeated.
    processes : {1, 2}, optional
        2 shares the chunks with a second process, which pays for large cases only; so by default
        it depends on the size. What is decided does not depend on it.

    Raises
    ------
    UndecidedError
        If a pre-activation is not provably on one side of a kink at 2,048 bits.
    InputError
        If an entry exceeds the largest float64.
    """
    found = _Found(case)
    with Helper(case) if (processes or _processes(case)) > 1 else nullcontext() as helper:
        for bits in PRECISIONS:
            reason = _sweep(case, bits, found, helper, progress)
            if found.complete:
                break
        if reason:
            raise UndecidedError(f"{reason}, even at {bits:,} bits")
    return found.truth()


def gradient(case: Case, bits: int = PRECISIONS[0]) -> Matrices:
    """Return J, dW and db by the reverse pass as balls, before any rounding to float64.

    Raises
    ------
    UndecidedError
        If a pre-activation is not provably on one side of a kink at this precision.
    """
    sweep = Sweep(case.network, case.parameters, case.N, bits)
    for columns in parts(np.arange(case.n)):
        sweep.chunk(_chunk(case, columns), [])
    if sweep.reason:
        raise UndecidedError(sweep.reason)
    sweep.add_l2()
    return sweep.sums


def _sweep(
    case: Case, bits: int, found: _Found, helper: Helper | None, progress: Progress | None
) -> str:
    """Do what is open at one precision; return why that was not possible, or nothing."""
    columns, names = found.open_columns(), found.open_arrays()
    sweep = Sweep(case.network, case.parameters, case.N, bits)
    done = 0
    for part in _answers(case, parts(columns), names, sweep, helper):
        found.store(part)
        done += len(part.columns)
        if progress is not None:
            progress(done, len(columns))
    reason = sweep.reason
    if helper is not None:
        sums, its_reason = helper.end()
        reason = reason or its_reason
        with ctx.workprec(bits):
            add_to(sweep.sums, sums)
    if not reason and len(columns) == case.n:
        sweep.add_l2()
        with ctx.workprec(bits):
            found.store_sums({name: nearest(matrix) for name, matrix in sweep.sums.items()})
    return reason


def _answers(
    case: Case, chunks: list[Integers], names: list[str], sweep: Sweep, helper: Helper | None
) -> Iterator[Part]:
    """Yield the parts of a sweep; every second one comes from the helper, if there is one."""
    if helper is None:
        yield from (sweep.chunk(_chunk(case, columns), names) for columns in chunks)
        return
    helper.begin(sweep.bits, (_chunk(case, columns) for columns in chunks[1::2]), names)
    for turn, columns in enumerate(chunks):
        yield helper.part() if turn % 2 else sweep.chunk(_chunk(case, columns), names)


def parts(columns: Integers) -> list[Integers]:
    """Cut examples into chunks."""
    return [columns[start : start + CHUNK] for start in range(0, len(columns), CHUNK)]


def _chunk(case: Case, columns: Integers) -> Chunk:
    return columns, case.X[:, columns], case.Y[:, columns]


def _processes(case: Case) -> int:
    size = sum(W.size for W in case.W.values()) * case.n
    return 2 if size > WORTH and (os.cpu_count() or 1) > 1 else 1


class _Found:
    """The arrays of the truth while they fill up."""

    def __init__(self, case: Case) -> None:
        self.case = case
        shapes = trace_shapes(case.network, case.n)
        self.sums = {n for n in shapes if n == "J" or n.startswith(("dW", "db"))}
        self.values = {name: np.full(shape, np.nan) for name, shape in shapes.items()}
        self.radii = {name: np.full(shape, np.inf) for name, shape in shapes.items()}
        self.decided = {name: np.zeros(shape, np.bool_) for name, shape in shapes.items()}

    @property
    def complete(self) -> bool:
        return all(flags.all() for flags in self.decided.values())

    def open_arrays(self) -> list[str]:
        """Return the arrays of examples that have an open entry."""
        return [n for n, d in self.decided.items() if n not in self.sums and not d.all()]

    def open_columns(self) -> Integers:
        """Return the examples to do: all of them where a sum is open."""
        if not all(self.decided[name].all() for name in self.sums):
            return np.arange(self.case.n)
        columns = np.zeros(self.case.n, np.bool_)
        for name in self.open_arrays():
            columns |= ~self.decided[name].all(axis=0)
        return np.flatnonzero(columns)

    def store(self, part: Part) -> None:
        for name, piece in part.arrays.items():
            self._store(name, np.s_[:, part.columns], piece)

    def store_sums(self, sums: Mapping[str, Nearest]) -> None:
        for name, piece in sums.items():
            self._store(name, np.s_[...], piece)

    def _store(self, name: str, where: Any, piece: Nearest) -> None:
        """Keep what was decided before; a wider sum may not undo it."""
        done = self.decided[name][where]
        for whole, new in (
            (self.values[name], piece.values),
            (self.radii[name], piece.radii),
            (self.decided[name], piece.decided),
        ):
            whole[where] = np.where(done, whole[where], new.reshape(done.shape))

    def truth(self) -> Truth:
        """Return the truth, once it is certain that every entry is a float64."""
        names = [name for name in self.values if self._is_representable(name)]
        return Truth(
            {name: self.values[name] for name in names},
            {name: self.radii[name] for name in names},
            {name: self.decided[name] for name in names},
        )

    def _is_representable(self, name: str) -> bool:
        beyond = ~np.isfinite(self.values[name])
        if not beyond.any():
            return True
        network = self.case.network
        if name == f"dA{network.L}" and LOSSES[network.loss].output is not None:
            return False
        index = ", ".join(str(int(i)) for i in np.argwhere(beyond)[0])
        raise InputError(
            "every number of the trace below the largest float64, 1.8e308",
            f"{name}{f'[{index}]' if index else ''} beyond it",
            "scale the weights, the inputs or the labels down",
        )
