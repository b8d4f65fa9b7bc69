"""The second route agrees with every built-in case, and with nothing that is wrong."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from flint import arb
from truth_cases import kink_of_2800_bits, single

from gradoracle import Batch, Case, Network, Parameters
from gradoracle.builtin_cases import build
from gradoracle.losses import LOSSES
from gradoracle.network import REDUCTIONS
from gradoracle.truth import balls, sweep
from gradoracle.truth.balls import UndecidedError
from gradoracle.truth.reverse import Truth, truth
from gradoracle.truth.second_route import certify, second_route
from shared import CASES, proven_now

SMALL = [case.id for case in CASES.values() if case.n <= 32]


@pytest.mark.parametrize("case_id", SMALL)
def test_every_built_in_case(case_id: str):
    found = proven_now(case_id)
    certificate = certify(CASES[case_id], found)
    assert certificate.ok, str(certificate)
    assert certificate.entries == sum(array.size for array in found.values.values())
    assert str(certificate) == (
        f"{certificate.entries:,} of {certificate.entries:,} entries agree with the second route"
    )


def test_the_built_in_cases_are_many():
    assert len(SMALL) > 50


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_losses_with_all_reductions_and_l2(loss: str, reduction: str):
    output = LOSSES[loss].output or "silu"
    case = build(
        f"second.{loss}.{reduction}", (2, 3, 2), ("gelu", output), loss, n=4,
        reduction=reduction, l2=0.375,
    )  # fmt: skip
    assert certify(case, truth(case)).ok


def test_balls_of_the_second_route_are_sharp():
    found = second_route(CASES["two-layer.sigmoid-bce"])
    assert all(ball.rel_accuracy_bits() > 150 for ball in found.values())


# --- it shares no derivative with the reverse pass


def test_it_works_without_any_formula_of_the_reverse_pass(monkeypatch: pytest.MonkeyPatch):
    def broken(*given: object) -> None:
        raise AssertionError("a formula of the reverse pass was used")

    cases = [CASES[f"hidden.{name}"] for name in (*balls.ELEMENTWISE, "softmax")]
    truths = [proven_now(case.id) for case in cases]
    for name in ("loss_of_column", "cotangent", "fused_output_error", "softmax", "softmax_vjp"):
        monkeypatch.setattr(balls, name, broken)
    for name in balls.ELEMENTWISE:
        monkeypatch.setitem(balls.ELEMENTWISE, name, (broken, broken))
    for case, found in zip(cases, truths, strict=True):
        assert certify(case, found).ok


# --- sabotage: one formula of the reverse pass, one row of the table, one bit


def first_named(case: Case, found: Truth) -> str:
    """Return the array of the first disagreement."""
    certificate = certify(case, found)
    assert not certificate.ok
    assert certificate.agreeing < certificate.entries
    return certificate.disagreements[0].split(" is ")[0].split("[")[0]


@pytest.mark.parametrize("factor", [arb(-1), arb(2), 1 + arb(2) ** -40])
@pytest.mark.parametrize("hidden", list(balls.ELEMENTWISE))
def test_a_wrong_derivative_in_the_table(hidden: str, factor: arb, monkeypatch: pytest.MonkeyPatch):
    case = CASES[f"hidden.{hidden}"]
    value, prime = balls.ELEMENTWISE[hidden]
    monkeypatch.setitem(balls.ELEMENTWISE, hidden, (value, lambda z: prime(z) * factor))
    assert first_named(case, truth(case)) == ("dZ2" if hidden == "tanh" else "dZ1")  # layer 2: tanh


@pytest.mark.parametrize("hidden", [name for name in balls.ELEMENTWISE if name != "identity"])
def test_a_wrong_value_in_the_table(hidden: str, monkeypatch: pytest.MonkeyPatch):
    case = CASES[f"hidden.{hidden}"]
    value, prime = balls.ELEMENTWISE[hidden]
    monkeypatch.setitem(balls.ELEMENTWISE, hidden, (lambda z: value(z) * arb("1.001"), prime))
    assert first_named(case, truth(case)) == "A1"


@pytest.mark.parametrize("name", ["J", "dW1", "db1", "dW2", "db2", "dX", "dA1", "dZ1", "Z2", "dA2"])
def test_one_sign_in_one_formula(name: str, monkeypatch: pytest.MonkeyPatch):
    case = CASES["two-layer.sigmoid-bce"]
    right = sweep.propagate

    def wrong(*given: object) -> object:
        results = right(*given)
        for arrays in results:
            if name in arrays:
                arrays[name] = arrays[name] * -1
        return results

    monkeypatch.setattr(sweep, "propagate", wrong)
    assert first_named(case, truth(case)) == name


def negated(function: Callable[..., list[arb]]) -> Callable[..., list[arb]]:
    return lambda *given: [-v for v in function(*given)]


def flipped_mean(a: list[arb], da: list[arb]) -> list[arb]:
    mean = sum((p * d for p, d in zip(a, da, strict=True)), arb(0))
    return [p * (d + mean) for p, d in zip(a, da, strict=True)]


def test_one_sign_in_the_output_and_in_softmax(monkeypatch: pytest.MonkeyPatch):
    fused, cotangent = balls.fused_output_error, balls.cotangent
    for case_id, name, wrong, first in (
        ("two-layer.sigmoid-bce", "fused_output_error", negated(fused), "dZ2"),
        ("regression.softmax", "fused_output_error", negated(fused), "dZ1"),
        ("regression.softmax", "cotangent", negated(cotangent), "dA1"),
        ("regression.linear", "cotangent", negated(cotangent), "dA1"),
        ("hidden.softmax", "softmax_vjp", flipped_mean, "dZ1"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(balls, name, wrong)
            assert first_named(CASES[case_id], truth(CASES[case_id])) == first


def test_a_wrong_l2(monkeypatch: pytest.MonkeyPatch):
    case = CASES["reduction.mean.l2"]
    right = sweep.l2_terms
    doubled = lambda model: {n: M * (2 if n != "J" else 1) for n, M in right(model).items()}  # noqa: E731
    monkeypatch.setattr(sweep, "l2_terms", doubled)
    assert first_named(case, truth(case)) == "dW2"


@pytest.mark.parametrize("case_id", ["two-layer.relu-bce", "hidden.softmax", "reduction.sum.l2"])
def test_one_bit_of_one_value(case_id: str):
    case, found = CASES[case_id], proven_now(case_id)
    for name, array in found.values.items():
        bits = np.array(array).view(np.int64)
        bits.flat[array.size // 2] ^= 1
        values = {**found.values, name: bits.view(np.float64)}
        certificate = certify(case, Truth(values, found.radii, found.decided))
        assert certificate.entries - certificate.agreeing == 1, name
        index = np.unravel_index(array.size // 2, array.shape)
        where = f"{name}[{', '.join(map(str, index))}]" if array.shape else name
        assert certificate.disagreements[0].startswith(f"{where} is ")
        assert f"first: {where} is " in str(certificate)


def test_numbers_that_are_none():
    case, found = CASES["two-layer.relu-bce"], proven_now("two-layer.relu-bce")
    for bad in (np.nan, np.inf):
        values = {**found.values, "dW1": np.full((4, 5), bad)}
        certificate = certify(case, Truth(values, found.radii))
        assert certificate.entries - certificate.agreeing == 4 * 5
    radii = {**found.radii, "dW1": np.full((4, 5), np.nan)}
    certificate = certify(case, Truth(found.values, radii))
    assert certificate.entries - certificate.agreeing == 4 * 5
    assert not certify(case, Truth({}, {})).ok


# --- kinks and precision


def test_exact_kinks_take_the_value_of_the_contract():
    for hidden in ("relu", "leaky_relu", "elu"):
        network = Network((2, 2, 1), (hidden, "identity"), "squared_error", "sum")
        W = [np.array([[1.0, -1.0], [0.5, 0.25]]), np.array([[2.0, -3.0]])]
        b = [np.array([[0.0], [-0.0]]), np.array([[0.5]])]
        X = np.array([[1.5, 0.0, -0.0, 1.0], [1.5, 0.0, -0.0, 0.5]])
        case = Case("kinks", network, Parameters(W, b), Batch(X, np.zeros((1, 4))))
        found = truth(case)
        assert (found.values["Z1"] == 0).any()
        assert certify(case, found).ok


def test_the_precision_is_raised_until_all_is_sharp():
    case = single([0.0] * 6, [-1.0, -1.0, -1.0, 3.0, 0.5, -0.5])
    found = truth(case)
    zero = second_route(case)["db1", 0, 0]
    assert not zero.is_exact()
    assert zero.contains(0)
    assert certify(case, found).ok
    # a blunt ball around 0 would have met this one as well
    values = {**found.values, "db1": np.full((1, 1), 1e-300)}
    assert first_named(case, Truth(values, found.radii)) == "db1"


def test_what_stays_blunt_does_not_agree():
    """dX = 2^1010 (2^1010 / 100) - 2^1010 (2^1010 / 100) needs 3,090 bits to lie within 2^-1075."""
    network = Network((1, 2), ("leaky_relu",), "linear")
    parameters = Parameters([2.0**1010 * np.array([[1.0], [-1.0]])], [np.full((2, 1), -3.0)])
    C = np.full((2, 1), 2.0**1010)
    case = Case("blunt", network, parameters, Batch(np.full((1, 1), 2.0**-1010), C))
    found = truth(case)
    assert found.values["dX"] == 0
    assert found.undecided == 1
    certificate = certify(case, found)
    assert certificate.entries - certificate.agreeing == 1
    assert certificate.disagreements[0].startswith("dX[0, 0] is 0.0 within")


def test_a_kink_that_stays_open():
    with pytest.raises(UndecidedError, match="either side of 0"):
        second_route(kink_of_2800_bits(0), 768)
    assert second_route(kink_of_2800_bits(0), 3072)["dZ1", 0, 0] == 0
