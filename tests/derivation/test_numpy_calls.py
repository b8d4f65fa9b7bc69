"""What is written in NumPy is read as what it is, and nothing else of a library is."""

from __future__ import annotations

import ast

import pytest

from gradoracle.derivation.check import check
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.reading import latex, notation, numpy_calls
from gradoracle.derivation.reading.syntax import read, show
from gradoracle.derivation.verdicts import Verdict

NETWORK = "network: sizes 3-4-1, activations tanh sigmoid, loss binary_cross_entropy\n"
COURSE = """
Z1 = np.dot(W1, X) + b1
A1 = np.tanh(Z1)
Z2 = np.dot(W2, A1) + b2
A2 = 1 / (1 + np.exp(-Z2))
J = -np.sum(np.multiply(np.log(A2), Y) + np.multiply(1 - Y, np.log(1 - A2))) / m
dZ2 = A2 - Y
dW2 = (1 / m) * np.dot(dZ2, A1.T)
db2 = (1 / m) * np.sum(dZ2, axis=1, keepdims=True)
dZ1 = np.multiply(np.dot(W2.T, dZ2), 1 - np.power(A1, 2))
dW1 = np.divide(dZ1.dot(X.T), m)
db1 = dZ1.mean(axis=1, keepdims=True)
"""

READ = {
    "np.dot(A, B)": "A @ B",
    "numpy.matmul(A, B.T)": "A @ B.T",
    "A.dot(B)": "A @ B",
    "X.T.dot(d)": "X.T @ d",
    "(A + B).dot(C).T": "((A + B) @ C).T",
    "np.dot(A, B).dot(C)": "A @ B @ C",
    "A * B.dot(C)": "A * (B @ C)",
    "np.multiply(A, B + C)": "A * (B + C)",
    "np.divide(A, B * C)": "A / (B * C)",
    "np.power(A, 2)": "A**2",
    "np.power(1 - A, -1)": "(1 - A)**(-1)",
    "-np.square(A)": "-A**2",
    "np.sum(A, axis=1, keepdims=True)": "sum(A, axis=1)",
    "np.sum(A, 0)": "sum(A, axis=0)",
    "A.sum(axis=0)": "sum(A, axis=0)",
    "A.T.sum()": "sum(A.T)",
    "A.sum(1)": "sum(A, axis=1)",
    "A.mean(axis=1, keepdims=True)": "mean(A, axis=1)",
    "np.mean(A)": "mean(A)",
    "np.exp(A) + np.log(A) + np.tanh(A)": "exp(A) + log(A) + tanh(A)",
    "np.sqrt(A) + np.abs(A)": "sqrt(A) + abs(A)",
    "np.maximum(0, A)": "maximum(0, A)",
    "np.where(A > 0, 1, 0)": "where(A > 0, 1, 0)",
    "np.linalg.norm(W1)**2": "norm(W1)**2",
    "math.exp(2) + jnp.exp(A) + tf.matmul(A, B)": "exp(2) + exp(A) + A @ B",
    "torch.sigmoid(A)": "sigmoid(A)",
    "np.ones((n, 1))": "ones(n, 1)",
}
HOSTILE = [
    *("np.dot", "np.array(A)", "np.load(A)", "np.dot.T(A)", "np.sum.dot(A)", "np.T(A)"),
    *("np.__class__(A)", "np.linalg.inv(A)", "np.linalg.__class__(A)", "np.linalg(A)", "np.a.b(A)"),
    *("os.system(A)", "os.linalg.norm(A)", "os.exp(A)", "sys.dot", "np.random.dot.seed(A)"),
    *(
        "np.dot(A)",
        "np.dot(A, B, C)",
        "np.dot(A, B, out=C)",
        "np.dot(*A)",
        "np.dot(**A)",
        "A.dot()",
    ),
    *("np.dot()", "A.dot(B, C)", "A.dot(B, out=C)", "A.sum(B)", "A.sum(0, 1)", "A.sum(dtype=A)"),
    *("A.sum(axis=0, out=B)", "A.sum(axis=0, axis=1)", "A.mean(axis=2)", "A.exp()", "A.max()"),
    *("np.power(A, B)", "np.power(A, 99)", "np.power(2, np.power(9, 9))", "np.power(A, x=2)"),
    *("np.square(A, A)", "np.square()", "A.T.T.tofile(A)", "'x'.dot(A)", "A.dot('x')", "np[1].dot"),
    *("A.dot(lambda: 0)", "np.sum(x for x in A)", "np.exp(A)(B)", "np.where(A)", "A.dot.T"),
    *("np.dot(A, __import__)", "A.__class__.dot(B)", "np.sum(A, axis=A)", "np.linalg.norm(A, 2)"),
    "np.dot(A, " * 60 + "A" + ")" * 60,
    "A" + ".dot(A)" * 400,
]


@pytest.mark.parametrize(("written", "normal"), READ.items())
def test_a_call_is_what_it_computes(written: str, normal: str) -> None:
    assert show(read(written)) == normal
    assert notation.plain(f"x = {written}").text == f"x = {written}"


@pytest.mark.parametrize("written", HOSTILE, ids=lambda written: written[:30])
def test_nothing_else_is_called(written: str) -> None:
    with pytest.raises(DerivationError) as raised:
        check(f"{NETWORK}dW2 = {written}\ndW1 = {written}\n")
    assert "\n" not in str(raised.value)
    assert (raised.value.line, raised.value.column > 6) in ((2, True), (3, True))


def test_the_names_are_those_of_the_tables() -> None:
    for name in ("eval", "load", "array", "fft", "__class__", "tofile"):
        for call in (f"np.{name}", f"A.{name}", f"np.linalg.{name}"):
            assert numpy_calls.called(ast.parse(call, mode="eval").body) == ("", None)


def test_they_stand_among_signs_of_paper_and_macros() -> None:
    assert notation.plain("x = ½ np.dot(W2ᵀ, dZ2)").text == "x = 1 / 2 * np.dot(W2.T, dZ2)"
    assert notation.plain("x = W₂ᵀ.dot(dZ₂) ∘ A1").text == "x = W2.T.dot(dZ2) * A1"
    assert notation.plain("x = 1/n dZ2.sum(axis=1)").text == "x = 1 / n * dZ2.sum(axis=1)"
    assert latex.plain(r"W = \frac1m np.dot(Z, A.T)").text == "W = 1 / m * np.dot(Z, A.T)"
    assert latex.plain(r"W = \frac1m Z.dot(A^T)").text == "W = 1 / m * Z.dot(A.T)"


def test_a_course_as_it_is_typed_is_right() -> None:
    found = check(NETWORK + COURSE)
    assert found.ok
    assert [line.verdict for line in found.lines] == [Verdict.RIGHT] * 11
    assert found.lines[6].line.normal == "dW2 = 1 / m * (dZ2 @ A1.T)"
    assert check(f"```math\n{NETWORK}{COURSE}```\n", markdown=True).ok


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("np.dot(dZ2, A1.T)", "np.dot(dZ2, A1)"),
        ("np.multiply(np.dot(W2.T, dZ2), ", "np.dot(np.dot(W2.T, dZ2), "),
        ("np.power(A1, 2)", "np.power(A1, 3)"),
        ("dZ1.mean(axis=1", "dZ1.sum(axis=1"),
        ("np.divide(dZ1.dot(X.T), m)", "dZ1.dot(X.T)"),
        ("dZ1.dot(X.T)", "X.T.dot(dZ1)"),
        ("np.sum(dZ2, axis=1", "np.sum(dZ2, axis=0"),
    ],
)
def test_an_error_in_it_is_seen(right: str, wrong: str) -> None:
    assert right in COURSE
    found = check(NETWORK + COURSE.replace(right, wrong)).first
    assert found is not None
    assert found.line.number == COURSE[: COURSE.index(right)].count("\n") + 2
    assert found.verdict.is_wrong
