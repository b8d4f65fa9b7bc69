"""The lines of a text as they are read: of Markdown the fenced ones, joined over open brackets.

A line whose bracket is open goes on with the next one, as in Python. What is refused keeps the line
and the column in which it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.reading.markdown import fenced
from gradoracle.derivation.reading.spelling import signs

HEADERS = (
    "network",
    "layout",
    "weights",
    "convention",
    "examples",
    "biases",
    "means",
    "inputs",
    "title",
    "source",
)
HEADER = re.compile(rf"\s*({'|'.join(HEADERS)})\s*:(.*)", re.IGNORECASE)
JOINED = 20  # lines that one formula may take
COMMENT = re.compile(r"#|(?<!\\)%")
NO_BRACKET = re.compile(r"\\\\(?:\[[^\]]*\])?|\\[\[\]()]")  # a new line, displayed mathematics
NEW_LINE = re.compile(r"\\\\(?:\[[^\]]*\])?\s*$")


@dataclass(frozen=True)
class Written:
    """One line, or several that an open bracket makes one.

    Attributes
    ----------
    number : int
        Of the first of them in the file, from 1.
    text : str
    latex : bool
        Whether it stands in a block of LaTeX.
    pieces : tuple of (int, int, int)
        Where each line begins in the text, its number, and its first column, from 0.
    """

    number: int
    text: str
    latex: bool = False
    pieces: tuple[tuple[int, int, int], ...] = ()

    def placed(self, error: DerivationError) -> DerivationError:
        """Return an error, its column in the text, in the line and column of the file."""
        if error.line or not error.column:
            return error.on_line(self.number)
        at = error.column - 1
        begun = [piece for piece in self.pieces if piece[0] <= at] or [(0, self.number, 0)]
        start, number, column = begun[-1]
        return error.at(number, column + at - start + 1)


def written_lines(raw: Sequence[str], *, markdown: bool = False) -> Iterator[Written]:
    """Yield the lines of a text.

    Parameters
    ----------
    raw : sequence of str
    markdown : bool
        Whether only the fenced blocks count.

    Raises
    ------
    DerivationError
        For what no reader of a line can see.
    """
    lines = list(fenced(raw) if markdown else ((i, line, False) for i, line in enumerate(raw, 1)))
    at = 0
    while at < len(lines):
        number, line, latex = lines[at]
        count = _joined([(i, text) for i, text, _ in lines[at : at + JOINED]])
        if count == 1:
            yield Written(number, line, latex)
        else:
            yield _one([(i, text) for i, text, _ in lines[at : at + count]], latex=latex)
        at += count


def _joined(lines: Sequence[tuple[int, str]]) -> int:
    """Return how many lines the first one takes: more than 1 where its brackets close later."""
    depth, first = 0, lines[0][0]
    if HEADER.fullmatch(lines[0][1]):
        return 1
    for count, (number, line) in enumerate(lines):
        code = NO_BRACKET.sub("", COMMENT.split(line, maxsplit=1)[0])
        if not code.strip() or number != first + count:
            return 1
        depth += sum(code.count(sign) for sign in "([{") - sum(code.count(sign) for sign in ")]}")
        if depth <= 0:
            return count + 1
    return 1


def _one(lines: Sequence[tuple[int, str]], *, latex: bool) -> Written:
    """Join lines, without their comments and what breaks a line of LaTeX."""
    text, pieces = "", []
    for number, line in lines:
        try:
            signs.refuse_unseen(line)
        except DerivationError as error:
            raise error.on_line(number) from None
        code = NEW_LINE.sub("", COMMENT.split(line, maxsplit=1)[0]).rstrip()
        column = len(code) - len(code.lstrip()) if text else 0
        text += " " if text else ""
        pieces.append((len(text), number, column))
        text += code[column:]
    return Written(lines[0][0], text, latex, tuple(pieces))
