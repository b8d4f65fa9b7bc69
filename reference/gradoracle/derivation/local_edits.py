"""The edits of one part of a formula: another name, another operator, another function."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from gradoracle.derivation.syntax import (
    CURVES,
    Binary,
    Call,
    Minus,
    Name,
    Node,
    Number,
    Transpose,
    constant,
    names,
    show,
)

LIKE = {
    "A": ("Z", "dA", "dZ"),
    "Z": ("A", "dZ", "dA"),
    "dA": ("dZ", "A", "Z"),
    "dZ": ("dA", "Z", "A"),
    "b": ("Z",),
    "dW": ("W",),
    "W": ("dW",),
}
COUNTS = ("n", "N", "lam", "alpha")
LONG = 60  # of what is shown of a part


@dataclass(frozen=True)
class Edit:
    """A changed formula.

    Attributes
    ----------
    cost : int
    formula : Node
    text : str
        What was changed, with ``{}`` for the parts.
    about : tuple of Node
        The parts.
    """

    cost: int
    formula: Node
    text: str
    about: tuple[Node, ...] = ()

    @property
    def words(self) -> str:
        """What was changed."""
        return self.text.format(*map(shown, self.about))


@dataclass(frozen=True)
class Around:
    """What an edit may bring in.

    Attributes
    ----------
    axis : int
        Along which the examples lie.
    slopes : tuple of tuple of Node
        The factors of the right derivative of the layer's activation, in each spelling.
    curve : str
        The activation they belong to.
    terms : tuple of Node
        What may be missing from a sum: ``b1``, ``lam * W1``.
    counts : tuple of Node
        What may be missing as a factor or divisor: ``n``, 2.
    curves : tuple of str
        Functions that may be meant.
    """

    axis: int = 1
    slopes: tuple[tuple[Node, ...], ...] = ()
    curve: str = ""
    terms: tuple[Node, ...] = ()
    counts: tuple[Node, ...] = ()
    curves: tuple[str, ...] = ()


def local(node: Node, around: Around) -> Iterator[Edit]:
    """Yield the edits of one node."""
    match node:
        case Transpose():
            yield Edit(1, node.operand, "{} must not be transposed", (node.operand,))
            return
        case Minus():
            yield Edit(2, node.operand, "the minus before {} is too much", (node.operand,))
        case Name():
            yield from _names(node)
        case Binary():
            yield from _binary(node, around)
        case Call():
            yield from _call(node, around)
    if not isinstance(node, Number | Minus) and not is_count(node):
        yield Edit(1, Transpose(node.at, node), "{} must be transposed", (node,))


def _names(node: Name) -> Iterator[Edit]:
    """Yield other names, and other layers, for a name."""
    if node.base == "X" and node.index is None:
        found: list[Node] = [Name(node.at, "A", Number(node.at, Fraction(k))) for k in (1, 2)]
    elif node.index is None:
        return
    else:
        found = [Name(node.at, base, node.index) for base in LIKE.get(node.base, ())]
        for by in (-1, 1):
            index = shifted(node.index, by)
            is_input = index is not None and node.base == "A" and constant(index) == 0
            if index is not None:
                found.append(Name(node.at, "X") if is_input else Name(node.at, node.base, index))
    for other in found:
        yield Edit(2, other, "{}, not {}", (other, node))


def shifted(index: Node, by: int) -> Node | None:
    """Return the index of another layer: l-1 for l; None below 0."""
    symbol, number = layer_of(index)
    number += by
    if symbol is None:
        return Number(index.at, Fraction(number)) if number >= 0 else None
    if number == 0:
        return symbol
    sign = "+" if number > 0 else "-"
    return Binary(index.at, sign, symbol, Number(index.at, Fraction(abs(number))))


def layer_of(index: Node) -> tuple[Node | None, int]:
    """Read an index as a symbol and a number to add: l and -1 for ``l-1``."""
    value = constant(index)
    if value is not None:
        return None, int(value)
    if isinstance(index, Binary) and index.operator in ("+", "-"):
        by = constant(index.right)
        if by is not None:
            return index.left, int(by) if index.operator == "+" else -int(by)
    return index, 0


def _binary(node: Binary, around: Around) -> Iterator[Edit]:
    """Yield other operators, the other order, and what is too much on either side."""
    left, right, at = node.left, node.right, node.at
    both = (left, right)
    match node.operator:
        case "@":
            swapped, elementwise = Binary(at, "@", right, left), Binary(at, "*", left, right)
            yield Edit(1, swapped, "the factors {} and {} in the other order", both)
            yield Edit(1, elementwise, "{}: elementwise, not the matrix product", (elementwise,))
        case "*":
            matrix = Binary(at, "@", left, right)
            yield Edit(1, matrix, "{}: the matrix product, not elementwise", (matrix,))
            for one, other in (both, both[::-1]):
                if is_count(one):
                    yield Edit(2, other, "the factor {} is too much", (one,))
            yield from _slopes(node, around)
        case "/" if is_count(right):
            yield Edit(2, left, "/ {} is too much", (right,))
        case "+" | "-":
            yield from _sum(node)
        case ">" | "<" as sign:
            turned = "<" if sign == ">" else ">"
            yield Edit(2, Binary(at, turned, left, right), f"{turned}, not {sign}")


def _sum(node: Binary) -> Iterator[Edit]:
    """Yield the other sign, the other order, and either term alone."""
    left, right, sign = node.left, node.right, node.operator
    other = "-" if sign == "+" else "+"
    if sign == "-":
        swapped = Binary(node.at, "-", right, left)
        yield Edit(2, swapped, "{}, in that order", (swapped,))
    changed = Binary(node.at, other, left, right)
    yield Edit(2, changed, f"{other} {{}}, not {sign} {{}}", (right, right))
    yield Edit(3, left, f"{sign} {{}} is too much", (right,))
    alone = right if sign == "+" else Minus(node.at, right)
    yield Edit(3, alone, "{} is too much", (left,))


def is_count(node: Node) -> bool:
    """Whether a node is a plain number: 2, n, lam / 2."""
    return all(name.base in COUNTS for name in names(node))


def _slopes(node: Binary, around: Around) -> Iterator[Edit]:
    """Yield a product with the right derivative in the place of one or two of its factors."""
    factors, at = factors_of(node), node.at
    for width in (1, 2):
        for first in range(len(factors) - width + 1):
            wrong = product(at, factors[first : first + width])
            before, after = factors[:first], factors[first + width :]
            if not before and not after:
                continue
            for slope in around.slopes:
                new, right = product(at, [*before, *slope, *after]), product(at, slope)
                text = f"the derivative of {around.curve} is {{}}, not {{}}"
                yield Edit(3, new, text, (right, wrong))
            yield Edit(3, product(at, [*before, *after]), "the factor {} is too much", (wrong,))


def _call(node: Call, around: Around) -> Iterator[Edit]:
    """Yield other functions, other axes, and the argument alone."""
    name, given, at = node.function, node.arguments, node.at
    if name in ("sum", "mean"):
        for axis in (around.axis, 1 - around.axis, None):
            words = "of everything" if axis is None else f"over axis={axis}"
            if axis != node.axis:
                cost = 1 if axis == around.axis else 2
                yield Edit(cost, Call(at, name, given, axis), f"the {name} is {words}")
        other = "mean" if name == "sum" else "sum"
        yield Edit(2, Call(at, other, given, node.axis), f"the {other}, not the {name}")
        yield Edit(3, given[0], f"the {name} of {{}} is too much", (given[0],))
    elif name == "softmax":
        units = 1 - around.axis
        if node.axis == around.axis:
            yield Edit(1, Call(at, name, given, units), f"softmax is over axis={units}")
    elif name.removesuffix("_prime") in CURVES:
        yield from _curve(node, around)


def _curve(node: Call, around: Around) -> Iterator[Edit]:
    """Yield the derivative at Z, another activation, and the derivative for the function."""
    name, given, at = node.function, node.arguments, node.at
    primed = name.endswith("_prime")
    inner = given[0]
    if primed and isinstance(inner, Name) and inner.base != "Z" and inner.index is not None:
        Z = Name(inner.at, "Z", inner.index)
        text = "the derivative is to be taken at {}, not at {}"
        yield Edit(2, Call(at, name, (Z,)), text, (Z, inner))
    others = [f"{curve}_prime" if primed else curve for curve in around.curves]
    others.append(name.removesuffix("_prime") if primed else f"{name}_prime")
    for other in others:
        if other != name:
            yield Edit(2, Call(at, other, given), f"{other}, not {name}")


def factors_of(node: Node) -> list[Node]:
    """Return the factors of an elementwise product."""
    if isinstance(node, Binary) and node.operator == "*":
        return [*factors_of(node.left), *factors_of(node.right)]
    return [node]


def product(at: int, factors: Sequence[Node]) -> Node:
    """Return the elementwise product of some factors, 1 if there are none."""
    if not factors:
        return Number(at, Fraction(1))
    found = factors[0]
    for factor in factors[1:]:
        found = Binary(at, "*", found, factor)
    return found


def shown(node: Node) -> str:
    """Return a part as it stands in a sentence."""
    text = show(node)
    return text if len(text) <= LONG else f"{text[: LONG - 3]}..."
