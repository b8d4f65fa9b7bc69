"""Small edits of a formula, each with its cost and what it is in words: the slips of a pen.

An edit is cheap where people slip: a transpose, ``*`` for ``@``, the order of factors. Nothing is
judged here; `gradoracle.derivation.mending.mending` looks for the cheapest edits that make a line
right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from gradoracle.derivation.mending.changes import INSTEAD, Around, Edit
from gradoracle.derivation.mending.local_edits import local, product
from gradoracle.derivation.mending.name_edits import alike
from gradoracle.derivation.reading.syntax import (
    Binary,
    Call,
    Minus,
    Name,
    Node,
    children,
    names,
    show,
    with_child,
    with_name,
)


def edits(formula: Node, around: Around, most: int = 3) -> Iterator[Edit]:
    """Yield every formula that is one edit away; those nearer to the root come first.

    Parameters
    ----------
    formula : Node
    around : Around
    most : int
        What an edit may cost.
    """
    for edit in _whole(formula, around):
        if edit.cost <= most:
            yield edit
    yield from _within(formula, around, most)
    for edit in _renamed(formula):
        if edit.cost <= most:
            yield edit


def _renamed(formula: Node) -> Iterator[Edit]:
    """Yield another name for one that is written several times: A1 * (1 - A1) for A2 * (1 - A2)."""
    written = Counter(show(name) for name in names(formula))
    for name in {show(name): name for name in names(formula)}.values():
        for cost, other in alike(name) if written[show(name)] > 1 else ():
            renamed = with_name(formula, name, other)
            yield Edit(cost + 1, renamed, INSTEAD, (other, name))


def _within(node: Node, around: Around, most: int) -> Iterator[Edit]:
    """Yield the edits of a node and of everything in it."""
    for edit in local(node, around):
        if edit.cost <= most:
            yield edit
    if isinstance(node, Name):
        return
    for at, child in enumerate(children(node)):
        for edit in _within(child, around, most):
            yield replace(edit, formula=with_child(node, at, edit.formula))


def _whole(node: Node, around: Around) -> Iterator[Edit]:
    """Yield what may be missing around a whole formula, or around one of its terms."""
    at = node.at
    for count in around.counts:
        cost = 2 if isinstance(count, Name) else 3
        yield Edit(cost, Binary(at, "/", node, count), "/ {} is missing", (count,))
        yield Edit(3, Binary(at, "*", count, node), "a factor {} is missing", (count,))
    for slope in filter(None, around.slopes):
        text = f"the derivative of {around.curve}, {{}}, is missing"
        yield Edit(3, product(at, (node, *slope)), text, (product(at, slope),))
    for term in around.terms:
        if show(term) not in map(show, summands(node)):
            yield Edit(2, Binary(at, "+", node, term), "+ {} is missing", (term,))
    if isinstance(node, Minus) or (isinstance(node, Binary) and node.operator in ("/", "+", "-")):
        for i, child in enumerate(children(node)):
            for edit in _whole(child, around) if not _divisor(node, i) else ():
                yield replace(edit, formula=with_child(node, i, edit.formula))
    summed = Call(at, "sum", (node,), around.axis)
    yield Edit(2, summed, "the sum over the examples is missing")
    if not isinstance(node, Minus):
        yield Edit(3, Minus(at, node), "the sign of {} is reversed", (node,))


def _divisor(node: Node, at: int) -> bool:
    return isinstance(node, Binary) and node.operator == "/" and at == 1


def summands(node: Node) -> list[Node]:
    """Return the terms of a sum."""
    if isinstance(node, Binary) and node.operator in ("+", "-"):
        return [*summands(node.left), node.right]
    return [node]
