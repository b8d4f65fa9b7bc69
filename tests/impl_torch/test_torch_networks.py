"""Whole traces: against NumPy by hand, on random networks of every kind."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from agreement import disagreement, networks, random_case

import gradoracle_numpy
import gradoracle_torch
from gradoracle import Batch, Case, Network, Parameters, Trace
from gradoracle.arrays import DTYPES
from gradoracle.case import trace_shapes
from gradoracle_torch import n_layer

NETWORKS = networks()


def case_of(name: str, dtype: str) -> Case:
    return random_case(NETWORKS[name], n=7, seed=list(NETWORKS).index(name), dtype=dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NETWORKS)
def test_agrees_with_numpy_by_hand(name, dtype):
    case = case_of(name, dtype)
    got, want = gradoracle_torch.implementation(case), gradoracle_numpy.implementation(case)
    share, where = disagreement(case, got, want)
    assert share <= 1, where


@pytest.mark.parametrize(
    "name", ["linear-regression", "logistic-regression", "two-layer-relu", "two-layer-sigmoid-wide"]
)
def test_the_short_networks_agree_with_the_general_one(name):
    case = case_of(name, "float64")
    share, where = disagreement(
        case, gradoracle_torch.implementation(case), n_layer.implementation(case)
    )
    assert share <= 1, where


@pytest.mark.parametrize(
    "mistake",
    [lambda d: -d, lambda d: 1.001 * d, lambda d: 0 * d, lambda d: d * np.nan, lambda d: 7 * d],
)
@pytest.mark.parametrize("tensor", ["dA3", "dZ3", "dW3", "db3", "dZ1", "dW1", "dX"])
def test_a_wrong_gradient_is_caught(tensor, mistake):
    case = case_of("hidden-gelu-bce", "float64")
    right = gradoracle_torch.implementation(case)
    wrong = Trace({**right, tensor: mistake(right[tensor])}, case.network)
    share, where = disagreement(case, wrong, gradoracle_numpy.implementation(case))
    assert share > 1
    assert where == tensor


def test_a_transposed_gradient_is_caught():
    case = case_of("depth-3", "float64")
    right = gradoracle_torch.implementation(case)
    wrong = Trace({**right, "dW2": right["dW2"].T}, case.network)
    share, where = disagreement(case, wrong, right)
    assert share > 1
    assert where == "dW2"


def test_inputs_stay_and_a_second_call_gives_the_same():
    case = case_of("hidden-softmax-ce", "float64")
    arrays = [case.X, case.Y, *case.W.values(), *case.b.values()]
    before = [a.copy() for a in arrays]
    first, second = gradoracle_torch.implementation(case), gradoracle_torch.implementation(case)
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])
        assert not any(np.shares_memory(first[name], a) for a in arrays)
    for a, b in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_arrays_of_a_trace_are_its_own():
    case = case_of("linear-regression", "float64")
    trace = gradoracle_torch.implementation(case)
    names = list(trace)
    for i, name in enumerate(names):
        assert trace[name].flags.c_contiguous
        assert not any(np.shares_memory(trace[name], trace[other]) for other in names[:i])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("label", [0.0, 1.0, 0.5])
def test_saturated_logits_stay_finite_and_leave_dA_out(label, dtype):
    network = Network((1, 1), ("sigmoid",), "binary_cross_entropy")
    z = np.array([[800.0, -800.0]])
    parameters = Parameters([np.ones((1, 1))], [np.zeros((1, 1))])
    case = Case("saturated", network, parameters, Batch(z, np.full((1, 2), label))).astype(dtype)
    trace = gradoracle_torch.implementation(case)
    assert list(trace) == [name for name in trace_shapes(network, 2) if name != "dA1"]
    assert trace["J"] == 400
    np.testing.assert_array_equal(trace["dZ1"], (np.array([[1.0, 0.0]]) - label) / 2)


def test_zero_logits_have_gradient_one_half():
    network = Network((1, 1), ("sigmoid",), "binary_cross_entropy", "sum")
    parameters = Parameters([np.zeros((1, 1))], [np.zeros((1, 1))])
    batch = Batch(np.array([[3.0, -2.0]]), np.array([[0.0, 1.0]]))
    trace = gradoracle_torch.implementation(Case("zero", network, parameters, batch))
    np.testing.assert_array_equal(trace["dZ1"], [[0.5, -0.5]])


def test_works_where_the_caller_has_switched_gradients_off():
    case = case_of("two-layer-relu", "float64")
    with torch.no_grad():
        off = gradoracle_torch.implementation(case)
        assert not torch.is_grad_enabled()
    np.testing.assert_array_equal(off["dW1"], gradoracle_torch.implementation(case)["dW1"])
