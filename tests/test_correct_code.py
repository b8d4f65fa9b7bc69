"""Correct code in awkward places is not accused; beside each stands a wrong one that is."""

from __future__ import annotations

import numpy as np
import pytest

from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.judge import CaseVerdict, Verdict, compare, judge
from gradoracle.network import Batch, Network, Parameters
from gradoracle.reference import reference
from gradoracle.truth.reverse import truth
from gradoracle_numpy import n_layer
from random_networks import one_by_one, run_with


def judged(case: Case, trace: dict[str, Array] | None = None) -> CaseVerdict:
    known = truth(case)
    run = dict(n_layer.implementation(case)) if trace is None else trace
    return judge(run, known, reference(case, known))


def one_layer(W: Array, b: Array, X: Array, Y: Array, activation: str, loss: str) -> Case:
    network = Network((W.shape[1], W.shape[0]), (activation,), loss)
    return Case("awkward.1", network, Parameters([W], [b]), Batch(X, Y))


@pytest.mark.parametrize("seed", range(20))
def test_relu_that_rounds_to_the_other_side_of_its_kink(seed: int) -> None:
    """b = -W x rounded: every pre-activation of the first example is rounding and nothing else."""
    rng = np.random.default_rng(seed)
    W = rng.normal(size=(20, 30)).astype(np.float32)
    X = rng.normal(size=(30, 4)).astype(np.float32)
    b = -(W.astype(float) @ X[:, :1].astype(float)).astype(np.float32)
    W2, b2 = rng.normal(size=(2, 20)).astype(np.float32), np.zeros((2, 1), np.float32)
    network = Network((30, 20, 2), ("relu", "identity"), "half_squared_error")
    Y = rng.normal(size=(2, 4)).astype(np.float32)
    case = Case("awkward.2", network, Parameters([W, W2], [b, b2]), Batch(X, Y))
    verdict = judged(case)
    assert verdict.flips
    assert verdict.first_wrong is None, str(verdict.first_wrong)
    wrong = dict(n_layer.implementation(case))
    wrong["dZ1"] = -wrong["dZ1"]
    assert judged(case, wrong).verdict is Verdict.FAIL


def test_a_perfect_fit() -> None:
    """Labels that are the activations: J and every gradient are rounding alone."""
    rng = np.random.default_rng(1)
    W, b, X = rng.normal(size=(3, 4)), rng.normal(size=(3, 1)), rng.normal(size=(4, 7))
    case = one_layer(W, b, X, np.tanh(W @ X + b), "tanh", "squared_error")
    assert judged(case).first_wrong is None


def test_an_exponential_tail_with_a_large_error_in_z() -> None:
    rng = np.random.default_rng(2)
    X = rng.uniform(1e6, 1e7, size=(50, 5)).astype(np.float32)
    W = rng.normal(size=(1, 50)).astype(np.float32)
    b = np.float32(-20) - (W.astype(float) @ X[:, :1].astype(float)).astype(np.float32)
    Y = np.zeros((1, 5), np.float32)
    assert judged(one_layer(W, b, X, Y, "sigmoid", "binary_cross_entropy")).first_wrong is None


@pytest.mark.parametrize("n", [1024, 8192])
def test_nearly_equal_terms_drift(n: int) -> None:
    """Weights near 0: every loss is about log 2, and a plain running sum drifts."""
    rng = np.random.default_rng(3)
    W = (1e-6 * rng.normal(size=(1, 3))).astype(np.float32)
    X, b = rng.normal(size=(3, n)).astype(np.float32), np.zeros((1, 1), np.float32)
    Y = rng.integers(0, 2, size=(1, n)).astype(np.float32)
    case = one_layer(W, b, X, Y, "sigmoid", "binary_cross_entropy")
    trace = dict(run_with(case, one_by_one))
    whole = np.float32(0)
    for z, y in zip(trace["Z1"][0], Y[0], strict=True):
        whole = whole + (np.log1p(np.exp(-abs(z))) + max(z, np.float32(0)) - z * y)
    trace["J"] = np.asarray(whole / np.float32(n), np.float32)
    verdict = judged(case, trace)
    assert verdict.first_wrong is None, str(verdict.first_wrong)
    trace["J"] = np.asarray(whole / np.float32(0.99 * n), np.float32)
    assert judged(case, trace).verdict is Verdict.FAIL


def test_l2_of_many_layers_added_one_by_one() -> None:
    L = 20
    weight = np.full((1, 1), np.sqrt(1.01 * 2.0**-53 * 2))
    network = Network((1,) * (L + 1), ("identity",) * L, "half_squared_error", l2=1.0)
    parameters = Parameters([weight] * L, [np.zeros((1, 1))] * (L - 1) + [np.ones((1, 1))])
    batch = Batch(np.ones((1, 1)), np.full((1, 1), 1 + np.sqrt(2.0)))
    case = Case("awkward.3", network, parameters, batch)
    trace = dict(n_layer.implementation(case))
    J = np.float64(0.5) * (trace[f"A{L}"][0, 0] - batch.Y[0, 0]) ** 2
    for w in case.W.values():
        J = J + 0.5 * w[0, 0] ** 2
    trace["J"] = np.asarray(J)
    verdict = judged(case, trace)
    assert verdict.first_wrong is None, str(verdict.first_wrong)


def test_underflow_onto_a_kink_is_not_proven_wrong() -> None:
    tiny = np.full((1, 1), 1e-200)
    network = Network((1, 1, 1), ("relu", "identity"), "half_squared_error")
    parameters = Parameters([tiny, np.full((1, 1), 1.5)], [np.zeros((1, 1))] * 2)
    case = Case("awkward.4", network, parameters, Batch(tiny, np.ones((1, 1))))
    assert not any(t.proven for t in judged(case).tensors)


def test_two_that_share_a_wrong_shape_do_not_agree() -> None:
    rng = np.random.default_rng(4)
    W, b, X = rng.normal(size=(3, 4)), rng.normal(size=(3, 1)), rng.normal(size=(4, 7))
    case = one_layer(W, b, X, rng.normal(size=(3, 7)), "tanh", "squared_error")
    limits = reference(case, truth(case))
    trace = dict(n_layer.implementation(case))
    for name, change in (("db1", np.transpose), ("dW1", np.ravel), ("J", np.atleast_1d)):
        wrong = {**trace, name: change(trace[name])}
        verdict = compare(wrong, wrong, limits)
        assert verdict.verdict is Verdict.FAIL
        assert [t.name for t in verdict.tensors] == [name]


def too_large(n: int) -> Case:
    """Squares of which a float32 holds one, and not the sum of n."""
    X, Y = np.linspace(0.5, 1, n)[np.newaxis], np.full((1, n), 1.5e19)
    return one_layer(np.ones((1, 1)), np.zeros((1, 1)), X, Y, "identity", "squared_error")


def test_a_sum_that_overflows_before_it_is_divided() -> None:
    case = too_large(6).astype("float32")
    with np.errstate(over="ignore"):
        early = dict(n_layer.implementation(case))
    early["J"] = np.asarray(((early["A1"] - case.Y) ** 2 / np.float32(6)).sum())
    assert judged(case, early).verdict is Verdict.PASS
    with np.errstate(over="ignore"):
        late = {**early, "J": np.asarray(((early["A1"] - case.Y) ** 2).sum() / np.float32(6))}
    assert np.isinf(late["J"])
    J = next(t for t in judged(case, late).tensors if t.name == "J")
    assert J.verdict is Verdict.CANNOT_TELL
    assert "divide earlier" in J.reason
    for wrong in (np.nan, -1.0):
        assert judged(case, {**early, "J": np.asarray(wrong, np.float32)}).verdict is Verdict.FAIL
    in_float64 = {**n_layer.implementation(too_large(6)), "J": np.asarray(np.inf)}
    assert judged(too_large(6), in_float64).verdict is Verdict.FAIL


@pytest.mark.parametrize("name", ["dW1", "db1", "dX", "dA1", "dZ1"])
def test_a_derivative_that_overflows_before_it_is_divided(name: str) -> None:
    """The entries that may be infinite excuse no others."""
    X, Y = np.array([[1.0, 0.5, 1e-9]]), np.array([[3e38, 3e38, -1.0]])
    W, b = np.ones((1, 1)), np.zeros((1, 1))
    network = Network((1, 1), ("identity",), "linear")
    case = Case("awkward.5", network, Parameters([W], [b]), Batch(X, Y)).astype("float32")
    with np.errstate(over="ignore"):
        right = dict(n_layer.implementation(case))
    right.pop("J")
    infinite = right[name].copy()
    infinite[0, 0] = np.inf
    found = {t.name: t.verdict for t in judged(case, {**right, name: infinite}).tensors}
    assert found.pop(name) is Verdict.CANNOT_TELL
    assert set(found.values()) == {Verdict.PASS}
    if infinite.shape[1] == 3:
        for wrong in (np.inf, np.nan, 1.0):
            infinite[0, 2] = wrong
            assert judged(case, {**right, name: infinite}).verdict is Verdict.FAIL


def three_outputs(reduction: str) -> tuple[Case, dict[str, Array]]:
    rng = np.random.default_rng(5)
    W, b = [rng.normal(size=(4, 5)), rng.normal(size=(3, 4))], [np.ones((4, 1)), np.ones((3, 1))]
    network = Network((5, 4, 3), ("tanh", "identity"), "squared_error", reduction)
    batch = Batch(rng.normal(size=(5, 7)), rng.normal(size=(3, 7)))
    case = Case("awkward.6", network, Parameters(W, b), batch)
    return case, dict(n_layer.implementation(case))


def scaled(trace: dict[str, Array], factor: int) -> dict[str, Array]:
    return {n: a * factor if n[:2] in ("dA", "dZ", "dX") else a for n, a in trace.items()}


def test_the_one_that_breaks_the_per_example_convention_is_named() -> None:
    case, trace = three_outputs("mean")
    wrong = {**scaled(trace, 7), "dX": trace["dX"] * 3}
    found = judged(case, wrong)
    assert found.first_wrong is not None
    assert found.first_wrong.name == "dA2", "the first that is no plain derivative"
    assert found.notes == (
        "dA2, dZ2, dA1 and dZ1 are 7 times the plain derivative (per example): "
        "dX is the one that is wrong then",
    )
    assert not judged(case, {**wrong, "dZ1": trace["dZ1"] * 3}).notes
    assert not judged(case, {**trace, "dX": trace["dX"] * 3}).notes


def test_n_times_with_mean_all_is_named() -> None:
    case, trace = three_outputs("mean_all")
    assert judged(case, scaled(trace, 21)).verdict is Verdict.PASS
    found = judged(case, scaled(trace, 7))
    assert found.verdict is Verdict.FAIL
    assert found.notes == (
        "dA2, dZ2, dA1, dZ1 and dX are 7 times the plain derivative; "
        "with mean_all per example means n * n_L = 21 times",
    )
