"""Names in the printed function: one array written in two ways, two arrays with one name."""

from __future__ import annotations

import re

import pytest
from judged_texts import judged
from test_to_numpy import run

from gradoracle.checking.report import Report
from gradoracle.corpus.drawing import build, remade
from gradoracle.derivation.as_numpy import drawn as drawn_module
from gradoracle.derivation.as_numpy.code import numpy_code
from gradoracle.derivation.as_numpy.drawn import TRIES, check_drawn, is_lively
from gradoracle.status import Status

FORWARD = "for l in range(1, L + 1):\n    Z[l] = W[l] @ A[l-1] + b[l]\n    A[l] = g[l](Z[l])\n"
TANH = (
    "network: layers 3, activations tanh tanh sigmoid, loss binary_cross_entropy, reduction sum\n"
)
BOTH_WAYS = """network: sizes 4-3-2, activations sigmoid sigmoid, \
loss half_squared_error, reduction sum
for l in range(1, L + 1):
    z[l] = W[l] @ a[l-1] + b[l]
    a[l] = sigmoid(z[l])
delta[2] = da[2] * a[2] * (1 - a[2])
dW2 = delta2 @ a1.T
db2 = sum(delta2, axis=1)
delta1 = (W2.T @ delta2) * (1 - a1) * a[1]
dW1 = delta1 @ x.T
db1 = sum(delta[1], axis=1)
"""
PLAIN_AND_LAYERED = (
    TANH
    + FORWARD
    + """dZ[L] = A[L] - Y
dW[L] = dZ[L] @ A[L-1].T
db[L] = sum(dZ[L], axis=1)
dZ = dZ[L]
W = W3
for l in range(L - 1, 0, -1):
    dZ = (W.T @ dZ) * (1 - A[l]**2)
    dW[l] = dZ @ A[l-1].T
    db[l] = sum(dZ, axis=1)
    W = W[l]
"""
)
PLAIN_AND_ADDED = (  # the function adds Z[l], for J is evaluated from Z[L]
    TANH
    + FORWARD.replace("Z[l] =", "Z =").replace("g[l](Z[l])", "g[l](Z)")
    + """dZ[L] = A[L] - Y
for l in range(L - 1, 0, -1):
    dZ[l] = (W[l+1].T @ dZ[l+1]) * (1 - A[l]**2)
for l in range(L, 0, -1):
    dW[l] = dZ[l] @ A[l-1].T
    db[l] = sum(dZ[l], axis=1)
"""
)
OTHER_NAME_OF_Y = """network: sizes 5-4-3, activations silu identity, loss linear, reduction sum
layout: rows
linear = X @ W1 + b1
A1 = silu(linear)
Z2 = A1 @ W2 + b2
A2 = Z2
D = C
dZ2 = D
dW2 = A1.T @ dZ2
db2 = sum(dZ2, axis=0)
dZ1 = (dZ2 @ W2.T) * silu_prime(linear)
dW1 = X.T @ dZ1
db1 = sum(dZ1, axis=0)
"""
NEVER_SET = """network: sizes 5-4-3, activations softplus tanh, loss squared_error, reduction sum
means: e = -dA2, w = -W2, B = -b1
Z1 = W1 @ X - B
A1 = softplus(Z1)
Z2 = b2 - w @ A1
A2 = tanh(Z2)
dZ2 = -e * (1 - A2**2)
dw = -dZ2 @ A1.T
db2 = sum(dZ2, axis=1)
dZ1 = -(w.T @ dZ2) * sigmoid(Z1)
dW1 = dZ1 @ X.T
dB = -sum(dZ1, axis=1)
"""
TWICE_NEGATIVE = """network: sizes 4-3-2, activations identity identity, loss half_squared_error
means: e2 = -dA2
dZ2 = -e2
dW2 = dZ2 @ A1.T
db2 = sum(dZ2, axis=1)
dZ1 = 0 - W2.T @ e2
dW1 = dZ1 @ X.T
db1 = sum(dZ1, axis=1)
"""
ONE_EXAMPLE = """network: sizes d-h-k, activations relu softmax, loss cross_entropy
layout: rows
examples: 1
Z1 = X @ W1 + b1
A1 = relu(Z1)
Z2 = A1 @ W2 + b2
A2 = softmax(Z2)
dZ2 = A2 - Y
dW2 = A1.T @ dZ2
db2 = dZ2
dZ1 = dZ2 @ W2.T * (Z1 > 0)
dW1 = X.T @ dZ1
db1 = dZ1
"""
TEXTS = {
    "a name with its layer in two ways": BOTH_WAYS,
    "a name without a layer and with": PLAIN_AND_LAYERED,
    "a name without a layer, and one that is added": PLAIN_AND_ADDED,
    "Y by another name": OTHER_NAME_OF_Y,
    "tied names that are never set": NEVER_SET,
    "two minus signs": TWICE_NEGATIVE,
    "one example, where all units could be off": ONE_EXAMPLE,
}


def code_of(text: str) -> str:
    checked = judged(text)
    assert checked.ok
    return numpy_code(checked).text


def drawn(code: str) -> Report:
    """Check a printed file as ``python FILE`` does, with the arguments that stand in it."""
    found = run(code)
    found["net"].__module__ = __name__  # where a file is, which this was never written to
    call = re.search(r"check_drawn\((.*)\)", code)
    assert call is not None
    report = eval(f"check_drawn({call[1]})", {"check_drawn": check_drawn, **found})  # noqa: S307
    assert isinstance(report, Report)
    return report


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_printed_passes(name: str) -> None:
    report = drawn(code_of(TEXTS[name]))
    assert report.status is Status.OK
    assert report.counts["passed"] == 2


def test_a_minus_does_not_meet_another() -> None:
    code = code_of(TWICE_NEGATIVE)
    assert "--" not in code
    assert "    dZ2 = dA2\n" in code
    assert "- -" not in code_of(NEVER_SET)


@pytest.mark.parametrize("kink", ["relu", "leaky_relu", "elu"])
def test_a_network_is_drawn_in_which_units_are_on(kink: str) -> None:
    case = build("one", (3, 5, 2), (kink, "identity"), "squared_error", n=1)
    off = remade(case, b={1: case.b[1] - 99})
    on = remade(case, b={1: case.b[1] + 99})
    half = remade(case, b={1: case.b[1] + 99 * (1 - 2 * (case.b[1] == case.b[1].max()))})
    assert [is_lively(one) for one in (off, on, half)] == [False, False, True]
    single = build("one", (3, 1, 2), (kink, "identity"), "squared_error", n=1)
    assert is_lively(remade(single, b={1: single.b[1] + 99}))


def test_a_changed_line_fails_with_one_example() -> None:
    code = code_of(ONE_EXAMPLE)
    assert "* (Z1 > 0)" in code
    assert drawn(code.replace("* (Z1 > 0)", "* (Z1 < 0)")).status is Status.WRONG


def test_a_network_is_drawn_so_often_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(drawn_module, "is_lively", lambda case: asked.append(case.id))
    drawn(code_of(ONE_EXAMPLE))
    assert len(set(asked)) == len(asked) == TRIES
