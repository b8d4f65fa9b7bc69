"""A report as JUnit XML: what CI systems read.

A case in a dtype is a test case. What failed is a ``failure`` and what crashed an ``error``, with
the finding in ``message`` and the block in the text; everything else that did not pass is
``skipped`` with its reason. A run that was cut short, and a list of known failures that is out of
date, are test cases of their own: a reader of counts alone must see them.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from gradoracle.checking.report import Report
from gradoracle.checking.result import Outcome, Result
from gradoracle.report.check import candidate, coverage, why
from gradoracle.report.failure import block
from gradoracle.report.safe import cleaned, line


def to_junit(report: Report) -> str:
    """Return the report as JUnit XML, for the schemas of Jenkins and of Ant."""
    report = cleaned(report)
    suite = Element("testsuite")
    _properties(suite, report)
    for result in report.results:
        _testcase(suite, result, report)
    _run_itself(suite, report)
    for tag in ("system-out", "system-err"):
        SubElement(suite, tag)
    suite.attrib = _totals(suite, report)
    root = Element("testsuites")
    root.append(suite)
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _totals(suite: Element, report: Report) -> dict[str, str]:
    seconds = report.footer.seconds if report.footer else 0.0
    return {
        "name": "gradoracle",
        "package": "gradoracle",
        "id": "0",
        "tests": str(len(suite.findall("testcase"))),
        "failures": str(len(suite.findall("testcase/failure"))),
        "errors": str(len(suite.findall("testcase/error"))),
        "skipped": str(len(suite.findall("testcase/skipped"))),
        "time": f"{seconds:.6f}",
        "timestamp": report.header.started[:19],  # the schemas know no time zone; this is UTC
        "hostname": "localhost",
    }


def _properties(suite: Element, report: Report) -> None:
    header = report.header
    properties = SubElement(suite, "properties")
    for name, value in (
        ("candidate", candidate(report)),
        ("conventions", str(header.about.conventions)),
        ("coverage", coverage(report)),
        ("corpus", header.corpus),
        ("sha256", header.sha256),
        ("gradoracle", header.gradoracle),
        ("platform", header.platform),
    ):
        SubElement(properties, "property", name=name, value=value or "none")


def _testcase(suite: Element, result: Result, report: Report) -> None:
    case = SubElement(
        suite,
        "testcase",
        name=f"{result.case}[{result.dtype}]",
        classname=f"gradoracle.{result.level}",
        time=f"{result.seconds:.6f}",
    )
    vague = result.outcome is Outcome.CANNOT_TELL
    if result.outcome is Outcome.CRASHED:
        _say(case, "error", *_finding(result), block(result, report.header))
    elif result.outcome is Outcome.FAILED:
        _say(case, "failure", *_finding(result), block(result, report.header))
    elif vague and report.strict:
        _say(case, "failure", why(result), "cannot tell", block(result, report.header))
    elif result.outcome is not Outcome.PASSED:
        SubElement(case, "skipped", message=f"{result.outcome}: {why(result)}")


def _finding(result: Result) -> tuple[str, str]:
    """Return the first finding as a line, and its name."""
    findings = list(result.findings())
    if not findings:
        return result.reason or "wrong", str(result.outcome)
    first = findings[0]
    more = f" (1 of {len(findings)} findings)" if len(findings) > 1 else ""
    return f"{first.finding}: {line(first.detail)}{more}", first.finding


def _run_itself(suite: Element, report: Report) -> None:
    """Turn a run that was cut short, and stale known failures, into test cases that are red."""
    footer = report.footer
    if footer is None or not footer.complete:
        case = SubElement(
            suite, "testcase", name="complete", classname="gradoracle.run", time="0.000000"
        )
        reason = footer.reason if footer and footer.reason else "the run did not end"
        _say(case, "error", f"cut short: {reason}", "cut short", coverage(report))
    if footer is not None and footer.stale:
        case = SubElement(
            suite, "testcase", name="known-failures", classname="gradoracle.run", time="0.000000"
        )
        text = "\n".join(footer.stale)
        _say(case, "failure", f"{len(footer.stale)} stale entries", "stale known failure", text)


def _say(case: Element, tag: str, message: str, kind: str, text: str) -> None:
    SubElement(case, tag, message=message, type=kind).text = text
