"""What of a Markdown text is read: its fenced blocks of formulas; and what is passed over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

LATEX = ("math", "latex", "tex")
FENCES = ("", "derivation", "text", *LATEX)
SHELLS = ("sh", "bash", "shell", "console", "zsh")  # what they set is no formula
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})\s*([^\s`]*)")
FORMULA = re.compile(r"[^\s=<>!]\s*=(?!=)")


def fenced(raw: Sequence[str]) -> Iterator[tuple[int, str, bool]]:
    """Yield the lines of the fenced blocks that count, and whether the block is LaTeX."""
    for number, line, language, _ in _inside(raw):
        if language in FENCES:
            yield number, line, language in LATEX


def passed_over(raw: Sequence[str]) -> list[str]:
    """Return in a note where formulas stand that are not read; nothing if there are none.

    >>> passed_over(["```", "J = 2", "```", "$$ J = 3 $$", "```python", "J = 4", "```"])
    ['not read: $$ in line 4, a python fence in line 5']
    """
    found = {
        begun: f"a {language} fence"
        for _, line, language, begun in _inside(raw)
        if language not in (*FENCES, *SHELLS) and FORMULA.search(line)
    }
    found |= dict.fromkeys(_displayed(raw), "$$")
    listed = ", ".join(f"{what} in line {number}" for number, what in sorted(found.items()))
    return [f"not read: {listed}"] if listed else []


def _inside(raw: Sequence[str]) -> Iterator[tuple[int, str, str, int]]:
    """Yield the lines in fences, with the language and the line of each fence."""
    fence, language, begun = "", "", 0
    for number, line in enumerate(raw, start=1):
        mark = FENCE.match(line)
        if mark and not fence:
            fence, language, begun = mark[1], mark[2].lower(), number
        elif mark and mark[1].startswith(fence) and not mark[2]:
            fence = ""
        elif fence:
            yield number, line, language, begun


def _displayed(raw: Sequence[str]) -> Iterator[int]:
    """Yield the lines in which `$$` begins that holds a formula, outside the fences."""
    inside = {number for number, *_ in _inside(raw)}
    opened = 0
    for number, line in enumerate(raw, start=1):
        if number in inside:
            continue
        for at, part in enumerate(line.split("$$")):
            if at:
                opened = 0 if opened else number
            if opened and FORMULA.search(part):
                yield opened
