"""Right derivations in every layout, convention and reduction are right to the last line."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from judged_texts import ANY_L, NLAYER, RIGHT, judged

LINEAR = {
    # layout: Z, dW and dA of a linear layer, and the axis of the examples
    ("columns", "out-by-in"): ("{W} @ {A} + {b}", "{dZ} @ {A}.T", "{W}.T @ {dZ}", 1),
    ("columns", "in-by-out"): ("{W}.T @ {A} + {b}", "{A} @ {dZ}.T", "{W} @ {dZ}", 1),
    ("rows", "in-by-out"): ("{A} @ {W} + {b}", "{A}.T @ {dZ}", "{dZ} @ {W}.T", 0),
    ("rows", "out-by-in"): ("{A} @ {W}.T + {b}", "{dZ}.T @ {A}", "{dZ} @ {W}", 0),
}
LAYOUTS = tuple(LINEAR)
PRIMES = {
    "identity": "{dA}",
    "sigmoid": "{dA} * {A} * (1 - {A})",
    "tanh": "{dA} * (1 - {A}**2)",
    "relu": "{dA} * ({Z} > 0)",
    "leaky_relu": "{dA} * where({Z} > 0, 1, 0.01)",
    "softplus": "{dA} * sigmoid({Z})",
    "elu": "{dA} * where({Z} > 0, 1, {A} + 1)",
    "gelu": "{dA} * gelu_prime({Z})",
    "silu": "{dA} * (sigmoid({Z}) + {A} * (1 - sigmoid({Z})))",
    "softmax": "{A} * ({dA} - sum({A} * {dA}, axis={units}))",
}
DOUTS = {
    "squared_error": "2 * ({A} - Y)",
    "half_squared_error": "{A} - Y",
    "binary_cross_entropy": "-Y / {A} + (1 - Y) / (1 - {A})",
    "cross_entropy": "-Y / {A}",
    "linear": "C",
}
COSTS = {
    "squared_error": "sum(({A} - Y)**2)",
    "half_squared_error": "1 / 2 * norm({A} - Y)**2",
    "binary_cross_entropy": "sum(-Y * log({A}) - (1 - Y) * log(1 - {A}))",
    "cross_entropy": "-sum(Y * log({A}))",
    "linear": "sum(C * {A})",
}
OUTPUT = {"binary_cross_entropy": "sigmoid", "cross_entropy": "softmax"}
DIVISORS = {"mean": "n", "sum": "1", "mean_all": "(n * n{L})"}


def program(
    activation: str, loss: str, *, layout: tuple[str, str] = LAYOUTS[0], convention: str = "plain",
    reduction: str = "mean", l2: bool = False, L: int = 2,
) -> str:  # fmt: skip
    """Write a right derivation."""
    output = OUTPUT.get(loss, "tanh" if loss != "linear" else "silu")
    names = " ".join([activation] * (L - 1) + [output])
    more = ", l2 lam" if l2 else ""
    lines = [f"network: layers {L}, activations {names}, loss {loss}{more}"]
    lines += [f"layout: {layout[0]}", f"weights: {layout[1]}"]
    (Z, dW, dA, axis), N = LINEAR[layout], DIVISORS[reduction].format(L=L)
    units = 1 - axis
    for k in range(1, L + 1):
        curve = output if k == L else activation
        lines.append(f"Z{k} = " + Z.format(W=f"W{k}", A=f"A{k - 1}", b=f"b{k}"))
        lines.append(f"A{k} = {curve}(Z{k})")
    weights = " + ".join(f"norm(W{k})**2" for k in range(1, L + 1))
    lines.append(
        f"J = {COSTS[loss].format(A=f'A{L}')} / {N}" + (f" + lam / 2 * ({weights})" if l2 else "")
    )
    before, after = (f" / {N}", "") if convention == "plain" else ("", f" / {N}")
    lines.append(f"dA{L} = ({DOUTS[loss].format(A=f'A{L}')}){before}")
    for k in range(L, 0, -1):
        curve = output if k == L else activation
        prime = PRIMES[curve].format(dA=f"dA{k}", A=f"A{k}", Z=f"Z{k}", units=units)
        below = "dX" if k == 1 else f"dA{k - 1}"
        fill = {"W": f"W{k}", "A": f"A{k - 1}", "dZ": f"dZ{k}"}
        lines.append(f"dZ{k} = {prime}")
        lines.append(f"dW{k} = {dW.format(**fill)}{after}" + (f" + lam * W{k}" if l2 else ""))
        lines.append(f"db{k} = sum(dZ{k}, axis={axis}, keepdims=True){after}")
        lines.append(f"{below} = {dA.format(**fill)}")
    for k in range(1, L + 1):
        lines += [f"W{k} -= alpha * dW{k}", f"b{k} = b{k} - alpha * db{k}"]
    return "\n".join(lines) + "\n"


def right_ones() -> Iterator[str]:
    for activation, layout in itertools.product(PRIMES, LAYOUTS):
        yield program(activation, "squared_error", layout=layout)
    for loss, reduction, convention in itertools.product(COSTS, DIVISORS, ("plain", "per-example")):
        yield program("tanh", loss, reduction=reduction, convention=convention, layout=LAYOUTS[2])
    for loss, layout in itertools.product(COSTS, LAYOUTS):
        yield program("softplus", loss, layout=layout, l2=True, L=3)


@pytest.mark.parametrize("text", [*right_ones()])
def test_a_right_derivation(text: str) -> None:
    checked = judged(text)
    assert [(line.key, line.verdict) for line in checked.lines if line.verdict != RIGHT] == []
    assert checked.ok
    assert all(line.digits >= 40 and line.networks == 3 for line in checked.lines)
    assert not any(line.detail for line in checked.lines)
    assert all("spreads" in note for line in checked.lines for note in line.notes)  # softmax's sum


@pytest.mark.parametrize("reduction", DIVISORS)
def test_the_convention_and_the_reduction_are_recognised(reduction: str) -> None:
    for convention in ("plain", "per-example"):
        checked = judged(
            program("tanh", "squared_error", reduction=reduction, convention=convention)
        )
        assert checked.reading.reduction == reduction
        scaled = convention == "per-example" and reduction != "sum"
        assert checked.reading.convention == ("per-example" if scaled else "plain")
        words = {"mean": "n times", "mean_all": "n n_L times"}.get(reduction, "") if scaled else ""
        for line in checked.lines:
            between = line.key.startswith(("dA", "dZ", "dX"))
            assert line.convention == (words if between else ""), line.key


@pytest.mark.parametrize("curve", ["tanh", "relu", "gelu", "sigmoid"])
@pytest.mark.parametrize(
    "header", [ANY_L, "network: layers 5, activations {} sigmoid, loss binary_cross_entropy"]
)
def test_n_layers(curve: str, header: str) -> None:
    checked = judged(header.format(curve) + NLAYER)
    assert {line.verdict for line in checked.lines} == {RIGHT}
    assert checked.seconds < 2


def test_softmax_with_its_full_jacobian_in_a_hidden_layer() -> None:
    assert judged(program("softmax", "cross_entropy", layout=LAYOUTS[2])).ok
    fused = (
        "network: layers 2, activations softmax softmax, loss cross_entropy\ndZ2 = (A2 - Y) / n\n"
    )
    assert judged(fused).ok


def test_a_text_may_give_some_lines_only() -> None:
    checked = judged(
        "network: sizes 3-5-1, activations tanh sigmoid, loss binary_cross_entropy\n"
        "dZ2 = (A2 - Y) / n\ndW2 = dZ2 @ A1.T\n"
    )
    assert checked.ok
    assert any("not given" in note and "dW1, db1, db2" in note for note in checked.notes)
