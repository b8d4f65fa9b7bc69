"""Lines with a free l are meant of every layer, and run as a loop over them."""

from __future__ import annotations

import pytest
from judged_texts import ANY_L, FED, RIGHT, SHAPES, judged

from gradoracle.derivation.check import check
from gradoracle.derivation.limits import DerivationError
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
    (found,) = read(HEADER + line).lines
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
    assert sum(line.verdict is RIGHT for line in checked.lines) == 4
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
