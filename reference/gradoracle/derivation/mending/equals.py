"""A text's own names for what the trace has, found by their values: ``H1 = tanh(W1 @ X + b1)``.

Such a name is tied to nothing, and nobody asks what it is while the lines are judged. Where a line
is wrong it is to be mended in the names that the text has: so those that are an array of the trace
on every network, or its negative, are tied to it for that.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from flint import ctx

from gradoracle.derivation.judging.agreement import PRECISIONS, compare
from gradoracle.derivation.judging.outcomes import Judged, counts
from gradoracle.derivation.judging.places import left_behind
from gradoracle.derivation.judging.taken import Taken, take
from gradoracle.derivation.mending.name_edits import shifted
from gradoracle.derivation.reading.header import Header, with_tie
from gradoracle.derivation.reading.syntax import (
    Minus,
    Name,
    Node,
    Number,
    constant,
    names,
    show,
)
from gradoracle.derivation.truth.matrices import Matrix
from gradoracle.derivation.verdicts import Verdict

TRACE = re.compile(r"(d?[ZA]|d[Wb])([0-9]+)")


@dataclass(frozen=True)
class Equal:
    """An array of the trace that a name of the text's own is, or its negative.

    Attributes
    ----------
    kind : str
        ``dZ``.
    layer : int
    below : bool
        Whether the layer is so many below the last.
    negative : bool
    """

    kind: str
    layer: int
    below: bool = False
    negative: bool = False

    def meaning(self, index: Node | None = None) -> Node:
        """Return the array as a header names it, at an index if there is one."""
        here = shifted(Name(0, "L"), -self.layer) if self.below else None
        name = Name(0, self.kind, index or here or Number(0, Fraction(self.layer)))
        return Minus(0, name) if self.negative else name

    def key(self, L: int) -> str:
        """Return the name of the array in a network of L layers."""
        return f"{self.kind}{L - self.layer if self.below else self.layer}"


def in_own_names(taken: Taken) -> Taken:
    """Return a text with the names of its own tied that are arrays of the trace."""
    if not taken.header.network or not any(map(_helpers, taken.judged)):
        return taken
    with ctx.workprec(PRECISIONS[0]):
        if _per_example(taken):
            reading = replace(taken.reading, convention="per-example")
            again = take(taken.header, taken.source, reading)
            if [one.verdict for one in again.found] == [one.verdict for one in taken.found]:
                taken = replace(again, found=taken.found)
        return replace(taken, header=_tied(taken))


def _helpers(judged: Judged) -> dict[str, Name]:
    """Return the names that are tied to nothing and set once, in the order they are set."""
    times = Counter(one.step.key for one in judged.outcomes)
    return {
        one.step.key: one.step.line.target
        for one in judged.outcomes
        if one.verdict is Verdict.HELPER
        and times[one.step.key] == 1
        and one.step.key not in judged.truth.values
    }


def _per_example(taken: Taken) -> bool:
    """Whether a name is N times a derivative: the text may mean that by its derivatives."""
    one = taken.judged[0]
    if taken.reading.convention != "plain" or taken.header.convention or one.truth.N == 1:
        return False
    values = left_behind(taken.header, one)
    return any(
        equal.kind in ("dZ", "dA")
        for key in _helpers(one)
        if key in values
        for equal in _equals(one, values[key] / one.truth.N)
    )


def _equals(judged: Judged, value: Matrix) -> Iterator[Equal]:
    """Yield the arrays of the trace that a value is, up to its sign."""
    for name, true in judged.truth.values.items():
        found = TRACE.fullmatch(name)
        if found is None or true.shape != value.shape:
            continue
        for negative in (False, True):
            other = -true if negative else true
            if (value[0, 0] - other[0, 0]).contains(0) and compare(value, other).same:
                layer = int(found[2])
                yield Equal(found[1], layer, False, negative)
                yield Equal(found[1], judged.given.setting.L - layer, True, negative)


def _tied(taken: Taken) -> Header:
    """Return the header with one name for each array that the text has no other name for."""
    header, first = taken.header, taken.judged[0]
    has = {one.step.key for one in first.outcomes}
    equal = _everywhere(taken)
    read = {
        name.base
        for one in taken.found
        if one.verdict.is_wrong
        for name in (one.line.target, *names(one.line.formula))
    }
    targets = {show(name): name for one in taken.judged for name in _helpers(one).values()}
    for name in sorted(targets.values(), key=lambda name: name.base not in read):
        index = name.index if isinstance(name.index, Name) else None
        if name.index is not None and constant(name.index) is None and index is None:
            continue  # d[l-1] of a loop
        for one in _of_all_layers(name, equal) if index else equal.get(show(name), ()):
            keys = {one.key(first.given.setting.L)} if index is None else set()
            if not keys & has and one.below == (not header.layers and index is None):
                header, has = with_tie(header, name, one.meaning(index)), has | keys
                break
    return header


def _everywhere(taken: Taken) -> dict[str, list[Equal]]:
    """Return what each name is on all networks that count."""
    found: dict[str, list[Equal]] = {}
    for judged in filter(counts, taken.judged):
        values = left_behind(taken.header, judged)
        for key in _helpers(judged):
            equal = list(_equals(judged, values[key])) if key in values else []
            found[key] = [one for one in found.get(key, equal) if one in equal]
    return found


def _of_all_layers(name: Name, equal: Mapping[str, Sequence[Equal]]) -> list[Equal]:
    """Return what ``h[l]`` is at every l."""
    layers = {key: key.removeprefix(name.base) for key in equal if key.startswith(name.base)}
    of_each = [
        [replace(one, layer=0) for one in equal[key] if str(one.layer) == layer and not one.below]
        for key, layer in layers.items()
        if layer.isdecimal()
    ]
    return [one for one in of_each[0] if all(one in each for each in of_each)] if of_each else []
