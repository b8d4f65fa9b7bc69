"""The rate of an update: a positive product of rates and numbers, and of nothing else."""

from __future__ import annotations

import pytest
from judged_texts import RIGHT, WRONG, judged

GRADIENTS = """
network: layers 2, activations sigmoid sigmoid, loss binary_cross_entropy
dZ2 = A2 - Y
dW2 = dZ2 @ A1.T / n
"""
PRODUCTS = {
    "W2 - 0.5 * alpha * dW2": "0.5 * alpha",
    "W2 - alpha / 2 * dW2": "alpha / 2",
    "W2 - 2 * 0.1 * dW2": "2 * 0.1",
    "W2 - alpha * dW2 / (1 + 0.1)": "alpha / (1 + 0.1)",
    "W2 + (-alpha) * dW2 * 0.5": "-alpha * 0.5",
    "-(0.9 * (alpha * dW2)) + W2": "alpha * 0.9",
    "W2 - alpha**2 * dW2": "alpha**2",
}


@pytest.mark.parametrize("formula", PRODUCTS)
def test_a_product_of_rates_and_numbers_is_a_rate(formula: str) -> None:
    last = judged(f"{GRADIENTS}W2 = {formula}\n").lines[-1]
    assert (last.verdict, last.notes) == (RIGHT, (f"a step at the rate {PRODUCTS[formula]}",))


@pytest.mark.parametrize(
    "formula",
    [
        "W2 + 0.5 * alpha * dW2",  # uphill
        "W2 - (-0.5) * alpha * dW2",
        "W2 - 0 * dW2",  # stays where it is
        "W2 - (alpha - alpha) * dW2",
        "W2 - 0.5 * alpha / n * dW2",  # divided twice
        "W2 - 0.5 * lam * dW2",  # lam is no rate
        "W2 - 0.5 * alpha * n2 * dW2",
        "W2 - 0.5 * alpha * dW2 - 0.5 * alpha",
        "0.5 * (W2 - alpha * dW2)",
        "W2 - 0.5 * alpha * abs(dW2)",
        "W2 - alpha * 2 * dZ2 @ A1.T / n",  # the 2 may be an error of the derivative
        "W2 - alpha / 2 * (A2 - Y) @ A1.T / n",
        "W2 - dW2 / alpha",  # divided by the rate
        "W2 - 0.1 / alpha * dW2",
        "W2 - (alpha - 0.01) * dW2",  # uphill where alpha is small
        "W2 - alpha * dW2 * (1 - 2 * alpha)",
        "W2 + alpha / 2 * dW2 - 2 * alpha / 2 * dW2",  # no single step
        "0.9 * W2 - 0.1 * alpha * dW2",  # an average
    ],
)
def test_what_else_multiplies_the_derivative_is_an_error(formula: str) -> None:
    assert judged(f"{GRADIENTS}W2 = {formula}\n").lines[-1].verdict is WRONG


@pytest.mark.parametrize(
    ("helper", "verdict"),
    [
        ("0.5 * alpha", RIGHT),
        ("0.3", RIGHT),
        ("alpha / n", WRONG),
        ("lam", WRONG),
        ("alpha - 0.5", WRONG),
        ("2 / alpha", WRONG),
        ("sum(dZ2)", WRONG),
    ],
)
def test_a_helper_is_a_rate_if_it_is_made_of_rates_and_numbers_alone(
    helper: str, verdict: object
) -> None:
    text = f"{GRADIENTS}half = {helper}\nstep = half * 2\nW2 = W2 - step * dW2\n"
    assert judged(text).lines[-1].verdict is verdict


def test_a_rate_that_is_a_product_may_let_the_weights_decay_and_make_up_for_a_division() -> None:
    decayed = judged(f"{GRADIENTS}W2 = W2 - 0.5 * alpha * (dW2 + lam / n * W2)\n").lines[-1]
    assert decayed.verdict is RIGHT
    assert decayed.notes[1].startswith("with weight decay")
    undivided = GRADIENTS.replace(" / n", "").replace("entropy", "entropy, reduction mean")
    undivided += "W2 = W2 - 0.5 * alpha / n * dW2\n"
    assert judged(undivided).ok
    assert not judged(undivided.replace("alpha / n", "alpha")).ok


def test_a_share_in_a_helper_does_not_hide_a_lost_bracket() -> None:
    text = f"{GRADIENTS}keep = 0.9\nW2 = keep * (W2 - alpha * dW2)\n"
    assert judged(text).lines[-1].verdict is WRONG
    assert judged(f"{GRADIENTS}keep = 0.9\nW2 = keep * W2 - alpha * dW2\n").ok


def test_a_text_that_writes_no_rate_means_1() -> None:
    no_rate = f"{GRADIENTS}W2 = W2 - dW2\n"
    assert judged(no_rate).lines[-1].notes == ("a step at the rate 1",)
    for wrong in ("W2 + dW2", "W2 - dW2 / n", "W2 - dW2.T", "W2 - lam * dW2"):
        assert not judged(f"{GRADIENTS}W2 = {wrong}\n").ok
    db2 = "db2 = sum(dZ2, axis=1) / n\nb2 = b2 - {} * db2\n"
    for other in ("alpha", "0.1"):  # then it is forgotten
        assert judged(no_rate + db2.format(other)).lines[2].verdict is WRONG
    assert judged(no_rate + db2.format("1")).ok


@pytest.mark.parametrize("rate", ["step_size", "epsilon"])
def test_other_names_of_a_rate(rate: str) -> None:
    assert judged(f"{GRADIENTS}W2 += -{rate} * dW2\n").ok
    assert not judged(f"{GRADIENTS}W2 += {rate} * dW2\n").ok


@pytest.mark.parametrize("value", ["alpha * n**2", "sum(A1 * A1) / 10", "alpha - 1", "lam"])
def test_a_rate_by_name_is_made_of_rates_and_numbers_too(value: str) -> None:
    assert judged(f"{GRADIENTS}lr = alpha / 3\nW2 = W2 - lr * dW2\n").ok
    assert judged(f"{GRADIENTS}lr = {value}\nW2 = W2 - lr * dW2\n").lines[-1].verdict is WRONG


def test_a_number_of_the_gradient_is_no_rate_where_none_is_written() -> None:
    text = "network: sizes 3-2, activations sigmoid, loss squared_error\n"
    text += "grad = 2 * (A1 - Y) * A1 * (1 - A1) @ X.T / n\nW1 = W1 - grad\n"
    assert judged(text).ok
    assert not judged(text.replace("2 *", "3 *")).ok
