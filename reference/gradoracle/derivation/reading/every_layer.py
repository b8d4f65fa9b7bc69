"""Lines outside of loops with a free l: ``z^l = w^l a^{l-1} + b^l`` is meant of every layer.

They are read as a loop over all layers in which the line can stand; lines that stand one below the
other and have the same layers share one. The rounds of Z and A go up, all others down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gradoracle.derivation.reading.lines import Line, Loop
from gradoracle.derivation.reading.syntax import (
    Binary,
    Call,
    Name,
    Node,
    Number,
    names,
    parts,
    read,
)

COUNTER = "l"
FROM_0 = ("A", "a")  # layer 0 has an A, which is X, and no W, b or Z
UPWARDS = ("Z", "z", "A", "a")


def of_every_layer(lines: Sequence[Line]) -> list[Line]:
    """Return the lines of a text, those with a free l in a loop; not if some line counts by l.

    Such a line is indented too little, and is refused where its layers are looked up.
    """
    if any(line.loop and line.loop.name == COUNTER for line in lines):
        return list(lines)
    return [line if line.loop else replace(line, loop=loop_over(line, COUNTER)) for line in lines]


def loop_over(line: Line, counter: str) -> Loop | None:
    """Return the loop over all layers that a line can stand in: its indices say which.

    None if none of them is made of the counter.
    """
    known = [(base, _offset(at, counter)) for base, at in _layers(line)]
    offsets = [(base, offset) for base, offset in known if offset is not None]
    if not offsets:
        return None
    first = max((base.removeprefix("d") not in FROM_0) - offset for base, offset in offsets)
    last = -max(offset for _, offset in offsets)
    if line.target.base in UPWARDS:
        bounds = [str(first), _from_L(last + 1)]
    else:
        bounds = [_from_L(last), str(first - 1), "-1"]
    return Loop(0, counter, tuple(map(read, bounds)))


def _layers(line: Line) -> list[tuple[str, Node]]:
    """Return what has a layer in a line, and the layer."""
    found = [(name.base, name.index) for name in (line.target, *names(line.formula)) if name.index]
    calls = [part for part in parts(line.formula) if isinstance(part, Call) and part.layer]
    return found + [(call.function, call.layer) for call in calls if call.layer]


def _offset(index: Node, counter: str) -> int | None:
    """Return the k of ``l + k``; None for a layer that is none of l."""
    match index:
        case Name(base=base, index=None) if base == counter:
            return 0
        case Binary(operator="+" | "-", left=left, right=Number(value=value)):
            before = _offset(left, counter)
            sign = 1 if index.operator == "+" else -1
            return None if before is None or value.denominator != 1 else before + sign * int(value)
    return None


def _from_L(number: int) -> str:
    return f"L {'+' if number > 0 else '-'} {abs(number)}" if number else "L"
