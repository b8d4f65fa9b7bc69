"""The list of known failures, as the tests of pytest need it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import pytest

from gradoracle.checking.report import Report


class KnownFailures(Protocol):
    """What is asked of the list."""

    def applied(self, report: Report) -> Report:
        """Return the report with its known failures marked, and the stale ones in the footer."""
        ...


def known_failures(config: pytest.Config) -> KnownFailures | None:
    """Read the list that the options name.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    path: Path | None = config.getoption("gradoracle_known")
    path = path or next(iter(config.getini("gradoracle_known")), None)
    if path is None:
        return None
    from gradoracle.checking.known_failures import read_known

    known: KnownFailures = read_known(path)
    return known


def with_known(
    reports: Sequence[Report], known: KnownFailures | None
) -> tuple[list[Report], list[str]]:
    """Apply the list to all candidates.

    Returns
    -------
    list of Report, list of str
        The second has a line for each entry that came true for no candidate.
    """
    if known is None:
        return list(reports), []
    applied = [known.applied(report) for report in reports]
    stale = [report.footer.stale if report.footer else () for report in applied]
    nowhere = [entry for entry in stale[0] if all(entry in others for others in stale)]
    return applied, [f"STALE known failure: {entry}" for entry in nowhere]
