"""A state that updates carry, such as a velocity: J does not say what a step with it must be."""

from __future__ import annotations

import pytest
from judged_texts import HELPER, RIGHT, UNDECIDED, WRONG, judged

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


@pytest.mark.parametrize(
    ("velocity", "step"),
    [
        ("mu * v - learning_rate * dW1", "W1 + v"),
        ("mu * v + (1 - mu) * dW1", "W1 - alpha * v"),
        ("-7 * v - alpha * dW1", "W1 + v"),  # no longer a step down
    ],
)
def test_a_step_with_a_velocity_cannot_be_told(velocity: str, step: str) -> None:
    found = judged(text(velocity, step))
    assert [line.verdict for line in found.lines] == [RIGHT, RIGHT, HELPER, UNDECIDED]
    assert "a step with v, which J does not say" in found.lines[-1].detail
    assert not any("dmu" in note or "dv" in note for note in found.notes)


def test_a_plain_step_beside_it_is_judged() -> None:
    both = text(step="W1 - alpha * dW1")
    assert judged(both).lines[-1].verdict is RIGHT
    assert judged(text(step="W1 + alpha * dW1")).lines[-1].verdict is WRONG


def test_a_state_in_the_pass_is_an_error() -> None:
    """It begins at no number that would hide it."""
    head = "network: sizes 3-2, activations sigmoid, loss binary_cross_entropy\ninputs: c (1, 1)\n"
    lines = "Z1 = W1 @ X + b1 + c\nA1 = sigmoid(Z1)\ndZ1 = A1 - Y + c\nc = 3 * c\n"
    found = {line.key: line.verdict for line in judged(head + lines).lines}
    assert (found["Z1"], found["dZ1"]) == (WRONG, WRONG)


def test_a_loop_may_hand_it_on() -> None:
    head, lines = text().split("dZ1", 1)
    body = "".join(f"    {line}\n" for line in f"dZ1{lines}".splitlines())
    looped = judged(f"{head}for t in range(9):\n{body}")
    assert [line.verdict for line in looped.lines] == [RIGHT, RIGHT, HELPER, UNDECIDED]


def test_a_name_that_is_set_anew_is_no_state_any_more() -> None:
    lines = "dZ1 = (A1 - Y) / n\ndW1 = dZ1 @ X.T\nt = 2 * v\nt = dW1 * 3\nW1 = W1 + alpha * t\n"
    head = "network: sizes 3-2, activations softmax, loss cross_entropy\ninputs: v (n1, n0)\n"
    assert judged(head + lines).lines[-1].verdict is WRONG
