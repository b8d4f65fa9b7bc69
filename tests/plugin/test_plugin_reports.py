"""One honest report a candidate, however many processes ran its tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from plugin_projects import decorated, read

from gradoracle import corpus
from gradoracle.checking.result import Outcome
from gradoracle.pytest_plugin.gathering import Plan
from gradoracle.pytest_plugin.joining import Check, joined
from gradoracle.report.document import load, to_document
from gradoracle.status import Status

pytest_plugins = ("pytester",)

RELU = "match='two-layer.relu-*'"


def test_the_report_is_whole(project: pytest.Pytester, workers: tuple[str, ...]) -> None:
    project.makepyfile(decorated("right", ""))
    result = project.runpytest_inprocess("--gradoracle-json", "report.json", *workers)
    assert result.ret == 0
    report = load(Path("report.json"))
    items = corpus.load("required")
    assert [(r.case, r.dtype) for r in report.results] == [
        (item.case.id, dtype) for item in items for dtype in item.dtypes
    ]
    header = report.header
    assert (header.cases, header.of, header.expected) == (
        len(items),
        len(corpus.packaged().rows),
        len(report.results),
    )
    assert (header.target, header.partial) == ("candidates.py:right", False)
    assert (header.corpus, header.sha256) == (corpus.packaged().version, corpus.packaged().sha256)
    assert report.footer is not None
    assert (report.footer.complete, report.footer.reason) == (True, "")
    assert report.status is Status.OK
    result.stdout.fnmatch_lines(
        [
            f"  {header.expected} of {header.expected} results, {header.cases} of {header.of} "
            f"cases of corpus v{header.corpus}, float64 and float32",
            "candidates.py:right: the report is in report.json",
        ]
    )


def test_failures_arrive_whole(project: pytest.Pytester, workers: tuple[str, ...]) -> None:
    project.makepyfile(decorated("wrong", RELU))
    result = project.runpytest_inprocess("--gradoracle-json", "report.json", *workers)
    result.assert_outcomes(failed=4)
    document = read(Path("report.json"))
    assert document["counts"]["failed"] == 4
    assert document["status"] == Status.WRONG
    assert {f["tensor"] for r in document["results"] for f in r["findings"]} == {"dW1"}
    assert all("pytest" in r["reproduce"] for r in document["results"])


def test_deselection_makes_it_partial(project: pytest.Pytester, workers: tuple[str, ...]) -> None:
    project.makepyfile(decorated("right", ""))
    result = project.runpytest_inprocess(
        "-k", "relu-bce and float64", "--gradoracle-json", "report.json", *workers
    )
    report = load(Path("report.json"))
    assert report.header.partial
    assert report.header.expected == len(report.results) > 0
    result.stdout.fnmatch_lines(["*; partial: an option left some out"])


def test_one_test_by_its_id_is_partial(project: pytest.Pytester) -> None:
    project.makepyfile(test_it=decorated("right", ""))
    project.runpytest_inprocess(
        "test_it.py::test_right[two-layer.relu-bce-float64]", "--gradoracle-json", "report.json"
    ).assert_outcomes(passed=1)
    report = load(Path("report.json"))
    assert (report.header.partial, report.header.expected, report.header.cases) == (True, 1, 1)


def test_stopping_at_the_first_failure_is_cut_short(
    project: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    project.makepyfile(decorated("raising", "dtype='float64'"))
    result = project.runpytest_inprocess("-x", "--gradoracle-json", "report.json", *workers)
    report = load(Path("report.json"))
    assert report.footer is not None
    assert not report.footer.complete
    expected = sum("float64" in item.dtypes for item in corpus.load("required"))
    assert report.header.expected == expected > len(report.results)
    result.stdout.fnmatch_lines(["  cut short: * results are missing"])


def test_an_interrupted_run_says_so(project: pytest.Pytester) -> None:
    project.makepyfile(
        "import gradoracle\nfrom candidates import right\nrun = []\n\n"
        "@gradoracle.cases(match='two-layer.relu-*')\ndef test_it(case):\n"
        "    case.check(right)\n    run.append(case)\n"
        "    if len(run) == 2:\n        raise KeyboardInterrupt\n"
    )
    result = project.runpytest_subprocess("--gradoracle-json", "report.json")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert load(Path("report.json")).status is Status.INTERRUPTED


def test_several_candidates_have_a_report_each(project: pytest.Pytester) -> None:
    project.makepyfile(test_one=decorated("right", RELU), test_two=decorated("wrong", RELU))
    project.runpytest_inprocess("--gradoracle-json", "report.json").assert_outcomes(
        passed=4, failed=4
    )
    assert not Path("report.json").exists()
    assert load(Path("report-right.json")).counts[Outcome.PASSED] == 4
    assert load(Path("report-wrong.json")).counts[Outcome.FAILED] == 4


def test_of_two_checks_of_one_case_the_worse_counts() -> None:
    case_id = "two-layer.relu-bce"
    from gradoracle import check

    def liar(case: object) -> dict[str, float]:
        return {"J": 0.0}

    def skipping(case: object) -> dict[str, float]:
        return {}

    skipping.supports = lambda case: False  # type: ignore[attr-defined]
    bad = check(liar, match=case_id, dtype="float64")
    mild = check(skipping, match=case_id, dtype="float64")
    mild.header = bad.header
    for order in ([bad, mild], [mild, bad]):
        (report,) = joined(
            [Check("t", to_document(one)) for one in order],
            {"t": Plan([(case_id, "float64")], partial=False)},
            seconds=0.0,
            interrupted=False,
        )
        assert [r.outcome for r in report.results] == [Outcome.FAILED]


def test_a_report_without_its_plan_is_partial() -> None:
    from gradoracle import check

    one = check(lambda case: {}, match="two-layer.relu-bce", dtype="float64")
    (report,) = joined([Check("t", to_document(one))], {}, seconds=0.0, interrupted=False)
    assert report.header.partial


@pytest.mark.parametrize("target", [".", "no/such/folder/report.json"])
def test_a_report_that_cannot_be_written_is_refused_at_once(
    project: pytest.Pytester, target: str
) -> None:
    project.makepyfile(decorated("right"))
    result = project.runpytest_inprocess("--gradoracle-json", target)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: gradoracle: expected a f*"])


def test_a_report_that_cannot_be_written_any_more_fails_the_run(project: pytest.Pytester) -> None:
    project.mkdir("out")
    project.makepyfile(
        decorated("right").replace(
            "    case.check", "    import shutil; shutil.rmtree('out', True)\n    case.check"
        )
    )
    result = project.runpytest_inprocess("--gradoracle-json", "out/report.json")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["NOT WRITTEN: *"])
