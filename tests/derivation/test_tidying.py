"""What an edit leaves behind cancels; what the text has written stays."""

from __future__ import annotations

import pytest
from flint import ctx

from gradoracle.derivation.judging.agreement import compare
from gradoracle.derivation.mending.scalars import collected
from gradoracle.derivation.mending.tidying import tidied
from gradoracle.derivation.reading.header_lines import read_header
from gradoracle.derivation.reading.source import read
from gradoracle.derivation.reading.syntax import parts, show
from gradoracle.derivation.reading.syntax import read as formula
from gradoracle.derivation.truth.evaluate import Scope
from gradoracle.derivation.truth.networks import Setting, given

HEAD = "network: layers 1, activations tanh, loss squared_error\nJ = n"
TIDY = [
    ("n * (X / n**2)", "X / n"),
    ("n * (X / n / n / n)", "X / n**2"),
    ("2 * (X / n)", "2 * X / n"),
    ("(n * W1) @ X / n", "W1 @ X"),
    ("(X - X**2) / n * n", "X - X**2"),
    ("3 / 2 * X * 2", "3 * X"),
    ("sum(X) * n / n", "sum(X)"),
    ("(lam * W1.T).T", "lam * W1"),
    ("(X @ X.T + lam * W1.T @ W1).T", "X @ X.T + W1.T @ (lam * W1)"),
    ("(W1 @ X.T + lam * W1.T).T", "X @ W1.T + lam * W1"),
    ("W1 - (alpha * W1.T).T", "W1 - alpha * W1"),
    ("X.T - alpha * X.T", "(X - alpha * X).T"),
    ("-(X * X**2 * (1 - X) / 2)", "-X * X**2 * (1 - X) / 2"),
    ("-((W1 @ X) * X / 2)", "-(W1 @ X) * X / 2"),
    ("-(-X)", "X"),
    ("sum(-2 * X, axis=1) / n", "-2 * sum(X, axis=1) / n"),
    ("sum(X.T, axis=0).T", "sum(X, axis=1)"),
    ("tanh(X.T).T", "tanh(X)"),
    ("X - alpha * (-2 * X)", "X + 2 * alpha * X"),
    ("2 * ((alpha * W1) @ X)", "2 * alpha * W1 @ X"),
    ("1 / n * X", "1 / n * X"),  # nothing cancels
    ("X / 2 / n", "X / 2 / n"),
    ("(X - X**2) / n", "(X - X**2) / n"),
]


def values() -> Scope:
    setting = Setting((3, 3), 3, "square", 1)
    one = given(read_header(read(HEAD)), setting)
    return Scope(one.values, one.numbers)


@pytest.mark.parametrize(("text", "short"), TIDY)
def test_short_and_the_same(text: str, short: str) -> None:
    with ctx.workprec(256):
        before, after = formula(text), tidied(formula(text))
        assert show(after) == show(formula(short)), show(after)
        scope = values()
        one, other = scope.value(before), scope.value(after)
        assert one.shape == other.shape
        assert compare(one, other).same


@pytest.mark.parametrize(("text", "_"), TIDY)
def test_in_front_and_below(text: str, _: str) -> None:
    with ctx.workprec(256):
        scope = values()
        assert compare(scope.value(formula(text)), scope.value(collected(formula(text)))).same


def test_what_is_written_stays() -> None:
    """Parts of the text's own formula are not rewritten, though they could be."""
    node = formula("n * (X / n) + (X.T).T")
    assert show(tidied(node, {id(part) for part in parts(node)})) == show(node)
    assert show(tidied(node)) == "X + X"


def test_a_number_is_no_factor_of_a_matrix_product() -> None:
    node = formula("(2 * n) @ (X / n)")
    assert show(collected(node)) == show(node)
