"""Reports to render: of a right candidate, a wrong one, one that raises, one that skips, a liar."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import gradoracle
from gradoracle.candidate.answer import About, Complaint
from gradoracle.checking.report import Footer, Report
from gradoracle.checking.result import Outcome, Result
from gradoracle_numpy import implementation

CASES = ("two-layer.*", "regression.softmax")
ALONE = "two-layer.relu-bce"
SAMPLES = ("right", "wrong", "raising", "skipping", "mixed")

# what a name or a reason may hold: markup, a terminal's colours and title, NUL, a lone surrogate,
# a turn of the direction of writing, the ends of a fence, a table's cell and of CDATA
HOSTILE = (
    "<script>alert(1)</script> \x1b[31mred\x1b[0m \x1b]0;title\x07 \x00 \ud800 \u202e "
    "</pre></script>\"' onload=x ``` | ]]> [a](javascript:b) &amp; end"
)


def right(case: gradoracle.Case) -> dict[str, Any]:
    return dict(implementation(case))


def wrong(case: gradoracle.Case) -> dict[str, Any]:
    trace = right(case)
    trace["dW1"] = -trace["dW1"]
    return trace


def raising(case: gradoracle.Case) -> dict[str, Any]:
    raise KeyError("softmax")


def skipping(case: gradoracle.Case) -> dict[str, Any]:
    raise AssertionError("never run: it supports nothing")


skipping.supports = lambda case: "no networks today"  # type: ignore[attr-defined]


def mixed(case: gradoracle.Case) -> dict[str, Any]:
    """Be right, wrong, incomplete, of a wrong shape or not there at all, by case."""
    if "softmax" in case.id:
        raise KeyError("softmax")
    trace = wrong(case) if "relu" in case.id else right(case)
    if "tanh" in case.id:
        trace["dW2"] = trace["dW2"].T
        del trace["db1"]
    return trace


@cache
def sample(name: str) -> Report:
    """Return the report of one of the candidates above; do not change it."""
    return gradoracle.check(globals()[name], match=CASES)


@cache
def one(name: str = "wrong") -> Report:
    """Return the report of one case in both dtypes."""
    return gradoracle.check(globals()[name], match=ALONE)


def whole(report: Report) -> Report:
    """Return the report as if nothing had been left out."""
    return replace(report, header=replace(report.header, partial=False))


def cut_short(report: Report, reason: str = "interrupted") -> Report:
    """Return the report as Ctrl-C leaves it."""
    return replace(report, results=report.results[:1], footer=Footer(False, reason, 1.0))


def hostile() -> Report:
    """Return a report in which every text that a candidate chooses is hostile."""
    report = one()
    header = replace(
        report.header,
        target=HOSTILE,
        about=About(HOSTILE, language=HOSTILE, release=HOSTILE, notes=(HOSTILE,)),
        expected=len(report.results) + 2,
    )
    complaint = Complaint("unknown name", HOSTILE, HOSTILE)
    results = [replace(r, complaints=(complaint,)) for r in report.results]
    crashed = Result(ALONE, "float64", "required", Outcome.CRASHED, HOSTILE, "raised", HOSTILE)
    skipped = Result(ALONE, "float32", "required", Outcome.SKIPPED, HOSTILE)
    return replace(report, header=header, results=[*results, crashed, skipped])


def blocked(count: int = 12) -> Report:
    """Return a report in which one case fails and others wait for it, each with its own reason."""
    report = one()
    waiting = [
        Result(f"late.{i:02}", d, "required", Outcome.BLOCKED, f"needs early.{i}, which failed")
        for i in range(count)
        for d in ("float64", "float32")
    ]
    header = replace(report.header, expected=len(report.results) + len(waiting))
    return replace(report, header=header, results=[*report.results, *waiting])
