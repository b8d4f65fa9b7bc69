"""Loops that repeat what stands in them: ``for epoch in range(1000):``.

Their rounds are alike but for the numbers, as their name stands nowhere in them: one of them is the
derivation. The line goes, and what stands below it is read as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gradoracle.derivation.reading.written_lines import Written

REPEATED = re.compile(r"\s*for\s+([A-Za-z_]\w*)\s+in\s+range\s*\(.*\)\s*:\s*", re.ASCII)


def without_repetitions(lines: Sequence[Written]) -> tuple[list[Written], list[str]]:
    """Return the lines of a text without those that say how often, and what is to be told of it."""
    left, notes = [], []
    for at, line in enumerate(lines):
        code = line.text.split("#", 1)[0]
        found = REPEATED.fullmatch(code)
        body = _body(lines[at + 1 :], _indent(code)) if found else []
        if found and body and not any(_reads(one.text, found[1]) for one in body):
            told = f"repeats what stands below it: one round of {found[1]} is judged"
            notes.append(f"line {line.number} {told}")
        else:
            left.append(line)
    return left, notes


def _body(lines: Sequence[Written], indent: int) -> list[Written]:
    """Return the lines that are indented further, up to the first one that is not."""
    found = []
    for line in lines:
        code = line.text.split("#", 1)[0]
        if code.strip() and _indent(code) <= indent:
            break
        found += [line] if code.strip() else []
    return found


def _indent(code: str) -> int:
    spread = code.expandtabs()
    return len(spread) - len(spread.lstrip())


def _reads(text: str, name: str) -> bool:
    return re.search(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", text.split("#", 1)[0]) is not None
