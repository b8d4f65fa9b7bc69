"""The gradient that stands in an update, and what is no such update."""

from __future__ import annotations

import pytest

from gradoracle.derivation.as_numpy.updates import gradient, without
from gradoracle.derivation.reading.lines import Line
from gradoracle.derivation.reading.source import read
from gradoracle.derivation.reading.syntax import read as formula
from gradoracle.derivation.reading.syntax import show
from gradoracle.errors import InputError


def lines(text: str) -> list[Line]:
    return read(text).lines


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        ("W1 = W1 - alpha * dZ1 @ X.T / n", "dZ1 @ X.T / n"),
        ("W1 = W1 - alpha * (dZ1 @ X.T / n + lam * W1)", "dZ1 @ X.T / n + lam * W1"),
        ("W1 = W1 - (alpha * dZ1) @ X.T / n", "dZ1 @ X.T / n"),
        ("W1 -= alpha / n * (dZ1 @ X.T)", "1 / n * (dZ1 @ X.T)"),
        ("W1 = W1 + lr * (-dZ1 @ X.T) / n", "dZ1 @ X.T / n"),
        ("W1 = W1 + 2 * eta * d_hid @ X.T", "(-2 * d_hid) @ X.T"),
        ("W1 = (1 - alpha * lam) * W1 - alpha * dZ1 @ X.T", "dZ1 @ X.T + lam * W1"),
        ("W1 = -(rate * dZ1 @ X.T - W1)", "dZ1 @ X.T"),
        ("b1 = b1 - sum(alpha * dZ1, axis=1) / n", "sum(dZ1, axis=1) / n"),
        ("b1 = b1 - 0.1 * mean(dZ1, axis=1)", "mean(dZ1, axis=1)"),
        ("b1 = b1 - transpose(dZ1 * learning_rate) / n**2", "transpose(dZ1) / n**2"),
        ("W[l] = W[l] - alpha * dZ[l] @ A[l-1].T", "dZ[l] @ A[l-1].T"),
    ],
)
def test_the_gradient_is_what_the_rate_stands_before(update: str, expected: str) -> None:
    assert show(gradient(lines(update)[0], [])) == expected


def test_a_rate_in_a_helper_is_found() -> None:
    *before, update = lines("err = A1 - Y\nstep = alpha / n\nmove = step * err @ X.T\nW1 -= move\n")
    assert show(gradient(update, before)) == "(1 / n * err) @ X.T"


@pytest.mark.parametrize(
    "update",
    [
        "W1 = W1 - dZ1 @ X.T",
        "W1 = W1 - alpha**2 * dZ1",
        "W1 = W1 - alpha * (alpha * dZ1)",
        "W1 = W1 - dZ1 / alpha",
        "W1 = W1 - exp(alpha) * dZ1",
        "W1 = W1 - 0.1 * dZ1 / 3",
        "W1 = dZ1",
    ],
)
def test_what_is_no_update_with_one_rate_is_refused_in_one_line(update: str) -> None:
    with pytest.raises(InputError, match=r"an update W1 - alpha \* \(...\), or a line for dW1"):
        gradient(lines(update)[0], [])


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("dZ1 @ X.T / n + lam * W1", "dZ1 @ X.T / n"),
        ("lam * W1 + dZ1 @ X.T", "dZ1 @ X.T"),
        ("-(-lam * W1 - dZ1 @ X.T) / n", "-(-dZ1 @ X.T) / n"),
        ("sum(dZ1 + W1 * (lam / 2), axis=1)", "sum(dZ1, axis=1)"),
        ("dZ1 / lam", "dZ1 / lam"),
        ("exp(lam) * dZ1", "exp(lam) * dZ1"),
    ],
)
def test_the_decay_of_an_update_is_left_out(written: str, expected: str) -> None:
    left = without(formula(written), "lam")
    assert left is not None
    assert show(left) == expected
