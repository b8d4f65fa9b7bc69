"""What people write out of habit is refused with how it is written here, and at its column."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradoracle.cli import main
from gradoracle.derivation.check import check
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.reading import source, vocabulary
from gradoracle.derivation.reading.refusals import nearest

NETWORK = "network: sizes 4-3-1, activations sigmoid sigmoid, loss binary_cross_entropy\n"
LOOP = "for l in range(L-1, 0, -1): with the colon"
JOIN = "the formula ends in an operator: join the lines, or put the whole formula in brackets"
RIGHT_SIDE = "write the right side, on the same line"
BEGINS = "the formula begins with an operator: join the lines"
WORDS = "a comment begins with #; a formula is NAME = FORMULA"
PRODUCT = "write @ for the matrix product"
KNOWN = "known header lines: network:, layout:"

LINES = [
    # (the line under the network, column, what the mend says)
    ("dW2 = torch.mm(dZ2, A1.T)", 7, PRODUCT),
    ("Z1 = b1 + dot(W1, X)", 11, PRODUCT),
    ("dW2 = matmul(dZ2, A1.T)", 7, PRODUCT),
    ("dW2 = tf.matmul(dZ2, A1, transpose_b=True)", 7, "matmul takes 2 operands alone"),
    ("dZ1 = np.multiply(dA1)", 7, "multiply takes 2"),
    ("dZ1 = torch.mul(dA1, A1)", 7, "write * for the elementwise product"),
    ("A1 = np.softplus(Z1)", 6, "leave np. out: softplus(...)"),
    ("A1 = Z1.tanh()", 6, "the matrix stands in the brackets: tanh(...)"),
    ("A1 = sigmiod(Z1)", 6, "did you mean sigmoid?"),
    ("A1 = ReLU6(Z1)", 6, "did you mean relu?"),
    ("A1 = np.sigmiod(Z1)", 6, "did you mean sigmoid?"),
    ("A1 = np.fft(Z1)", 6, "known functions: abs, "),
    ("A1 = sin(Z1)", 6, "known functions: abs, "),
    ("for l = L-1 .. 1:\n    dW[l] = dZ[l]", 1, LOOP),
    ("for l in 1, 2:\n    dW[l] = dZ[l]", 1, LOOP),
    ("for l in range(1, 2)\n    dW[l] = dZ[l]", 1, "for l in range(1, 2): with the colon"),
    ("for k in range(L, 0, -1)", 1, "for k in range(L, 0, -1): with the colon"),
    ("for l in range(1, 2): dW[l] = dZ[l]", 1, "for l in range(1, 2): with the colon"),
    ("for l in range(1, 2): dW[l] = dZ[l]", 1, "dW[l] = dZ[l] indented below it"),
    ("    if l > 1:\n        dW[l] = dZ[l]", 5, "there is no if"),
    ("    else:", 5, "there is no if"),
    ("while l > 0:", 1, "loops are for l in range(L, 0, -1):"),
    ("def forward(X):", 1, "formulas and loops alone"),
    ("import numpy as np", 1, "formulas and loops alone"),
    ("return dW1", 1, "formulas and loops alone"),
    ("netwrok: sizes 4-3-1", 1, "did you mean network:? known"),
    ("netwrok: sizes 4-3-1, activations sigmoid sigmoid, loss linear", 1, "did you mean network:?"),
    ("activation: " + "sigmoid " * 9, 1, "did you mean network: ..., activation sigmoid"),
    ("First we compute the error of the output.", 1, WORDS),
    ("The error, as we saw:", 1, WORDS),
    ("Here n = 5 examples are used", 1, WORDS),
    ("Für die Ausgabe gilt", 1, WORDS),
    (r"We have $Z = W X$ here", 1, WORDS),
    ("    + lam * W2", 5, BEGINS),
    (r"  & + \lambda W", 5, BEGINS),
    ("∘ A1", 1, BEGINS),
    ("dW2 = dZ2 @ \\\n    A1.T", 13, JOIN),
    ("for l = L, …, 1:", 1, LOOP),
    ("for l in range(L-1, 0, -1):\ndW[l] = dZ[l]", 0, "indent the lines of the loop"),
    ("for l in range(L-1, 0, -1):", 0, "indent the lines of the loop"),
    ("Z1 == W1 @ X + b1", 4, "write = to set a name"),
    ("layout rows", 1, "did you mean layout: rows"),
    ("Layout rows", 1, "did you mean layout: rows"),
    ("layuot: rows", 1, "did you mean layout:?"),
    ("inputs x (1, n)", 1, "did you mean inputs: x (1, n)"),
    ("losss: bce", 1, KNOWN),
    ("losss: bce", 1, "did you mean network: ..., loss bce"),
    ("loss bce", 1, "did you mean network: ..., loss bce"),
    ("activations: sigmoid sigmoid", 1, "did you mean network: ..., activations sigmoid sigmoid"),
    ("Backward: the gradients", 1, "a comment begins with #"),
    ("dW2: dZ2 @ A1.T", 1, "a formula is NAME = FORMULA"),
    ("dW2 = dZ2 @ A1.T // N", 7, "// is not read; write /"),
    ("dW2 = dZ2 @ A1.T % N", 7, "% is not read; a comment begins with #"),
    ("dZ2 = A2 - Y; dW2 = dZ2 @ A1.T / n", 13, "one formula a line"),
    ("dW2 = (A2 - Y) /\n    n", 16, JOIN),
    ("Z1 = W1 @ X + b1 +  # and so on", 18, JOIN),
    ("dZ1 = (W2.T @ dZ2) ∘", 20, JOIN),
    ("dW2 =", 5, RIGHT_SIDE),
    ("dW2  = ", 6, RIGHT_SIDE),
    (r"dW^{[2]} :=", 10, RIGHT_SIDE),
    ("dZ2 = A2 - Y =", 14, JOIN),
    ("dZ[k] = (W[k+1].T @ dZ[k+1]) * A[k]", 4, "for k in range(L - 1, 0, -1): above"),
    ("Z[k] = W[k] @ A[k-1] + b[k]", 3, "for k in range(1, L + 1): above"),
    ("Z[i+1] = W[i+1] @ A[i] + b[i+1]", 3, "for i in range(0, L): above"),
    ("dW[k] = dZ[k] @ A[k-1].T", 4, "for k in range(L, 0, -1): above"),
    ("dZ[k-1] = W[k].T @ dZ[k]", 4, "for k in range(L, 1, -1): above"),
    ("dA[k-1] = W[k].T @ dZ[k]", 4, "for k in range(L, 0, -1): above"),
    ("for j in xrange(60000):", 10, "write range for xrange"),
    ("dA1[A1 <= 0] = 0", 1, "nothing is set by a mask: write dZ1 = dA1 * (Z1 > 0)"),
    ("x = W[q*q]", 7, "for l in range(L, 0, -1): above"),
    ("x = W[n]", 7, "for l in range(L, 0, -1): above"),
    (r"\frac{\partial C}{\partial b^2_j} = \delta^2_j", 31, "write db2: it has all of them"),
    (r"db^l_j = \delta^l_j", 5, "write db[l]: it has all of them"),
    ("db2 = δ_jˡ", 10, "write delta[l]: it has all of them"),
]


def refusal(text: str, *, markdown: bool = False) -> DerivationError:
    with pytest.raises(DerivationError) as raised:
        check(text, markdown=markdown)
    return raised.value


@pytest.mark.parametrize(("line", "column", "mend"), LINES)
def test_a_line_is_refused_with_how_it_is_written(line: str, column: int, mend: str) -> None:
    error = refusal(NETWORK + line + "\n")
    assert mend in error.mend
    assert (error.line, error.column) == (2, column)


@pytest.mark.parametrize(
    ("header", "mend"),
    [
        ("activations sigmoid sigmoid, loss bce", "did you mean binary_cross_entropy?"),
        ("activations sigmoid identity, loss MSE", "did you mean squared_error?"),
        ("activations sigmoid softmax, loss xent", "did you mean cross_entropy?"),
        ("activations sigmoid softmax, loss ce", "did you mean cross_entropy?"),
        ("activations sigmoid softmax, loss cross_entrpy", "did you mean cross_entropy?"),
        ("activations sigmiod sigmoid, loss linear", "did you mean sigmoid?"),
        ("activations bce sigmoid, loss linear", "check the spelling"),
        ("activations relu relu\nlayout: row", "did you mean rows?"),
    ],
)
def test_a_word_of_the_header_is_refused_with_the_nearest(header: str, mend: str) -> None:
    assert refusal(f"network: {header}\ndZ2 = A2 - Y\n").mend == mend


def test_a_text_with_its_own_J_may_name_its_inputs() -> None:
    inputs = "inputs: x (1, n), w (1, 1)"
    own = "y = w * x\nJ = sum(y**2) / n\ndw = 2 * sum(y * x) / n\n"
    error = refusal(own)
    assert inputs in error.mend
    assert "network: sizes" in error.mend
    assert check(f"{inputs}\n{own}").lines
    for others in ("Z1 = W1 @ X\nJ = sum(Z1)\n", "J = sum(X)\n", "J = sum(q)\nQ = dY\n", "a = b\n"):
        assert "inputs:" not in refusal(others).mend


def test_formulas_between_dollars_are_not_read_of_markdown() -> None:
    for text in ("# Notes\n\n$$ dZ2 = A2 - Y $$\n", f"```\n{NETWORK}```\n$$\ndZ2 = A2\n$$\n"):
        error = refusal(text, markdown=True)
        assert "put them into a fenced block" in error.mend
        assert "$$" in text.split("\n")[error.line - 1]
    assert "fenced" not in refusal(f"{NETWORK}# $$ dZ2 = A2 $$\n").mend


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("dW2 = X \x1b +", "U+001B"),
        ("dW2 = " + "X + " * 600, "2,000 characters"),
        ("for l in range(1, X.T):\n    a = X", "a layer"),
        ("for n in range(1, L):\n    a = X", "a loop over a name"),
        ("for l in range(1, L):\n    for k in range(1, L):\n        a = X", "one loop at a time"),
        ("a = X\nlayout: rows", "move it to the top"),
        ("dW2 = 2**X", "a whole number up to"),
        ("== ==", "NAME = FORMULA"),
        ("------", "mend: a comment begins with #"),
    ],
)
def test_what_is_said_better_stays(line: str, said: str) -> None:
    assert said in str(refusal(f"{NETWORK}{line}\n"))


def test_no_habit_is_seen_in_what_can_be_read() -> None:
    text = (
        "title: one; two = three: and on +\n"
        f"{NETWORK}"
        "dZ2 = A2 - Y;\n"
        r"dW^{[2]} = \frac{1}{n} \; dZ^{[2]} A^{[1]T}" + "\n"
        "a = X == Y  # for l in 1, 2: b =\n"
        "for l in range(L-1, 0, -1):\n    dZ[l] = A[l]\n"
    )
    assert [line.number for line in source.read(text).lines] == [3, 4, 5, 7]


def test_a_near_name_is_a_misspelling() -> None:
    for name in ("sigmoid", *vocabulary.FUNCTIONS):
        assert nearest(name.upper(), vocabulary.FUNCTIONS) == name
    for name in ("", "x", "eval", "open", "sin", "getattr", "__import__", "a" * 2000):
        assert nearest(name, vocabulary.FUNCTIONS) == ""


def test_the_command_points_at_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.txt"
    path.write_text(f"{NETWORK}dW2 = (A2 - Y) /\n    n\n", encoding="utf-8")
    assert main(["derive", str(path)]) == 2
    first, line, caret = capsys.readouterr().err.splitlines()
    assert first.endswith(f"; mend: {JOIN}")
    assert line[caret.index("^")] == "/"


@pytest.mark.parametrize(
    ("line", "network"),
    [
        ("Z1 = W1 @ X + b1", "sizes d-1, activations sigmoid,"),
        ("dZ2 = A2 - Y", "sizes 784-196-1, activations sigmoid sigmoid,"),
        ("dZ3 = A3 - Y", "sizes n0-n1-n2-n3, activations sigmoid sigmoid sigmoid,"),
        ("dW[L] = dZ[L] @ A[L-1].T", "layers L, activations sigmoid sigmoid,"),
        ("dZ999 = A999 - Y", "layers L, activations sigmoid sigmoid,"),
    ],
)
def test_the_network_that_is_asked_for_has_the_layers_of_the_text(line: str, network: str) -> None:
    error = refusal(line + "\n")
    assert error.mend.startswith(f"network: {network}")
    assert check(f"{error.mend}\n{line}\n").lines
