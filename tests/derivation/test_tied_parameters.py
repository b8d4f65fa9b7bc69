"""A parameter by another name, also transposed or times a number, is updated like the parameter."""

from __future__ import annotations

import pytest

from gradoracle.derivation.check import check
from gradoracle.derivation.verdicts import Verdict

LOGISTIC = """
network: sizes 5-1, activations sigmoid, loss binary_cross_entropy
means: w = W1.T, b = b1, z = Z1, a = A1
z = w.T @ X + b
a = sigmoid(z)
dz = a - Y
dw = X @ dz.T / m
db = sum(dz, axis=1) / m
w = w - alpha * dw
b = b - alpha * db
"""


@pytest.mark.parametrize("ties", ["", ", dw = dW1.T, db = db1"])
def test_a_transposed_parameter_is_updated(ties: str) -> None:
    checked = check(LOGISTIC.replace("a = A1", f"a = A1{ties}"))
    assert checked.ok, checked.first


def test_a_multiple_of_a_parameter_has_one_over_its_derivative() -> None:
    text = LOGISTIC.replace("w = W1.T,", "w = -W1.T / 2,").replace("w.T @ X", "-2 * w.T @ X")
    right = text.replace("dw = X", "dw = -2 * X")
    assert check(right).ok
    wrong = check(text)
    assert wrong.first is not None
    assert wrong.first.key == "dw"


@pytest.mark.parametrize(
    "update",
    [
        "w = w + alpha * dw",
        "w = w",
        "w = w - dw",
        "w = w - alpha * dw / m",
        "w = w - alpha * n * dw",
    ],
)
def test_a_wrong_update_of_it_is_wrong(update: str) -> None:
    checked = check(LOGISTIC.replace("w = w - alpha * dw", update))
    assert checked.first is not None
    assert checked.first.line.number == 9
    assert checked.first.verdict is Verdict.WRONG


@pytest.mark.parametrize(
    ("ties", "reads"),
    [("w = W1.T", "W1.T @ dz"), ("w = W1.T, v = W1", "v.T @ dz"), ("w = W1.T", "w @ dz")],
)
def test_what_reads_the_parameter_after_that_is_told(ties: str, reads: str) -> None:
    text = LOGISTIC.replace("w = W1.T", ties) + f"dX = {reads}\n"
    checked = check(text)
    assert checked.first is not None
    assert checked.first.verdict is Verdict.ORDER
    before = text.replace("w = w - alpha", f"dX = {reads}\nw = w - alpha", 1)
    assert check(before.rsplit("dX", 1)[0]).ok
