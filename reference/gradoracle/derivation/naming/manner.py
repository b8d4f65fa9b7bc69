"""How a text writes what the catalogue has: its convention, and its layout.

The catalogue has one example a column, out-by-in weights and plain derivatives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from gradoracle.derivation.mending.tidying import tidied
from gradoracle.derivation.reading import syntax
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.syntax import (
    Binary,
    Call,
    Name,
    Node,
    Number,
    Transpose,
    mapped,
    with_name,
)
from gradoracle.derivation.truth.contract import divisor
from gradoracle.derivation.truth.true_values import Reading
from gradoracle.network import REDUCTIONS

ONE = Number(0, Fraction(1))


@dataclass(frozen=True)
class Manner:
    """The convention and the layout of a text.

    Attributes
    ----------
    header : Header
    reading : Reading
    """

    header: Header
    reading: Reading

    def in_convention(self, target: Name, formula: Node) -> Iterator[Node]:
        """Yield a formula for derivatives that are N times those of J, where the text's are.

        Some mistakes are not linear in them; then they may be those of the sum.
        """
        if self.reading.convention == "plain":
            yield from (with_name(formula, Name(0, "N"), syntax.read(N)) for N in self.divisors)
            return
        yield self._scaled(target, formula)
        N, whole = syntax.read(self.N), with_name(formula, Name(0, "N"), ONE)
        by_parameter = self.reading.convention == "per-example" and target.base in ("dW", "db")
        yield Binary(0, "/", whole, N) if by_parameter else whole

    def _scaled(self, target: Name, formula: Node) -> Node:
        N = syntax.read(self.N)

        def plain(part: Node) -> Node:
            multiple = isinstance(part, Name) and self.multiples(part.base)
            return Binary(0, "/", part, N) if multiple else part

        formula = mapped(with_name(formula, Name(0, "N"), N), plain)
        return Binary(0, "*", N, formula) if self.multiples(target.base) else formula

    @property
    def N(self) -> str:
        """The divisor of J, as it is written."""
        return self._divisor(self.reading.reduction)

    @property
    def divisors(self) -> tuple[str, ...]:
        """What J may be divided by: nobody says it of a J of the text's own."""
        return (self.N,) if self.header.loss else tuple(map(self._divisor, REDUCTIONS))

    def _divisor(self, reduction: str) -> str:
        found = divisor(reduction, self.header.layers)
        return found if self.header.layers else found.replace("n0", "n[L]")

    def multiples(self, kind: str) -> bool:
        """Whether arrays of a kind are N times the derivative of J."""
        between, parameters = ("dA", "dZ", "dX"), ("dW", "db")
        kinds = {"plain": (), "per-example": between}
        return kind in kinds.get(self.reading.convention, between + parameters)

    def laid_out(self, target: Name, formula: Node) -> Node:
        """Return a formula of columns in the layout of the text."""

        def turned(part: Node) -> Node:
            if isinstance(part, Call) and part.function == "softmax":
                return replace(part, axis=0)  # over the units, of columns
            return Transpose(0, part) if isinstance(part, Name) and self._is_turned(part) else part

        def unsaid(part: Node) -> Node:
            if isinstance(part, Call) and part.function == "softmax":
                return replace(part, axis=None if part.axis == int(self.header.rows) else part.axis)
            return part

        formula = mapped(formula, turned)
        return mapped(tidied(Transpose(0, formula) if self._is_turned(target) else formula), unsaid)

    def _is_turned(self, name: Name) -> bool:
        if name.base in ("W", "dW"):
            return not self.header.out_by_in
        return self.header.rows and name.base.removeprefix("d") in ("Z", "A", "b", "X", "Y")
