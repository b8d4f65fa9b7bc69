"""Check a derivation: read it, choose how it is to be taken, judge every line on every network."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from gradoracle.derivation import limits
from gradoracle.derivation.judging.carried import refuse_carried
from gradoracle.derivation.judging.outcomes import Judged, counts
from gradoracle.derivation.judging.small_letters import take_with_letters
from gradoracle.derivation.judging.taken import Taken
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.header_lines import read_header
from gradoracle.derivation.reading.source import read
from gradoracle.derivation.truth.networks import settings
from gradoracle.derivation.truth.true_values import Reading
from gradoracle.derivation.verdicts import Checked, LineVerdict, Verdict


def check(text: str, name: str = "derivation", *, markdown: bool = False) -> Checked:
    """Check a derivation line by line.

    Parameters
    ----------
    text : str
        As in `gradoracle.derivation.reading.source`.
    name : str
        What to call it in reports.
    markdown : bool
        Whether only the fenced blocks of the text count.

    Returns
    -------
    Checked

    Raises
    ------
    DerivationError
        For what cannot be read, with line and column.
    """
    start = time.perf_counter()
    with limits.within(limits.SECONDS):
        source = read(text, markdown=markdown)
        header = read_header(source)
        try:
            taken, letters = take_with_letters(header, source)
            refuse_carried(taken)
        except DerivationError as error:  # the time may be over anywhere
            raise error.on_line(source.lines[0].number) from None
        header = taken.header
        lines, taken = _told(taken)
    said = [*_notes(header, taken.reading, lines, taken.judged), letters, *source.notes]
    notes = tuple(filter(None, said))
    told = tuple(str(one.given.setting) for one in taken.judged if counts(one))
    return Checked(name, header, taken.reading, lines, told, notes, time.perf_counter() - start)


def _told(taken: Taken) -> tuple[tuple[LineVerdict, ...], Taken]:
    """Return what is said of each line, and how the text is taken in the end.

    Where the time is over the verdicts hold without an explanation.
    """
    lines, asked = taken.found, taken
    if any(line.verdict.is_wrong or line.verdict is Verdict.FED for line in taken.found):
        from gradoracle.derivation.judging.alternatives import another_header
        from gradoracle.derivation.judging.retold import retold  # a right text needs neither

        with suppress(DerivationError):
            again = retold(taken)
            taken, lines = again.taken, again.told(again.taken.found)
            lines = again.told(explained(taken))
            lines = _noted(lines, another_header(asked))
    return lines, taken


def _noted(lines: tuple[LineVerdict, ...], note: str) -> tuple[LineVerdict, ...]:
    """Add a note to the first wrong line."""
    first = next((line for line in lines if line.verdict.is_wrong), None)
    if not note or first is None:
        return lines
    noted = replace(first, notes=(note, *first.notes))
    return tuple(noted if line is first else line for line in lines)


def explained(taken: Taken) -> tuple[LineVerdict, ...]:
    """Add which known mistake the first wrong line makes, and how every wrong line is mended."""
    from gradoracle.derivation.mending import equals, mending
    from gradoracle.derivation.naming import naming  # they hold all known mistakes

    lines = taken.found
    first = next((line for line in lines if line.verdict.is_wrong), None)
    if first is None:
        return lines
    taken = equals.in_own_names(taken)
    header, reading, judged = taken.header, taken.reading, taken.judged
    counted = [one for one in judged if counts(one)]
    mistake = naming.named(header, taken.source.lines, counted, first.line, reading)
    named = [replace(line, mistake=mistake) if line is first else line for line in lines]
    return tuple(mending.mended(header, judged, named, reading))


def _notes(
    header: Header, reading: Reading, lines: Sequence[LineVerdict], judged: Sequence[Judged]
) -> list[str]:
    """Say how what the text leaves open was taken."""
    found = []
    N = "n n_L" if reading.reduction == "mean_all" else "n"
    if header.single:
        found.append("one example: sums over the examples and divisions by n are not tested")
    if header.loss and not header.reduction and not (header.single and N == "n"):
        words = {
            "mean": "the mean over the examples, summed over outputs",
            "sum": "the sum over examples and outputs",
            "mean_all": "the mean over examples and outputs",
        }[reading.reduction]
        found.append(f"J is taken as {words}")
    if any(line.convention for line in lines) and reading.convention == "per-example":
        found.append(f"dA, dZ and dX are {N} times the derivative of J: the per-example convention")
    if reading.convention == "undivided" and judged[0].truth.N != 1:
        found.append(f"every derivative is {N} times that of J: the text leaves the division out")
    if len(judged) < len(settings(header)):
        found.append("J is a number only for the sizes of 1 here: no line was tried with others")
    if missing := _missing(judged[0]):
        found.append(f"not given, in the network {judged[0].given.setting}: {', '.join(missing)}")
    return found


def _missing(one: Judged) -> list[str]:
    """Return the derivatives by parameters that a text leaves out, if it gives some."""
    given: set[str] = set()
    for outcome in one.outcomes:
        several = {outcome.step.key} | one.truth.made_of.get(outcome.step.key, frozenset())
        given |= several | {f"d{key}" for key in several}  # an update holds the derivative
    wanted = [f"d{key}" for key in one.given.values if key in one.truth.parameters]
    missing = [key for key in wanted if key not in given]
    return missing if len(missing) < len(wanted) else []
