"""A mend is right everywhere, near to what was written, and in the text's own names."""

from __future__ import annotations

import numpy as np
import pytest
from flint import ctx
from planted_errors import RIGHT, Planted
from test_naming import wrong_formulas

from gradoracle.derivation.check import check
from gradoracle.derivation.judging.agreement import PRECISIONS
from gradoracle.derivation.judging.choosing import choose
from gradoracle.derivation.judging.outcomes import Judged
from gradoracle.derivation.judging.places import Place, all_places
from gradoracle.derivation.judging.taken import judged_on
from gradoracle.derivation.mending import mending, search
from gradoracle.derivation.reading import syntax
from gradoracle.derivation.reading.header_lines import read_header
from gradoracle.derivation.reading.source import read
from gradoracle.derivation.truth.networks import given, settings
from gradoracle.derivation.verdicts import Checked, Verdict

AS_PRINTED = """\
network: sizes 784-196-1, activations sigmoid sigmoid, loss binary_cross_entropy, reduction mean
convention: undivided
Z1 = W1 @ X + b1
A1 = sigmoid(Z1)
Z2 = W2 @ A1 + b2
A2 = sigmoid(Z2)
J = -(1 / n) * (Y * log(A2) - (1 - Y) * log(1 - A2))
dW2 = (-Y / A2 + (1 - Y) / (1 - A2)) * (A2 * (1 - A2)) * A2
dZ2 = A2 - Y
db2 = dZ2
dA1 = dZ2 @ W2
dZ1 = dZ2 @ W2 * sigmoid_prime(Z1)
dW1 = (A2 - Y) * W2 * sigmoid_prime(Z1) * X
db1 = dZ1
W1 = W1 + alpha * dW1
"""
OTHERS = (  # three right formulas in other layouts and by other rules
    """\
network: layers 2, activations gelu silu, loss squared_error, reduction mean_all, l2 lam
layout: rows
weights: out-by-in
A1 = gelu(X @ W1.T + b1)
A2 = silu(A1 @ W2.T + b2)
dA2 = 2 * (A2 - Y)
dZ2 = dA2 * sigmoid(Z2)
dW2 = dZ2 @ A1.T / n
db2 = sum(dZ2, axis=0) / n
dA1 = dZ2 @ W2.T
dZ1 = dA1 * sigmoid(Z1)
dW1 = dZ1 @ X + lam * W1
db1 = sum(dZ1) / n
W1 = W1 - dW1
""",
    """\
network: sizes d-h-o, activations tanh identity
means: E = J, d2 = -dZ2, d1 = -dZ1 / 2
E = sum((A2 - Y)**2) / (2 * n)
d2 = A2 - Y
d1 = (W2.T @ d2) * (1 - A1)
dW1 = d1 @ X.T / n
""",
    """\
inputs: x (1, n), y (1, n), w (1, 1), b (1, 1)
yhat = w * x + b
J = sum((yhat - y)**2) / n
dw = 2 * sum((y - yhat) * x) / n
db = sum(yhat - y) / n
w = w + alpha * dw
""",
)
TWO = "dZ1 = (W2.T @ dZ2) * A1 * (1 - A1)"
OWN = "minus_error = -(W2.T @ dEdZ2) * (Z1 > 0)"


def with_mends(text: str, checked: Checked) -> str:
    """Return a text with every wrong line mended."""
    lines = text.splitlines()
    for line in checked.wrong:
        assert line.mend, line.line.normal
        old = lines[line.line.number - 1]
        lines[line.line.number - 1] = old[: len(old) - len(old.lstrip())] + line.mend
    return "\n".join(lines)


@pytest.mark.parametrize("text", [AS_PRINTED, *OTHERS], ids=["as printed", "rows", "ties", "w, b"])
def test_all_mends_together_make_a_text_right(text: str) -> None:
    checked = check(text)
    assert len(checked.wrong) >= 3
    mended = check(with_mends(text, checked))
    assert mended.ok, [(line.line.normal, line.verdict) for line in mended.wrong]


@pytest.mark.parametrize(
    ("base", "line", "mend", "words"),
    [
        ("two layers", "dW2 = dZ2 @ A1 / n", "dW2 = dZ2 @ A1.T / n", "A1 must be transposed"),
        ("two layers", "dW2 = dZ2 @ A2.T / n", "dW2 = dZ2 @ A1.T / n", "A1, not A2"),
        ("two layers", "dW2 = dZ2 @ A1.T", "dW2 = dZ2 @ A1.T / n", "/ n is missing"),
        ("two layers", "dZ2 = Y - A2", "dZ2 = A2 - Y", "A2 - Y, in that order"),
        ("two layers", "Z1 = W1 @ X", "Z1 = W1 @ X + b1", "+ b1 is missing"),
        ("two layers", "A1 = sigmoid(b1)", "A1 = sigmoid(Z1)", "Z1, not b1"),
        ("squares", "dA1 = dZ2 @ W2", "dA1 = W2.T @ dZ2", "dZ2 and W2 in the other order"),
        ("squares", "dA1 = W2.T @ dA2", "dA1 = W2.T @ dZ2", "dZ2, not dA2"),
        ("squares", "db1 = dZ1", "db1 = sum(dZ1, axis=1)", "the sum over the examples is missing"),
        ("squares", "db1 = sum(dZ1, axis=0)", "db1 = sum(dZ1, axis=1)", "the sum is over axis=1"),
        ("squares", "dW1 = dZ1 @ X.T / n", "dW1 = dZ1 @ X.T", "/ n is too much"),
        ("squares", "dZ1 = dA1 * (1 - A1)", "dZ1 = dA1 * (1 - A1**2)", "the derivative of tanh is"),
        (
            "squares",
            "dZ1 = dA1",
            "dZ1 = dA1 * (1 - A1**2)",
            "the derivative of tanh, 1 - A1**2, is",
        ),
        ("squares", "dZ1 = dA1 * tanh_prime(A1)", "dZ1 = dA1 * tanh_prime(Z1)", "at Z1, not at A1"),
        ("softmax", "A2 = softmax(Z2, axis=1)", "A2 = softmax(Z2, axis=0)", "axis=0"),
        ("softmax", "dZ2 = (A2 - Y) * A2 * (1 - A2)", "dZ2 = A2 - Y", "A2 * (1 - A2) is too much"),
        ("decayed", "dW2 = dZ2 @ A1.T", "dW2 = dZ2 @ A1.T + lam * W2", "+ lam * W2 is missing"),
        (
            "decayed",
            "dW2 = dZ2 @ A1.T - lam * W2",
            "dW2 = dZ2 @ A1.T + lam * W2",
            "+ lam * W2, not",
        ),
        ("loop", "dW[l] = dZ[l] @ A[l].T / n", "dW[l] = dZ[l] @ A[l-1].T / n", "A[l-1], not A[l]"),
        ("loop", "dA[l-1] = dZ[l] @ W[l]", "dA[l-1] = W[l].T @ dZ[l]", "W[l] must be transposed"),
        ("loop", "A[l] = g(b[l])", "A[l] = g(Z[l])", "Z[l], not b[l]"),
        ("rows", "dW1 = X @ dZ1", "dW1 = X.T @ dZ1", "X must be transposed"),
        ("own names", "dEdW2 = dEdZ2 @ A / n", "dEdW2 = dEdZ2 @ A.T / n", "must be transposed"),
        ("updates", "W2 = W2 + alpha * dW2", "W2 = W2 - alpha * dW2", "- alpha * dW2, not +"),
        ("updates", "W2 = W2 - alpha * dW2.T", "W2 = W2 - alpha * dW2", "dW2 must not be"),
        ("updates", "W2 = W1 - alpha * dW2", "W2 = W2 - alpha * dW2", "W2, not W1"),
        ("updates", "b1 = b1 - alpha @ db1", "b1 = b1 - alpha * db1", "no matrix product"),
        ("updates", "b1 = b1 - alpha * dW1", "b1 = b1 - alpha * db1", "db1, not dW1"),
        ("squares", "J = sum((A2 - Y)**2) / n**2", "J = sum((A2 - Y)**2) / n", "a factor n is"),
        ("squares", "dA2 = (A2 - Y) / n", "dA2 = 2 * (A2 - Y) / n", "a factor 2 is missing"),
        ("squares", "dW2 = (n * dZ2) @ A1.T", "dW2 = dZ2 @ A1.T", "the factor n is too much"),
        ("squares", "dW2 = dZ2 @ A1.T / (2 * n)", "dW2 = dZ2 @ A1.T", "/ (2 * n) is too much"),
        (
            "squares",
            "dA2 = 2 * (A2 - Y / n)",
            "dA2 = 2 * (A2 - Y) / n",
            "/ n is of all of A2 - Y",
        ),
        ("decayed", "dW2 = dZ2 @ A1.T + lam * W2.T", "dW2 = dZ2 @ A1.T + lam * W2", "W2 must not"),
        ("decayed", "dW2 = A1 @ dZ2.T + lam * W2", "dW2 = dZ2 @ A1.T + lam * W2", "transposed"),
        ("decayed", "dW2 = (dZ2 @ A1.T + lam * W2).T", "dW2 = dZ2 @ A1.T + lam * W2", "must not"),
        ("two layers", "dZ1 = (W2.T @ dZ2) * A2 * (1 - A2)", TWO, "A1 * (1 - A1), not"),
        ("two layers", "dZ1 = (W3.T @ dZ2) * A1 * (1 - A1)", TWO, "W2, not W3"),
        ("two layers", "dW1 = dZ1 @ Z0.T / n", "dW1 = dZ1 @ X.T / n", "X, not Z0"),
        (
            "two layers",
            "A1 = 1 / (1 + exp(Z1))",
            "A1 = 1 / (1 + exp(-Z1))",
            "exp(-Z1), not exp(Z1)",
        ),
        (
            "own names",
            "minus_error = (W2.T @ dEdZ2) * (Z1 > 0)",
            "minus_error = -(W2.T @ dEdZ2) * (Z1 > 0)",
            "the sign of (W2.T @ dEdZ2) * (Z1 > 0) is reversed",
        ),
        ("own names", "dEdW1 = minus_error @ X.T / n", "dEdW1 = -minus_error @ X.T / n", "sign of"),
        ("own names", "minus_error = -(W2.T @ dEdZ2) * A", OWN, "is Z1 > 0, not A"),
    ],
)
def test_the_nearest_edit(base: str, line: str, mend: str, words: str) -> None:
    first = check(Planted("", base, line).text()).first
    assert first is not None
    assert first.line.normal == line
    assert first.mend == mend
    assert words in first.detail


@pytest.mark.parametrize(
    ("base", "line", "mend"),
    [
        ("two layers", "dW2 = (A2 - Y) * A2", "dW2 = dZ2 @ A1.T / n"),
        ("two layers", "dZ1 = A1 + b1", "dZ1 = (W2.T @ dZ2) * A1 * (1 - A1)"),
        ("squares", "dX = X", "dX = W1.T @ dZ1"),
        ("squares", "J = n", "J = sum((A2 - Y)**2) / n"),
        ("squares", "A1 = X @ X.T", "A1 = tanh(Z1)"),
        ("softmax", "dZ2 = dA2", "dZ2 = A2 * (dA2 - sum(A2 * dA2, axis=0))"),
        ("softmax", "dZ2 = Y * Y", "dZ2 = A2 - Y"),
        ("softmax", "dA2 = Y + A2", "dA2 = -Y / A2"),
        ("updates", "W1 = W1**3", "W1 = W1 - alpha * dW1"),
        ("decayed", "dW3 = W3**3", "dW3 = dZ3 @ A2.T + lam * W3"),
        ("loop", "dW[l] = W[l] * W[l]", "dW[l] = dZ[l] @ A[l-1].T / n"),
        ("loop", "dA[l-1] = A[l-1]**3", "dA[l-1] = W[l].T @ dZ[l]"),
        ("rows", "dW1 = W1**3", "dW1 = X.T @ dZ1"),
        ("rows", "db1 = b1", "db1 = sum(dZ1, axis=0)"),
        ("own names", "dEdb2 = b2", "dEdb2 = sum(dEdZ2, axis=1) / n"),
        ("own names", "dEdb1 = b1", "dEdb1 = -sum(minus_error, axis=1) / n"),
        ("own names", "minus_error = Z1", "minus_error = -(W2.T @ dEdZ2) * (Z1 > 0)"),
        ("updates", "b2 = db2", "b2 = b2 - alpha * db2"),
        ("updates", "W2 = W2 + 0.5 * Z2", "W2 = W2 - 0.5 * dW2"),
        ("squares", "A1 = Z1", "A1 = tanh(Z1)"),
    ],
)
def test_the_right_formula_where_no_few_edits_do(base: str, line: str, mend: str) -> None:
    first = check(Planted("", base, line).text()).first
    assert first is not None
    assert first.line.normal == line
    assert first.mend == mend


TIED = """\
network: layers L, activations relu sigmoid, loss binary_cross_entropy
means: delta[l] = -dZ[l], gW[l] = dW[l], h[l] = A[l]
for l in range(1, L):
    Z[l] = W[l] @ h[l-1] + b[l]
    h[l] = relu(Z[l])
Z[L] = W[L] @ h[L-1] + b[L]
h[L] = sigmoid(Z[L])
delta[L] = Y - h[L]
gW[L] = -delta[L] @ h[L-1].T / n
db[L] = -sum(delta[L], axis=1) / n
for l in range(L-1, 0, -1):
    dh[l] = W[l+1].T @ -delta[l+1]
    delta[l] = -dh[l] * (Z[l] > 0)
    gW[l] = -delta[l] @ h[l-1].T / n
    db[l] = -sum(delta[l], axis=1) / n
"""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("    gW[l] = -delta[l] @ h[l-1].T / n", "gW[l] = W[l]"),
        ("    gW[l] = -delta[l] @ h[l-1].T / n", "gW[l] = -delta[l] @ h[l].T / n"),
        ("    gW[l] = -delta[l] @ h[l-1].T / n", "gW[l] = delta[l] @ h[l-1].T / n"),
        ("    db[l] = -sum(delta[l], axis=1) / n", "db[l] = b[l]"),
        ("    delta[l] = -dh[l] * (Z[l] > 0)", "delta[l] = -dh[l]"),
        ("delta[L] = Y - h[L]", "delta[L] = h[L] - Y"),
    ],
)
def test_names_tied_layer_by_layer_with_a_factor(right: str, wrong: str) -> None:
    assert check(TIED).ok
    first = check(TIED.replace(right, " " * (len(right) - len(right.lstrip())) + wrong)).first
    assert first is not None
    assert first.line.normal == wrong
    assert first.mend == right.strip()


def test_no_mend_reads_what_is_not_there_yet() -> None:
    """Without a line for dZ2 its formula is put in its place."""
    text = RIGHT["two layers"].replace("dZ2 = A2 - Y\n", "").replace("dZ2 @ A1.T / n", "A2 @ A1.T")
    lines = [line for line in text.splitlines() if "dZ2" not in line and "Z1" not in line[1:]]
    first = check(
        "\n".join([line for line in lines if not line.startswith("d") or "dW2" in line])
    ).first
    assert first is not None
    assert first.mend == "dW2 = (A2 - Y) @ A1.T / n"


def test_softmax_and_a_loss_of_the_text_s_own() -> None:
    text = """network: layers 2, activations relu softmax
layout: rows
convention: undivided
J = sum(-Y * log(A2) - (1 - Y) * log(1 - A2)) / (n * n2)
dA2 = (-Y / A2 + (1 - Y) / (1 - A2)) / n2
dZ2 = dA2 * A2 * (1 - A2)
W2 = W2 - alpha * dW2
"""
    one, other = check(text).wrong
    assert one.mend == "dZ2 = A2 * (dA2 - sum(A2 * dA2, axis=1))"
    assert other.verdict is Verdict.UNDEFINED
    assert other.mend == "W2 = W2 - alpha * (A1.T @ dZ2)"


def test_a_mend_of_many_random_errors_is_right() -> None:
    """Every mend is put in the place of the line, and the line is judged anew."""
    formulas, mends = wrong_formulas(np.random.default_rng(2)), 0
    while mends < 25:
        text = next(formulas)
        checked = check(text)
        if checked.wrong and checked.wrong[0].mend:
            first = checked.wrong[0]
            lines = text.splitlines()
            old = lines[first.line.number - 1]
            lines[first.line.number - 1] = old[: len(old) - len(old.lstrip())] + first.mend
            again = next(
                line
                for line in check("\n".join(lines)).lines
                if line.line.number == first.line.number
            )
            assert again.verdict is Verdict.RIGHT, (first.line.normal, first.mend)
            assert not again.notes, again.notes
            mends += 1


def everywhere(text: str, number: int) -> list[Place]:
    """Return where a line runs."""
    source = read(text)
    header = read_header(source)
    networks = [given(header, setting) for setting in settings(header)]
    reading = choose(header, source, lambda one: judged_on(header, source, networks[0], one))
    judged: list[Judged] = [judged_on(header, source, one, reading) for one in networks]
    line = next(line for line in source.lines if line.number == number)
    return all_places(header, judged, [line])[id(line)]


@pytest.mark.parametrize(
    ("formula", "is_right"),
    [
        ("(W2.T @ dZ2) * A1 * (1 - A1)", True),
        ("(W2.T * dZ2) * A1 * (1 - A1)", False),  # right for one output, and so spread oddly
        ("(W2.T @ dZ2) * A1 * (1 - A1) * (1 + 1e-38)", False),
        ("W2.T @ dZ2", False),
        ("log(-1 * A1) * A1", False),
        ("(W2.T @ dZ2) * A1 * (1 - A1) / (n - n)", False),
        ("dZ1 + unknown", False),
        ("W2 @ dZ2", False),
        ("(A1 > A1) * dZ1", False),
    ],
)
def test_what_is_right_everywhere(formula: str, is_right: bool) -> None:
    at = everywhere(RIGHT["two layers"], Planted("", "two layers", "dZ1 =").number)
    with ctx.workprec(PRECISIONS[0]):
        assert mending.right(syntax.read(formula), at) is is_right


def test_mends_do_not_change_from_run_to_run() -> None:
    one, other = check(AS_PRINTED), check(AS_PRINTED)
    assert [line.mend for line in one.lines] == [line.mend for line in other.lines]
    assert [line.detail for line in one.lines] == [line.detail for line in other.lines]


def test_a_long_formula_is_not_edited_but_mended() -> None:
    long = " + ".join(["0 * A1"] * 30)
    first = check(Planted("", "squares", f"A1 = {long} + Z1").text()).first
    assert first is not None
    assert first.mend == "A1 = tanh(Z1)"


def test_without_a_budget_there_is_the_right_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "TRIED", 0)
    first = check(Planted("", "squares", "dZ1 = dA1 * (1 - A1)").text()).first
    assert first is not None
    assert first.mend == "dZ1 = dA1 * (1 - A1**2)"
    assert "the derivative of tanh" not in first.detail


def test_helpers_and_right_lines_have_no_mend() -> None:
    text = RIGHT["two layers"] + "helper = W1 @ W1\n"
    checked = check(text)
    assert not any(line.mend for line in checked.lines)


@pytest.mark.parametrize(
    "update",
    [
        "(1 + alpha * lam / n) * W2 - alpha * dW2",
        "(1 - alpha * lam / n) * W2 - alpha * dW2 * W2 * lam",
    ],
)
def test_an_update_in_which_the_weights_decay_goes_on_to_let_them(update: str) -> None:
    text = "network: layers 2, activations sigmoid sigmoid, loss binary_cross_entropy\n"
    text += "dZ2 = A2 - Y\ndW2 = dZ2 @ A1.T / n\nW2 = {}\n"
    found = check(text.format(update)).first
    assert found is not None
    assert found.mend == "W2 = (1 - alpha * lam / n) * W2 - alpha * dW2"
    assert check(text.format(found.mend.partition(" = ")[2])).ok
