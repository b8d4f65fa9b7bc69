"""A checked derivation printed as NumPy: `gradoracle check` passes it, and no changed one."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import pytest

import gradoracle
from gradoracle import corpus
from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.checking.report import Report
from gradoracle.corpus.drawing import build, remade
from gradoracle.derivation.as_numpy.cases import coverage, with_loss
from gradoracle.derivation.as_numpy.code import numpy_code
from gradoracle.derivation.check import check
from gradoracle.errors import InputError
from gradoracle.status import Status

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

UPDATES = """
network: sizes 784-196-1, activations sigmoid sigmoid, loss binary_cross_entropy

Z1 = W1 @ X + b1
A1 = sigmoid(Z1)
Z2 = W2 @ A1 + b2
A2 = sigmoid(Z2)
dZ2 = A2 - Y
dZ1 = (W2.T @ dZ2) * A1 * (1 - A1)
step = alpha / n
move = step * dZ2 @ A1.T
W2 = W2 - move
b2 = b2 + lr * (-sum(dZ2, axis=1) / n)
W1 -= 0.1 / n * (dZ1 @ X.T)
b1 = b1 - sum(alpha * dZ1, axis=1) / n
"""

UNDIVIDED_UPDATES = UPDATES.replace("entropy\n", "entropy\nconvention: undivided\n")

OF_A_LAYER = """
network: sizes 4-6-5-2, activations gelu tanh sigmoid, loss binary_cross_entropy

A[0] = X
for l in range(1, L + 1):
    Z[l] = W[l] @ A[l-1] + b[l]
    A[l] = g[l](Z[l])
dA[L] = (-Y / A[L] + (1 - Y) / (1 - A[L])) / n
for l in range(L, 0, -1):
    dZ[l] = dA[l] * g_prime[l](Z[l])
    dW[l] = dZ[l] @ A[l-1].T
    db[l] = sum(dZ[l], axis=1)
    dA[l-1] = W[l].T @ dZ[l]
"""

RUNNING = """
network: layers L, activations relu sigmoid, loss binary_cross_entropy

A[0] = X
for l in range(1, L + 1):
    Z[l] = W[l] @ A[l-1] + b[l]
    A[l] = g[l](Z[l])
dA = -(Y / A[L] - (1 - Y) / (1 - A[L]))
for l in range(L, 0, -1):
    dZ = dA * g_prime[l](Z[l])
    dW[l] = dZ @ A[l-1].T / n
    db[l] = sum(dZ, axis=1) / n
    dA = W[l].T @ dZ
"""

NO_FORWARD = """
network: layers L, activations tanh softmax, loss cross_entropy
layout: rows

dZ[L] = (A[L] - Y) / n
for l in range(L - 1, 0, -1):
    dZ[l] = dZ[l+1] @ W[l+1].T * (1 - A[l]**2)
for l in range(L, 0, -1):
    dW[l] = A[l-1].T @ dZ[l]
    db[l] = sum(dZ[l], axis=0)
"""

NO_Z = NO_FORWARD.replace(
    "\ndZ[L]", "\nfor l in range(1, L + 1):\n    A[l] = g[l](A[l-1] @ W[l] + b[l])\ndZ[L]"
)

TURNED_NAMES = """
network: sizes f-h-1, activations tanh sigmoid, loss binary_cross_entropy
means: h = A1, w = W2.T, p = A2, miss = -dZ2 / 2, G = n * dW1

h = tanh(W1 @ X + b1)
p = sigmoid(w.T @ h + b2)
miss = (Y - p) / (2 * n)
dw = -2 * h @ miss.T
db2 = -2 * sum(miss, axis=1)
dh = -2 * w @ miss
dZ1 = dh * (1 - h**2)
G = n * dZ1 @ X.T
db1 = sum(dZ1, axis=1)
"""

TIED_LOOPS = """
network: layers L, activations tanh sigmoid, loss binary_cross_entropy
means: delta[l] = dZ[l], w[l] = W[l].T, h[l] = A[l]

h[0] = X
for l in range(1, L):
    Z[l] = w[l].T @ h[l-1] + b[l]
    h[l] = tanh(Z[l])
Z[L] = w[L].T @ h[L-1] + b[L]
h[L] = sigmoid(Z[L])
delta[L] = h[L] - Y
for l in range(L - 1, 0, -1):
    delta[l] = w[l+1] @ delta[l+1] * (1 - h[l]**2)
for l in range(L, 0, -1):
    w[l] = w[l] - alpha / n * h[l-1] @ delta[l].T
    b[l] = b[l] - alpha * mean(delta[l], axis=1)
"""

OWN_J = TWO_LAYERS.replace(", loss binary_cross_entropy", "")

OWN_J_WITH_L2 = """
network: sizes d-1, activations identity

Z1 = W1 @ X + b1
A1 = Z1
J = sum((A1 - Y)**2) / n + lam / 2 * sum(W1**2)
dZ1 = 2 * (A1 - Y) / n
dW1 = dZ1 @ X.T + lam * W1
db1 = sum(dZ1, axis=1)
"""

IN_BY_OUT = """
network: sizes d-h-k, activations tanh softmax, loss cross_entropy
weights: in-by-out

Z1 = W1.T @ X + b1
A1 = tanh(Z1)
Z2 = W2.T @ A1 + b2
E = exp(Z2)
A2 = E / sum(E, axis=0)
D = A2 - Y
dW2 = A1 @ D.T / n
db2 = D @ ones(n, 1) / n
D1 = (W2 @ D) * where(A1 > 0, 1, 1) * (1 - A1**2)
dW1 = X @ D1.T / n
db1 = diag(D1 @ ones(n, n1)) / n
"""

FLOATS = """
network: sizes d-k, activations gelu, loss linear, reduction sum

Z1 = W1 @ X + b1
A1 = Z1 * (1 + erf(Z1 / sqrt(2))) / 2
dZ1 = C * (gelu_prime(Z1) * sqrt(2) * where(Z1 > 0, 1, 1) / sqrt(2))
dW1 = dZ1 @ X.T
db1 = sum(dZ1, axis=1)
accuracy = mean(A1 > 1/2)
"""

NAMES_THAT_ARE_TAKEN = """
network: sizes d-h-1, activations tanh sigmoid, loss binary_cross_entropy

layer = tanh(W1 @ X + b1)
trace = sigmoid(W2 @ layer + b2)
case = trace - Y
range = 1 / n
dW2 = range * case @ layer.T
db2 = range * sum(case, axis=1)
np = (W2.T @ case) * (1 - layer**2)
dW1 = range * np @ X.T
db1 = range * sum(np, axis=1)
"""

HELPERS_OF_SOFTMAX = """
network: sizes d-k, activations softmax, loss cross_entropy

s = W1 @ X + b1
e = exp(s)
p = e / sum(e, axis=0)
dW1 = (p - Y) @ X.T / n
db1 = sum(p - Y, axis=1) / n
"""

SOFTMAX_BY_ANOTHER_NAME = HELPERS_OF_SOFTMAX.replace(
    "entropy\n", "entropy\nmeans: p = A1, s = Z1\n"
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
    "gradients in updates": UPDATES,
    "gradients in updates, undivided": UNDIVIDED_UPDATES,
    "activations of their layers": OF_A_LAYER,
    "running names in a loop": RUNNING,
    "loops without a forward pass, in rows": NO_FORWARD,
    "loops that leave Z out": NO_Z,
    "names turned and scaled": TURNED_NAMES,
    "names of every layer, updated": TIED_LOOPS,
    "its own J": OWN_J,
    "its own J with l2": OWN_J_WITH_L2,
    "in by out, diag and ones": IN_BY_OUT,
    "numbers that are no arrays": FLOATS,
    "names that are taken": NAMES_THAT_ARE_TAKEN,
    "softmax in helpers": HELPERS_OF_SOFTMAX,
    "softmax by another name": SOFTMAX_BY_ANOTHER_NAME,
}


@cache
def code_of(text: str) -> str:
    return numpy_code(check(text)).text


def run(code: str) -> dict[str, Any]:
    """Run a printed file."""
    found: dict[str, Any] = {"__name__": "printed"}
    exec(compile(code, "printed.py", "exec"), found)  # noqa: S102, it is what was printed
    return found


def checked(code: str, most: int | None = None) -> Report:
    """Check a printed file as `gradoracle check` does, on the cases that it is about."""
    found = run(code)
    assert isinstance(found["candidate"], FunctionType)
    cases = [frozen.case for frozen in corpus.load(("required", "recommended"))]
    about = [case.id for case in cases if found["supports"](case) is True][:most]
    levels = ("required", "recommended")
    return gradoracle.check(found["candidate"], level=levels, match=about, diagnose=0)


@pytest.mark.parametrize("name", DERIVATIONS)
def test_a_printed_derivation_passes_every_case_it_is_about(name: str) -> None:
    report = checked(code_of(DERIVATIONS[name]))
    counts = report.counts
    assert counts["passed"] > 0
    assert counts["failed"] == counts["crashed"] == 0


@pytest.mark.parametrize("name", DERIVATIONS)
def test_any_changed_formula_fails(name: str) -> None:
    head, net = code_of(DERIVATIONS[name]).split("def net(case):\n")
    body, tail = net.split("\n\n\n", 1)
    lines, changed = body.split("\n"), 0
    for at, line in enumerate(lines):
        # tables, tuples and what a case gives are no formulas
        formula = re.fullmatch(r"( +\w+(?:\[[^=]*\])? = )(?!case\.|[{]|dict)(.*)", line)
        if formula:
            other = f"{formula[1]}1.001 * ({formula[2]})"
            whole = "\n".join([*lines[:at], other, *lines[at + 1 :]])
            report = checked(f"{head}def net(case):\n{whole}\n\n\n{tail}", most=1)
            assert not report.ok, line
            changed += 1
    assert changed > 3


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
        ("activations of their layers", "3: sigmoid", "3: tanh"),
        ("activations of their layers", "2: tanh_prime", "2: gelu_prime"),
        ("running names in a loop", "if l == L else", "if l == 0 else"),
    ],
)
def test_a_printed_derivation_with_a_changed_formula_fails(
    name: str, right: str, wrong: str
) -> None:
    code = code_of(DERIVATIONS[name])
    assert right in code
    counts = checked(code.replace(right, wrong)).counts
    assert counts["failed"] + counts["crashed"] > 0


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
        (TWO_LAYERS.replace("db1 = sum(dZ1, axis=1) / n\n", ""), "lines for db1"),
        (N_LAYERS.replace("db[L] = sum(dZ[L], axis=1)\n", ""), "lines for db2; got none in a net"),
        (
            UPDATES.replace(
                "move = step * dZ2 @ A1.T", "move = dZ2 @ A1.T * (alpha * alpha)"
            ).replace("W2 - move", "W2 - move / (alpha * n)"),
            r"an update W2 - alpha \* \(...\), or a line for dW2; got line 12",
        ),
        (
            TWO_LAYERS.replace("entropy\n", "entropy\ninputs: c (1, n)\n").replace(
                "dZ1 @ X.T", "(dZ1 + 0 * c) @ X.T"
            ),
            "values that a case has: X, Y, W, b, lam; got c in line 15",
        ),
        (
            N_LAYERS.replace("Z[L] = W[L] @ A[L-1] + b[L]\n", ""),
            "lines for Z2; got none, with 2 layers",
        ),
        ("inputs: w (1, 1)\nJ = sum(w**2)\ndw = 2 * w\n", "a network in the header"),
    ],
)
def test_what_cannot_be_printed_is_refused(text: str, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        code_of(text)


def test_a_J_that_is_a_loss_of_the_contract_is_that_loss() -> None:
    assert "network.loss == 'binary_cross_entropy'" in code_of(OWN_J)
    with_l2 = code_of(OWN_J_WITH_L2)
    assert "network.loss == 'squared_error'" in with_l2
    assert "network.l2 == 0" not in with_l2
    assert "    J = np.sum((A1 - Y)**2) / n + lam / 2 * np.sum(W1**2)\n" in with_l2


DECAYING = """
network: sizes d-1, activations tanh

Z1 = W1 @ X + b1
A1 = tanh(Z1)
J = sum((A1 - Y)**4) / n
dZ1 = 4 * (A1 - Y)**3 * (1 - A1**2) / n
W1 = W1 - alpha * (dZ1 @ X.T + lam * W1)
b1 = b1 - alpha * sum(dZ1, axis=1)
"""


def test_weights_that_decay_in_their_update_alone_are_no_part_of_the_gradient() -> None:
    assert "    dW1 = dZ1 @ X.T\n" in code_of(DECAYING)
    kept = DECAYING.replace("/ n\ndZ1", "/ n + lam / 2 * sum(W1**2)\ndZ1")
    assert "    dW1 = dZ1 @ X.T + lam * W1\n" in code_of(kept)


OTHER_J = """
network: sizes d-h-1, activations tanh sigmoid
means: E = J

Z1 = W1 @ X + b1
A1 = tanh(Z1)
Z2 = W2 @ A1 + b2
A2 = sigmoid(Z2)
E = sum((A2 - Y)**4) / (2 * n) + lam * sum(W1**4)
dZ2 = 2 / n * (A2 - Y)**3 * A2 * (1 - A2)
dW2 = dZ2 @ A1.T
db2 = sum(dZ2, axis=1)
dZ1 = (W2.T @ dZ2) * (1 - A1**2)
dW1 = dZ1 @ X.T + 4 * lam * W1**3
db1 = sum(dZ1, axis=1)
"""


def test_another_J_is_printed_and_said_to_be_in_no_case() -> None:
    printed = numpy_code(check(OTHER_J))
    assert printed.text.startswith('"""derivation: checked line by line. No case of the corpus')
    assert printed.note == "J is none of the contract's losses: no case of the corpus has it"
    assert checked_at_level(printed.text) is Status.NOTHING
    case = corpus.find("regression.logistic-l2").case
    other = build("two-layer", (3, 4, 1), ("tanh", "sigmoid"), "squared_error", l2=0.5)
    assert run(printed.text)["supports"](case) == printed.note
    for name, tolerance in (("dW1", 1e-8), ("db1", 1e-8), ("dW2", 1e-8), ("db2", 1e-8)):
        net = run(printed.text)["net"]
        assert np.allclose(net(other)[name], differences(net, other, name[1:]), rtol=tolerance)


def differences(net: Callable[[Case], Any], case: Case, name: str) -> Array:
    """Return the derivative of a function's own J by central differences, entry by entry."""
    kind, layer = name[0], int(name[1])
    array = getattr(case, kind)[layer]
    found = np.zeros_like(array)
    for at in np.ndindex(array.shape):
        J = []
        for sign in (1, -1):
            moved = array.copy()
            moved[at] += sign * 1e-4
            parts = {"W": {layer: moved}} if kind == "W" else {"b": {layer: moved}}
            J.append(net(remade(case, **parts))["J"])
        found[at] = (J[0] - J[1]) / 2e-4
    return found


def checked_at_level(code: str) -> Status:
    """Return the exit status of `gradoracle check FILE`."""
    return gradoracle.check(run(code)["candidate"], diagnose=0).status


NO_CASE = """
network: sizes d-h-k, activations gelu softmax, loss cross_entropy

dZ2 = (A2 - Y) / n
dW2 = dZ2 @ A1.T
db2 = sum(dZ2, axis=1)
dZ1 = W2.T @ dZ2 * gelu_prime(Z1)
dW1 = dZ1 @ X.T
db1 = sum(dZ1, axis=1)
"""


def test_a_network_that_the_corpus_does_not_have_is_drawn(tmp_path: Path) -> None:
    printed = numpy_code(check(NO_CASE))
    assert "The corpus has no such case: python FILE checks it." in printed.text
    assert printed.note.startswith("no case of the corpus has gelu, softmax, cross_entropy, mean:")
    for text, status in ((printed.text, 0), (printed.text.replace("A2 - Y", "Y - A2"), 1)):
        path = tmp_path / "net.py"
        path.write_text(text, encoding="utf-8")
        ran = subprocess.run([sys.executable, path], capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stderr) == (status, "")
        assert ("RIGHT  2 of 2" in ran.stdout) is (status == 0)


def test_a_level_that_is_not_the_usual_one_is_named() -> None:
    text = """
network: sizes d-h-k, activations softplus identity, loss squared_error, reduction mean_all
dZ2 = 2 * (A2 - Y)
dW2 = dZ2 @ A1.T / (n * n2)
db2 = sum(dZ2, axis=1) / (n * n2)
dZ1 = (W2.T @ dZ2) * sigmoid(Z1)
dW1 = dZ1 @ X.T / (n * n2)
db1 = sum(dZ1, axis=1) / (n * n2)
"""
    printed = numpy_code(check(text))
    assert printed.note.endswith("are recommended: gradoracle check --level recommended FILE")
    assert checked_at_level(printed.text) is Status.NOTHING
    assert checked(printed.text).ok


def test_what_holds_for_equal_sizes_alone_is_about_them() -> None:
    square = TWO_LAYERS.replace("784-196-1", "4-4-1")
    assert "network.sizes" not in code_of(square)  # it is right for others, too
    only = square.replace("db1 = sum(dZ1, axis=1)", "db1 = (dZ1 * ones(n0, n)) @ ones(n, 1)")
    assert "and network.sizes[0] == network.sizes[1]\n" in code_of(only)


def test_the_conditions_are_those_that_are_looked_up() -> None:
    """`Coverage.fits` says of each network of the corpus what ``supports`` in the file says."""
    cases = [frozen.case for frozen in corpus.load(("required", "recommended"))]
    texts = (TWO_LAYERS, N_LAYERS, LINEAR_REGRESSION, OWN_J_WITH_L2, OTHER_NAMES, NO_CASE)
    for text in (*texts, f"examples: 1\n{TWO_LAYERS}"):
        found = check(text)
        about = coverage(found, with_loss(found)[0])
        supports = run(code_of(text))["supports"]
        assert [about.fits(case) for case in cases] == [supports(case) is True for case in cases]


def test_the_docstring_says_how_examples_stand() -> None:
    assert "the formulas have one example a row." in code_of(ROWS)
    assert "the formulas have one example a column." in code_of(TWO_LAYERS)


def test_what_runs_in_the_output_layer_alone_says_so() -> None:
    code = code_of(RUNNING)
    assert "        # dZ = dA * g_prime[l](Z[l]), at l = L evaluated as A[L] - Y\n" in code
    assert "        dZ = A[L] - Y if l == L else dA * relu_prime(Z[l])\n" in code
    assert "    g = dict.fromkeys(range(1, L), relu) | {L: sigmoid}\n" in code


def test_a_title_cannot_leave_its_docstring() -> None:
    hostile = TWO_LAYERS.replace("two layers", 'x"""\\nimport os\\n"""')
    compile(code_of(hostile), "printed.py", "exec")
    assert "\nimport os" not in code_of(hostile)
