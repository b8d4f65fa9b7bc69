"""The line of a file that cannot be read, with a caret under the place."""

from __future__ import annotations

import unicodedata

from gradoracle.derivation.limits import DerivationError

BEFORE, AFTER = 50, 20  # characters that are shown of a long line


def excerpt(text: str, error: DerivationError) -> list[str]:
    """Return the offending line and the caret below it; nothing where there is no such line."""
    lines = text.splitlines()
    if not 0 < error.line <= len(lines):
        return []
    line = "".join(map(_visible, lines[error.line - 1]))
    gutter = f"{error.line:>6} | "
    if not error.column:
        cut = "…" if len(line) > BEFORE + AFTER else ""
        return [gutter + line[: BEFORE + AFTER].rstrip() + cut]
    at = min(error.column - 1, len(line))
    start = max(at - BEFORE, 0)
    shown = ("…" if start else "") + line[start : at + AFTER]
    shown += "…" if len(line) > at + AFTER else ""
    before = ("…" if start else "") + line[start:at]
    return [gutter + shown.rstrip(), " " * (len(gutter) - 2) + "| " + " " * _columns(before) + "^"]


def _visible(sign: str) -> str:
    """Return a character, or one that stands for what a terminal would obey."""
    category = unicodedata.category(sign)
    if sign == "\t":
        return " "
    return "\N{REPLACEMENT CHARACTER}" if category in ("Cc", "Cf", "Cs", "Zl", "Zp") else sign


def _columns(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    marks = sum(unicodedata.combining(sign) > 0 for sign in text)
    return len(text) + wide - marks
