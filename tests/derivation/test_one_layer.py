"""A text without a network that is about one of a single layer gets names and mends, too."""

# ruff: noqa: E501, a case stands on one line
from __future__ import annotations

import pytest

from gradoracle.derivation.check import check
from gradoracle.derivation.judging.taken import take
from gradoracle.derivation.naming.one_layer import as_one_layer
from gradoracle.derivation.reading.header_lines import read_header
from gradoracle.derivation.reading.source import read
from gradoracle.derivation.verdicts import Verdict

LOGISTIC = """\
inputs: x (1, n), y (1, n), w (1, 1), b (1, 1)
z = w * x + b
a = sigmoid(z)
J = -sum(y * log(a) + (1 - y) * log(1 - a)) / n
dz = (a - y) / n
dw = sum(dz * x)
db = sum(dz)
w = w - alpha * dw
"""
LINEAR = """\
inputs: x (n, 3), y (n, 2), w (3, 2), b (1, 2)
layout: rows
yhat = x @ w + b
E = sum((yhat - y)**2) / (2 * n) + lam / 2 * sum(w**2)
dyhat = (yhat - y) / n
dw = x.T @ dyhat + lam * w
db = sum(dyhat, axis=0)
""".replace("layout: rows\n", "layout: rows\nmeans: E = J\n")


@pytest.mark.parametrize(
    ("text", "right", "wrong", "name", "formula", "mend"),
    [
        (LOGISTIC, "(a - y) / n", "(y - a) / n", "error-reversed", "dz has y − a where", "(a - y) / n"),
        (LOGISTIC, "(a - y) / n", "(1 - a) / n", "", "", "(a - y) / n"),
        (LOGISTIC, "sum(dz * x)", "sum(dz)", "", "", "dz @ x.T"),
        (LOGISTIC, "sum(dz * x)", "sum(dz) * x", "", "", "sum(dz * x)"),
        (LOGISTIC, "sum(dz * x)", "dz * x", "elementwise-product-for-weights", "dw = dz * x", "sum(dz * x, axis=1)"),
        (LOGISTIC, "= sum(dz)\n", "= dz\n", "bias-gradient-not-summed", "db = dz", "sum(dz, axis=1)"),
        (LOGISTIC, "= sum(dz)\n", "= sum(dz) / n\n", "bias-gradient-averaged-twice", "db = mean(dz, axis=1)", "sum(dz)"),
        (LINEAR, "(yhat - y) / n", "(yhat - y) * 2 / n", "half-of-the-square-forgotten", "dyhat = 2 *", "(yhat - y) / n"),
        (LINEAR, "x.T @ dyhat", "-x.T @ dyhat", "weight-gradient-negated", "dw = -x.T @ dyhat + lam * w", "x.T @ dyhat + lam * w"),
        (LINEAR, " + lam * w\n", "\n", "decay-missing-in-gradient", "dw = x.T @ dyhat", "x.T @ dyhat + lam * w"),
        (LINEAR, "sum(dyhat, axis=0)", "sum(dyhat, axis=1)", "bias-gradient-over-the-units", "db = sum(dyhat, axis=1)", "sum(dyhat, axis=0)"),
    ],
)  # fmt: skip
def test_names_and_mends(
    text: str, right: str, wrong: str, name: str, formula: str, mend: str
) -> None:
    assert check(text).ok
    first = check(text.replace(right, wrong)).first
    assert first is not None
    assert (first.mistake.name if first.mistake else "") == name
    assert not first.mistake or first.mistake.formula.startswith(formula)
    assert first.mend.partition(" = ")[2] == mend


@pytest.mark.parametrize(
    "text",
    [
        LOGISTIC.replace(" + b\n", "\n").replace("db = sum(dz)\n", ""),  # without a bias
        LOGISTIC.replace("-sum(y * log(a)", "-sum(2 * y * log(a)"),  # a loss of its own
        LOGISTIC.replace("w * x + b", "w * x**2 + b"),
        "inputs: x (2, 3)\ny = x * x\nJ = sum(y)\ndx = x\n",
    ],
)
def test_others_are_not_about_one_layer(text: str) -> None:
    source = read(text)
    header = read_header(source)
    assert as_one_layer(header, source.lines, take(header, source).judged[0]) is None


def test_every_line_gets_the_same_verdict() -> None:
    """Where one network says wrong and the other right, they are not about the same."""
    source = read(LOGISTIC.replace("(a - y) / n", "(y - a) / n"))
    header = read_header(source)
    taken = take(header, source)
    also = as_one_layer(header, source.lines, taken.judged[0])
    assert also is not None
    assert [one.verdict.is_wrong for one in also.found] == [
        one.verdict.is_wrong for one in taken.found
    ]
    assert sum(one.verdict is Verdict.WRONG for one in also.found) == 1
    right = [*source.lines[:3], *read(LOGISTIC).lines[3:]]
    assert as_one_layer(header, right, taken.judged[0]) is None
