"""Every activation and every loss, its derivative wrong in the reverse pass: `certify` names it.

What is sabotaged is right without it: a check that is never content would be none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from flint import arb

from gradoracle import Case, corpus
from gradoracle.activations import ACTIVATIONS
from gradoracle.builtin_cases import build
from gradoracle.losses import LOSSES
from gradoracle.network import REDUCTIONS
from gradoracle.truth import balls
from gradoracle.truth.directional import check_directions
from gradoracle.truth.reverse import truth
from gradoracle.truth.second_route import certify

Column = Sequence[arb]
Derivative = Callable[[arb], arb]

LITTLE = 1 + arb(2) ** -40


def first_wrong(case: Case) -> str:
    """Prove a case, sabotaged or not; return the array of the first disagreement, if any."""
    found = certify(case, truth(case))
    assert found.ok == (not found.disagreements)
    return "" if found.ok else found.disagreements[0].split(" is ")[0].split("[")[0]


# --- activations

WRONG: dict[str, Callable[[Derivative, Derivative], Derivative]] = {
    # from the value g and the derivative of an activation, a wrong derivative
    "sign": lambda g, prime: lambda z: -prime(z),
    "nearly right": lambda g, prime: lambda z: prime(z) * LITTLE,
    "wrong below 0": lambda g, prime: lambda z: prime(z) + (LITTLE - 1 if z < 0 else 0),
    "wrong above 0": lambda g, prime: lambda z: prime(z) + (LITTLE - 1 if z > 0 else 0),
    "value for derivative": lambda g, prime: g,
    "of a, not of z": lambda g, prime: lambda z: prime(g(z)),
    "forgotten": lambda g, prime: lambda z: arb(1),
}
NO_MISTAKE = {
    # g'(g(z)) is g'(z) where g keeps the sides of 0
    *((name, "of a, not of z") for name in ("identity", "relu", "leaky_relu")),
    ("identity", "forgotten"),
}


def test_the_table_is_whole() -> None:
    assert {*balls.ELEMENTWISE, "softmax"} == set(ACTIVATIONS)
    assert len(ACTIVATIONS) == 10
    assert len(LOSSES) == 5


@pytest.mark.parametrize(
    ("name", "mistake"),
    [(n, m) for n in balls.ELEMENTWISE for m in WRONG if (n, m) not in NO_MISTAKE],
)
def test_a_wrong_derivative_of_an_activation(
    name: str, mistake: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alone behind a cotangent, where nothing can mend it, and hidden in a network."""
    for case_id, first in ((f"alone.{name}", "dZ1"), (f"hidden.{name}", "dZ1")):
        case = corpus.find(case_id).case
        value, prime = balls.ELEMENTWISE[name]
        assert first_wrong(case) == ""
        with monkeypatch.context() as patch:
            wrong = WRONG[mistake](value, prime)
            patch.setitem(balls.ELEMENTWISE, name, (value, wrong))
            named = first_wrong(case)
            assert check_directions(case).agreeing == 0
        # layer 2 of the hidden ones is tanh, which is found there first
        assert named == ("dZ2" if case_id == "hidden.tanh" else first)


@pytest.mark.parametrize("name", sorted(NO_MISTAKE))
def test_what_is_left_out_is_no_mistake(
    name: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    activation, mistake = name
    value, prime = balls.ELEMENTWISE[activation]
    wrong = WRONG[mistake](value, prime)
    monkeypatch.setitem(balls.ELEMENTWISE, activation, (value, wrong))
    assert first_wrong(corpus.find(f"alone.{activation}").case) == ""


@pytest.mark.parametrize(("name", "slope"), [("relu", 1), ("relu", 0.5), ("leaky_relu", 1)])
def test_another_derivative_on_the_kink(
    name: str, slope: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = corpus.find(f"kink.{name}").case
    assert first_wrong(case) == ""
    value, prime = balls.ELEMENTWISE[name]
    wrong = lambda z: arb(slope) if z.is_zero() else prime(z)  # noqa: E731
    monkeypatch.setitem(balls.ELEMENTWISE, name, (value, wrong))
    assert first_wrong(case) == "dZ1"


def weighted(a: Column, da: Column) -> arb:
    return sum((p * d for p, d in zip(a, da, strict=True)), arb(0))


SOFTMAX: dict[str, Callable[[Column, Column], list[arb]]] = {
    "sign of the mean": lambda a, da: [
        p * (d + weighted(a, da)) for p, d in zip(a, da, strict=True)
    ],
    "no mean": lambda a, da: [p * d for p, d in zip(a, da, strict=True)],
    "only the diagonal": lambda a, da: [p * (1 - p) * d for p, d in zip(a, da, strict=True)],
    "a plain mean": lambda a, da: [
        p * (d - sum(da, arb(0)) / len(da)) for p, d in zip(a, da, strict=True)
    ],
    "forgotten": lambda a, da: list(da),
    "nearly right": lambda a, da: [
        p * (d - weighted(a, da)) * LITTLE for p, d in zip(a, da, strict=True)
    ],
}


@pytest.mark.parametrize("mistake", SOFTMAX)
@pytest.mark.parametrize("case_id", ["alone.softmax", "hidden.softmax"])
def test_a_wrong_jacobian_of_softmax(
    case_id: str, mistake: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = corpus.find(case_id).case
    assert first_wrong(case) == ""
    monkeypatch.setattr(balls, "softmax_vjp", SOFTMAX[mistake])
    assert first_wrong(case) == "dZ1"
    assert check_directions(case).agreeing == 0


# --- losses

FACTORS = {"sign": arb(-1), "twice": arb(2), "half": arb(1) / 2, "nearly right": LITTLE}


def of_loss(loss: str, reduction: str) -> Case:
    output = LOSSES[loss].output or "silu"
    case_id = f"sabotage.{loss}.{reduction}"
    return build(case_id, (2, 3, 2), ("tanh", output), loss, n=5, reduction=reduction)


@pytest.mark.parametrize("mistake", [*FACTORS, "not divided by N"])
@pytest.mark.parametrize("loss", LOSSES)
def test_a_wrong_derivative_of_a_loss(
    loss: str, mistake: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cross-entropies have two: dA^[L] of the probability form, and the fused dZ^[L]."""
    formulas = {"cotangent": "dA2"}
    if LOSSES[loss].output is not None:
        formulas["fused_output_error"] = "dZ2"
    for reduction in REDUCTIONS:
        case = of_loss(loss, reduction)
        assert first_wrong(case) == ""
        factor = FACTORS.get(mistake, arb(case.N))
        for formula, first in formulas.items():
            right = getattr(balls, formula)
            with monkeypatch.context() as patch:
                wrong = lambda *given, f=right, k=factor: [v * k for v in f(*given)]  # noqa: E731
                patch.setattr(balls, formula, wrong)
                no_mistake = mistake == "not divided by N" and case.N == 1
                assert first_wrong(case) == ("" if no_mistake else first)


@pytest.mark.parametrize("loss", [loss for loss, row in LOSSES.items() if row.output])
def test_a_derivative_too_much_behind_a_fused_loss(
    loss: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(a - y) a (1 - a): the commonest of the wrong derivations."""
    case = of_loss(loss, "mean")
    right = balls.fused_output_error

    def wrong(loss: str, z: Column, a: Column, y: Column) -> list[arb]:
        return [d * p * (1 - p) for d, p in zip(right(loss, z, a, y), a, strict=True)]

    monkeypatch.setattr(balls, "fused_output_error", wrong)
    assert first_wrong(case) == "dZ2"


@pytest.mark.parametrize("loss", LOSSES)
def test_a_wrong_loss(loss: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = balls.loss_of_column
    monkeypatch.setattr(balls, "loss_of_column", lambda *given: right(*given) * LITTLE)
    assert first_wrong(of_loss(loss, "mean")) == "J"
