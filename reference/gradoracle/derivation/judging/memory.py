"""What a text has computed so far, on one network, and what is true beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

from gradoracle.derivation.judging import reasons
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.syntax import names
from gradoracle.derivation.truth.linear import linear
from gradoracle.derivation.truth.matrices import Matrix, ShapeError
from gradoracle.derivation.truth.meanings import scope_of
from gradoracle.derivation.truth.steps import Step
from gradoracle.derivation.truth.true_values import Truth
from gradoracle.derivation.verdicts import Verdict


@dataclass
class Memory:
    """The values of names, and where they come from.

    Attributes
    ----------
    header : Header
    truth : Truth
    text : dict of str to Matrix
        What the text has computed; of what is right the very matrix that is in `true`.
    true : dict of str to Matrix
        The true values, and what helpers are for true inputs.
    set_on : dict of str to int
        The line that set a name last.
    failed : set of str
        Names that a line was to set and could not.
    updated : dict of str to frozenset of str
        The updated parameters that a name is, or is made of.
    fed : dict of str to mapping of str to int
        The wrong names, with their lines, that a helper is made of.
    states : set of str
        Inputs that J does not depend on, such as a velocity, and helpers that are made of them.
    """

    header: Header
    truth: Truth
    text: dict[str, Matrix] = field(default_factory=dict)
    true: dict[str, Matrix] = field(default_factory=dict)
    set_on: dict[str, int] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    updated: dict[str, frozenset[str]] = field(default_factory=dict)
    fed: dict[str, Mapping[str, int]] = field(default_factory=dict)
    states: set[str] = field(default_factory=set)

    @classmethod
    def begun(cls, header: Header, truth: Truth, steps: Sequence[Step]) -> Memory:
        """Return what is known before the first line."""
        true = dict(truth.values)
        free = truth.free({step.key for step in steps})
        text = {key: value for key, value in true.items() if key in free}
        return cls(header, truth, text, true, states=set(truth.states))

    def copy(self) -> Memory:
        """Return one that goes on by itself."""
        own = [one.name for one in fields(self) if one.name not in ("header", "truth")]
        return replace(self, **{name: getattr(self, name).copy() for name in own})

    def knows(self, key: str) -> bool:
        """Whether a name has a value, or a line before was to set it."""
        return key in self.text or key in self.failed

    def dirty(self, step: Step) -> list[str]:
        """Return what a line reads that is not true."""
        return [
            key
            for key in step.uses
            if key in self.failed or self.text.get(key) is not self.true.get(key)
        ]

    def set(self, key: str, value: Matrix | None) -> None:
        """Keep what a line has set; None where it could not."""
        if value is None:
            self.lose(key)
            return
        self._put(key, value)
        self.updated.pop(key, None)
        self.fed.pop(key, None)
        self.states -= {key} - self.truth.states
        if key in self.truth.parameters:
            self.updated[key] = frozenset({key})
            self._carry(key)

    def set_helper(
        self, step: Step, true: Matrix, own: Matrix | None, dirty: Sequence[str]
    ) -> None:
        """Keep a name of the text's own, and what of it comes from elsewhere."""
        key = step.key
        of_a_state = bool(self.states & set(step.uses))
        self.true[key] = true
        self.set(key, own)
        self.states |= {key} if of_a_state else set()
        if origin := self.origins(dirty):
            self.updated[key] = origin  # what reads it reads the updated parameter
        if roots := self._roots(dirty):
            self.fed[key] = roots

    def lose(self, key: str) -> None:
        """Note that a line could not set a name."""
        self.text.pop(key, None)
        self.fed.pop(key, None)
        self.failed.add(key)

    def _put(self, key: str, value: Matrix) -> None:
        self.failed.discard(key)
        self.text[key] = value

    def origins(self, dirty: Sequence[str]) -> frozenset[str]:
        """Return the updated parameters that names are made of."""
        return frozenset().union(*(self.updated.get(key, frozenset()) for key in dirty))

    def why(self, verdict: Verdict, dirty: Sequence[str]) -> str:
        """Say where what is not true in a line comes from."""
        if verdict is Verdict.ORDER:
            return reasons.out_of_order(dirty, self.updated, self.set_on)
        roots = self._roots(dirty)
        through = [key for key in dirty if key in self.fed]
        found = f"right, but fed by {reasons.lines_of(list(roots), roots)}"
        return found + (f", through {', '.join(through)}" if through else "")

    def _roots(self, dirty: Sequence[str]) -> dict[str, int]:
        """Return where what is wrong in names comes from: a helper is only made of it."""
        found: dict[str, int] = {}
        for key in dirty:
            own = {key: self.set_on[key]} if key in self.set_on else {}
            found |= self.fed.get(key, own)
        return found

    def _carry(self, key: str, since: frozenset[str] = frozenset()) -> None:
        """Let the other names of an updated parameter follow it: ``means: V = W2.T``."""
        since |= {key}
        for name, meaning in self.header.means:
            scope = scope_of(self.header, self.text, self.truth.given.numbers)
            tied, of = scope.key(name), [scope.key(part) for part in names(meaning)]
            found = linear(meaning)
            if tied == key and found and of[0] not in since:
                self._put(of[0], found.undone(self.text[key]))
                self.updated[of[0]] = frozenset({key})
                self._carry(of[0], since)
            elif key in of and tied not in since and all(part in self.text for part in of):
                self.updated[tied] = frozenset({key})
                try:
                    self._put(tied, scope.value(meaning))
                except ShapeError:  # the update has another shape, and is told so
                    self.lose(tied)
