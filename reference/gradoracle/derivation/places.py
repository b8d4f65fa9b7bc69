"""Where a line runs: each network, each round of its loop, with true inputs beside the truth.

What a wrong line should have been is asked here of true inputs alone: the names of the trace have
their true values, and a helper name what the text makes of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from gradoracle.derivation.definition import Truth, expected
from gradoracle.derivation.evaluate import Scope, UndefinedError
from gradoracle.derivation.header import Header
from gradoracle.derivation.judgement import Outcome
from gradoracle.derivation.matrices import Matrix, Notes, ShapeError
from gradoracle.derivation.networks import Given
from gradoracle.derivation.source import Line
from gradoracle.derivation.steps import Step
from gradoracle.derivation.syntax import Node
from gradoracle.derivation.tied import tied
from gradoracle.derivation.verdicts import Verdict
from gradoracle.truth.balls import UndecidedError


class Judged(Protocol):
    """One network with the outcome of every step: see `gradoracle.derivation.check.Judged`."""

    @property
    def given(self) -> Given: ...  # noqa: D102
    @property
    def truth(self) -> Truth: ...  # noqa: D102
    @property
    def outcomes(self) -> list[Outcome]: ...  # noqa: D102


@dataclass(frozen=True, eq=False)
class Place:
    """One line in one round on one network.

    Attributes
    ----------
    given : Given
    truth : Truth
    outcome : Outcome
        What became of it.
    values : mapping of str to Matrix
        The true value of every name it may read.
    known : frozenset of str
        The names that the text has set before it, and what is given.
    expected : Matrix or None
        What it should give; None for a helper.
    rows : bool
        Whether an example is a row.
    g : str
        The hidden activation.
    name : str
        What the line sets, by the name of the trace: ``dZ1`` where the text says ``dLdZ1``.
    before : tuple of Outcome
        Of the steps before it.
    """

    given: Given
    truth: Truth
    outcome: Outcome
    values: Mapping[str, Matrix]
    known: frozenset[str]
    expected: Matrix | None
    rows: bool
    g: str
    name: str
    before: tuple[Outcome, ...]

    @property
    def step(self) -> Step:
        """The step."""
        return self.outcome.step

    def scope(self) -> Scope:
        """Return a new scope with the true values, in which nothing was spread yet."""
        return Scope(self.values, self.step.numbers, self.g, Notes(0 if self.rows else 1))

    def value(self, formula: Node) -> Matrix | None:
        """Return what a formula gives for true inputs; None where it gives nothing."""
        return value_of(self.scope(), formula)


def value_of(scope: Scope, formula: Node) -> Matrix | None:
    """Return the value of a formula, or None where there is none."""
    try:
        return scope.value(formula)
    except (ShapeError, UndefinedError, UndecidedError, ValueError, ZeroDivisionError):
        return None


def places(header: Header, judged: Judged, line: Line) -> list[Place]:
    """Return where a line runs on one network, round by round."""
    truth, outcomes = judged.truth, judged.outcomes
    true = dict(truth.values)
    known = truth.free({outcome.step.key for outcome in outcomes})
    found = []
    for at, outcome in enumerate(outcomes):
        step = outcome.step
        if step.line is line:
            found.append(
                Place(
                    judged.given,
                    truth,
                    outcome,
                    dict(true),
                    frozenset(known),
                    expected(truth, step),
                    header.rows,
                    header.hidden,
                    tied(header, step.key)[0],
                    tuple(outcomes[:at]),
                )
            )
        known.add(step.key)
        _run(header, truth, outcome, true)
    return found


def _run(header: Header, truth: Truth, outcome: Outcome, true: dict[str, Matrix]) -> None:
    """Leave behind the true value of what a step sets."""
    step = outcome.step
    if id(step) in truth.defined:
        true[step.key] = truth.defined[id(step)]
    elif outcome.verdict is Verdict.HELPER:
        scope = Scope(true, step.numbers, header.hidden, Notes(0 if header.rows else 1))
        value = value_of(scope, step.line.formula)
        if value is not None:
            true[step.key] = value
    elif step.key in truth.values:
        true[step.key] = truth.values[step.key]
