"""What the steps of a derivation read: the derivatives, also under names that are tied to nothing.

A helper whose value is that of a derivative, or n times it, is taken for it; another one is looked
through, to what it was made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from gradoracle.derivation.judging.agreement import compare
from gradoracle.derivation.reading.syntax import Name, Node, names, read
from gradoracle.derivation.rules.forward import key_of, meaning_of, numbered
from gradoracle.derivation.rules.products import ONE, times
from gradoracle.derivation.truth.contract import divisor
from gradoracle.derivation.truth.evaluate import Scope, UndefinedError
from gradoracle.derivation.truth.linear import Linear
from gradoracle.derivation.truth.matrices import Matrix, ShapeError
from gradoracle.derivation.truth.meanings import scope_of
from gradoracle.derivation.truth.steps import Step
from gradoracle.derivation.truth.true_values import Truth
from gradoracle.derivation.verdicts import Checked


@dataclass(frozen=True)
class Read:
    """A derivative that a text has a name for.

    Attributes
    ----------
    name : Name
    meaning : Linear
        Which one it is, in the trace.
    times : Node
        How many times the derivative of J that is: n, or 1.
    line : int
        Where it is set.
    """

    name: Name
    meaning: Linear
    times: Node
    line: int = 0

    @property
    def by(self) -> str:
        """The name that it is a derivative by."""
        return key_of(self.meaning.name)[1:]


class Run:
    """A derivation on one network, step by step.

    Attributes
    ----------
    checked : Checked
    truth : Truth
    text : sequence of Step
    """

    def __init__(self, checked: Checked, truth: Truth, text: Sequence[Step]) -> None:
        self.checked, self.truth, self.text = checked, truth, text
        self._helpers: list[Mapping[str, Matrix]] = []  # their values before each step
        self._taken: dict[int, list[tuple[Name, Node]]] = {}  # by the id of a helper's value
        known: dict[str, Matrix] = {}
        for at, step in enumerate(text):
            self._helpers.append(known)
            if step.key not in truth.values and not step.line.side:
                known = {key: value for key, value in known.items() if key != step.key}
                with suppress(ShapeError, UndefinedError):
                    known[step.key] = self.value(at, step.line.formula)
        self._helpers.append(known)

    def value(self, at: int, node: Node) -> Matrix:
        """Return the value of a formula at a step, for true inputs."""
        values = {**self.truth.values, **self._helpers[at]}
        return scope_of(self.checked.header, values, self.text[at].numbers).value(node)

    def set_by(self, at: int) -> Read | None:
        """Return the derivative that a step sets, or by which it updates; None if it does neither.

        A name of the text's own may be taken for several: that by a Z goes first.
        """
        step = self.text[at]
        target = numbered(step.line.target, step.numbers)
        if step.key in self.truth.parameters:
            target = replace(target, base=f"d{target.base}")
        several = list(self.derivatives(at + 1, target, step.line.number))
        several.sort(key=lambda one: one.meaning.name.base != "dZ")
        return several[0] if several else None

    def true(self, at: int, name: Name) -> Matrix:
        """Return the true value of a name after a step."""
        return {**self._helpers[at + 1], **self.truth.values}[key_of(name)]

    @property
    def N(self) -> Node:
        """What J divides by."""
        return read(divisor(self.checked.reading.reduction, self.truth.given.setting.L))

    def times(self, key: str) -> Node:
        """Return how many times the derivative of J is what the text calls so: n, or 1."""
        convention = self.checked.reading.convention
        divided = convention == "per-example" and key in self.truth.by_parameters
        return ONE if convention == "plain" or divided else self.N

    def read_by(self, at: int) -> Iterator[Read | Step]:
        """Yield a step and the helpers it is made of, and the derivatives that these read.

        A name that held something else before is looked through: in ``dZ1 = dZ1 * g_prime(Z1)`` the
        second dZ1 is a helper.
        """
        todo, seen = [at], {at}
        while todo:
            here = todo.pop()
            yield self.text[here]
            for name in names(self.text[here].line.formula):
                key = Scope({}, self.text[here].numbers).key(name)
                past = key == self.text[at].key in self.truth.derivatives
                past |= self._helpers[at].get(key) is not self._helpers[here].get(key)
                name = numbered(name, self.text[here].numbers)
                found = [] if past else list(self.derivatives(here, name))
                yield from found
                if past or (not found and key not in self.truth.values):
                    before = {i for i in range(here) if self.text[i].key == key}
                    todo += sorted(before - seen)[-1:]
                    seen |= before

    def derivatives(self, at: int, name: Name, line: int = 0) -> Iterator[Read]:
        """Yield what a name is a derivative of at a step; where g(z) = z it may be of two."""
        key = key_of(name)
        if key in self.truth.derivatives:
            if meaning := meaning_of(self.checked.header, name):
                yield Read(name, meaning, self.times(key_of(meaning.name)), line)
            return
        value = self._helpers[at].get(key)
        if value is None:
            return
        if id(value) not in self._taken:
            self._taken[id(value)] = list(self._alike(value))
        for meant, more in self._taken[id(value)]:
            yield Read(name, Linear(meant), times(self.times(key_of(meant)), more), line)

    def _alike(self, value: Matrix) -> Iterator[tuple[Name, Node]]:
        """Yield the derivatives that a value is, and how many times: 1, or n."""
        for key in sorted(self.truth.derivatives - set(self.truth.made_of)):
            true, name = self.truth.values[key], read(key)
            if true.shape != value.shape or not isinstance(name, Name):
                continue
            for more in dict.fromkeys((ONE, self.N)):
                times = self.value(0, more)
                if compare(value, true * times).same:
                    yield name, more
                    break
