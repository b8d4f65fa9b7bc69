"""What J is made of, formula by formula, on one network, and how the text calls what is in it.

The formulas are those of the contract where the header has a network, and the text's own where J
is its own. Layers are numbers and names those of the trace here; `Spelling` shows them as the text
writes them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from gradoracle.derivation.reading import syntax
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.syntax import (
    Binary,
    Call,
    Name,
    Node,
    Number,
    Transpose,
    children,
    constant,
    names,
    show,
    with_child,
)
from gradoracle.derivation.rules.products import over, transposed
from gradoracle.derivation.truth.contract import forward_text
from gradoracle.derivation.truth.evaluate import Scope
from gradoracle.derivation.truth.linear import Linear, linear
from gradoracle.derivation.truth.meanings import goals_of
from gradoracle.derivation.truth.steps import Step
from gradoracle.derivation.truth.true_values import Reading, Truth


@dataclass(frozen=True)
class Formula:
    """One formula that J is made of."""

    key: str
    target: Name
    formula: Node
    uses: frozenset[str]


@dataclass(frozen=True)
class Forward:
    """The formulas that J is made of, by what they set.

    Attributes
    ----------
    formulas : mapping of str to Formula
    goal : str
        The key of J.
    """

    formulas: Mapping[str, Formula]
    goal: str

    def users(self, key: str) -> list[Formula]:
        """Return the formulas in which a name stands."""
        return [one for one in self.formulas.values() if key in one.uses]


def forward(
    header: Header, reading: Reading, truth: Truth, text: Sequence[Step], apart: Collection[int]
) -> Forward | None:
    """Return what J is made of; None where a name of it is set twice.

    Parameters
    ----------
    header : Header
    reading : Reading
    truth : Truth
        Of the network; the steps it took for the definition are in it.
    text : sequence of Step
    apart : collection of int
        How far the other rounds of a loop are from the one at hand, in layers: an activation
        that is not the same in all of them is g[l].
    """
    found = list(_contract(header, reading, truth.given.setting.L, apart)) if header.network else []
    for step in text:
        if id(step) in truth.defined and not step.line.side:
            target = numbered(step.line.target, step.numbers)
            found.append((target, in_trace(header, step.line.formula, step.numbers)))
    scope = Scope({}, {})
    formulas = {}
    for target, formula in found:
        uses = frozenset(scope.key(name) for name in names(formula))
        formulas[scope.key(target)] = Formula(scope.key(target), target, formula, uses)
    goal = next((key for key in reversed(formulas) if key in goals_of(header)), "")
    if not goal or len(formulas) != len(found):
        return None
    needed = {goal}
    for key in reversed(formulas):  # what is not in J hands nothing back
        needed |= formulas[key].uses if key in needed else set()
    return Forward({key: one for key, one in formulas.items() if key in needed}, goal)


def _contract(
    header: Header, reading: Reading, L: int, apart: Collection[int]
) -> Iterator[tuple[Name, Node]]:
    """Yield the forward pass of the contract."""
    for key, written in forward_text(header, reading.reduction, L):
        target, formula = syntax.read(key), syntax.read(written)
        if not isinstance(target, Name):
            raise TypeError(key)
        if isinstance(formula, Call) and isinstance(target.index, Number):
            layers = {int(target.index.value) + step for step in apart}
            curves = {header.activation(layer, L) for layer in layers if 1 <= layer <= L}
            if len(curves) > 1:
                formula = replace(formula, function="g", layer=target.index)
        yield target, _tidy(formula)


def _tidy(formula: Node) -> Node:
    """Leave out what the contract divides by 1."""
    match formula:
        case Binary(operator="/", left=left, right=right) if constant(right) == 1:
            return left
        case Binary(operator="+", left=left):
            return replace(formula, left=_tidy(left))
    return formula


def in_trace(header: Header, node: Node, numbers: Mapping[str, int]) -> Node:
    """Return a formula in names of the trace, its layers as numbers."""
    if isinstance(node, Name):
        name = numbered(node, numbers)
        meaning = header.meaning(name)
        is_J = isinstance(meaning, Name) and meaning.base == "J"
        return name if meaning is None or is_J else meaning
    for at, child in enumerate(children(node)):
        node = with_child(node, at, in_trace(header, child, numbers))
    if isinstance(node, Call) and node.layer is not None:
        layer = Scope({}, numbers).index(node.layer)
        node = replace(node, layer=Number(0, Fraction(layer)))
    return node


def numbered(name: Name, numbers: Mapping[str, int]) -> Name:
    """Return a name whose layer is a number."""
    if name.index is None:
        return name
    return replace(name, index=Number(0, Fraction(Scope({}, numbers).index(name.index))))


def key_of(name: Name) -> str:
    """Return under which name a value is kept; its layer is a number."""
    return Scope({}, {}).key(name)


def meaning_of(header: Header, name: Name) -> Linear | None:
    """Return what a name with a number for its layer is a multiple of; None if it is no multiple.

    The derivative by a name that is tied is one over the number times that by its meaning.
    """
    if (meaning := header.meaning(name)) is not None:
        return linear(meaning)
    if name.base.startswith("d"):
        meaning = header.meaning(replace(name, base=name.base[1:]))
        of = None if meaning is None else linear(meaning)
        if of is not None:
            derived = replace(of.name, base=f"d{of.name.base}")
            return replace(of, name=derived, times=1 / of.times)
    return Linear(name)


@dataclass(frozen=True)
class Spelling:
    """How one line writes names.

    Attributes
    ----------
    header : Header
    counter : str
        What its layers are written with: ``l`` in a loop, ``L``, or nothing where by numbers.
    layer : int
        The number that the counter stands for.
    L : int
    """

    header: Header
    counter: str = ""
    layer: int = 0
    L: int = 0

    @classmethod
    def of(cls, header: Header, step: Step) -> Spelling:
        """Return that of a line."""
        loop, index = step.line.loop, step.line.target.index
        if loop is not None:
            return cls(header, loop.name, step.numbers[loop.name], step.numbers.get("L", 0))
        if index is not None and constant(index) is None:
            return cls(header, "L", step.numbers["L"], step.numbers["L"])
        return cls(header)

    def show(self, node: Node) -> str:
        """Return a formula as the text would write it."""
        return show(self._spelled(node))

    def _spelled(self, node: Node) -> Node:
        if isinstance(node, Name):
            return self._own(node)
        if isinstance(node, Transpose):
            return transposed(self._spelled(node.operand))
        for at, child in enumerate(children(node)):
            node = with_child(node, at, self._spelled(child))
        if isinstance(node, Call) and node.layer is not None:
            node = replace(node, layer=self._index(node.layer))
        return node

    def _own(self, name: Name) -> Node:
        for own, of in self._ties():
            if show(of.name) == show(name):
                node: Node = self._indexed(own)
                return over(transposed(node) if of.transposed else node, Number(0, of.times))
        return self._indexed(name)

    def _ties(self) -> Iterator[tuple[Name, Linear]]:
        """Yield the names that are tied to a multiple of another, the plainest first."""
        found = [(name, of) for name, node in self.header.means if (of := linear(node))]
        yield from sorted(found, key=lambda tie: (tie[1].times != 1, tie[1].transposed))

    def _indexed(self, name: Name) -> Name:
        if name.index is None:
            return name
        if not self.counter and name.base in ("A", "dA") and constant(name.index) == 0:
            return replace(name, base={"A": "X", "dA": "dX"}[name.base], index=None)
        if name.base == "n" and constant(name.index) == self.L and self.counter:
            return name if self.header.layers else replace(name, index=Name(0, "L"))
        return replace(name, index=self._index(name.index))

    def _index(self, index: Node) -> Node:
        whole = constant(index)
        if not self.counter or whole is None:
            return index
        apart, name = int(whole) - self.layer, Name(0, self.counter)
        if not apart:
            return name
        return Binary(0, "+" if apart > 0 else "-", name, Number(0, Fraction(abs(apart))))
