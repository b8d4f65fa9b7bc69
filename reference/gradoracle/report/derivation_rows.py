"""What is told of a checked derivation, before it is drawn: every rendering starts from here.

A row is one line of the text with its verdict in words; what is told of the whole text is in
`derivation_facts`. Strings that a stranger wrote are cleaned here; a rendering is left to escape
its own markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gradoracle.derivation.judging.agreement import MANY
from gradoracle.derivation.reading.lines import Line
from gradoracle.derivation.verdicts import Checked, LineVerdict, Verdict
from gradoracle.report.derivation_facts import Fact, guessed
from gradoracle.report.derivation_names import derivative
from gradoracle.report.safe import line as cleaned

TONES = {
    Verdict.RIGHT: "good",
    Verdict.FED: "fed",
    Verdict.UNDECIDED: "vague",
    Verdict.HELPER: "plain",
    Verdict.DEFINITION: "plain",
}
FEW = 3  # rounds and lines that are named
UNKNOWN = "no known mistake gives these numbers"
PLAIN = re.compile(r"[\s()]")  # spaces, and brackets: how it was read shows in the normal form
LAYER = re.compile(r"_(\d+)|\[(\d+)\]")  # W_1 and W[1] for W1


@dataclass(frozen=True)
class Row:
    """One line of a derivation, or the head of a loop.

    Attributes
    ----------
    number : str
        Of the line in the file; empty for further claims of one line.
    formula : str
        In normal form.
    verdict : str
        In words; empty for the head of a loop.
    tone : str
        ``good``, ``bad``, ``fed``, ``vague`` or ``plain``.
    depth : int
        1 in a loop.
    remarks : tuple of (str, str)
        What stands below it: label and sentence.
    """

    number: str
    formula: str
    verdict: str = ""
    tone: str = "plain"
    depth: int = 0
    remarks: tuple[Fact, ...] = ()


def rows(checked: Checked, *, block: bool = False) -> Iterator[Row]:
    """Yield a row for every claim and for the head of every loop.

    Parameters
    ----------
    checked : Checked
    block : bool
        Whether the first wrong line is told in a block of its own, `first_wrong`.
    """
    number, loop = 0, None
    for verdict in checked.lines:
        line = verdict.line
        if line.loop is not None and line.loop != loop:
            yield Row(str(line.loop.number or ""), line.loop.head)
        told = "" if line.number == number else str(line.number)
        number, loop = line.number, line.loop
        yield Row(
            told,
            line.normal,
            words(verdict),
            "bad" if verdict.verdict.is_wrong else TONES[verdict.verdict],
            int(line.loop is not None),
            tuple(_remarks(verdict, checked, block=block)),
        )


def words(verdict: LineVerdict) -> str:
    """Return the verdict on a line in a few words."""
    match verdict.verdict:
        case Verdict.RIGHT:
            exact = verdict.digits >= MANY
            return "right  exactly" if exact else f"right  to {verdict.digits} digits"
        case Verdict.FED if numbers := fed_by(verdict):
            several = "lines" if len(numbers) > 1 else "line"
            return f"fed by {several} {_some(numbers)}"
    where = f"  at {_rounds(verdict)}" if verdict.rounds else ""
    return f"{verdict.verdict}{where}"


def fed_by(verdict: LineVerdict) -> list[str]:
    """Return the numbers of the lines from which a right line has wrong values."""
    return sorted(set(re.findall(r"\(line (\d+)\)", verdict.detail)), key=int)


def _rounds(verdict: LineVerdict) -> str:
    """Return ``l = 3, 2`` for the rounds ``l = 3`` and ``l = 2``, and ``l < L`` as it is."""
    if len(verdict.rounds) == 1:
        return verdict.rounds[0]
    name = verdict.rounds[0].partition(" = ")[0]
    return f"{name} = {_some([text.partition(' = ')[2] for text in verdict.rounds])}"


def _some(texts: list[str]) -> str:
    return ", ".join(texts[:FEW]) + (", …" if len(texts) > FEW else "")


def _remarks(verdict: LineVerdict, checked: Checked, *, block: bool) -> Iterator[Fact]:
    """Yield what stands below a line."""
    line = verdict.line
    if line.side == 0 and not is_evident(line):
        yield "typed", cleaned(line.written)
    if verdict.convention:
        yield "", f"{verdict.convention} {derivative(verdict, checked.header)}"
    if verdict is checked.first and block:
        yield "", "the first wrong line: see below"
    elif verdict.verdict is not Verdict.FED or not fed_by(verdict):
        yield from told(verdict)
        yield from guessed(checked) if verdict is checked.first else ()
    if 0 < verdict.networks < len(checked.networks):
        yield "", f"on {verdict.networks} of {len(checked.networks)} networks"
    for rule in verdict.rules:
        name, colon, text = cleaned(rule).partition(": ")
        yield (name, text) if colon else ("rule", name)


def sentence(fact: Fact) -> str:
    """Return a fact as a remark: with its label where it would not be understood without."""
    label, text = fact
    return text if label in ("", "why", "note", "worst entry") else f"{label}: {text}"


def is_evident(line: Line) -> bool:
    """Whether what was typed is the normal form but for spaces, brackets, and a layer's spelling.

    A further side of the line has a row of its own.
    """
    typed, normal = _bare(line.written), _bare(line.normal)
    return typed == normal or typed.startswith(f"{normal}=")


def _bare(formula: str) -> str:
    return LAYER.sub(r"\1\2", PLAIN.sub("", formula))


def told(verdict: LineVerdict) -> Iterator[Fact]:
    """Yield why a line has its verdict, and for a wrong one what to write instead."""
    if verdict.detail:
        yield "why", cleaned(verdict.detail)
    yield from (("note", cleaned(note)) for note in verdict.notes)
    if verdict.expected:
        where, _, expected = verdict.expected.partition(" = ")
        yield "worst entry", f"{where}: expected {expected}, got {verdict.got}"
    if verdict.mistake is not None:
        named = verdict.mistake
        formula = f": {named.formula}" if named.formula else ""
        yield "mistake", cleaned(f"{named.name}{formula}") if named.name else UNKNOWN
        if named.others:
            yield "same numbers", cleaned(", ".join(named.others))
    if verdict.mend:
        yield "mend", cleaned(verdict.mend)


def first_wrong(checked: Checked) -> tuple[str, tuple[Fact, ...]] | None:
    """Return the title and the facts of the first wrong line."""
    first = checked.first
    if first is None:
        return None
    title = f"FIRST WRONG  line {first.line.number}: {first.line.normal}"
    return title, (("verdict", words(first)), *told(first), *guessed(checked))
