"""The block that tells one result: what is wrong first, by how much, and how to see it again."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradoracle.checking.report import Header
from gradoracle.checking.result import Outcome, Result
from gradoracle.diagnosis.diagnosis import Diagnosis
from gradoracle.report.safe import cleaned_header, cleaned_result
from gradoracle.report.withhold import withheld_result
from gradoracle.rounding import SIGMAS
from gradoracle.verdict import TensorVerdict, Verdict

TITLES = {Outcome.FAILED: "FAIL"}  # the others are their names in capitals
LABEL = 14  # columns of the labels
FEW = 3  # facts, and explanations in part, that are told
CONTEXT_LINES = 8  # of a crash
GAP = "   "

UNSUPPORTED = (
    "a function for some networks only says so: my_net.supports = lambda case: ... "
    "(docs/check.md), or choose cases with --case"
)
KINDS = {
    "wrong formula": "the error is as large in float64 as in float32",
    "unstable evaluation": "the error shrinks with the unit roundoff: right formula, lost digits",
}


@dataclass(frozen=True)
class Block:
    """A title and labelled lines below it.

    Attributes
    ----------
    title : str
    rows : tuple of (str, str)
        Label, empty where a line goes on, and one line of text.
    outcome : Outcome or None
        Of the result that it tells, for colours.
    """

    title: str
    rows: tuple[tuple[str, str], ...]
    outcome: Outcome | None = None

    def __str__(self) -> str:
        said = [f"  {label:<{LABEL}}{text}".rstrip() for label, text in self.rows]
        return "\n".join([self.title, *said])


def block(result: Result, header: Header, *, mend: bool = True) -> str:
    """Return the failure block of one result as plain text.

    Parameters
    ----------
    result : Result
    header : Header
        Of its report.
    mend : bool
        Whether to tell the right numbers and what to write instead.
    """
    return str(told(result, header, mend=mend))


def told(
    result: Result, header: Header, *, mend: bool = True, also_in: Sequence[str] = ()
) -> Block:
    """Return the failure block as data; ``also_in`` names what went wrong in the same way."""
    result, header = cleaned_result(result), cleaned_header(header)
    if not mend:
        result = withheld_result(result)
    title = TITLES.get(result.outcome, result.outcome.upper())
    rows = list(_rows(result))
    if also_in:
        rows.append(("also in", f"{', '.join(also_in)}, in the same way"))
    if result.reproduce:
        rows.append(("reproduce", result.reproduce))
    return Block(
        f"{title}  {result.case}  {result.dtype}  candidate {header.target}",
        tuple(rows),
        result.outcome,
    )


def _rows(result: Result) -> Iterator[tuple[str, str]]:
    if result.outcome is Outcome.CRASHED:
        yield from _crash(result)
    elif result.reason:
        yield "reason", result.reason
    first = result.first_wrong
    if first is not None:
        yield "first wrong", f"{first.name} {first.shape}{GAP}{_before(result, first)}"
        yield from _worst(first)
    if result.also_wrong:
        yield "also wrong", ", ".join(result.also_wrong)
    if result.missing:
        needed = "J, every dW and every db must be returned"
        yield "missing", f"{', '.join(result.missing)}: {needed}"
    for complaint in result.complaints:
        yield "complaint", f"{complaint.finding}: {complaint.detail}"
    if result.outcome is Outcome.PASSED and result.tensors and result.verdict is not None:
        yield from _worst(result.verdict.worst)
    if result.outcome is Outcome.CANNOT_TELL:
        for tensor in result.tensors:
            if tensor.verdict is Verdict.CANNOT_TELL:
                yield "cannot tell", f"{tensor.name} {tensor.shape}{GAP}{tensor.reason}"
    if first is not None and result.kind:
        yield "kind", f"{result.kind}: {KINDS.get(result.kind, '')}".rstrip(": ")
    if result.diagnosis is not None:
        yield from _diagnosed(result.diagnosis)
    if result.verdict is not None:
        for note in result.verdict.notes:
            yield "note", note


def _diagnosed(diagnosis: Diagnosis) -> Iterator[tuple[str, str]]:
    """Name the mistake and its mend; where none explains everything, say what is certain."""
    yield "diagnosis", str(diagnosis)
    if diagnosis.names:
        yield "mend", f"{diagnosis.mend}: {diagnosis.code}"
        return
    for partial in diagnosis.partial[:FEW]:
        yield "in part", str(partial)
    for fact in diagnosis.facts[:FEW]:
        yield "certain", fact


def _crash(result: Result) -> Iterator[tuple[str, str]]:
    yield "crashed", f"{result.crash}: {result.reason}"
    for text in _telling(result.context):
        yield "", text
    if result.crash == "raised" and result.reason.startswith("KeyError"):
        yield "hint", UNSUPPORTED


def _telling(context: str) -> list[str]:
    """Return the lines of a crash's context that tell most.

    A traceback of Python ends with the call that failed; the dump of a fatal error begins with it.
    """
    said = [text.rstrip() for text in context.splitlines() if text.strip()]
    dumps = [i for i, text in enumerate(said) if "most recent call first" in text]
    if not dumps:
        return said[-CONTEXT_LINES:]
    start = next((i for i in dumps if said[i].startswith("Current thread")), dumps[0])
    return said[start : start + CONTEXT_LINES]


def _before(result: Result, first: TensorVerdict) -> str:
    """Say what is right before the first wrong tensor: only what was returned can be."""
    names = [tensor.name for tensor in result.tensors]
    earlier = result.tensors[: names.index(first.name)]
    if not earlier:
        return "nothing before it was returned" if _gaps(result) else "nothing comes before it"
    vague = [t.name for t in earlier if t.verdict is not Verdict.PASS]
    whole = "everything returned before it" if _gaps(result) else "everything before it"
    last = earlier[-1].name
    text = f"{last} is right" if len(earlier) == 1 else f"{last} and {whole} are right"
    if len(vague) == len(earlier):
        return "nothing before it can be told"
    return f"{text}, but {', '.join(vague)} cannot be told" if vague else text


def _gaps(result: Result) -> bool:
    return result.verdict is not None and bool(result.verdict.missing)


def _worst(tensor: TensorVerdict) -> Iterator[tuple[str, str]]:
    """Tell the worst entry, or why no entry could be compared."""
    if not tensor.judged:
        yield "what", tensor.reason
        return
    where = f"{tensor.name}[{', '.join(map(str, tensor.index))}]" if tensor.index else tensor.name
    expected, got = numbers(tensor)
    parts = [where, f"expected {expected}" if expected else "", f"got {got}", _size(tensor)]
    yield "worst entry", GAP.join(part for part in parts if part)
    wrong = re.search(r"[\d,]+ of [\d,]+ entries wrong$", tensor.reason)
    if wrong and tensor.judged > 1:
        yield "", wrong[0]


def numbers(tensor: TensorVerdict) -> tuple[str, str]:
    """Return expected and got with enough digits to tell them apart; empty if withheld."""
    expected, got = tensor.expected, tensor.got
    digits = next((d for d in (4, 8, 12) if f"{expected:.{d}e}" != f"{got:.{d}e}"), 16)
    return ("" if math.isnan(expected) else f"{expected:.{digits}e}"), f"{got:.{digits}e}"


def _size(tensor: TensorVerdict) -> str:
    if not math.isfinite(tensor.got):
        return "no number: proven wrong"
    sizes = []
    if math.isfinite(tensor.sigmas):
        sizes.append(f"{tensor.sigmas:.2g} sigma")
    if math.isfinite(tensor.share):
        sizes.append(f"{tensor.share:.2g} x bound")
    size = ", ".join(sizes) or "rounding cannot explain any error here"
    return (
        f"{size}: {'proven wrong' if tensor.proven else f'more than {SIGMAS} sigma: statistical'}"
    )
