"""Texts whose verdicts are asked for alone, without the names of mistakes and the mends."""

from __future__ import annotations

from unittest import mock

from gradoracle.derivation import check as check_module
from gradoracle.derivation.check import check
from gradoracle.derivation.verdicts import Checked, LineVerdict, Verdict

RIGHT, FED, WRONG, SHAPES = Verdict.RIGHT, Verdict.FED, Verdict.WRONG, Verdict.SHAPES
UNDEFINED, CANCELS, ORDER = Verdict.UNDEFINED, Verdict.CANCELS, Verdict.ORDER
HELPER, DEFINITION, UNDECIDED = Verdict.HELPER, Verdict.DEFINITION, Verdict.UNDECIDED

TWO = "network: layers 2, activations sigmoid sigmoid, loss binary_cross_entropy\n"
NO_LOSS = "network: layers 2, activations tanh sigmoid\n"
HEADER = (
    "network: sizes d-h-k, activations tanh sigmoid, loss binary_cross_entropy, reduction mean\n"
    "convention: plain\n"
)
BASE = {
    "Z1": "W1 @ X + b1",
    "A1": "tanh(Z1)",
    "Z2": "W2 @ A1 + b2",
    "A2": "sigmoid(Z2)",
    "J": "-sum(Y * log(A2) + (1 - Y) * log(1 - A2)) / n",
    "dA2": "(-Y / A2 + (1 - Y) / (1 - A2)) / n",
    "dZ2": "dA2 * A2 * (1 - A2)",
    "dW2": "dZ2 @ A1.T",
    "db2": "sum(dZ2, axis=1)",
    "dA1": "W2.T @ dZ2",
    "dZ1": "dA1 * (1 - A1**2)",
    "dW1": "dZ1 @ X.T",
    "db1": "sum(dZ1, axis=1)",
    "dX": "W1.T @ dZ1",
    "W1": "W1 - alpha * dW1",
    "b1": "b1 - alpha * db1",
    "W2": "W2 - eta * dW2",
    "b2": "b2 - eta * db2",
}
NLAYER = """
for l in range(1, L):
    Z[l] = W[l] @ A[l-1] + b[l]
    A[l] = g(Z[l])
Z[L] = W[L] @ A[L-1] + b[L]
A[L] = sigmoid(Z[L])
J = -sum(Y * log(A[L]) + (1 - Y) * log(1 - A[L])) / n
dZ[L] = A[L] - Y
dW[L] = dZ[L] @ A[L-1].T / n
db[L] = sum(dZ[L], axis=1) / n
for l in range(L - 1, 0, -1):
    dA[l] = W[l+1].T @ dZ[l+1]
    dZ[l] = dA[l] * g_prime(Z[l])
    dW[l] = dZ[l] @ A[l-1].T / n
    db[l] = sum(dZ[l], axis=1) / n
for l in range(1, L + 1):
    W[l] = W[l] - alpha * dW[l]
    b[l] = b[l] - alpha * db[l]
"""
ANY_L = "network: layers L, activations {} sigmoid, loss binary_cross_entropy"


def judged(text: str) -> Checked:
    """Check a text; what the mistakes are called and how they are mended is tested elsewhere."""
    with mock.patch.object(check_module, "explained", lambda taken: taken.found):
        return check(text)


def by_key(checked: Checked) -> dict[str, LineVerdict]:
    """Return the last verdict on each name."""
    return {line.key: line for line in checked.lines}


def verdicts(text: str) -> list[Verdict]:
    """Return the verdict on every line."""
    return [line.verdict for line in judged(text).lines]


def text_of(changed: dict[str, str]) -> str:
    """Return the base with some lines changed."""
    return HEADER + "".join(f"{key} = {formula}\n" for key, formula in (BASE | changed).items())
