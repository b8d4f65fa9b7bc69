"""One wrong line in a right text: it is named, what reads it is fed, nothing else is touched."""

from __future__ import annotations

import pytest
from judged_texts import FED, HEADER, RIGHT, SHAPES, UNDEFINED, WRONG, by_key, judged, text_of

from gradoracle.derivation.judging import judgement
from gradoracle.derivation.verdicts import Verdict

READS = {
    "Z1": "A1",
    "A1": "Z2 dW2 dZ1",
    "Z2": "A2",
    "A2": "J dA2 dZ2",
    "dA2": "dZ2",
    "dZ2": "dW2 db2 dA1",
    "dW2": "W2",
    "db2": "b2",
    "dA1": "dZ1",
    "dZ1": "dW1 db1 dX",
    "dW1": "W1",
    "db1": "b1",
}

TABLE = """
Z1 wrong: W1 @ X - b1 | W1 @ X | -W1 @ X + b1 | 2 * (W1 @ X) + b1 | W1 @ (X + X**2) + b1
Z1 shapes: W1.T @ X + b1 | X.T @ W1.T + b1 | W1 @ X + b1.T | (X @ W1).T + b1 | b1
A1 wrong: sigmoid(Z1) | tanh(Z1 / 2) | tanh(tanh(Z1)) | Z1 | relu(Z1) | softmax(Z1)
A1 shapes: tanh(b1) | tanh(Z1.T) | tanh(sum(Z1, axis=0)) | W1
A1 undefined: tanh(Z2) | tanh(dZ1) | A1 | tanh(A2) | tanh(Z3) | foo | A[L+1]
Z2 wrong: W2 @ Z1 + b2 | W2 @ A1 + 2 * b2 | W2 @ A1 + sum(b2)
Z2 shapes: W2 @ A1 + b1 | W1 @ A1 + b2 | A1 @ W2 + b2 | W2 @ X + b2
A2 wrong: tanh(Z2) | softmax(Z2) | sigmoid(sigmoid(Z2)) | sigmoid(-Z2) | Z2 | exp(Z2)
A2 shapes: sigmoid(Z1) | mean(sigmoid(Z2), axis=0) | 1
J wrong: -sum(Y * log(A2) - (1 - Y) * log(1 - A2)) / n
J wrong: sum(Y * log(A2) + (1 - Y) * log(1 - A2)) / n | -sum(Y * log(A2)) / n
J wrong: -mean(Y * log(A2) + (1 - Y) * log(1 - A2)) | -sum(Y * log(A2) + (1 - Y) * log(1 - A2))
J wrong: -sum(Y * log(-A2) + (1 - Y) * log(1 - A2)) / n
J wrong: -sum(Y * log(A2 + 1e-15) + (1 - Y) * log(1 - A2 + 1e-15)) / n | 0
J shapes: -sum(Y * log(A2) + (1 - Y) * log(1 - A2), axis=1) / n
dA2 wrong: (A2 - Y) / n | (Y / A2 - (1 - Y) / (1 - A2)) / n | -Y / A2 + (1 - Y) / (1 - A2)
dA2 wrong: (-Y / A2 + (1 - Y) / (1 - A2)) / n2 | -Y / A2 / n | A2 / 0 | log(-A2)
dA2 shapes: 0
dZ2 wrong: dA2 * A2 | dA2 * sigmoid_prime(A2) | dA2 * sigmoid_prime(dA2) | dA2
dZ2 wrong: dA2 * Z2 * (1 - Z2) | (Y - A2) / n | A2 - Y | dA2 * (1 - A2**2) | 0 * dA2
dZ2 wrong: (A2 - Y) / n * (1 + 1e-20) | (A2 - Y) / n + 1e-35 * Y | (A2 - Y) / (n + 1e-12)
dZ2 wrong: A2 * (dA2 - sum(A2 * dA2, axis=0)) | (A2 - Y) / n * (A2 > Y) | (A2 - Y) * 0.2
dZ2 shapes: dA2 @ A2 | sum(A2 - Y) / n | (A2 - Y).T / n | mean(A2 - Y, axis=1)
dW2 wrong: dZ2 @ A1.T / n | 2 * dZ2 @ A1.T | -dZ2 @ A1.T | dZ2 @ Z1.T | dA2 @ A1.T
dW2 wrong: dZ2 @ A1.T + lam * W2 | W2 | dZ2 @ A1.T * n / n2 | dZ2 @ A1.T - 0 + 1e-30
dW2 shapes: dZ2 @ A2.T | dZ2 @ A1 | A1 @ dZ2.T | dZ2 * A1 | dZ2 @ A[L].T | dZ2 * A2
dW2 shapes: outer(dZ2, A1) | sum(dZ2, axis=1) | dZ2 @ X.T | dZ2.T @ A1
dW2 undefined: dZ2 @ dA1.T | dZ2 @ A3.T | dW2 | dW2 + 0 | dW2 * 1 | dZ2 @ foo | dZ3 | dW1.T
dW2 undefined: (dW2.T).T | where(1 > 0, dW2, dW2) | 0 * dW2 + dZ2 @ A1.T
db2 wrong: mean(dZ2, axis=1) | sum(dZ2, axis=1) / n | sum(dA2, axis=1) | b2
db2 shapes: dZ2 | sum(dZ2, axis=0) | sum(dZ2) | sum(dZ2, axis=1).T | sum(dZ2.T, axis=1)
dA1 wrong: W2.T @ dA2 | W2.T @ (A2 - Y) | -W2.T @ dZ2 | (W2 + W2**2).T @ dZ2
dA1 shapes: W2 @ dZ2 | dZ2 @ W2 | W2.T * dZ2 | W1.T @ dZ2 | dZ2.T @ W2 | W2.T
dZ1 wrong: dA1 * A1 * (1 - A1) | dA1 * (1 - Z1**2) | dA1 * (1 - A1)**2 | dA1 | dA1 * (1 + A1**2)
dZ1 wrong: dA1 * tanh(Z1) | dA1 * (1 - tanh(A1)**2) | dA1 * (Z1 > 0) | dA1 * g_prime(A1)
dZ1 wrong: dA1 * g_prime(dA1) | dA1 * sigmoid_prime(Z1) | dA1 * A1
dZ1 shapes: dA1 @ (1 - A1**2) | dA1.T @ (1 - A1**2) | sum(dA1 * (1 - A1**2), axis=1)
dW1 wrong: dZ1 @ X.T / n | dA1 @ X.T | dZ1 @ (X + 1).T | dZ1 @ X.T + lam * W1
dW1 shapes: dZ1 @ A1.T | dZ1 @ A0 | X @ dZ1.T | dZ1 @ X | dZ2 @ X.T | X.T @ dZ1
db1 wrong: sum(dA1, axis=1)
db1 shapes: sum(dZ2, axis=1) | dZ1 | sum(dZ1, axis=0) | db2
dX wrong: W1.T @ dA1 | W1.T @ dZ1 / n | X
dX shapes: W1 @ dZ1 | dZ1 @ W1 | dA1
W1 wrong: W1 + alpha * dW1 | W1 - dW1 | W1 - alpha * dW1 / n | alpha * dW1 | W1 | -alpha * dW1
W1 wrong: W1 - lam * dW1 | W1 - alpha * lam * dW1 | W1 - alpha * dW1 - alpha * lam * W1 * W1
W1 shapes: W1 - alpha * dW2 | W1 - alpha * dW1.T | b1 - alpha * db1
b1 wrong: b1 - alpha * sum(db1)
b1 shapes: b1 - alpha * dW1 | b1 - alpha * dZ1 | b1 - alpha * db2
b2 wrong: b2 - eta * db2 * n
"""
NAMED = {"wrong": WRONG, "shapes": SHAPES, "undefined": UNDEFINED}
ONE_WRONG = [
    (head.split()[0], formula.strip(), NAMED[head.split()[1]])
    for head, _, formulas in (row.partition(":") for row in TABLE.split("\n") if row)
    for formula in formulas.split("|")
]


def downstream(key: str) -> set[str]:
    """Return what reads a name, and what reads that."""
    found: set[str] = set()
    todo = READS.get(key, "").split()
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += READS.get(name, "").split()
    return found


def test_the_base_is_right() -> None:
    assert judged(text_of({})).ok
    assert len(ONE_WRONG) >= 60
    assert len({(key, formula) for key, formula, _ in ONE_WRONG}) == len(ONE_WRONG)


@pytest.mark.parametrize(("key", "formula", "verdict"), ONE_WRONG)
def test_one_wrong_line_is_the_one_that_is_named(key: str, formula: str, verdict: Verdict) -> None:
    """What reads it is fed, or right after all; nothing else is touched."""
    checked = judged(text_of({key: formula}))
    found = by_key(checked)
    assert found[key].verdict == verdict
    assert [line.key for line in checked.wrong] == [key]
    assert not checked.ok
    fed = {name for name, line in found.items() if line.verdict != RIGHT} - {key}
    assert {found[name].verdict for name in fed} <= {FED}
    assert fed <= downstream(key)
    if key in READS and verdict == WRONG and "1e-" not in formula:
        assert fed
        assert all(
            f"(line {found[key].line.number})" in found[name].detail
            for name in fed & set(READS[key].split())
        )


@pytest.mark.parametrize(("key", "formula", "verdict"), ONE_WRONG[::7])
def test_a_wrong_line_alone_is_wrong_too(key: str, formula: str, verdict: Verdict) -> None:
    """Without the lines that it reads: what is a derivative is then not defined."""
    found = by_key(judged(f"{HEADER}{key} = {formula}\n"))[key].verdict
    assert found in (verdict, UNDEFINED)


def test_several_wrong_lines_are_each_named() -> None:
    changed = {"A1": "sigmoid(Z1)", "dZ2": "A2 - Y", "db2": "mean(dZ2, axis=1)", "dW1": "X @ dZ1.T"}
    checked = judged(text_of(changed))
    assert [line.key for line in checked.wrong] == list(changed)
    assert checked.first is not None
    assert checked.first.key == "A1"
    assert by_key(checked)["dW2"].verdict == FED


def test_how_a_wrong_line_is_made_of_the_truth() -> None:
    for key, formula, words in (
        ("dZ2", "A2 - Y", "it is n times the truth"),
        ("dZ2", "(Y - A2) / n", "it is -1 times the truth"),
        ("dW2", "dZ2 @ A1.T / n", "it is 1/n times the truth"),
        ("dW2", "dZ2 @ A1.T * n / n2", ""),
        ("dA2", "(-Y / A2 + (1 - Y) / (1 - A2)) / (n * n2)", "it is 1/n_L times the truth"),
        ("dW2", "2 * dZ2 @ A1.T", "it is 2 times the truth"),
        ("J", "-sum(Y * log(-A2)) / n", judgement.NO_NUMBER),
    ):
        assert by_key(judged(text_of({key: formula})))[key].detail == words


def test_the_worst_entry_is_told() -> None:
    line = by_key(judged(text_of({"A1": "tanh(Z1) + 0.5 * (W1 @ X > 0) * 0 + 0.25"})))["A1"]
    assert line.expected.startswith("A1[")
    assert float(line.got) - float(line.expected.split("= ")[1]) == pytest.approx(0.25)
