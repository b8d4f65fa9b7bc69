"""A project on which pytest is run."""

from __future__ import annotations

import pytest
import scipy.special  # noqa: F401 - pytester forgets what is first imported inside it, and compiled
from plugin_projects import CANDIDATES

import gradoracle.pytest_plugin.runner  # noqa: F401 - modules cannot be imported a second time
import gradoracle_numpy  # noqa: F401


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """An empty project with the candidates, where pytest has this plugin and xdist."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # others take seconds to import
    pytester.makepyfile(candidates=CANDIDATES)
    pytester.makeini(
        "[pytest]\naddopts = -p no:cacheprovider -p gradoracle -p xdist\nfilterwarnings = error\n"
    )
    return pytester


@pytest.fixture(params=[(), ("-n", "2")], ids=["one-process", "xdist"])
def workers(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Run in this process, or in two workers."""
    chosen: tuple[str, ...] = request.param
    return chosen
