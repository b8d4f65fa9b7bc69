"""A checked derivation for the terminal: a mark beside each line, as on a paper that was marked.

The verdict stands before the formula, so that formulas of any length begin below each other, and
what is too long goes on indented. Where that leaves a formula too few columns it goes below the
verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from gradoracle.derivation.verdicts import Checked
from gradoracle.report.derivation_facts import Fact, facts, headline
from gradoracle.report.derivation_rows import Row, first_wrong, rows, sentence
from gradoracle.report.wrapping import wrap

if TYPE_CHECKING:
    from rich.text import Text

STYLES = {"good": "green", "bad": "bold red", "fed": "yellow", "vague": "yellow", "plain": "dim"}
HEADLINES = {"RIGHT": "green", "WRONG": "bold red"}  # the others are yellow
VERDICT = 22  # columns of a verdict at most
BESIDE = 30  # columns of a formula beside its verdict, and of a text beside its label, at least
WIDEST = 100  # columns of everything
LABEL = 14  # of a fact
STEP = 4  # columns of an indent

Piece = tuple[str, str]  # a text and its style
Printed = list[Piece]  # one line


def plain(checked: Checked, width: int = WIDEST, *, strict: bool = False) -> str:
    """Return the report as plain text."""
    printed = _printed(checked, width, strict=strict)
    return "\n".join("".join(text for text, _ in one).rstrip() for one in printed)


def render(checked: Checked, width: int, *, strict: bool = False) -> Text:
    """Return the report for a rich console of so many columns."""
    from rich.text import Text  # `gradoracle.derive` must do without it

    text = Text(no_wrap=True, overflow="ignore")
    for number, one in enumerate(_printed(checked, width, strict=strict)):
        text.append("\n" if number else "")
        for piece, style in one:
            text.append(piece, style or None)
    return text


def _printed(checked: Checked, width: int, *, strict: bool) -> Iterator[Printed]:
    """Yield the lines as they are printed, top to bottom."""
    width = min(width, WIDEST)
    yield from _table(list(rows(checked, block=True)), width)
    yield []
    block = first_wrong(checked)
    if block is not None:
        title, told = block
        word, _, rest = title.partition("  ")
        yield from _titled(word, STYLES["bad"], rest, width)
        yield from _labelled(told, width)
        yield []
    word, _, rest = headline(checked, strict=strict).partition("  ")
    yield from _titled(word, HEADLINES.get(word, "yellow"), rest, width)
    yield from _labelled(list(facts(checked)), width)


def _table(several: Sequence[Row], width: int) -> Iterator[Printed]:
    numbers = max(len(row.number) for row in several)
    verdicts = max(len(one) for row in several for one in _mark(row.verdict))
    room = width - numbers - verdicts - 4
    for row in several:
        if room < BESIDE:
            yield from _stacked(row, numbers, width)
        else:
            yield from _beside(row, numbers, verdicts, room)


def _beside(row: Row, numbers: int, verdicts: int, room: int) -> Iterator[Printed]:
    """Yield a row with its verdict before the formula."""
    for at, (piece, mark) in enumerate(zip_longest(_said(row, room), _mark(row.verdict))):
        yield [
            (f"{'' if at else row.number:>{numbers}}  ", "dim"),
            (f"{mark or '':<{verdicts}}  ", STYLES[row.tone]),
            piece or ("", ""),
        ]


def _stacked(row: Row, numbers: int, width: int) -> Iterator[Printed]:
    """Yield a row with its verdict above the formula."""
    above = wrap(row.verdict, width - numbers - 2) if row.verdict else []
    said = [*((one, STYLES[row.tone]) for one in above), *_said(row, width - numbers - 2)]
    for at, piece in enumerate(said):
        yield [(f"{'' if at else row.number:>{numbers}}  ", "dim"), piece]


def _said(row: Row, room: int) -> list[Piece]:
    """Return a formula and the remarks below it, line by line."""
    indent = " " * (row.depth * STEP)
    said = [(one, "") for one in wrap(row.formula, room, first=indent, rest=indent + " " * STEP)]
    indent += " " * (STEP // 2)
    for remark in row.remarks:
        below = wrap(sentence(remark), room, first=indent, rest=indent + " " * (STEP // 2))
        said += [(one, "dim") for one in below]
    return said


def _mark(verdict: str) -> list[str]:
    """Return the lines of a verdict: where it is too long, what follows the gap goes below."""
    if len(verdict) <= VERDICT:
        return [verdict]
    return [one for part in verdict.split("  ") for one in wrap(part, VERDICT)]


def _titled(word: str, style: str, text: str, width: int) -> Iterator[Printed]:
    """Yield a word in capitals and what follows it; what is too long goes on indented."""
    first, *others = wrap(text, width, first=" " * (len(word) + 2), rest=" " * STEP)
    yield [(word, style), (first[len(word) :], "")]
    yield from ([(one, "")] for one in others)


def _labelled(told: Sequence[Fact], width: int) -> Iterator[Printed]:
    """Yield labels with their texts beside them, or below; one that is told twice is shown once."""
    before = ""
    beside = width - LABEL - 2 >= BESIDE
    for label, text in told:
        shown, before = "" if label == before else label, label
        if not beside:
            yield from ([(f"  {shown}", "dim")] for _ in range(bool(shown)))
            yield from ([(one, "")] for one in wrap(text, width, first=" " * STEP, rest=" " * STEP))
            continue
        for at, one in enumerate(wrap(text, width - LABEL - 2)):
            yield [(f"  {'' if at else shown:<{LABEL}}", "dim"), (one, "")]
