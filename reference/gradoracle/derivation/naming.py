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

from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.derivation.agreement import PRECISIONS, factors
from gradoracle.derivation.definition import Reading, Truth, truth
from gradoracle.derivation.header import Header
from gradoracle.derivation.judgement import Outcome, judge
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.matrices import Matrix
from gradoracle.derivation.networks import EQUAL, Given, Setting, given
from gradoracle.derivation.places import Judged, Place, places
from gradoracle.derivation.slips import TRACE, Slip, stands_for
from gradoracle.derivation.source import Line
from gradoracle.derivation.steps import steps
from gradoracle.derivation.tied import tied
from gradoracle.derivation.trials import ROUGHLY, Trial, a_multiple, case_of, explains, ratio
from gradoracle.derivation.verdicts import Named, Verdict
from gradoracle.losses import LOSSES
from gradoracle.mistakes import find
from gradoracle.mistakes.mistake import filled
from gradoracle.mistakes.steps import run
from gradoracle.network import REDUCTIONS
from gradoracle.truth.balls import UndecidedError

TOO_EARLY = "updated-weights-on-the-way-back"


@dataclass(frozen=True, eq=False)
class Alike:
    """One more network, in which all sizes are equal."""

    given: Given
    truth: Truth
    outcomes: list[Outcome]


@dataclass(frozen=True)
class Loss:
    """What J is: the header's, or what the text's turns out to be."""

    name: str
    reduction: str
    l2: bool


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
    at = [place for one in judged for place in places(header, one, line)]
    if any(place.outcome.verdict is Verdict.ORDER for place in at):
        return _too_early(header, at)
    wrong = [place for place in at if place.outcome.verdict.is_wrong]
    if not header.network or any(p.expected is None or _undefined(p) for p in wrong):
        return None
    loss = _loss(header, at[0], reading)
    if loss is None:
        return None
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
    loss: Loss,
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
    constants = [factors(trial.case.n, trial.case.network.sizes[-1]) for trial in trials]
    if any(a_multiple(trial) for trial in trials):
        return  # of the truth: that is said without a name
    common = [name for name in constants[0] if all(name in one for one in constants)]
    for slip in possible:
        seen = [(i, r) for i, t in enumerate(trials) if t.wrong and (r := ratio(slip, t))]
        for name in common:
            values = [float(one[name]) for one in constants]
            if seen and all(abs(r / values[i] - 1) < ROUGHLY for i, r in seen):
                if explains(slip, trials, values):
                    yield slip, f"; here {name} times that"
                break


def _too_early(header: Header, at: Sequence[Place]) -> Named | None:
    """Return the mistake of a line that sends an error back through updated weights."""
    for place in at:
        if place.outcome.verdict is Verdict.ORDER:
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


def _loss(header: Header, place: Place, reading: Reading) -> Loss | None:
    """Return what J is; of a text that says it in a formula, by its value."""
    if header.loss:
        return Loss(header.loss, reading.reduction, header.l2)
    J = place.truth.values.get("J")
    if J is None:
        return None
    true = float(J[0, 0].mid())
    for name in LOSSES:
        for reduction in REDUCTIONS:
            for l2 in (False, True):
                loss = Loss(name, reduction, l2)
                case = _case(header, place, loss)
                if case is not None:
                    found = float(run(case)["J"])
                    if abs(found - true) < ROUGHLY * abs(true):
                        return loss
    return None


def _case(header: Header, place: Place, loss: Loss, l2: float = 1.0) -> Case | None:
    setting, floats = place.given.setting, place.given.floats
    strength = l2 * float(floats["lam"][0, 0]) if loss.l2 else 0.0
    activations = tuple(header.activation(one, setting.L) for one in range(1, setting.L + 1))
    id_ = f"derivation.{setting.kind.replace(' ', '-')}.{setting.seed}"
    return case_of(id_, setting.sizes, activations, loss.name, loss.reduction, strength, floats)


def _trials(
    header: Header, at: Sequence[Place], reading: Reading, loss: Loss, per_example: bool
) -> Iterator[Trial]:
    """Yield the line at each of its places; nothing where it cannot be compared with a trace.

    Per example the case has the sum for its J, and N times the strength.
    """
    for place in at:
        N = place.truth.N
        name, times = tied(header, place.step.key)
        if not TRACE.fullmatch(name) or place.expected is None:
            return
        if per_example and (reading.convention == "plain" or N == 1 or name[0] != "d"):
            return
        divided = name[:2] in ("dW", "db") and reading.convention == "per-example"
        if per_example:
            case = _case(header, place, Loss(loss.name, "sum", loss.l2), N)
            scale = times / N if divided else times
        else:
            case = _case(header, place, loss)
            whole = reading.convention == "plain" or divided or name[0] != "d"
            scale = times if whole else times * N
        if case is None:
            return
        value = place.outcome.value
        if place.outcome.verdict.is_wrong:
            laid_out = None if value is None else _laid_out(header, name, value)
        else:
            laid_out = _laid_out(header, name, place.expected)
        if laid_out is not None and not np.isfinite(laid_out).all():
            return
        yield Trial(
            case,
            name,
            stands_for(name, _uses(header, place), place.given.setting.L),
            scale,
            laid_out,
            _laid_out(header, name, place.expected),
            place.outcome.verdict.is_wrong,
            float(place.given.floats["alpha"][0, 0]),
        )


def _laid_out(header: Header, name: str, value: Matrix) -> Array:
    """Return the middles of a matrix of balls in the layout of the contract."""
    middles = np.array([[float(x.mid()) for x in row] for row in value])
    if name[:2] == "dW":
        return middles if header.out_by_in else middles.T
    return middles.T if header.rows else middles


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
    return places(header, Alike(network, true, outcomes), line)
