"""What a name of the text's own must be, where lines that read it are wrong.

``err = Y - A2`` is tied to nothing, so nobody holds it against the truth, and what reads it is
wrong. If one name of the trace put in its place makes every line right that reads it, and at least
two of them are wrong, then the text means that by the name, and the name's own line is in error:
one error, not several.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flint import ctx

from gradoracle.derivation.judging.agreement import PRECISIONS, compare
from gradoracle.derivation.judging.outcomes import counts
from gradoracle.derivation.judging.places import Place
from gradoracle.derivation.judging.taken import Taken
from gradoracle.derivation.judging.versions import Version, is_another, is_judged, versions_of
from gradoracle.derivation.reading import syntax
from gradoracle.derivation.reading.lines import Line
from gradoracle.derivation.reading.syntax import names
from gradoracle.derivation.truth.evaluate import value_of
from gradoracle.derivation.truth.matrices import Matrix
from gradoracle.derivation.truth.meanings import scope_of
from gradoracle.derivation.verdicts import Verdict

KINDS = ("dZ", "dA", "Z", "A", "dW", "db", "-dZ", "-dA")  # the last two of y - a
NUMBERS = ("1 / n", "n")  # what a name for a number must be
SLOPE = "g_prime"  # of the Z of a layer
EVERY = (*KINDS, *NUMBERS, SLOPE)
INPUTS = {"A0": "X", "dA0": "dX"}
UNSURE = (Verdict.UNDECIDED, *(verdict for verdict in Verdict if verdict.is_wrong))


@dataclass(frozen=True, eq=False)
class Untied:
    """A name, and what makes right all that reads it.

    Attributes
    ----------
    base : str
        The name, without a layer.
    kind : str
        What it is of the trace: ``dZ``.
    layers : list of (Version, int)
        The layer of each version that is read.
    versions : list of Version
        All of them.
    readers : tuple of int
        The numbers of the lines that are wrong by it.
    sure : bool
        Whether two lines bear it out, or one that is right elsewhere.
    """

    base: str
    kind: str
    layers: list[tuple[Version, int]]
    versions: list[Version]
    readers: tuple[int, ...]
    sure: bool

    @property
    def meaning(self) -> str:
        """What it is: ``dZ2``, or ``dZ`` of several layers; ``sigmoid_prime(Z1)``."""
        layers = {layer for _, layer in self.layers}
        if self.kind in NUMBERS:
            return self.kind
        if self.kind == SLOPE:
            header = self.versions[0].place.header
            curves = {header.activation(layer, version.L) for version, layer in self.layers}
            curve = curves.pop() if len(curves) == 1 else "g"
            return f"{curve}_prime(Z{layers.pop() if len(layers) == 1 else '[l]'})"
        return f"{self.kind}{layers.pop()}" if len(layers) == 1 else self.kind


def untied(taken: Taken) -> Iterator[Untied]:
    """Yield the names of a text that must be something else than what the text sets them to."""
    wrong = _wrong(taken)
    with ctx.workprec(PRECISIONS[0]):
        for base in suspects(taken):
            versions = [
                version
                for judged in taken.judged
                if counts(judged)
                for version in versions_of(taken.header, judged, base)
            ]
            kinds = [_read_as(kind, versions) for kind in EVERY]
            best = max(kinds, key=lambda known: sum(len(found.right) for found in known))
            readers, sure = _mended(best, wrong)
            if readers:
                layers = [(found.version, found.layer) for found in best]
                kind = EVERY[kinds.index(best)]
                yield Untied(base, kind, layers, versions, readers, sure)


def _wrong(taken: Taken) -> set[int]:
    """Return the lines that are wrong, or, where none is, those that are fed by something wrong."""
    unsure = UNSURE if taken.wrong else (Verdict.FED,)
    return {id(one.line) for one in taken.found if one.verdict in unsure}


def suspects(taken: Taken) -> list[str]:
    """Return the names of the text's own that wrong lines read, in the order they are set."""
    lines, wrong = taken.source.lines, _wrong(taken)
    keys = {key for one in taken.judged for key in one.truth.values}
    known = keys | {re.sub(r"\d+$", "", key) for key in keys}
    mine = dict.fromkeys(line.target.base for line in lines if line.target.base not in known)
    several = {line.target.base for line in lines if line.side}
    read = {name.base for line in lines if id(line) in wrong for name in names(line.formula)}
    within = _made_of(lines, read & set(mine))  # what a helper is made of may be wrong, too
    return [b for b in mine if b in within - several] if taken.header.network else []


def _made_of(lines: Sequence[Line], helpers: set[str]) -> set[str]:
    """Return names, and those that the lines that set them read."""
    found = set(helpers)
    for line in reversed(lines):
        if line.target.base in found:
            found |= {name.base for name in names(line.formula)}
    return found


@dataclass(frozen=True, eq=False)
class Found:
    """The layer whose array makes most readers of a version right, and which those are."""

    version: Version
    layer: int
    right: list[Place]


def _read_as(kind: str, versions: Sequence[Version]) -> list[Found]:
    """Return what each version is as an array of a kind; nothing if a right line would be wrong."""
    known = []
    for version in versions:
        layers = range(1) if kind in NUMBERS else range(kind == SLOPE, version.L + 1)
        found = [one for layer in layers if (one := _found(version, kind, layer))]
        best = max(found, key=lambda one: len(one.right), default=None)
        right = best.right if best else []
        if any(p.outcome.right_alone and p not in right for p in version.readers):
            return []
        known += [best] if best else []
    places = {_where(version) for version in versions if version.readers}
    return known if places == {_where(found.version) for found in known} else []


def _where(version: Version) -> tuple[int, int]:
    """Return the line of a version and its network."""
    return id(version.line), id(version.place.given)


def _mended(known: Sequence[Found], wrong: set[int]) -> tuple[tuple[int, ...], bool]:
    """Return the lines that are wrong by a name, and whether that is sure.

    It is where they are two, or one that is right elsewhere, or where the name's own line is wrong.
    """
    at = [place for found in known for place in found.right if id(place.step.line) in wrong]
    lines = {place.step.line.number for place in at}
    sometimes = any(place.outcome.right_alone for place in at)
    itself = any(found.version.place.outcome.verdict.is_wrong for found in known)
    return tuple(sorted(lines)), len(lines) > 1 or sometimes or itself


def _found(version: Version, kind: str, layer: int) -> Found | None:
    """Return the readers of a version that are right if it is an array of the trace."""
    value = _value(version.place, kind, layer)
    right = _right(version, value) if value is not None and version.readers else []
    return Found(version, layer, right) if right else None


def _value(place: Place, kind: str, layer: int) -> Matrix | None:
    """Return an array of the trace, a number, or the derivative of an activation."""
    if kind in NUMBERS:
        return place.value(syntax.read(kind))
    if kind == SLOPE:
        return place.value(syntax.read(f"{SLOPE}[{layer}](Z{layer})"))
    name = f"{kind.removeprefix('-')}{layer}"
    value = place.truth.values.get(INPUTS.get(name, name))
    return value if value is None or kind[0] != "-" else -value


def _right(version: Version, value: Matrix) -> list[Place]:
    """Return the readers of a version that are right where it has a value."""
    own, readers = {version.key: value}, {place.at for place in version.readers}
    last, right = max(readers), []
    for place in version.later:
        if place.at > last:
            break
        step = place.step
        if not set(own) & set(step.uses):
            if not is_judged(place):
                own.pop(step.key, None)
            continue
        if is_judged(place) and place.at not in readers:
            continue
        scope = scope_of(place.header, {**place.values, **own}, step.numbers)
        gives = value_of(scope, step.line.formula)
        if place.at in readers and _same(gives, place.expected):
            right.append(place)
        if not is_judged(place):
            own.pop(step.key, None)
            if gives is not None and not is_another(place, version):
                own[step.key] = gives
    return right


def _same(value: Matrix | None, expected: Matrix | None) -> bool:
    if value is None or expected is None or value.shape != expected.shape:
        return False
    return compare(value, expected).same is True
