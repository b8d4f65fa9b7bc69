"""A kink allows what lies between the one-sided derivatives, and nothing beside it."""

from __future__ import annotations

import numpy as np
import pytest

from gradoracle import Batch, Case, Network, Parameters
from gradoracle.arrays import Array
from gradoracle.judge import Verdict, judge
from gradoracle.reference import reference
from gradoracle.truth.reverse import truth
from gradoracle_numpy import n_layer

SLOPES = [(-1.0, False), (-0.25, False), (0.0, True), (0.5, True), (1.0, True), (1.25, False),
          (2.0, False)]  # fmt: skip


def with_slope(case: Case, slope: float) -> dict[str, Array]:
    """The trace of a program that takes this derivative in the first unit."""
    trace = dict(n_layer.implementation(case))
    slopes = (trace["Z1"] > 0).astype(case.dtype)
    slopes[0] = slope
    trace["dZ1"] = trace["dA1"] * slopes
    trace["dW1"], trace["dX"] = trace["dZ1"] @ case.X.T, case.W[1].T @ trace["dZ1"]
    trace["db1"] = trace["dZ1"].sum(axis=1, keepdims=True)
    return trace


@pytest.mark.parametrize(("slope", "allowed"), SLOPES)
def test_where_only_the_bound_counts(slope: float, allowed: bool, dtype: str):
    """X is constant, so there is no sigma; Z1[0] is exactly 0."""
    network = Network((2, 2, 1), ("relu", "identity"), "half_squared_error")
    W = [np.array([[1.0, -1.0], [0.5, 0.25]]), np.array([[1.5, -0.5]])]
    batch = Batch(np.ones((2, 3)), np.array([[1.0, -0.5, 0.25]]))
    case = Case("constant", network, Parameters(W, [np.zeros((2, 1)), np.zeros((1, 1))]), batch)
    case = case.astype(dtype)
    known = truth(case)
    limits = reference(case, known, any_side=True)
    assert limits.correlated
    found = judge(with_slope(case, slope), known, limits)
    assert (found.verdict is not Verdict.FAIL) is allowed
    strict = judge(with_slope(case, slope), known, reference(case, known))
    assert (strict.verdict is not Verdict.FAIL) is (slope == 0)


@pytest.mark.parametrize(("slope", "allowed"), SLOPES)
def test_a_pre_activation_that_underflows(slope: float, allowed: bool):
    """Z1[0] is 1e-400, which float64 has not: the truth is on the right, a program on the kink."""
    network = Network((1, 2, 1), ("relu", "identity"), "half_squared_error")
    W = [np.array([[1e-200], [1.0]]), np.array([[1.5, 0.75]])]
    b = [np.array([[0.0], [0.5]]), np.zeros((1, 1))]
    case = Case(
        "underflow", network, Parameters(W, b), Batch(np.full((1, 1), 1e-200), np.ones((1, 1)))
    )
    known = truth(case)
    assert known.values["Z1"][0] == 0
    assert known.values["dZ1"][0] == known.values["dA1"][0] != 0
    limits = reference(case, known)
    assert limits.flips == {"Z1": 1}
    found = judge(with_slope(case, slope), known, limits)
    assert (found.first_wrong is None) is allowed, str(found.first_wrong)
    assert judge(n_layer.implementation(case), known, limits).first_wrong is None
