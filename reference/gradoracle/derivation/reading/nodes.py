"""What a formula is made of: nodes, how to walk them, and the normal form they are shown in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

COMPARISONS = (">", "<", ">=", "<=", "==", "!=")


@dataclass(frozen=True)
class Node:
    """A part of a formula; `at` is its column in the plain text, from 0."""

    at: int


@dataclass(frozen=True)
class Number(Node):
    """An exact rational number."""

    value: Fraction


@dataclass(frozen=True)
class Name(Node):
    """A name, with the layer if it has one: ``dZ1`` and ``dZ[1]`` are the same."""

    base: str
    index: Node | None = None


@dataclass(frozen=True)
class Minus(Node):
    """The negative."""

    operand: Node


@dataclass(frozen=True)
class Transpose(Node):
    """``.T``."""

    operand: Node


@dataclass(frozen=True)
class Binary(Node):
    """Two operands and one of ``+ - * / @ **`` or a comparison."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Call(Node):
    """A function of `vocabulary.FUNCTIONS`; the axis is None where none is named.

    `layer` is that of ``g[l](Z[l])``, the activation of a layer; ``g(Z1)`` is the hidden one.
    """

    function: str
    arguments: tuple[Node, ...]
    axis: int | None = None
    layer: Node | None = None


def constant(node: Node) -> Fraction | None:
    """Return the value of a number, with or without a minus, or of one number over another."""
    match node:
        case Number():
            return node.value
        case Minus():
            value = constant(node.operand)
            return None if value is None else -value
        case Binary(operator="/"):
            above, below = constant(node.left), constant(node.right)
            return None if above is None or not below else above / below
    return None


def children(node: Node) -> tuple[Node, ...]:
    """Return the direct parts of a node."""
    match node:
        case Minus() | Transpose():
            return (node.operand,)
        case Binary():
            return (node.left, node.right)
        case Call():
            return node.arguments
        case Name() if node.index is not None:
            return (node.index,)
    return ()


def parts(node: Node) -> Iterator[Node]:
    """Yield a node and everything in it."""
    yield node
    for child in children(node):
        yield from parts(child)


def substituted(node: Node, name: str, value: Node) -> Node:
    """Return a formula with another node in the place of a name without an index."""
    match node:
        case Name(index=None):
            return value if node.base == name else node
        case Name():
            return replace(node, index=substituted(node.index, name, value) if node.index else None)
        case Minus() | Transpose():
            return replace(node, operand=substituted(node.operand, name, value))
        case Binary():
            left, right = (substituted(side, name, value) for side in (node.left, node.right))
            return replace(node, left=left, right=right)
        case Call():
            inside = tuple(substituted(one, name, value) for one in node.arguments)
            layer = substituted(node.layer, name, value) if node.layer else None
            return replace(node, arguments=inside, layer=layer)
    return node


def with_child(node: Node, at: int, child: Node) -> Node:
    """Return a node with another part."""
    match node:
        case Minus():
            return Minus(node.at, child)
        case Transpose():
            return Transpose(node.at, child)
        case Binary() if at == 0:
            return Binary(node.at, node.operator, child, node.right)
        case Binary():
            return Binary(node.at, node.operator, node.left, child)
        case Call():
            arguments = (*node.arguments[:at], child, *node.arguments[at + 1 :])
            return replace(node, arguments=arguments)
    return node


def mapped(node: Node, change: Callable[[Node], Node]) -> Node:
    """Return a formula of which every part is changed, the inner ones first; indices are not."""
    for at, child in enumerate(children(node)) if not isinstance(node, Name) else ():
        mine = mapped(child, change)
        node = node if mine is child else with_child(node, at, mine)
    return change(node)


def with_name(node: Node, name: Name, other: Node) -> Node:
    """Return a formula with another name wherever a name is written."""

    def change(part: Node) -> Node:
        return other if isinstance(part, Name) and show(part) == show(name) else part

    return mapped(node, change)


def names(node: Node) -> Iterator[Name]:
    """Yield the names in a formula, without those in their indices."""
    if isinstance(node, Name):
        yield node
        return
    for child in children(node):
        yield from names(child)


_STRENGTH = {"+": 2, "-": 2, "*": 3, "/": 3, "@": 3, "**": 5}
_MINUS = 4


def show(node: Node) -> str:
    """Return the normal form of a formula: one spelling, and no bracket that can go."""
    return _show(node)[0]


def _show(node: Node) -> tuple[str, int]:
    match node:
        case Number():
            return _shown_number(node.value)
        case Name():
            return _shown_name(node), 9
        case Transpose():
            least = 10 if isinstance(node.operand, Number) else 6  # 2.T is no formula
            return f"{_bracketed(node.operand, least)}.T", 9
        case Minus():
            return f"-{_bracketed(node.operand, _MINUS)}", _MINUS
        case Call():
            inside = ", ".join(show(argument) for argument in node.arguments)
            axis = "" if node.axis is None else f", axis={node.axis}"
            return f"{_shown_function(node)}({inside}{axis})", 9
        case Binary():
            strength = _STRENGTH.get(node.operator, 1)
            left = _bracketed(node.left, _least(node, node.left, left=True))
            right = _bracketed(node.right, _least(node, node.right, left=False))
            space = "" if node.operator == "**" else " "
            return f"{left}{space}{node.operator}{space}{right}", strength
    raise TypeError(node)


def _least(node: Binary, child: Node, *, left: bool) -> int:
    """Return how strongly a side must bind to stand without brackets."""
    strength = _STRENGTH.get(node.operator, 1)
    if isinstance(child, Binary) and {node.operator, child.operator} == {"*", "@"}:
        return strength + 1  # (W2.T @ dZ2) * A1: the two products are told apart
    if strength == 1:
        return 2
    return strength + (left == (node.operator == "**"))


def _bracketed(node: Node, least: int) -> str:
    text, strength = _show(node)
    return text if strength >= least else f"({text})"


def _shown_number(value: Fraction) -> tuple[str, int]:
    if value.denominator == 1:
        return str(value), 9
    decimal = repr(float(value))
    if Fraction(decimal) == value and len(decimal.partition("e")[2]) < 4:  # that can be read
        return decimal, 9
    return f"{value.numerator} / {value.denominator}", 3


def _shown_name(node: Name) -> str:
    return node.base if node.index is None else node.base + _shown_index(node.index)


def _shown_function(node: Call) -> str:
    if node.layer is None:
        return node.function
    layer, prime = _shown_index(node.layer), node.function.removeprefix("g")
    return f"g{prime}{layer}" if layer[0] == "[" else f"g{layer}{prime}"


def _shown_index(index: Node) -> str:
    whole = constant(index)
    if whole is not None and whole >= 0:
        return f"{whole}"
    return f"[{show(index).replace(' ', '')}]"
