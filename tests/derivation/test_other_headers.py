"""A wrong text is told the words in the header that would make it right; its verdicts stay."""

from __future__ import annotations

import pytest

from gradoracle.derivation.check import check
from gradoracle.derivation.verdicts import Checked

COLUMNS = """
network: sizes 5-4-1, activations sigmoid sigmoid, loss binary_cross_entropy
Z1 = W1 @ X + b1
A1 = sigmoid(Z1)
Z2 = W2 @ A1 + b2
A2 = sigmoid(Z2)
J = -sum(Y * log(A2) + (1 - Y) * log(1 - A2)) / n
dZ2 = A2 - Y
dW2 = dZ2 @ A1.T / n
db2 = sum(dZ2, axis=1) / n
dZ1 = (W2.T @ dZ2) * A1 * (1 - A1)
dW1 = dZ1 @ X.T / n
db1 = sum(dZ1, axis=1) / n
"""
ROWS = """
network: sizes 5-4-1, activations sigmoid sigmoid, loss binary_cross_entropy
Z1 = X @ W1 + b1
A1 = sigmoid(Z1)
Z2 = A1 @ W2 + b2
A2 = sigmoid(Z2)
J = -sum(Y * log(A2) + (1 - Y) * log(1 - A2)) / n
dZ2 = A2 - Y
dW2 = A1.T @ dZ2 / n
db2 = sum(dZ2, axis=0) / n
dZ1 = (dZ2 @ W2.T) * A1 * (1 - A1)
dW1 = X.T @ dZ1 / n
db1 = sum(dZ1, axis=0) / n
"""
TORCH = ROWS.replace("@ W1", "@ W1.T").replace("@ W2 ", "@ W2.T ").replace("dZ2 @ W2.T", "dZ2 @ W2")
TORCH = TORCH.replace("A1.T @ dZ2", "dZ2.T @ A1").replace("X.T @ dZ1", "dZ1.T @ X")
UNDIVIDED = COLUMNS.replace("A1.T / n", "A1.T").replace("X.T / n", "X.T")
UNDIVIDED = UNDIVIDED.replace("axis=1) / n", "axis=1)")
SQUARES = COLUMNS.replace("-sum(Y * log(A2) + (1 - Y) * log(1 - A2))", "sum((A2 - Y)**2)").replace(
    "dZ2 = A2 - Y", "dZ2 = 2 * (A2 - Y) * A2 * (1 - A2)"
)
CUBES = COLUMNS.replace("-sum(Y * log(A2) + (1 - Y) * log(1 - A2))", "sum((A2 - Y)**4)").replace(
    "dZ2 = A2 - Y", "dZ2 = 4 * (A2 - Y)**3 * A2 * (1 - A2)"
)
TANH = COLUMNS.replace("A1 = sigmoid", "A1 = tanh").replace("* A1 * (1 - A1)", "* (1 - A1**2)")
DECAY = COLUMNS.replace("A1.T / n", "A1.T / n + lam * W2").replace("X.T / n", "X.T / n + lam * W1")
DECAY = DECAY.replace("1 - A2)) / n", "1 - A2)) / n + lam / 2 * (sum(W1**2) + sum(W2**2))")

FOUND = [
    (ROWS, "layout: rows"),
    (TORCH, "layout: rows and weights: out-by-in"),
    (UNDIVIDED, "convention: undivided"),
    (SQUARES, "loss squared_error"),
    (CUBES, "no loss, so that J is the text's own,"),
    (TANH, "activations tanh sigmoid"),
    (DECAY, "l2 lam, after the loss,"),
    (TANH.replace("-sum(Y * log(A2) + (1 - Y) * log(1 - A2))", "sum((A2 - Y)**2)").replace(
        "dZ2 = A2 - Y", "dZ2 = 2 * (A2 - Y) * A2 * (1 - A2)"
    ), "loss squared_error and activations tanh sigmoid"),
]  # fmt: skip


def said(checked: Checked) -> list[str]:
    """Return what is said of other headers."""
    return [note for one in checked.lines for note in one.notes if "in the header all" in note]


@pytest.mark.parametrize(("text", "words"), FOUND, ids=[words for _, words in FOUND])
def test_the_words_are_told_beside_the_first_wrong_line(text: str, words: str) -> None:
    checked = check(text)
    assert not checked.ok
    assert checked.first is not None
    judged = 11 if "no loss" not in words else 10  # J is the definition then
    assert checked.first.notes[0] == f"with {words} in the header all {judged} lines are right"
    assert len(said(checked)) == 1


@pytest.mark.parametrize(("text", "words"), FOUND, ids=[words for _, words in FOUND])
def test_one_real_error_more_and_nothing_is_told(text: str, words: str) -> None:
    broken = text.replace("dW1 =", "dW1 = 3 *")
    assert broken != text
    assert said(check(broken)) == []


@pytest.mark.parametrize(
    "text",
    [
        COLUMNS,
        COLUMNS.replace("dZ2 = A2 - Y", "dZ2 = Y - A2"),
        COLUMNS.replace("1 - A2)) / n", "1 - A2))"),
        COLUMNS.split("dZ2")[0].replace("1 - A2)) / n", "1 + A2)) / n"),  # no derivative tests J
        COLUMNS.replace("dW2 = dZ2 @ A1.T / n", "dW2 = dZ2 @ A1.T"),
    ],
)
def test_where_no_header_helps_none_is_told(text: str) -> None:
    assert said(check(text)) == []


def test_what_the_header_says_itself_is_not_doubted() -> None:
    assert (
        said(check(ROWS.replace("network", "layout: columns\nweights: out-by-in\nnetwork"))) == []
    )
    assert said(check(UNDIVIDED.replace("network", "convention: plain\nnetwork"))) == []


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (ROWS, "network", "layout: rows\nnetwork"),
        (TORCH, "network", "layout: rows\nweights: out-by-in\nnetwork"),
        (UNDIVIDED, "network", "convention: undivided\nnetwork"),
        (CUBES, ", loss binary_cross_entropy", ""),
        (DECAY, "loss binary_cross_entropy", "loss binary_cross_entropy, l2 lam"),
    ],
)
def test_the_words_hold(text: str, old: str, new: str) -> None:
    assert check(text.replace(old, new, 1)).ok


def test_words_that_leave_few_lines_wrong_are_told_with_these() -> None:
    checked = check(ROWS.replace("dW1 =", "dW1 = 3 *").replace("A1 * (1 - A1)", "A1 * (1 + A1)"))
    assert checked.first is not None
    assert (
        checked.first.notes[0] == "with layout: rows in the header only lines 11 and 12 are wrong"
    )
    one = check(UNDIVIDED.replace("sum(dZ2, axis=1)", "sum(dZ2, axis=1) / n"))
    assert one.first is not None
    assert "with convention: undivided in the header only line 10 is wrong" in one.first.notes
