"""Bring the outcomes of all networks together: one verdict for each line."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

from gradoracle.derivation.judging import remarks
from gradoracle.derivation.judging.outcomes import Judged, Outcome, counts
from gradoracle.derivation.reading.lines import Line
from gradoracle.derivation.reading.syntax import (
    show,
)
from gradoracle.derivation.truth.true_values import RATES, Reading
from gradoracle.derivation.verdicts import ORDER, LineVerdict, Verdict

NOTHING = "the true value is 0 in every network, as J does not depend on it: nothing is tested"
SQUARE = "it ran only where all sizes are equal, which hides a wrong order or a transpose"
UNUSED = "no judged line uses it, so nothing tests it"
OBJECTIVES = ("loss", "cost", "objective", "e")  # what J is called, too
MEANT = "if it is that, say so in the header: means: {} = {}"
MEANS = "say in the header what it is of the trace, means: {} = ..., and it is judged"
SOMEWHERE: dict[str, Callable[[int, int], bool]] = {
    "every {}": lambda *_: True,
    "{} = L": lambda layer, L: layer == L,
    "{} = 1": lambda layer, L: layer == 1,
    "{} < L": lambda layer, L: layer < L,
    "{} > 1": lambda layer, L: layer > 1,
}


def verdicts(
    lines: Sequence[Line], judged: Sequence[Judged], reading: Reading
) -> tuple[LineVerdict, ...]:
    """Bring the outcomes of all networks together, line by line."""
    found: dict[int, list[tuple[Judged, Outcome]]] = defaultdict(list)
    for one in judged:
        for outcome in one.outcomes:
            found[id(outcome.step.line)].append((one, outcome))
    told = tuple(
        replace(
            _verdict(line, found[id(line)], reading),
            backward=_backward(found[id(line)]),
            tied=any(o.step.key in one.truth.made_of for one, o in found[id(line)]),
        )
        for line in lines
    )
    if not any(one.verdict.is_judged for one in told):
        return told
    used = {id(line) for one in judged for line in _used(one.outcomes)}
    known = {key for one in judged for key in one.truth.values}
    return tuple(one if id(one.line) in used else _untested(one, known) for one in told)


def _backward(several: list[tuple[Judged, Outcome]]) -> bool:
    """Whether a line sets a derivative, or updates a parameter."""
    return any(
        outcome.step.key in one.truth.derivatives | one.truth.parameters for one, outcome in several
    )


def _used(outcomes: Sequence[Outcome]) -> Iterator[Line]:
    """Yield the lines that are judged, and those that one of them is made of."""
    wanted: set[str] = set()
    for outcome in reversed(outcomes):
        step = outcome.step
        if outcome.verdict is Verdict.HELPER and step.key not in wanted:
            continue
        yield step.line
        if not step.line.side:  # the first side sets it; they all claim it
            wanted.discard(step.key)
        wanted |= set(step.uses)


def _untested(told: LineVerdict, known: Collection[str]) -> LineVerdict:
    """Say that nothing tests a line that only sets a name of the text's own."""
    if told.verdict is not Verdict.HELPER or told.line.target.base in RATES:
        return told  # a rate may be for the next round
    own = show(told.line.target)
    spellings = {own.lower(), re.sub(r"^d[lj](?=d)", "", own.lower())}  # dz2, dLdZ2
    if own in known:  # a further input
        return replace(told, verdict=Verdict.UNDECIDED, detail=UNUSED)
    alike = next((key for key in sorted(known) if key.lower() in spellings), "")
    alike = "J" if own.lower() in OBJECTIVES else alike
    mend = MEANT.format(own, alike) if alike else MEANS.format(own)
    return replace(told, verdict=Verdict.UNDECIDED, detail=f"{UNUSED}; {mend}")


def _verdict(line: Line, several: list[tuple[Judged, Outcome]], reading: Reading) -> LineVerdict:
    counted = [(one, o) for one, o in several if counts(one)]
    key = show(line.target)
    if not counted:
        return LineVerdict(line, key, Verdict.UNDECIDED, detail="in no network did this line run")
    worst = max((o for _, o in counted), key=lambda o: ORDER.index(o.verdict)).verdict
    networks = len({id(one) for one, _ in counted})
    if all(o.nothing for _, o in counted):
        return LineVerdict(line, key, Verdict.UNDECIDED, networks=networks, detail=NOTHING)
    telling = any(one.given.setting.kind == "distinct" for one, _ in counted)
    if worst.is_judged and not worst.is_wrong and not telling:
        return LineVerdict(line, key, Verdict.UNDECIDED, networks=networks, detail=SQUARE)
    if not worst.is_wrong and (sides := remarks.one_side(line, counted)):
        return LineVerdict(line, key, Verdict.UNDECIDED, networks=networks, detail=sides)
    if not worst.is_wrong:
        digits = min((o.digits for _, o in counted), default=0)
        detail = next((o.detail for _, o in counted if o.verdict is worst), "")
        ones = remarks.only_for_ones(several) if all(o.right_alone for _, o in counted) else []
        notes = [
            *ones,
            *remarks.spread(counted),
            *remarks.pieces(line, worst),
            *remarks.steps_down(counted),
        ]
        notes += remarks.from_the_loss(*counted[0])
        convention = remarks.convention(*counted[0], reading) if worst is Verdict.RIGHT else ""
        return LineVerdict(line, key, worst, digits, networks, (), convention, detail, tuple(notes))
    at = [(one, o) for one, o in counted if o.verdict is worst]
    outcome = at[0][1]
    rounds = _rounds(line, at, counted)
    expected, got = remarks.numbers(outcome)
    return LineVerdict(
        line,
        key,
        worst,
        networks=networks,
        rounds=rounds,
        detail=outcome.detail or remarks.relation_of(at),
        notes=tuple(remarks.where_they_fit(worst, counted)),
        expected=expected,
        got=got,
    )


def _rounds(
    line: Line, at: list[tuple[Judged, Outcome]], counted: list[tuple[Judged, Outcome]]
) -> tuple[str, ...]:
    """Return where in a loop a line is wrong; of networks of several depths ``l = L``, if so."""
    if line.loop is None:
        return ()
    name, (first, _) = line.loop.name, at[0]
    depths = {one.given.setting.L for one, _ in counted}
    for told, is_meant in SOMEWHERE.items() if len(depths) > 1 else ():
        if all(
            is_meant(o.step.numbers[name], j.given.setting.L) == o.verdict.is_wrong
            for j, o in counted
            if o.verdict.is_judged  # what nobody reads is not
        ):
            return (told.format(name),)
    found = [o.step.numbers[name] for j, o in at if j is first]
    return tuple(f"{name} = {number}" for number in dict.fromkeys(found))
