"""Loops that repeat what stands in them: ``for epoch in range(1000):``.

Their rounds are alike but for the numbers, as their name stands nowhere in them: one of them is the
derivation. The line goes, and what stands below it is read as it is. A loop over l, or up to L, is
one over layers, whatever stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gradoracle.derivation.reading.reserved import has_a_meaning
from gradoracle.derivation.reading.written_lines import Written

BOUND = r"\s*(?!L\b|0\s*\))\w+(?:\s*[-+]\s*\w+)?\s*"  # to L it is one over layers
REPEATED = re.compile(
    rf"\s*for\s+([A-Za-z]\w*|_)\s+in\s+range\s*\({BOUND}(?:,{BOUND})?\)\s*:\s*", re.ASCII
)
LAYER = "l"


@dataclass(frozen=True)
class Repetition:
    """A loop that repeats the lines from its own to the last one below it.

    Attributes
    ----------
    number, last : int
        Of its line in the file, and of the last line in it.
    name : str
        What it counts.
    """

    number: int
    last: int
    name: str

    @property
    def note(self) -> str:
        """What is told of it."""
        told = f"repeats what stands below it: one round of {self.name} is judged"
        return f"line {self.number} {told}"


def without_repetitions(lines: Sequence[Written]) -> tuple[list[Written], list[Repetition]]:
    """Return the lines of a text without those that say how often, and these."""
    left, found, inside = [], [], None  # how far the loop is indented that goes on
    for at, line in enumerate(lines):
        code = line.text.split("#", 1)[0]
        if inside is not None and code.strip() and _indent(code) <= inside:
            inside = None
        loop = REPEATED.fullmatch(code) if inside is None else None
        body = _body(lines[at + 1 :], _indent(code)) if loop else []
        if loop and body and _only_counts(loop[1], body):
            found.append(Repetition(line.number, body[-1].number, loop[1]))
            continue
        left.append(line)
        if code.lstrip().startswith("for ") and inside is None:
            inside = _indent(code)
    return left, found


def _only_counts(name: str, body: Sequence[Written]) -> bool:
    """Whether a name means nothing, and is not read."""
    means = has_a_meaning(name) or name == LAYER
    return not means and not any(_reads(line.text, name) for line in body)


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
