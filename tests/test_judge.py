"""The tests are tested: every wrong trace must fail, every right one must pass."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.judge import CaseVerdict, TensorVerdict, Verdict, classify, compare, judge
from gradoracle.network import Batch, Parameters
from gradoracle.reference import reference
from gradoracle.rounding import Quantity
from gradoracle.truth.reverse import Truth, truth
from random_networks import on_grid
from shared import CASES, case_of, implementation, limits, proven

SQUARE = "shape.square"
SEED = "two-layer.sigmoid-bce"
GRADIENTS = ("dA1", "dZ1", "dW1", "db1", "dX", "dW2", "db2", "dZ2")


def judged(case_id: str, dtype: str, **changed: object) -> CaseVerdict:
    """Judge NumPy's trace with some arrays replaced."""
    trace: dict[str, object] = dict(implementation("numpy").run(case_of(case_id, dtype)))
    trace.update(changed)
    return judge(trace, proven(case_id), limits(case_id, dtype))  # type: ignore[arg-type]


def right(case_id: str, dtype: str, name: str) -> Array:
    return implementation("numpy").run(case_of(case_id, dtype))[name]


def nudged(array: Array, relative: float) -> Array:
    """One entry of median magnitude off by ``relative``."""
    flat = np.abs(array).ravel()
    index = int(np.argsort(flat)[flat.size // 2])
    wrong = array.copy()
    wrong.ravel()[index] *= 1 + relative
    return wrong


@pytest.mark.parametrize("name", GRADIENTS)
@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda a: (a * 1.001).astype(a.dtype), id="x1.001"),
        pytest.param(lambda a: -a, id="sign"),
        pytest.param(np.zeros_like, id="zero"),
        pytest.param(lambda a: np.full_like(a, np.nan), id="all NaN"),
        pytest.param(
            lambda a: np.where(np.arange(a.size).reshape(a.shape) == 1, np.nan, a), id="one NaN"
        ),
        pytest.param(
            lambda a: np.where(np.arange(a.size).reshape(a.shape) == 1, np.inf, a), id="one inf"
        ),
        pytest.param(lambda a: np.roll(a, 1, axis=0), id="rows shifted"),
        pytest.param(lambda a: a * 7, id="without 1/n"),
        pytest.param(lambda a: nudged(a, 1e-9 if a.dtype == np.float64 else 1e-4), id="one entry"),
    ],
)
def test_a_wrong_gradient_fails(spoil, name: str, dtype: str) -> None:  # type: ignore[no-untyped-def]
    wrong = spoil(right(SQUARE, dtype, name))
    verdict = judged(SQUARE, dtype, **{name: wrong})
    assert verdict.verdict is Verdict.FAIL
    assert verdict.first_wrong is not None
    assert verdict.first_wrong.name == name
    assert [t.name for t in verdict.tensors if t.verdict is Verdict.FAIL] == [name]


@pytest.mark.parametrize("name", ["dW1", "dW2", "dW3"])
def test_a_transpose_on_a_square_layer_fails(name: str, dtype: str) -> None:
    verdict = judged(SQUARE, dtype, **{name: right(SQUARE, dtype, name).T.copy()})
    assert verdict.verdict is Verdict.FAIL


@pytest.mark.parametrize("name", ["Z1", "A1", "Z2", "A2", "J"])
def test_a_wrong_forward_array_fails_first(name: str, dtype: str) -> None:
    wrong = right(SEED, dtype, name) * np.array(1.001, dtype)
    verdict = judged(
        SEED, dtype, **{name: np.asarray(wrong, dtype), "dW1": -right(SEED, dtype, "dW1")}
    )
    assert verdict.first_wrong is not None
    assert verdict.first_wrong.name == name


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda a: a.T.copy(), "expected shape (4, 5), got (5, 4)"),
        (lambda a: a.ravel(), "got (20,)"),
        (lambda a: a[:, :-1], "got (4, 4)"),
        (lambda a: a.astype(np.float32), "expected float64, got float32"),
        (lambda a: a.astype(np.longdouble), "expected float64, got"),
        (lambda a: a.astype(int), "expected float64, got int64"),
        (lambda a: a.astype(complex), "expected float64, got complex128"),
        (lambda a: a.tolist(), "expected an array, got a list"),
        (lambda a: None, "expected an array, got a NoneType"),
    ],
)
def test_shape_and_dtype_are_exact(change, says: str) -> None:  # type: ignore[no-untyped-def]
    verdict = judged(SEED, "float64", dW1=change(right(SEED, "float64", "dW1")))
    assert verdict.first_wrong is not None
    assert verdict.first_wrong.name == "dW1"
    assert says in verdict.first_wrong.reason


def test_an_axis_that_was_lost_is_never_broadcast() -> None:
    verdict = judged(SEED, "float64", db1=right(SEED, "float64", "db1").ravel())
    assert verdict.first_wrong is not None
    assert "keepdims=True" in verdict.first_wrong.reason


def test_J_may_be_a_python_float() -> None:
    assert judged(SEED, "float64", J=float(right(SEED, "float64", "J"))).verdict is Verdict.PASS
    assert judged(SEED, "float64", J=float("nan")).verdict is Verdict.FAIL
    assert judged(SEED, "float64", J=complex(1)).verdict is Verdict.FAIL


def test_the_failure_names_the_entry_and_both_values() -> None:
    wrong = right(SEED, "float64", "dW1").copy()
    wrong[2, 3] *= 2
    tensor = judged(SEED, "float64", dW1=wrong).first_wrong
    assert tensor is not None
    assert tensor.index == (2, 3)
    assert tensor.got == wrong[2, 3]
    assert tensor.expected == pytest.approx(wrong[2, 3] / 2)
    assert "dW1[2, 3]" in tensor.reason
    assert "1 of 20 entries wrong" in tensor.reason


def test_a_wrong_entry_is_named_even_beside_a_larger_share() -> None:
    """NaN anywhere is worse than any finite error."""
    wrong = right(SEED, "float64", "dW1") * 3
    wrong[1, 1] = np.nan
    tensor = judged(SEED, "float64", dW1=wrong).first_wrong
    assert tensor is not None
    assert tensor.index == (1, 1)
    assert "no number" in tensor.reason


def test_nothing_returned_cannot_be_told() -> None:
    verdict = judge({}, proven(SEED), limits(SEED, "float64"))
    assert verdict.verdict is Verdict.CANNOT_TELL
    assert "dW1" in verdict.missing


def test_only_gradients_are_enough_to_judge() -> None:
    trace = implementation("numpy").run(case_of(SEED, "float64"))
    some = {name: trace[name] for name in ("J", "dW1", "db1", "dW2", "db2")}
    verdict = judge(some, proven(SEED), limits(SEED, "float64"))
    assert [t.name for t in verdict.tensors] == ["J", "dW2", "db2", "dW1", "db1"]
    assert verdict.verdict is Verdict.PASS


def test_a_truth_that_is_all_zero_cannot_pass_silently() -> None:
    truth = proven(SEED)
    values = {**truth.values, "dW1": np.zeros((4, 5))}
    verdict = judge({"dW1": np.zeros((4, 5))}, Truth(values, truth.radii), limits(SEED, "float64"))
    assert verdict.verdict is Verdict.CANNOT_TELL


def test_a_truth_that_is_unknown_cannot_pass() -> None:
    truth = proven(SEED)
    trace = implementation("numpy").run(case_of(SEED, "float64"))
    radii = {**truth.radii, "dW1": np.full((4, 5), np.inf)}
    verdict = judge(trace, Truth(truth.values, radii), limits(SEED, "float64"))
    assert {t.name for t in verdict.tensors if t.verdict is Verdict.CANNOT_TELL} == {"dW1"}
    radii["dW1"] = np.full((4, 5), np.nan)
    verdict = judge(trace, Truth(truth.values, radii), limits(SEED, "float64"))
    assert verdict.verdict is Verdict.FAIL


@pytest.mark.parametrize("factor", [np.nan, np.inf])
def test_an_allowance_that_is_no_number_or_infinite_cannot_pass(factor: float) -> None:
    trace = implementation("numpy").run(case_of(SEED, "float64"))
    good = limits(SEED, "float64")
    spoilt = Quantity(good.bounds["dW1"].value, good.bounds["dW1"].error * factor)
    for field in ("bounds", "sigmas"):
        known = {**getattr(good, field), "dW1": spoilt}
        both = {"bounds": {**good.bounds, "dW1": spoilt}, "sigmas": {**good.sigmas, "dW1": spoilt}}
        changes = {field: known} if np.isnan(factor) else both
        verdict = judge(trace, proven(SEED), replace(good, **changes))
        wanted = Verdict.FAIL if np.isnan(factor) else Verdict.CANNOT_TELL
        assert {t.name for t in verdict.tensors if t.verdict is wanted} == {"dW1"}


def test_float32_arithmetic_in_a_float64_run_fails() -> None:
    single = implementation("numpy").run(case_of(SEED, "float32"))
    widened = {name: array.astype(np.float64) for name, array in single.items()}
    assert judge(widened, proven(SEED), limits(SEED, "float64")).verdict is Verdict.FAIL


def test_compare_sees_a_difference_between_two_traces(dtype: str) -> None:
    trace = dict(implementation("numpy").run(case_of(SEED, dtype)))
    assert compare(trace, trace, limits(SEED, dtype)).verdict is Verdict.PASS
    wrong = {**trace, "dW1": nudged(trace["dW1"], 1e-9 if dtype == "float64" else 1e-4)}
    assert compare(wrong, trace, limits(SEED, dtype)).verdict is Verdict.FAIL
    assert compare(trace, wrong, limits(SEED, dtype)).verdict is Verdict.FAIL


def test_every_case_sees_a_missing_division(dtype: str) -> None:
    for case_id, case in CASES.items():
        if case.N > 1:
            wrong = right(case_id, dtype, "dW1") * case.N
            assert judged(case_id, dtype, dW1=wrong).verdict is Verdict.FAIL, case_id


PER_EXAMPLE = "per example: {} times the plain derivative, right as such"


def test_the_per_example_convention_is_recognised_and_said(dtype: str) -> None:
    """All of dA, dZ and dX times n is a convention; dW and db are judged as they are."""
    trace = dict(implementation("numpy").run(case_of(SEED, dtype)))
    n = CASES[SEED].n
    for name in trace:
        if name[:2] in ("dA", "dZ", "dX"):
            trace[name] = trace[name] * np.array(n, dtype)
    verdict = judge(trace, proven(SEED), limits(SEED, dtype))
    assert verdict.verdict is Verdict.PASS
    assert any("per example" in note for note in verdict.notes)

    missing_division = judge(
        {**trace, "dW2": trace["dW2"] * np.array(n, dtype)}, proven(SEED), limits(SEED, dtype)
    )
    assert missing_division.first_wrong is not None
    assert missing_division.first_wrong.name == "dW2"

    assert verdict.notes == (f"dA2, dZ2, dA1, dZ1 and dX are {PER_EXAMPLE.format(n)}",)
    one = judge({"dZ2": trace["dZ2"]}, proven(SEED), limits(SEED, dtype))
    assert one.notes == (f"dZ2 is {PER_EXAMPLE.format(n)}",)

    only_some = judge(
        {**trace, "dZ1": trace["dZ1"] / np.array(n, dtype)}, proven(SEED), limits(SEED, dtype)
    )
    assert only_some.verdict is Verdict.FAIL
    assert only_some.notes == (
        f"dA2, dZ2, dA1 and dX are {n} times the plain derivative (per example): "
        "dZ1 is the one that is wrong then",
    )


def test_a_failure_beyond_the_bound_is_proven_and_one_within_is_statistical() -> None:
    truth, good = proven(SEED), limits(SEED, "float64")
    trace = dict(implementation("numpy").run(case_of(SEED, "float64")))
    largest = np.unravel_index(np.argmax(np.abs(truth.values["dW1"])), (4, 5))
    for factor, is_proven in ((1.5, True), (0.9, False)):
        wrong = truth.values["dW1"].copy()
        wrong[largest] += factor * good.bound("dW1")[largest]
        tensor = judge({**trace, "dW1": wrong}, truth, good).first_wrong
        assert tensor is not None
        assert tensor.proven is is_proven
        assert ("proven wrong" in tensor.reason) is is_proven
        assert ("statistical" in tensor.reason) is not is_proven


def test_unstable_evaluation_is_told_from_a_wrong_formula() -> None:
    """log(p + 1e-7) is wrong in both dtypes; dZ through dA and a (1 - a) only loses digits."""

    def verdicts(change) -> list[TensorVerdict]:  # type: ignore[no-untyped-def]
        found = []
        for name in ("float32", "float64"):
            trace = dict(implementation("numpy").run(case_of(SEED, name)))
            trace["dZ2"] = change(trace["dZ2"])
            tensor = judge(trace, proven(SEED), limits(SEED, name)).first_wrong
            assert tensor is not None
            found.append(tensor)
        return found

    wrong = verdicts(lambda dZ: (dZ * 1.01).astype(dZ.dtype))
    assert classify(*wrong) == "wrong formula"
    unstable = verdicts(lambda dZ: (dZ + dZ.dtype.type(100)) - dZ.dtype.type(100))
    assert classify(*unstable) == "unstable evaluation"
    assert classify(replace(wrong[0], error=np.nan), wrong[1]) == ""


def on_a_kink() -> tuple[Case, Truth]:
    """relu with a pre-activation that is exactly 0 in every order of summation."""
    drawn = CASES["two-layer.relu-bce"]
    b = {layer: v.copy() for layer, v in drawn.b.items()}
    X = on_grid(np.round(drawn.X * 4) / 4)
    W = {layer: np.round(w * 4) / 4 for layer, w in drawn.W.items()}
    b[1][0] = -(W[1] @ X)[0, 0]
    case = replace(drawn, parameters=Parameters(W, b), batch=Batch(X, drawn.Y))
    return case, truth(case)


def with_slope_at_zero(case: Case, slope: float) -> dict[str, Array]:
    trace = dict(implementation("numpy").run(case))
    trace["dZ1"] = trace["dA1"] * np.where(trace["Z1"] == 0, slope, trace["Z1"] > 0)
    trace["dW1"], trace["dX"] = trace["dZ1"] @ case.X.T, case.W[1].T @ trace["dZ1"]
    trace["db1"] = trace["dZ1"].sum(axis=1, keepdims=True)
    return trace


@pytest.mark.parametrize(
    ("slope", "contract", "any_side"),
    [
        (0.0, Verdict.PASS, Verdict.PASS),
        (0.5, Verdict.FAIL, Verdict.PASS),
        (1.0, Verdict.FAIL, Verdict.PASS),
        (-0.5, Verdict.FAIL, Verdict.FAIL),
        (1.5, Verdict.FAIL, Verdict.FAIL),
    ],
)
def test_an_exact_kink(slope: float, contract: Verdict, any_side: Verdict) -> None:
    case, of = on_a_kink()
    trace = with_slope_at_zero(case, slope)
    strict = reference(case, of)
    assert strict.on_kink == {"Z1": 1}
    verdict = judge(trace, of, strict)
    assert verdict.verdict is contract
    assert any("--kink any" in note for note in verdict.notes) is (contract is Verdict.FAIL)
    assert judge(trace, of, reference(case, of, any_side=True)).verdict is any_side
