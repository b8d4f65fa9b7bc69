"""Why a line is not right: a name written small, a layer that is not there, what it is fed by."""

from __future__ import annotations

import pytest

from gradoracle.derivation.check import check
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.verdicts import LineVerdict, Verdict

TWO = """
network: sizes 5-4-1, activations sigmoid sigmoid, loss binary_cross_entropy
Z1 = W1 @ X + b1
A1 = sigmoid(Z1)
Z2 = W2 @ A1 + b2
A2 = sigmoid(Z2)
dZ2 = A2 - Y
dW2 = dZ2 @ A1.T / n
"""
FREE = """
network: layers L, activations relu sigmoid, loss binary_cross_entropy
for l in range({first}, L):
    Z[l] = W[l] @ A[l-1] + b[l]
    A[l] = relu(Z[l])
Z[L] = W[L] @ A[L-1] + b[L]
A[L] = sigmoid(Z[L])
dZ[L] = A[L] - Y
for l in range(L, {last}, -1):
    dA[l-1] = W[l].T @ dZ[l]
    dZ[l-1] = dA[l-1] * g_prime(Z[l-1])
"""


def first(text: str) -> LineVerdict:
    """Return the first wrong line."""
    found = check(text).first
    assert found is not None
    return found


@pytest.mark.parametrize(("old", "new", "name"), [("@ X", "@ x", "X"), ("A2 - Y", "A2 - y", "Y")])
def test_a_name_that_is_written_small_is_told(old: str, new: str, name: str) -> None:
    small = name.lower()
    found = first(TWO.replace(old, new) + f"dX = {name} * 0\n")  # it has both
    assert found.verdict is Verdict.UNDEFINED
    told = f"{small} is never defined; the network has {name}: write it so, or say means: "
    assert found.detail.startswith(f"{told}{small} = {name}")
    assert check(TWO.replace(old, new).replace("\nZ1", f"\nmeans: {small} = {name}\nZ1", 1)).ok
    alone = check(TWO.replace(old, new))
    assert alone.ok
    assert f"read as if the header said means: {small} = {name}" in alone.notes


def test_a_layer_that_the_network_has_not_is_told_and_no_mend_is_made_up() -> None:
    assert check(FREE.format(first=1, last=1)).ok
    forward = first(FREE.format(first=0, last=1))
    assert (forward.rounds, forward.verdict) == (("l = 0",), Verdict.UNDEFINED)
    assert forward.detail == "the network has the layers 1 to L, and no W0"
    assert not forward.mend
    backward = first(FREE.format(first=1, last=0))
    assert (backward.rounds, backward.verdict) == (("l = 1",), Verdict.UNDEFINED)
    assert backward.detail == "the network has the layers 1 to L, and no Z0; A0 is X"
    assert not backward.mend


@pytest.mark.parametrize(
    ("ties", "expected"),
    [
        ("o = A2, do = dZ2", "own; got do; mend: do is the derivative of J by o: rename one"),
        ("a = A7", "expected a name of the trace; got A7; mend: the network has the layers 1 to 2"),
    ],
)
def test_a_tie_that_cannot_be_is_refused(ties: str, expected: str) -> None:
    with pytest.raises(DerivationError, match=expected):
        check(TWO.replace("\nZ1", f"\nmeans: {ties}\nZ1", 1))


def test_a_line_is_fed_by_what_is_wrong_and_not_by_a_helper_on_the_way() -> None:
    text = TWO.replace("dZ2 = A2 - Y", "dZ2 = Y - A2").replace("dZ2 @", "e @")
    checked = check(text.replace("dW2 = e", "e = dZ2 * 1\nf = e + 0\ndW2 = f"))
    fed = checked.lines[-1]
    assert fed.verdict is Verdict.FED
    assert fed.detail == "right, but fed by dZ2 (line 7), through f"


@pytest.mark.parametrize(
    "update",
    [
        "W2 = W2 - alpha * (dW2 + lam * W2)",
        "W2 = (1 - alpha * lam) * W2 - alpha * dW2",
        "W2 -= alpha * (dW2 + lam * W2)",
    ],
)
def test_weights_may_decay_in_their_update(update: str) -> None:
    checked = check(f"{TWO}{update}\n")
    assert checked.ok
    assert checked.lines[-1].notes == ("with weight decay: a share of the weights goes, too",)
    told = TWO.replace("entropy", "entropy, l2 lam").replace("A1.T / n", "A1.T / n + lam * W2")
    assert check(f"{told}W2 = W2 - alpha * dW2\n").ok
    assert not check(f"{told}{update}\n").ok  # twice


@pytest.mark.parametrize(
    "lines",
    [
        "W2 = (1 - alpha * lam / n) * W2 - alpha * dW2",
        "W2 = W2 - alpha * dW2 - alpha * lam / n * W2",
        "decay = 1 - alpha * lam\nW2 = decay * W2 - alpha * dW2",
        "W2 = W2 - alpha * (dW2 + 0.01 * W2)",
        "W2 = W2 - 0.1 * (dW2 + 0.01 * W2)",
        "W2 = W2 - alpha * (dW2 + 2 * lam * W2)",
        "W2 = 0.999 * W2 - alpha * dW2",
        "W2 = W2 - alpha * dW2 - lam * W2",
    ],
)
def test_they_may_decay_by_another_share(lines: str) -> None:
    checked = check(f"{TWO}{lines}\n")
    assert checked.ok, checked.first
    assert "with weight decay" in checked.lines[-1].notes[0]


@pytest.mark.parametrize("rate", ["rate = -0.1", "rate = -alpha", "rate = lr - 1 - lr"])
def test_a_rate_is_positive(rate: str) -> None:
    found = first(f"{TWO}{rate}\nW2 = W2 - rate * dW2\n")
    assert found.line.target.base == "W"
    assert check(f"{TWO}rate = lr / 2\nW2 = W2 - rate * dW2\n").ok


@pytest.mark.parametrize(
    "update",
    [
        "W2 = W2 - alpha * (dW2 - lam * W2)",
        "W2 = W2 - alpha * (dW2 + W2)",
        "W2 = 2 * W2 - alpha * dW2",
        "W2 = (2 - alpha * lam) * W2 - alpha * dW2",
        "W2 = -alpha * dW2",
        "W2 = (1 - alpha * lam) * W2 + alpha * dW2",
        "W2 = (1 - alpha * lam) * W2 - alpha * dW2 + lam",
        "W2 = alpha * lam / n * W2 - alpha * dW2",
        "W2 = lam * W2 - alpha * dW2",
        "W2 = 0.1 * (W2 - dW2)",
        "W2 = 0.9 * W2 - 0.1 * dW2",
        "W2 = W2 - alpha * dW2 - lam * J * W2",
        "b2 = b2 - alpha * (sum(dZ2, axis=1) / n + lam * b2)",
    ],
)
def test_another_decay_is_wrong(update: str) -> None:
    assert first(f"{TWO}{update}\n").verdict is Verdict.WRONG


def test_the_last_layer_may_be_named_in_the_name() -> None:
    text = FREE.format(first=1, last=1)
    written = text.replace("[L]", "L").replace("A[L-1] + bL", "A[L-1] + b_L")
    assert "ZL = WL @" in written
    assert check(written).ok
    wrong = first(written.replace("dZL = AL - Y", "dZL = Y - AL"))
    assert wrong.line.normal == "dZ[L] = Y - A[L]"


def test_J_may_be_called_C_where_no_cotangent_is() -> None:
    costs = "means: C = J\nnetwork"
    J = "C = -sum(Y * log(A2) + (1 - Y) * log(1 - A2)) / n\ndZ2"
    text = TWO.replace("network", costs).replace("dZ2", J, 1)
    assert check(text).ok
    assert first(text.replace("-sum(Y", "sum(Y")).key == "C"
    with pytest.raises(DerivationError, match="a name of the text's own; got C"):
        check(text.replace("loss binary_cross_entropy", "loss linear"))


def test_f_is_told_to_be_g() -> None:
    with pytest.raises(DerivationError, match="write g for the activation, or its name"):
        check(
            TWO.replace("A1 = sigmoid", "A1 = f").replace("A2 = sigmoid", "A2 = g")
        )  # it has both
    assert check(TWO.replace("sigmoid(Z", "f(Z")).ok


@pytest.mark.parametrize(
    ("lines", "right"),
    [
        ("lr = 0.05\nmove = lr * dW2\nW2 = W2 - move\n", True),
        ("move = eta * dW2\nW2 = W2 - move\n", True),
        ("move = 0.1 * dW2\nstep = move\nW2 = W2 - step\n", True),
        ("move = eta * dW2\nW2 = W2 + move\n", False),
        ("move = 0.1 * dW2 / n\nW2 = W2 - move\n", False),
        ("move = eta * alpha * dW2\nW2 = W2 - move\n", False),
        ("move = 0.1 * dW2\nW2 = W2 - alpha * move\n", False),
        ("lr = 0.05\nmove = lr * dW2\nW2 = W2 - lr * move\n", False),
    ],
)
def test_the_rate_may_stand_in_a_helper(lines: str, right: bool) -> None:
    assert check(TWO + lines).ok is right


def test_a_delta_that_is_reversed_and_alone_is_not_told_to_be_divided() -> None:
    found = first(TWO.replace("A2 - Y", "Y - A2").split("dW2")[0])
    assert found.mend == "dZ2 = A2 - Y"
    assert found.mistake is not None
    assert found.mistake.name == "error-reversed"


def test_a_name_that_is_updated_may_be_a_parameter() -> None:
    text = "network: sizes 3-2, activations sigmoid, loss half_squared_error, reduction sum\n"
    lines = "A1 = sigmoid(U @ X + b1)\nd = (A1 - Y) * A1 * (1 - A1)\nU = U - alpha * d @ X.T\n"
    found = first(text + lines)
    assert found.detail.endswith("; if it is a parameter, say so: means: U = W1")
    assert check(f"{text}means: U = W1\n{lines}").ok
