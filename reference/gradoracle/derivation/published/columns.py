"""A published derivation and its mended form, line beside line, as cells of Markdown."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from gradoracle.derivation.published.derivations import checked, text
from gradoracle.derivation.reading.lines import Loop
from gradoracle.derivation.reading.syntax import show
from gradoracle.derivation.verdicts import LineVerdict, Verdict
from gradoracle.report.safe import for_markdown

MARKS = {Verdict.RIGHT: "✓", Verdict.FED: "↪", Verdict.HELPER: "·", Verdict.DEFINITION: "·"}
WRONG, LOST = "✗", "∅"
INDENT = "&emsp;"


@dataclass(frozen=True)
class Cell:
    """One line of a derivation on the page, and by what it is put beside another."""

    number: int
    key: str
    formula: str
    shown: str


def cells(name: str, lost: Collection[int] = ()) -> list[Cell]:
    """Return the lines of a file, the heads of its loops too.

    Parameters
    ----------
    name : str
    lost : collection of int
        The lines that only lack what a copy has lost.
    """
    found: list[Cell] = []
    comments, loop = dict(_comments(text(name))), None
    for verdict in checked(name).lines:
        line = verdict.line
        if line.loop is not None and line.loop != loop:
            found.append(_head(line.loop))
        loop = line.loop
        indent = INDENT if line.loop else ""
        said = "".join(f"<br>{remark}" for remark in _remarks(verdict, comments.get(line.number)))
        sign = LOST if line.number in lost else mark(verdict)
        shown = f"{sign} {indent}`{line.normal}`{said}"
        found.append(Cell(line.number, show(line.target), line.normal, shown))
    return found


def mark(verdict: LineVerdict) -> str:
    """Return the sign of a verdict."""
    return MARKS.get(verdict.verdict, WRONG)


def _head(loop: Loop) -> Cell:
    return Cell(loop.number, "for", loop.head, f"· `{loop.head}`")


def _comments(source: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(source.splitlines(), start=1):
        formula, _, comment = line.partition("#")
        if formula.strip() and comment.strip():
            yield number, comment.strip()


def _remarks(verdict: LineVerdict, comment: str | None) -> Iterator[str]:
    """Yield what stands below a line: its verdict in words, the mistake, the mend, the comment."""
    if verdict.verdict.is_wrong:
        where = f" at {', '.join(verdict.rounds)}" if verdict.rounds else ""
        why = verdict.detail or (
            f"{verdict.expected} in one network, the line gives {verdict.got}"
            if verdict.expected
            else ""
        )
        yield f"**{verdict.verdict}**{where}" + (f": {for_markdown(why)}" if why else "")
    elif verdict.verdict is Verdict.FED:
        yield verdict.detail
    yield from verdict.notes if verdict.verdict.is_wrong else ()
    if verdict.mistake is not None and verdict.mistake.name:
        yield f"known mistake: [{verdict.mistake.name}](mistakes.md)"
    if verdict.mend:
        yield f"mend: `{verdict.mend}`"
    if comment:
        yield f"*{comment}*"


def beside(
    left: Sequence[Cell], right: Sequence[Cell]
) -> Iterator[tuple[Cell | None, Cell | None]]:
    """Pair the lines of two files: those that are the same, then those that set the same."""
    for i, j, k, m in _blocks(left, right, "formula"):
        for of, to, at, end in _blocks(left[i:j], right[k:m], "key"):
            yield from zip_longest(left[i:j][of:to], right[k:m][at:end])


def _blocks(
    left: Sequence[Cell], right: Sequence[Cell], by: str
) -> Iterator[tuple[int, int, int, int]]:
    keys = [getattr(cell, by) for cell in left], [getattr(cell, by) for cell in right]
    matcher = SequenceMatcher(None, *keys, autojunk=False)
    yield from (block[1:] for block in matcher.get_opcodes())
