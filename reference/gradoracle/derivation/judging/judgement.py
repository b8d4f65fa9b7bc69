"""One network: every step of a text evaluated on what the text computed and on true inputs.

"This line is wrong" and "this line is right, but its input was wrong" are told apart by the second
evaluation. A line that is right leaves the true value behind, so what follows it is not evaluated
twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from gradoracle.derivation.judging import reasons
from gradoracle.derivation.judging.agreement import MANY, Agreement, compare
from gradoracle.derivation.judging.evaluating import evaluated
from gradoracle.derivation.judging.memory import Memory
from gradoracle.derivation.judging.outcomes import Evaluated, Outcome
from gradoracle.derivation.judging.stages import about_first_part, stages
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.truth import matrices as m
from gradoracle.derivation.truth.matrices import Matrix
from gradoracle.derivation.truth.rates import Constant, constants_in, unwritten
from gradoracle.derivation.truth.steps import Step
from gradoracle.derivation.truth.true_values import Truth
from gradoracle.derivation.truth.updates import Update, expected, updates
from gradoracle.derivation.verdicts import Verdict

NO_NUMBER = "gives no number: a logarithm or a root of a negative number, or a division by 0"
WITH_STATE = "a step with {}, which J does not say: only a plain step down the derivative is judged"


@dataclass
class Judgement:
    """The state of a text while its steps are judged."""

    header: Header
    truth: Truth
    steps: Sequence[Step]
    branches: Mapping[int, set[bool]] = field(default_factory=dict)
    constants: dict[str, frozenset[Constant]] = field(default_factory=dict)
    update: Update | None = None
    first_part: Matrix | None = None

    def __post_init__(self) -> None:
        self.memory = Memory.begun(self.header, self.truth, self.steps)
        self.unwritten = unwritten(self.truth, self.steps)
        judged = set(self.truth.values) - self.truth.parameters - self.truth.states
        self.stages = stages(self.steps, judged)

    def outcomes(self) -> list[Outcome]:
        """Judge every step in turn."""
        found = []
        for step in self.steps:
            if not step.line.side:
                before = self.memory.copy()
                found.append(self._outcome(step))
            else:
                found.append(self._side(step, before))
        return found

    def _outcome(self, step: Step) -> Outcome:
        names_it = step.is_alias and step.key not in self.truth.parameters
        if names_it and not self._undefined(step):
            return self._alias(step)
        found = self._judged(step)
        self.memory.set_on[step.key] = step.line.number
        return replace(found, branches=self.branches, update=self.update)

    def _alias(self, step: Step) -> Outcome:
        """Say of a second name what became of the first: nothing is set."""
        if step.key in self.memory.text and self.memory.text[step.key] is self.memory.true.get(
            step.key
        ):
            return Outcome(step, Verdict.RIGHT, True, MANY)
        return Outcome(step, Verdict.FED, True, MANY, self.memory.why(Verdict.FED, [step.key]))

    def _side(self, step: Step, before: Memory) -> Outcome:
        """Judge a further side of a line: it reads what stood before the line.

        What the line sets is its first side, or the true value where another side is right. A name
        of the text's own must be the same on all sides.
        """
        after, self.memory = self.memory, before.copy()
        found = self._outcome(step)
        value, own = self.memory.true.get(step.key), self.memory.text.get(step.key)
        self.memory = after
        if found.verdict is Verdict.RIGHT:
            self.memory.set(step.key, own)
        if found.verdict is not Verdict.HELPER or value is None:
            return found
        first = self.memory.true.get(step.key)
        if first is None or (value.shape == first.shape and compare(value, first).same):
            return found
        worst = compare(value, first).worst if value.shape == first.shape else (0, 0)
        detail = "the sides of the line differ"
        return replace(
            found, verdict=Verdict.WRONG, detail=detail, value=value, truth=first, worst=worst
        )

    def _judged(self, step: Step) -> Outcome:
        self.constants[step.key] = self._constants(step)
        undefined = self._undefined(step)
        right = expected(self.truth, step, self.constants[step.key])
        alone = self._evaluated(step, self.memory.true)
        self.branches = alone.branches
        self.update, right = self._updated(step, alone, right)
        dirty = self.memory.dirty(step)
        if id(step) in self.truth.defined:
            return self._defined(step)
        if id(step) in self.stages:
            return self._helper(step, alone, dirty, undefined)
        self.first_part = self.memory.true.get(step.key)
        if right is not None:  # a stage may have stood there
            self.memory.true[step.key] = self.truth.values[step.key]
        if undefined:
            agrees = alone.agrees(right)
            self.memory.lose(step.key)
            detail = self._about(undefined, step, agrees)
            return Outcome(step, Verdict.UNDEFINED, agrees, detail=detail)
        if right is None:
            return self._helper(step, alone, dirty)
        if alone.value is None:
            self.memory.lose(step.key)
            return Outcome(step, alone.verdict, detail=alone.why, finer=alone.finer, truth=right)
        if alone.value.shape != right.shape:
            self.memory.set(step.key, self._evaluated(step, self.memory.text).value)
            detail = f"gives {m.shape_of(alone.value)}, where {step.key} is {m.shape_of(right)}"
            found = Outcome(step, Verdict.SHAPES, detail=detail, spread=alone.spread)
            return replace(found, value=alone.value, truth=right)
        return self._compared(step, alone.value, right, alone.spread, dirty)

    def _constants(self, step: Step) -> frozenset[Constant]:
        """Return what may be the rate of an update, in the line or the helpers it reads."""
        known = set(self.truth.values) - self.truth.states
        helpers = [key for key in step.uses if key not in known]
        within = {key: self.constants[key] for key in helpers if key in self.constants}
        return constants_in(step, within) | self.unwritten

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
                self.memory.true,
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
        own = self._evaluated(step, self.memory.text) if dirty else Evaluated(value)
        if own.finer:
            self.memory.lose(step.key)
            return Outcome(step, Verdict.UNDECIDED, detail=own.why, finer=True)
        agrees = own.agrees(right) if dirty else bool(agreement.same)
        if agreement.same and agrees:
            found = self._kept(step, Verdict.RIGHT, right, spread, agreement.digits)
            return replace(found, nothing=all(x.is_zero() for x in right.ravel().tolist()))
        fed = self.memory.why(Verdict.FED, dirty)  # before the line may set what it reads
        self.memory.set(step.key, right if agrees else own.value)
        if agreement.same:
            verdict = Verdict.ORDER if set(dirty) & set(self.memory.updated) else Verdict.FED
            why = fed if verdict is Verdict.FED else self.memory.why(verdict, dirty)
            found = Outcome(step, verdict, True, agreement.digits, why, spread)
            through = [self.memory.updated.get(k, frozenset()) - {k} for k in dirty]
            return replace(found, updated=frozenset().union(*through))
        verdict, detail, finer = _why_wrong(value, right, agreement)
        if step.key in self.truth.parameters and (states := self.memory.states & set(step.uses)):
            verdict, detail = Verdict.UNDECIDED, WITH_STATE.format(", ".join(sorted(states)))
        detail = detail or reasons.hidden_at_the_output(self.header, step)
        detail = detail or self._about_first_part(step, value, right)
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

    def _about_first_part(self, step: Step, value: Matrix, right: Matrix) -> str:
        """Say that a line before is in error, which sets the first part of what this one sets."""
        first = self.first_part
        line = self.memory.set_on.get(step.key)
        if first is None or line is None or step.key not in step.uses:
            return ""
        said = about_first_part(self.header, self.truth, step.key, first, value, right)
        return f"{said} (line {line})" if said else ""

    def _defined(self, step: Step) -> Outcome:
        """Take a line for the definition of J."""
        self.memory.true[step.key] = self.truth.defined[id(step)]
        return self._kept(step, Verdict.DEFINITION, self.memory.true[step.key], ())

    def _helper(
        self, step: Step, alone: Evaluated, dirty: list[str], undefined: str = ""
    ) -> Outcome:
        """Keep what the text calls by a name of its own, or a first part of what it sets later."""
        if undefined:
            self.memory.lose(step.key)
            return Outcome(
                step, Verdict.UNDEFINED, detail=self._about(undefined, step, agrees=False)
            )
        if layer := reasons.no_layer(self.header, step.key, self.truth.values):
            self.memory.lose(step.key)
            return Outcome(step, Verdict.UNDEFINED, detail=layer)
        if alone.value is None:
            self.memory.lose(step.key)
            self.memory.true.pop(step.key, None)
            return Outcome(step, alone.verdict, detail=alone.why, finer=alone.finer)
        own = self._evaluated(step, self.memory.text) if dirty else alone
        self.memory.set_helper(step, alone.value, own.value, dirty)
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
        self.memory.set(step.key, right)
        return Outcome(step, verdict, True, digits, spread=notes)

    def _evaluated(self, step: Step, values: Mapping[str, Matrix]) -> Evaluated:
        return evaluated(self.header, step, values, self.memory.set_on)

    def _undefined(self, step: Step) -> str:
        """Return a name that the text has not defined here, and no line before was to set."""
        for key in step.uses:
            if not (self.memory.knows(key) or key in step.numbers):
                return key
        return reasons.undefined_curve(self.header, step)

    def _about(self, name: str, step: Step, agrees: bool) -> str:
        known = self.truth.values
        if name[0] == "g" and name not in step.uses:
            return reasons.about_curve(self.header, name)
        said = reasons.no_layer(self.header, name, known)
        said = said or reasons.about_name(name, step, self.steps, known)
        return said + (f"; right for the true {name}" if agrees else "")


def _why_wrong(value: Matrix, right: Matrix, agreement: Agreement) -> tuple[Verdict, str, bool]:
    """Return the verdict on a value that does not agree, why, and whether more digits may help."""
    if agreement.same is False:
        return Verdict.WRONG, "", False
    if not _finite(right):
        return Verdict.UNDECIDED, "the true value is no number", False
    return (Verdict.UNDECIDED, "", True) if _finite(value) else (Verdict.WRONG, NO_NUMBER, False)


def _finite(a: Matrix) -> bool:
    return all(entry.is_finite() for entry in a.ravel().tolist())


def judge(header: Header, truth: Truth, steps: Sequence[Step]) -> list[Outcome]:
    """Judge the steps of a text on one network."""
    return Judgement(header, truth, steps).outcomes()
