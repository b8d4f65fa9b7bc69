"""Where a line is right that reads a parameter after its update: above the update."""

from __future__ import annotations

from collections.abc import Sequence

from gradoracle.derivation.judging.places import Place
from gradoracle.derivation.reading.source import Line
from gradoracle.derivation.verdicts import Verdict


def in_order(line: Line, at: Sequence[Place]) -> str:
    """Return a line that is right before an update."""
    for place in at:
        reads, found = set(place.step.uses), None
        for outcome in reversed(place.outcomes[: place.at]):
            step = outcome.step
            if step.key in reads and step.key in place.truth.parameters:
                found = step
            elif step.key in reads and outcome.verdict is Verdict.HELPER:
                reads |= set(step.uses)  # it may have read what was updated
        if found is not None:
            direct = found.key in place.step.uses
            what = "" if direct else "with what it reads "
            where = f"{what}above line {found.line.number}, which updates {found.key}"
            if line.loop is not None and line.loop == found.line.loop:
                where = f"and line {found.line.number} in a loop of its own, after this one"
            return f"{line.normal}  # {where}"
    return ""
