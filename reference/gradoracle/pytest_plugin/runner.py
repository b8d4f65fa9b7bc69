"""The process that runs decorated tests: what they are, and what each of them found."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from gradoracle.pytest_plugin.gathering import KEY, Gathering, Plan
from gradoracle.pytest_plugin.known import known_failures
from gradoracle.pytest_plugin.selection import Wanted, parametrise
from gradoracle.pytest_plugin.under_test import Running, running
from gradoracle.report.document import to_document

_test = pytest.StashKey[Running]()


class Runner:
    """A plugin that is registered when the first decorated test is collected."""

    NAME = "gradoracle-runner"

    def __init__(self, config: pytest.Config) -> None:
        self._known = known_failures(config)
        self._wanted: dict[str, Wanted] = {}
        self._plans: dict[str, Plan] = {}

    def parametrise(self, metafunc: pytest.Metafunc) -> None:
        """Make a decorated function one test a case and dtype."""
        wanted = parametrise(metafunc)
        if wanted is not None:
            self._wanted[metafunc.definition.nodeid] = wanted

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note what is left to run."""
        chosen: dict[str, dict[tuple[str, str], None]] = {}
        for item in session.items:
            if _function(item) in self._wanted:
                case = item.callspec.params["case"]  # type: ignore[attr-defined]
                chosen.setdefault(_function(item), {})[case.id, str(case.dtype)] = None
        for name, pairs in chosen.items():
            wanted = self._wanted[name]
            self._plans[name] = Plan(list(pairs), wanted.partial or len(pairs) < len(wanted.cases))
        gathering: Gathering | None = session.config.pluginmanager.get_plugin(Gathering.NAME)
        if gathering is not None:  # else this is a worker of xdist
            gathering.take(dict(self._plans))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Leave the plan where xdist carries it to the process that the user started."""
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput[KEY] = {name: tuple(p) for name, p in self._plans.items()}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Keep what the checks find; a test that ends without one has checked nothing."""
        if _function(item) not in self._wanted:
            return (yield)
        test = item.stash[_test] = Running(item.nodeid, self._known)
        with running(test):
            answer = yield
        if not test.reports:
            pytest.fail("nothing was checked: call case.check(candidate)", pytrace=False)
        return answer

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Send what was found along with pytest's own report."""
        report = yield
        if call.when == "call" and _test in item.stash:
            found = item.stash[_test].reports
            sent = [(_function(item), to_document(one)) for one in found]
            setattr(report, KEY, sent)
        return report


def _function(item: pytest.Item) -> str:
    """Return pytest's name of a test function, without the case."""
    name = getattr(item, "originalname", item.name)
    return f"{item.parent.nodeid}::{name}" if item.parent is not None else name
