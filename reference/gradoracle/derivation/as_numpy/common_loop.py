"""Lines that need each other from layer to layer, in one loop over the layers they all have.

What some of them have beyond, ``dZ[L]`` or ``dA[0]``, stands before or after the loop.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard

from gradoracle.derivation.reading.lines import Line, Loop
from gradoracle.derivation.reading.syntax import Call, Name, Node, mapped, read, substituted
from gradoracle.derivation.truth.evaluate import Scope


@dataclass(frozen=True)
class Need:
    """That one step has to run before another: each by the place of its line, and its round."""

    before: int
    its_round: int
    after: int
    round: int


@dataclass(frozen=True)
class Span:
    """The layers of an equation, from `first` to L - `short`, and whether its rounds go up."""

    first: int
    short: int
    up: bool


def common_loop(lines: Sequence[Line], group: Sequence[int], needs: Collection[Need]) -> list[Line]:
    """Return the lines of a group in one loop, and before and after it what not all of them have.

    Parameters
    ----------
    lines : sequence of Line
        All lines of a text.
    group : sequence of int
        The places of equations that need each other, or the place of one.
    needs : collection of Need
        As it is in some network: whether what is returned gives the same is to be seen.
    """
    within = [need for need in needs if {need.before, need.after} <= set(group)]
    loops = {place: loop for place in group if (loop := lines[place].loop)}
    if len(loops) < len(group):  # not all of them are equations
        return [lines[place] for place in group]
    spans = {place: _span(loop) for place, loop in loops.items()}
    first = max(span.first for span in spans.values())
    short = max(span.short for span in spans.values())
    up = any(need.its_round < need.round for need in within)
    if not up and all(need.its_round == need.round for need in within):
        up = spans[group[0]].up
    loop = _over(first, short, loops[group[0]], up=up)
    body = _sorted(group, within)
    top = [
        _at(lines[place], _from_L(-beyond))
        for beyond in _way(range(min(span.short for span in spans.values()), short), back=up)
        for place in body
        if spans[place].short <= beyond
    ]
    bottom = [
        _at(lines[place], str(layer))
        for layer in _way(range(min(span.first for span in spans.values()), first), back=not up)
        for place in body
        if spans[place].first <= layer
    ]
    middle = [replace(lines[place], loop=loop) for place in body]
    return [*bottom, *middle, *top] if up else [*top, *middle, *bottom]


def _way(layers: range, *, back: bool) -> range:
    return layers[::-1] if back else layers


def _span(loop: Loop) -> Span:
    """Return the layers of a loop that stands for an equation: its bounds are k or L + k."""
    begin, end, *_ = (Scope({}, {"L": 0}).index(bound) for bound in loop.bounds)
    up = len(loop.bounds) == 2
    return Span(begin, 1 - end, up) if up else Span(end + 1, -begin, up)


def _over(first: int, short: int, loop: Loop, *, up: bool) -> Loop:
    """Return the loop over some layers; its line is still to be given."""
    down = (_from_L(-short), str(first - 1), "-1")
    bounds = (str(first), _from_L(1 - short)) if up else down
    return replace(loop, bounds=tuple(map(read, bounds)))


def _sorted(group: Sequence[int], needs: Collection[Need]) -> list[int]:
    """Return the lines of a round, each after those of the round that it needs."""
    pairs = {(n.before, n.after) for n in needs if n.its_round == n.round and n.before != n.after}
    left, found = list(group), []
    while left:
        ready = [one for one in left if not any((other, one) in pairs for other in left)]
        found.append((ready or left)[0])
        left.remove(found[-1])
    return found


def _at(line: Line, layer: str) -> Line:
    """Return an equation at one layer: ``dZ[L] = dA[L] * g_prime(Z[L])``."""
    loop, index = line.loop, line.target.index
    if loop is None:
        return line

    def tidied(node: Node) -> Node:
        if isinstance(node, Name) and node.index is not None:
            return replace(node, index=_sum(node.index))
        return replace(node, layer=_sum(node.layer)) if _has_layer(node) else node

    formula = mapped(substituted(line.formula, loop.name, read(layer)), tidied)
    index = _sum(substituted(index, loop.name, read(layer))) if index else None
    target = replace(line.target, index=index)
    return replace(line, target=target, formula=formula, loop=None)


def _has_layer(node: Node) -> TypeGuard[Call]:
    return isinstance(node, Call) and node.layer is not None


def _sum(index: Node | None) -> Node | None:
    """Return ``L - 1 + 1`` as ``L``, ``1 + 1`` as 2."""
    if index is None:
        return None
    at_0, at_1 = (Scope({}, {"L": L}).index(index) for L in (0, 1))
    if at_1 - at_0 > 1:  # 2 * L is no sum
        return index
    return read(str(at_0) if at_0 == at_1 else _from_L(at_0))


def _from_L(number: int) -> str:
    return f"L {'+' if number > 0 else '-'} {abs(number)}" if number else "L"
