"""Texts about one example: no sum over examples, no division by their number."""

from __future__ import annotations

import re

import pytest
from judged_texts import RIGHT, judged
from test_to_numpy import run

from gradoracle.derivation.as_numpy.code import numpy_code
from gradoracle.derivation.check import check
from gradoracle.derivation.limits import DerivationError

SINGLE = """
network: layers 2, activations tanh sigmoid, loss binary_cross_entropy
examples: 1
Z1 = W1 @ X + b1
A1 = tanh(Z1)
Z2 = W2 @ A1 + b2
A2 = sigmoid(Z2)
dZ2 = A2 - Y
dW2 = dZ2 @ A1.T
db2 = dZ2
dZ1 = (W2.T @ dZ2) * (1 - A1**2)
dW1 = dZ1 @ X.T
db1 = dZ1
"""
NOT_TESTED = "one example: sums over the examples and divisions by n are not tested"
HINT = "with examples: 1 in the header all 10 lines are right"


def test_a_bias_has_the_derivative_of_its_unit() -> None:
    checked = judged(SINGLE)
    assert [line.verdict for line in checked.lines] == [RIGHT] * 10
    assert checked.networks == ("3-5-4, n = 1", "4-2-3, n = 1", "3-3-3, n = 1")
    assert checked.notes == (NOT_TESTED,)


@pytest.mark.parametrize("value", ["2", "one", ""])
def test_other_numbers_are_refused(value: str) -> None:
    with pytest.raises(DerivationError, match="examples one of n, 1"):
        check(SINGLE.replace("examples: 1", f"examples: {value}"))


def test_it_is_told_where_it_makes_a_text_right() -> None:
    first = check(SINGLE.replace("examples: 1\n", "")).first
    assert first is not None
    assert first.key == "db2"
    assert HINT in first.notes
    assert check(SINGLE.replace("examples: 1", "examples: n")).first is not None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("dW2 = dZ2 @ A1.T", "dW2 = dZ2 @ A1.T / n"),  # it has a number of examples
        ("dW2 = dZ2 @ A1.T\ndb2 = dZ2", "dW2 = dZ2 @ A1.T\ndb2 = sum(dZ2, axis=1)"),
        ("examples: 1", "examples: n"),  # it says so
    ],
)
def test_it_is_not_told_where_a_text_is_about_several(old: str, new: str) -> None:
    text = SINGLE.replace(old, new)
    first = check(text if "examples: n" in text else text.replace("examples: 1\n", "")).first
    assert first is not None
    assert not any("examples: 1" in note for note in first.notes)


@pytest.mark.parametrize(
    ("old", "new", "mend"),
    [
        ("db2 = dZ2", "db2 = dW2", "db2 = dZ2"),
        ("dW1 = dZ1 @ X.T", "dW1 = X @ dZ1.T", "dW1 = dZ1 @ X.T"),
        ("W2.T @ dZ2", "W2 @ dZ2", "dZ1 = (W2.T @ dZ2) * (1 - A1**2)"),
        ("dZ2 = A2 - Y", "dZ2 = Y - A2", "dZ2 = A2 - Y"),
    ],
)
def test_errors_are_found_and_mended_without_a_number_of_examples(
    old: str, new: str, mend: str
) -> None:
    first = check(SINGLE.replace(old, new)).first
    assert first is not None
    assert first.mend == mend


@pytest.mark.parametrize("convention", ["plain", "per-example", "undivided"])
def test_conventions_are_the_same(convention: str) -> None:
    text = SINGLE.replace("examples: 1", f"examples: 1\nconvention: {convention}")
    assert all(line.verdict is RIGHT and not line.convention for line in judged(text).lines)


def test_rows() -> None:
    text = re.sub(
        r"W(\d) @ (\w+) \+", r"\2 @ W\1 +", SINGLE.replace("examples", "layout: rows\nexamples")
    )
    text = text.replace("dZ2 @ A1.T", "A1.T @ dZ2").replace("dZ1 @ X.T", "X.T @ dZ1")
    assert judged(text.replace("W2.T @ dZ2", "dZ2 @ W2.T")).ok


def test_without_a_network() -> None:
    text = "examples: 1\ninputs: x (3, n), w (1, 3)\nJ = (w @ x)**2 / 2\ndw = (w @ x) * x.T\n"
    assert judged(text).ok
    assert not judged(text.replace("* x.T", "* w")).ok


def test_it_is_printed_for_cases_of_one_example() -> None:
    from gradoracle import corpus

    found = run(numpy_code(check(SINGLE)).text)
    cases = [frozen.case for frozen in corpus.load("required")]
    about = [case for case in cases if found["supports"](case) is True]
    assert {case.n for case in about} == {1}
    assert "shape.one-example" in {case.id for case in about}
