"""Where a line is right that reads a parameter after its update: above the update."""

from __future__ import annotations

from collections.abc import Sequence

from gradoracle.derivation.judging.places import Place
from gradoracle.derivation.judging.running import AT, PART
from gradoracle.derivation.reading.lines import Line
from gradoracle.derivation.reading.syntax import Binary, Name, Node, names, parts, show
from gradoracle.derivation.truth.evaluate import Scope
from gradoracle.derivation.truth.steps import Step
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
            loop = line.loop is not None and line.loop == found.line.loop
            where = _in_a_loop(place, found) if loop else _above(place, found, found.key)
            return f"{line.normal}  # {where}"
    return ""


def too_early(formula: Node, at: Sequence[Place]) -> str:
    """Return where a formula has to stand that reads a parameter which is updated before it."""
    for place in at:
        scope = Scope({}, place.step.numbers)
        reads = {scope.key(name) for name in names(formula)} - {place.step.key}
        for outcome in reversed(place.outcomes[: place.at]):
            step = outcome.step
            if step.key in reads & place.truth.parameters:
                if step.line.loop is not None and step.line.loop == place.step.line.loop:
                    return f"with {step.key} as it was before line {step.line.number}"
                return f"above line {step.line.number}, which updates {step.key}"
    return ""


def _above(place: Place, update: Step, called: str) -> str:
    what = "" if update.key in place.step.uses else "with what it reads "
    return f"{what}above line {update.line.number}, which updates {called}"


def _in_a_loop(place: Place, update: Step) -> str:
    """Return where a line is right whose loop updates what it reads.

    The update may wait for a loop of its own, unless it reads a name that runs on in this one.
    """
    line, number, called = place.step.line, update.line.number, show(update.line.target)
    body = {id(one.step.line): one.step.line for one in place.outcomes}
    lines = [one for one in body.values() if one.loop == line.loop]
    running = {name for one in lines if "[" not in (name := _written(one.target))}
    if not running & _read(update.line):
        return f"and line {number} in a loop of its own, after this one"
    if update.numbers != place.step.numbers or update.key not in place.step.uses:
        return f"with {update.key} as it was before line {number}"
    between = lines[lines.index(update.line) : lines.index(line)]
    changed = {_written(one.target) for one in between if one is not update.line}
    kept_up = {_written(one.target) for one in between}.union(*map(_read, between))
    if _written(line.target) not in kept_up and not changed & _read(line):
        return _above(place, update, called)
    kept = show(_product(line.formula, called, changed))
    was = f"with {called} as it was before line {number}"
    return f"{was}: keep {kept} under a name of its own above it"


def _written(name: Name) -> str:
    """Return a name as the text has it: a running name has no layer there."""
    own = name.base.removesuffix(AT).removesuffix(PART)
    return own if own != name.base else show(name)


def _read(line: Line) -> set[str]:
    return {_written(name) for name in names(line.formula)}


def _product(formula: Node, called: str, changed: set[str]) -> Node:
    """Return the product that an updated name is in, if it is the same before the update."""
    found: Node = next(name for name in names(formula) if show(name) == called)
    for part in parts(formula):
        if isinstance(part, Binary) and part.operator == "@":
            reads = {_written(name) for name in names(part)}
            if called in reads and not reads & changed:
                return part
    return found
