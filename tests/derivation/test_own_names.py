"""Mends and reasons in the names that a text has itself: those it ties, and those it does not."""

from __future__ import annotations

import pytest

from gradoracle.derivation.check import check
from gradoracle.derivation.verdicts import Checked, Verdict

FORWARD = """\
network: sizes 4-3-3-2, activations tanh tanh sigmoid, loss binary_cross_entropy
H1 = tanh(W1 @ X + b1)
H2 = tanh(W2 @ H1 + b2)
P = sigmoid(W3 @ H2 + b3)
"""
BACKWARD = """\
e3 = (P - Y) / n
e2 = (W3.T @ e3) * (1 - H2**2)
e1 = (W2.T @ e2) * (1 - H1**2)
dW3 = e3 @ H2.T
dW2 = e2 @ H1.T
dW1 = e1 @ X.T
db1 = sum(e1, axis=1)
"""
LAYERED = """\
network: layers L, activations relu softmax, loss cross_entropy
h[0] = X
for l in range(1, L+1):
    s[l] = W[l] @ h[l-1] + b[l]
    h[l] = g[l](s[l])
d[L] = (h[L] - Y) / n
for l in range(L-1, 0, -1):
    d[l] = (W[l+1].T @ d[l+1]) * (h[l] > 0)
for l in range(L, 0, -1):
    dW[l] = d[l] @ h[l-1].T
    db[l] = sum(d[l], axis=1)
"""
LOOP = """\
network: layers L, activations relu softmax, loss cross_entropy
A[0] = X
for l in range(1, L+1):
    Z[l] = W[l] @ A[l-1] + b[l]
    A[l] = g[l](Z[l])
delta = (A[L] - Y) / n
for l in range(L, 0, -1):
    W[l] = W[l] - alpha * delta @ A[l-1].T
    b[l] = b[l] - alpha * sum(delta, axis=1)
    delta = (W[l].T @ delta) * (A[l-1] > 0)
"""


def mended(text: str, old: str, new: str) -> Checked:
    """Return what is said of a right text with one slip, once its mend is found to be right."""
    assert check(text).ok
    wrong = text.replace(old, new)
    assert wrong != text
    found = check(wrong)
    assert len(found.wrong) == 1
    lines = wrong.splitlines()
    at = found.wrong[0].line.number - 1
    indent = len(lines[at]) - len(lines[at].lstrip())
    lines[at] = " " * indent + found.wrong[0].mend
    assert check("\n".join(lines)).ok
    return found


@pytest.mark.parametrize(
    ("old", "new", "mend", "words"),
    [
        ("dW3 = e3 @ H2.T", "dW3 = e3 @ H1.T", "dW3 = e3 @ H2.T", "H2, not H1"),
        ("dW2 = e2 @ H1.T", "dW2 = e1 @ H1.T", "dW2 = e2 @ H1.T", "e2, not e1"),
        ("dW2 = e2 @ H1.T", "dW2 = H1 @ e2.T", "dW2 = e2 @ H1.T", ""),
        ("dW1 = e1 @ X.T", "dW1 = e1 @ X.T / n", "dW1 = e1 @ X.T", "/ n is too much"),
        ("db1 = sum(e1, axis=1)", "db1 = sum(e2, axis=1)", "db1 = sum(e1, axis=1)", "e1, not e2"),
    ],
)
def test_a_mend_is_in_names_that_equal_the_trace(old: str, new: str, mend: str, words: str) -> None:
    found = mended(FORWARD + BACKWARD, old, new).wrong[0]
    assert found.mend == mend
    assert words in found.detail


def test_names_of_the_per_example_convention_and_with_the_sign_reversed() -> None:
    text = (FORWARD + BACKWARD).replace("(P - Y) / n", "Y - P")
    text = text.replace("@ H2.T", "@ -H2.T / n").replace("@ H1.T", "@ H1.T / -n")
    text = text.replace("@ X.T", "@ -X.T / n").replace("sum(e1, axis=1)", "-mean(e1, axis=1)")
    found = mended(text, "dW2 = e2 @ H1.T / -n", "dW2 = e2 @ H2.T / -n").wrong[0]
    assert found.mend == "dW2 = e2 @ H1.T / -n"
    found = mended(text, "-mean(e1, axis=1)", "-mean(e2, axis=1)").wrong[0]
    assert found.mend == "db1 = -mean(e1, axis=1)"


@pytest.mark.parametrize(
    ("old", "new", "mend"),
    [
        ("dW[l] = d[l] @ h[l-1].T", "dW[l] = d[l] @ h[l].T", "dW[l] = d[l] @ h[l-1].T"),
        ("db[l] = sum(d[l], axis=1)", "db[l] = d[l]", "db[l] = sum(d[l], axis=1)"),
    ],
)
def test_names_of_every_layer(old: str, new: str, mend: str) -> None:
    assert mended(LAYERED, old, new).wrong[0].mend == mend


def test_a_slope_is_written_in_the_names_that_the_text_has() -> None:
    text = (FORWARD + BACKWARD).replace("1 - H2**2", "(1 - H2)**2")
    found = check(text.replace("dW2 = ", "db2 = sum(e2, axis=1)\ndW2 = ")).first
    assert found is not None
    assert found.mend == "e2 = (W3.T @ e3) * (1 - H2**2)"
    assert "is 1 - H2**2, not (1 - H2)**2" in found.detail


def test_a_text_that_has_the_name_of_the_trace_keeps_it() -> None:
    text = FORWARD + "A2 = H2\n" + BACKWARD.replace("e3 @ H2.T", "e3 @ A2.T")
    found = mended(text, "e3 @ A2.T", "A2 @ e3.T").wrong[0]
    assert found.mend == "dW3 = e3 @ A2.T"


@pytest.mark.parametrize(
    ("line", "mend", "words"),
    [
        ("(W3.T @ dZ3) * g_prime[1](Z2)", "(W3.T @ dZ3) * g2_prime(Z2)", "g2_prime, not g1_prime"),
        ("(W3.T @ dZ3) * g_prime(Z2)", "(W3.T @ dZ3) * g2_prime(Z2)", "g2_prime, not g_prime"),
    ],
)
def test_the_layer_of_g_is_mended(line: str, mend: str, words: str) -> None:
    text = """\
network: sizes 3-4-4-2, activations sigmoid tanh identity, loss squared_error
Z1 = W1 @ X + b1
A1 = g[1](Z1)
Z2 = W2 @ A1 + b2
A2 = g[2](Z2)
Z3 = W3 @ A2 + b3
A3 = g[3](Z3)
dZ3 = 2 * (A3 - Y)
dZ2 = (W3.T @ dZ3) * g_prime[2](Z2)
dW2 = dZ2 @ A1.T / n
"""
    found = mended(text, "(W3.T @ dZ3) * g_prime[2](Z2)", line).wrong[0]
    assert found.mend == f"dZ2 = {mend}"
    assert words in found.detail


def test_g_of_every_layer_is_mended() -> None:
    found = mended(LOOP.split("delta")[0], "g[l](Z[l])", "g(Z[l])").wrong[0]
    assert found.mend == "A[l] = g[l](Z[l])"
    assert "g[l], not g" in found.detail


def test_a_running_name_needs_the_weights_before_their_update() -> None:
    found = check(LOOP).first
    assert found is not None
    assert found.verdict is Verdict.ORDER
    where = "keep W[l].T @ delta under a name of its own above it"
    assert found.mend.endswith(f"# with W[l] as it was before line 8: {where}")
    kept = LOOP.replace("    W[l] =", "    back = W[l].T @ delta\n    W[l] =")
    assert check(kept.replace("(W[l].T @ delta)", "back")).ok


def test_a_line_that_may_stand_above_the_update_is_to_stand_there() -> None:
    above = "    dZ[l-1] = (W[l].T @ D) * (A[l-1] > 0)\n"
    update = "    W[l] = W[l] - alpha * D @ A[l-1].T\n"
    head = LOOP.split("delta")[0] + "dZ[L] = (A[L] - Y) / n\nfor l in range(L, 1, -1):\n"
    found = check(f"{head}    D = dZ[l]\n{update}{above}").first
    assert found is not None
    assert found.mend.endswith("# above line 9, which updates W[l]")
    assert check(f"{head}    D = dZ[l]\n{above}{update}").ok


def test_the_decay_of_an_update_stays() -> None:
    text = FORWARD.replace("H", "A").replace("P =", "A3 =")
    text += "dZ3 = A3 - Y\ndW3 = dZ3 @ A2.T / n\ndecay = 1 - alpha * lam\n"
    text += "W3 = decay * W3 - alpha * dW3\n"
    found = mended(text, "- alpha * dW3", "+ alpha * dW3").wrong[0]
    assert found.mend == "W3 = decay * W3 - alpha * dW3"


def test_a_running_name_is_no_other_name_for_a_layer() -> None:
    """P is read as A3, and is not what another layer gives."""
    text = (FORWARD + BACKWARD).replace("W3 @ H2", "W3 @ H1").replace("db1", "db3 = sum(e3)\ndb1")
    found = [one for one in check(text).wrong if one.line.number == 4]
    assert [one.mend for one in found] == ["P = sigmoid(W3 @ H2 + b3)"]


def test_a_mend_that_reads_updated_weights_says_where_it_stands() -> None:
    text = FORWARD + "e3 = P - Y\ne2 = (W3.T @ e3) * (1 - H2)\n"
    text += "W3 = W3 - alpha * e3 @ H2.T / n\nW2 = W2 - alpha * e2 @ H1.T / n\n"
    found = check(text).first
    assert found is not None
    assert "W3.T @ e3" in found.mend
    assert found.mend.endswith("  # above line 7, which updates W3")


def test_two_edits_of_one_name_are_said_as_one() -> None:
    found = mended(FORWARD + BACKWARD, "dW3 = e3 @ H2.T", "dW3 = e1 @ H2.T").wrong[0]
    assert "e3, not e1" in found.detail
    assert "e2" not in found.detail
