"""A line for each of many targets, as CSV: a class's hand-ins, a folder of implementations."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from gradoracle.checking.report import Report
from gradoracle.checking.result import Outcome
from gradoracle.errors import GradoracleError
from gradoracle.report.safe import line

FORMULA = ("=", "+", "-", "@")  # what a spreadsheet would compute


def to_csv(rows: Sequence[Report | tuple[str, GradoracleError]]) -> str:
    """Return a header and a row for each target: the counts, and what is wrong first.

    A target that could not be read has its error instead of a report. What a candidate declares of
    itself loosens its judge, and is told.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    first = ("first case", "first dtype", "first tensor", "first finding")
    counted = ("target", "status", "score", "expected", *Outcome)
    writer.writerow((*counted, *first, "dtypes", "conventions", "error"))
    for row in rows:
        if isinstance(row, tuple):
            gap = [""] * (len(counted) - 2 + len(first) + 2)
            writer.writerow((_plain(row[0]), "bad request", *gap, _plain(str(row[1]))))
        else:
            writer.writerow(_row(row))
    return text.getvalue()


def _row(report: Report) -> tuple[object, ...]:
    counts, findings, about = report.counts, report.findings, report.header.about
    found = findings[0] if findings else None
    words = (found.case, found.dtype, found.tensor, found.finding) if found else ("",) * 4
    return (
        _plain(report.header.target),
        report.status.name.lower().replace("_", " "),
        f"{report.score:.4f}",
        report.header.expected,
        *(counts[outcome] for outcome in Outcome),
        *map(_plain, words),
        " ".join(about.dtypes),
        _plain(str(about.conventions)),
        "",
    )


def _plain(text: str) -> str:
    text = line(text)
    return f"'{text}" if text.startswith(FORMULA) else text
