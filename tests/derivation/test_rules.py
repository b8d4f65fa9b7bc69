"""The rule that a backward line is an instance of, and that no wrong line is given one."""

from __future__ import annotations

import pytest

from gradoracle.derivation.check import check
from gradoracle.derivation.rules import with_rules

TEXT = """
network: sizes a-b-c, activations relu sigmoid, loss binary_cross_entropy

Z1 = W1 @ X + b1
dA2 = (-Y / A2 + (1 - Y) / (1 - A2)) / n
dZ2 = dA2 * sigmoid_prime(Z2)
dW2 = dZ2 @ A1.T
db2 = sum(dZ2, axis=1)
dA1 = W2.T @ dZ2
dZ1 = dA1 * (Z1 > 0)
dW1 = dZ1 @ X.T
db1 = sum(dZ1, axis=1)
dX = W1.T @ dZ1
"""


def rules(text: str) -> dict[str, str]:
    return {verdict.key: verdict.rule for verdict in with_rules(check(text)).lines}


def test_every_backward_line_has_its_rule() -> None:
    found = rules(TEXT)
    assert found["Z1"] == ""
    assert found["dA2"] == "derivative of the loss: J is a function of A2"
    assert found["dZ2"].startswith("chain rule, entry by entry: A2 = sigmoid(Z2)")
    assert found["dW2"] == "product with a transpose: Z2 = W2 @ A1 + b2 gives dZ2 @ A1.T"
    assert found["db1"].startswith("sum over a broadcast axis: b1 is added in every example")
    assert found["dA1"] == "product with a transpose: Z2 = W2 @ A1 + b2 gives W2.T @ dZ2"
    assert found["dZ1"].endswith("A1 = relu(Z1) gives dA1 * relu_prime(Z1)")
    assert found["dX"] == "product with a transpose: Z1 = W1 @ X + b1 gives W1.T @ dZ1"


def test_the_fused_delta_says_that_it_is_fused() -> None:
    fused = TEXT.replace("dA2 * sigmoid_prime(Z2)", "(A2 - Y) / n")
    assert rules(fused)["dZ2"].startswith("chain rule through loss and sigmoid at once")


def test_a_delta_without_its_cotangent_has_two_steps() -> None:
    text = TEXT.replace("dA1 * (Z1 > 0)", "(W2.T @ dZ2) * (Z1 > 0)")
    assert rules(text)["dZ1"].startswith("product with a transpose gives dA1, then the chain rule")


@pytest.mark.parametrize(
    ("layout", "weights", "gives"),
    [
        ("columns", "out-by-in", "Z1 = W1 @ X + b1 gives dZ1 @ X.T"),
        ("columns", "in-by-out", "Z1 = W1.T @ X + b1 gives X @ dZ1.T"),
        ("rows", "in-by-out", "Z1 = X @ W1 + b1 gives X.T @ dZ1"),
        ("rows", "out-by-in", "Z1 = X @ W1.T + b1 gives dZ1.T @ X"),
    ],
)
def test_the_rule_is_written_in_the_layout_of_the_text_and_is_right(
    layout: str, weights: str, gives: str
) -> None:
    formula = gives.split(" gives ")[1]
    units = 1 if layout == "columns" else 0
    text = (
        "network: sizes a-b, activations sigmoid, loss binary_cross_entropy\n"
        f"layout: {layout}\nweights: {weights}\n"
        f"dZ1 = (A1 - Y) / n\ndW1 = {formula}\ndb1 = sum(dZ1, axis={units})\n"
    )
    assert check(text).ok
    assert rules(text)["dW1"] == f"product with a transpose: {gives}"


def test_loops_keep_their_index() -> None:
    text = (
        "network: layers L, activations tanh sigmoid, loss binary_cross_entropy\n"
        "dZ[L] = (A[L] - Y) / n\n"
        "for l in range(L, 0, -1):\n"
        "    dW[l] = dZ[l] @ A[l-1].T\n"
        "    dA[l-1] = W[l].T @ dZ[l]\n"
        "    dZ[l-1] = dA[l-1] * tanh_prime(Z[l-1])\n"
    )
    lines = check(text).lines
    assert [str(line.verdict) for line in lines[:3]] == ["right"] * 3
    found = rules(text)
    assert found["dW[l]"] == "product with a transpose: Z[l] = W[l] @ A[l-1] + b[l] gives " + (
        "dZ[l] @ A[l-1].T"
    )
    assert found["dA[l-1]"].endswith("gives W[l].T @ dZ[l]")


def test_l2_softmax_and_ties_are_said() -> None:
    text = (
        "network: sizes a-b, activations softmax, loss cross_entropy, l2 lam\n"
        "means: delta = dZ1, grad = dW1/2\n"
        "delta = (A1 - Y) / n\n"
        "grad = (delta @ X.T + lam * W1) / 2\n"
    )
    found = rules(text)
    assert (
        found["delta"] == "chain rule through loss and softmax at once: what softmax' has cancels"
    )
    assert found["grad"].endswith("lam / 2 times the squares of W1 gives lam * W1")
    plain = text.replace("cross_entropy, l2", "squared_error, l2").split("delta = (A1")[0]
    plain += "dA1 = 2 * (A1 - Y) / n\ndelta = A1 * (dA1 - sum(A1 * dA1, axis=0))\n"
    assert "full Jacobian of softmax" in rules(plain)["delta"]


def test_a_wrong_line_has_no_rule_and_a_fed_one_has() -> None:
    found = rules(TEXT.replace("dZ2 = dA2 *", "dZ2 = -dA2 *"))
    assert found["dZ2"] == ""
    assert found["dW2"].startswith("product with a transpose")


def test_a_text_without_a_network_has_the_chain_rule() -> None:
    found = rules(
        "inputs: w (1, 1), x (1, n)\nz = w * x\nJ = sum(z**2)\ndz = 2 * z\ndw = sum(dz * x)\n"
    )
    assert found == {"z": "", "J": "", "dz": "chain rule", "dw": "chain rule"}
