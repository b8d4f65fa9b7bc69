"""TF32 and bfloat16 products, simulated: errors stay within the bound, which still tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.judge import Verdict, judge
from gradoracle.losses import LOSSES
from gradoracle.reference import reference
from gradoracle.rounding import FORMATS
from gradoracle.truth.reverse import truth
from random_networks import images, random_network, run_with

NETWORKS = 48
DROPPED = {"tf32": 13, "bfloat16": 16}  # of float32's bits


def rounded(x: Array, name: str) -> Array:
    """Round float32 to fewer digits, halves to even: by the bits."""
    dropped = DROPPED[name]
    bits = np.ascontiguousarray(x, dtype=np.float32).view(np.uint32).astype(np.uint64)
    bits += (1 << (dropped - 1)) - 1 + ((bits >> dropped) & 1)
    bits &= ~np.uint64((1 << dropped) - 1)
    return bits.astype(np.uint32).view(np.float32)


def product(x: Array, y: Array, name: str) -> Array:
    """Factors rounded, products and sums in float32."""
    return np.asarray(rounded(x, name) @ rounded(y, name))


def drawn(seed: int) -> Case | None:
    """A random network with a fused loss, as `run_with` computes it; None for the others."""
    case = random_network(seed)
    if LOSSES[case.network.loss].output is None:
        return None
    return replace(case, network=replace(case.network, reduction="mean", l2=0.0)).astype("float32")


def test_the_simulation_rounds_to_so_many_digits():
    x = np.random.default_rng(0).normal(size=1000).astype(np.float32)
    for name in DROPPED:
        u, off = 2.0 ** -float(FORMATS[name].factor_digits or 0), np.abs(rounded(x, name) - x)
        assert 0.9 * u < (off / np.abs(x)).max() <= u
        assert np.array_equal(rounded(rounded(x, name), name), rounded(x, name))
    torch = pytest.importorskip("torch")
    assert np.array_equal(rounded(x, "bfloat16"), torch.tensor(x).bfloat16().float().numpy())


@pytest.mark.parametrize("name", list(DROPPED))
def test_random_networks_stay_within_the_bound(name: str):
    matmul: Callable[[Array, Array], Array] = partial(product, name=name)
    seeds, networks, told, tensors = iter(range(10_000)), 0, 0, 0
    while networks < NETWORKS:
        case = drawn(next(seeds))
        if case is None:
            continue
        networks += 1
        known = truth(case)
        limits = reference(case, known, FORMATS[name])
        found = judge(run_with(case, matmul), known, limits)
        assert found.first_wrong is None, f"{case.network}: {found.first_wrong}"
        assert max(t.share for t in found.tensors) < 1
        told += sum(t.verdict is Verdict.PASS for t in found.tensors)
        tensors += len(found.tensors)
        in_float32 = judge(run_with(case, matmul), known, reference(case, known))
        assert in_float32.verdict is Verdict.FAIL, "the simulation rounds nothing"
    assert told > tensors / 2, f"vacuous: {told} of {tensors}"


@pytest.mark.parametrize("name", list(DROPPED))
def test_a_wrong_gradient_is_seen_in_spite_of_it(name: str):
    case = images(64, 8, "sigmoid", "random").astype("float32")
    known = truth(case)
    limits = reference(case, known, FORMATS[name])
    trace = dict(run_with(case, partial(product, name=name)))
    assert judge(trace, known, limits).first_wrong is None
    for wrong in ("dZ2", "dW2", "db2", "dA1"):
        spoilt = {**trace, wrong: -trace[wrong]}
        assert judge(spoilt, known, limits).first_wrong.name == wrong  # type: ignore[union-attr]
