"""Ways to be called right that are none: thought of to get a wrong line past the judge."""

from __future__ import annotations

import pytest
from judged_texts import RIGHT, SHAPES, TWO, UNDEFINED, WRONG, judged, verdicts

from gradoracle.derivation.verdicts import Verdict

# --- names that the header ties


def test_tied_names_are_judged_as_what_they_mean() -> None:
    header = (
        TWO
        + "means: E = J, out = A2, hid = A1, delta = -dZ2 / 2, back = 3 * dA1.T, m = n, w = W2\n"
    )
    right = (
        "out = sigmoid(Z2)\nE = -sum(Y * log(out) + (1 - Y) * log(1 - out)) / m\n"
        "delta = (Y - out) / (2 * m)\nback = -6 * delta.T @ w\n"
        "dw = -2 * delta @ hid.T\nw = w - alpha * dw\n"
    )
    assert verdicts(header + right) == [RIGHT] * 6
    for old, new, line in (
        ("(Y - out)", "(out - Y)", 2),
        ("-6", "6", 3),
        ("(2 * m)", "m", 2),
        ("w - alpha", "w + alpha", 5),
        ("@ hid.T", "@ out.T", 4),
        ("-2 * delta", "delta", 4),
    ):
        assert judged(header + right.replace(old, new)).lines[line].verdict in (WRONG, SHAPES), new


@pytest.mark.parametrize(
    ("means", "lines"),
    [
        ("foo = dW2", "dW2 = foo"),
        ("foo = dW2, bar = foo", "dW2 = bar"),
        ("foo = 2 * dW2.T, bar = foo / 2, baz = bar.T", "dW2 = baz"),
        ("G[1] = dW1", "dW1 = G[1]"),
        ("G1 = dW1", "dW1 = G1"),
        ("E = J", "J = E"),
        ("foo = Z1", "Z1 = foo"),
        ("foo = 2 * Z1, bar = foo", "Z1 = bar / 2"),
        ("foo = dZ2 @ A1.T", "dW2 = foo"),
        ("h = A1", "dA1 = dh"),
        ("h = A1", "dh = dA1"),
        ("foo = where(Z1 > 0, dZ1, dZ1)", "dZ1 = foo"),
        ("data = dX", "dX = data"),
    ],
)
def test_a_tied_name_does_not_give_the_answer_away(means: str, lines: str) -> None:
    assert verdicts(f"{TWO}means: {means}\n{lines}\n") == [UNDEFINED]


def test_tied_names_of_inputs_are_given() -> None:
    assert judged(TWO + "means: x = X, w = W1, m = n\nZ1 = w @ x + b1\ndZ2 = (A2 - Y) / m\n").ok
    assert judged(TWO + "means: x = X, h = A1\nA0 = x\nZ2 = W2 @ h + b2\n").ok


# --- ways to be called right that are none

TRICKS = [
    # reading what the text never gives
    *(
        "dW2 = dW2",
        "dZ2 = dZ2\ndW2 = dZ2 @ A1.T",
        "dX = W1.T @ dZ1",
        "dA2 = dA2 + 0 * A2",
        "dW2 = -(-dW2)",
    ),
    *(
        "foo = dW2\ndW2 = foo",
        "foo = dZ1\nbar = foo\ndZ1 = bar",
        "dW2 = dW2 = dW2",
        "dW2 = 0 * A2 = dW2",
    ),
    *("dW2 *= 1", "dW2 += 0", "for l in range(1, L+1):\n    dW[l] = dW[l]", "dW1 = dW2\ndW2 = dW1"),
    "for l in range(L, 0, -1):\n    dZ[l] = dZ[l]\n    dW[l] = dZ[l] @ A[l-1].T",
    # another value for what is given
    *("X = 0 * X", "Y = A2", "A0 = X + 1", "W1 = W2", "b1 = 0 * b1", "W1 = 0", "b2 = b2", "n2 = 1"),
    "Y = A2\ndZ2 = (A2 - Y) / n",
    "W2 = 0 * W2\ndZ1 = 0 * A1",
    "X = X / 255\nZ1 = W1 @ X + b1",
    # a helper that looks like the trace
    *("DW2 = 0\ndW2 = DW2", "dW_2 = 0 * W2", "dZ_1 = 0 * Z1", "dw2 = 17\ndW2 = dw2"),
    # errors behind errors
    "dZ2 = 3 * (A2 - Y)\ndW2 = dZ2 @ A1.T / (3 * n)",
    "A2 = tanh(Z2)\ndZ2 = (A2 - Y) / n",
    "J = 3\ndW2 = 0 * W2",
    # errors that are small
    *("dZ2 = (A2 - Y) / n + 1e-38 * X[1]".replace("X[1]", "Y"), "A2 = sigmoid(Z2) + 1e-39 * Z2"),
    *("A2 = sigmoid(Z2) * (1 - 1e-39)", "A1 = sigmoid(Z1 + 1e-37)"),
    # the whole for a part, one index for another
    *("dZ2 = (A2 - Y) / n\ndW2 = dZ2 @ A[L].T", "dZ[1] = W[L].T @ (A[L] - Y) / n"),
    # conventions that are mixed
    "dA2 = (-Y / A2 + (1 - Y) / (1 - A2)) / n\ndZ2 = A2 - Y",
    "dZ2 = A2 - Y\ndZ1 = (W2.T @ dZ2) * A1 * (1 - A1) / n",
    "dZ2 = A2 - Y\ndW2 = dZ2 @ A1.T / n\ndX = W1.T @ (((W2.T @ dZ2) / n) * A1 * (1 - A1))",
    "J = -sum(Y * log(A2) + (1 - Y) * log(1 - A2)) / n\ndZ2 = A2 - Y\ndW2 = dZ2 @ A1.T",
    "J = -sum(Y * log(A2) + (1 - Y) * log(1 - A2))\ndZ2 = (A2 - Y) / n",
    "J = -mean(Y * log(A2) + (1 - Y) * log(1 - A2))\ndZ2 = (A2 - Y) / n",
    "J = -sum(Y * log(A2) - (1 - Y) * log(1 - A2)) / n\ndZ2 = A2 - Y\ndW2 = dZ2 @ A1.T",
    "J = -sum(Y * log(A2) + (1 - Y) * log(1 - A2)) / n\ndZ2 = A2 - Y\nW2 = W2 - alpha * dZ2 @ A1.T",
    # parts that do not make the whole
    "dZ2 = A2 - Y\ndW2 = dZ2 @ A1.T\ndW2 *= n",
    "dZ2 = A2 - Y\ndZ2 /= n\ndZ2 = dZ2 * A2 * (1 - A2)",
    "dZ2 = A2 - Y\ndW2 = dZ2 @ A1.T\nW2 = W2 - alpha * dW2\ndW2 /= n",
    "J = -sum(Y * log(A2)) / n\nJ -= sum((1 - Y) * log(A2)) / n",
    # loops
    "dZ[L] = A[L] - Y\nfor l in range(L, 0, -1):\n    dW[l] = dZ[L] @ A[l-1].T / n",
    "for l in range(1, L + 1):\n    Z[l] = W[l] @ A[l-1] + b[1]",
    "for l in range(0, L):\n    Z[l] = W[l+1] @ A[l] + b[l+1]",
    "for l in range(1, L + 2):\n    Z[l] = W[l] @ A[l-1] + b[l]",
]


@pytest.mark.parametrize("lines", TRICKS)
def test_a_trick_does_not_pass(lines: str) -> None:
    checked = judged(TWO + lines + "\n")
    assert checked.wrong
    assert not checked.ok


NO_NETWORK = (
    "inputs: x (1, n), y (1, n), w (1, 1), b (1, 1)\nz = w * x + b\nJ = sum((z - y)**2) / n\n"
)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("dz = 2 * (z - y) / n\ndw = sum(dz * x)\ndb = sum(dz)", [RIGHT] * 3),
        ("dz = 2 * (z - y)\ndw = sum(dz * x) / n\ndb = mean(dz)", [RIGHT] * 3),
        ("dz = 2 * (z - y)\ndw = sum(dz * x)\ndb = sum(dz)", [RIGHT, WRONG, WRONG]),
        ("dw = sum(2 * (z - y) * x)\ndb = sum(2 * (z - y))", [WRONG, WRONG]),
        ("dw = mean(2 * (z - y) * x)\nw = w - alpha * dw", [RIGHT, RIGHT]),
        ("dw = mean(2 * (z - y) * x)\nw = w + alpha * dw", [RIGHT, WRONG]),
        ("dw = mean(2 * (z - y) * x)\nw = w - b * dw", [RIGHT, WRONG]),
        ("dw = mean((z - y) * x)", [WRONG]),
        ("w = w - alpha * dw", [UNDEFINED]),
        ("dw = dw", [UNDEFINED]),
        ("x = 2 * x", [WRONG]),
        ("z = 2 * z", [WRONG]),
        ("dy = 2 * (y - z) / n\ndx = 2 * w * (z - y) / n", [RIGHT, RIGHT]),
    ],
)
def test_without_a_network(lines: str, found: list[Verdict]) -> None:
    """Parameters are the inputs that have no place for each example: they are never n times."""
    assert verdicts(NO_NETWORK + lines + "\n")[2:] == found
