"""How far the precision is raised, for which examples, and what stays open."""

from __future__ import annotations

from fractions import Fraction

import flint
import numpy as np
import pytest
from truth_cases import kink_of_2800_bits, single, two_logits

from gradoracle import Batch, Case, Network, Parameters
from gradoracle.builtin_cases import build
from gradoracle.errors import InputError
from gradoracle.truth import reverse
from gradoracle.truth.balls import UndecidedError
from gradoracle.truth.helper import Helper
from gradoracle.truth.rational import exact_trace, outside
from gradoracle.truth.reverse import Truth, truth
from gradoracle.truth.second_route import certify
from shared import CASES


def precisions(monkeypatch: pytest.MonkeyPatch, case: Case) -> tuple[list[int], Truth]:
    """Return the precisions that were used, and the truth."""
    used, once = [], reverse._sweep

    def spy(case: Case, bits: int, *rest: object) -> str:
        used.append(bits)
        return once(case, bits, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(reverse, "_sweep", spy)
        return used, truth(case)


def test_every_built_in_case_is_decided_everywhere():
    for case in CASES.values():
        found = truth(case)
        assert found.undecided == 0, case.id
        assert all(flags.all() for flags in found.decided.values())
        assert list(found.decided) == list(found.values) == list(found.radii)


def test_zero_by_cancellation_of_thirds(monkeypatch: pytest.MonkeyPatch):
    """1/3 + 1/3 + 1/3 - 1 is within 2^-1075 from 1,100 bits on: then it is +0."""
    case = single([0.0] * 6, [-1.0, -1.0, -1.0, 3.0, 0.5, -0.5])
    used, found = precisions(monkeypatch, case)
    assert used == [128, 256, 512, 1024, 2048]
    assert found.values["dA1"][0, 0] == 1 / 6
    assert found.values["db1"] == 0
    assert not np.signbit(found.values["db1"]).any()
    assert found.decided["db1"].all()
    assert found.radii["db1"] == 2.0**-1074
    assert certify(case, found).ok
    assert outside(exact_trace(case), found) == []


def test_a_sum_of_thirds_that_is_a_tie_stays_open(monkeypatch: pytest.MonkeyPatch):
    """db = t / 3 + t / 3 + t / 3 with t = 1 + 3 * 2^-53: no ball of thirds can tell."""
    case = single([3 * 2.0**-53] * 3, [-1.0] * 3)
    used, found = precisions(monkeypatch, case)
    assert used == list(reverse.PRECISIONS)
    assert {name for name, flags in found.decided.items() if not flags.all()} == {"db1"}
    assert found.undecided == 1
    error = abs(1 + 3 * Fraction(2) ** -53 - Fraction(found.values["db1"].item()))
    assert error == Fraction(2) ** -53
    assert error <= found.radii["db1"].item() <= 1.001 * 2.0**-53
    assert outside(exact_trace(case), found) == []
    assert certify(case, found).ok


def test_an_exact_tie_goes_to_even(monkeypatch: pytest.MonkeyPatch):
    case = single([2.0**-53, 3 * 2.0**-53], [-1.0, -1.0], reduction="sum")
    used, found = precisions(monkeypatch, case)
    assert used == [128]
    assert found.values["dA1"].tolist() == [[1.0, 1 + 2.0**-51]]
    assert found.radii["dA1"].tolist() == [[2.0**-53, 2.0**-53]]
    assert found.radii["Z1"].tolist() == [[0.0, 0.0]]
    assert outside(exact_trace(case), found) == []


def test_subnormals():
    C = [2.0**-1074, -3 * 2.0**-1074, 5 * 2.0**-1073, 2.0**-1022, -(2.0**-1021) / 3]
    case = single([1.0, 2.0, 3.0, 4.0, 5.0], C, "linear")
    found = truth(case)
    assert outside(exact_trace(case), found) == []
    assert found.values["dA1"].tolist() == [
        [0.0, -(2.0**-1074), 2.0**-1073, *(v / 5 for v in C[3:])]
    ]
    assert found.undecided == 0


def test_a_saturated_softmax_reaches_the_limit(monkeypatch: pytest.MonkeyPatch):
    """C (1 - p) = 2^1000 e^-1400 = 2^-1020 is a difference of numbers of 2^1000."""
    case = two_logits(1400.0, (2.0**1000, 0.0))
    used, found = precisions(monkeypatch, case)
    assert used == list(reverse.PRECISIONS)
    assert found.decided["dZ1"].tolist() == [[False], [True]]
    value, radius = found.values["dZ1"][0, 0], found.radii["dZ1"][0, 0]
    assert 2.0**-1024 < value < 2.0**-1016
    assert 0 < radius < 2.0**-1040
    assert found.values["dZ1"][1, 0] == -value or abs(found.values["dZ1"][1, 0] + value) <= radius
    assert certify(case, found).ok  # the second route goes to 3,072 bits
    wrong = {**found.values, "dZ1": found.values["dZ1"] + np.array([[4 * radius], [0.0]])}
    assert not certify(case, Truth(wrong, found.radii, found.decided)).ok
    shallow, _ = precisions(monkeypatch, two_logits(300.0, (1.0, 0.0)))
    assert shallow == [128, 256, 512]


def test_a_deep_saturated_network():
    case = build("deep.saturated", (2, 3, 3, 3, 2), ("tanh", "softmax", "softmax", "softmax"),
                 "cross_entropy", n=3)  # fmt: skip
    parameters = Parameters({layer: 40 * w for layer, w in case.W.items()}, case.b)
    case = Case(case.id, case.network, parameters, case.batch)
    found = truth(case)
    assert found.undecided == 0
    assert certify(case, found).ok


@pytest.mark.parametrize("z", [800.0, -800.0])
@pytest.mark.parametrize("y", [0.0, 0.5, 1.0])
def test_logits_of_800(z: float, y: float):
    network = Network((1, 1), ("sigmoid",), "binary_cross_entropy")
    parameters = Parameters([np.ones((1, 1))], [np.zeros((1, 1))])
    case = Case("logits.800", network, parameters, Batch(np.array([[z]]), np.array([[y]])))
    found = truth(case)
    right = y == (z > 0)
    assert found.undecided == 0
    assert ("dA1" in found.values) == right  # else e^800, beyond every float
    assert found.values["dZ1"] == (z > 0) - y
    assert found.values["J"] == (0 if right else abs(z) * abs((z > 0) - y))
    assert certify(case, found).ok


def test_logits_without_measure():
    """No power of e leaves the range of the arithmetic."""
    for hidden in ("sigmoid", "tanh", "softplus", "elu", "silu", "gelu", "relu"):
        network = Network((1, 1), (hidden,), "squared_error")
        parameters = Parameters([np.ones((1, 1))], [np.zeros((1, 1))])
        X = np.array([[-1e140, 1e140]])
        case = Case("vast", network, parameters, Batch(X, np.array([[0.0, 0.0]])))
        found = truth(case)
        assert found.undecided == 0, hidden
        assert found.values["A1"][0, 0] == (-1 if hidden in ("tanh", "elu") else 0)


def test_beyond_the_largest_float():
    case = single([1e200, 1.0], [0.0, 0.0], "squared_error")
    with pytest.raises(InputError, match=r"below the largest float64.*got J beyond it.*scale"):
        truth(case)
    case = single([1.0, 1.5], [1.7e308, -1.7e308])
    parameters = Parameters([np.full((1, 1), -1e308)], [np.zeros((1, 1))])
    with pytest.raises(InputError, match=r"got Z1\[0, 1\]|got dA1|got J"):
        truth(Case(case.id, case.network, parameters, case.batch))


# --- chunks, processes, examples


def alike(one: Truth, other: Truth) -> bool:
    return list(one.values) == list(other.values) and all(
        getattr(one, kind)[name].tobytes() == getattr(other, kind)[name].tobytes()
        for name in one.values
        for kind in ("values", "radii", "decided")
    )


def test_only_open_examples_are_done_again(monkeypatch: pytest.MonkeyPatch):
    """Saturated examples need 512 bits; sums of other sizes hide what they add."""
    network = Network((1, 2), ("softmax",), "linear", "sum")
    parameters = Parameters([np.array([[1.0], [0.0]])], [np.zeros((2, 1))])
    X = np.array([[0.5, 300.0, 1.0, -0.25, 250.0]])
    Y = np.array([[1.0, 2.0, 0.5, 0.25, 3.0], [0.5, 1.0, 1.0, 0.75, 1.0]])
    case = Case("some.open", network, parameters, Batch(X, Y))
    steps: list[tuple[int, int]] = []
    whole = truth(case, lambda done, of: steps.append((done, of)))
    assert steps == [(5, 5), (2, 2), (2, 2)]
    for chunk in (1, 2, 4):
        monkeypatch.setattr(reverse, "CHUNK", chunk)
        assert alike(truth(case), whole)


def test_two_processes_change_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reverse, "CHUNK", 3)
    for case in (
        build("two.processes", (3, 4, 2), ("relu", "softmax"), "cross_entropy", n=10, l2=0.25),
        single([0.0] * 6, [-1.0, -1.0, -1.0, 3.0, 0.5, -0.5]),
        single([1.0], [0.5]),
    ):
        steps: list[int] = []
        shared = truth(case, lambda done, of, steps=steps: steps.append(done), processes=2)
        assert alike(shared, truth(case, processes=1))
        assert steps[: -(-case.n // 3)] == [*range(3, case.n, 3), case.n]


@pytest.mark.parametrize("on", [0, 1])
def test_an_open_kink_in_either_process(on: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reverse, "CHUNK", 1)
    for processes in (1, 2):
        with pytest.raises(UndecidedError, match="either side of the kink at 0, even at 2,048"):
            truth(kink_of_2800_bits(on), processes=processes)


def test_a_helper_that_is_lost(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reverse, "CHUNK", 2)
    began = Helper.begin

    def begin_and_die(self: Helper, *given: object) -> None:
        self._process.kill()
        self._process.wait()
        began(self, *given)

    monkeypatch.setattr(Helper, "begin", begin_and_die)
    with pytest.raises(ChildProcessError, match=r"ended early.*processes=1"):
        truth(single([1.0, 2.0, 3.0], [0.0, 0.0, 1.0]), processes=2)


def test_gradient_in_balls_is_what_is_rounded():
    case = CASES["reduction.mean_all.l2"]
    with flint.ctx.workprec(128):
        balls, found = reverse.gradient(case), truth(case)
        for name in ("J", "dW1", "db1", "dW2", "db2"):
            entries = zip(balls[name].entries(), found.values[name].ravel().tolist(), strict=True)
            assert all(float(ball) == value for ball, value in entries)
    with pytest.raises(UndecidedError):
        reverse.gradient(kink_of_2800_bits(1), 512)
