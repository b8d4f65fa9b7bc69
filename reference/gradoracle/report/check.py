"""A check for a reader: the failures, what was not run and why, and honest counts.

Both forms, plain text for ``print(report)`` and coloured for the terminal, are drawn from the same
blocks.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median
from typing import TYPE_CHECKING

from gradoracle.checking.report import Report
from gradoracle.checking.result import Outcome, Result
from gradoracle.judge import PREMISE
from gradoracle.report.failure import LABEL, Block, block, told
from gradoracle.report.safe import cleaned
from gradoracle.status import Status
from gradoracle.verdict import Verdict

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["block", "plain", "render"]

MOST_FAILURES = 12  # blocks shown; the rest is counted
EXAMPLES = 3  # cases named in a group of reasons
BLOCKED = "they need a case that failed or crashed"
COLORS = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "bold red",
    Outcome.CANNOT_TELL: "yellow",
    Outcome.SKIPPED: "yellow",
    Outcome.CRASHED: "bold red",
    Outcome.BLOCKED: "yellow",
    Outcome.KNOWN: "cyan",
}


def plain(report: Report, *, mend: bool = True) -> str:
    """Return the report as plain text."""
    return "\n\n".join(map(str, _blocks(report, mend=mend)))


def render(report: Report, *, mend: bool = True) -> RenderableType:
    """Return the report for a rich console; colours only where they say something."""
    from rich.console import Group  # `import gradoracle` must do without it
    from rich.table import Table
    from rich.text import Text

    parts: list[RenderableType] = []
    for number, told_block in enumerate(_blocks(report, mend=mend)):
        color = COLORS.get(told_block.outcome, "bold") if told_block.outcome else "bold"
        title, _, rest = told_block.title.partition("  ")
        heading = Text.assemble((title, color), f"  {rest}" if rest else "")
        table = Table(box=None, padding=0, show_header=False, pad_edge=False)
        table.add_column(no_wrap=True, style="dim", width=LABEL + 2)
        table.add_column(overflow="fold")
        commands = []
        for label, text in told_block.rows:
            if label == "reproduce":  # left to the terminal to wrap: it is there to be copied
                row = Text.assemble((f"  {label:<{LABEL}}", "dim"), text)
                row.no_wrap, row.overflow = True, "ignore"
                commands.append(row)
            else:
                table.add_row(f"  {label}", Text(text))
        parts += [Text()] if number else []
        parts += [heading, table, *commands] if told_block.rows else [heading]
    return Group(*parts)


def _blocks(report: Report, *, mend: bool) -> Iterator[Block]:
    """Yield what is told, in order: failures, what was not run, the counts."""
    report = cleaned(report)
    yield from _failures(report, mend=mend)
    groups = _groups(report)
    if groups.rows:
        yield groups
    if report.footer is not None and report.footer.stale:
        title = "STALE  known failures that did not come true: fix the list"
        rows = tuple(("", entry) for entry in report.footer.stale)
        yield Block(title, rows, Outcome.FAILED)
    yield _summary(report)


def _failures(report: Report, *, mend: bool) -> Iterator[Block]:
    """Yield a block for each way to be wrong, and count those that are left out."""
    ways = ways_to_be_wrong(report)
    for results, others in ways[:MOST_FAILURES]:
        yield told(results[0], report.header, mend=mend, also_in=others)
    rest = Counter(result.outcome for results, _ in ways[MOST_FAILURES:] for result in results)
    if rest:
        ended = " and ".join(f"{count} {outcome}" for outcome, count in rest.items())
        yield Block(f"and {ended} that are not shown here", ())


def ways_to_be_wrong(report: Report) -> list[tuple[list[Result], list[str]]]:
    """Return the wrong results, those together that are alike, with the names of all but the first.

    Dtypes of one case that go wrong in the same tensors are alike, and crashes with one traceback.
    """
    alike: dict[object, list[Result]] = {}
    for result in report.results:
        if _is_told(result, strict=report.strict):
            alike.setdefault(_signature(result), []).append(result)
    return [(results, _others(results)) for results in alike.values()]


def _others(results: Sequence[Result]) -> list[str]:
    """Name the results that went wrong like the first: the other dtype, other cases."""
    first = results[0]
    dtypes = [r.dtype for r in results[1:] if r.case == first.case]
    return dtypes + _some([r.case for r in results if r.case != first.case])


def _some(cases: Sequence[str]) -> list[str]:
    """Return the first few of the cases, and how many more there are."""
    names = list(dict.fromkeys(cases))
    more = len(names) - EXAMPLES
    return names[:EXAMPLES] + ([f"{more} more"] if more > 0 else [])


def _is_told(result: Result, *, strict: bool) -> bool:
    vague = result.outcome is Outcome.CANNOT_TELL and strict
    return vague or result.outcome in (Outcome.FAILED, Outcome.CRASHED)


def _signature(result: Result) -> object:
    """Return what results share that go wrong in the same way; failures only within one case."""
    if result.outcome is Outcome.CRASHED:
        return result.crash, result.reason, result.context
    first = result.first_wrong
    wrong = (first.name if first else "", result.also_wrong, result.missing)
    complaints = tuple((c.finding, c.tensor) for c in result.complaints)
    return result.case, result.outcome, wrong, complaints


def _groups(report: Report) -> Block:
    """Tell once each reason for which results were skipped, blocked, known or cannot be told."""
    groups: dict[tuple[Outcome, str], list[Result]] = {}
    for result in report.results:
        if result.outcome not in (Outcome.PASSED, Outcome.FAILED, Outcome.CRASHED):
            # one line for all that is blocked: what failed is told above
            reason = BLOCKED if result.outcome is Outcome.BLOCKED else why(result)
            groups.setdefault((result.outcome, reason), []).append(result)
    rows = [
        (str(outcome), f"{len(results)}: {reason} ({', '.join(_some([r.case for r in results]))})")
        for (outcome, reason), results in sorted(
            groups.items(), key=lambda item: (list(Outcome).index(item[0][0]), -len(item[1]))
        )
    ]
    return Block("NOT PASSED  for other reasons", tuple(rows))


def why(result: Result) -> str:
    """Return why a result did not pass, where nothing is wrong."""
    if result.outcome is Outcome.CANNOT_TELL:
        vague = [t.name for t in result.tensors if t.verdict is Verdict.CANNOT_TELL]
        return f"rounding hides {', '.join(vague)}" if vague else "nothing was returned"
    return result.reason or "no reason given"


def _summary(report: Report) -> Block:
    """Tell who was checked, how the results ended, and how much that is worth."""
    header, footer = report.header, report.footer
    rows = [("candidate", candidate(report)), ("conventions", str(header.about.conventions))]
    rows += [("note", note) for note in header.about.notes]
    if any(
        r.first_wrong and set(r.verdict.missing) - set(r.missing)
        for r in report.results
        if r.verdict
    ):
        rows.append(("hint", "return Z, A, dA and dZ too: the first wrong step is then named"))
    rows += [("results", counts_line(report)), ("coverage", coverage(report))]
    rows += [("sensitivity", text) for text in sensitivity(report)]
    flips = sum(sum(r.verdict.flips.values()) for r in report.results if r.verdict)
    if flips:
        allowed = "pre-activations within rounding of a kink, allowed to fall on either side"
        rows.append(("kinks", f"{flips:,} {allowed}"))
    if any(t.proven and t.judged for r in report.results for t in r.tensors):
        rows.append(("proven", f"beyond the bound for {PREMISE}"))
    seconds = "" if footer is None else f", {footer.seconds:.1f} s"
    rows.append(("platform", f"gradoracle {header.gradoracle}, {header.platform}{seconds}"))
    good = report.status is Status.OK
    return Block(headline(report), tuple(rows), Outcome.PASSED if good else Outcome.FAILED)


def candidate(report: Report) -> str:
    """Return who was checked: target, name where it says more, language and release."""
    about, target = report.header.about, report.header.target
    spoken = " ".join(part for part in (about.language, about.release) if part)
    named = target if about.name in target else f"{about.name}, {target}"
    return f"{named} ({spoken})" if spoken else named


def headline(report: Report) -> str:
    """Return the whole in one line."""
    counts, footer = report.counts, report.footer
    wrong = [Outcome.FAILED, Outcome.CRASHED] + [Outcome.CANNOT_TELL] * report.strict
    ended = [f"{counts[outcome]} {outcome}" for outcome in wrong if counts[outcome]]
    passed = f"{counts[Outcome.PASSED]} of {report.header.expected} results passed"
    if footer is None:
        return f"CUT SHORT  the run did not end, {passed}"
    ended += [f"{len(footer.stale)} stale known failures"] if footer.stale else []
    if not footer.complete:
        return f"CUT SHORT  {', '.join([footer.reason or 'results are missing', *ended, passed])}"
    if ended:
        title = "CRASHED" if report.status is Status.CRASHED else "WRONG"
        return f"{title}  {', '.join(ended)}; {passed}"
    if not counts[Outcome.PASSED]:
        return f"NOTHING PASSED  {passed}"
    return f"RIGHT  {passed}"


def counts_line(report: Report) -> str:
    """Return how many results ended each way, zeros included, and the score."""
    counted = ", ".join(f"{count} {outcome}" for outcome, count in report.counts.items())
    return f"{counted}; score {100 * report.score:.4g} %"


def coverage(report: Report) -> str:
    """Return how much of what there is was run."""
    header = report.header
    whose = f"corpus v{header.corpus}" if header.corpus else "the candidate's own"
    done = f"{len(report.results)} of {header.expected} results"
    text = f"{done}, {header.cases} of {header.of} cases of {whose}, {' and '.join(header.dtypes)}"
    return f"{text}; partial: an option left some out" if header.partial else text


def sensitivity(report: Report) -> list[str]:
    """Return, for each dtype, how small a relative error would still have been seen."""
    told_lines = []
    for dtype in report.header.dtypes:
        found = [
            (tensor.sensitivity, f"{tensor.name} of {result.case}")
            for result in report.results
            if result.dtype == dtype
            for tensor in result.tensors
            if tensor.judged and math.isfinite(tensor.sensitivity)
        ]
        if found:
            middle = median(size for size, _ in found)
            worst, where = max(found)
            told_lines.append(
                f"{dtype}: an error of {middle:.1e} of the largest entry would have been seen in "
                f"half of the arrays, of {worst:.1e} in all (hardest in {where})"
            )
    return told_lines
