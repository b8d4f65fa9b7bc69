"""What docs/derive.md says of names, updates and of what a pass is worth, shown by what happens."""

from __future__ import annotations

import pytest

from gradoracle.derivation.check import check
from gradoracle.derivation.verdicts import LineVerdict, Verdict

LINEAR = """
network: sizes 3-4-2, activations identity identity, loss half_squared_error, reduction mean
convention: plain
Z1 = W1 @ X + b1
Z2 = W2 @ Z1 + b2
dZ2 = (Z2 - Y) / n
db2 = sum(dZ2, axis=1){more}
"""
LAYERS = """
network: layers L, activations tanh sigmoid, loss binary_cross_entropy
means: delta[l] = dZ[l]
A0 = X
for l in range(1, L):
    Z[l] = W[l] @ A[l-1] + b[l]
    A[l] = g(Z[l])
Z[L] = W[L] @ A[L-1] + b[L]
A[L] = sigmoid(Z[L])
delta[L] = A[L] - Y
for l in range(L - 1, 0, -1):
    delta[l] = {delta}
for l in range(1, L + 1):
    dW[l] = delta[l] @ A[l-1].T / n
"""
UPDATED = """
network: sizes 3-1, activations sigmoid, loss binary_cross_entropy
Z1 = W1 @ X + b1
A1 = sigmoid(Z1)
J = -sum(Y * log(A1) + (1 - Y) * log(1 - A1)) / n
dZ1 = A1 - Y
dW1 = dZ1 @ X.T
db1 = sum(dZ1, axis=1)
W1 = W1 - {rate} * dW1
b1 = b1 - {rate} * db1
"""


def last(more: str) -> LineVerdict:
    """Return the verdict on the last line with something added to it."""
    return check(LINEAR.format(more=more)).lines[-1]


@pytest.mark.parametrize("more", [" * 1.000001", " + 1e-30 * b2", " + (n - 7) * (n - 5) * b2"])
def test_what_is_wrong_at_the_sizes_and_digits_compared_is_found(more: str) -> None:
    assert last("").verdict is Verdict.RIGHT
    assert last(more).verdict is Verdict.WRONG


@pytest.mark.parametrize("more", [" + 1e-90 * b2", " + (n - 7) * (n - 5) * (n - 3) * b2"])
def test_what_the_page_says_is_never_seen_is_not(more: str) -> None:
    assert last(more).verdict is Verdict.RIGHT


@pytest.mark.parametrize(
    "more",
    [
        " + where(b2 > 5, 1, 0)",
        " + maximum(b2, 5) - 5",
        " + minimum(b2, -5) + 5",
        " + abs(b2 - 5) + b2 - 5",
        " + (sum(X) > 99) * b2",
    ],
)
def test_a_branch_that_no_network_took_is_not_called_right(more: str) -> None:
    assert last(more).verdict is Verdict.UNDECIDED


@pytest.mark.parametrize("name", ["m", "N"])
def test_m_and_N_are_n_unless_the_text_sets_them(name: str) -> None:
    source = LINEAR.format(more="").replace("/ n\n", f"/ {name}\n")
    assert check(source).ok
    assert not check(source.replace("dZ2 =", f"{name} = n + 1\ndZ2 =")).ok


@pytest.mark.parametrize("rate", ["alpha", "eta", "lr", "rate", "learning_rate"])
def test_every_learning_rate_is_one(rate: str) -> None:
    assert check(UPDATED.format(rate=f"{rate} / n")).ok
    right = UPDATED.replace("- Y\n", "- Y) / n\n").replace("= A1 - Y", "= (A1 - Y")
    assert check(right.format(rate=rate)).ok
    assert not check(right.format(rate=f"n * {rate}")).ok


def test_an_update_may_divide_what_is_n_times() -> None:
    found = check(UPDATED.format(rate="alpha / n"))
    assert found.ok
    assert found.reading.convention == "undivided"
    assert not check(UPDATED.format(rate="alpha / n**2")).ok


def test_a_tied_layer_is_judged_in_every_layer() -> None:
    right = check(LAYERS.format(delta="(W[l+1].T @ delta[l+1]) * g_prime(Z[l])"))
    assert right.ok
    assert all(v.verdict is Verdict.RIGHT for v in right.lines if v.key.startswith("delta"))
    wrong = check(LAYERS.format(delta="(W[l+1].T @ delta[l+1]) * g(Z[l])"))
    assert wrong.first is not None
    assert wrong.first.line.number == 12
    assert wrong.first.mend == "delta[l] = (W[l+1].T @ delta[l+1]) * g_prime(Z[l])"
