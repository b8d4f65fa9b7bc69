"""A helper that stands for g'(Z): blamed on its own line, by the right lines that follow."""

from __future__ import annotations

import pytest

from gradoracle.derivation.check import check
from gradoracle.derivation.verdicts import LineVerdict

TWO = """
network: layers 2, activations {curve} sigmoid, loss binary_cross_entropy
Z1 = W1 @ X + b1
A1 = {curve}(Z1)
Z2 = W2 @ A1 + b2
A2 = sigmoid(Z2)
delta2 = A2 - Y
slope = {slope}
delta1 = (W2.T @ delta2) * slope
dW2 = delta2 @ A1.T / n
dW1 = delta1 @ X.T / n
db1 = sum(delta1, axis=1) / n
"""
CODE = """
network: layers L, activations {0} {0}, loss half_squared_error
delta = (A[L] - Y) * {0}_prime(Z[L])
db[L] = sum(delta, axis=1) / n
dW[L] = delta @ A[L-1].T / n
for l in range(L-1, 0, -1):
    z = Z[l]
    sp = {1}
    delta = (W[l+1].T @ delta) * sp
    db[l] = sum(delta, axis=1) / n
    dW[l] = delta @ A[l-1].T / n
"""


def first(text: str) -> LineVerdict:
    """Return the first wrong line."""
    found = check(text).first
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("curve", "wrong", "right"),
    [
        ("sigmoid", "1 - A1", "A1 * (1 - A1)"),
        ("sigmoid", "A1 * (1 + A1)", "A1 * (1 - A1)"),
        ("sigmoid", "Z1 * (1 - Z1)", "A1 * (1 - A1)"),
        ("tanh", "1 + A1**2", "1 - A1**2"),
        ("tanh", "1 - tanh(A1)**2", "1 - A1**2"),
        ("relu", "A1", "Z1 > 0"),
    ],
)
def test_it_is_blamed_and_mended(curve: str, wrong: str, right: str) -> None:
    assert check(TWO.format(curve=curve, slope=right)).ok
    found = first(TWO.format(curve=curve, slope=wrong))
    assert found.line.written == f"slope = {wrong}"
    assert f"slope is read as {curve}_prime(Z1): lines 11 and 12 are right with it" in found.notes
    mend = found.mend.partition(" = ")[2]
    assert check(TWO.format(curve=curve, slope=mend)).ok


def test_an_error_beside_it_is_blamed_there() -> None:
    text = TWO.format(curve="sigmoid", slope="A1 * (1 - A1)")
    assert first(text.replace("W2.T @", "W2 @")).line.target.base == "delta1"
    assert first(text.replace("@ X.T", "@ A1.T")).key == "dW1"


@pytest.mark.parametrize(
    ("curve", "wrong", "mend"),
    [
        ("sigmoid", "sigmoid(z)", "sp = sigmoid_prime(z)"),
        ("tanh", "1 + tanh(z)**2", "sp = 1 - tanh(z)**2"),
    ],
)
def test_it_is_blamed_in_a_loop_too(curve: str, wrong: str, mend: str) -> None:
    assert check(CODE.format(curve, f"{curve}_prime(z)")).ok
    found = first(CODE.format(curve, wrong))
    assert (found.key, found.mend) == ("sp", mend)
    assert any(note.startswith(f"sp is read as {curve}_prime(Z[l])") for note in found.notes)
