"""Texts about networks without biases: Z is W A alone, and there is no db to give."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from judged_texts import ANY_L, NLAYER, RIGHT, UNDEFINED, judged, verdicts

from gradoracle.cli import main
from gradoracle.derivation.as_numpy.code import numpy_code
from gradoracle.derivation.check import check
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.naming.symptoms import without_biases
from gradoracle.derivation.reading.header_lines import read_header
from gradoracle.derivation.reading.source import read
from gradoracle.derivation.rules.rules import with_rules
from gradoracle.derivation.truth.networks import given, settings
from gradoracle.derivation.verdicts import LineVerdict, Verdict
from gradoracle.errors import InputError
from gradoracle.report.derivation_document import to_document
from gradoracle.report.derivation_facts import network

NONE = "biases: none\n"
TWO = """network: layers 2, activations tanh sigmoid, loss binary_cross_entropy
biases: none
Z1 = W1 @ X
A1 = tanh(Z1)
Z2 = W2 @ A1
A2 = sigmoid(Z2)
J = -sum(Y * log(A2) + (1 - Y) * log(1 - A2)) / n
dZ2 = (A2 - Y) / n
dW2 = dZ2 @ A1.T
dA1 = W2.T @ dZ2
dZ1 = dA1 * (1 - A1**2)
dW1 = dZ1 @ X.T
dX = W1.T @ dZ1
W1 = W1 - alpha * dW1
W2 = W2 - alpha * dW2
"""
ONE = """network: sizes d-1, activations identity, loss half_squared_error
biases: none
A1 = W1 @ X
J = sum((A1 - Y)**2) / (2 * n)
dZ1 = (A1 - Y) / n
dW1 = dZ1 @ X.T
"""
DECAY = TWO.replace("binary_cross_entropy\n", "binary_cross_entropy, l2 lam\n")
DECAY = DECAY.replace("1 - A2)) / n", "1 - A2)) / n + lam / 2 * (sum(W1**2) + sum(W2**2))")
DECAY = DECAY.replace("A1.T", "A1.T + lam * W2").replace("dZ1 @ X.T", "dZ1 @ X.T + lam * W1")
ROWS = """network: layers 2, activations tanh sigmoid, loss binary_cross_entropy
biases: none
layout: rows
Z1 = X @ W1
A1 = tanh(Z1)
Z2 = A1 @ W2
A2 = sigmoid(Z2)
dZ2 = A2 - Y
dW2 = A1.T @ dZ2 / n
dZ1 = (dZ2 @ W2.T) * (1 - A1**2)
dW1 = X.T @ dZ1 / n
"""
OF_ANY = ANY_L.format("relu") + "\n" + NONE
LOOPS = OF_ANY + re.sub(r" \+ b\[[lL]\]|(?m:^ *d?b\[.*\n)", "", NLAYER)
FREE = (
    OF_ANY
    + """Z[l] = W[l] @ A[l-1]
A[l] = g[l](Z[l])
dZ[L] = A[L] - Y
dZ[l] = (W[l+1].T @ dZ[l+1]) * g_prime(Z[l])
dW[l] = dZ[l] @ A[l-1].T / n
"""
)
SMALL = """network: layers L, activations sigmoid sigmoid, loss half_squared_error
biases: none
examples: 1
z^l = w^l a^{l-1}
a^l = \\sigma(z^l)
\\delta^L = (a^L - y) \\odot \\sigma'(z^L)
\\delta^l = ((w^{l+1})^T \\delta^{l+1}) \\odot \\sigma'(z^l)
\\frac{\\partial C}{\\partial w^l} = \\delta^l (a^{l-1})^T
"""
MEANT = TWO.replace("dZ", "delta").replace("W1", "V")
MEANT = MEANT.replace(NONE, f"{NONE}means: V = W1, delta[l] = dZ[l]\n")
ELEVEN_LINES = """network: sizes 3-4-1, activations sigmoid sigmoid, loss half_squared_error
biases: none
layout: rows
l1 = sigmoid(X @ W1)
l2 = sigmoid(l1 @ W2)
l2_delta = (Y - l2) * (l2 * (1 - l2))
l1_delta = l2_delta @ W2.T * (l1 * (1 - l1))
W2 += l1.T @ l2_delta
W1 += X.T @ l1_delta
"""
OWN_J = TWO.replace(", loss binary_cross_entropy", "")
WHOLE = {
    "one layer": (ONE, 4),
    "two layers": (TWO, 13),
    "l2": (DECAY, 13),
    "rows": (ROWS, 8),
    "loops": (LOOPS, 11),
    "free l": (FREE, 5),
    "small letters": (SMALL, 5),
    "means": (MEANT, 13),
    "its own J": (OWN_J, 12),
    "eleven lines": (ELEVEN_LINES, 2),
}


def first(text: str) -> LineVerdict:
    """Return the first wrong line of a text."""
    found = check(text).first
    assert found is not None
    return found


def hint(text: str) -> str:
    """Return what is said of other headers beside the first wrong line."""
    return "; ".join(note for note in first(text).notes if "in the header" in note)


@pytest.mark.parametrize("name", WHOLE)
def test_right_texts_are_right_and_need_the_word(name: str) -> None:
    text, count = WHOLE[name]
    checked = judged(text)
    assert (checked.ok, checked.right) == (True, count)
    assert not any("not given" in note for note in checked.notes)
    assert not judged(text.replace(NONE, "")).ok
    assert not judged(text.replace(NONE, "biases: yes\n")).ok


@pytest.mark.parametrize("name", WHOLE)
def test_the_word_is_told_where_it_alone_is_missing(name: str) -> None:
    text, count = WHOLE[name]
    count = 3 if name == "small letters" else count  # its delta[l] is a helper to begin with
    lines = {2: "both lines are"}.get(count, f"all {count} lines are")
    assert hint(text.replace(NONE, "")) == f"with biases: none in the header {lines} right"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Z1 = W1 @ X\n", "Z1 = W1 @ X + b1\n"),  # then it has lost one only
        ("dX =", "db2 = sum(dZ2, axis=1)\ndX ="),
        (NONE, "biases: yes\n"),  # it says so
        (NONE, f"{NONE}means: c = b2\n"),
        ("dX =", "c = W1 @ X + b[1]\ndX ="),
    ],
)
def test_it_is_not_told_of_a_text_with_biases(old: str, new: str) -> None:
    text = TWO.replace(old, new)
    found = hint(text if "yes" in new else text.replace(NONE, ""))
    assert "biases" not in found


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("dW3 = dZ3 @ A2.T / 2", "with biases: none in the header only line 9 is wrong"),
        ("db3 = sum(dZ3, axis=1) / 2", ""),
        ("db[3] = sum(dZ3, axis=1) / 2", ""),
        ("c = b3 + 1", ""),
        ("c = b[3] + 1", ""),
    ],
)
def test_nor_is_it_where_that_would_leave_a_bias_over(line: str, words: str) -> None:
    text = "network: layers 3, activations tanh sigmoid sigmoid, loss binary_cross_entropy\n"
    for layer, before in ((1, "X"), (2, "A1"), (3, "A2")):
        text += f"Z{layer} = W{layer} @ {before}\nA{layer} = sigmoid(Z{layer})\n"
    text = text.replace("A1 = sigmoid", "A1 = tanh")
    assert hint(f"{text}dZ3 = A3 - Y\n{line}\n") == words


def test_two_words_may_be_missing() -> None:
    words = "with layout: rows and biases: none in the header"
    assert hint(ROWS.replace(f"{NONE}layout: rows\n", "")) == f"{words} all 8 lines are right"
    shapes = ELEVEN_LINES.replace(f"{NONE}layout: rows\n", "")
    assert hint(shapes) == f"{words} both lines are right"


def test_both_words_are_told_where_an_error_is_left() -> None:
    text = ROWS.replace(f"{NONE}layout: rows\n", "").replace("(1 - A1**2)", "(1 - A1)")
    assert hint(text) == "with layout: rows and biases: none in the header only line 8 is wrong"


def test_what_the_header_lacks_may_not_be_all() -> None:
    text = TWO.replace("dA1 * (1 - A1**2)", "dA1").replace(NONE, "")
    text = text.replace("A1.T\n", "A1.T / 2\n")
    assert hint(text) == "with biases: none in the header only lines 8 and 10 are wrong"


@pytest.mark.parametrize(
    ("old", "new", "mistake", "formula", "mend"),
    [
        (
            "Z1 = W1 @ X",
            "Z1 = W1.T @ X",
            "weights-transposed-forward",
            "Z1 = W1.T @ X, which fits where n1 = n0",
            "Z1 = W1 @ X",
        ),
        (
            "Z2 = W2 @ A1",
            "Z2 = W2 @ X",
            "input-fed-to-a-later-layer",
            "Z2 = W2 @ X, which fits where n1 = n0",
            "Z2 = W2 @ A1",
        ),
        (
            "Z2 = W2 @ A1",
            "Z2 = W2 @ Z1",
            "pre-activation-fed-forward",
            "Z2 = W2 @ Z1: the layers collapse into one linear map",
            "Z2 = W2 @ A1",
        ),
        (
            "Z1 = W1 @ X",
            "Z1 = W1 @ mean(X, axis=1)",
            "gradient-at-the-mean-example",
            "Z1 = W1 (mean of X over the examples), the same for each",
            "Z1 = W1 @ X",
        ),
        (
            "dA1 * (1 - A1**2)",
            "dA1 * (1 - Z1**2)",
            "tanh-derivative-on-pre-activation",
            "dZ1 = dA1 * (1 - Z1**2)",
            "dZ1 = dA1 * (1 - A1**2)",
        ),
        (
            "W2.T @ dZ2",
            "W2 @ dZ2",
            "weights-not-transposed",
            "dA1 = W2 @ dZ2, which fits where n2 = n1",
            "dA1 = W2.T @ dZ2",
        ),
        (
            "dZ2 @ A1.T",
            "dZ2 @ X.T",
            "weight-gradient-from-the-input",
            "dW2 = dZ2 @ X.T, which fits where n1 = n0",
            "dW2 = dZ2 @ A1.T",
        ),
    ],
)
def test_wrong_lines_are_named_and_mended_without_a_bias(
    old: str, new: str, mistake: str, formula: str, mend: str
) -> None:
    found = first(TWO.replace(old, new))
    assert found.mend == mend
    assert found.mistake is not None
    assert (found.mistake.name, found.mistake.formula) == (mistake, formula)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Z2 = W2 @ A1", "Z2 = W2 @ A1 + 1"),
        ("Z2 = W2 @ A1", "Z2 = -W2 @ A1"),
        ("Z2 = W2 @ A1", "Z2 = 2 * W2 @ A1"),
        ("A1 = tanh(Z1)", "A1 = sigmoid(Z1)"),
        ("A1 = tanh(Z1)", "A1 = tanh(0 * Z1)"),  # no activation of the bias: there is none
        ("A1 = tanh(Z1)", "A1 = tanh(0)"),
        ("W1 - alpha", "W1 + alpha"),
    ],
)
def test_no_name_is_given_to_what_no_program_without_biases_does(old: str, new: str) -> None:
    found = first(TWO.replace(old, new))
    assert found.verdict.is_wrong
    assert found.mistake is None
    target = old.partition(" ")[0]
    right = next(line for line in TWO.splitlines() if line.startswith(f"{target} ="))
    assert found.mend == right


@pytest.mark.parametrize(
    ("convention", "delta", "division"),
    [
        ("plain", "(A2 - Y) / n", ""),
        ("per-example", "A2 - Y", " / n"),
        ("undivided", "A2 - Y", ""),
    ],
)
def test_errors_are_found_in_every_convention(convention: str, delta: str, division: str) -> None:
    text = ROWS.replace(NONE, f"{NONE}convention: {convention}\n").replace("A2 - Y", delta)
    text = re.sub(r"(@ dZ\d) / n", rf"\1{division}", text)
    assert judged(text).ok
    wrong = first(text.replace("(1 - A1**2)", "A1 * (1 - A1)"))
    assert wrong.key == "dZ1"
    assert wrong.mistake is not None
    assert wrong.mend == "dZ1 = (dZ2 @ W2.T) * (1 - A1**2)"


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("Z1 = W1 @ X\n", "Z1 = W1 @ X + b1\n", "b1"),
        ("Z2 = W2 @ A1\n", "Z2 = W2 @ A1 + b[2]\n", "b2"),
        ("dX =", "db2 = sum(dZ2, axis=1)\ndX =", "db2"),
        ("dX =", "db[1] = sum(dZ1, axis=1)\ndX =", "db1"),
        ("W2 = W2 -", "b2 = b2 - alpha * sum(dZ2, axis=1)\nW2 = W2 -", "b2"),
        ("W2 = W2 -", "b1 = zeros(n1, 1)\nW2 = W2 -", "b1"),
    ],
)
def test_biases_are_no_names_of_such_a_text(old: str, new: str, name: str) -> None:
    found = first(TWO.replace(old, new))
    assert found.verdict is UNDEFINED
    said = f"the header says biases: none, and so there is no {name}"
    assert found.detail.partition("; ")[0] == said
    assert UNDEFINED not in verdicts(TWO)


def test_a_line_that_no_edit_mends_is_written_anew() -> None:
    for text, right in ((TWO, "W2 @ A1"), (ROWS, "A1 @ W2")):
        found = first(text.replace(f"Z2 = {right}", "Z2 = exp(A1) * 3 - norm(X) / A1"))
        assert found.mend == f"Z2 = {right}"


def test_a_bias_too_much_is_mended() -> None:
    found = first(TWO.replace("W2 @ A1\n", "W2 @ A1 + b2\n"))
    assert found.mend == "Z2 = W2 @ A1"
    assert found.detail.endswith("+ b2 is too much")


@pytest.mark.parametrize("name", ["b1", "db2", "b[1] + W1"])
def test_no_name_can_mean_a_bias(name: str) -> None:
    with pytest.raises(DerivationError, match="there are none: biases: none"):
        check(TWO.replace(NONE, f"{NONE}means: c = {name}\n"))


def test_a_missing_weight_is_still_told() -> None:
    text = TWO.replace("dW1 = dZ1 @ X.T\n", "").replace("W1 = W1 - alpha * dW1\n", "")
    (note,) = [note for note in judged(text).notes if "not given" in note]
    assert note.endswith(": dW1")


@pytest.mark.parametrize("value", ["no", "", "none none", "NONE", "0", "yes, none", "<b>none</b>"])
def test_other_values_are_refused(value: str) -> None:
    with pytest.raises(DerivationError, match="line 2: expected biases one of yes, none"):
        check(TWO.replace(NONE, f"biases: {value}\n"))


def test_it_is_said_once() -> None:
    with pytest.raises(DerivationError, match="line 3: expected biases: once"):
        check(TWO.replace(NONE, f"{NONE}biases: yes\n"))


@pytest.mark.parametrize("curve", ["relu", "leaky_relu", "elu"])
def test_layers_see_both_sides_of_their_kink(curve: str) -> None:
    header = read_header(read(TWO.replace("tanh", curve, 1)))
    for setting in settings(header):
        floats = given(header, setting).floats
        assert not any(name.startswith("b") for name in floats)
        Z = floats["W1"] @ floats["X"]
        assert (Z > 0).any()
        assert (Z < 0).any()
        assert (np.abs(Z) > 0).all()


def test_rules_are_those_of_a_product_alone() -> None:
    lines = {line.key: line for line in with_rules(check(TWO)).lines}
    assert "product with a transpose: Z2 = W2 @ A1 gives dZ2 @ A1.T" in lines["dW2"].rules
    assert all(lines[key].rules for key in ("dZ2", "dA1", "dZ1", "dW1", "dX"))
    assert not any(re.search(r"\bb\d", rule) for line in lines.values() for rule in line.rules)


def test_no_function_is_printed_for_cases_that_have_biases() -> None:
    with pytest.raises(InputError, match="expected a network with biases; got biases: none"):
        numpy_code(check(TWO))
    with pytest.raises(InputError, match="expected a derivation whose lines are all right"):
        numpy_code(check(TWO.replace("A2 - Y", "Y - A2")))  # that first


def test_the_command_says_so_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    path = tmp_path / "none.txt"
    path.write_text(TWO)
    assert main(["derive", str(path), "--to", "numpy"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert "biases: none" in printed.err


def test_reports_say_it() -> None:
    for text, word in ((TWO, "none"), (TWO.replace(NONE, ""), "yes")):
        checked = judged(text)
        assert json.loads(to_document(checked))["header"]["biases"] == word
        assert ("no biases" in network(checked.header)) is (word == "none")


def test_symptoms_lose_their_bias_alone() -> None:
    symptom = "Z[l] = W[l]ᵀ A[l-1] + b[l], which fits where n[l] = n[l-1]"
    assert without_biases(symptom) == "Z[l] = W[l]ᵀ A[l-1], which fits where n[l] = n[l-1]"
    assert without_biases("dW[l] = dZ[l] + λ W[l]") == "dW[l] = dZ[l] + λ W[l]"


def test_a_wrong_line_without_biases_is_wrong_on_every_network() -> None:
    """What is silent on squares is caught: a transpose, and an activation for another."""
    for old, new in (("W1 @ X\n", "W1.T @ X\n"), ("tanh(Z1)", "Z1"), ("- A1**2", "- A1")):
        found = judged(TWO.replace(old, new))
        assert not found.ok
        assert found.wrong
        assert found.right < 13
    assert {line.verdict for line in judged(TWO).lines} == {RIGHT}
    assert Verdict.WRONG in verdicts(ONE.replace("(A1 - Y) / n", "(Y - A1) / n"))
