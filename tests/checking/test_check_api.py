"""`gradoracle.check`: a right candidate passes, and each way to be wrong is named."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradoracle
from gradoracle.checking.report import Report
from gradoracle.checking.result import Outcome
from gradoracle.errors import InputError, NothingCheckedError
from gradoracle.layout import columns, rows
from gradoracle.status import Status
from gradoracle_numpy import implementation

Candidate = Callable[[gradoracle.Case], dict[str, Any]]

CASE = "two-layer.relu-bce"


def right(case: gradoracle.Case) -> dict[str, Any]:
    return dict(implementation(case))


def changed(change: Callable[[dict[str, Any], gradoracle.Case], object]) -> Candidate:
    """Return the right candidate with one change to what it returns."""

    def candidate(case: gradoracle.Case) -> dict[str, Any]:
        trace = right(case)
        change(trace, case)
        return trace

    return candidate


def on_one(candidate: object, **options: Any) -> Report:
    return gradoracle.check(candidate, **({"match": CASE, "diagnose": 0.0} | options))


def findings(report: Report) -> set[tuple[str, str]]:
    return {(finding.tensor, finding.finding) for finding in report.findings}


def test_a_right_candidate_passes_the_whole_required_level() -> None:
    report = gradoracle.check(right)
    assert report.ok
    assert report.counts[Outcome.PASSED] == len(report.results) == report.header.expected == 230
    assert report.header.cases == 115
    assert not report.findings
    assert report.header.sha256 != ""


WRONG: dict[str, tuple[Callable[[dict[str, Any], Any], object], str, str]] = {
    "a sign": (lambda t, c: t.update(dW1=-t["dW1"]), "dW1", "proven"),
    "a thousandth": (lambda t, c: t.update(db2=t["db2"] * 1.001), "db2", "proven"),
    "the transpose": (lambda t, c: t.update(dW2=t["dW2"].T.copy()), "dW2", "shape"),
    "zeros": (lambda t, c: t.update(dW1=np.zeros_like(t["dW1"])), "dW1", "proven"),
    "not a number": (lambda t, c: t["dW1"].__setitem__((0, 0), np.nan), "dW1", "not finite"),
    "infinity": (lambda t, c: t["dX"].__setitem__((0, 0), np.inf), "dX", "not finite"),
    "n too much": (lambda t, c: t.update(dW2=t["dW2"] * c.n), "dW2", "proven"),
    "another dtype": (lambda t, c: t.update(dW1=t["dW1"].astype(np.float16)), "dW1", "dtype"),
    "objects": (lambda t, c: t.update(dW1=t["dW1"].astype(object)), "dW1", "dtype"),
    "complex numbers": (lambda t, c: t.update(dW1=t["dW1"] + 0j), "dW1", "dtype"),
    "a list": (lambda t, c: t.update(db1=t["db1"].tolist()), "db1", "not an array"),
    "a lost axis": (lambda t, c: t.update(db1=t["db1"][:, 0].copy()), "db1", "shape"),
    "nothing for db1": (lambda t, c: t.pop("db1"), "db1", "missing"),
    "nothing for J": (lambda t, c: t.pop("J"), "J", "missing"),
    "a misspelt name": (lambda t, c: t.update(dw1=t["dW1"]), "'dw1'", "unknown name"),
    "a view of X": (lambda t, c: t.update(dX=c.X), "dX", "aliases inputs"),
    "a write to W1": (lambda t, c: c.W[1].__setitem__((0, 0), 7.0), "W1", "mutates inputs"),
}


@pytest.mark.parametrize("name", WRONG)
def test_each_wrong_answer_is_named(name: str) -> None:
    change, tensor, finding = WRONG[name]
    report = on_one(changed(change))
    assert report.status is Status.WRONG
    assert (tensor, finding) in findings(report)
    assert {result.outcome for result in report.results} == {Outcome.FAILED}
    assert CASE in str(report)


def test_float64_numbers_computed_in_float32_are_an_unstable_evaluation_of_neither() -> None:
    def through_float32(case: gradoracle.Case) -> dict[str, Any]:
        low = right(case.astype("float32"))
        return {name: array.astype(case.dtype) for name, array in low.items()}

    report = on_one(through_float32)
    by_dtype = {result.dtype: result.outcome for result in report.results}
    assert by_dtype == {"float64": Outcome.FAILED, "float32": Outcome.PASSED}


def test_a_candidate_that_answers_differently_the_second_time() -> None:
    calls = itertools.count()
    report = on_one(changed(lambda t, c: t.update(dW1=t["dW1"] + 1e-18 * next(calls))))
    assert ("dW1", "not deterministic") in findings(report)
    assert report.status is Status.WRONG


def test_exceptions_are_crashes_and_the_run_goes_on() -> None:
    def fragile(case: gradoracle.Case) -> dict[str, Any]:
        if case.id == CASE:
            raise ZeroDivisionError("no luck")
        if case.id == "two-layer.tanh-bce":
            raise SystemExit(3)
        return right(case)

    report = gradoracle.check(fragile, match="two-layer.*")
    crashes = {(r.case, r.crash) for r in report.results if r.outcome is Outcome.CRASHED}
    assert crashes == {(CASE, "raised"), ("two-layer.tanh-bce", "exited")}
    assert report.counts[Outcome.PASSED] > 0
    assert report.status is Status.CRASHED
    assert "ZeroDivisionError: no luck" in str(report)


def test_a_return_value_that_is_no_mapping() -> None:
    report = on_one(lambda case: [1.0])
    assert ("", "not a mapping") in findings(report)
    assert report.status is Status.WRONG


def test_an_empty_answer_lacks_everything() -> None:
    report = on_one(lambda case: {})
    missing = {tensor for tensor, finding in findings(report) if finding == "missing"}
    assert missing == {"J", "dW1", "db1", "dW2", "db2"}
    assert report.status is Status.WRONG


def test_gradients_alone_are_enough() -> None:
    def few(case: gradoracle.Case) -> dict[str, Any]:
        return {k: v for k, v in right(case).items() if k == "J" or k[:2] in ("dW", "db")}

    assert on_one(few).ok


def test_a_case_is_blocked_by_one_that_it_needs_and_that_fails() -> None:
    needing = next(f.case for f in gradoracle.corpus.load("required") if f.case.needs)
    need = needing.needs[0]
    report = gradoracle.check(
        changed(lambda t, c: t.update(dW1=-t["dW1"])), match=[need, needing.id]
    )
    outcome = {result.case: result.outcome for result in report.results}
    assert outcome[need] is Outcome.FAILED
    assert outcome[needing.id] is Outcome.BLOCKED
    alone = gradoracle.check(right, match=needing.id)
    assert alone.ok, "a need that was not run blocks nothing"


class Choosy:
    """Does one dtype and the cases with one layer less than it says."""

    name = "choosy"
    dtypes = ("float64",)

    def __init__(self) -> None:
        self.prepared: list[str] = []

    def supports(self, case: gradoracle.Case) -> bool | str:
        return case.L == 2 or "only two layers"

    def prepare(self, case: gradoracle.Case) -> None:
        self.prepared.append(case.id)

    def __call__(self, case: gradoracle.Case) -> dict[str, Any]:
        assert self.prepared[-1] == case.id
        return right(case)


def test_skips_lower_the_score_and_say_why() -> None:
    report = gradoracle.check(Choosy(), match=["two-layer.*", "regression.linear"])
    skipped = {r.reason for r in report.results if r.outcome is Outcome.SKIPPED}
    assert skipped == {"only two layers", "choosy does not do float32"}
    assert report.status is Status.OK
    assert 0 < report.score < 0.6


def test_nothing_but_skips_is_not_a_success() -> None:
    report = gradoracle.check(Choosy(), match="regression.linear")
    assert report.counts[Outcome.PASSED] == 0
    assert report.status is Status.NOTHING
    assert not report.ok


def per_example(trace: dict[str, Any], case: gradoracle.Case) -> None:
    for name in trace:
        if name[:2] in ("dA", "dZ", "dX"):
            trace[name] = trace[name] * trace[name].dtype.type(case.N)


def test_derivatives_per_example_are_recognised_and_may_be_declared() -> None:
    candidate: Any = changed(per_example)
    recognised = on_one(candidate, match="two-layer.sigmoid-bce", dtype="float64")
    assert recognised.ok
    assert "per example" in " ".join(recognised.results[0].verdict.notes)  # type: ignore[union-attr]
    candidate.conventions = gradoracle.Conventions(per_example=True)
    assert on_one(candidate, match="two-layer.sigmoid-bce", dtype="float64").ok


def test_what_is_declared_per_example_is_judged_as_nothing_else() -> None:
    candidate: Any = changed(lambda t, c: None)
    candidate.conventions = gradoracle.Conventions(per_example=True)
    report = on_one(candidate)
    assert report.status is Status.WRONG
    assert report.results[0].first_wrong.name == "dA2"  # type: ignore[union-attr]


def test_rows_are_a_convention() -> None:
    def in_rows(case: gradoracle.Case) -> dict[str, Any]:
        r = rows(case)
        assert r.X.shape == (case.n, case.network.sizes[0])
        assert r.kernels[1].shape == case.W[1].T.shape
        trace = right(case)
        back = {k: v[:, 0].copy() if k[:2] == "db" else v.T.copy() for k, v in trace.items()}
        assert all((columns(back)[k] == trace[k]).all() for k in trace)
        return back

    candidate: Any = in_rows
    assert on_one(candidate).status is Status.WRONG
    candidate.conventions = gradoracle.Conventions(layout="rows")
    assert on_one(candidate).ok


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: gradoracle.check(7), InputError, "called with a case"),
        (lambda: gradoracle.check(right, match="no-such-*"), NothingCheckedError, "no-such-"),
        (lambda: gradoracle.check(right, level="hard"), InputError, "level"),
        (lambda: gradoracle.check(right, dtype="float16"), InputError, "float64, float32"),
        (lambda: gradoracle.check(right, kink="none"), InputError, "contract"),
    ],
)
def test_bad_requests_are_refused(
    call: Callable[[], object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        call()
