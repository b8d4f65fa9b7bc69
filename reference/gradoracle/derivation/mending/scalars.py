"""The scalars of a product, taken out of it: those of ``2 * (n * A) / n**2`` are 2 and 1 / n."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from fractions import Fraction

from gradoracle.derivation.reading.syntax import (
    Binary,
    Call,
    Minus,
    Name,
    Node,
    Number,
    children,
    constant,
    mapped,
)
from gradoracle.derivation.truth.true_values import RATES

SCALARS = ("n", "m", "N", "lam", *RATES)


@dataclass
class Product:
    """A product, its scalars taken out.

    Attributes
    ----------
    number : Fraction
    powers : Counter of Name
        Of ``n``, ``lam``, ...
    rest : Node or None
    written : int
        How many scalars were written, 1 not counted.
    """

    number: Fraction = Fraction(1)
    powers: Counter[Name] = field(default_factory=Counter)
    rest: Node | None = None
    written: int = 0

    def formula(self, at: int) -> Node:
        """Write the product with as few scalars as it needs."""
        above = [_power(name, power) for name, power in self.powers.items() if power > 0]
        below = [_power(name, -power) for name, power in self.powers.items() if power < 0]
        number = abs(self.number)
        if number.denominator % 10:
            numbers = _one(at, number.numerator), _one(at, number.denominator)
        else:
            numbers = [Number(at, number)], []  # 0.1 is no tenth
        top = [*numbers[0], *above, *([] if self.rest is None else [self.rest])]
        bottom = [*numbers[1], *below]
        found = _joined(at, top)
        if bottom:
            found = Binary(at, "/", found, _joined(at, bottom))
        return negative(found) if self.number < 0 else found

    @property
    def needed(self) -> int:
        """How many scalars it needs."""
        number = abs(self.number)
        numbers = sum(part != 1 for part in (number.numerator, number.denominator))
        return numbers + sum(power != 0 for power in self.powers.values())


def _power(name: Name, power: int) -> Node:
    return name if power == 1 else Binary(name.at, "**", name, Number(name.at, Fraction(power)))


def _one(at: int, number: int) -> list[Node]:
    return [] if number == 1 else [Number(at, Fraction(number))]


def _joined(at: int, factors: list[Node]) -> Node:
    if not factors:
        return Number(at, Fraction(1))
    found = factors[0]
    for factor in factors[1:]:
        found = Binary(at, "*", found, factor)
    return found


def taken_apart(node: Node) -> Product:
    """Take the scalars out of a product."""
    number = constant(node) if not isinstance(node, Binary) else None
    if number is not None:
        return Product(number, written=int(abs(number) != 1))
    if isinstance(node, Name) and is_scalar(node):
        return Product(powers=Counter({_placeless(node): 1}), written=1)
    match node:
        case Minus():
            found = taken_apart(node.operand)
            return replace(found, number=-found.number)
        case Binary(operator="*" | "@"):
            return _times(node, taken_apart(node.left), taken_apart(node.right))
        case Binary(operator="/"):
            left, right = taken_apart(node.left), taken_apart(node.right)
            if right.rest is None and right.number:
                return _over(left, right)
        case Binary(operator="**", right=Number(value=power)) if power in range(1, 65):
            found = taken_apart(node.left)
            if found.rest is None:
                powers = Counter({name: int(power) * k for name, k in found.powers.items()})
                return Product(found.number ** int(power), powers, None, found.written)
    return Product(rest=node)


def _placeless(name: Name) -> Name:
    """Return a name that is the same wherever it is written."""
    index = None if name.index is None else replace(name.index, at=0)
    return replace(name, at=0, index=index)


def _times(node: Binary, left: Product, right: Product) -> Product:
    powers = Counter(left.powers)
    powers.update(right.powers)
    if left.rest is None or right.rest is None:
        if node.operator == "@":  # a number is no factor of a matrix product
            return Product(rest=node)
        rest = left.rest or right.rest
    elif left.rest is node.left and right.rest is node.right:
        rest = node
    else:
        rest = Binary(node.at, node.operator, left.rest, right.rest)
    return Product(left.number * right.number, powers, rest, left.written + right.written)


def _over(left: Product, right: Product) -> Product:
    powers = Counter(left.powers)
    powers.subtract(right.powers)
    return Product(left.number / right.number, powers, left.rest, left.written + right.written)


def is_scalar(node: Node) -> bool:
    """Whether a formula is made of numbers and scalars alone."""
    match node:
        case Number():
            return True
        case Name():
            return node.base in SCALARS and (node.index is None or node.base == "n")
        case Call():
            return node.function in ("sum", "mean", "norm") and node.axis is None
        case Minus() | Binary():
            return all(is_scalar(child) for child in children(node))
    return False


def negative(node: Node) -> Node:
    """Return the negative, its sign at the first factor: ``-dZ @ A.T / n``."""
    match node:
        case Minus():
            return node.operand
        case Number() if node.value > 0:
            return Minus(node.at, node)
        case Binary(operator="*", left=Binary(operator="@") as product):
            return replace(node, left=Minus(node.at, product))  # -(W.T @ dZ) * A: in brackets
        case Binary(operator="/" | "@" | "*"):
            return replace(node, left=negative(node.left))
    return Minus(node.at, node)


def collected(node: Node) -> Node:
    """Return a formula with the scalars of each product in front and below the line."""

    def change(part: Node) -> Node:
        if isinstance(part, Minus) or (
            isinstance(part, Binary) and part.operator in ("*", "@", "/")
        ):
            return taken_apart(part).formula(part.at)
        return part

    return mapped(node, change)
