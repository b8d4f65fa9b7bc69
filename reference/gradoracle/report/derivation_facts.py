"""What is told of a whole derivation: the headline, and labels with a sentence each.

Strings that a stranger wrote are cleaned here, as in `derivation_rows`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.verdicts import Checked, Verdict
from gradoracle.report.derivation_files import status_of
from gradoracle.report.safe import line as cleaned
from gradoracle.status import Status

Fact = tuple[str, str]  # a label, which may be empty, and a sentence

MEANING = (
    "a right line agrees to 40 digits or more on every network; at its sizes, and for each reading "
    "that is tried, a wrong polynomial of degree d does so with a chance below d in 16 million"
)
FED = "right in itself, but it reads what a wrong line computed"
HELPER = "a name of the text's own: judged where a trace name uses it"
PART = "a first part"  # how `judging` begins what it says of one
PARTS = "a helper for what a later line sets under the same name"
LEFT_OUT = "not given"  # how a note begins that is not about the reading


def guessed(checked: Checked) -> list[Fact]:
    """Return how the text was taken where its header leaves that open: verdicts rest on it."""
    header = checked.header
    left_open = bool(header.loss and not header.reduction) or not header.convention
    notes = [note for note in checked.notes if not note.startswith(LEFT_OUT)]
    return [("reading", cleaned(note)) for note in notes] if left_open else []


def unsaid(checked: Checked) -> list[Fact]:
    """Return the notes on the whole text, but for those that stand with the first wrong line."""
    said = [] if checked.first is None else guessed(checked)
    notes = [("reading", cleaned(note)) for note in checked.notes]
    return [note for note in notes if note not in said]


def headline(checked: Checked, *, strict: bool = False) -> str:
    """Return the whole in one line: a word in capitals, two spaces, and counts that add up.

    The word is WRONG wherever the exit status is 1.
    """
    if not checked.judged:
        return "NOTHING JUDGED  no line sets a name that the network has"
    counted = Counter(v.verdict for v in checked.lines)
    parts = [f"{checked.right} of {checked.judged} lines right"]
    for count, ended in (
        (len(checked.wrong), "wrong"),
        (counted[Verdict.FED], "fed by wrong ones"),
        (counted[Verdict.UNDECIDED], f"cannot be told{' (strict: wrong)' * strict}"),
    ):
        parts += [f"{count} {ended}"] if count else []
    first = checked.first
    if first is not None:
        return f"WRONG  {', '.join(parts)}; first wrong: line {first.line.number} ({first.key})"
    word = "RIGHT" if checked.ok else "CANNOT TELL"
    word = "WRONG" if status_of(checked, strict=strict) is Status.WRONG else word
    return f"{word}  {', '.join(parts)}"


def facts(checked: Checked) -> Iterator[Fact]:
    """Yield what else is to be known of the whole text, label by label."""
    header = checked.header
    for label, text in (("title", header.title), ("source", header.source)):
        if text:
            yield label, cleaned(text)
    if len(checked.wrong) > 1:
        yield "wrong", ", ".join(f"line {w.line.number} ({w.key})" for w in checked.wrong)
    unjudged = Counter(v.verdict for v in checked.lines if not v.verdict.is_judged)
    if unjudged:
        counted = (f"{n} {verdict}{'s' * (n > 1)}" for verdict, n in unjudged.items())
        yield "not judged", ", ".join(counted)
    yield "network", network(header)
    yield "checked on", "; ".join(checked.networks)
    yield from unsaid(checked)
    yield from _legend(checked)
    if checked.ok:
        yield "a pass means", MEANING


def _legend(checked: Checked) -> Iterator[Fact]:
    """Yield what the words mean that are not plain, where they occur."""
    if any(v.verdict is Verdict.FED for v in checked.lines):
        yield "fed by", FED
    helpers = [v.detail.startswith(PART) for v in checked.lines if v.verdict is Verdict.HELPER]
    if not all(helpers):
        yield "helper", HELPER
    if any(helpers):
        yield PART, PARTS


def network(header: Header) -> str:
    """Return the family of networks in one line."""
    if not header.network:
        return "none: the formulas up to J are the definition"
    sizes = "-".join(header.sizes) or (f"{header.layers} layers" if header.layers else "L layers")
    parts = [sizes, " ".join(header.activations), header.loss or "the J of the text"]
    parts += [header.reduction] if header.reduction else []
    parts += ["l2"] if header.l2 else []
    parts += ["an example is a row"] if header.rows else []
    parts += [] if header.biases else ["no biases"]
    return ", ".join(parts)
