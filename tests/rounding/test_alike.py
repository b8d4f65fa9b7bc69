"""Nearly equal terms round alike: correct code that adds them one by one is not accused."""

from __future__ import annotations

import numpy as np
import pytest

from gradoracle import Batch, Case, Network, Parameters
from gradoracle.judge import judge
from gradoracle.reference import reference
from gradoracle.rounding import SIGMAS, sigma
from gradoracle.rounding.alike import FEW, alike, multiplicity
from gradoracle.truth.reverse import truth
from random_networks import one_by_one, run_with

U = 2.0**-24


def saturated(kind: str, n: int = 4096) -> Case:
    """Hidden sigmoids that are all nearly 1/2, or nearly 1, in float32; labels as ``kind`` says."""
    rng = np.random.default_rng(0)
    W1, b1 = rng.normal(size=(8, 6)), rng.normal(size=(8, 1))
    if kind in ("half", "mixed"):
        W1, b1 = 1e-4 * W1, 1e-4 * b1
    else:
        b1 = b1 + 20
    W2, b2 = 1e-3 * rng.normal(size=(1, 8)), 0.1 * rng.normal(size=(1, 1))
    X = rng.uniform(size=(6, n))
    X[0], X[1] = 1.0, 0.7 + 1e-6 * rng.normal(size=n)
    Y = np.ones((1, n)) if kind == "half" else np.sort(rng.integers(0, 2, size=(1, n)) * 1.0)
    if kind == "mixed":  # in random order, so that no run is long, and one label in four
        Y, W1, b2 = (rng.uniform(size=(1, n)) < 0.25) * 1.0, 1e-2 * W1, b2 + 1
    network = Network((6, 8, 1), ("sigmoid", "sigmoid"), "binary_cross_entropy")
    return Case("alike", network, Parameters([W1, W2], [b1, b2]), Batch(X, Y)).astype("float32")


@pytest.mark.parametrize("kind", ["half", "one", "mixed"])
def test_a_plain_loop_over_saturated_activations(kind: str, monkeypatch: pytest.MonkeyPatch):
    case = saturated(kind)
    known, trace = truth(case), run_with(case, one_by_one)
    found = judge(trace, known, reference(case, known))
    assert found.first_wrong is None, str(found.first_wrong)
    assert max(t.sigmas for t in found.tensors) < SIGMAS / 2
    monkeypatch.setattr(sigma, "alike", lambda x, y, u: None)
    accused = judge(trace, known, reference(case, known)).first_wrong
    assert accused is not None
    assert accused.name in ("dW2", "dW1")


def test_groups():
    rng = np.random.default_rng(1)
    constant = np.full(1000, 0.3)
    rows = np.vstack([
        constant,
        constant * (1 + U * rng.uniform(-1, 1, size=1000)),
        np.where(np.arange(1000) % 2, 0.3, -0.9),
        rng.normal(size=1000),
        np.where(np.arange(1000) < 10, rng.normal(size=1000), 0),
        np.zeros(1000),
    ])  # fmt: skip
    found = multiplicity(rows, U)
    assert (found[:2] > 400).all()
    assert found[2] == 500
    assert 1 <= found[3] < 1.5
    assert 1 <= found[4] < 1.5
    assert found[5] == 0
    assert multiplicity(rows[1:2], 2.0**-53)[0] < 2


def test_both_factors_must_be_alike():
    rng = np.random.default_rng(2)
    x, y = np.full((1, 500), 0.7), np.column_stack([np.full(500, 0.3), rng.normal(size=500)])
    found = alike(x, y, U)
    assert found is not None
    assert found[0, 0] == 500
    assert found[0, 1] < 1.5
    assert np.array_equal(alike(y.T, x.T, U), found.T)
    assert alike(rng.normal(size=(3, 500)), y, U) is None
    assert alike(x[:, :FEW], y[:FEW], U) is None
