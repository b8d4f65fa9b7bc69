"""An edited formula without what the edit has left behind: ``n * (x / n**2)`` is ``x / n``.

Only what is new is rewritten. The parts of the text's own formula stay as they are written, unless
a factor that came with an edit cancels one of theirs.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from gradoracle.derivation.mending.scalars import is_scalar, negative, taken_apart
from gradoracle.derivation.reading.syntax import (
    Binary,
    Call,
    Minus,
    Name,
    Node,
    Number,
    Transpose,
    children,
    parts,
    with_child,
)
from gradoracle.derivation.reading.vocabulary import CURVES

ENTRYWISE = (*CURVES, *(f"{name}_prime" for name in CURVES), "exp", "log", "sqrt", "abs", "erf")


def size(node: Node) -> int:
    """Return how many parts a formula has."""
    return sum(1 for _ in parts(node))


def tidied(node: Node, old: Collection[int] = ()) -> Node:
    """Return a formula with the same value, in which what is new is short.

    Parameters
    ----------
    node : Node
    old : collection of int
        The `id` of each part that is to stay as it is.
    """
    if id(node) in old or isinstance(node, Name | Number):
        return node
    for i, child in enumerate(children(node)):
        mine = tidied(child, old)
        if mine is not child:
            node = with_child(node, i, mine)
    match node:
        case Transpose():
            node = _shorter(node, transposed(node.operand))
        case Binary(operator="+" | "-"):
            node = _with_sign(node, old)
            node = _shorter(node, Transpose(node.at, transposed(node)), by=1)
        case Minus() if id(node.operand) in old or _in_factors(node.operand):
            node = negative(node.operand)
        case Call(function="sum" | "mean"):
            inside = node.arguments[0]
            if node.axis is None:
                inside = _shorter(inside, transposed(inside), by=1)
            node = _scalars_out(replace(node, arguments=(inside,)))
        case Binary(operator="*", right=Binary(operator="*" | "/") as right) if is_scalar(
            node.left
        ):
            product = Binary(node.at, "*", node.left, right.left)  # 2 * (x / n) is 2 * x / n
            node = Binary(node.at, right.operator, tidied(product, old), right.right)
        case Binary(operator="*", right=Binary(operator="@") as matmul) if is_scalar(node.left):
            node = _into(node.left, matmul)
    return _cancelled(node)


def _into(scalar: Node, product: Binary) -> Node:
    """Return a number times a matrix product, beside the numbers that are in it already."""
    left, at = product.left, product.at
    if not (isinstance(left, Binary) and left.operator == "*" and is_scalar(left.left)):
        return Binary(at, "*", scalar, product)
    scaled = Binary(at, "*", Binary(at, "*", scalar, left.left), left.right)
    return replace(product, left=scaled)  # 2 * alpha * dZ @ A


def _with_sign(node: Binary, old: Collection[int]) -> Node:
    """Return a sum without a minus in what is added or taken away."""
    if id(node.right) in old:
        return node
    found = taken_apart(node.right)
    if found.rest is None or found.number >= 0:
        return node
    other = replace(found, number=-found.number).formula(node.at)
    return Binary(node.at, "-" if node.operator == "+" else "+", node.left, other)


def transposed(node: Node) -> Node:
    """Return the transpose, taken inside as far as it goes."""
    at = node.at
    match node:
        case Transpose():
            return node.operand
        case Minus():
            return Minus(at, transposed(node.operand))
        case Binary(operator="@"):
            return Binary(at, "@", transposed(node.right), transposed(node.left))
        case Binary(operator="**"):
            return replace(node, left=transposed(node.left))
        case Binary():
            return Binary(at, node.operator, transposed(node.left), transposed(node.right))
        case Call(function="sum" | "mean" | "softmax", axis=axis) if axis is not None:
            return replace(node, arguments=(transposed(node.arguments[0]),), axis=1 - axis)
        case Call() if node.function in ENTRYWISE:
            return replace(node, arguments=(transposed(node.arguments[0]),))
    return node if is_scalar(node) else Transpose(at, node)


def _in_factors(node: Node) -> bool:
    return isinstance(node, Minus) or (isinstance(node, Binary) and node.operator in ("*", "/"))


def _scalars_out(node: Call) -> Node:
    """Return a sum without the numbers that every term has: ``-2 * sum(h, axis=1)``."""
    found = taken_apart(node.arguments[0])
    if found.rest is None or (found.number == 1 and not found.powers):
        return node
    return replace(found, rest=replace(node, arguments=(found.rest,))).formula(node.at)


def _shorter(one: Node, other: Node, by: int = 0) -> Node:
    return other if size(other) + by <= size(one) else one


def _cancelled(node: Node) -> Node:
    """Return a product without the scalars that cancel; itself where none do."""
    if not isinstance(node, Binary | Minus):
        return node
    found = taken_apart(node)
    return found.formula(node.at) if found.number and found.needed < found.written else node
