"""Lines with a free l are meant of every layer, and run as a loop over them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from judged_texts import ANY_L, FED, ORDER, RIGHT, SHAPES, judged

from gradoracle.derivation.check import check
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.reading.every_layer import of_every_layer
from gradoracle.derivation.reading.header_lines import read_header
from gradoracle.derivation.reading.lines import Line
from gradoracle.derivation.reading.source import read
from gradoracle.report.derivation_rows import rows

HEADER = ANY_L.format("tanh") + "\n"
EQUATIONS = """Z[l] = W[l] @ A[l-1] + b[l]
A[l] = g[l](Z[l])
dZ[L] = A[L] - Y
dZ[l] = (W[l+1].T @ dZ[l+1]) * (1 - A[l]**2)
dW[l] = dZ[l] @ A[l-1].T / n
db[l] = sum(dZ[l], axis=1) / n
W[l] = W[l] - alpha * dW[l]
"""
NIELSEN = r"""
network: layers L, activations sigmoid sigmoid, loss half_squared_error
examples: 1
z^l = w^l a^{l-1} + b^l
a^l = \sigma(z^l)
\delta^L = \nabla_a C \odot \sigma'(z^L)
\delta^l = ((w^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l)
\frac{\partial C}{\partial b^l} = \delta^l
\frac{\partial C}{\partial w^l} = \delta^l (a^{l-1})^T
"""


def laid(text: str, header: str = HEADER) -> list[Line]:
    """Return lines, those of every layer in their loops."""
    source = read(header + text)
    return of_every_layer(source.lines, read_header(source))


@pytest.mark.parametrize(
    ("line", "loop"),
    [
        ("Z[l] = W[l] @ A[l-1] + b[l]", "for l in range(1, L + 1):"),
        ("A[l+1] = g[l+1](Z[l+1])", "for l in range(0, L):"),
        ("dZ[l] = (W[l+1].T @ dZ[l+1]) * g_prime(Z[l])", "for l in range(L - 1, 0, -1):"),
        ("dZ[l-1] = (W[l].T @ dZ[l]) * g_prime(Z[l-1])", "for l in range(L, 1, -1):"),
        ("dA[l-1] = W[l].T @ dZ[l]", "for l in range(L, 0, -1):"),
        ("dA[l] = W[l+1].T @ dZ[l+1]", "for l in range(L - 1, -1, -1):"),
        ("dZ[L] = A[L] - Y", None),
        ("dZ[L-1] = A[1] * A[L]", None),
    ],
)
def test_the_layers_are_those_that_a_line_has(line: str, loop: str | None) -> None:
    (found,) = laid(line)
    assert (found.loop and found.loop.head) == loop


def test_equations_are_judged_in_every_layer() -> None:
    checked = judged(HEADER + EQUATIONS)
    assert [line.verdict for line in checked.lines] == [RIGHT] * 7
    heads = [row.formula for row in rows(checked) if not row.verdict]
    assert heads == [
        "for l in range(1, L + 1):",
        "for l in range(L - 1, 0, -1):",
        "for l in range(L, 0, -1):",
    ]
    assert all(row.number == "" for row in rows(checked) if not row.verdict)


def test_an_error_is_told_where_it_is_one() -> None:
    checked = judged(HEADER + EQUATIONS.replace("W[l+1].T @", "W[l+1] @"))
    verdicts = [line.verdict for line in checked.lines]
    assert verdicts == [RIGHT, RIGHT, RIGHT, SHAPES, FED, FED, FED]
    sigmoid = check(HEADER + EQUATIONS.replace("g[l](Z[l])", "tanh(Z[l])")).first
    assert sigmoid is not None
    assert sigmoid.rounds == ("l = L",)


def test_equations_as_a_book_has_them() -> None:
    checked = judged(NIELSEN)
    assert checked.ok
    assert all(line.verdict is RIGHT for line in checked.lines)
    assert checked.lines[2].notes == ("da[L] is that of the loss: no line gives it",)
    for old, new in (
        ("(w^{l+1})^T", "w^{l+1}"),
        ("(a^{l-1})^T", "(a^l)^T"),
        ("a^{l-1} +", "a^{l} +"),
    ):
        assert not judged(NIELSEN.replace(old, new)).ok


def test_a_line_that_is_indented_too_little_is_refused() -> None:
    text = HEADER + "for l in range(1, L):\n    Z[l] = W[l] @ A[l-1] + b[l]\nA[l] = tanh(Z[l])\n"
    with pytest.raises(DerivationError, match=r"for l in range\(1, L \+ 1\): above"):
        check(text)


def test_a_line_before_a_loop_and_one_that_does_not_follow_it_are_of_every_layer() -> None:
    loop = "for l in range(1, L + 1):\n    Z[l] = W[l] @ A[l-1] + b[l]\n    A[l] = g[l](Z[l])\n"
    assert judged(f"{HEADER}{loop}dZ[L] = A[L] - Y\n{RECURRENCE}").ok
    assert judged(f"{HEADER}Z[l] = W[l] @ A[l-1] + b[l]\ndZ[L] = A[L] - Y\n{BACKWARD}").ok


RECURRENCE = "dA[l] = W[l+1].T @ dZ[l+1]\ndZ[l] = dA[l] * g_prime[l](Z[l])\n"
BACKWARD = "for l in range(L - 1, 0, -1):\n    dZ[l] = (W[l+1].T @ dZ[l+1]) * g_prime[l](Z[l])\n"


@pytest.mark.parametrize(
    "equations",
    [
        "dZ[L] = A[L] - Y\n" + RECURRENCE,  # each needs the other one, a layer above
        "dZ[l] = dA[l] * g_prime[l](Z[l])\ndA[l-1] = W[l].T @ dZ[l]\n",
        "dA[l-1] = W[l].T @ dZ[l]\ndZ[l] = dA[l] * g_prime[l](Z[l])\n",
        "dZ[L] = A[L] - Y\ndW[l] = dZ[l] @ A[l-1].T / n\n"
        "dZ[l] = (W[l+1].T @ dZ[l+1]) * g_prime[l](Z[l])\nW[l] = W[l] - alpha * dW[l]\n",
    ],
)
def test_equations_have_no_order(equations: str) -> None:
    found = judged(HEADER + equations)
    assert found.ok
    assert all(line.verdict is RIGHT for line in found.lines)
    wrong = judged(HEADER + equations.replace(".T @ dZ", " @ dZ"))
    assert [line.verdict for line in wrong.wrong] == [SHAPES]


def test_an_update_has_its_place() -> None:
    text = (
        "dZ[L] = A[L] - Y\ndW[l] = dZ[l] @ A[l-1].T / n\nW[l] = W[l] - alpha * dW[l]\n"
        "dZ[l] = (W[l+1].T @ dZ[l+1]) * g_prime[l](Z[l])\n"
    )
    assert [line.verdict for line in judged(HEADER + text).lines] == [RIGHT, FED, FED, ORDER]


def test_sums_over_layers_are_added_up_in_the_order_of_the_text() -> None:
    text = (
        "network: layers 2, activations tanh sigmoid\nR = 0\nR = R + sum(W[l]**2)\n"
        "J = -sum(Y * log(A2) + (1 - Y) * log(1 - A2)) / n + lam / 2 * R\n"
        "dZ2 = (A2 - Y) / n\ndW2 = dZ2 @ A1.T + lam * W2\n"
    )
    assert judged(text).ok
    assert not judged(text.replace("+ lam * W2", "+ lam * W2 / 2")).ok


@pytest.mark.parametrize(
    ("means", "A", "Z"), [("h[l] = A[l]", "h", "Z"), ("z[l] = A[l], a[l] = Z[l]", "z", "a")]
)
def test_layers_begin_where_the_trace_has_them_whatever_they_are_called(
    means: str, A: str, Z: str
) -> None:
    header = f"{HEADER}means: {means}\n"
    text = f"{Z}[l] = W[l] @ {A}[l-1] + b[l]\n{A}[l] = g[l]({Z}[l])\n"
    loops = {line.loop.head for line in laid(text, header) if line.loop}
    assert loops == {"for l in range(1, L + 1):"}
    assert judged(header + text).ok


def test_many_equations_from_the_last_one_up_are_in_order_before_the_time_is_over() -> None:
    letters = [f"q{a}{b}" for a in "abcdefg" for b in "abcdefghi"]
    chain = [f"{one}[l] = {other}[l] * 2 / 2" for one, other in pairwise(letters)]
    text = "\n".join([*chain, f"{letters[-1]}[l] = W[l] @ A[l-1]", "Z[l] = qaa[l] + b[l]"])
    found = judged(HEADER + text + "\n").lines
    assert len(found) == 64
    assert found[-1].verdict is RIGHT
