"""Check a derivation: read it, choose how it is to be taken, judge every line on every network."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from flint import ctx

from gradoracle.derivation import limits
from gradoracle.derivation.agreement import PRECISIONS
from gradoracle.derivation.choosing import choose
from gradoracle.derivation.definition import Reading, goals_of, truth
from gradoracle.derivation.gathering import counts, verdicts
from gradoracle.derivation.header import Header, read_header
from gradoracle.derivation.judgement import judge
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.networks import Given, given, settings
from gradoracle.derivation.outcomes import Judged
from gradoracle.derivation.source import Source, read
from gradoracle.derivation.steps import Step, steps
from gradoracle.derivation.verdicts import Checked, LineVerdict
from gradoracle.truth.balls import UndecidedError

MANY = 10**6  # digits of what is exactly the same

__all__ = ["MANY", "Judged", "check", "choose", "judged_on"]


def check(text: str, name: str = "derivation", *, markdown: bool = False) -> Checked:
    """Check a derivation line by line.

    Parameters
    ----------
    text : str
        As in `gradoracle.derivation.source`.
    name : str
        What to call it in reports.
    markdown : bool
        Whether only the fenced blocks of the text count.

    Returns
    -------
    Checked

    Raises
    ------
    DerivationError
        For what cannot be read, with line and column.
    """
    start = time.perf_counter()
    with limits.within(limits.SECONDS):
        source = read(text, markdown=markdown)
        header = read_header(source)
        try:
            reading, judged = _judged(header, source)
        except DerivationError as error:  # the time may be over anywhere
            raise (error if error.line else error.on_line(source.lines[0].number)) from None
        found = verdicts(source.lines, judged, reading)
        try:
            lines = explained(header, source, judged, found, reading)
        except DerivationError:  # the time is over: the verdicts hold without a mend
            lines = found
    notes = tuple(_notes(header, reading, lines, judged))
    told = tuple(str(one.given.setting) for one in judged if counts(one))
    return Checked(name, header, reading, lines, told, notes, time.perf_counter() - start)


def _judged(header: Header, source: Source) -> tuple[Reading, list[Judged]]:
    """Choose how a text is to be taken, and judge it on every network."""
    own = frozenset(line.target.base for line in source.lines)
    networks = [given(header, setting, own) for setting in settings(header)]
    reading = choose(
        header, source, lambda reading: judged_on(header, source, networks[0], reading)
    )
    return reading, [judged_on(header, source, one, reading) for one in networks]


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


def explained(
    header: Header,
    source: Source,
    judged: Sequence[Judged],
    lines: tuple[LineVerdict, ...],
    reading: Reading,
) -> tuple[LineVerdict, ...]:
    """Add which known mistake the first wrong line makes, and how every wrong line is mended."""
    if not any(line.verdict.is_wrong for line in lines):
        return lines
    from gradoracle.derivation import mending, naming  # they hold all known mistakes

    first = next(line for line in lines if line.verdict.is_wrong)
    counted = [one for one in judged if counts(one)]
    mistake = naming.named(header, source.lines, counted, first.line, reading)
    named = [replace(line, mistake=mistake) if line is first else line for line in lines]
    return tuple(mending.mended(header, judged, named, reading))


def _notes(
    header: Header, reading: Reading, lines: Sequence[LineVerdict], judged: Sequence[Judged]
) -> list[str]:
    """Say how what the text leaves open was taken."""
    found = []
    N = "n n_L" if reading.reduction == "mean_all" else "n"
    if header.loss and not header.reduction:
        words = {
            "mean": "the mean over the examples, summed over outputs",
            "sum": "the sum over examples and outputs",
            "mean_all": "the mean over examples and outputs",
        }[reading.reduction]
        found.append(f"J is taken as {words}")
    if any(line.convention for line in lines) and reading.convention == "per-example":
        found.append(f"dA, dZ and dX are {N} times the derivative of J: the per-example convention")
    if reading.convention == "undivided":
        found.append(f"every derivative is {N} times that of J: the text leaves the division out")
    if missing := _missing(judged[0]):
        found.append(f"not given, in the network {judged[0].given.setting}: {', '.join(missing)}")
    return found


def _missing(one: Judged) -> list[str]:
    """Return the derivatives by parameters that a text leaves out, if it gives some."""
    given: set[str] = set()
    for outcome in one.outcomes:
        key = outcome.step.key
        given |= {key, f"d{key}"} | one.truth.made_of.get(key, frozenset())
    wanted = [f"d{key}" for key in one.given.values if key in one.truth.parameters]
    missing = [key for key in wanted if key not in given]
    return missing if len(missing) < len(wanted) else []
