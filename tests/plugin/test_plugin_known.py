"""Known failures under pytest: an xfail where the list says so, a failed run where it is stale."""

from __future__ import annotations

from pathlib import Path

import pytest
from plugin_projects import decorated, read

pytest_plugins = ("pytester",)

# a list that knows candidates whose dW1 is wrong in one case, and can be read without the real one
FAKE = """
import sys
from dataclasses import replace
from types import ModuleType

from gradoracle.checking.result import Outcome
from gradoracle.errors import InputError


class Known:
    def __init__(self, case):
        self.case = case

    def applied(self, report):
        results, true = [], False
        for result in report.results:
            if result.case == self.case and result.outcome is Outcome.FAILED:
                result, true = replace(result, outcome=Outcome.KNOWN, reason="see issue 7"), True
            results.append(result)
        stale = () if true else (f"{self.case}: did not come true",)
        return replace(report, results=results, footer=replace(report.footer, stale=stale))


def read_known(path):
    if not path.exists():
        raise InputError("a list of known failures", f"no file {path}", "check the path")
    return Known(path.read_text("utf-8").strip())


fake = ModuleType("gradoracle.checking.known_failures")
fake.read_known = read_known
sys.modules[fake.__name__] = fake
"""
RELU = "match='two-layer.relu-*', dtype='float64'"


@pytest.fixture
def listed(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project with a list, read by a stand-in."""
    project.makepyfile(stand_in=FAKE)
    config = Path("tox.ini")
    options = config.read_text("utf-8").replace("-p xdist", "-p xdist -p stand_in")
    config.write_text(options, "utf-8")
    project.syspathinsert()
    monkeypatch.setenv("PYTHONPATH", str(project.path))  # for the workers
    Path("known.tsv").write_text("two-layer.relu-bce", "utf-8")
    return project


def test_a_known_failure_is_an_xfail(listed: pytest.Pytester, workers: tuple[str, ...]) -> None:
    listed.makepyfile(decorated("wrong", RELU))
    result = listed.runpytest_subprocess(
        "--gradoracle-known", "known.tsv", "--gradoracle-json", "report.json", "-rx", *workers
    )
    result.assert_outcomes(xfailed=1, failed=1)  # the other case is not listed
    result.stdout.fnmatch_lines(["XFAIL *relu-bce-float64* - see issue 7"])
    counts = read(Path("report.json"))["counts"]
    assert (counts["known"], counts["failed"]) == (1, 1)


def test_the_configuration_file_names_the_list(listed: pytest.Pytester) -> None:
    with Path("tox.ini").open("a", encoding="utf-8") as config:
        config.write("\ngradoracle_known = known.tsv\n")
    listed.makepyfile(decorated("wrong", RELU))
    listed.runpytest_inprocess().assert_outcomes(xfailed=1, failed=1)


def test_a_stale_entry_fails_the_run(listed: pytest.Pytester, workers: tuple[str, ...]) -> None:
    listed.makepyfile(decorated("right", RELU))
    result = listed.runpytest_subprocess("--gradoracle-known", "known.tsv", *workers)
    result.assert_outcomes(passed=2)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["STALE known failure: two-layer.relu-bce: did not come true"])


def test_an_entry_that_is_true_of_one_candidate_is_not_stale(listed: pytest.Pytester) -> None:
    listed.makepyfile(
        test_one=decorated("right", RELU),
        test_two=decorated("wrong", "match='two-layer.relu-bce', dtype='float64'"),
    )
    result = listed.runpytest_inprocess("--gradoracle-known", "known.tsv")
    result.assert_outcomes(passed=2, xfailed=1)
    assert result.ret == 0


def test_runxfail_shows_the_failure(listed: pytest.Pytester) -> None:
    listed.makepyfile(decorated("wrong", "match='two-layer.relu-bce', dtype='float64'"))
    result = listed.runpytest_inprocess("--gradoracle-known", "known.tsv", "--runxfail")
    result.assert_outcomes(failed=1)


def test_a_list_that_is_not_there_is_refused_at_once(listed: pytest.Pytester) -> None:
    listed.makepyfile(decorated("wrong", RELU))
    result = listed.runpytest_inprocess("--gradoracle-known", "nowhere.tsv")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: gradoracle: expected *; got *; mend: *"])


def test_the_list_of_the_command_line_serves_here(project: pytest.Pytester) -> None:
    pytest.importorskip("gradoracle.checking.known_failures")
    entry = ("two-layer.relu-bce", "float64", "dW1", "proven", "seen in review", "-")
    Path("known.tsv").write_text(
        "case\tdtype\ttensor\tfinding\treason\tlink\n" + "\t".join(entry) + "\n", "utf-8"
    )
    project.makepyfile(decorated("wrong", "match='two-layer.relu-bce', dtype='float64'"))
    project.runpytest_inprocess("--gradoracle-known", "known.tsv").assert_outcomes(xfailed=1)
