"""A line as it stands on paper, in the plain spelling.

The plain spelling is the subset of Python's expressions that `syntax` reads. A line that is plain
already comes back as it is, character for character.
"""

from __future__ import annotations

from dataclasses import dataclass

from gradoracle.derivation.reading.spelling.grammar import Grammar
from gradoracle.derivation.reading.spelling.parts import PLAIN, Style, Text
from gradoracle.derivation.reading.spelling.signs import (
    SPACES,
    NotationError,
    refuse_unseen,
    upright,
)
from gradoracle.derivation.reading.spelling.tokens import read

__all__ = ["NotationError", "Plain", "plain"]


@dataclass(frozen=True)
class Plain:
    """A line in the plain spelling.

    Attributes
    ----------
    text : str
    columns : tuple of int
        For every character of the text the column, from 0, of the original that it came from, and
        the end: one more than the text has.
    """

    text: str
    columns: tuple[int, ...]


def plain(line: str, style: Style = PLAIN) -> Plain:
    """Translate one line: Unicode and the habits of paper into the plain spelling.

    Parameters
    ----------
    line : str
        A formula, or the first line of a loop; a comment begins with ``#``.
    style : Style, optional
        What the rest of the text says of its notation.

    Raises
    ------
    NotationError
        With the column and the mend, for signs that are in no table and for what can be read in
        two ways, as two matrices side by side.
    """
    refuse_unseen(line)
    line = upright(line)
    tokens = read(line)
    if not tokens or any(token.kind == "other" for token in tokens):
        return unchanged(line)
    grammar = Grammar(tokens, len(line.rstrip()), side_by_side=False, style=style)
    try:
        pieces = grammar.statement()
    except NotationError:
        if grammar.paper or not line.partition("#")[0].isascii():
            raise
        return unchanged(line)  # the reader of the plain spelling says it better
    if not grammar.paper and line.partition("#")[0].isascii():
        return unchanged(line)
    indent = len(line) - len(line.lstrip(SPACES))
    return composed(((" " * indent, 0), *pieces), line)


def unchanged(line: str) -> Plain:
    """Return a line as it is."""
    return Plain(line, tuple(range(len(line) + 1)))


def composed(pieces: tuple[Text, ...], line: str) -> Plain:
    """Join pieces of plain text; one that stands so in the line keeps all its columns."""
    columns: list[int] = []
    for text, column in pieces:
        same = line.startswith(text, column)
        columns += [column + (at if same else 0) for at in range(len(text))]
    return Plain("".join(text for text, _ in pieces), (*columns, len(line)))
