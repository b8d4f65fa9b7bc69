"""A text in which a name of its own is tied to the trace, and has a layer where it needs one.

``delta = W[l].T @ delta * ...`` is another thing in every round. It is read as
``delta_at[l-1] = W[l].T @ delta_at[l] * ...``, and judged as that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gradoracle.derivation.judging.untied import NUMBERS, SLOPE, Untied
from gradoracle.derivation.reading import syntax
from gradoracle.derivation.reading.header import Header, with_tie
from gradoracle.derivation.reading.source import Source
from gradoracle.derivation.reading.syntax import Call, Minus, Name, Node
from gradoracle.derivation.truth.evaluate import Scope

AT = "_at"  # of a running name: delta_at[l]
PART = "_part"  # of one that is done in two steps: what nobody but the second reads
At = tuple[Mapping[str, int], int]  # the numbers of a round, and a layer


@dataclass(frozen=True)
class Meant:
    """A text in which a name of its own is tied to the trace.

    Attributes
    ----------
    header : Header
    source : Source
        With as many lines; a running name has a layer in it.
    base : str
        The name.
    meaning : str
        What it is: ``dZ2``, or ``dZ`` of several layers.
    readers : tuple of int
        The numbers of the lines that were wrong by it.
    """

    header: Header
    source: Source
    base: str
    meaning: str
    readers: tuple[int, ...]

    def said(self, text: str) -> str:
        """Return a text about it in the names that it was written in."""
        layered = rf"{AT}(?:\d+|\[[^\]]*\])"
        found = re.sub(rf"\b{self.base}(?:{layered}|{PART})", self.base, text)
        return re.sub(r"(\b\w+ \(line \d+\))(?:, \1)+", r"\1", found)  # of several layers


def meant(header: Header, source: Source, found: Untied) -> Meant | None:
    """Tie a name to what it must be; None if its layers follow no rule."""
    indexed = any(version.line.target.index is not None for version in found.versions)
    networks = [id(version.place.given) for version in found.versions]
    once = not indexed and len(set(networks)) == len(networks)
    if found.kind in NUMBERS:
        number = syntax.read(found.kind)
        tied, text = with_tie(header, Name(0, found.base), number) if once else None, source
    elif indexed:
        tied, text = _with_its_layer(header, found), source
    elif once:
        index = _index(header, [(v.numbers, layer) for v, layer in found.layers])
        array = _array(found.kind, index) if index else None
        tied, text = with_tie(header, Name(0, found.base), array) if array else None, source
    else:
        tied, text = _with_a_layer(header, source, found)
    return Meant(tied, text, found.base, found.meaning, found.readers) if tied else None


def _array(kind: str, layer: Node) -> Node:
    """Return an array of the trace, or the derivative of an activation."""
    if kind != SLOPE:
        name = Name(0, kind.removeprefix("-"), layer)
        return name if name.base == kind else Minus(0, name)
    return Call(0, SLOPE, (Name(0, "Z", layer),), layer=layer)


def _with_its_layer(header: Header, found: Untied) -> Header | None:
    """Tie a name that has a layer: ``delta[l] = dZ[l]``."""
    own = [int(version.key.removeprefix(found.base)) for version, _ in found.layers]
    away = {layer - at for (_, layer), at in zip(found.layers, own, strict=True)}
    if len(away) != 1:
        return None
    layer = syntax.read(_written("l", away.pop()))
    return with_tie(header, Name(0, found.base, Name(0, "l")), _array(found.kind, layer))


def _with_a_layer(header: Header, source: Source, found: Untied) -> tuple[Header | None, Source]:
    """Give a running name its layers, and tie it; a first step to it is a part of it."""
    own, part = found.base + AT, Name(0, found.base + PART)
    sets = dict[int, Name]()
    for line in {id(v.line): v.line for v in found.versions}.values():
        index = _index(header, [(v.numbers, at) for v, at in found.layers if v.line is line])
        sets[id(line)] = Name(0, own, index) if index else part
    reads = _reads(header, found, sets)
    if reads is None:
        return None, source
    lines = []
    for line in source.lines:
        target, formula = line.target, line.formula
        if set_there := sets.get(id(line)):
            target = replace(set_there, at=target.at)
        if read := reads.get(id(line)):
            formula = syntax.substituted(formula, found.base, read)
        lines.append(replace(line, target=target, formula=formula))
    layer = Name(0, "l")
    tied = with_tie(header, Name(0, own, layer), _array(found.kind, layer))
    return tied, Source(source.header, lines)


def _reads(header: Header, found: Untied, sets: Mapping[int, Name]) -> dict[int, Name] | None:
    """Return what each line reads of a running name; None if its layers follow no rule."""
    layers = dict[int, list[At]]()
    parts = dict[int, Name]()
    for version in found.versions:
        name = sets[id(version.line)]
        for place in version.later[: version.end]:
            line = id(place.step.line)
            if found.base in place.step.uses and name.index is None:
                parts[line] = name
            elif found.base in place.step.uses and name.index is not None:
                at = Scope({}, version.numbers).index(name.index)
                layers.setdefault(line, []).append((place.step.numbers, at))
    indices = {line: _index(header, several) for line, several in layers.items()}
    if set(parts) & set(layers) or not all(indices.values()):
        return None
    return parts | {line: Name(0, found.base + AT, index) for line, index in indices.items()}


def _index(header: Header, at: Sequence[At]) -> Node | None:
    """Return how a layer is written that is known in several rounds: l - 1, L, 2."""
    if not at:
        return None
    loops = [name for name in at[0][0] if name != "L"]
    ends = ["L"] if not header.layers else []
    for name in (*loops, *ends):
        away = {layer - numbers[name] for numbers, layer in at}
        if len(away) == 1:
            return syntax.read(_written(name, away.pop()))
    layers = {layer for _, layer in at}
    return syntax.read(str(layers.pop())) if len(layers) == 1 else None


def _written(name: str, away: int) -> str:
    return f"{name}{away:+d}" if away else name
