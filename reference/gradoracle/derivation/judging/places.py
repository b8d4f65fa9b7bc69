"""Where a line runs: each network, each round of its loop, with true inputs beside the truth.

What a wrong line should have been is asked here of true inputs alone: the names of the trace have
their true values, and a helper name what the text makes of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from flint import ctx

from gradoracle.derivation.judging.agreement import PRECISIONS, compare
from gradoracle.derivation.judging.outcomes import Outcome
from gradoracle.derivation.judging.tied import tied
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.lines import Line
from gradoracle.derivation.reading.syntax import Node
from gradoracle.derivation.truth.evaluate import Scope, value_of
from gradoracle.derivation.truth.matrices import Matrix
from gradoracle.derivation.truth.meanings import scope_of
from gradoracle.derivation.truth.networks import Given
from gradoracle.derivation.truth.rates import Constant, constants_in, unwritten
from gradoracle.derivation.truth.steps import Step
from gradoracle.derivation.truth.true_values import Truth
from gradoracle.derivation.truth.updates import expected, updates
from gradoracle.derivation.verdicts import Verdict

RUNNING = re.compile(r"_at[0-9]+$")  # see `judging.running`: a text has it where it is set


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
    header : Header
    softmax : bool
        Whether there is one in the network.
    name : str
        What the line sets, by the name of the trace: ``dZ1`` where the text says ``dLdZ1``.
    at : int
        Its number among the steps, from 0.
    outcomes : sequence of Outcome
        Of all steps.
    constants : frozenset of str or Fraction
        The rates and strengths in it, and in the helpers it reads: see `truth.updates`.
    """

    given: Given
    truth: Truth
    outcome: Outcome
    values: Mapping[str, Matrix]
    known: frozenset[str]
    expected: Matrix | None
    header: Header
    softmax: bool
    name: str
    at: int
    outcomes: Sequence[Outcome]
    constants: frozenset[Constant] = frozenset()

    @property
    def step(self) -> Step:
        """The step."""
        return self.outcome.step

    def scope(self) -> Scope:
        """Return a new scope with the true values, in which nothing was spread yet."""
        return scope_of(self.header, self.values, self.step.numbers)

    def value(self, formula: Node) -> Matrix | None:
        """Return what a formula gives for true inputs; None where it gives nothing."""
        return value_of(self.scope(), formula)

    def accepts(self, value: Matrix | None) -> bool:
        """Whether a value is right here: of an update, by any of the ways it may take."""
        if value is None or self.expected is None:
            return False
        if _same(value, self.expected):
            return True
        ways = updates(self.header, self.truth, self.step, self.constants, self.values)
        return self.step.key in self.truth.parameters and any(
            _same(value, one.value) for one in ways
        )


def _same(value: Matrix, other: Matrix) -> bool:
    if value.shape != other.shape or not (value[0, 0] - other[0, 0]).contains(0):
        return False
    return bool(compare(value, other).same)


def places(header: Header, judged: Judged, lines: Sequence[Line]) -> dict[int, list[Place]]:
    """Return where some lines run on one network, round by round, by the `id` of each line."""
    truth, outcomes = judged.truth, judged.outcomes
    true = dict(truth.values)
    free = truth.free({outcome.step.key for outcome in outcomes})
    said = set().union(*(outcome.step.uses for outcome in outcomes))
    unsaid = truth.derivatives - said  # dA of the output, which a text may read
    known = {key for key in free - unsaid if not RUNNING.search(key)}
    rate_1 = unwritten(truth, [outcome.step for outcome in outcomes])
    constants: dict[str, frozenset[Constant]] = {}
    found: dict[int, list[Place]] = {id(line): [] for line in lines}
    for at, outcome in enumerate(outcomes):
        step = outcome.step
        own = constants.keys() - (truth.values.keys() - truth.states)
        helpers = [key for key in step.uses if key in own]
        constants[step.key] = rate_1 | constants_in(step, {key: constants[key] for key in helpers})
        if id(step.line) in found:
            found[id(step.line)].append(
                Place(
                    judged.given,
                    truth,
                    outcome,
                    dict(true),
                    frozenset(known),
                    expected(truth, step, constants[step.key]),
                    header,
                    "softmax" in header.activations,
                    tied(header, step.key)[0],
                    at,
                    outcomes,
                    constants[step.key],
                )
            )
        known.add(step.key)
        _run(header, truth, outcome, true)
    return found


def all_places(
    header: Header, several: Sequence[Judged], lines: Sequence[Line]
) -> dict[int, list[Place]]:
    """Return where some lines run on all networks."""
    found: dict[int, list[Place]] = {id(line): [] for line in lines}
    with ctx.workprec(PRECISIONS[0]):
        for judged in several:
            for line, at in places(header, judged, lines).items():
                found[line] += at
    return found


def left_behind(header: Header, judged: Judged) -> dict[str, Matrix]:
    """Return the true value of every name at the end of a text, of the helpers too."""
    true = dict(judged.truth.values)
    for outcome in judged.outcomes:
        _run(header, judged.truth, outcome, true)
    return true


def _run(header: Header, truth: Truth, outcome: Outcome, true: dict[str, Matrix]) -> None:
    """Leave behind the true value of what a step sets."""
    step = outcome.step
    if id(step) in truth.defined:
        true[step.key] = truth.defined[id(step)]
    elif outcome.verdict is Verdict.HELPER:
        value = value_of(scope_of(header, true, step.numbers), step.line.formula)
        if value is not None:
            true[step.key] = value
    elif step.key in truth.values:
        true[step.key] = truth.values[step.key]
