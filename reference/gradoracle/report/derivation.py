"""A checked derivation for the terminal: a mark beside each line, as on a paper that was marked.

It reads in 80 columns: the verdict stands before the formula, so that formulas of any length begin
below each other, and what is too long goes on indented.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from gradoracle.derivation.verdicts import Checked
from gradoracle.report.derivation_rows import (
    Fact,
    Row,
    facts,
    first_wrong,
    headline,
    rows,
    sentence,
)

if TYPE_CHECKING:
    from rich.text import Text

STYLES = {"good": "green", "bad": "bold red", "fed": "yellow", "vague": "yellow", "plain": "dim"}
HEADLINES = {"RIGHT": "green", "WRONG": "bold red"}  # the others are yellow
VERDICT = 22  # columns of a verdict at most
NARROWEST = 30  # columns of a formula at least
WIDEST = 100  # columns of a sentence
LABEL = 14  # of a fact
STEP = 4  # columns of an indent

Piece = tuple[str, str]  # a text and its style
Printed = list[Piece]  # one line


def plain(checked: Checked, width: int = 100) -> str:
    """Return the report as plain text."""
    return "\n".join("".join(text for text, _ in one).rstrip() for one in _printed(checked, width))


def render(checked: Checked, width: int) -> Text:
    """Return the report for a rich console of so many columns."""
    from rich.text import Text  # `gradoracle.derive` must do without it

    text = Text(no_wrap=True, overflow="ignore")
    for number, one in enumerate(_printed(checked, width)):
        text.append("\n" if number else "")
        for piece, style in one:
            text.append(piece, style or None)
    return text


def _printed(checked: Checked, width: int) -> Iterator[Printed]:
    """Yield the lines as they are printed, top to bottom."""
    yield from _table(list(rows(checked, block=True)), width)
    yield []
    width = min(width, WIDEST)
    block = first_wrong(checked)
    if block is not None:
        title, told = block
        word, _, rest = title.partition("  ")
        yield from _hanging([(word, STYLES["bad"]), ("  ", "")], rest, width, STEP)
        yield from _labelled(told, width)
        yield []
    word, _, rest = headline(checked).partition("  ")
    yield from _hanging([(word, HEADLINES.get(word, "yellow")), ("  ", "")], rest, width, STEP)
    yield from _labelled(list(facts(checked)), width)


def _table(several: Sequence[Row], width: int) -> Iterator[Printed]:
    numbers = max(len(row.number) for row in several)
    verdicts = min(max(len(row.verdict) for row in several), VERDICT)
    room = max(width - numbers - verdicts - 4, NARROWEST)
    for row in several:
        said = [(one, "") for one in _wrapped(row.formula, room, row.depth * STEP)]
        for remark in row.remarks:
            below = _wrapped(sentence(remark), room, row.depth * STEP + STEP // 2)
            said += [(one, "dim") for one in below]
        for at, (piece, mark) in enumerate(zip_longest(said, _mark(row.verdict))):
            yield [
                (f"{'' if at else row.number:>{numbers}}  ", "dim"),
                (f"{mark or '':<{verdicts}}  ", STYLES[row.tone]),
                piece or ("", ""),
            ]


def _mark(verdict: str) -> list[str]:
    """Return the lines of a verdict: where it is too long, what follows the gap goes below."""
    if len(verdict) <= VERDICT:
        return [verdict]
    return [one for part in verdict.split("  ") for one in textwrap.wrap(part, VERDICT)]


def _labelled(told: Sequence[Fact], width: int) -> Iterator[Printed]:
    """Yield labels with their texts beside them; a label that is told twice is shown once."""
    before = ""
    for label, text in told:
        shown = "" if label == before else label
        before = label
        yield from _hanging([(f"  {shown:<{LABEL}}", "dim")], text, width, LABEL + 2)


def _hanging(start: Printed, text: str, width: int, indent: int) -> Iterator[Printed]:
    """Yield a text behind a beginning; what is too long goes on indented."""
    begun = sum(len(piece) for piece, _ in start)
    room = max(width - begun, NARROWEST)
    first, *rest = textwrap.wrap(text, room, break_on_hyphens=False) or [""]
    yield [*start, (first, "")]
    again = " ".join(rest)
    for one in textwrap.wrap(again, max(width - indent, NARROWEST), break_on_hyphens=False):
        yield [(" " * indent, ""), (one, "")]


def _wrapped(text: str, room: int, indent: int) -> list[str]:
    further = " " * (indent + STEP)
    return textwrap.wrap(
        text,
        room,
        initial_indent=" " * indent,
        subsequent_indent=further,
        break_on_hyphens=False,
    ) or [""]
