"""Names that stand for those of the trace by habit: x, z1, a[l-1], w2, and Z, dW of a single layer.

They are tied to the names of the trace where more lines are right then; of a and z either may be
the activation, and w may be a column. So is delta[l], the usual name of dZ[l], if no line is wrong
then, or if nothing else tells whether it is right and it is not dA[l] as well: else the lines that
read it tell, see `untied`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from gradoracle.derivation import limits
from gradoracle.derivation.judging.taken import Taken, take
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.reading.every_layer import of_every_layer
from gradoracle.derivation.reading.header import Header, with_tie
from gradoracle.derivation.reading.source import Source
from gradoracle.derivation.reading.syntax import Name, names, read
from gradoracle.derivation.truth.true_values import Reading
from gradoracle.derivation.verdicts import LineVerdict, Verdict

Ties = dict[str, str]  # names of the text, as they are written: z[l], x, dW
INPUTS = {"x": "X", "y": "Y"}
LAYERED = {"z": "Z", "a": "A", "w": "W", "dz": "dZ", "da": "dA", "dw": "dW"}
SWAPPED = {"z[l]": "A[l]", "a[l]": "Z[l]", "dz[l]": "dA[l]", "da[l]": "dZ[l]"}
SINGLE = ("Z", "A", "W", "b", "dZ", "dA", "dW", "db")  # of the only layer
COLUMN = {"w": "W1.T", "W": "W1.T", "dw": "dW1.T", "dW": "dW1.T"}
DELTA = {"delta[l]": "dZ[l]"}
NUMBERED = re.compile(r"(d?[zaw]|delta)(?:\d+|L)")


def take_with_letters(header: Header, source: Source) -> tuple[Taken, str]:
    """Judge a text, its usual names tied if more lines are right then, and say which are."""
    ties = _ties(header, source) if header.network else {}
    ways = _ways(ties)
    tried = [_tried(header, source, way) for way in ways] if len(ways) > 1 else [None]
    scores = [_score(one) for one in tried]
    at = scores.index(max(scores))  # the first of equals
    best, before = ways[at], tried[at]
    taken = _taken(header, source, best, reading=before.reading if before else None)
    several = [line.verdict for line in taken.found if _layered(line.line.target) == "delta"]
    if Verdict.UNDECIDED in several or (Verdict.HELPER in several and not taken.wrong):
        again = _taken(header, source, best | DELTA)
        if not again.wrong or (
            Verdict.UNDECIDED in several and _is_dZ(header, source, best, again)
        ):
            taken, best = again, best | DELTA
    return taken, _said(best) if best else ""


def _is_dZ(header: Header, source: Source, ties: Ties, as_dZ: Taken) -> bool:
    """Whether a line that sets delta[l] is right as dZ[l], and is not as dA[l]."""
    as_dA = _taken(header, source, ties | {"delta[l]": "dA[l]"})
    return any(
        _layered(one.line.target) == "delta"
        and (one.verdict is Verdict.RIGHT) > (other.verdict is Verdict.RIGHT)
        for one, other in zip(as_dZ.found, as_dA.found, strict=True)
    )


def _ways(ties: Ties) -> list[Ties]:
    """Return what may be tied: nothing, the inputs, all, all but otherwise, all but a or z."""
    ways: list[Ties] = [{}, {small: ties[small] for small in INPUTS if small in ties}, ties]
    if {"a[l]", "z[l]"} <= ties.keys():
        ways.append({small: SWAPPED.get(small, large) for small, large in ties.items()})
        ways += [{k: v for k, v in ties.items() if k not in (f"{c}[l]", f"d{c}[l]")} for c in "az"]
    if COLUMN.keys() & ties.keys():
        ways.append({small: COLUMN.get(small, large) for small, large in ties.items()})
    return [way for at, way in enumerate(ways) if way not in ways[:at]]


def _taken(
    header: Header,
    source: Source,
    ties: Ties,
    *,
    first: bool = False,
    reading: Reading | None = None,
) -> Taken:
    """Judge a text under some ties; they tell in which layers a line can stand."""
    for small, large in ties.items():
        name = read(small)
        header = with_tie(header, name, read(large)) if isinstance(name, Name) else header
    laid = replace(source, lines=of_every_layer(source.lines, header))
    return take(header, laid, reading, first=first)


def _tried(header: Header, source: Source, ties: Ties) -> Taken | None:
    """Judge a text on the first network alone; None where there is no J."""
    try:
        return _taken(header, source, ties, first=True)
    except DerivationError:
        limits.tick()  # the time may be over
        return None


def _score(taken: Taken | None) -> tuple[int, int]:
    """Count what is right, and what is not undefined."""
    if taken is None:
        return -1, 0
    undefined = sum(line.verdict is Verdict.UNDEFINED for line in taken.found)
    return _right(taken.found), -undefined


def _right(found: Sequence[LineVerdict]) -> int:
    return sum(line.verdict is Verdict.RIGHT for line in found)


def _layered(name: Name) -> str:
    """Return ``z`` of ``z1`` and of ``z[l]``; nothing of a name without a layer."""
    numbered = NUMBERED.fullmatch(name.base)
    return name.base if name.index is not None else numbered[1] if numbered else ""


def _ties(header: Header, source: Source) -> Ties:
    """Return the names that stand for what the text does not write, and for what."""
    written = [name for line in source.lines for name in (line.target, *names(line.formula))]
    layered = {_layered(name) for name in written}
    plain = {name.base for name in written if not _layered(name)}
    given = plain - {line.target.base for line in source.lines}  # what the text sets is no input
    tied = [name for name, _ in header.means]
    own = {name for name, *_ in header.inputs} | {one.base for one in tied if not _layered(one)}
    own_layered = {_layered(name) for name in tied}
    found = {small: large for small, large in INPUTS.items() if small in given - own}
    found |= {"dx": "dX"} if "dx" in plain - own and "x" not in own else {}
    found = {small: large for small, large in found.items() if large not in plain}
    for small, large in LAYERED.items():
        free = not {small, small.removeprefix("d")} & own_layered
        if small in layered and large not in layered and free:
            found[f"{small}[l]"] = f"{large}[l]"
    if header.layers == 1:
        found |= _of_one_layer(plain - own, layered)
    return found


def _of_one_layer(plain: set[str], layered: set[str]) -> Ties:
    """Return the names without a number for those of layer 1, where the text has not both."""
    several = {name: name for name in SINGLE} | LAYERED
    return {
        name: f"{large}1"
        for name, large in several.items()
        if name in plain and not {name, large} & layered and (name == large or large not in plain)
    }


def _said(ties: Mapping[str, str]) -> str:
    several = ", ".join(f"{small} = {large}" for small, large in ties.items())
    return f"read as if the header said means: {several}"
