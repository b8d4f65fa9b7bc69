"""A name of the text's own that is in error is found through what reads it, and blamed once."""

from __future__ import annotations

import pytest

from gradoracle.derivation.check import check
from gradoracle.derivation.verdicts import Verdict

TWO = """
network: sizes 784-196-2, activations tanh sigmoid, loss binary_cross_entropy
hid = tanh(W1 @ X + b1)
out = sigmoid(W2 @ hid + b2)
err = out - Y
dW2 = err @ hid.T / n
db2 = sum(err, axis=1) / n
back = W2.T @ err * (1 - hid**2)
dW1 = back @ X.T / n
db1 = sum(back, axis=1) / n
"""
RUNNING = """
network: layers L, activations sigmoid sigmoid, loss binary_cross_entropy
for l in range(1, L + 1):
    Z[l] = W[l] @ A[l-1] + b[l]
    A[l] = sigmoid(Z[l])
delta = A[L] - Y
for l in range(L, 0, -1):
    dW[l] = delta @ A[l-1].T / n
    db[l] = sum(delta, axis=1) / n
    delta = (W[l].T @ delta) * A[l-1] * (1 - A[l-1])
"""
LAYERED = """
network: layers L, activations sigmoid sigmoid, loss binary_cross_entropy
a[0] = X
for l in range(1, L + 1):
    a[l] = sigmoid(W[l] @ a[l-1] + b[l])
delta[L] = a[L] - Y
for l in range(L, 0, -1):
    dW[l] = delta[l] @ a[l-1].T / n
    db[l] = sum(delta[l], axis=1) / n
    delta[l-1] = W[l].T @ delta[l] * a[l-1] * (1 - a[l-1])
"""
TWICE = """
network: sizes 3-4-2, activations tanh sigmoid, loss binary_cross_entropy
Z1 = W1 @ X + b1
A1 = tanh(Z1)
Z2 = W2 @ A1 + b2
A2 = sigmoid(Z2)
delta = A2 - Y
dW2 = delta @ A1.T / n
db2 = sum(delta, axis=1) / n
delta = (W2.T @ delta) * (1 - A1**2)
dW1 = delta @ X.T / n
db1 = sum(delta, axis=1) / n
"""
STEPS = """
network: layers L, activations tanh sigmoid, loss binary_cross_entropy
a[0] = X
for l in range(1, L):
    u[l] = W[l] @ a[l-1]
    z[l] = u[l] + b[l]
    a[l] = tanh(z[l])
top = W[L] @ a[L-1] + b[L]
out = sigmoid(top)
e = out - Y
delta = e
for l in range(L, 1, -1):
    p = delta @ a[l-1].T
    dW[l] = p / n
    q = sum(delta, axis=1)
    db[l] = q / n
    back = W[l].T @ delta
    slope = 1 - a[l-1]**2
    delta = back * slope
dW1 = delta @ X.T / n
db1 = sum(delta, axis=1) / n
"""
WRONG = [  # text, what is written, the slip, its line, what is said of it, what is fed by it
    (TWO, "err = out - Y", "err = Y - out", 5, "err is read as dZ2: lines 6 and 7", (6, 7, 9, 10)),
    (TWO, "err = out - Y", "err = out - Y + 1", 5, "err is read as dZ2", (6, 7)),
    (TWO, "hid = tanh(W1", "hid = sigmoid(W1", 3, "hid is read as A1", (6,)),
    (TWO, "X + b1)", "X + b2)", 3, "hid is read as A1", (6,)),
    (TWO, "back = W2.T", "back = W2", 8, "back is read as dZ1: lines 9 and 10", (9, 10)),
    (TWO, "1 - hid**2", "1 - hid", 8, "back is read as dZ1: lines 9 and 10", (9, 10)),
    (RUNNING, "(W[l].T @", "(W[l] @", 10, "delta is read as dZ: lines 8 and 9", (8, 9)),
    (RUNNING, "* (1 - A[l-1])", "", 10, "delta is read as dZ: lines 8 and 9", (8, 9)),
    (RUNNING, "delta = A[L] - Y", "delta = Y - A[L]", 6, "delta is read as dZ", (8, 9, 10)),
    (LAYERED, "a[L] - Y", "Y - a[L]", 6, "delta is read as dZ: lines 8 and 9", (8, 9, 10)),
    (LAYERED, "* (1 - a[l-1])", "* (1 - a[l])", 10, "delta is read as dZ", (8, 9)),
    (TWICE, "1 - A1**2", "1 - A1", 10, "delta is read as dZ: lines 11 and 12", (11, 12)),
    (STEPS, "e = out - Y", "e = Y - out", 10, "e is read as dZ: lines 14, 16", (14, 16, 20, 21)),
    (STEPS, "1 - a[l-1]**2", "1 - a[l-1]", 18, "slope is read as tanh_prime(Z[l])", (14, 16)),
    (TWICE, "delta = A2 - Y", "delta = Y - A2", 7, "delta is read as dZ", (8, 9, 10, 11, 12)),
]


@pytest.mark.parametrize("text", [TWO, RUNNING, LAYERED, TWICE, STEPS])
def test_right_names_are_left_as_they_are(text: str) -> None:
    checked = check(text)
    assert checked.ok, checked.first
    helpers = any(line.verdict is Verdict.HELPER for line in checked.lines)
    assert helpers or text is LAYERED  # whose delta[l] is dZ[l] by habit
    assert not any(line.notes or line.detail for line in checked.lines)


@pytest.mark.parametrize(("text", "old", "new", "number", "said", "fed"), WRONG)
def test_the_line_that_sets_a_wrong_name_is_the_wrong_one(
    text: str, old: str, new: str, number: int, said: str, fed: tuple[int, ...]
) -> None:
    assert old in text
    checked = check(text.replace(old, new))
    assert [line.line.number for line in checked.wrong] == [number]
    assert checked.first is not None
    assert any(said in note for note in checked.first.notes)
    verdicts = {line.line.number: line.verdict for line in checked.lines}
    assert all(verdicts[line] is Verdict.FED for line in fed)
    written = checked.first.line
    assert written.written == text.replace(old, new).splitlines()[number - 1].strip()
    assert "_at" not in repr(checked)


@pytest.mark.parametrize(("text", "old", "new", "number", "said", "fed"), WRONG)
def test_the_text_with_the_mend_is_right(
    text: str, old: str, new: str, number: int, said: str, fed: tuple[int, ...]
) -> None:
    checked = check(text.replace(old, new))
    assert checked.first is not None
    if "+ 1" in new:
        assert checked.first.mend
    lines = text.replace(old, new).splitlines()
    indent = len(lines[number - 1]) - len(lines[number - 1].lstrip())
    lines[number - 1] = " " * indent + checked.first.mend
    again = check("\n".join(lines))
    left = [line for line in again.lines if line.verdict is not Verdict.HELPER]
    if "slope" in text:  # nobody reads it any more
        left = [line for line in left if line.key != "slope"]
    assert {line.verdict for line in left} == {Verdict.RIGHT}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (TWO.replace("err = out - Y", "err = Y - out"), "error-reversed"),
        (RUNNING.replace("(W[l].T @", "(W[l] @"), "weights-not-transposed"),
        (TWICE.replace("1 - A1**2", "1 - A1"), "tanh-derivative-not-squared"),
    ],
)
def test_the_mistake_is_named(text: str, name: str) -> None:
    first = check(text).first
    assert first is not None
    assert first.mistake is not None
    assert first.mistake.name == name


@pytest.mark.parametrize(
    ("old", "new", "number"),
    [
        ("dW2 = err", "dW2 = -err", 6),  # the others that read err are right
        ("dW2 = err @ hid.T / n", "dW2 = err @ hid.T", 6),
        ("db1 = sum(back, axis=1) / n", "db1 = sum(back, axis=1)", 10),
        ("dW1 = back @ X.T / n", "dW1 = back @ X.T / n**2", 9),
    ],
)
def test_a_right_name_is_not_blamed_for_what_reads_it(old: str, new: str, number: int) -> None:
    checked = check(TWO.replace(old, new))
    assert [line.line.number for line in checked.wrong] == [number]


def test_two_wrong_names_are_both_found() -> None:
    text = TWO.replace("err = out - Y", "err = Y - out").replace("1 - hid**2", "1 - hid")
    checked = check(text)
    assert [line.line.number for line in checked.wrong] == [5, 8]


def test_a_name_that_one_line_reads_is_only_doubted() -> None:
    """Either of the two lines may have the sign wrong: nobody can tell which."""
    text = TWO.split("db2")[0].replace("err = out - Y", "err = Y - out")
    checked = check(text)
    assert [line.line.number for line in checked.wrong] == [6]
    assert checked.first is not None
    assert checked.first.notes == ("right if err (line 5), which only it reads, were dZ2",)
    assert not check(text.replace("err @ hid.T", "err @ hid.T * 3")).lines[3].notes


FREE = """
network: layers L, activations tanh softmax, loss cross_entropy
A[0] = X
for l in range(1, L + 1):
    Z[l] = W[l] @ A[l-1] + b[l]
    A[l] = g[l](Z[l])
delta = (A[L] - Y) / n
for l in range(L, 0, -1):
"""
TWO_STEPS = (
    FREE
    + """
    dW[l] = delta @ A[l-1].T
    db[l] = sum(delta, axis=1)
    delta = W[l].T @ delta
    delta = delta * (1 - A[l-1]**2)
"""
)
UPDATED = (
    FREE
    + """
    W[l] = W[l] - alpha * delta @ A[l-1].T
    b[l] = b[l] - alpha * sum(delta, axis=1)
    delta = W[l].T @ delta
    delta = delta * (1 - A[l-1]**2)
"""
)
SAVED = UPDATED.replace("    W[l] = W", "    back = W[l].T @ delta\n    W[l] = W").replace(
    "    delta = W[l].T @ delta\n    delta = delta *", "    delta = back *"
)


@pytest.mark.parametrize("text", [TWO_STEPS, SAVED])
def test_a_running_name_in_two_steps_is_left_as_it_is(text: str) -> None:
    assert check(text).ok


def test_the_second_step_of_a_running_name_is_blamed() -> None:
    checked = check(TWO_STEPS.replace("1 - A[l-1]**2)", "1 - A[l-1])**2"))
    assert [line.line.written for line in checked.wrong] == ["delta = delta * (1 - A[l-1])**2"]
    assert checked.wrong[0].mend == "delta = delta * (1 - A[l-1]**2)"
    assert "_part" not in repr(checked)


def test_an_update_before_the_error_has_gone_on_is_seen_through_a_running_name() -> None:
    checked = check(UPDATED)
    assert [line.verdict for line in checked.wrong] == [Verdict.ORDER]
    assert checked.wrong[0].line.target.base == "delta"
    assert "updated before: W" in checked.wrong[0].detail
    assert "_part" not in repr(checked)


def test_an_error_of_its_own_in_a_reader_does_not_save_the_name() -> None:
    text = TWO_STEPS.replace("W[l].T @ delta", "W[l] @ delta * 1")
    text = text.replace("sum(delta, axis=1)", "sum(delta, axis=1) / n")
    checked = check(text)
    wrong = {line.line.written.partition(" =")[0] for line in checked.wrong}
    assert wrong == {"db[l]", "delta"}
    assert all(line.verdict is not Verdict.WRONG for line in checked.lines if line.key == "dW[l]")


SCALED = """
network: sizes 5-4-3, activations tanh sigmoid, loss binary_cross_entropy
Z1 = W1 @ X + b1
A1 = tanh(Z1)
Z2 = W2 @ A1 + b2
A2 = sigmoid(Z2)
dZ2 = A2 - Y
k = 1 / n
dW2 = k * dZ2 @ A1.T
db2 = k * sum(dZ2, axis=1)
dZ1 = (W2.T @ dZ2) * (1 - A1**2)
dW1 = k * dZ1 @ X.T
db1 = k * sum(dZ1, axis=1)
"""


def test_a_number_of_the_text_s_own_is_blamed_as_an_array_is() -> None:
    assert check(SCALED).ok
    checked = check(SCALED.replace("1 / n", "1 / (2 * n)"))
    assert [line.line.number for line in checked.wrong] == [8]
    assert checked.first is not None
    assert checked.first.notes == ("k is read as 1 / n: lines 9, 10, 12 and 13 are right with it",)
    assert checked.first.mend == "k = 1 / n"
    once = check(SCALED.replace("db1 = k", "db1 = 2 * k"))
    assert [line.line.number for line in once.wrong] == [13]


def test_a_right_line_keeps_the_name_it_reads_from_blame() -> None:
    """The sign of err is made up for in db2: so the other two have forgotten it."""
    text = TWO.split("dW2")[0].replace("err = out - Y", "err = Y - out")
    lines = "dW2 = err @ hid.T / n\ndA1 = W2.T @ err\ndb2 = -sum(err, axis=1) / n\n"
    checked = check(text + lines)
    assert [line.key for line in checked.wrong] == ["dW2", "dA1"]
    blamed = check(text + lines.replace("-sum", "sum"))
    assert [line.key for line in blamed.wrong] == ["err"]


NEGATED = """
network: sizes 3-4-2, activations sigmoid sigmoid, loss half_squared_error, reduction sum
A1 = sigmoid(W1 @ X + b1)
A2 = sigmoid(W2 @ A1 + b2)
e = {e}
d = {d}
W2 += e @ A1.T
b2 += sum(e, axis=1)
W1 += d @ X.T
b1 += sum(d, axis=1)
"""


@pytest.mark.parametrize(
    ("e", "d", "name", "mend"),
    [
        (
            "(Y - A2) * A2 * (1 - A2)",
            "(W2.T @ e) * (1 - A1)",
            "d",
            "d = (W2.T @ e) * A1 * (1 - A1)",
        ),
        ("Y - A2", "(W2.T @ e) * A1 * (1 - A1)", "e", "e = (Y - A2) * A2 * (1 - A2)"),
    ],
)
def test_a_negated_name_is_blamed_too(e: str, d: str, name: str, mend: str) -> None:
    assert check(NEGATED.format(e="(Y - A2) * A2 * (1 - A2)", d="(W2.T @ e) * A1 * (1 - A1)")).ok
    found = check(NEGATED.format(e=e, d=d)).first
    assert found is not None
    assert found.key == name
    assert any(note.startswith(f"{name} is read as -dZ") for note in found.notes)
    assert check(NEGATED.format(e=e, d=d).replace(found.line.written, found.mend)).ok
    assert found.mend == mend
