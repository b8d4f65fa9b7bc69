"""What may be done with matrices of balls, how it is noted, and when two of them are the same."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx

from gradoracle.derivation.judging.agreement import DIGITS, compare, factors, relation
from gradoracle.derivation.limits import ENTRIES
from gradoracle.derivation.reading import syntax
from gradoracle.derivation.truth import matrices as m
from gradoracle.derivation.truth.evaluate import Scope, UndefinedError
from gradoracle.derivation.truth.matrices import Matrix, Notes, ShapeError
from gradoracle.truth.balls import UndecidedError

BITS = 256


@pytest.fixture(autouse=True)
def _fine() -> Iterator[None]:
    with ctx.workprec(BITS):
        yield


def of(rows: list[list[float]]) -> Matrix:
    return m.exactly(np.array(rows, dtype=float))


VALUES = {
    "X": of([[1, -2, 3], [0.5, 0, -0.25]]),
    "c": of([[1], [2]]),
    "r": of([[1, 2, 3]]),
    "s": of([[4]]),
    "Q": of([[1, 2], [3, 4]]),
    "n": m.scalar(3),
}


def value(formula: str, *, rows: bool = False, notes: Notes | None = None) -> Matrix:
    return Scope(VALUES, {"L": 2}, "tanh", notes or Notes(0 if rows else 1)).value(
        syntax.read(formula)
    )


def floats(formula: str, *, rows: bool = False) -> list[list[float]]:
    return [[float(x.mid()) for x in row] for row in value(formula, rows=rows)]


@pytest.mark.parametrize(
    ("formula", "right"),
    [
        ("X", [[1, -2, 3], [0.5, 0, -0.25]]),
        ("sum(X)", [[2.25]]),
        ("sum(X, axis=0)", [[1.5, -2, 2.75]]),
        ("sum(X, axis=1)", [[2], [0.25]]),
        ("mean(X, axis=1) * 3", [[2], [0.25]]),
        ("mean(X) * 6", [[2.25]]),
        ("X + c", [[2, -1, 4], [2.5, 2, 1.75]]),
        ("X * r", [[1, -4, 9], [0.5, 0, -0.75]]),
        ("c - r", [[0, -1, -2], [1, 0, -1]]),
        ("X.T", [[1, 0.5], [-2, 0], [3, -0.25]]),
        ("transpose(r)", [[1], [2], [3]]),
        ("Q @ X", [[2, -2, 2.5], [5, -6, 8]]),
        ("r @ X.T", [[6, -0.25]]),
        ("X > 0", [[1, 0, 1], [1, 0, 0]]),
        ("X >= 0", [[1, 0, 1], [1, 1, 0]]),
        ("X == 0", [[0, 0, 0], [0, 1, 0]]),
        ("X != 0", [[1, 1, 1], [1, 0, 1]]),
        ("X < c", [[0, 1, 0], [1, 1, 1]]),
        ("X <= 1", [[1, 1, 0], [1, 1, 1]]),
        ("maximum(X, 0)", [[1, 0, 3], [0.5, 0, 0]]),
        ("minimum(0, X)", [[0, -2, 0], [0, 0, -0.25]]),
        ("where(X > 0, X, c)", [[1, 1, 3], [0.5, 2, 2]]),
        ("where(X, 7, r)", [[7, 7, 7], [7, 2, 7]]),
        ("where(X == 0, 5, 1 / X)", [[1, -0.5, 1 / 3], [2, 5, -4]]),
        ("relu(X)", [[1, 0, 3], [0.5, 0, 0]]),
        ("relu_prime(X)", [[1, 0, 1], [1, 0, 0]]),
        ("abs(X)", [[1, 2, 3], [0.5, 0, 0.25]]),
        ("norm(r)**2", [[14]]),
        ("diag(c)", [[1, 0], [0, 2]]),
        ("diag(c.T)", [[1, 0], [0, 2]]),
        ("diag(Q)", [[1], [4]]),
        ("diag(s)", [[4]]),
        ("outer(c, r)", [[1, 2, 3], [2, 4, 6]]),
        ("outer(r, c)", [[1, 2], [2, 4], [3, 6]]),
        ("ones(2, n)", [[1, 1, 1], [1, 1, 1]]),
        ("zeros(n)", [[0], [0], [0]]),
        ("ones((L, 1))", [[1], [1]]),
        ("X**2", [[1, 4, 9], [0.25, 0, 0.0625]]),
        ("(X**2)**(1/2)", [[1, 2, 3], [0.5, 0, 0.25]]),
        ("X**0", [[1, 1, 1], [1, 1, 1]]),
        ("s**-1", [[0.25]]),
        ("L * n", [[6]]),
        ("softmax(0 * X) * 2", [[1, 1, 1], [1, 1, 1]]),
        ("softmax(0 * X, axis=1) * 3", [[1, 1, 1], [1, 1, 1]]),
        ("g(0 * X)", [[0, 0, 0], [0, 0, 0]]),
        ("g_prime(0 * X)", [[1, 1, 1], [1, 1, 1]]),
    ],
)
def test_a_value(formula: str, right: list[list[float]]) -> None:
    assert floats(formula) == right


def test_softmax_is_over_the_units_of_an_example() -> None:
    assert [[x.contains(1) for x in row] for row in value("sum(softmax(X), axis=0)")] == [
        [True] * 3
    ]
    found = value("sum(softmax(X), axis=1)", rows=True)
    assert [[x.contains(1) for x in row] for row in found] == [[True], [True]]


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("X @ X", "(2, 3) @ (2, 3)"),
        ("X + Q", "(2, 3) + (2, 2)"),
        ("X * X.T", "(2, 3) * (3, 2)"),
        ("Q > r", "(2, 2) > (1, 3)"),
        ("where(X > 0, X, Q)", "(2, 3) where (2, 2)"),
        ("where(s > 0, X, Q)", "(2, 3) where (2, 2)"),
        ("maximum(X, Q)", "(2, 3) maximum (2, 2)"),
        ("ones(40, 40)", "a matrix of 40 by 40, more than 1,024 entries"),
        ("ones(32, 1) @ ones(1, 33)", "more than 1,024 entries"),
        ("ones(32, 1) + ones(1, 33)", "more than 1,024 entries"),
        ("outer(ones(33, 1), ones(33, 1))", "more than 1,024 entries"),
        ("diag(ones(33, 1))", "more than 1,024 entries"),
        ("ones(1 / 2, 1)", "a whole number of 1 or more"),
        ("ones(X, 1)", "a whole number of 1 or more"),
        ("zeros(0, 1)", "a whole number of 1 or more"),
        ("zeros(2, log(1))", "a whole number of 1 or more"),
        ("zeros(2, exp(0) * (1 - 1e-30))", "a whole number of 1 or more"),
    ],
)
def test_shapes_that_do_not_fit(formula: str, words: str) -> None:
    with pytest.raises(ShapeError) as raised:
        value(formula)
    assert words in str(raised.value)
    assert ENTRIES == 1024


@pytest.mark.parametrize(
    ("formula", "columns", "rows"),
    [
        ("X + s", [], []),
        ("X + X", [], []),
        ("X + c", [], ["(2, 3) + (2, 1) spreads to (2, 3)"]),
        ("X + r", ["(2, 3) + (1, 3) spreads to (2, 3)"], []),
        ("c * r", ["(2, 1) * (1, 3) spreads to (2, 3)"], ["(2, 1) * (1, 3) spreads to (2, 3)"]),
        ("where(X > 0, c, r)", [
            "(2, 3) where (1, 3) spreads to (2, 3)", "(2, 1) where (1, 3) spreads to (2, 3)",
        ], ["(2, 3) where (2, 1) spreads to (2, 3)", "(2, 1) where (1, 3) spreads to (2, 3)"]),
    ],
)  # fmt: skip
def test_an_unusual_spreading_is_noted(formula: str, columns: list[str], rows: list[str]) -> None:
    for axis, noted in ((1, columns), (0, rows)):
        notes = Notes(axis)
        value(formula, notes=notes)
        assert notes.spread == noted


def test_what_a_comparison_cannot_decide() -> None:
    for formula in (
        "exp(X) > exp(X)",
        "exp(X) == exp(X)",
        "abs(exp(X) - exp(X))",
        "relu(log(r) - log(r))",
    ):
        with pytest.raises(UndecidedError):
            value(formula)
    assert floats("X == X") == [[1, 1, 1], [1, 1, 1]]


def test_names_without_a_value() -> None:
    for formula, name in (
        ("q", "q"),
        ("W1 + q", "W1"),
        ("W[L+1]", "W3"),
        ("W[-1]", "W-1"),
        ("A[0]", "X"),
    ):
        if name in VALUES:
            assert value(formula) is VALUES[name]
            continue
        with pytest.raises(UndefinedError) as raised:
            value(formula)
        assert raised.value.name == name
    for g, formula in (("", "g(X)"), ("", "g_prime(X)"), ("softmax", "g_prime(X)")):
        with pytest.raises(UndefinedError):
            Scope(VALUES, {}, g).value(syntax.read(formula))


# --- agreement


def test_agreement_is_to_forty_digits_or_not_at_all() -> None:
    truth = of([[1, -2], [3, 0.5]]) / m.scalar(3)
    same = compare(truth * m.scalar(1), truth)
    assert same.same
    assert 70 < same.digits < 80
    for k in range(0, 70, 3):
        off = truth.copy()
        off[1, 1] = off[1, 1] * (1 + arb(10) ** -k)
        found = compare(off, truth)
        assert found.same is False, k
        assert found.worst == (1, 1)
    wide = truth + np.full((2, 2), arb(0, arb(10) ** -30), dtype=object)
    assert compare(wide, truth).same is None
    narrow = truth + np.full((2, 2), arb(0, arb(10) ** -(DIGITS + 2)), dtype=object)
    assert compare(narrow, truth).same is True


def test_what_is_no_number_never_agrees() -> None:
    for bad in (arb("nan"), arb("inf"), arb("-inf"), arb(0, arb("inf"))):
        with_bad = of([[1, 2]])
        with_bad[0, 1] = bad
        assert compare(with_bad, of([[1, 2]])).same is None
        assert compare(of([[1, 2]]), with_bad).same is None
        assert compare(with_bad, with_bad).same is None


def test_nothing_agrees_with_a_zero_but_a_zero() -> None:
    zero = of([[0, 0]])
    assert compare(zero, zero).same is True
    assert compare(of([[0, 1e-300]]), zero).same is False
    third = of([[1, 1]]) / m.scalar(3)
    assert compare(third - third, zero).same is None


def test_how_a_wrong_value_is_made_of_the_truth() -> None:
    truth, named = of([[1, 2, 3], [4, 5, 7]]), factors(7, 3)
    for value_, words in (
        (-truth, "-1 times the truth"),
        (truth * m.scalar(7), "n times the truth"),
        (truth / m.scalar(7), "1/n times the truth"),
        (truth * m.scalar(Fraction(2, 7)), "2/n times the truth"),
        (truth * m.scalar(-21), "-n n_L times the truth"),
        (truth.T, "the truth transposed"),
        (-truth.T / m.scalar(2), "-1/2 times the truth transposed"),
        (truth * m.scalar(11), ""),
        (truth + m.scalar(1), ""),
        (truth[:1], ""),
    ):
        assert relation(value_, truth, named) == words
