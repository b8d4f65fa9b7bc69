"""pytest's side of ``@gradoracle.cases``: options, tests, and one report of what they found.

Every run of pytest where gradoracle is installed imports this file and `gathering`, so they import
nothing else of the package before there is a decorated test.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from gradoracle.pytest_plugin.gathering import Gathering

MARKER = "gradoracle"  # as in `gradoracle.testing`
LEVELS = ("required", "recommended", "stress")  # as in `gradoracle.case`
DTYPES = ("float64", "float32")  # as in `gradoracle.arrays`


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, and the entry of the configuration file."""
    group = parser.getgroup("gradoracle", "gradoracle")
    group.addoption(
        "--gradoracle-level",
        action="append",
        default=[],
        choices=LEVELS,
        help="instead of the level that @gradoracle.cases names (repeatable)",
    )
    group.addoption(
        "--gradoracle-dtype",
        action="append",
        default=[],
        choices=DTYPES,
        help="only this one of the dtypes that @gradoracle.cases names (repeatable)",
    )
    group.addoption(
        "--gradoracle-known",
        type=Path,
        metavar="FILE",
        help="known failures, as gradoracle check --known-failures reads them",
    )
    group.addoption(
        "--gradoracle-json",
        type=Path,
        metavar="FILE",
        help="write the report as JSON; of several candidates one file each",
    )
    parser.addini("gradoracle_known", "as --gradoracle-known", type="paths", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and where results come together: not in xdist's workers."""
    config.addinivalue_line("markers", f"{MARKER}: a test a case and dtype, by @gradoracle.cases")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Gathering(config), Gathering.NAME)
    if any(map(config.getoption, ("gradoracle_known", "gradoracle_json"))) or config.getini(
        "gradoracle_known"
    ):
        _check_files(config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a decorated function one test a case and dtype."""
    if not any(metafunc.definition.iter_markers(MARKER)):
        return
    from gradoracle.pytest_plugin.runner import Runner

    plugins = metafunc.config.pluginmanager
    if not plugins.has_plugin(Runner.NAME):
        plugins.register(Runner(metafunc.config), Runner.NAME)
    runner: Runner | None = plugins.get_plugin(Runner.NAME)
    assert runner is not None  # noqa: S101 - it was registered just now
    runner.parametrise(metafunc)


def _check_files(config: pytest.Config) -> None:
    """Refuse files that cannot be read or written before anything runs."""
    from gradoracle.errors import GradoracleError
    from gradoracle.pytest_plugin.known import known_failures
    from gradoracle.report.outputs import check_targets

    try:
        known_failures(config)
        check_targets(json=config.getoption("gradoracle_json"))
    except GradoracleError as error:
        raise pytest.UsageError(f"gradoracle: {error}") from None
