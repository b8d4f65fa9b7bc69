"""The line of a file that cannot be read, with a caret under the place."""

from __future__ import annotations

import shutil
import unicodedata

from gradoracle.derivation.limits import DerivationError
from gradoracle.report.wrapping import columns

WIDEST = 80  # columns, the line's number among them
LEAST = 20


def excerpt(text: str, error: DerivationError) -> list[str]:
    """Return the offending line and the caret below it; nothing where there is no such line."""
    lines = text.splitlines()
    if not 0 < error.line <= len(lines):
        return []
    line = "".join(map(_visible, lines[error.line - 1]))
    gutter = f"{error.line:>6} | "
    room = max(min(shutil.get_terminal_size().columns, WIDEST), LEAST) - len(gutter) - 2
    if not error.column:
        cut = "…" if len(line) > room else ""
        return [gutter + line[:room].rstrip() + cut]
    at = min(error.column - 1, len(line))
    start, end = max(at - room * 5 // 7, 0), at + room * 2 // 7
    shown = ("…" if start else "") + line[start:end]
    shown += "…" if len(line) > end else ""
    before = ("…" if start else "") + line[start:at]
    return [gutter + shown.rstrip(), " " * (len(gutter) - 2) + "| " + " " * columns(before) + "^"]


def _visible(sign: str) -> str:
    """Return a character, or one that stands for what a terminal would obey."""
    category = unicodedata.category(sign)
    if sign == "\t":
        return " "
    return "\N{REPLACEMENT CHARACTER}" if category in ("Cc", "Cf", "Cs", "Zl", "Zp") else sign
