"""A badge in the form that shields.io reads from an address."""

from __future__ import annotations

import json

from gradoracle.checking.report import Report
from gradoracle.checking.result import Outcome
from gradoracle.errors import InputError
from gradoracle.status import Status


def to_badge(report: Report) -> str:
    """Return the badge as JSON: how many of the expected results passed.

    Raises
    ------
    InputError
        For a partial run, and one that was cut short: a badge is a claim about the whole.
    """
    header, footer = report.header, report.footer
    if header.partial or footer is None or not footer.complete:
        raise InputError(
            "a whole run for a badge",
            "a partial one" if header.partial else "one that was cut short",
            "leave out --case, --dtype and --level",
        )
    passed = report.counts[Outcome.PASSED]
    of = f"of corpus v{header.corpus}" if header.corpus else "of its own cases"
    return json.dumps(
        {
            "schemaVersion": 1,
            "label": "gradoracle",
            "message": f"{passed}/{header.expected} {of}",
            "color": _color(report),
            "isError": not report.ok,
        }
    )


def _color(report: Report) -> str:
    if report.status is not Status.OK:
        return "red"
    return "brightgreen" if report.counts[Outcome.PASSED] == report.header.expected else "yellow"
