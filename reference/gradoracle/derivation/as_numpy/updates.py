"""The gradient that stands inside an update: of ``W - alpha * (dZ @ X.T)`` it is ``dZ @ X.T``.

What is known of the update is that it is right: W - alpha dJ/dW, for every alpha. So minus its
derivative by alpha is dJ/dW, and a formula in which alpha stands once in each term, as a factor,
is differentiated by leaving it out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from gradoracle.derivation.reading.lines import Line
from gradoracle.derivation.reading.syntax import (
    Binary,
    Call,
    Minus,
    Name,
    Node,
    Number,
    Transpose,
    children,
    names,
    show,
    with_child,
)
from gradoracle.derivation.truth.true_values import RATES
from gradoracle.errors import InputError

ONE = Fraction(1)


class NotLinearError(ValueError):
    """A formula in which the rate is more than a factor of each term."""


def gradient(line: Line, before: Sequence[Line]) -> Node:
    """Return the derivative of J by the parameter that a right line updates.

    Parameters
    ----------
    line : Line
        ``W2 = W2 - alpha * ...``
    before : sequence of Line
        What stands above it: the rate may stand in a helper, ``step = alpha * ...``.

    Raises
    ------
    InputError
        If no learning rate is a factor of what is subtracted.
    """
    formula, rate = _with_rate(_inlined(line.formula, before))
    try:
        found = slope(formula, rate) if rate else None
    except NotLinearError:
        found = None
    if found is None:
        name = show(line.target)
        raise InputError(
            f"an update {name} - alpha * (...), or a line for d{name}",
            f"line {line.number}: {line.normal[:60]}",
            f"write the gradient on a line of its own: d{name} = ...",
        )
    return negative(found)


def replaced(node: Node, change: Callable[[Node], Node | None]) -> Node:
    """Return a formula with some of its parts in another form.

    Parameters
    ----------
    node : Node
    change : callable (Node) -> Node or None
        None for what stays. Layers and exponents are not asked for.
    """
    if (new := change(node)) is not None:
        return new
    if isinstance(node, Name):
        return node
    power = isinstance(node, Binary) and node.operator == "**"
    for at, child in enumerate(children(node)[: 1 if power else None]):
        node = with_child(node, at, replaced(child, change))
    return node


def slope(node: Node, name: str) -> Node | None:
    """Return the derivative by a name of what is linear in it; None where it does not occur.

    Raises
    ------
    NotLinearError
        If the name is more than a factor.

    Examples
    --------
    >>> from gradoracle.derivation.reading.syntax import read
    >>> show(slope(read("W1 - alpha / n * (dZ1 @ X.T)"), "alpha"))
    '-1 / n * (dZ1 @ X.T)'
    """
    match node:
        case Name():
            return Number(node.at, ONE) if show(node) == name else None
        case Minus():
            inner = slope(node.operand, name)
            return None if inner is None else negative(inner)
        case Transpose() | Call(function="sum" | "mean" | "transpose"):
            inner = slope(children(node)[0], name)
            return None if inner is None else with_child(node, 0, inner)
        case Binary(operator="+" | "-"):
            return _of_sum(node, name)
        case Binary(operator="*" | "/" | "@"):
            return _of_product(node, name)
    if any(show(used) == name for used in names(node)):
        raise NotLinearError(show(node))
    return None


def _of_sum(node: Binary, name: str) -> Node | None:
    left, right = slope(node.left, name), slope(node.right, name)
    if left is not None and right is not None:
        return replace(node, left=left, right=right)
    if right is not None and node.operator == "-":
        return negative(right)
    return right if left is None else left


def _of_product(node: Binary, name: str) -> Node | None:
    left, right = slope(node.left, name), slope(node.right, name)
    if right is not None and (left is not None or node.operator == "/"):
        raise NotLinearError(show(node))
    if left is not None:
        bare = node.operator != "/" and left == Number(left.at, ONE)
        return node.right if bare else replace(node, left=left)
    if right is not None:
        bare = right == Number(right.at, ONE)
        return node.left if bare else replace(node, right=right)
    return None


def without(node: Node, name: str) -> Node | None:
    """Return a formula without the terms that a name is a factor of; None where none is left.

    Examples
    --------
    >>> from gradoracle.derivation.reading.syntax import read
    >>> show(without(read("(dZ1 @ X.T + lam * W1) / n"), "lam"))
    'dZ1 @ X.T / n'
    """
    if show(node) == name:
        return None
    if not any(show(used) == name for used in names(node)):
        return node
    product = isinstance(node, Binary) and node.operator in ("*", "/", "@")
    summed = isinstance(node, Call) and node.function in ("sum", "mean", "transpose")
    kept = [without(child, name) for child in children(node)]
    match node, kept:
        case Binary(operator="+"), [None, right]:
            return right
        case Binary(operator="-"), [None, right]:
            return None if right is None else negative(right)
        case Binary(operator="+" | "-"), [left, None]:
            return left
        case (Binary(operator="/"), [_, None]):
            return node
        case _, _ if None in kept and (product or summed or isinstance(node, Minus | Transpose)):
            return None
    for at, child in enumerate(kept):
        node = node if child is None else with_child(node, at, child)
    return node


def negative(node: Node) -> Node:
    """Return a formula times -1, the minus where it is read first."""
    match node:
        case Minus():
            return node.operand
        case Binary(operator="-") if is_negative(node.left):
            return replace(node, operator="+", left=node.right, right=negative(node.left))
        case Binary(operator="-"):
            return replace(node, left=node.right, right=node.left)
        case Binary(operator="*" | "/" | "@"):
            return replace(node, left=negative(node.left))
    return Minus(node.at, node)


def is_negative(node: Node) -> bool:
    """Whether a formula, or the first factor of a product, begins with a minus."""
    product = isinstance(node, Binary) and node.operator in ("*", "/", "@")
    return is_negative(children(node)[0]) if product else isinstance(node, Minus)


def _inlined(formula: Node, before: Sequence[Line]) -> Node:
    """Return an update with its helpers written out that the rate stands in."""
    helpers = {show(line.target): line for line in before if not line.side}

    def written_out(node: Node) -> Node | None:
        line = helpers.get(show(node)) if isinstance(node, Name) else None
        if line is None or show(node) in RATES or show(line.target) in map(show, _own(line)):
            return None
        inner = _inlined(line.formula, before[: before.index(line)])
        return inner if any(show(name) in RATES for name in names(inner)) else None

    return replaced(formula, written_out)


def _own(line: Line) -> list[Name]:
    return list(names(line.formula))


def _with_rate(formula: Node) -> tuple[Node, str]:
    """Return an update and its rate: a name for it, or the only number in it but 0 and 1."""
    known = [rate for rate in RATES if rate in map(show, names(formula))]
    if known:
        return formula, known[0]
    several: list[Fraction] = []
    replaced(formula, lambda node: several.append(node.value) if isinstance(node, Number) else None)
    others = [number for number in several if number not in (0, 1)]
    if len(others) != 1:
        return formula, ""

    def named(node: Node) -> Node | None:
        is_rate = isinstance(node, Number) and node.value == others[0]
        return Name(node.at, RATES[0]) if is_rate else None

    return replaced(formula, named), RATES[0]
