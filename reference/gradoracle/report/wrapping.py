"""Text and formulas in the columns of a terminal, where a wide character takes two."""

from __future__ import annotations

import re
import textwrap
import unicodedata

LEAST = 10  # columns of a text, however narrow the terminal is
FILLER = "\0"  # stands for the second column of a wide character
GLUE = "\1"  # stands for a space that is not broken at; texts are cleaned of both
WHOLE = (  # what is short stays in one line: (1 - A2), n = 7, W2.T @ dZ2
    re.compile(r"\([^()]{1,16}\)"),
    re.compile(r"\b\w = \d+\b"),
    re.compile(r"(?<!\S)\S{1,9} [*/@] \S{1,9}(?!\S)"),
)
OPERATOR = re.compile(r" ([-+*/@=<>]|[<>=!]=) ")  # goes with what follows it


def wrap(text: str, width: int, *, first: str = "", rest: str = "") -> list[str]:
    """Break a text between words, a formula before an operator; there is at least one line.

    Parameters
    ----------
    text : str
    width : int
        Columns of a line, at most.
    first, rest : str
        What the first line and the others begin with.
    """
    for whole in WHOLE:
        text = whole.sub(lambda found: found[0].replace(" ", GLUE), text)
    text = OPERATOR.sub(rf" \1{GLUE}", text)
    filled = "".join(sign + FILLER * (_width(sign) == 2) for sign in text)
    room = max(width, LEAST + len(rest))
    lines = textwrap.wrap(
        filled, room, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False
    )
    return [line.replace(FILLER, "").replace(GLUE, " ") for line in lines] or [""]


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(map(_width, text))


def _width(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1
