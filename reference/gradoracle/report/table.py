"""A line for each of many targets, as CSV: a class's hand-ins, a folder of implementations."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from gradoracle.checking.report import Report
from gradoracle.checking.result import Outcome
from gradoracle.report.safe import line

FORMULA = ("=", "+", "-", "@")  # what a spreadsheet would compute


def to_csv(reports: Sequence[Report]) -> str:
    """Return a header and a row for each report: the counts, and what is wrong first."""
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    first = ("first case", "first dtype", "first tensor", "first finding")
    writer.writerow(("target", "status", "score", "expected", *Outcome, *first))
    for report in reports:
        counts = report.counts
        findings = report.findings
        found = findings[0] if findings else None
        words = (found.case, found.dtype, found.tensor, found.finding) if found else ("",) * 4
        writer.writerow(
            (
                _plain(report.header.target),
                report.status.name.lower().replace("_", " "),
                f"{report.score:.4f}",
                report.header.expected,
                *(counts[outcome] for outcome in Outcome),
                *map(_plain, words),
            )
        )
    return rows.getvalue()


def _plain(text: str) -> str:
    text = line(text)
    return f"'{text}" if text.startswith(FORMULA) else text
