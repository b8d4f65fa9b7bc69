"""One sweep over examples at one precision: what a process does for the truth of a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from flint import ctx

from gradoracle.arrays import Array
from gradoracle.network import Network, Parameters
from gradoracle.truth.balls import UndecidedError
from gradoracle.truth.nearest import Integers, Nearest, nearest
from gradoracle.truth.propagation import Matrices, Model, add_to, l2_terms, propagate

Chunk = tuple[Integers, Array, Array]  # columns, and X and Y of these examples


@dataclass(frozen=True, eq=False)
class Part:
    """Some examples, by their columns, and their arrays; empty where a kink is undecided."""

    columns: Integers
    arrays: dict[str, Nearest] = field(default_factory=dict)


class Sweep:
    """The examples of a case, chunk by chunk, while the sums build up.

    Parameters
    ----------
    network : Network
    parameters : Parameters
    N : int
        The divisor of the reduction.
    bits : int
        The working precision; python-flint's own is put back after every call.

    Attributes
    ----------
    sums : dict of str to arb_mat
        J, dW and db of the examples so far.
    reason : str
        Why the sums are not complete: the kink that was not decided; else empty.
    """

    def __init__(self, network: Network, parameters: Parameters, N: int, bits: int) -> None:
        self.bits = bits
        self.model = Model.of(network, parameters, N)
        self.sums: Matrices = {}
        self.reason = ""

    def chunk(self, chunk: Chunk, names: Sequence[str]) -> Part:
        """Run some examples; return the named arrays, rounded."""
        columns, X, Y = chunk
        with ctx.workprec(self.bits):
            try:
                arrays, sums = propagate(self.model, X, Y)
            except UndecidedError as error:
                self.reason = str(error)
                return Part(columns)
            add_to(self.sums, sums)
            return Part(columns, {name: nearest(arrays.pop(name)) for name in names})

    def add_l2(self) -> None:
        """Add the L2 term, once."""
        with ctx.workprec(self.bits):
            add_to(self.sums, l2_terms(self.model))
