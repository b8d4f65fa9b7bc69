"""How what a text leaves open is taken: the reduction of J, and what dA and dZ are."""

from __future__ import annotations

from collections.abc import Callable

from flint import ctx

from gradoracle.derivation.judging.agreement import PRECISIONS, compare
from gradoracle.derivation.judging.outcomes import Judged, Outcome
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.source import Source
from gradoracle.derivation.reading.syntax import Binary, Call, names, parts
from gradoracle.derivation.truth.meanings import goals_of
from gradoracle.derivation.truth.true_values import Reading
from gradoracle.derivation.verdicts import Verdict
from gradoracle.network import REDUCTIONS

PARAMETERS = ("W", "b")
EXAMPLES = ("n", "m", "N")


def readings(header: Header, source: Source) -> list[Reading]:
    """Return how a text may be taken, the most usual way first.

    That it leaves every division out is tried only where it has updates, which may make up for it.
    """
    reductions: tuple[str, ...] = (header.reduction,) if header.reduction else REDUCTIONS
    if not header.loss:
        reductions = (header.reduction or "mean",)
    elif not header.reduction and _divides(header, source):
        reductions = tuple(one for one in reductions if one != "sum")
    conventions: tuple[str, ...] = ("plain", "per-example")
    if any(line.target.base in PARAMETERS for line in source.lines):
        conventions += ("undivided",)
    if header.convention:
        conventions = (header.convention,)
    several = [Reading(reduction, how) for reduction in reductions for how in conventions]
    # where nothing is divided there is no convention
    return [
        one for one in several if one.reduction != "sum" or one.convention == "plain"
    ] or several


def _divides(header: Header, source: Source) -> bool:
    """Whether a text without a J divides by the number of examples: then it means no sum."""
    if any(line.target.base in goals_of(header) for line in source.lines):
        return False
    for line in source.lines:
        for part in parts(line.formula):
            below = part.right if isinstance(part, Binary) and part.operator == "/" else None
            if below and any(name.base in EXAMPLES for name in names(below)):
                return True
            if isinstance(part, Call) and part.function == "mean":
                return True
    return False


def choose(header: Header, source: Source, judged: Callable[[Reading], Judged]) -> Reading:
    """Return the reading under which the J of a text, and then most of its lines, are right.

    A text is in the per-example convention if its dA and dZ are, whatever its dW and db are: a
    missing division is then found there. A J that is wrong says nothing about the reduction: the
    usual one holds, lest a wrong J excuse what follows.

    Parameters
    ----------
    header : Header
    source : Source
    judged : callable (Reading) -> Judged
        One network, judged under a reading.
    """
    several = readings(header, source)
    if len(several) == 1:
        return several[0]
    found = {reading: judged(reading) for reading in several}
    scores = {reading: _score(header, one) for reading, one in found.items()}
    has_J = any(line.target.base in goals_of(header) for line in source.lines)
    if has_J and not any(score[0] for score in scores.values()):
        several = [reading for reading in several if reading.reduction == several[0].reduction]
    several = [one for one in several if _borne_out(header, one, found[one])]
    return max(several, key=scores.__getitem__)  # the first of equals


def _borne_out(header: Header, reading: Reading, judged: Judged) -> bool:
    """Whether a text does what its convention needs, lest an error pass for a convention.

    Derivatives that are n times are made up for in the updates, all of them; and where nobody says
    that J is divided, dA and dZ are n times only if a dW or db is there to show the division.
    """
    truth, outcomes = judged.truth, judged.outcomes
    if reading.convention == "undivided" and not header.convention:
        steps = [outcome for outcome in outcomes if outcome.step.key in truth.parameters]
        return all(one.update and one.update.divided for one in steps)
    if reading.convention == "per-example" and not (header.loss or header.convention):
        return any(truth.trace_of(o.step.key) & truth.by_parameters for o in outcomes)
    return True


def _right(outcomes: list[Outcome]) -> list[Outcome]:
    return [o for o in outcomes if o.right_alone and o.verdict.is_judged]


def _score(header: Header, judged: Judged) -> tuple[int, int, int, int]:
    """Count what is right: lines of J, of dA and dZ, and at all; and what but for its sign."""
    truth = judged.truth
    right = _right(judged.outcomes)
    passed = [o.step.key for o in right if o.verdict is Verdict.RIGHT]
    between = [
        key
        for key in passed
        if key in truth.derivatives and not truth.trace_of(key) & truth.by_parameters
    ]
    costs = sum(o.step.key in goals_of(header) for o in right)
    return costs, len(between), len(right), _reversed(judged)


def _reversed(judged: Judged) -> int:
    """Return how many lines are right but for their sign."""
    with ctx.workprec(PRECISIONS[0]):
        return sum(
            bool(compare(outcome.value, -outcome.truth).same)
            for outcome in judged.outcomes
            if outcome.value is not None
            and outcome.truth is not None
            and outcome.value.shape == outcome.truth.shape
        )
