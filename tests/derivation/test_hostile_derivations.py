"""A derivation is data from a stranger: what is hostile is refused with its place, and at once.

Nothing here may raise anything but `DerivationError`, take a second, or need memory to speak of.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable

import pytest

from gradoracle.derivation import check as check_module
from gradoracle.derivation import limits
from gradoracle.derivation.check import check
from gradoracle.derivation.judging.taken import judged_on
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.reading.header_lines import read_header
from gradoracle.derivation.reading.source import read
from gradoracle.derivation.truth.networks import given, settings
from gradoracle.derivation.truth.true_values import Reading
from gradoracle.derivation.verdicts import Checked, Verdict

NETWORK = "network: sizes 3-5-1, activations sigmoid sigmoid, loss binary_cross_entropy\n"
NO_LOSS = "network: sizes 3-5-1, activations sigmoid sigmoid\n"
LINE = "dW2 = dZ2 @ A1.T\n"
INPUTS = "inputs: x (1, n), w (1, 1)\n"

SECOND = 1.0  # of the processor: others may be at work on this machine
MEGABYTES = 20


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    """Import the known mistakes and the LaTeX parser once: they count for no line."""
    check(NETWORK + LINE)
    check(NETWORK + r"dW^{[2]} = dZ^{[2]} A^{[1]T}" + "\n")


def timed(text: str, *, markdown: bool = False, seconds: float = SECOND) -> Checked:
    start = time.process_time()
    try:
        return check(text, markdown=markdown)
    finally:
        assert time.process_time() - start < seconds


def refusal(text: str, *, markdown: bool = False) -> DerivationError:
    with pytest.raises(DerivationError) as raised:
        timed(text, markdown=markdown)
    message = str(raised.value)
    assert message.startswith(f"line {raised.value.line}")
    assert "\n" not in message
    assert len(message) < 1000
    assert message.isprintable()
    return raised.value


# --- formulas: refused with line and column

FORMULAS = [
    # powers
    *("2**9**9", "2**(9**9)", "X**65", "X**-65", "X**X", "X**n", "X**(1/3)", "X**1e99", "2**2**2"),
    *("X**(1/0)", "X**(9*9)", "X**1.25", "X**(0.5**-1)"),
    # depth and length
    "(" * 300 + "X" + ")" * 300,
    "-(" * 90 + "X" + ")" * 90,
    "-" * 1500 + "X",
    "X" + ".T" * 900,
    "exp(" * 60 + "X" + ")" * 60,
    "sum(X, axis=" * 60 + "0" + ")" * 60,
    "sum(X, axis=" * 150 + "0" + ")" * 150,
    "+".join(["X"] * 900),
    "X" + "+X" * 1500,
    "X #" + "x" * 3000,
    "a" * 41,
    # Python
    *(
        "__class__",
        "().__class__",
        "X.__class__.__mro__",
        "X.shape",
        "X.t",
        "X.dot(Y, out=Z1)",
        "exp(X)(Y)",
    ),
    *("_x", "__builtins__", "X.T.__class__", "X._T", "(X).real", "1 .real", "exp.T"),
    *("'os'", "b'x'", "f'{X}'", "'''x'''", "'\\d'", '"a" "b"', "r'x'", "u'x'", "'' % X"),
    *("lambda: X", "(lambda: 0)()", "[x for x in X]", "sum(x for x in X)", "{x: x for x in X}"),
    *("(a := 3)", "await X", "(yield)", "(yield from X)", "sum(*X)", "sum(**X)", "*X"),
    *(
        "__import__('os')",
        "exec(1)",
        "eval(1)",
        "open(1)",
        "getattr(X, 1)",
        "print(X)",
        "globals()",
    ),
    *("compile(1)", "input()", "type(X)", "vars()", "breakpoint()", "exit()", "range(3)"),
    *("X if Y else Z1", "X and Y", "X or Y", "not X", "~X", "X // Y", "X % Y", "X << 9", "X | Y"),
    *(
        "0 < X < 1",
        "X in Y",
        "X is Y",
        "X is not Y",
        "X not in Y",
        "X; Y",
        "X: Y",
        "X -> Y",
        "X ? Y",
    ),
    *("(X = Y)", "class", "for", "None", "True", "...", "(X, Y)", "[1, 2]", "()", "[]", "X ! Y"),
    # numbers
    *("1" * 1500, "1" * 41, "1e999999", "1e400", "0." + "1" * 60, "0xff", "0o7", "0b1", "1_0"),
    *("1if X else 2", "1or 2", "0777"),
    # layers
    *("W[1000000000]", "W[Z[1]]", "W[0.5]", "W[1:2]", "W[1,2]", "W['a']", "W[n]", "W[q]", "W[]"),
    *("W[1][2]", "W1[2]", "X1[2]", "W[1"),
    # functions
    *("sum(X, out=Y)", "sum(X, dtype=1)", "sum(X, axis=2)", "sum(X, axis=None)", "sum(X, axis=X)"),
    *("sum(X, axis=0, axis=1)", "sum(X, 0, axis=1)", "sum(X, 0, 1)", "sum(X, keepdims=X)"),
    *(
        "exp()",
        "exp(X, Y)",
        "exp",
        "sin(X)",
        "softmax_prime(Z1)",
        "X(Y)",
        "ones(1, 2, 3)",
        "ones()",
    ),
    *("maximum(X)", "where(X, Y)", "exp(X, axis=0)", "norm(X, 2)", "transpose(X, Y)"),
    # nothing, and half of something
    *("", "*", "(X", "X)", "X +", "+ * X", "X Y Z1 +", "X ** ", "@ X", "X @", ", ,"),
    # signs that cannot be seen, or are not what they look like
    *("X\0", "X\a", "X \x1b[2J", "X\x7f", "X\x85Y", "X\x0cY", "X\x0bY", "X\u2028Y", "X\u2029Y"),
    *("X \u202e + Y", "X \u2066Y\u2069", "X\u200b", "X\u00ad", "X\ufeff", "X\u200d", "X \ud800"),
    *(
        "\u0425 + 1",
        "\u03a7 + 1",
        "\uff37\uff11",
        "\U0001d417.__class__",
        "X\u0301",
        "X\ue000",
        "X\uffff",
    ),
    *("X + \U0001f600", "\u1e8a", "X\u3000+ Y", "\u0421\u043e\u0455(X)", "\uff08X\uff09"),
]


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: ascii(formula)[1:40])
def test_a_formula_is_refused_with_line_and_column(formula: str) -> None:
    error = refusal(f"{NETWORK}Z1 = W1 @ X + b1\ndW2 = {formula}\n")
    assert error.line == 3
    assert 1 <= error.column <= len(f"dW2 = {formula}") + 1


def test_there_are_enough_of_them() -> None:
    assert len({*FORMULAS}) == len(FORMULAS)
    assert len(FORMULAS) >= 80


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("dW2 = X + __class__", 11),
        ("dW2 = X + Y.real", 11),
        ("dW2 = dZ2 @ A1.T / n + 'x'", 24),
        ("dW2 = X = eval(Y)", 11),
        ("    dW2 = X**99", 14),
        ("dW2 = W[l-1.5]", 11),
        ("dW2 = X \u2218 Y.real", 13),
        ("for l in range(1, X.T):", 19),
        ("for l in range(1, L, 2, 3):", 16),
        ("for n in range(1, L):", 5),
        ("dW2 = X \u202e", 9),
    ],
)
def test_the_column_is_that_of_the_culprit(line: str, column: int) -> None:
    assert refusal(NETWORK + line + "\n").column == column


# --- texts

TEXTS = [
    *("", "\n\n  \n", NETWORK, "# nothing\n", "dW2 = X\n", "\ufeff", "\ud800"),
    NETWORK + "a = X\n" * 1200,
    NETWORK + ("# " + "x" * 1000 + "\n") * 120,
    "\n" * 2000,
    *(f"{NETWORK}{line}\n" for line in ("= = =", "=", "dW2 =", "= X", "X + Y", "J == 3", "J <= 3")),
    *(f"{NETWORK}{line}\n" for line in ("J := 3 := 4", "J != 3", "= X *", "dW2 = = X", "a = b = ")),
    *(f"{NETWORK}{line}\n" for line in ("5 = X", "X + Y = 3", "X.T = 3", "exp(X) = 3", "exp = 3")),
    *(
        f"{NETWORK}{line}\n"
        for line in ("__builtins__ = 3", "a, b = X", "'a' = X", "-a = X", "W[q] = X")
    ),
    *(
        f"{NETWORK}{line}\n"
        for line in ("J **= 2", "J //= 2", "J <<= 2", "J %= 2", "J |= 2", "J ^= 2")
    ),
    *(f"{NETWORK}{line}\n" for line in ("dW2 += X = Y", "dW2 += = Y", "dW2 =+= Y", "J +== 1")),
    *(f"{NETWORK}{line}\n" for line in ("import os", "from os import path", "def f(x): return x")),
    *(
        f"{NETWORK}{line}\n"
        for line in ("class A: pass", "while 1: pass", "if X: Y = 1", "with X: pass")
    ),
    *(
        f"{NETWORK}{line}\n"
        for line in ("del X", "global X", "return X", "assert X", "print(X)", "@X")
    ),
    *(
        f"{NETWORK}{line}\n"
        for line in ("raise X", "try: X", "pass", "nonlocal X", "lambda: 0", "async")
    ),
    *(f"{NETWORK}{line}\n" for line in ("n = 1", "lam = 0", "alpha = 1", "eta = 0")),
]


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text.removeprefix(NETWORK))[1:40])
def test_a_text_is_refused(text: str) -> None:
    assert refusal(text).line >= 1


BODY = "    a = X\n"
RANGES = ("999*999*999", "*".join(["999"] * 12), "65", "1, 2, 0", "", "1, 2, 3, 4", "X", "n", "0.5")
LOOPS = [
    *(f"for l in range({bounds}):\n{BODY}" for bounds in RANGES),
    *(
        f"for l in range({bounds}):\n{BODY}"
        for bounds in ("2**9", "exp(1)", "range(3)", "'3'", "W[1]")
    ),
    *(f"for l in range({bounds}):\n{BODY}" for bounds in ("-L*L*L*L*L*L*L*L, 9", "q", "l", "1,,2")),
    *(f"for {name} in range(1, 3):\n{BODY}" for name in ("L", "n", "J", "W1", "exp", "__x__", "X")),
    *(
        f"for {name} in range(1, 3):\n{BODY}"
        for name in ("dW1", "lam", "max", "l, k", "l[1]", "\u043b")
    ),
    "for l in range(1, L):\n    for k in range(1, L):\n        a = X\n",
    "for l in range(1, L):\na = X\n",
    "a = X\nfor l in range(1, L):\n",
    "for l in range(1, L):\nfor l in range(1, L):\n    a = X\n",
    "for l in range(1, L):\n    # nothing\nb = X\n",
    "for l in range(1, L): a = X\n",
    "for l in X:\n    a = X\n",
    "for l in enumerate(X):\n    a = X\n",
    "for l in range(1, 3):\n    l = X\n",
    "for l in range(1, 3):\n    a = X\nb = W[l]\n",
    "async for l in range(1, L):\n    a = X\n",
    "for l in range(1, L)\n    a = X\n",
    "for l in range(1, 3):\n    a = X\nelse:\n    b = X\n",
    "for l in range(1, 65):\n" + BODY * 40,
    "\tfor l in range(1, 3):\n        a = X\n",  # no deeper than the tab
]


@pytest.mark.parametrize("loop", LOOPS, ids=lambda loop: ascii(loop)[1:50])
def test_a_loop_is_refused(loop: str) -> None:
    assert refusal(NETWORK + loop).line >= 2


# --- headers

SIZES = "network: sizes 3-5-1, activations"
NETWORKS = [
    *(
        f"{SIZES} sin sigmoid",
        f"{SIZES} sigmoid sigmoid, loss hinge",
        "network: sizes 3-5-1",
        "network:",
    ),
    *(f"{SIZES} sigmoid sigmoid, __class__ x", f"{SIZES} relu", f"{SIZES} relu relu relu"),
    *(
        "network: sizes 3-0-1, activations relu relu",
        "network: sizes 3--1-1, activations relu relu",
    ),
    "network: sizes 3, activations relu",
    "network: sizes " + "-".join(["3"] * 500) + ", activations relu",
    "network: layers 1000000000, activations relu",
    "network: layers 10**9, activations relu",
    "network: layers 0, activations relu",
    "network: layers \u00b2, activations relu relu",
    "network: layers " + "1" * 1900 + ", activations relu relu",
    f"{SIZES.replace('activations', 'layers L, activations')} relu relu",
    f"{SIZES.replace('activations', 'layers 3, activations')} relu relu",
    "network: layers L, activations relu relu relu",
    *(
        f"{SIZES} relu relu, loss squared_error, {more}"
        for more in ("reduction max", "l2 0.1", "l2")
    ),
    *(f"{SIZES} relu relu, loss squared_error, {more}" for more in ("loss linear", "sizes 2-2-2")),
    f"{SIZES} relu relu, l2 lam",
    f"{SIZES} relu softmax, loss cross_entropy",
    "network: sizes 3-1-2, activations softmax sigmoid, loss squared_error",
    "network: sizes 3-5-2, activations relu sigmoid, loss cross_entropy",
    f"{SIZES} relu relu, loss binary_cross_entropy",
    "network: " + "-".join(["1"] * 13) + ", activations relu",
    "network: sizes " + "-".join(["1"] * 13) + ", activations relu relu",  # dead everywhere
    *(
        NETWORK + more
        for more in ("layout: diagonal", "weights: none", "convention: mine", "layout:")
    ),
    *(
        NETWORK + more
        for more in ("layout: rows\nlayout: columns", NETWORK.strip(), "layout: rows rows")
    ),
    *(
        NETWORK + more
        for more in ("title: a\u202eb", "source: \x1b[2J", "title: \udc80", "title: a\0")
    ),
]


@pytest.mark.parametrize("header", NETWORKS, ids=lambda h: ascii(h.removeprefix(NETWORK))[1:50])
def test_a_network_is_refused(header: str) -> None:
    error = refusal(f"{header}\nZ1 = W1 @ X + b1\nJ = sum(A2)\n{LINE}")
    assert 1 <= error.line <= header.count("\n") + 1


MEANS = [
    *(
        "foo",
        "foo = 'x'",
        "__class__ = dW1",
        "foo + 1 = dW1",
        "foo = bar",
        "foo = foo",
        "= dW1",
        "foo =",
    ),
    *("foo = bar, bar = foo", "foo = foo.T + dW1", "dW2 = 0 * dW2", "J = dW2", "X = dW2", "Y = A2"),
    *("A0 = X.T", "n = 1 + 0 * lam", "lam = dW1", "foo = dW2, foo = dW1", "foo = dW1 @ dW1"),
    *(
        "foo = eval(dW1)",
        "foo = dW7",
        "foo = W[L+1]",
        "foo[l] = dW[l+k]",
        "foo = bar = dW1",
        "foo += dW1",
    ),
    *(
        "dZ1 = dZ1 * n",
        "Z1 = A1",
        "W2 = W2",
        "foo = dW1.real",
        "dX = dX",
        "exp = dW1",
        "foo = ones(10**9)",
    ),
    ", ".join(f"f{i} = dW1" for i in range(120)),
]


@pytest.mark.parametrize("means", MEANS, ids=lambda means: means[:40])
def test_what_a_name_means_is_refused(means: str) -> None:
    assert refusal(f"{NETWORK}means: {means}\n{LINE}").line == 2


def test_thousands_of_names_are_refused() -> None:
    lines = ("means: " + ", ".join(f"f{i}_{k} = dW1" for k in range(90)) for i in range(60))
    assert refusal(NETWORK + "\n".join(lines) + "\n" + LINE).line == 3
    lines = ("inputs: " + ", ".join(f"f{i}_{k} (1, n)" for k in range(90)) for i in range(60))
    assert refusal("\n".join(lines) + "\nJ = sum(f1_1)\n").line == 2


SHAPES = [
    *("x (1, 10**9)", "x (999, 999)", "x (n*n*n*n*n*n*n, 1)", "x (0, 1)", "x (-1, 1)", "x (q, 1)"),
    *(
        "x (0.5, 1)",
        "x",
        "x (3)",
        "x (1, 2, 3)",
        "x (1, n), x (1, n)",
        "x (x, 1)",
        "x (1, n",
        "x (1, n))",
    ),
    *("J (1, 1)", "L (1, 1)", "n (1, 1)", "lam (1, 1)", "alpha (1, 1)", "exp (1, n)", "__x (1, n)"),
    *(
        "x (1, n), dx (1, n)",
        "\u0445 (1, n)",
        "x (n1, n)",
        "x ((1), n)",
        "x (1, 'n')",
        "x (1, eval(n))",
    ),
    *("x[1] (1, n)", "1 (1, n)", "x (1, n) y", "n1 (1, 1)", "dW1 (1, 1)", "x (lam, 1)"),
    ", ".join(f"f{k} (60, 60)" for k in range(20)),
]


@pytest.mark.parametrize("inputs", SHAPES, ids=lambda inputs: ascii(inputs)[1:40])
def test_an_input_is_refused(inputs: str) -> None:
    assert refusal(f"inputs: {inputs}\nJ = sum(x)\ndw = x\n").line == 1


@pytest.mark.parametrize(
    "inputs",
    [
        "dW2 (n2, n1)",
        "W1 (n1, n0)",
        "A0 (n0, n)",
        "X (n0, n)",
        "Z1 (1, 1)",
        "x (n7, n)",
        "x (n-9, n)",
    ],
)
def test_an_input_beside_a_network_is_refused(inputs: str) -> None:
    """Else `dW2 = dW2` would read the truth."""
    assert refusal(f"{NETWORK}inputs: {inputs}\ndW2 = dW2\n").line == 2


COSTS = [
    *(
        "z = w * x",
        "J = w * x",
        "J = 3",
        "J = n / 2",
        "J = sum(0 * w * x)",
        "J = sum(w * x - w * x)",
    ),
    *(
        "J = log(-sum(w * w * x * x))",
        "J = sum(w * x) / 0",
        "J = J + 1",
        "J = sum(q)",
        "J = sum(W1 @ x)",
    ),
    *("dw = 5 + 0 * w\nJ = sum(w * x) + 0 * dw", "J = sum(outer(w * x, w * x))", "J = log(0) * w"),
    *("J = sum(sigmoid_prime(w * x))", "J = sum(" + "exp(" * 8 + "w * x" + ")" * 8 + ")", "J = X"),
    *("z = sigmoid(w * x)\nJ = sum(z * (z > z))", "J = sum(w @ ones(1024, 1))", "J = sum(x @ x)"),
    *(
        "a = outer(ones(99, 1), ones(99, 1))\nJ = sum(a * w)",
        "J = sum(w * foo)\nfoo = x",
        "J = lam * n",
    ),
    *("J[1] = sum(w * x)", "J = sum(w * x, axis=1) * ones(2, 1)", "J = sum(diag(w * x))"),
]


@pytest.mark.parametrize("cost", COSTS, ids=lambda cost: ascii(cost)[1:50])
def test_a_definition_is_refused(cost: str) -> None:
    """Nothing could be learnt from it, or all would be right."""
    assert refusal(f"{INPUTS}{cost}\ndw = 0 * w\n").line >= 2


@pytest.mark.parametrize(
    "text",
    [
        "J = sum(Y * Y)\n",
        "dW2 = 0 * W2\nJ = sum((A2 - Y)**2) / n + 0 * sum(dW2)\n",
        "means: foo = dW2\nfoo = 0 * W2\nJ = sum((A2 - Y)**2) / n + 0 * sum(foo)\n",
        "means: foo = 2 * dW2, bar = foo.T\nbar = W2.T\nJ = sum((A2 - Y)**2) / n + sum(bar)\n",
    ],
)
def test_a_definition_on_a_network_is_refused(text: str) -> None:
    """A derivative in J would be taken for a part of the definition, and not be judged."""
    assert refusal(NO_LOSS + text).line >= 2


MARKDOWN = [
    f"{NETWORK}{LINE}",
    f"# title\n\n    {LINE}",
    "```\n",
    f"```python\n{NETWORK}{LINE}```\n",
    f"```\n{NETWORK}```\n{LINE}",
    f"```\n{NETWORK}dW2 = eval(1)\n",  # unclosed
    f"````\n{NETWORK}```\n{LINE}````\n",
    f"```\n{NETWORK}dW2 = X \u202e\n```\n",
]


@pytest.mark.parametrize("text", MARKDOWN)
def test_a_markdown_file_is_refused(text: str) -> None:
    assert refusal(text, markdown=True).line >= 1


def test_what_stands_outside_the_fences_is_no_matter() -> None:
    text = (
        f"\u202e \x07 __import__('os')\n\n```\n{NETWORK}dZ2 = A2 - Y\n```\n\nX = eval(1) \u200d\n"
    )
    assert timed(text, markdown=True).ok


# --- what can be read, and is told as wrong or as undecided

TOWER = "exp(exp(exp(exp(9))))"
TOLD = [
    *("ones(1000000000, 1000000000)", "ones(X, 1)", "ones(1/2, 1)", "ones(0, 1)", "ones(-3, 1)"),
    *(
        "ones(log(0), 1)",
        "ones(1e40, 1)",
        "zeros(1025, 1)",
        f"ones({TOWER}, 1)",
        "ones(log(-1), 1)",
    ),
    *(
        "outer(outer(outer(X, X), outer(X, X)), outer(X, X))",
        "outer(W1, W1)",
        "diag(ones(1024, 1))",
    ),
    *(
        "ones(1024, 1) + ones(1, 1024)",
        "ones(1024, 1) @ ones(1, 1024)",
        "ones(32, 32) @ ones(32, 32)",
    ),
    *("where(1 > 0, ones(1024, 1), ones(1, 1024))", "maximum(ones(1024, 1), ones(1, 1024))"),
    *("where(1 > 0, W1, X)", "where(X > 0, W1, X)", "where(log(0), W2, W2)", "where(X, 1, 2)"),
    *("exp(" * 40 + "X" + ")" * 40, "exp(" * 8 + "9" + ")" * 8 + " * W2", "log(log(log(log(W2))))"),
    *("log(0) * W2", "log(-1) * W2", "sqrt(-1) * W2", "0 / 0 * W2", "W2 / 0", "W2 / (1 - 1)"),
    *("0**-1 * W2", "(1 / 0 - 1 / 0) * W2", "(0 * W2)**(1/2) / (0 * W2)", "W2**(-1/2)"),
    *("(" * 20 + "W2" + "**64)" * 20, "((W2**64)**64)**64", "((((2**64)**64)**64)**64)**64 * W2"),
    *(
        "W2 * (Z1 > Z1)",
        "W2 * (sum(Z1) - sum(Z1) > 0)",
        "W2 * (sum(A1) == sum(A1))",
        "W2 / norm(0 * W2)",
    ),
    *("W2 * relu_prime(sum(Z1 - Z1))", "abs(sum(Z1) - sum(Z1)) * W2", "maximum(A1 - A1, 0) @ X.T"),
    *(f"{curve}({TOWER}) * W2" for curve in ("erf", "gelu", "tanh", "sqrt", "relu", "softplus")),
    *(
        f"{curve}(-{TOWER}) * W2"
        for curve in ("elu", "silu", "sigmoid", "gelu_prime", "leaky_relu")
    ),
    *(f"softmax({TOWER} * W2)", "softmax(log(-1) * W2)", "softmax(W2 / 0)", f"mean({TOWER}) * W2"),
    *("q", "dW2", "dW2 + 0", "W[-1]", "W[L+1]", "W[L*L*L*L]", "W[999]", "g_prime(log(0)) * W2"),
    *("1 / (1e-99 * 1e-99 * 1e-99 * (W2 - W2))", "W2 * 1e99**64", "lam", "n", "L", "W2 > 0"),
]


@pytest.mark.parametrize("formula", TOLD, ids=lambda formula: formula[:40])
def test_a_formula_is_never_called_right(formula: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_module, "explained", lambda taken: taken.found)  # the verdicts alone
    checked = timed(f"{NETWORK}dW2 = {formula}\n", seconds=3 * SECOND)
    assert not checked.ok
    assert checked.right == 0


@pytest.mark.parametrize("formula", TOLD[::9], ids=lambda formula: formula[:40])
def test_a_formula_is_never_mended_into_a_crash(formula: str) -> None:
    assert not check(f"{NETWORK}dW2 = {formula}\n").ok


@pytest.mark.parametrize("formula", [f for f in TOLD if "o" in f], ids=lambda formula: formula[:40])
def test_a_formula_needs_little_memory(formula: str) -> None:
    """All that may make a large matrix is among them: ones, zeros, outer."""
    source = read(f"{NETWORK}dW2 = {formula}\n")
    header = read_header(source)
    one = given(header, settings(header)[0])
    tracemalloc.start()
    judged_on(header, source, one, Reading())
    memory = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    assert memory < MEGABYTES


# --- time

SLOW = [
    "a = ones(32, 32) / 3\n" + "a = erf(gelu(erf(gelu(a @ a / 32))))\n" * 200,
    "a = ones(32, 32) / 3\na = " + "gelu(" * 40 + "a" + ")" * 40 + "\n",
    "for l in range(1, 64):\n" + "    a = gelu(ones(32, 32) / 3)\n" * 20,
]


@pytest.mark.parametrize("slow", SLOW, ids=["lines", "one formula", "loop"])
def test_the_time_limit_holds_inside_a_formula(slow: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SECONDS", 0.2)
    start = time.process_time()
    late = r"^line \d+: expected an answer within 0.2 s"
    with pytest.raises(DerivationError, match=late) as raised:
        check(NETWORK + slow + LINE)
    assert time.process_time() - start < SECOND
    assert raised.value.line >= 1


def test_the_time_limit_holds_in_the_definition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SECONDS", 0.2)
    text = "a = w * ones(32, 32)\n" + "a = a + gelu(gelu(a))\n" * 50 + "J = sum(a)\ndw = w\n"
    with pytest.raises(DerivationError, match="an answer within"):
        timed("inputs: w (1, 1)\n" + text)


def test_the_time_limit_ends_with_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SECONDS", 60)
    assert check(NETWORK + "dZ2 = A2 - Y\n").ok
    limits.tick()
    with limits.within(-1), pytest.raises(DerivationError):
        limits.tick()
    limits.tick()


# --- what is strange, and no harm

STRANGE: dict[str, Callable[[str], str]] = {
    "carriage returns": lambda text: text.replace("\n", "\r\n"),
    "old line ends": lambda text: text.replace("\n", "\r"),
    "byte order mark": lambda text: "\ufeff" + text,
    "no line end": str.rstrip,
    "blank lines": lambda text: text.replace("\n", "\n\n \t \n"),
    "comments": lambda text: text.replace("\n", "  # dW2 = eval('x')\n"),
    "indented": lambda text: "".join(f"    {line}\n" for line in text.splitlines()),
    "tabs": lambda text: text.replace("    ", "\t"),
    "wide spaces": lambda text: text.replace(" = ", " \u00a0=\t "),
    "capitals": lambda text: text.replace("network:", "NETWORK :"),
}
PLAIN = (
    "network: layers L, activations tanh sigmoid, loss binary_cross_entropy\n"
    "dZ[L] = A[L] - Y\n"
    "for l in range(L, 1, -1):\n"
    "    dA[l-1] = W[l].T @ dZ[l]\n"
    "    dZ[l-1] = dA[l-1] * g_prime(Z[l-1])\n"
    "dW1 = dZ1 @ X.T / n\n"
)


@pytest.mark.parametrize("strange", STRANGE, ids=str)
def test_what_is_strange_and_harmless_is_read(strange: str) -> None:
    """An indented text too: its last line stands outside the loop."""
    checked = timed(STRANGE[strange](PLAIN))
    assert checked.ok
    assert [line.line.loop is not None for line in checked.lines] == [False, True, True, False]
    assert [line.verdict for line in checked.lines] == [Verdict.RIGHT] * 4


def test_a_refusal_travels_between_processes() -> None:
    import pickle

    error = refusal(NETWORK + "dW2 = eval(1)\n")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301, our own
    assert (str(again), again.line, again.column) == (str(error), error.line, error.column)
