"""A checked derivation printed as NumPy: `gradoracle check` passes it, and no changed one."""

from __future__ import annotations

import re
from types import FunctionType

import pytest

import gradoracle
from gradoracle.checking.report import Report
from gradoracle.derivation.check import check
from gradoracle.derivation.to_numpy import numpy_code
from gradoracle.errors import InputError

TWO_LAYERS = """
title: two layers
network: sizes 784-196-1, activations sigmoid sigmoid, loss binary_cross_entropy

Z1 = W1 @ X + b1
A1 = sigmoid(Z1)
Z2 = W2 @ A1 + b2
A2 = sigmoid(Z2)
J = -sum(Y * log(A2) + (1 - Y) * log(1 - A2)) / n
dZ2 = A2 - Y
dW2 = dZ2 @ A1.T / n
db2 = sum(dZ2, axis=1) / n
dZ1 = (W2.T @ dZ2) * A1 * (1 - A1)
dW1 = dZ1 @ X.T / n
db1 = sum(dZ1, axis=1) / n
"""

N_LAYERS = """
network: layers L, activations relu sigmoid, loss binary_cross_entropy

A[0] = X
for l in range(1, L):
    Z[l] = W[l] @ A[l-1] + b[l]
    A[l] = g(Z[l])
Z[L] = W[L] @ A[L-1] + b[L]
A[L] = 1 / (1 + exp(-Z[L]))
J = -sum(Y * log(A[L]) + (1 - Y) * log(1 - A[L])) / n
dA[L] = (-Y / A[L] + (1 - Y) / (1 - A[L])) / n
dZ[L] = dA[L] * sigmoid_prime(Z[L])
dW[L] = dZ[L] @ A[L-1].T
db[L] = sum(dZ[L], axis=1)
dA[L-1] = W[L].T @ dZ[L]
for l in range(L-1, 0, -1):
    dZ[l] = dA[l] * g_prime(Z[l])
    dW[l] = dZ[l] @ A[l-1].T
    db[l] = sum(dZ[l], axis=1)
    dA[l-1] = W[l].T @ dZ[l]
"""

ROWS = """
network: sizes d-h-k, activations relu softmax, loss cross_entropy
layout: rows

Z1 = X @ W1 + b1
A1 = where(Z1 > 0, Z1, 0)
Z2 = A1 @ W2 + b2
E = exp(Z2)
A2 = E / sum(E, axis=1)
J = -sum(Y * log(A2)) / n
dZ2 = (A2 - Y) / n
dW2 = A1.T @ dZ2
db2 = sum(dZ2, axis=0)
dA1 = dZ2 @ W2.T
dZ1 = dA1 * (Z1 > 0)
dW1 = X.T @ dZ1
db1 = sum(dZ1, axis=0)
dX = dZ1 @ W1.T
"""

LINEAR_REGRESSION = """
network: sizes d-1, activations identity, loss squared_error

dZ1 = 2 * (A1 - Y)
dW1 = dZ1 @ X.T / n
db1 = mean(dZ1, axis=1)
"""

UNDIVIDED = TWO_LAYERS.replace(" / n\n", "\n").replace("J = -sum", "J = -1 / n * sum")
UNDIVIDED = UNDIVIDED.replace("entropy\n", "entropy\nconvention: undivided\n")

TIED = """
network: sizes f-h-1, activations relu sigmoid, loss binary_cross_entropy
means: Y_pred = A2, dLdZ2 = dZ2, dLdW2 = dW2, dLdb2 = db2, dLdZ1 = dZ1, dLdW1 = dW1, dLdb1 = db1

Z1 = W1 @ X + b1
A1 = maximum(Z1, 0)
Z2 = W2 @ A1 + b2
Y_pred = sigmoid(Z2)
dLdZ2 = Y_pred - Y
dLdW2 = (1 / n) * dLdZ2 @ A1.T
dLdb2 = (1 / n) * sum(dLdZ2, axis=1, keepdims=True)
dLdZ1 = (W2.T @ dLdZ2) * (Z1 > 0)
dLdW1 = (1 / n) * dLdZ1 @ X.T
dLdb1 = (1 / n) * sum(dLdZ1, axis=1, keepdims=True)
"""

TORCH_LAYOUT = """
network: sizes d-h-1, activations relu sigmoid, loss binary_cross_entropy
layout: rows
weights: out-by-in

dZ2 = (A2 - Y) / n
dW2 = dZ2.T @ A1
db2 = sum(dZ2, axis=0)
dZ1 = dZ2 @ W2 * relu_prime(Z1)
dW1 = dZ1.T @ X
db1 = sum(dZ1, axis=0)
"""

DELTAS = """
network: layers L, activations tanh sigmoid, loss binary_cross_entropy
means: delta[l] = dZ[l]

for l in range(1, L):
    Z[l] = W[l] @ A[l-1] + b[l]
    A[l] = tanh(Z[l])
Z[L] = W[L] @ A[L-1] + b[L]
A[L] = sigmoid(Z[L])
delta[L] = A[L] - Y
for l in range(L - 1, 0, -1):
    delta[l] = (W[l+1].T @ delta[l+1]) * (1 - A[l]**2)
for l in range(1, L + 1):
    dW[l] = delta[l] @ A[l-1].T / n
    db[l] = sum(delta[l], axis=1) / n
"""

OTHER_NAMES = TWO_LAYERS.replace("dZ2 @ A1.T / n", "dZ2 @ A1.T / m").replace(
    "db2 = sum(dZ2, axis=1) / n", "db2 = sum(dZ2) / N"
)

DERIVATIONS = {
    "two layers": TWO_LAYERS,
    "N layers": N_LAYERS,
    "rows and softmax": ROWS,
    "linear regression, no forward pass": LINEAR_REGRESSION,
    "undivided": UNDIVIDED,
    "names of its own": TIED,
    "a delta of every layer": DELTAS,
    "m and N for n, a sum of everything": OTHER_NAMES,
    "rows, weights out by in": TORCH_LAYOUT,
}


def code_of(text: str) -> str:
    return numpy_code(check(text))


def checked(code: str) -> Report:
    """Run a printed file as `gradoracle check` does."""
    found: dict[str, object] = {}
    exec(compile(code, "printed.py", "exec"), found)  # noqa: S102, it is what was printed
    candidate = found["candidate"]
    assert isinstance(candidate, FunctionType)
    return gradoracle.check(candidate, level=("required", "recommended"), diagnose=0)


@pytest.mark.parametrize("name", DERIVATIONS)
def test_a_printed_derivation_passes_every_case_it_is_about(name: str) -> None:
    report = checked(code_of(DERIVATIONS[name]))
    counts = report.counts
    assert counts["passed"] > 0
    assert counts["failed"] == counts["crashed"] == 0


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("two layers", "A1 * (1 - A1)", "A1 * (1 + A1)"),
        ("N layers", "relu_prime(Z[l])", "relu_prime(A[l] + 1)"),
        ("rows and softmax", "softmax(Z2.T).T", "softmax(Z2)"),
        ("linear regression, no forward pass", "2 * (A1 - Y)", "(A1 - Y)"),
        ("undivided", '"dW1": dW1 / n', '"dW1": dW1'),
        ("names of its own", "Z1 > 0", "Z1 < 0"),
        ("a delta of every layer", "(1 - A[l]**2)", "(1 - A[l])"),
        ("rows, weights out by in", "dZ1.T @ X", "-dZ1.T @ X"),
    ],
)
def test_a_printed_derivation_with_a_changed_formula_fails(
    name: str, right: str, wrong: str
) -> None:
    code = code_of(DERIVATIONS[name])
    assert right in code
    assert checked(code.replace(right, wrong)).counts["failed"] > 0


def test_the_lines_are_those_of_the_text() -> None:
    code = code_of(TWO_LAYERS)
    assert "    dZ1 = (W2.T @ dZ2) * A1 * (1 - A1)\n    dW1 = dZ1 @ X.T / n\n" in code
    assert code.startswith('"""two layers: checked line by line.')


def test_what_is_evaluated_otherwise_says_so() -> None:
    code = code_of(ROWS)
    assert "# A2 = E / sum(E, axis=1), evaluated as\n    A2 = softmax(Z2.T).T\n" in code
    assert re.search(r"^    E = ", code, re.MULTILINE) is None  # nothing uses it any more


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TWO_LAYERS.replace("A2 - Y\n", "Y - A2\n"), "lines are all right"),
        (TWO_LAYERS.replace(", loss binary_cross_entropy", ""), "with a loss in the header"),
        (TWO_LAYERS.replace("db1 = sum(dZ1, axis=1) / n\n", ""), "lines for db1"),
        (
            N_LAYERS.replace("    Z[l] = W[l] @ A[l-1] + b[l]\n", "").replace(
                "Z[L] = W[L] @ A[L-1] + b[L]\n", ""
            ),
            r"lines for Z\[l\]",
        ),
        ("inputs: w (1, 1)\nJ = sum(w**2)\ndw = 2 * w\n", "network with a loss"),
    ],
)
def test_what_cannot_be_printed_is_refused(text: str, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        code_of(text)


def test_a_title_cannot_leave_its_docstring() -> None:
    hostile = TWO_LAYERS.replace("two layers", 'x"""\\nimport os\\n"""')
    compile(code_of(hostile), "printed.py", "exec")
    assert "\nimport os" not in code_of(hostile)
