"""A text as it is taken: how what it leaves open is read, and its lines judged on every network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import ctx

from gradoracle.derivation import limits
from gradoracle.derivation.judging.agreement import PRECISIONS
from gradoracle.derivation.judging.choosing import choose
from gradoracle.derivation.judging.gathering import verdicts
from gradoracle.derivation.judging.judgement import judge
from gradoracle.derivation.judging.outcomes import Judged
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.source import Source
from gradoracle.derivation.truth.definition import truth
from gradoracle.derivation.truth.meanings import goals_of
from gradoracle.derivation.truth.networks import ONES, Given, given, settings
from gradoracle.derivation.truth.steps import Step, steps
from gradoracle.derivation.truth.true_values import Reading
from gradoracle.derivation.verdicts import LineVerdict
from gradoracle.truth.balls import UndecidedError


@dataclass(frozen=True, eq=False)
class Taken:
    """A text with a verdict on each of its lines, and no explanation yet.

    Attributes
    ----------
    header : Header
    source : Source
    reading : Reading
        How what the text leaves open is taken.
    judged : sequence of Judged
        One for each network.
    found : tuple of LineVerdict
    """

    header: Header
    source: Source
    reading: Reading
    judged: Sequence[Judged]
    found: tuple[LineVerdict, ...]

    @property
    def wrong(self) -> int:
        """How many lines are in error themselves."""
        return sum(line.verdict.is_wrong for line in self.found)


def take(
    header: Header, source: Source, reading: Reading | None = None, *, first: bool = False
) -> Taken:
    """Choose how a text is to be taken, if nobody says so, and judge it on every network.

    Parameters
    ----------
    header : Header
    source : Source
    reading : Reading, optional
    first : bool
        Whether the first network is enough, to see whether a guess is worth more.

    Raises
    ------
    DerivationError
        If a line cannot be evaluated for a reason that is no verdict, or the time is over.
    """
    own = frozenset(line.target.base for line in source.lines)
    networks = [given(header, setting, own) for setting in settings(header)]
    networks = networks[:1] if first else networks
    tried: dict[Reading, Judged] = {}

    def on_first(how: Reading) -> Judged:
        tried[how] = judged_on(header, source, networks[0], how)
        return tried[how]

    reading = reading or choose(header, source, on_first)
    judged = [tried[reading]] if reading in tried else []
    left = networks[len(judged) :]
    judged += [one for at in left if (one := _judged_where_it_can_be(header, source, at, reading))]
    return Taken(header, source, reading, judged, verdicts(source.lines, judged, reading))


def _judged_where_it_can_be(
    header: Header, source: Source, one: Given, reading: Reading
) -> Judged | None:
    """Judge a text on a network; not on one that the header has not, where J is no number."""
    try:
        return judged_on(header, source, one, reading)
    except DerivationError:
        if one.setting.kind != ONES:
            raise
        limits.tick()  # the time may be over
        return None


def judged_on(header: Header, source: Source, one: Given, reading: Reading) -> Judged:
    """Judge every step on one network, in balls fine enough to decide."""
    written = steps(source.lines, one.numbers)
    for bits in PRECISIONS:
        try:
            with ctx.workprec(bits):
                true = truth(header, one, written, reading)
                found = Judged(one, true, judge(header, true, written))
        except DerivationError as error:  # in what no line of the text says
            raise error.on_line(line_of_J(header, written)) from None
        except UndecidedError as error:
            if bits == PRECISIONS[-1]:
                raise DerivationError(
                    "a J that compares numbers that differ",
                    str(error),
                    "x > x has no answer in balls",
                    line_of_J(header, written),
                ) from None
            continue
        if not any(outcome.finer for outcome in found.outcomes):
            break
    return found


def line_of_J(header: Header, written: Sequence[Step]) -> int:
    """Return the line that sets J last, or that of the network."""
    lines = [step.line.number for step in written if step.key in goals_of(header)]
    return lines[-1] if lines and not header.loss else header.at.get("network", 1)
