"""Errors that several units have in common add up; correct code is not accused of them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from gradoracle import Batch, Case, Network, Parameters
from gradoracle import shared_errors as module
from gradoracle.arrays import Array
from gradoracle.case import Trace
from gradoracle.judge import Verdict, judge
from gradoracle.reference import reference
from gradoracle.rounding import SIGMAS
from gradoracle.truth.reverse import truth
from random_networks import MatMul, one_by_one, run_with

HIDDEN = 256


def trained(outputs: int, dtype: str, hidden: str = "relu", n: int = 60) -> Case:
    """Weights of one sign, and a residual of one sign a thousandth of the output."""
    rng = np.random.default_rng(outputs)
    sizes = (20, HIDDEN, outputs)
    W = [np.abs(rng.normal(size=(b, a))) / np.sqrt(a) for a, b in itertools.pairwise(sizes)]
    b = [0.1 * rng.normal(size=(size, 1)) for size in sizes[1:]]
    X = rng.uniform(size=(20, n))
    network = Network(sizes, (hidden, "identity"), "half_squared_error")
    blank = Case("shared", network, Parameters(W, b), Batch(X, np.zeros((outputs, n))))
    a = truth(blank).values["A2"]
    Y = a - 1e-3 * a.std() * np.abs(rng.normal(size=a.shape))
    return Case("shared", network, Parameters(W, b), Batch(X, Y)).astype(dtype)


def run(case: Case, matmul: MatMul) -> dict[str, Array]:
    found = dict(run_with(case, matmul))
    residual = found["A2"] - case.Y
    found["J"] = np.asarray((residual**2 / 2).sum() / case.dtype.type(case.n))
    return found


def backwards(x: Array, y: Array) -> Array:
    return one_by_one(x[:, ::-1], y[::-1])


@pytest.mark.parametrize("outputs", [1, 3, 20])
@pytest.mark.parametrize("hidden", ["relu", "softplus", "softmax"])
def test_weights_of_one_sign_and_a_small_residual(outputs: int, hidden: str, dtype: str):
    case = trained(outputs, dtype, hidden)
    known = truth(case)
    limits = reference(case, known)
    for matmul in (np.matmul, one_by_one, backwards):
        right = run(case, matmul)
        found = judge(Trace(right, case.network), known, limits)
        assert found.first_wrong is None, str(found.first_wrong)
        assert max(t.sigmas for t in found.tensors) < 0.75 * SIGMAS
    wrong = {**right, "dX": right["dX"] * case.dtype.type(1.01 if dtype == "float64" else 1e6)}
    assert judge(wrong, known, limits).verdict is Verdict.FAIL


def test_examples_are_drawn_some_at_a_time(monkeypatch: pytest.MonkeyPatch):
    """It changes the draws and nothing else."""
    case = trained(3, "float64")
    known = truth(case)
    whole = reference(case, known)
    monkeypatch.setattr(module, "DRAWN", 32 * HIDDEN * 7)
    parts = reference(case, known)
    for name in whole.names:
        ratio = np.median(parts.sigma(name) / whole.sigma(name))
        assert 0.8 < ratio < 1.25, name


def test_some_examples_have_saturated(monkeypatch: pytest.MonkeyPatch):
    """Whether dA^[L] of a cross-entropy can be told is asked of all examples at once."""
    rng = np.random.default_rng(1)
    W = [rng.normal(size=(3, 2)), 20 * rng.normal(size=(2, 3))]
    network = Network((2, 3, 2), ("tanh", "sigmoid"), "binary_cross_entropy")
    X, Y = rng.normal(size=(2, 12)) * np.linspace(1e-3, 30, 12), np.full((2, 12), 0.5)
    b = [np.zeros((3, 1)), np.zeros((2, 1))]
    case = Case("saturated", network, Parameters(W, b), Batch(X, Y)).astype("float32")
    known = truth(case)
    whole = reference(case, known)
    monkeypatch.setattr(module, "DRAWN", 32 * 3)
    assert reference(case, known).names == whole.names
