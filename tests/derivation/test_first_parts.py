"""A derivative in two lines: where what is added is right, its first part is in error."""

from __future__ import annotations

import pytest

from gradoracle.derivation.check import check

TEXT = """
network: sizes 2-3, activations softmax, loss cross_entropy, l2 lam
means: reg = lam
Z1 = W1 @ X + b1
A1 = softmax(Z1)
dZ1 = A1 - Y
dW1 = {first}
db1 = sum(dZ1, axis=1) / n
dW1 += {second}
"""
RIGHT = "what it adds is right; its first part is "


def why(first: str, second: str) -> str:
    """Return why the last line is wrong."""
    found = check(TEXT.format(first=first, second=second)).first
    assert found is not None
    assert found.line.number == 9
    return found.detail


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ("dZ1 @ X.T", "n times the truth (line 7)"),
        ("-dZ1 @ X.T / n", "-1 times the truth (line 7)"),
        ("dZ1 @ X.T / (2 * n)", "1/2 times the truth (line 7)"),
        ("(A1 + Y) @ X.T / n", "wrong (line 7)"),
    ],
)
def test_the_first_part_is_in_error(first: str, said: str) -> None:
    assert why(first, "reg * W1").startswith(RIGHT + said)


@pytest.mark.parametrize("second", ["2 * reg * W1", "reg / n * W1", "reg * W1**2"])
def test_what_is_added_is_in_error(second: str) -> None:
    assert RIGHT not in why("dZ1 @ X.T / n", second)


def test_both_are_right() -> None:
    assert check(TEXT.format(first="dZ1 @ X.T / n", second="reg * W1")).ok


def test_what_follows_a_wrong_second_part_is_fed_by_it() -> None:
    text = """network: layers 1, activations sigmoid, loss binary_cross_entropy
dZ1 = Y - A1
dW1 = dZ1 @ X.T
dW1 = dW1 / (5 * n)
W1 = W1 - alpha * dW1
"""
    told = check(text).lines
    assert told[-1].detail.startswith("right, but fed by dW1 (line 4)")
    right = check(text.replace("(5 * n)", "n")).lines
    assert right[-2].detail.startswith("right, but fed by dZ1 (line 2), through dW1")
