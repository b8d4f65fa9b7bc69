"""Products, sums and transposes of formulas as one would write them: ``-(z - y) / (2 * n)``.

What multiplies and divides is gathered: numbers first, what is a number for every network last, and
what stands above and below goes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from gradoracle.derivation.reading.syntax import (
    Binary,
    Call,
    Minus,
    Name,
    Node,
    Number,
    Transpose,
    show,
)

SCALARS = re.compile(r"n\d*|m|N|lam|alpha|eta|lr|rate|learning_rate")
ONE = Number(0, Fraction(1))
ZERO = Number(0, Fraction(0))


@dataclass(frozen=True)
class Factors:
    """A product: a number, and what stands above and below the line."""

    number: Fraction
    above: tuple[Node, ...] = ()
    below: tuple[Node, ...] = ()

    def node(self) -> Node:
        """Return it as a formula."""
        if not self.number:
            return ZERO
        above, below = list(self.above), list(self.below)
        for factor in filter(_goes, self.above):
            alike = next((other for other in below if same(factor, other)), None)
            if alike is not None:
                above.remove(factor)
                below.remove(alike)
        above.sort(key=lambda factor: not is_scalar(factor))
        below.sort(key=is_scalar)
        size = abs(self.number)
        if size.numerator != 1 or not above:
            above.insert(0, Number(0, Fraction(size.numerator)))
        if size.denominator != 1:
            below.insert(0, Number(0, Fraction(size.denominator)))
        if self.number < 0:
            above[0] = Minus(0, above[0])
        return _joined(above) if not below else Binary(0, "/", _joined(above), _joined(below))


def _joined(factors: Sequence[Node]) -> Node:
    first, *rest = factors
    for factor in rest:
        first = Binary(0, "*", first, factor)
    return first


def factors(node: Node) -> Factors:
    """Take a product apart."""
    match node:
        case Number():
            return Factors(node.value)
        case Minus():
            inside = factors(node.operand)
            return Factors(-inside.number, inside.above, inside.below)
        case Binary(operator="*"):
            a, b = factors(node.left), factors(node.right)
            return Factors(a.number * b.number, a.above + b.above, a.below + b.below)
        case Binary(operator="/"):
            a, b = factors(node.left), factors(node.right)
            if not b.number:
                return Factors(Fraction(1), (node,))
            return Factors(a.number / b.number, a.above + b.below, a.below + b.above)
    return Factors(Fraction(1), (node,))


def times(*several: Node) -> Node:
    """Return a product."""
    found = Factors(Fraction(1))
    for node in several:
        one = factors(node)
        found = Factors(found.number * one.number, found.above + one.above, found.below + one.below)
    return found.node()


def over(above: Node, below: Node) -> Node:
    """Return a quotient."""
    return factors(Binary(0, "/", above, below)).node()


def negative(node: Node) -> Node:
    """Return the negative."""
    return times(Number(0, Fraction(-1)), node)


def plus(terms: Sequence[Node]) -> Node:
    """Return a sum; a scalar that divides every term is taken out."""
    apart = [factors(term) for term in terms]
    common = [
        factor
        for factor in apart[0].below
        if is_scalar(factor) and all(any(same(factor, x) for x in one.below) for one in apart)
    ]
    if len(apart) > 1 and common:
        whole = [times(term, common[0]) for term in terms]
        return over(plus(whole), common[0])
    found = terms[0]
    for term, one in zip(terms[1:], apart[1:], strict=True):
        less = one.number < 0
        found = Binary(0, "-" if less else "+", found, negative(term) if less else term)
    return found


def matmul(left: Node, right: Node) -> Node:
    """Return a matrix product, its scalars outside."""
    outside, sides = Factors(Fraction(1)), []
    for side in (left, right):
        one = factors(side)
        inside = Factors(
            Fraction(1),
            tuple(factor for factor in one.above if not is_scalar(factor)),
            tuple(factor for factor in one.below if not is_scalar(factor)),
        )
        sides.append(inside.node())
        outside = Factors(
            outside.number * one.number,
            outside.above + tuple(filter(is_scalar, one.above)),
            outside.below + tuple(filter(is_scalar, one.below)),
        )
    product = Binary(0, "@", *sides)
    return Factors(outside.number, (*outside.above, product), outside.below).node()


def summed(node: Node, axis: int | None) -> Node:
    """Return a sum, its scalars outside."""
    one = factors(node)
    outside = Factors(
        one.number, tuple(filter(is_scalar, one.above)), tuple(filter(is_scalar, one.below))
    )
    inside = Factors(
        Fraction(1),
        tuple(factor for factor in one.above if not is_scalar(factor)),
        tuple(factor for factor in one.below if not is_scalar(factor)),
    )
    whole = Call(0, "sum", (inside.node(),), axis)
    return Factors(outside.number, (*outside.above, whole), outside.below).node()


def transposed(node: Node) -> Node:
    """Return the transpose: that of a product is the product of the transposes, turned round."""
    match node:
        case Number():
            return node
        case Transpose():
            return node.operand
        case Binary(operator="@"):
            return Binary(0, "@", transposed(node.right), transposed(node.left))
        case Binary(operator="*" | "/") | Minus():
            one = factors(node)
            inside = [factor for factor in one.above if not is_scalar(factor)]
            if len(inside) == 1 and all(map(is_scalar, one.below)):
                above = [transposed(x) if x is inside[0] else x for x in one.above]
                return Factors(one.number, tuple(above), one.below).node()
    return Transpose(0, node)


def is_scalar(node: Node) -> bool:
    """Whether a name stands for one number."""
    return isinstance(node, Name) and SCALARS.fullmatch(show(node)) is not None


def _goes(factor: Node) -> bool:
    """Whether a factor is cancelled: sums are not, a reader would miss them."""
    return isinstance(factor, Name) or (isinstance(factor, Call) and factor.function == "norm")


def same(one: Node, other: Node) -> bool:
    """Whether two formulas have one normal form; n, m and N all count the examples."""
    spelled = [re.sub(r"\b[mN]\b", "n", show(node)) for node in (one, other)]
    return spelled[0] == spelled[1]
