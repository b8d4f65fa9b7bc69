"""Where nothing is transcendental, every ball holds the exact rational number."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from gradoracle.builtin_cases import build
from gradoracle.network import REDUCTIONS
from gradoracle.truth import balls
from gradoracle.truth.rational import ELEMENTWISE, LOSSES, exact_trace, is_rational, outside
from gradoracle.truth.reverse import Truth, truth
from shared import CASES, proven_now


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("hidden", ELEMENTWISE)
def test_every_ball_holds_the_exact_number(hidden: str, loss: str):
    for reduction in REDUCTIONS:
        case = build(
            f"rational.{hidden}.{loss}.{reduction}",
            (5, 6, 4, 3),
            (hidden, "leaky_relu", "identity"),
            loss,
            n=7,
            reduction=reduction,
            l2=0.3,
        )
        assert is_rational(case)
        found = truth(case)
        exact = exact_trace(case)
        assert sorted(exact) == sorted(found.values)
        assert outside(exact, found) == []
        assert found.undecided == 0


def test_built_in_cases():
    rational = [case for case in CASES.values() if is_rational(case)]
    assert len(rational) >= 4
    for case in rational:
        assert outside(exact_trace(case), proven_now(case.id)) == []
    assert not is_rational(CASES["two-layer.relu-bce"])
    with pytest.raises(KeyError):
        exact_trace(CASES["two-layer.relu-bce"])


def test_a_known_trace():
    case = CASES["regression.linear"]
    exact = exact_trace(case)
    W, b, X, Y = (
        [[Fraction(v) for v in row] for row in a.tolist()]
        for a in (case.W[1], case.b[1], case.X, case.Y)
    )
    Z = [
        sum(w * x for w, x in zip(W[0], column, strict=True)) + b[0][0]
        for column in zip(*X, strict=True)
    ]
    J = sum((z - y) ** 2 for z, y in zip(Z, Y[0], strict=True)) / case.n
    db = sum(2 * (z - y) for z, y in zip(Z, Y[0], strict=True)) / case.n
    for name, value in (("J", J), ("db1", db)):
        number = exact[name][0, 0]
        assert Fraction(int(number.p), int(number.q)) == value


@pytest.mark.parametrize("name", ["Z1", "A1", "J", "dA1", "dZ1", "dW1", "db1", "dX"])
def test_one_bit_is_seen(name: str):
    case, found = CASES["regression.linear"], proven_now("regression.linear")
    bits = np.array(found.values[name]).view(np.int64)
    bits.flat[0] ^= 1
    values = {**found.values, name: bits.view(np.float64)}
    where = outside(exact_trace(case), Truth(values, found.radii, found.decided))
    assert where == [f"{name}[0, 0]"]


def test_a_radius_that_is_too_small_and_a_value_that_is_not_the_nearest():
    case, found = CASES["regression.linear"], proven_now("regression.linear")
    exact = exact_trace(case)
    radii = {**found.radii, "dW1": np.zeros_like(found.radii["dW1"])}
    assert "dW1[0, 0]" in outside(exact, Truth(found.values, radii, found.decided))
    values = {**found.values, "dW1": np.nextafter(found.values["dW1"], np.inf)}
    radii = {**found.radii, "dW1": 4 * found.radii["dW1"]}
    assert outside(exact, Truth(values, radii, found.decided)) == [f"dW1[0, {k}]" for k in range(3)]
    open_ = {**found.decided, "dW1": np.zeros((1, 3), np.bool_)}
    assert outside(exact, Truth(values, radii, open_)) == []


def test_a_wrong_formula_is_seen(monkeypatch: pytest.MonkeyPatch):
    case = CASES["regression.linear"]
    right = balls.cotangent
    monkeypatch.setattr(balls, "cotangent", lambda *given: [v / 2 for v in right(*given)])
    assert "dW1[0, 0]" in outside(exact_trace(case), truth(case))
