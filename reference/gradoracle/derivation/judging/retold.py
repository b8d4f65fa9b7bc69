"""A text told again with its own names tied to what it means by them, where that is the error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gradoracle.derivation.judging.choosing import readings
from gradoracle.derivation.judging.running import Meant, meant
from gradoracle.derivation.judging.taken import Taken, take
from gradoracle.derivation.judging.untied import Untied, suspects, untied
from gradoracle.derivation.reading.lines import Line
from gradoracle.derivation.reading.syntax import show
from gradoracle.derivation.verdicts import LineVerdict, Named

MOST = 8  # names in error


@dataclass(frozen=True, eq=False)
class Retold:
    """A text, and what was found to be meant by names of its own.

    Attributes
    ----------
    taken : Taken
        With those names tied.
    lines : tuple of Line
        As they were written.
    names : tuple of Meant
    doubts : mapping of int to str
        What is to be said of lines that a name may have made wrong, by their number.
    """

    taken: Taken
    lines: tuple[Line, ...]
    names: tuple[Meant, ...] = ()
    doubts: Mapping[int, str] = field(default_factory=dict)

    def told(self, found: Sequence[LineVerdict]) -> tuple[LineVerdict, ...]:
        """Return verdicts in the names and lines of the text as it was written."""
        return tuple(
            self._with_a_note(self._said(one, line), line)
            for one, line in zip(found, self.lines, strict=True)
        )

    def _with_a_note(self, one: LineVerdict, line: Line) -> LineVerdict:
        for name in self.names:
            if line.target.base == name.base and one.verdict.is_wrong:
                note = f"{name.base} is read as {name.meaning}: {_need(name.readers)}"
                return replace(one, notes=(note, *one.notes))
        doubt = self.doubts.get(line.number, "") if one.verdict.is_wrong else ""
        return replace(one, notes=(doubt, *one.notes)) if doubt else one

    def _said(self, one: LineVerdict, line: Line) -> LineVerdict:
        if not self.names:
            return one
        return replace(
            one,
            line=line,
            key=show(line.target),
            detail=self._text(one.detail),
            notes=tuple(map(self._text, one.notes)),
            expected=self._text(one.expected),
            mend=self._text(one.mend),
            mistake=self._named(one.mistake),
        )

    def _named(self, mistake: Named | None) -> Named | None:
        return mistake and replace(mistake, formula=self._text(mistake.formula))

    def _text(self, text: str) -> str:
        for name in reversed(self.names):
            text = name.said(text)
        return text


def retold(taken: Taken) -> Retold:
    """Tie the names of a text's own that are in error, one after the other.

    A name is tied only if fewer lines are wrong then.
    """
    found = Retold(taken, tuple(taken.source.lines))
    left: list[Untied] = []
    for _ in range(MOST):
        left = []
        again = _once(found, left)
        if again is None:
            break
        found = again
    return replace(found, doubts=_doubts(left))


def _doubts(several: Sequence[Untied]) -> dict[int, str]:
    """Return what is to be said of a single line that another value of a name makes right."""
    found: dict[int, str] = {}
    for one in several:
        line = one.versions[0].line.number
        for reader in one.readers if not one.sure else ():
            alone = ", which only it reads," if len(_reading(one)) == 1 else ""
            doubt = f"right if {one.base} (line {line}){alone} were {one.meaning}"
            found.setdefault(reader, doubt)
    return found


def _reading(one: Untied) -> set[int]:
    """Return all lines that read a name, helpers too."""
    keys = {version.key for version in one.versions}
    steps = [outcome.step for version in one.versions for outcome in version.place.outcomes]
    return {step.line.number for step in steps if keys & set(step.uses)}


def _once(found: Retold, left: list[Untied]) -> Retold | None:
    """Tie one name more; what was not tied is left."""
    for tried, one in _untied(found.taken):
        left.append(one)
        name = meant(tried.header, tried.source, one) if one.sure else None
        again = take(name.header, name.source) if name else found.taken
        if name and _is_better(again, found.taken, one.base):
            return replace(found, taken=again, names=(*found.names, name))
    return None


def _is_better(again: Taken, before: Taken, base: str) -> bool:
    """Whether fewer lines are wrong but those that set a name, or these alone are."""
    own = [old.line.target.base == base for old in before.found]
    wrong, was = ([line.verdict.is_wrong for line in one.found] for one in (again, before))
    others = sum(w for w, mine in zip(wrong, own, strict=True) if not mine)
    before_them = sum(w for w, mine in zip(was, own, strict=True) if not mine)
    blamed = any(w for w, mine in zip(wrong, own, strict=True) if mine)
    return others < before_them or (blamed and not any(was))


def _untied(taken: Taken) -> Iterator[tuple[Taken, Untied]]:
    """Yield the names under the reading of the text, or another that it leaves open."""
    if not suspects(taken):
        return
    others = [one for one in readings(taken.header, taken.source) if one != taken.reading]
    for reading in (taken.reading, *others):
        if reading.reduction == taken.reading.reduction:
            same = reading == taken.reading
            tried = taken if same else take(taken.header, taken.source, reading)
            tried = replace(tried, found=taken.found)
            yield from ((tried, one) for one in untied(tried))


def _need(lines: Sequence[int]) -> str:
    told = [str(line) for line in lines]
    if len(told) == 1:
        return f"line {told[0]} is right with it"
    return f"lines {', '.join(told[:-1])} and {told[-1]} are right with it"
