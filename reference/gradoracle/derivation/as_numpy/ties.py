"""What a name of the text is in names of the trace, and how one is computed from the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from gradoracle.derivation.as_numpy.updates import is_negative, negative, replaced
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.lines import Line
from gradoracle.derivation.reading.syntax import (
    Binary,
    Call,
    Minus,
    Name,
    Node,
    Number,
    Transpose,
    constant,
    mapped,
    show,
)
from gradoracle.derivation.truth.linear import Linear, linear

COUNTS = ("n", "m", "N")


@dataclass(frozen=True)
class Meaning:
    """A name of the trace, and what it is in terms of one of the text's.

    Attributes
    ----------
    name : Name
        Of the trace; the text's own where the header ties it to nothing.
    formula : Node
        Its value: the text's name, turned or scaled.
    """

    name: Name
    formula: Node

    @property
    def same(self) -> bool:
        """Whether the text calls it by its own name."""
        return self.formula == self.name


def meant(header: Header, name: Name) -> Meaning:
    """Return what a name that the text sets is in the trace: itself, where that cannot be told."""
    return _meaning(header, name) or Meaning(name, name)


def _meaning(header: Header, name: Name) -> Meaning | None:
    if (tied := header.meaning(name)) is not None:
        found = linear(tied)
        return _turned(found, name, 1 / found.times) if found else _solved(tied, name)
    if name.base[0] != "d" or not name.base[1:]:
        return None
    of = header.meaning(replace(name, base=name.base[1:]))
    found = linear(of) if of is not None else None
    if found is None:
        return None
    # w = c V.T says that dJ/dV is c (dJ/dw).T
    of_name = replace(found.name, base=f"d{found.name.base}")
    return _turned(replace(found, name=of_name), name, found.times)


def _turned(found: Linear, name: Name, times: Fraction) -> Meaning:
    """Return a name of the trace as a multiple of one of the text's, or of its transpose."""
    value: Node = Transpose(name.at, name) if found.transposed else name
    if abs(times) != 1:
        value = Binary(name.at, "*", Number(name.at, abs(times)), value)
    return Meaning(found.name, negative(value) if times < 0 else value)


def _solved(tied: Node, value: Node) -> Meaning | None:
    """Solve ``tied = value`` for the one name of the trace in it."""
    match tied:
        case Name():
            return Meaning(tied, value)
        case Minus():
            return _solved(tied.operand, negative(value))
        case Transpose(operand=inner) | Call(function="transpose", arguments=(inner,)):
            return _solved(inner, Transpose(value.at, value))
        case Binary(operator="*") if _is_count(tied.left):
            return _solved(tied.right, Binary(value.at, "/", value, tied.left))
        case Binary(operator="*") if _is_count(tied.right):
            return _solved(tied.left, Binary(value.at, "/", value, tied.right))
        case Binary(operator="/") if _is_count(tied.right):
            return _solved(tied.left, Binary(value.at, "*", value, tied.right))
    return None


def _is_count(node: Node) -> bool:
    """Whether a factor is a number: of figures, or of examples."""
    if isinstance(node, Binary) and node.operator in ("*", "/"):
        return _is_count(node.left) and _is_count(node.right)
    return constant(node) not in (None, Fraction(0)) or show(node) in COUNTS


def without_ties(header: Header, lines: Sequence[Line]) -> list[Line]:
    """Return lines in which tied names that the text never sets are written out."""
    targets = [line.target for line in lines]

    def written_out(node: Node) -> Node | None:
        if isinstance(node, Transpose) and isinstance(node.operand, Name):
            inner = written_out(node.operand)
            return inner.operand if isinstance(inner, Transpose) else inner and Transpose(0, inner)
        if not isinstance(node, Name) or any(_may_set(target, node) for target in targets):
            return None
        tied = header.meaning(node) or _derivative(header, node)
        return None if tied is None else replaced(tied, written_out)

    several = [replaced(line.formula, written_out) for line in lines]
    return [
        line if formula == line.formula else replace(line, formula=mapped(formula, _plain))
        for line, formula in zip(lines, several, strict=True)
    ]


def _plain(node: Node) -> Node:
    """Return a part of a formula without a minus that meets another one."""
    match node:
        case Minus(operand=inner) if is_negative(inner):
            return negative(inner)
        case Binary(operator="+" | "-", right=right) if is_negative(right):
            other = "-" if node.operator == "+" else "+"
            return replace(node, operator=other, right=negative(right))
    return node


def _derivative(header: Header, name: Name) -> Node | None:
    """Return what dh is where the header says that h is another name: dA1 where it is A1."""
    of = header.meaning(replace(name, base=name.base[1:])) if name.base[0] == "d" else None
    return replace(of, base=f"d{of.base}") if isinstance(of, Name) else None


def _may_set(target: Name, name: Name) -> bool:
    """Whether a line for one name may give another its value: W[l] may be W1."""
    if target.base != name.base or (target.index is None) != (name.index is None):
        return False
    if target.index is None or name.index is None:
        return True
    numbers = constant(target.index), constant(name.index)
    return None in numbers or numbers[0] == numbers[1]
