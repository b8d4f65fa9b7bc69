"""What may stand in the brackets of a name: a layer."""

from __future__ import annotations

from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.reading.nodes import Binary, Minus, Name, Node, Number, parts, show


def check_index(node: Node) -> None:
    """Refuse what is no layer: an index is made of whole numbers, l, L, + - and *.

    Raises
    ------
    DerivationError
        With the column.
    """
    for part in parts(node):
        allowed = (
            isinstance(part, Minus)
            or (isinstance(part, Number) and part.value.denominator == 1 and part.value < 1000)
            or (isinstance(part, Name) and part.index is None)
            or (isinstance(part, Binary) and part.operator in ("+", "-", "*"))
        )
        if not allowed:
            expected, got = "a layer: l, l-1, L, 1", show(part)[:40]
            raise DerivationError(expected, got, "W[l-1], W1", column=part.at + 1)
