"""One network: every step of a text evaluated on what the text computed and on true inputs.

"This line is wrong" and "this line is right, but its input was wrong" are told apart by the second
evaluation. A line that is right leaves the true value behind, so what follows it is not evaluated
twice.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gradoracle.derivation import matrices as m
from gradoracle.derivation.agreement import Agreement, compare
from gradoracle.derivation.definition import Truth, expected
from gradoracle.derivation.evaluate import Scope, UndefinedError
from gradoracle.derivation.header import Header
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.matrices import Matrix, Notes, ShapeError
from gradoracle.derivation.outcomes import Evaluated, Outcome
from gradoracle.derivation.steps import Step
from gradoracle.derivation.verdicts import Verdict
from gradoracle.truth.balls import UndecidedError

LAYERED = re.compile(r"d?[WbZA]-?[0-9]+")
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
    updated: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.true = dict(self.truth.values)
        free = self.truth.free({step.key for step in self.steps})
        self.text = {key: value for key, value in self.true.items() if key in free}
        self.stages = _stages(self.steps, self.truth.parameters)

    def outcomes(self) -> list[Outcome]:
        """Judge every step in turn."""
        return [self._outcome(step) for step in self.steps]

    def _outcome(self, step: Step) -> Outcome:
        found = self._judged(step)
        self.set_on[step.key] = step.line.number
        return found

    def _judged(self, step: Step) -> Outcome:
        undefined, right = self._undefined(step), expected(self.truth, step)
        alone = self._evaluated(step, self.true)
        if self.truth.times != 1 and alone.agrees(
            divided := expected(self.truth, step, divided=True)
        ):
            right = divided
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
            verdict = Verdict.ORDER if set(dirty) & self.updated else Verdict.FED
            return Outcome(step, verdict, True, agreement.digits, self._why(verdict, dirty), spread)
        verdict, detail, finer = _why_wrong(value, right, agreement)
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
        def places(keys: list[str]) -> str:
            return ", ".join(f"{k} (line {self.set_on[k]})" for k in keys if k in self.set_on)

        updated = [key for key in dirty if key in self.updated]
        others = [key for key in dirty if key not in self.updated]
        if verdict is Verdict.ORDER:
            right = f"right for the {', '.join(updated)} of the forward pass, but updated before: "
            return right + places(updated) + (f"; and fed by {places(others)}" if others else "")
        return f"right, but fed by {places(dirty)}"

    def _helper(
        self, step: Step, alone: Evaluated, dirty: list[str], undefined: str = ""
    ) -> Outcome:
        """Keep what the text calls by a name of its own, or a first part of what it sets later."""
        if undefined:
            self._lost(step.key)
            return Outcome(
                step, Verdict.UNDEFINED, detail=self._about(undefined, step, agrees=False)
            )
        if layer := self._no_layer(step.key):
            self._lost(step.key)
            return Outcome(step, Verdict.UNDEFINED, detail=layer)
        if alone.value is None:
            self._lost(step.key)
            self.true.pop(step.key, None)
            return Outcome(step, alone.verdict, detail=alone.why, finer=alone.finer)
        own = self._evaluated(step, self.text) if dirty else alone
        self.true[step.key] = alone.value
        self._set(step, own.value)
        later = self.stages.get(id(step))
        detail = f"a first part: judged on line {later.line.number}" if later else ""
        return Outcome(step, Verdict.HELPER, True, detail=detail, spread=alone.spread)

    def _no_layer(self, key: str) -> str:
        """Say that a name of the trace has a layer that the network does not have."""
        if key in self.truth.values or not (self.header.network and LAYERED.fullmatch(key)):
            return ""
        return f"the network has the layers 1 to {self.truth.given.setting.L}, and no {key}"

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
        notes = Notes(0 if self.header.rows else 1)
        scope = Scope(values, step.numbers, self.header.hidden, notes)
        try:
            return Evaluated(scope.value(step.line.formula), tuple(notes.spread))
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
        missing = {"": ("g", "g_prime"), "softmax": ("g_prime",)}.get(self.header.hidden, ())
        return next((curve for curve in _curves(step) if curve in missing), "")

    def _about(self, name: str, step: Step, agrees: bool) -> str:
        if name in ("g", "g_prime") and self.header.hidden:
            return "softmax has a full Jacobian: g_prime(Z) is no function of single entries"
        if name in ("g", "g_prime"):
            return f"{name} needs one activation for all hidden layers in the header"
        later = [s.line.number for s in self.steps if s.key == name and s.line is not step.line]
        after = [number for number in later if number >= step.line.number] or later
        when = f"is used before line {after[0]} sets it" if after else "is never defined"
        return f"{name} {when}" + (f"; right for the true {name}" if agrees else "")

    def _set(self, step: Step, value: Matrix | None) -> None:
        if value is None:
            self._lost(step.key)
            return
        self.failed.discard(step.key)
        self.text[step.key] = value
        if step.key in self.truth.parameters:
            self.updated.add(step.key)

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


def _stages(steps: Sequence[Step], parameters: Collection[str]) -> dict[int, Step]:
    """Return the steps of which the next that sets the same name makes its value: ``dW2 /= n``.

    A name is judged where the text is done with it. Parameters are not among them: setting one
    is an update.
    """
    found, following = {}, dict[str, Step]()
    for step in reversed(steps):
        later = following.get(step.key)
        if later is not None and step.key in later.uses and step.key not in parameters:
            found[id(step)] = later
        following[step.key] = step
    return found


def _curves(step: Step) -> list[str]:
    found = re.findall(r"\bg(?:_prime)?(?=\()", step.line.normal)
    return list(dict.fromkeys(found))


def judge(header: Header, truth: Truth, steps: Sequence[Step]) -> list[Outcome]:
    """Judge the steps of a text on one network."""
    return Judgement(header, truth, steps).outcomes()


__all__ = ["Judgement", "Outcome", "UndecidedError", "judge"]
