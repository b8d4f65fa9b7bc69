"""Small letters for names of the trace: x, z1, a[l], w[l], and delta[l] for dZ[l]."""

from __future__ import annotations

import pytest
from judged_texts import HELPER, RIGHT, SHAPES, UNDECIDED, UNDEFINED, WRONG, judged

from gradoracle.derivation.check import check

SMALL = """
network: layers 2, activations tanh sigmoid, loss binary_cross_entropy
z1 = w1 @ x + b1
a1 = tanh(z1)
z2 = w2 @ a1 + b2
a2 = sigmoid(z2)
dz2 = a2 - y
dw2 = dz2 @ a1.T / n
da1 = w2.T @ dz2
dz1 = da1 * (1 - a1**2)
dw1 = dz1 @ x.T / n
dx = w1.T @ dz1
w2 = w2 - alpha * dw2
"""
BISHOP = """
network: layers 2, activations tanh identity, loss half_squared_error
a1 = W1 @ x + b1
z1 = tanh(a1)
a2 = W2 @ z1 + b2
delta2 = a2 - y
delta1 = (1 - z1**2) * (W2.T @ delta2)
dW1 = delta1 @ x.T
dW2 = delta2 @ z1.T
"""

TOP = "a2 = W2 @ z1 + b2\nz2 = sigmoid(a2)"


def told(text: str) -> str:
    """Return how the small letters of a text are read."""
    notes = [note for note in judged(text).notes if note.startswith("read as if")]
    return notes[0].partition("means: ")[2] if notes else ""


def test_they_are_the_names_of_the_trace() -> None:
    assert judged(SMALL).ok
    assert all(line.verdict is RIGHT for line in judged(SMALL).lines)
    layered = ", ".join(f"{d}{c}[l] = {d}{c.upper()}[l]" for d in ("", "d") for c in "zaw")
    means = f"x = X, y = Y, dx = dX, {layered}"
    assert told(SMALL) == means


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        ("dz2 = a2 - y", "dz2 = y - a2", WRONG),
        ("da1 = w2.T @", "da1 = w2 @", SHAPES),
        ("(1 - a1**2)", "(1 - z1**2)", WRONG),
        ("z2 = w2 @ a1", "z2 = w2 @ z1", WRONG),
        ("dw1 = dz1 @ x.T / n", "dw1 = dz1 @ x.T / (2 * n)", WRONG),
        ("w2 - alpha * dw2", "w2 + alpha * dw2", WRONG),
    ],
)
def test_an_error_is_found_on_its_line_and_mended_in_them(
    old: str, new: str, verdict: object
) -> None:
    wrong = SMALL.replace(old, new)
    first = check(wrong).first
    assert first is not None
    assert (first.line.written, first.verdict) == (
        next(line for line in wrong.splitlines() if new in line),
        verdict,
    )
    assert check(wrong.replace(first.line.written, first.mend)).ok


def test_a_may_be_what_goes_into_the_activation() -> None:
    assert judged(BISHOP).ok
    assert told(BISHOP) == "x = X, y = Y, z[l] = A[l], a[l] = Z[l], delta[l] = dZ[l]"
    first = judged(BISHOP.replace("(1 - z1**2)", "(1 - a1**2)")).first
    assert first is not None
    assert first.key in ("delta1", "dW1")


def test_delta_is_dZ_where_nothing_else_tells_whether_it_is_right() -> None:
    used, text = BISHOP, BISHOP[: BISHOP.index("dW1")]
    assert [line.verdict for line in judged(used).lines[3:5]] == [RIGHT, RIGHT]
    in_error = used.replace("a2 - y", "y - a2")  # what it must be is for the lines that read it
    assert [line.verdict for line in judged(in_error).lines[3:5]] == [HELPER, HELPER]
    assert [line.verdict for line in judged(text).lines] == [RIGHT] * 5
    assert told(text) == "x = X, y = Y, z[l] = A[l], a[l] = Z[l], delta[l] = dZ[l]"
    sure = text.replace("tanh identity", "tanh sigmoid").replace("half_squared_error", "bce")
    sure = sure.replace("bce", "binary_cross_entropy").replace("a2 = W2 @ z1 + b2", TOP)
    sure = sure.replace("a2 - y", "z2 - y")
    assert [line.verdict for line in judged(sure).lines] == [RIGHT] * 6
    wrong = sure.replace("W2.T @ delta2", "W2.T @ (2 * delta2)")  # delta2 is dZ2 and not dA2
    assert [line.verdict for line in judged(wrong).lines] == [RIGHT] * 5 + [WRONG]
    other_sign = judged(text.replace("a2 - y", "y - a2")).lines[3:]  # a convention of its own
    assert [line.verdict for line in other_sign] == [UNDECIDED] * 2
    assert "means: delta2 = ..., and it is judged" in other_sign[0].detail


def test_a_text_that_has_both_means_two_things_by_them() -> None:
    both = SMALL.replace("w1 @ x", "w1 @ X")
    first = judged(both.replace("dx = ", "dX = ")).first
    assert first is not None
    assert first.verdict is UNDEFINED
    assert first.detail.startswith("x is never defined; the network has X")


def test_what_the_text_or_its_header_defines_is_not_read_otherwise() -> None:
    own = "y = sigmoid(Z2)\ndZ2 = y - Y\n"
    header = "network: layers 2, activations tanh sigmoid, loss binary_cross_entropy\n"
    assert told(header + own) == ""
    assert judged(header + own).ok
    inputs = header + "inputs: y (1, n)\ndZ2 = A2 - Y\nshown = y + dZ2\n"
    assert "y" not in told(inputs)
    tied = header + "means: z1 = A1\nz1 = tanh(Z1)\ndZ2 = A2 - y\n"
    assert told(tied) == "y = Y"
    assert judged(tied).ok


def test_without_a_network_there_is_nothing_to_read_them_as() -> None:
    text = "inputs: x (1, n), w (1, 1)\nJ = sum((w * x)**2) / n\ndw = 2 * w * sum(x**2) / n\n"
    assert judged(text).ok
    assert told(text) == ""


def test_delta_may_be_dA_or_lack_a_derivative() -> None:
    """Nobody can tell: neither is taken."""
    text = BISHOP[: BISHOP.index("delta1")] + "delta1 = W2.T @ delta2\n"
    assert [line.verdict for line in judged(text).lines[3:]] == [UNDECIDED] * 2
    squares = text.replace("identity", "sigmoid")
    assert [line.verdict for line in judged(squares).lines[3:]] == [UNDECIDED] * 2


def test_inputs_are_read_even_where_nothing_else_is() -> None:
    odd = "network: layers 2, activations tanh sigmoid, loss binary_cross_entropy\n"
    odd += "a2 = tanh(W1 @ x + b1)\na3 = sigmoid(W2 @ a2 + b2)\ndZ2 = A2 - y\n"
    assert told(odd) == "x = X, y = Y"


def test_they_are_read_where_another_header_is_what_is_missing() -> None:
    rows = SMALL.replace("w1 @ x", "x @ w1").replace("w2 @ a1", "a1 @ w2")
    first = check(rows).first
    assert first is not None
    assert first.verdict is SHAPES
    assert told(rows).startswith("x = X, y = Y")


def test_a_name_without_a_layer_that_is_tied_says_nothing_of_layers() -> None:
    text = SMALL.replace("loss", "loss", 1).replace("\nz1", "\nmeans: w = W1.T\nz1", 1)
    text = text.replace("w1 @ x", "w.T @ x")
    assert judged(text).ok
    assert "dw[l] = dW[l]" in told(text)


ONE_LAYER = """
network: sizes 5-1, activations sigmoid, loss binary_cross_entropy
z = {w} @ X + b
a = sigmoid(z)
dz = a - Y
dw = {dw} / m
db = sum(dz, axis=1) / m
w = w - alpha * dw
b = b - alpha * db
"""


@pytest.mark.parametrize(
    ("w", "dw", "tie"), [("w", "dz @ X.T", "W1,"), ("w.T", "X @ dz.T", "W1.T,")]
)
def test_a_single_layer_needs_no_number(w: str, dw: str, tie: str) -> None:
    text = ONE_LAYER.format(w=w, dw=dw)
    assert judged(text).ok
    assert all(line.verdict is RIGHT for line in judged(text).lines)
    assert f"w = {tie}" in told(text)
    wrong = judged(text.replace("a - Y", "Y - a"))
    assert wrong.first is not None
    assert wrong.first.key == "dz"
    assert [line.key for line in wrong.wrong] == ["dz"]


def test_large_letters_of_a_single_layer_are_blamed_on_their_line() -> None:
    text = """
network: sizes 3-1, activations sigmoid, loss binary_cross_entropy
Z = W1 @ X + b1
A = sigmoid(Z)
dZ = {error}
dW1 = dZ @ X.T / m
db1 = sum(dZ, axis=1) / m
"""
    assert judged(text.format(error="A - Y")).ok
    assert [line.key for line in judged(text.format(error="Y - A")).wrong] == ["dZ"]


def test_of_two_layers_a_name_without_a_number_is_a_helper() -> None:
    text = "network: layers 2, activations tanh sigmoid, loss binary_cross_entropy\n"
    assert told(text + "dZ = A2 - Y\ndW2 = dZ @ A1.T / n\n") == ""


@pytest.mark.parametrize(
    "lines",
    [
        "a = W @ X\nZ = a + b\nA = sigmoid(Z)\ndZ = A - Y\n",
        "w = W.T\nZ = w.T @ X + b\nA = sigmoid(Z)\ndZ = A - Y\n",
        "Z = W @ X + b\nz = exp(-Z)\nA = 1 / (1 + z)\ndZ = A - Y\n",
    ],
)
def test_a_small_letter_beside_its_capital_is_a_name_of_its_own(lines: str) -> None:
    head = "network: sizes 3-2, activations sigmoid, loss binary_cross_entropy\n"
    assert judged(head + lines).ok
    assert not judged(head + lines.replace("A - Y", "Y - A")).ok


def test_one_of_two_letters_may_be_a_name_of_the_text() -> None:
    text = """network: sizes 4-3-2, activations sigmoid sigmoid, loss binary_cross_entropy
a1 = W1 @ X
z1 = a1 + b1
h1 = sigmoid(z1)
a2 = W2 @ h1
z2 = a2 + b2
dz2 = sigmoid(z2) - Y
"""
    assert judged(text).ok
    assert told(text) == "z[l] = Z[l], dz[l] = dZ[l]"
