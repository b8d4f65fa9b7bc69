"""Activations with a kink, as texts write them and their derivatives."""

from __future__ import annotations

import pytest
from judged_texts import RIGHT, WRONG, judged, verdicts

from gradoracle.derivation.verdicts import Verdict

DERIVATIVES = """
relu right: Z1 > 0 | Z1 >= 0 | A1 > 0 | relu_prime(Z1) | where(Z1 > 0, 1, 0) | g_prime(Z1) | A1 != 0
relu right: 1 - (Z1 < 0) | (abs(Z1) / Z1 + 1) / 2 | A1 / Z1 | relu_prime(A1)
relu wrong: Z1 < 0 | A1 | Z1 | A1 >= 0 | 1 - A1**2 | relu(A1) | sigmoid(Z1) | 1 | 0
leaky_relu right: where(Z1 > 0, 1, 0.01) | where(A1 > 0, 1, 0.01) | (Z1 > 0) + 0.01 * (Z1 <= 0)
leaky_relu wrong: Z1 > 0 | where(Z1 > 0, 1, 0.1) | where(Z1 > 0, 1, -0.01) | A1 > 0
elu right: where(Z1 > 0, 1, exp(Z1)) | where(Z1 > 0, 1, A1 + 1) | minimum(1, A1 + 1)
elu wrong: where(Z1 > 0, 1, A1) | Z1 > 0 | exp(Z1) | where(Z1 > 0, 1, exp(Z1) - 1)
"""
CASES = [
    (head.split()[0], formula.strip(), {"right": RIGHT, "wrong": WRONG}[head.split()[1]])
    for head, _, formulas in (row.partition(":") for row in DERIVATIVES.split("\n") if row)
    for formula in formulas.split("|")
]


@pytest.mark.parametrize(("curve", "formula", "verdict"), CASES)
def test_a_derivative_with_a_kink(curve: str, formula: str, verdict: Verdict) -> None:
    text = (
        f"network: sizes 3-5-1, activations {curve} sigmoid, loss binary_cross_entropy\n"
        f"dZ2 = (A2 - Y) / n\ndZ1 = (W2.T @ dZ2) * ({formula})\n"
    )
    assert verdicts(text) == [RIGHT, verdict]


def test_what_compares_with_another_number_than_0_is_noted() -> None:
    """No entry need fall between 0 and 0.000001, and none is above 6: the text is told so."""
    header = "network: layers 2, activations relu sigmoid, loss squared_error\n"
    for formula, noted in (
        ("maximum(0, Z1)", False),
        ("Z1 * (Z1 > 0)", False),
        ("Z1 * (Z1 > 1e-9)", True),
        ("where(Z1 > 1e-9, Z1, 0)", True),
        ("(Z1 + abs(Z1)) / 2", True),
    ):
        (line,) = judged(f"{header}A1 = {formula}\n").lines
        assert line.verdict == RIGHT
        assert any("sides that these networks reach" in note for note in line.notes) == noted


@pytest.mark.parametrize(
    "formula",
    [
        "minimum(maximum(0, Z1), 60)",
        "Z1 * (Z1 > 0) + (Z1 > 100) * Z1",
        "where(lam > 0, A1, 0 * Z1)",
    ],
)
def test_what_went_one_way_everywhere_is_not_called_right(formula: str) -> None:
    """The header's relu and relu60 agree on small networks; one of them is not tested."""
    header = "network: layers 2, activations relu sigmoid, loss squared_error\n"
    (line,) = judged(f"{header}A1 = {formula.replace('A1', 'maximum(0, Z1)')}\n").lines
    assert line.verdict is Verdict.UNDECIDED
    assert "went one way in all networks" in line.detail


def test_a_hinge_without_its_indicator_is_wrong() -> None:
    text = (
        "inputs: x (3, n), w (1, 3), b (1, 1), y (1, n)\n"
        "z = w @ x + b\nJ = sum(maximum(0, 1 - y * z)) / n\n"
        "dz = -y / n * {}\ndw = dz @ x.T\ndb = sum(dz, axis=1)\n"
    )
    assert judged(text.format("(1 - y * z > 0)")).ok
    assert not judged(text.format("1")).ok


def test_a_branch_that_is_not_taken_may_have_no_slope() -> None:
    text = "inputs: w (1, 9)\nJ = sum(where(w > 0, sqrt(w), 0))\n"
    text += "dw = where(w > 0, 1 / (2 * sqrt(w)), 0)\n"
    assert judged(text).ok


def test_relu_as_a_text_writes_it() -> None:
    header = "network: layers 2, activations relu sigmoid, loss squared_error\n"
    for formula in (
        "maximum(0, Z1)",
        "maximum(Z1, 0)",
        "Z1 * (Z1 > 0)",
        "where(Z1 < 0, 0, Z1)",
        "(Z1 + abs(Z1)) / 2",
    ):
        assert judged(f"{header}A1 = {formula}\n").ok
    for formula in (
        "minimum(0, Z1)",
        "abs(Z1)",
        "maximum(0.01 * Z1, Z1)",
        "Z1 * (Z1 < 0)",
        "maximum(0, Z1)**2",
    ):
        assert verdicts(f"{header}A1 = {formula}\n") == [WRONG]
