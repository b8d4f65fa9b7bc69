"""The badge: a claim about the whole, refused for less."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from report_samples import cut_short, one, sample, whole

from gradoracle import corpus
from gradoracle.checking.report import Footer, Report
from gradoracle.errors import InputError
from gradoracle.report.badge import to_badge

VERSION = corpus.packaged().version


def badge(report: Report) -> dict[str, object]:
    found = json.loads(to_badge(report))
    assert isinstance(found, dict)
    return found


def test_a_partial_run_gets_none() -> None:
    assert one("right").header.partial
    with pytest.raises(InputError, match="a partial one"):
        to_badge(one("right"))


@pytest.mark.parametrize("footer", [None, Footer(False, "time limit", 1.0)])
def test_a_run_that_was_cut_short_gets_none(footer: Footer | None) -> None:
    with pytest.raises(InputError, match="cut short"):
        to_badge(replace(whole(cut_short(one("right"))), footer=footer))


@pytest.mark.parametrize(
    ("name", "color", "error"),
    [
        ("right", "brightgreen", False),
        ("wrong", "red", True),
        ("raising", "red", True),
        ("skipping", "red", True),
    ],
)
def test_the_colour_follows_the_exit_status(name: str, color: str, error: bool) -> None:
    report = whole(sample(name))
    found = badge(report)
    assert found["schemaVersion"] == 1
    assert (found["color"], found["isError"]) == (color, error)
    passed = sum(result.outcome == "passed" for result in report.results)
    assert found["message"] == f"{passed}/{report.header.expected} of corpus v{VERSION}"


def test_what_was_skipped_is_not_green() -> None:
    report = whole(one("right"))
    header = replace(report.header, expected=3)
    skipped = replace(report.results[0], outcome="skipped", verdict=None)
    found = badge(replace(report, header=header, results=[*report.results, skipped]))
    assert (found["message"], found["color"]) == (f"2/3 of corpus v{VERSION}", "yellow")
