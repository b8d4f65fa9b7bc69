"""One network: every step of a text evaluated on what the text computed and on true inputs.

"This line is wrong" and "this line is right, but its input was wrong" are told apart by the second
evaluation. A line that is right leaves the true value behind, so what follows it is not evaluated
twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gradoracle.derivation.judging import reasons
from gradoracle.derivation.judging.agreement import MANY, Agreement, compare
from gradoracle.derivation.judging.outcomes import Evaluated, Outcome
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.syntax import names
from gradoracle.derivation.truth import matrices as m
from gradoracle.derivation.truth.definition import Truth
from gradoracle.derivation.truth.evaluate import UndefinedError
from gradoracle.derivation.truth.linear import linear
from gradoracle.derivation.truth.matrices import Matrix, ShapeError
from gradoracle.derivation.truth.meanings import scope_of
from gradoracle.derivation.truth.steps import Step
from gradoracle.derivation.truth.updates import Constant, Update, constants_in, expected, updates
from gradoracle.derivation.verdicts import Verdict
from gradoracle.truth.balls import UndecidedError

NO_NUMBER = "gives no number: a logarithm or a root of a negative number, or a division by 0"


@dataclass
class Judgement:
    """The state of a text while its steps are judged."""

    header: Header
    truth: Truth
    steps: Sequence[Step]
    text: dict[str, Matrix] = field(default_factory=dict)
    true: dict[str, Matrix] = field(default_factory=dict)
    set_on: dict[str, int] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    updated: dict[str, frozenset[str]] = field(default_factory=dict)
    fed: dict[str, Mapping[str, int]] = field(default_factory=dict)
    branches: Mapping[int, set[bool]] = field(default_factory=dict)
    constants: dict[str, frozenset[Constant]] = field(default_factory=dict)
    update: Update | None = None

    def __post_init__(self) -> None:
        self.true = dict(self.truth.values)
        free = self.truth.free({step.key for step in self.steps})
        self.text = {key: value for key, value in self.true.items() if key in free}
        self.stages = _stages(self.steps, set(self.truth.values) - self.truth.parameters)

    def outcomes(self) -> list[Outcome]:
        """Judge every step in turn."""
        found = []
        for step in self.steps:
            if not step.line.side:
                before = self._state()
                found.append(self._outcome(step))
            else:
                found.append(self._side(step, before))
        return found

    def _outcome(self, step: Step) -> Outcome:
        names_it = step.is_alias and step.key not in self.truth.parameters
        if names_it and not self._undefined(step):
            return self._alias(step)
        found = self._judged(step)
        self.set_on[step.key] = step.line.number
        return replace(found, branches=self.branches, update=self.update)

    def _alias(self, step: Step) -> Outcome:
        """Say of a second name what became of the first: nothing is set."""
        if step.key in self.text and self.text[step.key] is self.true.get(step.key):
            return Outcome(step, Verdict.RIGHT, True, MANY)
        return Outcome(step, Verdict.FED, True, MANY, self._why(Verdict.FED, [step.key]))

    def _state(self) -> tuple[Any, ...]:
        kept: list[Any] = [self.text, self.true, self.updated, self.set_on, self.failed, self.fed]
        return tuple(part.copy() for part in kept)

    def _restore(self, state: tuple[Any, ...]) -> None:
        self.text, self.true, self.updated, self.set_on, self.failed, self.fed = state

    def _side(self, step: Step, before: tuple[Any, ...]) -> Outcome:
        """Judge a further side of a line: it reads what stood before the line.

        What the line sets is its first side, or the true value where another side is right. A name
        of the text's own must be the same on all sides.
        """
        after = self._state()
        self._restore(tuple(part.copy() for part in before))
        found = self._outcome(step)
        value, right = self.true.get(step.key), self.text.get(step.key)
        self._restore(after)
        if found.verdict is Verdict.RIGHT:
            self._set(step, right)
        if found.verdict is not Verdict.HELPER or value is None:
            return found
        first = self.true.get(step.key)
        if first is None or (value.shape == first.shape and compare(value, first).same):
            return found
        worst = compare(value, first).worst if value.shape == first.shape else (0, 0)
        detail = "the sides of the line differ"
        return replace(
            found, verdict=Verdict.WRONG, detail=detail, value=value, truth=first, worst=worst
        )

    def _judged(self, step: Step) -> Outcome:
        self.constants[step.key] = self._constants(step)
        undefined, right = self._undefined(step), expected(self.truth, step)
        alone = self._evaluated(step, self.true)
        self.branches = alone.branches
        self.update, right = self._updated(step, alone, right)
        dirty = [
            k for k in step.uses if k in self.failed or self.text.get(k) is not self.true.get(k)
        ]
        if id(step) in self.truth.defined:
            return self._defined(step)
        if id(step) in self.stages:
            return self._helper(step, alone, dirty, undefined)
        if right is not None:  # a stage may have stood there
            self.true[step.key] = self.truth.values[step.key]
        if undefined:
            agrees = alone.agrees(right)
            self._lost(step.key)
            detail = self._about(undefined, step, agrees)
            return Outcome(step, Verdict.UNDEFINED, agrees, detail=detail)
        if right is None:
            return self._helper(step, alone, dirty)
        if alone.value is None:
            self._lost(step.key)
            return Outcome(step, alone.verdict, detail=alone.why, finer=alone.finer, truth=right)
        if alone.value.shape != right.shape:
            self._set(step, self._evaluated(step, self.text).value)
            detail = f"gives {m.shape_of(alone.value)}, where {step.key} is {m.shape_of(right)}"
            found = Outcome(step, Verdict.SHAPES, detail=detail, spread=alone.spread)
            return replace(found, value=alone.value, truth=right)
        return self._compared(step, alone.value, right, alone.spread, dirty)

    def _constants(self, step: Step) -> frozenset[Constant]:
        """Return what may be the rate of an update, in the line or the helpers it reads."""
        helpers = [key for key in step.uses if key not in self.truth.values]
        return constants_in(step, [self.constants[k] for k in helpers if k in self.constants])

    def _updated(
        self, step: Step, alone: Evaluated, right: Matrix | None
    ) -> tuple[Update | None, Matrix | None]:
        """Return how an update goes on from the derivative of J, and its true value then."""
        if right is None or step.key not in self.truth.parameters:
            return None, right
        several = list(
            updates(
                self.header,
                self.truth,
                step,
                self.constants[step.key],
                self.true,
            )
        )
        for one in several:
            if alone.agrees(one.value):
                return one, one.value
        return None, several[0].value

    def _compared(
        self, step: Step, value: Matrix, right: Matrix, spread: tuple[str, ...], dirty: list[str]
    ) -> Outcome:
        """Judge a value of the right shape; `dirty` is what the line reads that is not true."""
        agreement = compare(value, right)
        own = self._evaluated(step, self.text) if dirty else Evaluated(value)
        if own.finer:
            self._lost(step.key)
            return Outcome(step, Verdict.UNDECIDED, detail=own.why, finer=True)
        agrees = own.agrees(right) if dirty else bool(agreement.same)
        if agreement.same and agrees:
            found = self._kept(step, Verdict.RIGHT, right, spread, agreement.digits)
            return replace(found, nothing=all(x.is_zero() for x in right.ravel().tolist()))
        self._set(step, right if agrees else own.value)
        if agreement.same:
            verdict = Verdict.ORDER if set(dirty) & set(self.updated) else Verdict.FED
            why = self._why(verdict, dirty)
            found = Outcome(step, verdict, True, agreement.digits, why, spread)
            through = [self.updated.get(k, frozenset()) - {k} for k in dirty]
            return replace(found, updated=frozenset().union(*through))
        verdict, detail, finer = _why_wrong(value, right, agreement)
        detail = detail or reasons.hidden_at_the_output(self.header, step)
        if agrees:
            verdict = Verdict.CANCELS
            detail = f"wrong for the true {', '.join(dirty)}, and two errors cancel"
        return Outcome(
            step,
            verdict,
            detail=detail,
            spread=spread,
            value=value,
            truth=right,
            worst=agreement.worst,
            finer=finer and not agrees,
        )

    def _defined(self, step: Step) -> Outcome:
        """Take a line for the definition of J."""
        self.true[step.key] = self.truth.defined[id(step)]
        return self._kept(step, Verdict.DEFINITION, self.true[step.key], ())

    def _why(self, verdict: Verdict, dirty: list[str]) -> str:
        if verdict is Verdict.ORDER:
            return reasons.out_of_order(dirty, self.updated, self.set_on)
        roots = {root: line for key in dirty for root, line in self._roots(key).items()}
        through = [key for key in dirty if key in self.fed]
        found = f"right, but fed by {reasons.lines_of(list(roots), roots)}"
        return found + (f", through {', '.join(through)}" if through else "")

    def _roots(self, key: str) -> Mapping[str, int]:
        """Return where what is wrong in a value comes from: a helper is only made of it."""
        own = {key: self.set_on[key]} if key in self.set_on else {}
        return self.fed.get(key, own)

    def _helper(
        self, step: Step, alone: Evaluated, dirty: list[str], undefined: str = ""
    ) -> Outcome:
        """Keep what the text calls by a name of its own, or a first part of what it sets later."""
        if undefined:
            self._lost(step.key)
            return Outcome(
                step, Verdict.UNDEFINED, detail=self._about(undefined, step, agrees=False)
            )
        if layer := reasons.no_layer(self.header, step.key, self.truth.values):
            self._lost(step.key)
            return Outcome(step, Verdict.UNDEFINED, detail=layer)
        if alone.value is None:
            self._lost(step.key)
            self.true.pop(step.key, None)
            return Outcome(step, alone.verdict, detail=alone.why, finer=alone.finer)
        own = self._evaluated(step, self.text) if dirty else alone
        self.true[step.key] = alone.value
        self._set(step, own.value)
        if origin := frozenset().union(*(self.updated.get(key, frozenset()) for key in dirty)):
            self.updated[step.key] = origin  # what reads it reads the updated parameter
        self.fed.pop(step.key, None)
        if roots := {root: line for key in dirty for root, line in self._roots(key).items()}:
            self.fed[step.key] = roots
        later = self.stages.get(id(step))
        detail = f"a first part: judged on line {later.line.number}" if later else ""
        return Outcome(step, Verdict.HELPER, True, detail=detail, spread=alone.spread)

    def _kept(
        self,
        step: Step,
        verdict: Verdict,
        right: Matrix,
        notes: tuple[str, ...],
        digits: int = 0,
    ) -> Outcome:
        self._set(step, right)
        return Outcome(step, verdict, True, digits, spread=notes)

    def _evaluated(self, step: Step, values: Mapping[str, Matrix]) -> Evaluated:
        """Evaluate a formula, or say why there is no value."""
        scope = scope_of(self.header, values, step.numbers)
        try:
            value = scope.value(step.line.formula)
            return Evaluated(value, tuple(scope.notes.spread), branches=scope.notes.branches)
        except ShapeError as error:
            return Evaluated(None, (), str(error), Verdict.SHAPES)
        except UndefinedError as error:
            where = f", line {self.set_on[error.name]}" if error.name in self.set_on else ""
            return Evaluated(None, (), f"{error.name} has no value{where}", Verdict.UNDECIDED)
        except UndecidedError as error:
            why = f"compares what does not differ: {error}"
            return Evaluated(None, (), why, Verdict.UNDECIDED, finer=True)
        except DerivationError as error:
            raise error.on_line(step.line.number) from None

    def _undefined(self, step: Step) -> str:
        """Return a name that the text has not defined here, and no line before was to set."""
        known = (self.text, self.failed, step.numbers)
        for key in step.uses:
            if not any(key in some for some in known):
                return key
        return reasons.undefined_curve(self.header, step)

    def _about(self, name: str, step: Step, agrees: bool) -> str:
        known = self.truth.values
        if name[0] == "g" and name not in step.uses:
            return reasons.about_curve(self.header, name)
        said = reasons.no_layer(self.header, name, known)
        said = said or reasons.about_name(name, step, self.steps, known)
        return said + (f"; right for the true {name}" if agrees else "")

    def _set(self, step: Step, value: Matrix | None) -> None:
        if value is None:
            self._lost(step.key)
            return
        self.failed.discard(step.key)
        self.text[step.key] = value
        self.updated.pop(step.key, None)
        if step.key in self.truth.parameters:
            self.updated[step.key] = frozenset({step.key})
            self._carry(step.key)

    def _carry(self, key: str, since: frozenset[str] = frozenset()) -> None:
        """Let the other names of an updated parameter follow it: ``means: V = W2.T``."""
        since |= {key}
        for name, meaning in self.header.means:
            scope = scope_of(self.header, self.text, self.truth.given.numbers)
            tied, of = scope.key(name), [scope.key(part) for part in names(meaning)]
            found = linear(meaning)
            if tied == key and found and of[0] not in since:
                self.text[of[0]] = found.undone(self.text[key])
                self.updated[of[0]] = frozenset({key})
                self._carry(of[0], since)
            elif key in of and tied not in since and all(part in self.text for part in of):
                self.updated[tied] = frozenset({key})
                try:
                    self.text[tied] = scope.value(meaning)
                except ShapeError:  # the update has another shape, and is told so
                    self._lost(tied)

    def _lost(self, key: str) -> None:
        self.text.pop(key, None)
        self.failed.add(key)


def _why_wrong(value: Matrix, right: Matrix, agreement: Agreement) -> tuple[Verdict, str, bool]:
    """Return the verdict on a value that does not agree, why, and whether more digits may help."""
    if agreement.same is False:
        return Verdict.WRONG, "", False
    if not _finite(right):
        return Verdict.UNDECIDED, "the true value is no number", False
    return (Verdict.UNDECIDED, "", True) if _finite(value) else (Verdict.WRONG, NO_NUMBER, False)


def _finite(a: Matrix) -> bool:
    return all(entry.is_finite() for entry in a.ravel().tolist())


def _stages(steps: Sequence[Step], judged: Collection[str]) -> dict[int, Step]:
    """Return the steps of which the next that sets the same name makes its value: ``dW2 /= n``.

    A name is judged where the text is done with it. Parameters are not among them: setting one
    is an update. Nor are names of the text's own.
    """
    found, following = {}, dict[str, Step]()
    for step in reversed(steps):
        if step.is_alias:
            continue
        later = following.get(step.key)
        # another side of the same line is no later step; another round of it is
        own = later and (later.line.number, later.numbers) == (step.line.number, step.numbers)
        if later and not own and step.key in later.uses and step.key in judged:
            found[id(step)] = later
        following[step.key] = step
    return found


def judge(header: Header, truth: Truth, steps: Sequence[Step]) -> list[Outcome]:
    """Judge the steps of a text on one network."""
    return Judgement(header, truth, steps).outcomes()


__all__ = ["Judgement", "Outcome", "UndecidedError", "judge"]
