"""What a name is a multiple or the transpose of: ``w = W1.T``, ``diff = -dZ2 / 2``.

Such a tie can be followed both ways: who updates w has updated W1, and the derivative of J by w
is that by W1, transposed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from gradoracle.derivation.reading.syntax import (
    Binary,
    Call,
    Minus,
    Name,
    Node,
    Transpose,
    constant,
)
from gradoracle.derivation.truth import matrices as m
from gradoracle.derivation.truth.matrices import Matrix


@dataclass(frozen=True)
class Linear:
    """A number times a name, or times its transpose."""

    name: Name
    times: Fraction = Fraction(1)
    transposed: bool = False

    def undone(self, value: Matrix) -> Matrix:
        """Return the value of the name, given that of the whole."""
        if self.times != 1:  # else it stays what it is, to the last digit
            value = m.ARITHMETIC["/"](value, m.scalar(self.times))
        return value.T if self.transposed else value

    def slope(self, derivative: Matrix) -> Matrix:
        """Return the derivative of J by the whole, given that by the name."""
        return self.undone(derivative)  # one over the number, and transposed, like the value


def linear(node: Node) -> Linear | None:
    """Read a formula as a multiple of a name or of its transpose; None if it is neither.

    Examples
    --------
    >>> from gradoracle.derivation.reading.syntax import read, show
    >>> found = linear(read("-W1.T / 2"))
    >>> show(found.name), str(found.times), found.transposed
    ('W1', '-1/2', True)
    """
    match node:
        case Name():
            return Linear(node)
        case Transpose(operand=inner) | Call(function="transpose", arguments=(inner,)):
            found = linear(inner)
            return None if found is None else replace(found, transposed=not found.transposed)
        case Minus():
            return _scaled(linear(node.operand), Fraction(-1))
        case Binary(operator="*") if (times := constant(node.left)) is not None:
            return _scaled(linear(node.right), times)
        case Binary(operator="*" | "/") if (times := constant(node.right)) is not None:
            divided = node.operator == "/"
            return _scaled(linear(node.left), 1 / times if divided and times else times)
    return None


def _scaled(found: Linear | None, times: Fraction) -> Linear | None:
    return replace(found, times=times * found.times) if found and times else None
