"""A derivation file: header lines, then formulas and loops, each with its line number.

``#`` begins a comment. A formula may have several sides, ``dZ2 = dA2 * A2 * (1 - A2) = A2 - Y``:
every one of them is claimed of the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from gradoracle.derivation.limits import FILE_BYTES, LINES, DerivationError
from gradoracle.derivation.reading import syntax
from gradoracle.derivation.reading.claims import claims, translated
from gradoracle.derivation.reading.habits import habit
from gradoracle.derivation.reading.indices import check_index
from gradoracle.derivation.reading.lines import Line, Loop
from gradoracle.derivation.reading.markdown import passed_over
from gradoracle.derivation.reading.repeated import Repetition, without_repetitions
from gradoracle.derivation.reading.reserved import has_a_meaning
from gradoracle.derivation.reading.spelling import signs
from gradoracle.derivation.reading.spelling.parts import PLAIN, Style
from gradoracle.derivation.reading.syntax import Node
from gradoracle.derivation.reading.whole_text import style_of, with_g
from gradoracle.derivation.reading.written_lines import HEADER, Written, written_lines

LOOP = re.compile(r"\s*for\s+([A-Za-z]\w*)\s+in\s+range\s*\((.*)\)\s*:\s*", re.ASCII)
LINE_END = re.compile(r"\r\n|\r|\n")
ANY = ("n", "lam", "alpha", "eta")  # what a text cannot set


@dataclass
class Source:
    """What a file holds.

    Attributes
    ----------
    header : list of (int, str, str)
        Line number, name and value of each header line; the value in its column, after spaces.
    lines : list of Line
    whole : Style
        What all lines say of the notation of each.
    repeated : list of Repetition
        The loops whose rounds are alike.
    notes : list of str
        What of the text is not read, or once where it repeats, and where.
    """

    header: list[tuple[int, str, str]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    whole: Style = PLAIN
    repeated: list[Repetition] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def style(self, typed: Written) -> Style:
        """Return what the rest of the text says of the notation of a line."""
        rows = any((name, value.strip()) == ("layout", "rows") for _, name, value in self.header)
        return replace(self.whole, rows=rows, tex=typed.latex)


def read(text: str, *, markdown: bool = False) -> Source:
    """Read a derivation.

    Parameters
    ----------
    text : str
    markdown : bool
        Whether only the fenced blocks count.

    Raises
    ------
    DerivationError
        With line and column, for what cannot be understood.
    """
    size = len(text.encode("utf-8", "surrogatepass"))
    raw = LINE_END.split(text.removeprefix("\ufeff"))
    if size > FILE_BYTES:
        raise DerivationError(f"at most {FILE_BYTES:,} bytes", f"{size:,}", "split it", 1)
    if len(raw) > LINES:
        raise DerivationError(f"at most {LINES:,} lines", f"{len(raw):,}", "split it", LINES + 1)
    source, loop = Source(), None
    lines, source.repeated = without_repetitions(list(written_lines(raw, markdown=markdown)))
    source.whole = style_of(lines)
    for typed in lines:
        try:
            loop = _read_line(typed, source, loop)
        except DerivationError as error:
            raise typed.placed(error if error.line else habit(typed.text) or error) from None
    if loop is not None:
        _refuse_empty(loop, source)
    if not source.lines:
        raise _no_formula(raw, markdown=markdown)
    source.notes = [loop.note for loop in source.repeated]
    if sign := source.whole.activation:
        source.notes.append(f"{sign} is read as g, the activation")
    source.notes += passed_over(raw) if markdown else []
    counters = {line.loop.name for line in source.lines if line.loop}
    for line in source.lines:
        name = line.target.base if line.target.index is None else ""
        if name in counters:
            got = f"{name}, which counts a loop"
            raise DerivationError("another name on the left", got, "rename it", line.number, 1)
        if name in ANY:
            mend = "leave the line out: what is right is right for every value"
            raise DerivationError(f"no value for {name}", "one", mend, line.number, 1)
    return source


def _no_formula(raw: list[str], *, markdown: bool) -> DerivationError:
    """Return the refusal of a text without formulas; of Markdown, those in ``$$`` are not read."""
    expected = "a formula, NAME = FORMULA, on a line of its own"
    shown = [number for number, line in enumerate(raw, start=1) if "$$" in line]
    if markdown and shown:
        mend = "put them into a fenced block: a line ``` above and below"
        return DerivationError(expected, "formulas in $$, none in a fenced block", mend, shown[0])
    got = "none in a fenced block" if markdown else "none"
    return DerivationError(expected, got, "e.g. dZ2 = A2 - Y", len(raw))


def _read_line(typed: Written, source: Source, loop: Loop | None) -> Loop | None:
    """Add what stands on one line; return the loop that goes on after it."""
    signs.refuse_unseen(typed.text)
    number, written = typed.number, typed.text.split("#", 1)[0].rstrip()
    if not written.strip():
        return loop
    if header := HEADER.fullmatch(written):
        if source.lines:
            raise DerivationError(
                f"{header[1]}: before the first formula", "it after one", "move it to the top"
            )
        value = " " * header.start(2) + header[2]
        source.header.append((number, header[1].lower(), value))
        return loop
    indent = len(written.expandtabs()) - len(written.expandtabs().lstrip())
    inside = loop if loop is not None and indent > loop.indent else None
    if loop is not None and inside is None:
        _refuse_empty(loop, source)
    style = source.style(typed)
    for text, columns in translated(with_g(written, style), style):
        try:
            if begun := LOOP.fullmatch(text):
                if inside is not None:
                    raise DerivationError("one loop at a time", "a loop in a loop", "write it out")
                return Loop(number, _counter(begun), tuple(_bounds(begun)), indent)
            side, before = 0, ""
            for target, formula in claims(text):
                side = side + 1 if syntax.show(target) == before else 0
                before = syntax.show(target)
                source.lines.append(Line(number, written.strip(), target, formula, inside, side))
        except DerivationError as error:
            raise error.through(columns) from None
    return inside


def _refuse_empty(loop: Loop, source: Source) -> None:
    if not source.lines or source.lines[-1].loop != loop:
        raise DerivationError(
            "an indented line under the loop",
            "none",
            "indent the lines of the loop, as in '    dW[l] = ...'",
            loop.number,
        )


def _counter(begun: re.Match[str]) -> str:
    """Return the name that a loop counts with: one that is nothing else."""
    name = begun[1]
    if has_a_meaning(name):
        raise DerivationError(
            "a loop over a name that is nothing else",
            name,
            "for l in range",
            column=begun.start(1) + 1,
        )
    return name


def _bounds(begun: re.Match[str]) -> Iterator[Node]:
    at, parts = begun.start(2), begun[2].split(",")
    if not 1 <= len(parts) <= 3:
        mend = "range(L, 0, -1) runs from L to 1"
        raise DerivationError(
            "range(first, end, step)", f"{len(parts)} bounds", mend, column=at + 1
        )
    for part in parts:
        bound = syntax.read(" " * at + part)
        check_index(bound)  # the same rules as for a layer
        at += len(part) + 1
        yield bound
