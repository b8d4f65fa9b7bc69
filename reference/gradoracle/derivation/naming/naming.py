"""Which known mistake a wrong line makes: a name is given only if all its numbers bear it out.

Each known mistake is made in that one line, on every network on which the text was judged, as a
program in float64 makes it, and compared with what the line gives to 70 digits. How far the two may
lie apart is measured on the mistake (`gradoracle.diagnosis.tolerance`); the truth must lie farther.
A line whose shapes fit on none of these networks is tried on one more, in which all sizes are
equal: "which fits where n[l] = n[l-1]" is part of many a known mistake.

A text in the per-example convention may be read in two ways: its dA and dZ are N times those of the
mean, or those of the sum. A mistake that is not linear in them gives different numbers, and either
may be what was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from flint import ctx

from gradoracle.case import Case
from gradoracle.derivation.judging.agreement import PRECISIONS
from gradoracle.derivation.judging.judgement import judge
from gradoracle.derivation.judging.outcomes import Outcome, counts
from gradoracle.derivation.judging.places import Judged, Place, all_places, places
from gradoracle.derivation.judging.tied import tied
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.naming.found import Found, said, with_a_factor
from gradoracle.derivation.naming.made import Made
from gradoracle.derivation.naming.one_layer import as_one_layer
from gradoracle.derivation.naming.slips import TRACE, stands_for
from gradoracle.derivation.naming.stand_ins import Loss, case_with, laid_out, loss_of, stand_in
from gradoracle.derivation.naming.telling import Telling
from gradoracle.derivation.naming.trials import Trial, explains
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.lines import Line
from gradoracle.derivation.truth.definition import truth
from gradoracle.derivation.truth.networks import EQUAL, Given, Setting, given
from gradoracle.derivation.truth.steps import steps
from gradoracle.derivation.truth.true_values import Reading, Truth
from gradoracle.derivation.verdicts import Named, Verdict
from gradoracle.mistakes import find
from gradoracle.truth.balls import UndecidedError

TOO_EARLY = "updated-weights-on-the-way-back"
OF_SIZES = re.compile(r", (?:which|of shape) [^;]*\bn\d[^;]*")  # which such a text has no names for
BY_LOSS = ("J", "dA_out")  # steps that need the loss itself


@dataclass(frozen=True, eq=False)
class Alike:
    """One more network, in which all sizes are equal."""

    given: Given
    truth: Truth
    outcomes: list[Outcome]


def named(
    header: Header, lines: Sequence[Line], judged: Sequence[Judged], line: Line, reading: Reading
) -> Named | None:
    """Return the known mistake that a wrong line makes, or None if there is none.

    Parameters
    ----------
    header : Header
    lines : sequence of Line
        Of the whole text.
    judged : sequence of Judged
        The networks that count.
    line : Line
        The first wrong one: what it reads is right.
    reading : Reading
    """
    at = [p for p in all_places(header, judged, [line])[id(line)] if p.expected is not None]
    if any(place.outcome.verdict is Verdict.ORDER for place in at):
        return _too_early(header, line, reading, at)
    wrong = [place for place in at if place.outcome.verdict.is_wrong]
    if not wrong or any(_undefined(p) for p in wrong):
        return None
    if not header.network:
        return _of_one_layer(header, lines, judged, line)
    loss = loss_of(header, at[0], reading)
    tried = []
    for trials in _sets(header, lines, line, reading, loss, at):
        possible = list(dict.fromkeys(slip for trial in trials for slip in trial.slips))
        if found := [Found(slip) for slip in possible if explains(slip, trials)]:
            return said(found, trials, line, header, reading)
        tried.append((trials, possible))
    for trials, possible in tried:
        if found := list(with_a_factor(possible, trials)):
            return said(found, trials, line, header, reading)
    return None


def _of_one_layer(
    header: Header, lines: Sequence[Line], judged: Sequence[Judged], line: Line
) -> Named | None:
    """Return the mistake in a text without a network, if it is about one of a single layer."""
    taken = as_one_layer(header, lines, judged[0])
    if taken is None:
        return None
    counted = [one for one in taken.judged if counts(one)]
    found = named(taken.header, lines, counted, line, taken.reading)
    if found is None:
        return None
    return replace(found, formula=OF_SIZES.sub("", found.formula))


def _sets(
    header: Header,
    lines: Sequence[Line],
    line: Line,
    reading: Reading,
    loss: Loss | None,
    at: Sequence[Place],
) -> Iterator[list[Trial]]:
    """Yield the trials: on the networks of the text, then where all sizes are equal, too."""
    for alike in (False, True):
        everywhere = [*at, *(_alike(header, lines, line, reading, at[0]) if alike else ())]
        for per_example in (False, True):
            trials = list(_trials(header, everywhere, reading, loss, per_example))
            if len(trials) == len(everywhere):
                yield trials


def _undefined(place: Place) -> bool:
    return place.outcome.verdict is Verdict.UNDEFINED


def _too_early(header: Header, line: Line, reading: Reading, at: Sequence[Place]) -> Named | None:
    """Return the mistake of a line that sends an error back through updated weights."""
    made = []
    for place in at:
        if place.outcome.verdict is Verdict.ORDER:
            if place.outcome.updated and all(k[0] == "W" for k in place.outcome.updated):
                continue  # a helper has sent the error back through them
            name, _ = tied(header, place.step.key)
            updated = [k for k in place.step.uses if k in place.truth.parameters]
            stands = stands_for(name, _uses(header, place), place.given.setting.L)
            through = [step for step in stands if step[0] == "dA"]
            if not TRACE.fullmatch(name) or not through or any(k[0] != "W" for k in updated):
                return None
            made.append(Made(place, through[0][1], tuple(through[:1])))
    telling = Telling(header, reading, line, made, right=True)
    return Named(TOO_EARLY, (), telling.told(find(TOO_EARLY)).text if made else "")


def _uses(header: Header, place: Place) -> set[str]:
    """Return the names of the trace that a line reads, its own names for them translated."""
    return {tied(header, key)[0] for key in place.step.uses} | set(place.step.uses)


def _trials(
    header: Header, at: Sequence[Place], reading: Reading, loss: Loss | None, per_example: bool
) -> Iterator[Trial]:
    """Yield the line at each of its places; nothing where it cannot be compared with a trace.

    Per example the case has the sum for its J, and N times the strength. Without a loss it has the
    text's own dA^[L].
    """
    for place in at:
        name, times = tied(header, place.step.key)
        if not TRACE.fullmatch(name) or place.expected is None:
            return
        found = _case_and_scale(header, place, reading, loss, per_example, name)
        if found is None:
            return
        case, scale = found
        truth = laid_out(header, name, place.expected)
        is_wrong, value = place.outcome.verdict.is_wrong, place.outcome.value
        gives = laid_out(header, name, value) if is_wrong and value is not None else None
        gives = gives if is_wrong else truth
        if gives is not None and not np.isfinite(gives).all():
            return
        L = place.given.setting.L
        stands = stands_for(name, _uses(header, place), L)
        if loss is None:
            stands = tuple(step for step in stands if step[0] not in BY_LOSS)
        rate = float(place.given.floats["alpha"][0, 0])
        if stands:
            yield Trial(place, case, name, stands, times * scale, gives, truth, is_wrong, rate)


def _case_and_scale(
    header: Header,
    place: Place,
    reading: Reading,
    loss: Loss | None,
    per_example: bool,
    name: str,
) -> tuple[Case, float] | None:
    """Return the case, and what the text calls by a name as a multiple of the case's."""
    N, convention = place.truth.N, reading.convention
    divided = name[:2] in ("dW", "db") and convention == "per-example"
    if loss is None or per_example:
        if name[0] != "d" or (loss is not None and (convention == "plain" or N == 1)):
            return None
        if loss is None:
            case = None if per_example else stand_in(header, place, convention)
        else:
            case = case_with(header, place, Loss(loss.name, "sum", loss.l2), N)
        return None if case is None else (case, 1 / N if divided else 1.0)
    case = case_with(header, place, loss)
    whole = convention == "plain" or divided or name[0] != "d"
    return None if case is None else (case, 1.0 if whole else N)


def _alike(
    header: Header, lines: Sequence[Line], line: Line, reading: Reading, first: Place
) -> list[Place]:
    """Return the line where all sizes are equal, if that can be had."""
    L = first.given.setting.L
    network = given(header, Setting((EQUAL,) * (L + 1), EQUAL, "all alike", 5))
    written = steps(lines, network.numbers)
    with ctx.workprec(PRECISIONS[0]):
        try:
            true = truth(header, network, written, reading)
            outcomes = judge(header, true, written)
        except (DerivationError, UndecidedError):
            return []
    return places(header, Alike(network, true, outcomes), [line])[id(line)]
