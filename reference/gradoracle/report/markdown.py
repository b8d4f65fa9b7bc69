"""A report as Markdown, for the summary of a CI step: the counts, and the failures folded away."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradoracle.checking.report import Report
from gradoracle.checking.result import Outcome, Result
from gradoracle.report.check import candidate, coverage, headline, ways_to_be_wrong, why
from gradoracle.report.failure import told
from gradoracle.report.safe import cleaned, for_html, for_markdown

MOST_FAILURES = 40  # a summary has a limit of a megabyte
MOST_REASONS = 40


def to_markdown(report: Report) -> str:
    """Return the report as GitHub's Markdown."""
    return "\n".join(_parts(cleaned(report)))


def _parts(report: Report) -> Iterator[str]:
    title, _, rest = headline(report).partition("  ")
    yield f"### gradoracle: {title}"
    yield f"\n{for_markdown(rest)}\n"
    counts = report.counts
    yield f"| {' | '.join(map(str, counts))} |"
    yield f"|{' ---: |' * len(counts)}"
    yield f"| {' | '.join(map(str, counts.values()))} |"
    yield f"\n- candidate: {for_markdown(candidate(report))}"
    yield f"- conventions: {for_markdown(str(report.header.about.conventions))}"
    yield f"- coverage: {for_markdown(coverage(report))}"
    yield from (f"- note: {for_markdown(note)}" for note in report.header.about.notes)
    yield ""
    yield from _failures(report)
    yield from _stale(report)
    yield from _others(report)


def _failures(report: Report) -> Iterator[str]:
    ways = ways_to_be_wrong(report)
    for results, others in ways[:MOST_FAILURES]:
        told_block = told(results[0], report.header, also_in=others)
        yield _folded(told_block.title, str(told_block))
    if len(ways) > MOST_FAILURES:
        yield f"and {len(ways) - MOST_FAILURES} more failures; the JSON or HTML report has them.\n"


def _stale(report: Report) -> Iterator[str]:
    stale = report.footer.stale if report.footer else ()
    if stale:
        yield _folded(f"{len(stale)} stale known failures", "\n".join(stale))


def _others(report: Report) -> Iterator[str]:
    """Yield a table of what did not pass for other reasons."""
    others = [r for r in report.results if r.outcome not in _TOLD]
    if not others:
        return
    yield f"<details><summary>{len(others)} results did not pass for other reasons</summary>\n"
    yield "| outcome | reason | case | dtype |\n| --- | --- | --- | --- |"
    yield from (_row(result) for result in others[:MOST_REASONS])
    if len(others) > MOST_REASONS:
        yield f"| | and {len(others) - MOST_REASONS} more | | |"
    yield "\n</details>\n"


_TOLD = (Outcome.PASSED, Outcome.FAILED, Outcome.CRASHED)


def _row(result: Result) -> str:
    cells = (str(result.outcome), why(result), result.case, result.dtype)
    return f"| {' | '.join(map(for_markdown, cells))} |"


def _folded(title: str, text: str) -> str:
    """Return a text that folds out, in a fence that nothing in it can close."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    summary = f"<details><summary><code>{for_html(title)}</code></summary>"
    return f"{summary}\n\n{fence}text\n{text}\n{fence}\n\n</details>\n"
