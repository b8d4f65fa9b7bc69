"""From what single checks found to one report a candidate."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gradoracle import corpus
from gradoracle.arrays import DTYPES
from gradoracle.checking.report import Footer, Report
from gradoracle.checking.result import Outcome, Result
from gradoracle.errors import InputError
from gradoracle.pytest_plugin.gathering import Plan
from gradoracle.report.check import counts_line, coverage
from gradoracle.report.document import from_document
from gradoracle.report.outputs import write

# of two checks of one candidate on one case, that which says more against it is reported
BADNESS = (
    Outcome.FAILED,
    Outcome.CRASHED,
    Outcome.CANNOT_TELL,
    Outcome.SKIPPED,
    Outcome.PASSED,
)


@dataclass(frozen=True)
class Check:
    """One call of ``case.check``: the test function, and a report with one result as JSON."""

    function: str
    document: str


def joined(
    checks: Iterable[Check], plans: Mapping[str, Plan], *, seconds: float, interrupted: bool
) -> list[Report]:
    """Return one report a candidate, with the results in the order of the corpus."""
    found: dict[tuple[str, str], list[Report]] = {}
    functions: dict[tuple[str, str], dict[str, None]] = {}
    for check in checks:
        report = from_document(check.document)
        key = report.header.about.name, report.header.target
        found.setdefault(key, []).append(report)
        functions.setdefault(key, {})[check.function] = None
    return [
        _joined(
            reports,
            [plans[name] for name in functions[key] if name in plans],
            seconds=seconds,
            interrupted=interrupted,
        )
        for key, reports in sorted(found.items())
    ]


def _joined(
    reports: Sequence[Report], plans: Sequence[Plan], *, seconds: float, interrupted: bool
) -> Report:
    results: dict[tuple[str, str], Result] = {}
    for result in sorted((r for report in reports for r in report.results), key=_against):
        results.setdefault((result.case, result.dtype), result)
    chosen = {pair for plan in plans for pair in map(tuple, plan.chosen)} | results.keys()
    missing = len(chosen) - len(results)
    reason = "interrupted" if interrupted else f"{missing} results are missing" if missing else ""
    header = replace(
        reports[0].header,
        dtypes=tuple(name for name in DTYPES if name in {dtype for _, dtype in chosen}),
        expected=len(chosen),
        cases=len({case for case, _ in chosen}),
        started=min(report.header.started for report in reports),
        partial=not plans or any(plan.partial for plan in plans),
    )
    ids = {row.id: number for number, row in enumerate(corpus.packaged().rows)}
    order = sorted(results, key=lambda pair: (ids[pair[0]], list(DTYPES).index(pair[1])))
    return Report(header, [results[pair] for pair in order], Footer(not reason, reason, seconds))


def _against(result: Result) -> int:
    return BADNESS.index(result.outcome)


def summary(reports: Sequence[Report]) -> Iterator[str]:
    """Yield the lines of pytest's summary: honest counts, candidate by candidate."""
    for report in reports:
        yield report.header.target
        yield f"  {counts_line(report)}"
        yield f"  {coverage(report)}"
        if report.footer is not None and not report.footer.complete:
            yield f"  cut short: {report.footer.reason}"


def only_skipped(reports: Sequence[Report]) -> list[str]:
    """Return a line for each candidate of which nothing at all was checked."""
    return [
        f"NOTHING CHECKED: {report.header.target} was skipped in every case"
        for report in reports
        if report.counts[Outcome.SKIPPED] == len(report.results)
    ]


def written(reports: Sequence[Report], path: Path) -> tuple[list[str], list[str]]:
    """Write the reports as JSON, of several candidates each its own.

    Returns
    -------
    list of str, list of str
        Lines that say where they are, and why others could not be written.
    """
    lines, errors = [], []
    for report, file in zip(reports, _files(reports, path), strict=True):
        try:
            write(report, json=file)
        except InputError as error:
            errors.append(f"NOT WRITTEN: {error}")
        else:
            lines.append(f"{report.header.target}: the report is in {file}")
    return lines, errors


def _files(reports: Sequence[Report], path: Path) -> list[Path]:
    """Return ``path``; of several candidates, each with its name, numbered if that is shared."""
    if len(reports) == 1:
        return [path]
    names = [re.sub(r"[^\w.-]+", "-", report.header.about.name) for report in reports]
    numbered = [
        f"{name}-{names[:i].count(name) + 1}" if names.count(name) > 1 else name
        for i, name in enumerate(names)
    ]
    return [path.with_name(f"{path.stem}-{name}{path.suffix}") for name in numbered]
