"""Other names for a name: of the same layer, or of a layer beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from gradoracle.derivation.reading.syntax import Binary, Name, Node, Number, constant

NUMBERED = re.compile(r"(.*?[A-Za-z_])([0-9]{1,2})")
LIKE = {
    "A": ("Z", "dA", "dZ"),
    "Z": ("A", "dZ", "dA"),
    "dA": ("dZ", "A", "Z"),
    "dZ": ("dA", "Z", "A"),
    "b": ("Z", "db"),
    "dW": ("W", "db"),
    "db": ("dW", "b"),
    "W": ("dW",),
}


def alike(node: Name) -> Iterator[tuple[int, Name]]:
    """Yield the names that another is taken for, of its layer or one near it, with the cost."""
    if node.base == "X" and node.index is None:
        yield from ((2, Name(node.at, "A", Number(node.at, Fraction(k)))) for k in (1, 2))
    if node.index is None:
        yield from _numbered(node)
        return
    for base in LIKE.get(node.base, ()):
        yield 2, of_layer(Name(node.at, base, node.index))
    for by in (-1, 1, -2, 2):
        index = shifted(node.index, by)
        if index is not None and (abs(by) == 1 or constant(index) is not None):
            yield abs(by) + 1, of_layer(Name(node.at, node.base, index))


def _numbered(node: Name) -> Iterator[tuple[int, Name]]:
    """Yield the names beside one of the text's own that has a number: D1 for D2."""
    found = NUMBERED.fullmatch(node.base)
    for by in (-1, 1) if found else ():
        if found and int(found[2]) + by >= 0:
            yield 2, replace(node, base=f"{found[1]}{int(found[2]) + by}")


def of_layer(name: Name) -> Name:
    """Return X for A0."""
    is_input = name.base == "A" and name.index is not None and constant(name.index) == 0
    return Name(name.at, "X") if is_input else name


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
