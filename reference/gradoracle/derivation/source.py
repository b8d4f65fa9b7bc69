"""A derivation file: header lines, then formulas and loops, each with its line number.

A file is plain text, or Markdown, of which the fenced blocks without a language or with one of
`FENCES` count. ``#`` begins a comment. A formula may have several sides, ``dZ2 = dA2 * A2 * (1 -
A2) = A2 - Y``: every one of them is claimed of the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from gradoracle.derivation import syntax
from gradoracle.derivation.claims import claims, translated
from gradoracle.derivation.limits import FILE_BYTES, LINE_CHARACTERS, LINES, DerivationError
from gradoracle.derivation.network_line import WORDS
from gradoracle.derivation.spelling import signs
from gradoracle.derivation.syntax import Name, Node

FENCES = ("", "derivation", "math", "latex", "text")
HEADERS = ("network", "layout", "weights", "convention", "means", "inputs", "title", "source")
HEADER = re.compile(rf"\s*({'|'.join(HEADERS)})\s*:(.*)", re.IGNORECASE)
LOOP = re.compile(r"\s*for\s+([A-Za-z]\w*)\s+in\s+range\s*\((.*)\)\s*:\s*", re.ASCII)
LOOP_MEND = "for l in range(L-1, 0, -1): with the colon, on a line of its own"
OPERATOR = "[-+*/@=\u2218\u2299\u00b7\u00d7\u2212]"
HABITS = [  # what a line that cannot be read may have been meant as: pattern, expected, mend
    (r"\s*(?P<at>for)\s(?!.*\brange\s*\(.*\)\s*:$)", "a loop over the layers", LOOP_MEND),
    (
        r".*?(?<!\\)(?P<at>;)\s*[^\s=][^=]*=",
        "NAME = FORMULA",
        "one formula a line: write the next one on the next line",
    ),
    (r"[^=<>!:]*(?P<at>==)[^=]*$", "NAME = FORMULA", "write = to set a name"),
    (
        rf".*[\w)\]}}']\s*{OPERATOR}?(?P<at>{OPERATOR})$",
        "a whole formula",
        "the formula ends in an operator: join the lines",
    ),
]
HEADER_LIKE = re.compile(
    r"\s*(?P<at>[A-Za-z][A-Za-z-]*2?)(?:\s*(?P<colon>:)(?!=)\s*|\s+(?=\w))(.*)"
)
LINE_END = re.compile(r"\r\n|\r|\n")
CONSTANTS = ("n", "N", "L", "lam", "alpha", "eta")
ANY = ("n", "lam", "alpha", "eta")  # what a text cannot set
ARRAYS = ("J", "X", "Y", "C")


@dataclass(frozen=True)
class Loop:
    """``for l in range(first, end, step):`` with its line and how far it is indented."""

    number: int
    name: str
    bounds: tuple[Node, ...]
    indent: int = 0


@dataclass(frozen=True)
class Line:
    """One claim: a target and one side of its formula.

    Attributes
    ----------
    number : int
        Of the line in the file, from 1.
    written : str
        The line as it stands there, without the comment.
    target : Name
    formula : Node
    loop : Loop or None
        The loop it stands in.
    side : int
        0, or the number of the side where a line has several.
    """

    number: int
    written: str
    target: Name
    formula: Node
    loop: Loop | None = None
    side: int = 0

    @property
    def normal(self) -> str:
        """The normal form of the line: how it was understood."""
        return f"{syntax.show(self.target)} = {syntax.show(self.formula)}"


@dataclass
class Source:
    """What a file holds.

    Attributes
    ----------
    header : list of (int, str, str)
        Line number, name and value of each header line; the value in its column, after spaces.
    lines : list of Line
    """

    header: list[tuple[int, str, str]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


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
    for number, line in _fenced(raw) if markdown else enumerate(raw, start=1):
        try:
            loop = _read_line(number, line, source, loop)
        except DerivationError as error:
            raise (error if error.line else _habit(line) or error).on_line(number) from None
    if loop is not None:
        _refuse_empty(loop, source)
    if not source.lines:
        raise _no_formula(raw, markdown=markdown)
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


def _habit(line: str) -> DerivationError | None:
    """Return a better refusal of a line that cannot be read, if one can see what was meant."""
    written = line.split("#", 1)[0].rstrip()
    if len(line) > LINE_CHARACTERS or not written.replace("\t", " ").isprintable():
        return None  # what is unseen or endless is said first
    if HEADER.fullmatch(written):
        return None
    got = written.strip()[:60]
    for pattern, expected, mend in HABITS:
        if found := re.match(pattern, written):
            return DerivationError(expected, got, mend, column=found.start("at") + 1)
    found = HEADER_LIKE.fullmatch(written)
    mend = _meant_header(found) if found else ""
    return DerivationError("a formula or a header line", got, mend, column=1) if mend else None


def _meant_header(found: re.Match[str]) -> str:
    """Return how a line that looks like one of the header is written; empty if it is none."""
    word, rest = found["at"].lower(), found[3].strip()[:40]
    known = (*HEADERS, *WORDS)
    near = word if word in known else syntax.nearest(word, known) if found["colon"] else ""
    if not near and not found["colon"]:
        return ""
    listed = f"known header lines: {', '.join(f'{name}:' for name in HEADERS)}"
    if not near:
        return f"{listed}; a formula is NAME = FORMULA, a comment begins with #"
    if near in HEADERS:
        return f"{listed}; did you mean {near}: {rest}"
    return f"{listed}; did you mean network: ..., {near} {rest}"


def _fenced(raw: list[str]) -> Iterator[tuple[int, str]]:
    """Yield the lines of the fenced blocks of Markdown."""
    fence, counts = "", False
    for number, line in enumerate(raw, start=1):
        mark = re.match(r" {0,3}(`{3,}|~{3,})\s*([^\s`]*)", line)
        if mark and not fence:
            fence, counts = mark[1], mark[2].lower() in FENCES
        elif mark and mark[1].startswith(fence) and not mark[2]:
            fence = ""
        elif fence and counts:
            yield number, line


def _read_line(number: int, line: str, source: Source, loop: Loop | None) -> Loop | None:
    """Add what stands on one line; return the loop that goes on after it."""
    signs.refuse_unseen(line)
    written = line.split("#", 1)[0].rstrip()
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
    for text, columns in translated(written):
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
    if reserved(name) or name in syntax.FUNCTIONS or name in syntax.ALIASES:
        raise DerivationError(
            "a loop over a name that is nothing else",
            name,
            "for l in range",
            column=begun.start(1) + 1,
        )
    return name


def reserved(name: str) -> bool:
    """Whether a name has a meaning of its own: of the trace, or a constant."""
    return (
        name in CONSTANTS
        or name.removeprefix("d") in ARRAYS
        or syntax.NUMBERED.fullmatch(name) is not None
    )


def _bounds(begun: re.Match[str]) -> Iterator[Node]:
    at, parts = begun.start(2), begun[2].split(",")
    if not 1 <= len(parts) <= 3:
        mend = "range(L, 0, -1) runs from L to 1"
        raise DerivationError(
            "range(first, end, step)", f"{len(parts)} bounds", mend, column=at + 1
        )
    for part in parts:
        bound = syntax.read(" " * at + part)
        syntax.check_index(bound)  # the same rules as for a layer
        at += len(part) + 1
        yield bound
