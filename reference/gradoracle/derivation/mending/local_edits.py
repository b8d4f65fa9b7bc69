"""The edits of one part of a formula: another name, another operator, another function."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from gradoracle.derivation.mending.call_edits import edits_of_call
from gradoracle.derivation.mending.changes import INSTEAD, Around, Edit, bracketed
from gradoracle.derivation.mending.name_edits import alike
from gradoracle.derivation.reading.syntax import (
    Binary,
    Call,
    Minus,
    Name,
    Node,
    Number,
    Transpose,
    constant,
    names,
)

COUNTS = ("n", "N", "lam", "alpha")


def local(node: Node, around: Around) -> Iterator[Edit]:
    """Yield the edits of one node."""
    match node:
        case Transpose():
            yield Edit(1, node.operand, "{} must not be transposed", (node.operand,), less=True)
            return
        case Minus():
            yield Edit(
                2, node.operand, "the minus before {} is too much", (node.operand,), less=True
            )
        case Name():
            yield from _names(node)
        case Binary():
            yield from _binary(node, around)
        case Call():
            yield from edits_of_call(node, around)
    if not isinstance(node, Number | Minus) and not is_count(node):
        yield Edit(1, Transpose(node.at, node), "{} must be transposed", (node,))


def _names(node: Name) -> Iterator[Edit]:
    """Yield other names for a name."""
    for cost, other in alike(node):
        yield Edit(cost, other, INSTEAD, (other, node))


def _binary(node: Binary, around: Around) -> Iterator[Edit]:
    """Yield other operators, the other order, and what is too much on either side."""
    left, right, at = node.left, node.right, node.at
    both = (left, right)
    match node.operator:
        case "@" if is_count(left) or is_count(right):
            scaled = Binary(at, "*", left, right)
            yield Edit(1, scaled, "{}: a number times a matrix, no matrix product", (scaled,))
        case "@":
            swapped, elementwise = Binary(at, "@", right, left), Binary(at, "*", left, right)
            yield Edit(1, swapped, "the factors {} and {} in the other order", both)
            yield Edit(1, elementwise, "{}: elementwise, not the matrix product", (elementwise,))
        case "*":
            matrix = Binary(at, "@", left, right)
            yield Edit(1, matrix, "{}: the matrix product, not elementwise", (matrix,))
            for one, other in (both, both[::-1]):
                if is_count(one):
                    yield Edit(2, other, "the factor {} is too much", (one,), less=True)
            yield from _summed(node)
            yield from _slopes(node, around)
        case "/" if is_count(right):
            yield Edit(2, left, f"/ {bracketed(right)} is too much", less=True)
            yield from _divided_apart(left, right)
        case "+" | "-":
            yield from _sum(node)
            yield from _divided_together(node)
        case ">" | "<" as sign:
            turned = "<" if sign == ">" else ">"
            yield Edit(2, Binary(at, turned, left, right), f"{turned}, not {sign}")


def _summed(node: Binary) -> Iterator[Edit]:
    """Yield the sum of the whole product, where only one factor is summed."""
    for one, other in ((node.left, node.right), (node.right, node.left)):
        if isinstance(one, Call) and one.function in ("sum", "mean") and not is_count(other):
            inner = one.arguments[0]
            both = (inner, other) if one is node.left else (other, inner)
            whole = Binary(node.at, "*", *both)
            text = f"the {one.function} is of {{}}"
            yield Edit(2, replace(one, arguments=(whole,)), text, (whole,))


def _divided_apart(whole: Node, count: Node) -> Iterator[Edit]:
    """Yield a sum of which one term is divided, where all of it is: (a + lam * W) / n."""
    if not (isinstance(whole, Binary) and whole.operator in ("+", "-")):
        return
    sides = (whole.left, whole.right)
    for at, side in enumerate(sides):
        divided = Binary(whole.at, "/", side, count)
        both = (divided, sides[1]) if at == 0 else (sides[0], divided)
        text = f"/ {bracketed(count)} is of {{}} alone"
        yield Edit(2, Binary(whole.at, whole.operator, *both), text, (side,))


def _divided_together(node: Binary) -> Iterator[Edit]:
    """Yield a sum that is divided, where one term is: A - Y / n."""
    for at, side in enumerate((node.left, node.right)):
        if isinstance(side, Binary) and side.operator == "/" and is_count(side.right):
            both = (side.left, node.right) if at == 0 else (node.left, side.left)
            whole = Binary(node.at, node.operator, *both)
            text = f"/ {bracketed(side.right)} is of all of {{}}"
            yield Edit(1, Binary(node.at, "/", whole, side.right), text, (whole,))


def _sum(node: Binary) -> Iterator[Edit]:
    """Yield the other sign, the other order, and either term alone."""
    left, right, sign = node.left, node.right, node.operator
    other = "-" if sign == "+" else "+"
    if sign == "-":
        swapped = Binary(node.at, "-", right, left)
        # 1 - A is written for its own sake: there a sign was lost elsewhere
        yield Edit(2 if constant(left) is None else 4, swapped, "{}, in that order", (swapped,))
    changed = Binary(node.at, other, left, right)
    yield Edit(2, changed, f"{other} {{}}, not {sign} {{}}", (right, right))
    yield Edit(3, left, f"{sign} {{}} is too much", (right,), less=True)
    alone = right if sign == "+" else Minus(node.at, right)
    yield Edit(3, alone, "{} is too much", (left,), less=True)


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
            yield Edit(
                3, product(at, [*before, *after]), "the factor {} is too much", (wrong,), less=True
            )


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
