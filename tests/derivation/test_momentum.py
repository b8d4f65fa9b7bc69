"""A state that updates carry: further inputs that a text sets again begin at 0."""

from __future__ import annotations

import pytest
from judged_texts import HELPER, RIGHT, judged

from gradoracle.derivation.as_numpy.code import numpy_code
from gradoracle.derivation.check import check

MOMENTUM = """
network: sizes 3-2, activations softmax, loss cross_entropy
inputs: v (n1, n0), mu (1, 1)
dZ1 = (A1 - Y) / n
dW1 = dZ1 @ X.T
v = {velocity}
W1 = {step}
"""


def text(velocity: str = "mu * v - learning_rate * dW1", step: str = "W1 + v") -> str:
    """Return a text with a velocity."""
    return MOMENTUM.format(velocity=velocity, step=step)


def test_a_step_with_a_velocity_is_one_down_the_derivative() -> None:
    found = judged(text())
    assert [line.verdict for line in found.lines] == [RIGHT, RIGHT, HELPER, RIGHT]
    assert "v begins at 0" in found.notes
    assert not any("dmu" in note or "dv" in note for note in found.notes)
    assert judged(text("0.9 * v + dW1", "W1 - alpha * v")).ok


@pytest.mark.parametrize(
    ("velocity", "step"),
    [
        ("mu * v + learning_rate * dW1", "W1 + v"),
        ("mu * v - learning_rate * dW1", "W1 - v"),
        ("mu * v - learning_rate * dW1 / n", "W1 + v"),
        ("mu * v - learning_rate * W1", "W1 + v"),
        ("mu * v - learning_rate * dW1", "W1"),
    ],
)
def test_a_wrong_step_is_wrong(velocity: str, step: str) -> None:
    assert [line.key for line in judged(text(velocity, step)).wrong] == ["W1"]


def test_it_is_no_part_of_what_is_printed() -> None:
    whole = text().replace("v = mu", "db1 = sum(dZ1, axis=1)\nv = mu")
    code = numpy_code(check(whole)).text
    assert "dW1 = dZ1 @ X.T" in code
    assert "learning_rate" not in code


def test_an_input_of_a_text_with_a_J_of_its_own_does_not_begin_at_0() -> None:
    own = "inputs: x (1, n), w (1, 1)\nJ = sum((w * x)**2) / n\ndw = 2 * w * sum(x**2) / n\n"
    assert judged(own + "w = w - alpha * dw\n").ok
    assert not judged(own.replace("2 * w", "3 * w") + "w = w - alpha * dw\n").ok
