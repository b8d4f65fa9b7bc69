"""Equations for every layer as loops that run.

A line outside of loops with a free l is an equation, judged in the order that its names need. Here
it becomes a loop. Where the loops of the text, one below the other, do not give what the equations
give, they are put in order; lines that need each other from layer to layer share one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from gradoracle.derivation.as_numpy.common_loop import Need, common_loop
from gradoracle.derivation.as_numpy.statements import depths
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.lines import Line
from gradoracle.derivation.truth.steps import steps
from gradoracle.errors import InputError

Done = tuple[int, str, int]  # a line, what it sets, and how often it has set it before


def in_order(header: Header, lines: Sequence[Line]) -> list[Line]:
    """Return the lines of a right derivation, its equations in loops that run.

    Parameters
    ----------
    header : Header
    lines : sequence of Line

    Raises
    ------
    InputError
        If no such loops are found.
    """
    equations = [line for line in lines if line.is_equation]
    if not equations:
        return list(lines)
    wanted = [_flow(lines, L) for L in depths(header)]
    for candidate in _candidates(header, lines):
        if [_flow(candidate, L) for L in depths(header)] == wanted:
            return candidate
    raise InputError(
        "equations for every layer that loops can run through",
        f"line {equations[0].number} and those that it needs or that need it",
        "write the loops out, in the order they run",
    )


def _flow(lines: Sequence[Line], L: int) -> dict[Done | str, object]:
    """Return which line, in which round, has set what each line reads, and every name at the end.

    Lines in any other order give the same if this is the same.
    """
    times: Counter[tuple[int, str]] = Counter()
    last: dict[str, Done] = {}
    found: dict[Done | str, object] = {}
    for step in steps(lines, {"L": L}):
        which = step.line.number, step.key
        done = (*which, times[which])
        times[which] += 1
        found[done] = [(name, last.get(name)) for name in step.uses]
        last[step.key] = done
    return found | dict(last)


def _candidates(header: Header, lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Yield the lines with all equations in loops: as they stand, then in the order they need."""
    yield _as_loops(lines, shared=True)
    needs = {need for L in depths(header) for need in _needs(lines, L)}
    ordered: list[Line] = []
    for group in _groups(len(lines), needs):
        equations = any(lines[place].is_equation for place in group)
        ordered += common_loop(lines, group, needs) if equations else (lines[at] for at in group)
    yield _as_loops(ordered, shared=True)
    yield _as_loops(ordered, shared=False)


def _as_loops(lines: Sequence[Line], *, shared: bool) -> list[Line]:
    """Give the loops of equations a line, those with the same layers one."""
    found: list[Line] = []
    for loop, group in groupby(lines, key=lambda line: line.loop if line.is_equation else None):
        several = list(group)
        for line in several:
            number = several[0].number if shared else line.number
            found.append(replace(line, loop=replace(loop, number=number)) if loop else line)
    return found


def _needs(lines: Sequence[Line], L: int) -> Iterator[Need]:
    """Yield what has to run before what: who sets a name, who reads it, who sets it again."""
    places = {id(line): place for place, line in enumerate(lines)}
    setter: dict[str, tuple[int, int]] = {}
    readers: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for step in steps(lines, {"L": L}):
        loop = step.line.loop
        own = places[id(step.line)], step.numbers[loop.name] if loop else 0
        for name in step.uses:
            readers[name].add(own)
            if name in setter:
                yield Need(*setter[name], *own)
        for other in {*readers.pop(step.key, set()), setter.get(step.key, own)}:
            yield Need(*other, *own)
        setter[step.key] = own


def _groups(count: int, needs: Collection[Need]) -> list[list[int]]:
    """Return the places of lines that need each other, each group after those that it needs."""
    before: dict[int, set[int]] = {place: set() for place in range(count)}
    for need in needs:
        before[need.after].add(need.before)
    whole = {place: _reached(place, before) for place in before}
    left = list(before)
    found: list[list[int]] = []
    while left:
        done = {place for group in found for place in group}
        for place in left:
            group = [other for other in left if other == place or _mutual(other, place, whole)]
            if all(whole[other] <= done | set(group) for other in group):
                break
        found.append(group)
        left = [other for other in left if other not in group]
    return found


def _mutual(one: int, other: int, whole: Mapping[int, set[int]]) -> bool:
    return one in whole[other] and other in whole[one]


def _reached(place: int, before: Mapping[int, set[int]]) -> set[int]:
    """Return all that a line needs, and what that needs."""
    found: set[int] = set()
    waiting = [place]
    while waiting:
        new = before[waiting.pop()] - found
        found |= new
        waiting += new
    return found
