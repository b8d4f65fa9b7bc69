"""The text's own names for what the trace has: ``means: diff_hid = -dZ1/2``."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from gradoracle.derivation import syntax
from gradoracle.derivation.edits import with_child
from gradoracle.derivation.evaluate import Scope, UndefinedError
from gradoracle.derivation.header import Header
from gradoracle.derivation.syntax import Binary, Minus, Name, Node, children, constant, show


def tied(header: Header, key: str) -> tuple[str, float]:
    """Return the name of the trace that a key is a multiple of, and how many times."""
    for name, meaning in header.means:
        try:
            if Scope({}, {}).key(name) != key:
                continue
        except UndefinedError:
            continue
        found = multiple(meaning)
        if found is not None:
            try:
                return Scope({}, {}).key(found[1]), float(found[0])
            except UndefinedError:
                return key, 1.0
    return key, 1.0


def multiple(node: Node) -> tuple[Fraction, Name] | None:
    """Read a formula as a number times a name: ``-dZ1 / 2``."""
    match node:
        case Name():
            return Fraction(1), node
        case Minus():
            found = multiple(node.operand)
            return None if found is None else (-found[0], found[1])
        case Binary(operator="*" | "/"):
            return _scaled(node)
    return None


def _scaled(node: Binary) -> tuple[Fraction, Name] | None:
    left, right = constant(node.left), constant(node.right)
    if node.operator == "*" and left is not None:
        found, times = multiple(node.right), left
    elif right:
        found, times = multiple(node.left), right if node.operator == "*" else 1 / right
    else:
        return None
    return None if found is None else (times * found[0], found[1])


def scaled(text: str, times: Fraction) -> str:
    """Return a number times what stands in a text: ``(-dZ1 / 2)``."""
    if times == 1:
        return text
    sign = "-" if times < 0 else ""
    above = "" if abs(times.numerator) == 1 else f"{abs(times.numerator)} * "
    below = "" if times.denominator == 1 else f" / {times.denominator}"
    return f"({sign}{above}{text}{below})"


@dataclass(frozen=True, eq=False)
class Names:
    """How a text calls the names of the trace.

    Attributes
    ----------
    header : Header
    known : sequence of (mapping of str to int, collection of str)
        At each place where a line runs: what its indices may name, and the names that are set.
    """

    header: Header
    known: Sequence[tuple[Mapping[str, int], Collection[str]]]

    def plain(self, node: Node) -> Node:
        """Return a formula with the names of the trace for those tied to them."""
        if isinstance(node, Name):
            meaning = self.header.meaning(node)
            return replace(meaning, at=node.at) if isinstance(meaning, Name) else node
        for i, child in enumerate(children(node)):
            node = with_child(node, i, self.plain(child))
        return node

    def own(self, node: Node) -> Node | None:
        """Return a formula in the text's names, or None if it has not all of them."""
        if isinstance(node, Name):
            for name, meaning in self.header.means:
                if isinstance(meaning, Name) and show(meaning) == show(node) and self.has(name):
                    return replace(name, at=node.at)
            for name, meaning in self.header.patterns:
                own = replace(name, at=node.at, index=node.index)
                alike = show(replace(name, base=node.base)) == show(meaning)  # the same layer
                if node.index is not None and alike and self.has(own):
                    return own
            return node if self.has(node) else None
        for i, child in enumerate(children(node)):
            mine = self.own(child)
            if mine is None:
                return None
            node = with_child(node, i, mine)
        return node

    def has(self, name: Name) -> bool:
        """Whether the text has set a name before each of the places."""
        try:
            return all(
                Scope({}, numbers).key(name) in {*keys, *numbers} for numbers, keys in self.known
            )
        except UndefinedError:
            return False

    def spelled(self, text: str) -> tuple[str, ...]:
        """Return how the text writes a name of the trace; nothing if it has not got it."""
        name = syntax.read(text)
        found = []
        for own, meaning in self.header.means:
            times = multiple(meaning)
            if times is not None and show(times[1]) == show(name) and self.has(own):
                found.append(scaled(show(own), 1 / times[0]))
        has = isinstance(name, Name) and self.has(name)
        return tuple(found) or ((text,) if has else ())
