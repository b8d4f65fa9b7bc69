"""Names of the trace in small letters: x, z1, a[l-1], w2, where the text writes no X, Z, A, W.

Texts about a single example write them so. They are tied to the names of the trace if more lines
are right then; of a and z either may be the activation. So is delta[l], the usual name of dZ[l],
where nothing else would tell whether it is right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from gradoracle.derivation import limits
from gradoracle.derivation.judging.taken import Taken, take
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.reading.header import Header, with_tie
from gradoracle.derivation.reading.source import Source
from gradoracle.derivation.reading.syntax import Name, names
from gradoracle.derivation.verdicts import LineVerdict, Verdict

INPUTS = {"x": "X", "y": "Y"}
WHOLE = {"dx": "dX"}  # without a layer
LAYERS = {"z": "Z", "a": "A", "w": "W", "dz": "dZ", "da": "dA", "dw": "dW"}
SWAPPED = {"z": "A", "a": "Z", "dz": "dA", "da": "dZ"}
DELTA = {"delta": "dZ"}
NUMBERED = re.compile(r"(d?[zaw]|delta)(?:\d+|L)")


def take_with_letters(header: Header, source: Source) -> tuple[Taken, str]:
    """Judge a text, its small letters tied if more lines are right then, and say how they are."""
    ties = _ties(header, source) if header.network else {}
    letters = {small: large for small, large in ties.items() if small not in DELTA}
    best = _best(header, source, letters) if letters else {}
    taken = take(_tied(header, best), source)
    if DELTA.keys() <= ties.keys() and any(_is_open(line) for line in taken.found):
        again = take(_tied(header, best | DELTA), source)
        if _right(again.found) > _right(taken.found):
            taken, best = again, best | DELTA
    return taken, _said(best) if best else ""


def _best(header: Header, source: Source, letters: dict[str, str]) -> dict[str, str]:
    """Return the ties with which most lines are right on the first network; none of equals."""
    ways: list[dict[str, str]] = [{}, letters]
    if {"a", "z"} <= letters.keys():
        ways.append({small: SWAPPED.get(small, large) for small, large in letters.items()})
    return max(ways, key=lambda way: _right(_verdicts(_tied(header, way), source)))


def _verdicts(header: Header, source: Source) -> tuple[LineVerdict, ...]:
    """Return the verdicts on the first network; none where there is no J."""
    try:
        return take(header, source, first=True).found
    except DerivationError:
        limits.tick()  # the time may be over
        return ()


def _right(found: Sequence[LineVerdict]) -> int:
    return sum(line.verdict is Verdict.RIGHT for line in found)


def _is_open(line: LineVerdict) -> bool:
    return line.verdict is Verdict.UNDECIDED and _base(line.line.target) in DELTA


def _base(name: Name) -> str:
    """Return ``z`` of ``z1`` and of ``z[l]``, and else the name."""
    numbered = NUMBERED.fullmatch(name.base)
    return numbered[1] if numbered and name.index is None else name.base


def _ties(header: Header, source: Source) -> dict[str, str]:
    """Return the names that stand for what the text does not write, and for what."""
    written = [name for one in source.lines for name in (one.target, *names(one.formula))]
    bases = {name.base for name in written}
    said = {_base(name) for name in written if _base(name) != name.base or name.index}
    said |= bases & set(WHOLE)
    said |= bases & set(INPUTS) - {line.target.base for line in source.lines}  # given, not set
    own = {name for tied, _ in header.means for name in (tied.base, _base(tied))}
    own |= {name for name, *_ in header.inputs}
    return {
        small: large
        for small, large in (INPUTS | WHOLE | LAYERS | DELTA).items()
        if small in said and large not in bases and not {small, small.removeprefix("d")} & own
    }


def _tied(header: Header, ties: Mapping[str, str]) -> Header:
    for small, large in ties.items():
        layer = None if small in INPUTS | WHOLE else Name(0, "l")
        header = with_tie(header, Name(0, small, layer), Name(0, large, layer))
    return header


def _said(ties: Mapping[str, str]) -> str:
    several = ", ".join(f"{small} = {large}" for small, large in ties.items())
    return f"read as if the header said means: {several}"
