"""Lines outside of loops with a free l: ``z^l = w^l a^{l-1} + b^l`` is meant of every layer.

They are read as a loop over all layers in which the line can stand; lines that stand one below the
other and have the same layers share one. Several of them are equations: they are judged in the
order in which their names need each other, see `gradoracle.derivation.truth.equations`.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace

from gradoracle.derivation.reading.header import Header
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
    show,
)

COUNTER = "l"
SMALL = {"a": "A", "z": "Z"}


def of_every_layer(lines: Sequence[Line], header: Header) -> list[Line]:
    """Return the lines of a text, those with a free l in a loop.

    Not the line that follows a loop over l: it is indented too little, and is refused where its
    layers are looked up.
    """
    found: list[Line] = []
    ends = _ends(lines, header)
    for line in lines:
        before = found[-1].loop if found else None
        too_little = before and before.number and before.name == COUNTER
        if line.loop is None and not too_little:
            line = replace(line, loop=loop_over(line, COUNTER, header, ends))
        found.append(line)
    return found


def _ends(lines: Sequence[Line], header: Header) -> set[tuple[str, str]]:
    """Return the layers that lines of their own set: ``dZ[L]``; and ``A[0]``."""
    known = {str(header.layers): "L"} if header.layers else {}
    alone = [line.target for line in lines if line.loop is None and line.target.index is not None]
    layers = [(name.base, show(name.index)) for name in alone if name.index]
    return {(base, known.get(layer, layer)) for base, layer in layers}


def loop_over(
    line: Line, counter: str, header: Header, ends: Container[tuple[str, str]] = ()
) -> Loop | None:
    """Return the loop over all layers that a line can stand in: its indices say which.

    None if none of them is made of the counter. Layer 0 has an A, which is X, and no W, b or Z.
    What a line of its own sets is left to it. The rounds of Z and A go up, all others down.
    """
    known = [(base, _offset(at, counter)) for base, at in _layers(line)]
    offsets = [(base, offset) for base, offset in known if offset is not None]
    if not offsets:
        return None
    first = max((_kind(base, header) not in ("A", "dA")) - offset for base, offset in offsets)
    last = -max(offset for _, offset in offsets)
    if (own := _offset(line.target.index, counter) if line.target.index else None) is not None:
        base = line.target.base
        last = min(last, -1 - own) if (base, "L") in ends else last
        first = max(first, 1 - own) if (base, "0") in ends else first
    if _kind(line.target.base, header) in ("Z", "A"):
        bounds = [str(first), _from_L(last + 1)]
    else:
        bounds = [_from_L(last), str(first - 1), "-1"]
    return Loop(0, counter, tuple(map(read, bounds)))


def _kind(base: str, header: Header) -> str:
    """Return the name of the trace for one of the text, as far as it is known."""
    d, of = ("d", base[1:]) if base[0] == "d" and len(base) > 1 else ("", base)
    for name, before in ((base, ""), (of, d)):
        meaning = header.meaning(Name(0, name, Name(0, COUNTER)))
        if isinstance(meaning, Name):
            return before + meaning.base
    return d + SMALL.get(of, of)


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
