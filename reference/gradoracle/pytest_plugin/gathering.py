"""Where the results of all tests come together, whichever process ran them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest

KEY = "gradoracle"  # an attribute of pytest's reports, and of what a worker of xdist leaves


class Plan(NamedTuple):
    """What there is to do in one decorated function.

    Attributes
    ----------
    chosen : list of (str, str)
        Case and dtype of every test that is left after all deselection.
    partial : bool
        Whether some of the required level was left out, by whatever.
    """

    chosen: list[tuple[str, str]]
    partial: bool


class Gathering:
    """A plugin of the process that the user started.

    What checks find arrives as text on pytest's own reports, for those travel between processes.
    """

    NAME = "gradoracle-gathering"

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._start = time.perf_counter()
        self._arrived: dict[str, list[tuple[str, str]]] = {}
        self._interrupted = False
        self._summary: list[str] = []
        self._plans: dict[str, Plan] = {}

    def take(self, plans: dict[str, tuple[list[tuple[str, str]], bool]]) -> None:
        """Take what there is to do; every worker says the same."""
        self._plans |= {name: Plan(*plan) for name, plan in plans.items()}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what the checks of a test found; of a test that is run again, the last."""
        if hasattr(report, KEY):
            self._arrived[report.nodeid] = getattr(report, KEY)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a worker of xdist had to do."""
        self.take((getattr(node, "workeroutput", None) or {}).get(KEY, {}))

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note a Ctrl-C; xdist stops for ``-x`` with an exception derived from it."""
        self._interrupted = excinfo.type is KeyboardInterrupt

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Join what arrived, and fail a run that only looks well."""
        if not self._arrived:
            return
        from gradoracle.pytest_plugin import joining, known

        checks = [joining.Check(*sent) for found in self._arrived.values() for sent in found]
        reports = joining.joined(
            checks,
            self._plans,
            seconds=time.perf_counter() - self._start,
            interrupted=self._interrupted,
        )
        reports, stale = known.with_known(reports, known.known_failures(self._config))
        path: Path | None = self._config.getoption("gradoracle_json")
        files, unwritten = joining.written(reports, path) if path else ([], [])
        empty = joining.only_skipped(reports)
        self._summary = [*joining.summary(reports), *stale, *empty, *files, *unwritten]
        if session.exitstatus == pytest.ExitCode.OK and (stale or empty or unwritten):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print what was checked, candidate by candidate."""
        if self._summary:
            terminalreporter.section("gradoracle")
            for line in self._summary:
                terminalreporter.line(line)
