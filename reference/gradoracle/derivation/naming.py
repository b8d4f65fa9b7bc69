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
from dataclasses import dataclass

import numpy as np
from flint import ctx

from gradoracle.case import Case
from gradoracle.derivation.agreement import PRECISIONS, factors
from gradoracle.derivation.definition import Reading, Truth, truth
from gradoracle.derivation.header import Header
from gradoracle.derivation.judgement import Outcome, judge
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.networks import EQUAL, Given, Setting, given
from gradoracle.derivation.places import Judged, Place, all_places, places
from gradoracle.derivation.slips import TRACE, Slip, stands_for
from gradoracle.derivation.source import Line
from gradoracle.derivation.stand_ins import Loss, case_with, laid_out, loss_of, stand_in
from gradoracle.derivation.steps import steps
from gradoracle.derivation.tied import tied
from gradoracle.derivation.trials import ROUGHLY, Trial, a_multiple, explains, ratio
from gradoracle.derivation.verdicts import Named, Verdict
from gradoracle.mistakes import find
from gradoracle.mistakes.mistake import filled
from gradoracle.truth.balls import UndecidedError

TOO_EARLY = "updated-weights-on-the-way-back"
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
        return _too_early(header, at)
    wrong = [place for place in at if place.outcome.verdict.is_wrong]
    if not (header.network and wrong) or any(_undefined(p) for p in wrong):
        return None
    loss = loss_of(header, at[0], reading)
    tried = []
    for trials in _sets(header, lines, line, reading, loss, at):
        possible = list(dict.fromkeys(slip for trial in trials for slip in trial.slips))
        if found := [(slip, "") for slip in possible if explains(slip, trials)]:
            return _said(found, trials, line, header)
        tried.append((trials, possible))
    for trials, possible in tried:
        if found := list(_with_a_factor(possible, trials)):
            return _said(found, trials, line, header)
    return None


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


def _said(
    found: Sequence[tuple[Slip, str]], trials: Sequence[Trial], line: Line, header: Header
) -> Named:
    """Name the mistakes that explain every trial, those first that change nothing else."""

    def least(one: tuple[Slip, str]) -> tuple[int, int]:
        slip, _ = one
        made = next(trial.slips[slip] for trial in trials if slip in trial.slips)
        return slip.position, made.elsewhere

    (best, times), *others = sorted(found, key=least)
    trial = next(trial for trial in trials if best in trial.slips)
    free = line.loop is not None or not header.layers
    symptom = best.mistake.symptom
    formula = symptom if free else filled(symptom, trial.case, trial.slips[best].layer)
    names = dict.fromkeys(slip.mistake.name for slip, _ in others)
    names.pop(best.mistake.name, None)
    formula = re.sub(r"layer \[(l[-+1]*)\]", r"layer \1", formula)
    return Named(best.mistake.name, tuple(names), formula + times)


def _with_a_factor(possible: Sequence[Slip], trials: Sequence[Trial]) -> Iterator[tuple[Slip, str]]:
    """Yield the mistakes that explain every trial but for a constant that derivations forget."""
    if any(a_multiple(trial) for trial in trials):
        return  # of the truth: that is said without a name
    constants = [factors(trial.case.n, trial.case.network.sizes[-1]) for trial in trials]
    columns = {
        name: [float(one[name]) for one in constants]
        for name in constants[0]
        if all(name in one for one in constants)
    }
    for slip in possible:
        seen = [(i, r) for i, t in enumerate(trials) if t.wrong and (r := ratio(slip, t))]
        for name, values in columns.items() if seen else ():
            if all(abs(r / values[i] - 1) < ROUGHLY for i, r in seen):
                if explains(slip, trials, values):
                    yield slip, f"; here {name} times that"
                break


def _too_early(header: Header, at: Sequence[Place]) -> Named | None:
    """Return the mistake of a line that sends an error back through updated weights."""
    for place in at:
        if place.outcome.verdict is Verdict.ORDER:
            if place.outcome.updated and all(k[0] == "W" for k in place.outcome.updated):
                continue  # a helper has sent the error back through them
            name, _ = tied(header, place.step.key)
            updated = [k for k in place.step.uses if k in place.truth.parameters]
            through = any(
                step == "dA"
                for step, _ in stands_for(name, _uses(header, place), place.given.setting.L)
            )
            if not TRACE.fullmatch(name) or not through or any(k[0] != "W" for k in updated):
                return None
    return Named(TOO_EARLY, (), find(TOO_EARLY).symptom)


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
            yield Trial(case, name, stands, times * scale, gives, truth, is_wrong, rate)


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
