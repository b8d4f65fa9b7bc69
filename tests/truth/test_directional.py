"""Directional derivatives agree with the right gradient of a large network, and with no other."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from flint import arb, arb_mat, ctx
from truth_cases import kink_of_2800_bits

from gradoracle import Case
from gradoracle.builtin_cases import build
from gradoracle.truth import balls, directional, reverse
from gradoracle.truth.balls import UndecidedError
from gradoracle.truth.directional import BITS, ESCAPES, check_directions
from gradoracle.truth.reverse import Truth
from shared import CASES, proven_now

Gradient = dict[str, arb_mat]


@cache
def large(hidden: str = "sigmoid") -> Case:
    """784-196-1 on random inputs."""
    return build(
        f"large.{hidden}", (784, 196, 1), (hidden, "sigmoid"), "binary_cross_entropy", n=32
    )


@cache
def gradient(case: Case) -> Gradient:
    return reverse.gradient(case, BITS)


def with_entry(case: Case, name: str, index: tuple[int, int], change: arb) -> Gradient:
    """Return the gradient with one entry changed."""
    right = gradient(case)[name]
    with ctx.workprec(BITS):
        spike = arb_mat(right.nrows(), right.ncols())
        spike[index] = change
        return {**gradient(case), name: right + spike}


@pytest.mark.parametrize("hidden", ["sigmoid", "relu"])
def test_two_directions_on_784_196_1(hidden: str):
    found = check_directions(large(hidden), gradient(large(hidden)))
    assert found.ok
    assert (found.directions, found.agreeing) == (2, 2)
    assert found.blind_below < 1e-25
    assert found.escapes == ESCAPES**2 < 2.3e-13
    assert "2 of 2 random directions agree" in str(found)
    assert "with probability at most 4.8e-07, all with at most 2.3e-13" in str(found)


def test_the_rounded_gradient_of_784_196_1():
    case = large()
    found = reverse.truth(case)
    result = check_directions(case, found, seed=1)
    assert result.ok
    assert 1e-12 < result.blind_below < 1e-5  # 154,057 half units in the last place
    values = dict(found.values)
    values["dW1"] = values["dW1"].copy()
    values["dW1"][100, 300] += 2 * result.blind_below
    assert check_directions(case, Truth(values, found.radii), seed=1).agreeing == 0


@pytest.mark.parametrize("change", [arb(1), arb(10) ** -20, arb(2) ** -90])
def test_one_wrong_entry_of_154057(change: arb):
    result = check_directions(large(), with_entry(large(), "dW1", (100, 300), change), directions=1)
    assert arb(result.blind_below) < change
    assert not result.ok
    assert result.agreeing == 0


def test_an_error_below_what_is_claimed_is_not_seen():
    tiny = arb(2) ** -150
    result = check_directions(large(), with_entry(large(), "dW1", (100, 300), tiny), directions=1)
    assert result.ok
    assert arb(result.blind_below) > tiny


@pytest.mark.parametrize("case_id", list(CASES))
def test_every_built_in_case(case_id: str):
    case = CASES[case_id]
    assert check_directions(case).ok
    assert check_directions(case, proven_now(case_id)).ok


@pytest.mark.parametrize("mistake", ["transpose", "sign", "zero", "per example", "wide"])
def test_wrong_gradients_of_a_small_case(mistake: str):
    case = CASES["shape.square"]
    right = gradient(case)
    dW = right["dW2"]
    with ctx.workprec(BITS):
        wrong = {
            "transpose": dW.transpose(),
            "sign": dW * -1,
            "zero": dW * 0,
            "per example": dW * case.n,
            "wide": dW * arb(1, 1e-9) + arb_mat(4, 4, [arb("1e-3")] * 16),
        }[mistake]
    assert check_directions(case, {**right, "dW2": wrong}).agreeing == 0


@pytest.mark.parametrize("hidden", [*balls.ELEMENTWISE])
def test_a_wrong_derivative_in_the_table(hidden: str, monkeypatch: pytest.MonkeyPatch):
    """The derivative that is checked is not the one that it is checked with."""
    case = CASES[f"hidden.{hidden}"]
    value, prime = balls.ELEMENTWISE[hidden]
    slightly = 1 + arb(2) ** -40
    monkeypatch.setitem(balls.ELEMENTWISE, hidden, (value, lambda z: prime(z) * slightly))
    assert check_directions(case).agreeing == 0


def test_escapes_as_often_as_stated(monkeypatch: pytest.MonkeyPatch):
    """With entries in {-1, 0, 1} one wrong entry escapes one time in three."""
    monkeypatch.setattr(directional, "LARGEST", 1)
    case = CASES["shape.one-neuron"]
    wrong = with_entry(case, "dW1", (0, 0), arb(1))
    escaped = sum(check_directions(case, wrong, 1, seed).ok for seed in range(600))
    assert 150 < escaped < 250


def test_directions_differ_and_repeat(monkeypatch: pytest.MonkeyPatch):
    case, drawn = CASES["shape.square"], []
    right = directional.derivative_along

    def spy(case: Case, V: dict[str, np.ndarray]) -> arb:
        drawn.append(np.concatenate([v.ravel() for v in V.values()]).tolist())
        return right(case, V)

    monkeypatch.setattr(directional, "derivative_along", spy)
    for seed in (0, 0, 1):
        check_directions(case, directions=3, seed=seed)
    assert drawn[0:3] == drawn[3:6]
    assert len({tuple(v) for v in drawn}) == 6
    assert all(abs(v) <= 2**20 for V in drawn for v in V)
    assert max(abs(v) for V in drawn for v in V) > 2**19


def test_chunks_and_l2(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reverse, "CHUNK", 2)
    assert check_directions(CASES["reduction.mean_all.l2"]).ok


def test_no_direction_is_no_proof():
    assert not check_directions(CASES["shape.square"], directions=0).ok


def test_an_open_kink():
    with pytest.raises(UndecidedError, match="kink at 0"):
        check_directions(kink_of_2800_bits(0))
