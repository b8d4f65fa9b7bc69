"""The line of a file that cannot be read, with a caret under the place."""

from __future__ import annotations

import shutil
import unicodedata
from itertools import accumulate, takewhile

from gradoracle.derivation.limits import DerivationError
from gradoracle.report.wrapping import columns

WIDEST = 100  # columns, the line's number among them
LEAST = 20
CUT = "…"  # for what is left out on either side


def excerpt(text: str, error: DerivationError) -> list[str]:
    """Return the offending line and the caret below it; nothing where there is no such line."""
    lines = text.splitlines()
    if not 0 < error.line <= len(lines):
        return []
    line = "".join(map(_visible, lines[error.line - 1]))
    gutter = f"{error.line:>6} | "
    terminal = shutil.get_terminal_size((WIDEST, 0)).columns
    room = max(min(terminal, WIDEST), LEAST) - len(gutter)
    at = min(max(error.column - 1, 0), len(line))
    before, after = _around(line, at, room)
    shown = [gutter + (before + after).rstrip()]
    caret = " " * (len(gutter) - 2) + "| " + " " * columns(before) + "^"
    return [*shown, caret] if error.column else shown


def _around(line: str, at: int, room: int) -> tuple[str, str]:
    """Return what is shown before a place and from it on: all of the line where that fits."""
    if columns(line) <= room - (at == len(line)):  # a caret behind the line needs a column, too
        return line[:at], line[at:]
    room -= 2 * len(CUT)
    after = _fitting(line[at:], max(room * 2 // 7, 2))
    start = at - _fitting(line[:at][::-1], room - columns(line[at : at + after]))
    end = at + _fitting(line[at:], room - columns(line[start:at]))
    return CUT * (start > 0) + line[start:at], line[at:end] + CUT * (end < len(line))


def _fitting(text: str, room: int) -> int:
    """Return how many characters at the beginning of a text fit into so many columns."""
    taken = accumulate(map(columns, text))
    return sum(1 for _ in takewhile(lambda wide: wide <= room, taken))


def _visible(sign: str) -> str:
    """Return a character, or one that stands for what a terminal would obey."""
    category = unicodedata.category(sign)
    if sign == "\t":
        return " "
    return "\N{REPLACEMENT CHARACTER}" if category in ("Cc", "Cf", "Cs", "Zl", "Zp") else sign
