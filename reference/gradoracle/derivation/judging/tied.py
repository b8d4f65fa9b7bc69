"""The text's own names for what the trace has: ``means: diff_hid = -dZ1/2``."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction

from gradoracle.derivation.reading import syntax
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.syntax import (
    Binary,
    Minus,
    Name,
    Node,
    children,
    constant,
    mapped,
    show,
    with_child,
)
from gradoracle.derivation.truth.evaluate import Scope, UndefinedError


def tied(header: Header, key: str) -> tuple[str, float]:
    """Return the name of the trace that a key is a multiple of, and how many times."""
    for name, (times, of) in ties(header):
        with suppress(UndefinedError):
            if Scope({}, {}).key(name) == key:
                return Scope({}, {}).key(of), float(times)
    return key, 1.0


def ties(header: Header) -> Iterator[tuple[Name, tuple[Fraction, Name]]]:
    """Yield the names that are a number times one of the trace: where h is A1, dh is dA1."""
    for name, meaning in header.means:
        if (found := multiple(meaning)) is not None:
            yield name, found
            yield derived(name, found)


def derived(name: Name, found: tuple[Fraction, Name]) -> tuple[Name, tuple[Fraction, Name]]:
    """Return the derivative by a tied name, and what it is a multiple of."""
    times, of = found
    return replace(name, base=f"d{name.base}"), (1 / times, replace(of, base=f"d{of.base}"))


def meant(header: Header, name: Name) -> tuple[Fraction, Name] | None:
    """Return what a name of a text is a multiple of; None if it is not tied."""
    meaning = header.meaning(name)
    if meaning is None and name.base[0] == "d" and len(name.base) > 1:
        of = meant(header, replace(name, base=name.base[1:]))
        return None if of is None else derived(name, of)[1]
    return None if meaning is None else multiple(meaning)


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

        def change(part: Node) -> Node:
            found = meant(self.header, part) if isinstance(part, Name) else None
            return replace(found[1], at=part.at) if found and found[0] == 1 else part

        return mapped(node, change)

    def own(self, node: Node) -> Node | None:
        """Return a formula in the text's names, or None if it has not all of them."""
        if isinstance(node, Name):
            for name, times in self._tied_to(node):
                return syntax.read(scaled(show(name), 1 / times))
            return node if self.has(node) else None
        for i, child in enumerate(children(node)):
            mine = self.own(child)
            if mine is None:
                return None
            node = with_child(node, i, mine)
        return node

    def shown(self, node: Node) -> Node:
        """Return a formula in the text's names for what is tied, whether they are set or not."""

        def change(part: Node) -> Node:
            ties = self._ties(part) if isinstance(part, Name) else ()
            several = [name for name, times in ties if times == 1]
            return next(filter(self.has, several), several[0] if several else part)

        return mapped(node, change)

    def _tied_to(self, node: Name) -> Iterator[tuple[Name, Fraction]]:
        """Yield the names that are set and tied to one of the trace, and how many times that."""
        yield from (tie for tie in self._ties(node) if self.has(tie[0]))

    def _ties(self, node: Name) -> Iterator[tuple[Name, Fraction]]:
        for name, (times, of) in ties(self.header):
            if show(of) == show(node):
                yield name, times
        for name, meaning in self.header.patterns if node.index is not None else ():
            found = multiple(meaning)
            for own, (times, of) in ((name, found), derived(name, found)) if found else ():
                here = replace(own, index=node.index)
                if show(replace(own, base=of.base)) == show(of) and of.base == node.base:
                    yield here, times  # of the same layer

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
        if not isinstance(name, Name):
            return ()
        found = [scaled(show(own), 1 / times) for own, times in self._tied_to(name)]
        return tuple(found) or ((text,) if self.has(name) else ())
