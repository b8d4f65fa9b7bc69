"""A report as JUnit XML: valid by a schema, with counts that a CI system can trust."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
import xmlschema
from report_samples import blocked, cut_short, hostile, one, sample

from gradoracle.checking.report import Footer, Report
from gradoracle.checking.result import Outcome
from gradoracle.report.junit import to_junit

XSD = xmlschema.XMLSchema(str(Path(__file__).parent / "junit.xsd"))
REPORTS: dict[str, Callable[[], Report]] = {
    "right": lambda: sample("right"),
    "wrong": lambda: sample("wrong"),
    "raising": lambda: sample("raising"),
    "skipping": lambda: sample("skipping"),
    "mixed": lambda: sample("mixed"),
    "blocked": blocked,
    "hostile": hostile,
    "cut short": lambda: cut_short(one()),
    "running": lambda: replace(one(), footer=None),
    "stale": lambda: replace(one(), footer=Footer(True, "", 1.0, ("line 3\x00: <b>\x1b[31m",))),
}


def suite(report: Report) -> Element:
    found = fromstring(to_junit(report)).find("testsuite")  # noqa: S314 - our own text
    assert found is not None
    return found


@pytest.mark.parametrize("name", REPORTS)
def test_it_is_valid_by_the_schema(name: str) -> None:
    XSD.validate(to_junit(REPORTS[name]()))


@pytest.mark.parametrize(
    ("old", "new"),
    [(' errors="', ' wrong="'), ('tests="', 'tests="-'), ("<properties>", "<properties><x/>")],
)
def test_the_schema_refuses_what_is_not(old: str, new: str) -> None:
    text = to_junit(one())
    assert old in text
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        XSD.validate(text.replace(old, new, 1))


@pytest.mark.parametrize("name", ["right", "wrong", "raising", "skipping", "mixed", "blocked"])
def test_the_counts_are_those_of_the_report(name: str) -> None:
    report = REPORTS[name]()
    found, counts = suite(report), report.counts
    assert int(found.attrib["tests"]) == len(report.results)
    assert int(found.attrib["failures"]) == counts[Outcome.FAILED]
    assert int(found.attrib["errors"]) == counts[Outcome.CRASHED]
    rest = counts[Outcome.SKIPPED] + counts[Outcome.BLOCKED] + counts[Outcome.CANNOT_TELL]
    assert int(found.attrib["skipped"]) == rest
    assert len(found.findall("testcase")) == len(report.results)


def test_the_block_is_the_text() -> None:
    failure = suite(one()).find("testcase/failure")
    assert failure is not None
    assert failure.attrib["type"] == "proven"
    assert failure.attrib["message"].startswith("proven: dW1[")
    assert (failure.text or "").startswith("FAIL  two-layer.relu-bce  float64")


def test_why_it_was_blocked_is_said_case_by_case() -> None:
    messages = [s.attrib["message"] for s in suite(blocked(2)).findall("testcase/skipped")]
    assert messages[0] == "blocked: needs early.0, which failed"
    assert messages[-1] == "blocked: needs early.1, which failed"


@pytest.mark.parametrize("name", ["cut short", "running"])
def test_a_run_that_was_cut_short_is_red(name: str) -> None:
    right = replace(one("right"), results=one("right").results[:1])
    footer = None if name == "running" else Footer(False, "interrupted", 1.0)
    found = suite(replace(right, footer=footer))
    assert found.attrib["errors"] == "1"
    assert found.attrib["failures"] == "0"


def test_stale_known_failures_are_red() -> None:
    found = suite(replace(one("right"), footer=Footer(True, "", 1.0, ("line 3",))))
    assert found.attrib["failures"] == "1"


def test_cannot_tell_fails_only_where_it_is_asked_for() -> None:
    vague = [replace(r, outcome=Outcome.CANNOT_TELL) for r in one("right").results]
    report = replace(one("right"), results=vague)
    assert (suite(report).attrib["failures"], suite(report).attrib["skipped"]) == ("0", "2")
    strict = suite(replace(report, strict=True))
    assert (strict.attrib["failures"], strict.attrib["skipped"]) == ("2", "0")
