"""Every implementation agrees with the truth and with each other, in every entry."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from gradoracle.activations import ACTIVATIONS
from gradoracle.arrays import DTYPES
from gradoracle.case import Case, trace_shapes
from gradoracle.judge import Verdict, compare, judge
from gradoracle.losses import LOSSES
from gradoracle_numpy import linear_regression, logistic_regression, n_layer, two_layer
from shared import CASES, case_of, implementation, limits, proven

NAMES = ("numpy", "torch", "tensorflow")


def test_at_least_sixty_cases_cover_what_is_promised() -> None:
    networks = [case.network for case in CASES.values()]
    assert len(networks) >= 60
    pairs = {(n.activations[-1], n.loss) for n in networks}
    allowed = {
        (name, loss)
        for loss, row in LOSSES.items()
        for name in ACTIVATIONS
        if row.output in (None, name)
    }
    assert len(allowed) == 32
    assert allowed <= pairs
    assert {name for n in networks for name in n.activations[:-1]} == set(ACTIVATIONS)
    assert {n.reduction for n in networks} == {"mean", "sum", "mean_all"}
    assert {n.L for n in networks} >= {1, 2, 3, 4, 5}
    assert any(n.l2 for n in networks)
    firsts = [case.Y[0] for case in CASES.values() if case.id.startswith("order.sorted")]
    assert firsts
    assert all((np.diff(labels) >= 0).all() for labels in firsts)


def test_inputs_are_exact_in_float32() -> None:
    for case in CASES.values():
        back = case.astype("float32").astype("float64")
        for layer in case.W:
            assert np.array_equal(case.W[layer], back.W[layer])
            assert np.array_equal(case.b[layer], back.b[layer])
        assert np.array_equal(case.X, back.X)
        assert np.array_equal(case.Y, back.Y)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("case_id", CASES)
def test_whole_trace_agrees_with_the_truth(case_id: str, name: str, dtype: str) -> None:
    case = case_of(case_id, dtype)
    trace = implementation(name).run(case)
    verdict = judge(trace, proven(case_id), limits(case_id, dtype))
    assert not verdict.missing
    assert [t.name for t in verdict.tensors] == whole_trace(case, case_id, dtype)
    assert verdict.verdict is Verdict.PASS, str(verdict.worst)


def whole_trace(case: Case, case_id: str, dtype: str) -> list[str]:
    """Return the names of the trace, without a dA^[L] that A^[L] cannot tell: it has saturated."""
    names = list(trace_shapes(case.network, case.n))
    told = limits(case_id, dtype).names
    missing = [name for name in names if name not in told]
    assert missing in ([], [f"dA{case.L}"])
    assert not missing or case_id.startswith("saturated.")
    return [name for name in names if name in told]


@pytest.mark.parametrize("case_id", CASES)
def test_implementations_agree_pairwise(case_id: str, dtype: str) -> None:
    case = case_of(case_id, dtype)
    traces = {name: implementation(name).run(case) for name in NAMES}
    for one, other in combinations(NAMES, 2):
        verdict = compare(traces[one], traces[other], limits(case_id, dtype))
        assert [t.name for t in verdict.tensors] == whole_trace(case, case_id, dtype)
        assert verdict.verdict is Verdict.PASS, f"{one}~{other}: {verdict.worst}"


@pytest.mark.parametrize("name", NAMES)
def test_two_calls_give_the_same_and_inputs_stay(name: str, dtype: str) -> None:
    case = case_of("two-layer.relu-bce", dtype)
    before = _inputs(case)
    first = implementation(name).run(case)
    kept = {key: array.copy() for key, array in first.items()}
    for array in first.values():  # a result that shares memory with another would be spoilt
        if array.flags.writeable:
            array[...] = 7
    second = implementation(name).run(case)
    assert all(np.array_equal(kept[key], second[key]) for key in kept)
    assert all(np.array_equal(a, b) for a, b in zip(before, _inputs(case), strict=True))


def _inputs(case: Case) -> list[np.ndarray]:
    return [
        *(w.copy() for w in case.W.values()),
        *(b.copy() for b in case.b.values()),
        case.X.copy(),
        case.Y.copy(),
    ]


@pytest.mark.parametrize("module", [linear_regression, logistic_regression, two_layer])
def test_the_special_networks_are_the_general_one(module: object, dtype: str) -> None:
    suited = [case for case in CASES.values() if module.suits(case.network)]  # type: ignore[attr-defined]
    assert suited, "no built-in case reaches this file"
    for case in suited:
        rounded = case.astype(dtype)
        special = module.implementation(rounded)  # type: ignore[attr-defined]
        general = n_layer.implementation(rounded)
        assert compare(special, general, limits(case.id, dtype)).verdict is Verdict.PASS


def test_the_general_network_is_right_on_every_case(dtype: str) -> None:
    for case_id in CASES:
        trace = n_layer.implementation(case_of(case_id, dtype))
        assert judge(trace, proven(case_id), limits(case_id, dtype)).verdict is Verdict.PASS


def test_dtypes_are_those_of_the_contract() -> None:
    assert set(DTYPES) == {"float64", "float32"}
