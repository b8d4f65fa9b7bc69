"""Errors that hide behind helpers, further sides, ties and small networks."""

from __future__ import annotations

import pytest

from gradoracle.derivation.check import check
from gradoracle.derivation.verdicts import LineVerdict, Verdict
from gradoracle.report.derivation_files import status_of
from gradoracle.status import Status

FORWARD = """
network: layers 2, activations sigmoid sigmoid, loss binary_cross_entropy
Z1 = W1 @ X + b1
A1 = sigmoid(Z1)
Z2 = W2 @ A1 + b2
A2 = sigmoid(Z2)
J = -sum(Y * log(A2) + (1 - Y) * log(1 - A2)) / n
"""


def first(lines: str, header: str = "") -> LineVerdict:
    """Return the first wrong line below the forward pass."""
    text = FORWARD.replace("\nZ1", f"\n{header}\nZ1", 1) + lines
    checked = check(text)
    assert status_of(checked) is Status.WRONG
    assert checked.first is not None
    return checked.first


def test_an_update_before_its_use_is_seen_through_a_helper() -> None:
    found = first(
        "dZ2 = A2 - Y\ndW2 = dZ2 @ A1.T / n\nW2 = W2 - alpha * dW2\nV = W2.T\ndA1 = V @ dZ2\n"
    )
    assert found.verdict is Verdict.ORDER
    assert found.mistake is not None
    assert found.mistake.name == "updated-weights-on-the-way-back"
    assert "updated before: W2" in found.detail
    assert "read through" in found.detail
    assert "with what it reads above line" in found.mend


def test_an_update_before_its_use_is_seen_in_a_helper() -> None:
    found = first(
        "d2 = A2 - Y\nW2 = W2 - alpha / n * d2 @ A1.T\nd1 = (W2.T @ d2) * A1 * (1 - A1)\n"
        "W1 = W1 - alpha / n * d1 @ X.T\n"
    )
    assert found.line.target.base == "d1"
    assert found.verdict is Verdict.ORDER
    assert found.mistake is not None
    assert found.mistake.name == "updated-weights-on-the-way-back"
    assert found.mend.endswith("# above line 10, which updates W2")


@pytest.mark.parametrize("tie", ["V = W2.T", "theta = W2"])
def test_a_tied_name_follows_the_parameter_that_is_updated(tie: str) -> None:
    reads = "V" if tie[0] == "V" else "theta.T"
    gradients = "dZ2 = A2 - Y\ndW2 = dZ2 @ A1.T / n\n"
    right = f"dA1 = {reads} @ dZ2\nW2 = W2 - alpha * dW2\n"
    wrong = f"W2 = W2 - alpha * dW2\ndA1 = {reads} @ dZ2\n"
    text = FORWARD.replace("\nZ1", f"\nmeans: {tie}\nZ1", 1)
    assert check(text + gradients + right).ok
    assert first(gradients + wrong, f"means: {tie}").verdict is Verdict.ORDER
    if tie[0] == "t":
        again = wrong.replace("W2 = W2", "theta = theta").replace(reads, "W2.T")
        assert first(gradients + again, f"means: {tie}").verdict is Verdict.ORDER


def test_a_further_side_reads_what_stood_before_its_line() -> None:
    found = first("dZ2 = A2 + Y = dZ2 - 2 * Y\n")
    assert (found.verdict, found.line.side) == (Verdict.WRONG, 0)
    other = first("dZ2 = A2 - Y\ndW2 = dZ2 @ A1.T = dW2 / n\n")
    assert (other.verdict, other.line.side) == (Verdict.WRONG, 0)


@pytest.mark.parametrize("sides", ["(A2 - Y) * A2 = A2 - Y", "A2 - Y = (A2 - Y) * A2"])
def test_the_sides_of_a_helper_are_the_same(sides: str) -> None:
    found = first(f"d2 = {sides}\ndW2 = d2 @ A1.T / n\n")
    assert (found.verdict, found.line.side) == (Verdict.WRONG, 1)
    assert found.detail == "the sides of the line differ"


def test_right_sides_are_right_and_an_update_may_have_two() -> None:
    lines = "d2 = A2 - Y = -(Y - A2)\ndZ2 = d2 = (A2 * 1 - Y)\ndW2 = dZ2 @ A1.T / n\n"
    assert check(FORWARD + lines + "W2 = W2 - alpha * dW2 = W2 - alpha * dZ2 @ A1.T / n\n").ok


def test_a_line_that_ran_on_the_square_network_alone_is_not_called_right() -> None:
    text = (
        "network: layers L, activations sigmoid sigmoid, loss squared_error\n"
        "for l in range(L - 3, 0, -1):\n    Z[l] = W[l] @ A[l-1] + b[l]\n"
    )
    (line,) = check(text).lines
    assert line.verdict is Verdict.UNDECIDED
    assert "only where all sizes are equal" in line.detail


def test_a_sum_is_not_divided_by_a_convention() -> None:
    text = FORWARD.replace(", loss binary_cross_entropy", "").replace(") / n\n", ")\n")
    assert check(text + "dZ2 = A2 - Y\n").ok
    assert not check(text + "dZ2 = n * (A2 - Y)\n").ok


def test_what_is_left_out_everywhere_must_be_made_up_for_in_the_update() -> None:
    gradients = "dZ2 = A2 - Y\ndW2 = dZ2 @ A1.T\ndb2 = sum(dZ2, axis=1)\n"
    assert check(FORWARD + gradients + "W2 = W2 - alpha / n * dW2\nb2 = b2 - alpha * db2 / m\n").ok
    found = first(gradients + "W2 = W2 - alpha * dW2\n")
    assert (found.key, found.detail) == ("dW2", "it is n times the truth; / n is missing")
    assert first(gradients + "W2 = W2 - alpha / n * dW2\nb2 = b2 - alpha * db2\n").key == "dW2"


def test_a_text_whose_derivatives_are_all_its_own_names_has_shown_nothing() -> None:
    assert status_of(check(FORWARD)) is Status.OK
    untied = check(FORWARD + "grad_W2 = 77 * (A2 - Y) @ A1.T\n")
    assert status_of(untied) is Status.NOTHING
    assert status_of(check(FORWARD + "dZ2 = A2 - Y\ngrad = 77 * dZ2\n")) is Status.OK


def test_a_rate_may_be_a_number() -> None:
    gradients = "dZ2 = A2 - Y\ndW2 = dZ2 @ A1.T / n\n"
    assert check(FORWARD + gradients + "W2 = W2 - 0.1 * dW2\n").ok
    for wrong in ("W2 - 0.1 / n * dW2", "W2 + 0.1 * dW2", "W2 - 0.1 * dW2.T", "W2 - 0.1 * n * dW2"):
        assert first(f"{gradients}W2 = {wrong}\n").key == "W2"


def test_a_side_that_names_the_derivative_claims_nothing() -> None:
    for line in ("dZ2 = dJ/dZ2 = A2 - Y", "dZ2 = ∂J/∂Z2 = A2 − Y", "dZ2 = A2 - Y = dJ/dZ2"):
        assert check(f"{FORWARD}{line}\n").ok
    named = check(FORWARD + "δ² = ∂J/∂Z² = A^[2] − Y\ndW2 = delta2 @ A1.T / n\n")
    assert named.ok
    assert [v.key for v in named.lines[-3:]] == ["dZ2", "delta2", "dW2"]
    assert first("δ² = ∂J/∂Z² = A^[2] + Y\ndW2 = delta2 @ A1.T / n\n").key == "dZ2"


def test_an_update_in_the_loop_that_reads_the_weights_is_to_leave_it() -> None:
    text = """
network: layers L, activations tanh sigmoid, loss binary_cross_entropy
dZ[L] = A[L] - Y
for l in range(L, 0, -1):
    dW[l] = dZ[l] @ A[l-1].T / n
    W[l] = W[l] - alpha * dW[l]
    dA[l-1] = W[l].T @ dZ[l]
    dZ[l-1] = dA[l-1] * tanh_prime(Z[l-1])
"""
    found = check(text).first
    assert found is not None
    assert found.verdict is Verdict.ORDER
    assert found.mend.endswith("# and line 6 in a loop of its own, after this one")


def test_an_untied_name_is_told_how_to_be_tied() -> None:
    told = check(FORWARD + "dLdZ2 = A2 - Y\nerror = A2 - Y\n").lines[-2:]
    assert told[0].detail.endswith("if it is that, say so in the header: means: dLdZ2 = dZ2")
    assert "means: error = ..." in told[1].detail
