"""Correct code is never accused: random networks, sorted batches, plain loops, split batches."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest

from gradoracle.case import Case, Trace
from gradoracle.judge import CaseVerdict, Verdict, judge
from gradoracle.network import Batch, Parameters
from gradoracle.reference import reference
from gradoracle.truth.reverse import Truth, truth
from gradoracle_numpy import n_layer
from random_networks import images, on_grid, one_by_one, random_network, run_with
from shared import implementation

NETWORKS, BLOCK = 500, 25
NAMES = ("numpy", "torch", "tensorflow")


def alarms(verdict: CaseVerdict) -> list[str]:
    return [str(t) for t in verdict.tensors if t.verdict is Verdict.FAIL]


@pytest.mark.parametrize("first", range(0, NETWORKS, BLOCK))
def test_random_networks_are_not_accused(first: int) -> None:
    judged = 0
    for seed in range(first, first + BLOCK):
        case = random_network(seed)
        proven = truth(case)
        for dtype in ("float64", "float32"):
            rounded = case.astype(dtype)
            limits = reference(rounded, proven)
            for name in NAMES:
                verdict = judge(implementation(name).run(rounded), proven, limits)
                assert alarms(verdict) == [], f"{name} {dtype} {case.network}"
                judged += len(verdict.tensors)
    assert judged >= BLOCK * 2 * len(NAMES) * 6


@pytest.mark.parametrize("seed", [1519, 2405, 4295, 4957])
def test_autograd_of_a_cross_entropy_stays_within_the_bound(seed: int) -> None:
    """It sums (1 - y) sigma(z) and -y sigma(-z); a bound for a - y alone was exceeded here."""
    case = random_network(seed)
    proven = truth(case)
    for dtype in ("float64", "float32"):
        rounded = case.astype(dtype)
        limits = reference(rounded, proven)
        for name in NAMES:
            tensors = judge(implementation(name).run(rounded), proven, limits).tensors
            assert max(t.share for t in tensors) < 1


@pytest.mark.parametrize("hidden", ["sigmoid", "relu", "tanh"])
@pytest.mark.parametrize("order", ["random", "label", "feature", "magnitude"])
def test_sorted_batches_and_plain_loops_are_not_accused(order: str, hidden: str) -> None:
    case = images(1024, 12, hidden, order)
    proven = truth(case)
    for dtype in ("float64", "float32"):
        rounded = case.astype(dtype)
        limits = reference(rounded, proven)
        loop = judge(run_with(rounded, one_by_one), proven, limits)
        assert len(loop.tensors) == 12
        assert alarms(loop) == []
        for name in NAMES:
            assert alarms(judge(implementation(name).run(rounded), proven, limits)) == []


def split(case: Case, at: int) -> Trace:
    """Run the two parts of a batch apart and put the traces together, weighted by examples."""
    parts = []
    for span in (slice(0, at), slice(at, case.n)):
        batch = Batch(case.X[:, span].copy(), case.Y[:, span].copy())
        parts.append((replace(case, batch=batch), batch.n / case.n))
    traces = [(n_layer.implementation(part), share) for part, share in parts]
    arrays = {}
    for name in traces[0][0]:
        pieces = [(trace[name], case.dtype.type(share)) for trace, share in traces]
        if name[0] in "ZA":
            arrays[name] = np.concatenate([a for a, _ in pieces], axis=1)
        elif name[:2] in ("dZ", "dA", "dX"):
            arrays[name] = np.concatenate([a * share for a, share in pieces], axis=1)
        else:
            arrays[name] = np.asarray(sum(a * share for a, share in pieces))
    return Trace(arrays, case.network)


def test_permuted_and_split_batches_are_not_accused(dtype: str) -> None:
    case = images(512, 8, "sigmoid", "label").astype(dtype)
    proven = truth(case)
    limits = reference(case, proven)
    assert alarms(judge(split(case, 200), proven, limits)) == []
    order = np.random.default_rng(5).permutation(case.n)
    shuffled = replace(case, batch=Batch(case.X[:, order].copy(), case.Y[:, order].copy()))
    back = np.argsort(order)
    trace = {
        name: a[:, back] if a.ndim == 2 and a.shape[1] == case.n else a
        for name, a in n_layer.implementation(shuffled).items()
    }
    assert alarms(judge(trace, proven, limits)) == []


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_make_no_difference_that_counts(threads: int, dtype: str) -> None:
    torch = pytest.importorskip("torch")
    case = images(512, 64, "relu", "label", seed=threads).astype(dtype)
    proven = truth(case)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(threads)
        trace = implementation("torch").run(case)
    finally:
        torch.set_num_threads(before)
    assert alarms(judge(trace, proven, reference(case, proven))) == []


def test_trained_weights_are_not_accused(dtype: str) -> None:
    """Training pushes activations to their ends and gradients to cancellation."""
    case = images(256, 6, "sigmoid", "label")
    W = {layer: w.copy() for layer, w in case.W.items()}
    b = {layer: v.copy() for layer, v in case.b.items()}
    for _ in range(300):
        d = n_layer.implementation(replace(case, parameters=Parameters(W, b)))
        for layer in W:
            W[layer] = W[layer] - 2.0 * d[f"dW{layer}"]
            b[layer] = b[layer] - 2.0 * d[f"db{layer}"]
    trained = Parameters(
        {k: on_grid(w) for k, w in W.items()}, {k: on_grid(v) for k, v in b.items()}
    )
    case = replace(case, parameters=trained).astype(dtype)
    proven = truth(case)
    assert float(proven.values["J"]) < 0.1, "the network has not learnt anything"
    limits = reference(case, proven)
    for name in NAMES:
        assert alarms(judge(implementation(name).run(case), proven, limits)) == []
    assert alarms(judge(run_with(case, one_by_one), proven, limits)) == []


def repeated(n: int) -> Case:
    """One example n times."""
    case = images(8, 5, "tanh", "random", seed=9)
    X, Y = np.tile(case.X[:, :1], n), np.tile(case.Y[:, :1], n)
    return replace(case, batch=Batch(X, Y))


def test_duplicated_examples_are_not_accused(dtype: str) -> None:
    case = repeated(1024).astype(dtype)
    proven = truth(case)
    limits = reference(case, proven)
    for trace in (n_layer.implementation(case), run_with(case, one_by_one)):
        assert alarms(judge(trace, proven, limits)) == []


def test_constant_tensors_are_left_to_the_bound(dtype: str) -> None:
    case = images(64, 6, "sigmoid", "random")
    flat = {layer: np.full_like(w, 0.3125) for layer, w in case.W.items()}
    case = replace(case, parameters=Parameters(flat, case.b)).astype(dtype)
    proven = truth(case)
    limits = reference(case, proven)
    assert limits.correlated
    assert alarms(judge(run_with(case, one_by_one), proven, limits)) == []
    wrong = dict(run_with(case, one_by_one))
    wrong["dW1"] = -wrong["dW1"]
    assert judge(wrong, proven, limits).verdict is Verdict.FAIL


@pytest.mark.skipif(
    "GRADORACLE_MNIST" not in os.environ,
    reason="GRADORACLE_MNIST does not name a folder with MNIST",
)
def test_relu_in_float32_on_mnist_is_not_accused() -> None:
    from gradoracle.builtin_cases import digit_cases
    from gradoracle.data import open_digits

    whole = next(c for c in digit_cases(open_digits()) if "relu" in c.id)
    n = 1024
    case = replace(whole, batch=Batch(whole.X[:, :n].copy(), whole.Y[:, :n].copy()))
    proven: Truth = truth(case)
    for dtype in ("float64", "float32"):
        rounded = case.astype(dtype)
        limits = reference(rounded, proven)
        for name in NAMES:
            assert alarms(judge(implementation(name).run(rounded), proven, limits)) == []
