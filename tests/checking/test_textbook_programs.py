"""Textbook programs that lose J to an infinity: found out where that shows, and told kindly."""

from __future__ import annotations

from typing import Any

import numpy as np

import gradoracle
from gradoracle.checking.result import Outcome, Result
from gradoracle.judge import Verdict

Trace = dict[str, Any]


def _regression(output: str, loss: str) -> Any:
    """Say that a candidate does one kind of regression alone."""

    def supports(case: Any) -> bool | str:
        network = case.network
        fits = network.activations == (output,) and network.loss == loss
        return (fits and network.reduction == "mean" and not network.l2) or f"{output} alone"

    return supports


def logistic(case: Any) -> Trace:
    Z = case.W[1] @ case.X + case.b[1]
    with np.errstate(over="ignore", divide="ignore"):  # a warning is an error in these tests
        A = 1 / (1 + np.exp(-Z))
        J = -np.sum(case.Y * np.log(A) + (1 - case.Y) * np.log(1 - A)) / case.n
    dZ = (A - case.Y) / case.n
    return {"J": J, "dW1": dZ @ case.X.T, "db1": dZ.sum(axis=1, keepdims=True)}


def softmax(case: Any) -> Trace:
    Z = case.W[1] @ case.X + case.b[1]
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        A = np.exp(Z) / np.exp(Z).sum(axis=0)
        J = -np.sum(case.Y * np.log(A)) / case.n
    dZ = (A - case.Y) / case.n
    dW, db = dZ @ case.X.T, dZ.sum(axis=1, keepdims=True)
    return {"Z1": Z, "A1": A, "J": J, "dZ1": dZ, "dW1": dW, "db1": db}


logistic.supports = _regression("sigmoid", "binary_cross_entropy")  # type: ignore[attr-defined]
softmax.supports = _regression("softmax", "cross_entropy")  # type: ignore[attr-defined]


def failures(candidate: Any) -> list[Result]:
    report = gradoracle.check(candidate)
    found = [result for result in report.results if result.outcome is Outcome.FAILED]
    assert not report.ok
    assert report.counts[Outcome.PASSED] >= 4
    assert all(result.case.startswith("saturated.") for result in found)
    return found


def test_log_of_a_probability_fails_where_it_is_0_and_nowhere_else() -> None:
    found = failures(logistic)
    assert {result.case for result in found} == {"saturated.binary_cross_entropy.40"}
    for result in found:
        assert result.first_wrong is not None
        assert result.first_wrong.name == "J"
        assert [t.name for t in result.tensors if t.verdict is Verdict.FAIL] == ["J"]
        assert result.diagnosis is not None
        assert result.diagnosis.names == ((("loss-from-probabilities", 1),),)
        assert "logits" in result.diagnosis.mend
        assert "np.logaddexp" in result.diagnosis.code


def test_two_overflows_at_once_are_both_named() -> None:
    (result,) = failures(softmax)  # in float64 the case of z = 800 then waits for this one
    assert (result.case, result.dtype) == ("saturated.cross_entropy.100", "float32")
    assert result.diagnosis is not None
    (names,) = result.diagnosis.names
    assert names == (("softmax-without-shift", 1), ("loss-from-probabilities", 1))
