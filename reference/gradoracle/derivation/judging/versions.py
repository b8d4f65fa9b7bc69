"""A name of a text's own from where it is set to where it is set again, and who reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gradoracle.derivation.judging.outcomes import Judged
from gradoracle.derivation.judging.places import Place, places
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.lines import Line


@dataclass(eq=False)
class Version:
    """A name from where it is set to where it is set again, on one network.

    Attributes
    ----------
    place : Place
        Where it is set.
    later : list of Place
        What follows, to the end of the text.
    end : int
        How many of those until it is set again.
    readers : list of Place
        The judged lines that read it; if there are none, those that read it through a helper.
    """

    place: Place
    later: list[Place] = field(default_factory=list)
    end: int = 0
    readers: list[Place] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What is set: ``err``, ``delta2``."""
        return self.place.step.key

    @property
    def line(self) -> Line:
        """The line that sets it."""
        return self.place.step.line

    @property
    def numbers(self) -> Mapping[str, int]:
        """L, and l in a loop, where it is set."""
        return self.place.step.numbers

    @property
    def L(self) -> int:
        """How many layers the network has."""
        return self.place.given.setting.L


def versions_of(header: Header, judged: Judged, base: str) -> list[Version]:
    """Return a name as often as it is set, each time with what reads it."""
    lines = list({id(o.step.line): o.step.line for o in judged.outcomes}.values())
    each = {place.at: place for at in places(header, judged, lines).values() for place in at}
    order = [each[at] for at in sorted(each)]
    found = [
        Version(place, order[at + 1 :])
        for at, place in enumerate(order)
        if place.step.line.target.base == base
    ]
    for version in found:
        keys = [place.step.key for place in version.later]
        version.end = keys.index(version.key) + 1 if version.key in keys else len(keys)
        version.readers = _readers(version)
    return found


def is_judged(place: Place) -> bool:
    """Whether a line is held against the truth there."""
    return place.expected is not None and place.outcome.verdict.is_judged


def _readers(version: Version) -> list[Place]:
    """Return the judged lines that read a version; if there are none, those through helpers."""
    direct = [
        p for p in version.later[: version.end] if version.key in p.step.uses and is_judged(p)
    ]
    through, tainted = [], {version.key}
    for place in version.later:
        reads = bool(tainted & set(place.step.uses))
        if is_judged(place):
            through += [place] if reads else []
        elif reads and not is_another(place, version):
            tainted.add(place.step.key)
        else:
            tainted.discard(place.step.key)
    return direct or through


def is_another(place: Place, version: Version) -> bool:
    """Whether a line sets another version of a name: that has readers of its own."""
    return place.step.line.target.base == version.line.target.base
