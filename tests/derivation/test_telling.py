"""What is told of a mistake is true of the text: in its layout, names and convention."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import ctx
from planted_errors import PLANTED, RIGHT, Planted

from gradoracle.arrays import Array
from gradoracle.derivation.check import check
from gradoracle.derivation.judging.agreement import PRECISIONS
from gradoracle.derivation.judging.places import all_places
from gradoracle.derivation.judging.taken import take
from gradoracle.derivation.naming.made import Made
from gradoracle.derivation.naming.naming import _trials
from gradoracle.derivation.naming.stand_ins import laid_out, loss_of
from gradoracle.derivation.naming.symptoms import Layers, Statement, at_layers, in_words, statements
from gradoracle.derivation.naming.telling import Telling
from gradoracle.derivation.reading import syntax
from gradoracle.derivation.reading.header_lines import read_header
from gradoracle.derivation.reading.source import read
from gradoracle.derivation.reading.syntax import Name, Number, show
from gradoracle.derivation.truth.true_values import Reading
from gradoracle.derivation.verdicts import Named
from gradoracle.mistakes import all as known_mistakes
from gradoracle.mistakes import find

WAYS = (  # layout and convention
    ("", "plain"),
    ("", "per-example"),
    ("", "undivided"),
    ("layout: rows", "plain"),
    ("layout: rows\nweights: out-by-in", "per-example"),
    ("weights: in-by-out", "plain"),
)
ARRAYS = [f"{kind}{layer}" for layer in (1, 2, 3) for kind in ("Z", "A")]
ARRAYS += [f"{kind}{layer}" for layer in (3, 2, 1) for kind in ("dA", "dZ", "dW", "db")] + ["dX"]
# the formula is that of another mistake, or words behind it say what is wrong with it
NOT_ALONE = {
    "float32-in-forward-pass",
    "float16-in-forward-pass",
    "dropout-left-on",
    "labels-taken-off-in-place",
    "softmax-over-examples",
    "tanh-of-half-z",
    "bias-after-the-activation",
    "decay-of-biases",
    "learning-rate-in-the-gradient",  # of the L2 term, too
}


def same(value: Array, array: Array) -> bool:
    """Whether two arrays agree, where a column may stand for its spread, and a row for it."""
    if value.size == array.size:
        value = value.reshape(array.shape)
    elif any(one not in (1, other) for one, other in zip(value.shape, array.shape, strict=True)):
        return False
    return bool(np.allclose(value, array, rtol=1e-12, atol=1e-14))


def named(text: str) -> Named:
    first = check(text).first
    assert first is not None
    assert first.mistake is not None
    return first.mistake


@pytest.mark.parametrize(("layout", "convention"), WAYS)
def test_the_catalogue_in_every_layout_and_convention(layout: str, convention: str) -> None:
    """Every formula that is told gives the numbers of the mistake."""
    head = (
        "network: sizes a-b-c-d, activations tanh relu sigmoid, loss binary_cross_entropy, l2 lam"
    )
    text = "\n".join([head, layout, *(f"{name} = n" for name in ARRAYS)])
    source = read(text)
    header = read_header(source)
    reading = Reading("mean", convention)
    taken = take(header, source, reading)
    at = all_places(header, taken.judged[-1:], source.lines)  # all sizes are equal
    tried = set()
    for line in source.lines:
        place = at[id(line)][0]
        loss = loss_of(header, place, reading)
        for trial in _trials(header, [place], reading, loss, per_example=False):
            for slip, made in trial.slips.items():
                array, mistake = trial.given(slip), slip.mistake
                telling = Telling(
                    header, reading, line, [Made(place, made.layer, tuple(made.wrong))], right=True
                )
                forms = [
                    written.formula
                    for one in statements(mistake.symptom)
                    if telling._is_own(one.target)
                    for written in telling._written(one, own=True)
                ]
                if array is None or not forms or mistake.name in NOT_ALONE:
                    continue
                with ctx.workprec(PRECISIONS[0]):
                    values = [place.value(syntax.read(show(form))) for form in forms]
                got = [laid_out(header, place.name, v) for v in values if v is not None]
                found = any(same(value, array) for value in got)
                assert found, (place.name, mistake.name, [show(form) for form in forms])
                tried.add(mistake.name)
    assert len(tried) > 50


@pytest.mark.parametrize(
    ("layout", "line", "formula"),
    [
        ("rows", "db2 = sum(dZ2, axis=1)", "db2 = sum(dZ2, axis=1), which"),
        ("rows", "dW2 = -A1.T @ dZ2", "dW2 = -A1.T @ dZ2"),
        ("rows", "dW1 = dZ1.T @ X", "dW1 = dZ1.T @ X, which fits where n1 = n0"),
        ("rows", "db1 = dZ1", "db1 = dZ1, of shape (n, n1)"),
        ("rows", "dZ1 = (dZ2 @ W2) * A1 * (1 - A1)", "dA1 = dZ2 @ W2, which fits where n2 = n1"),
        ("rows", "Z2 = A1 @ W2.T + b2", "Z2 = A1 @ W2.T + b2, which fits where n2 = n1"),
        ("own names", "dEdW2 = -dEdZ2 @ A.T / n", "dEdW2 = -dEdZ2 @ A.T / n"),
        ("own names", "dEdW1 = -minus_error @ X / n", "dEdW1 = -minus_error @ X / n, which"),
        (
            "own names",
            "minus_error = -(W2.T @ dEdZ2) * A",
            "minus_error = -(W2.T @ dEdZ2) * A: the derivative returns the function",
        ),
        ("own names", "dEdb2 = sum(dEdZ2, axis=1)", "dEdb2 lacks its 1/n"),
        ("two layers", "dW2 = -dZ2 @ A1.T / n", "dW2 = -dZ2 @ A1.T / n"),
        ("two layers", "dZ2 = Y - A2", "dZ2 has y − a where a − y belongs"),
        ("loop", "dW[l] = dZ[l] @ A[l].T / n", "dW[l] = dZ[l] @ A[l].T / n"),
        ("decayed", "dW2 = -dZ2 @ A1.T + lam * W2", "dW2 = -dZ2 @ A1.T + lam * W2"),
        ("decayed", "dW1 = dZ1 @ X.T", "dW1 = dZ1 @ X.T"),
        ("two layers", "dZ2 = (A2 > 0.5) - Y", "dZ2 = (1 where A2 > ½ else 0, − Y)"),
    ],
)
def test_in_the_words_of_the_text(layout: str, line: str, formula: str) -> None:
    """And nothing of other lines: no "beside a right db2"."""
    told = named(Planted("", layout, line).text()).formula
    assert told == formula or (formula.endswith("which") and told.startswith(formula))


def test_nothing_is_told_of_other_lines() -> None:
    other = ("beside", "gradient", "has it", "every l ", "way back", "likewise", "the program")
    for several in PLANTED.values():
        for planted in several:
            formula = named(planted.text()).formula
            assert not any(word in formula for word in other), formula


def test_of_the_same_numbers_the_formula_of_the_line() -> None:
    """With one output a sum over the units is no sum at all."""
    base = RIGHT["two layers"]
    over = named(base.replace("db2 = sum(dZ2, axis=1) / n", "db2 = sum(dZ2, axis=0) / n"))
    none = named(base.replace("db2 = sum(dZ2, axis=1) / n", "db2 = dZ2 / n"))
    assert over.name == "bias-gradient-over-the-units"
    assert none.name == "bias-gradient-not-summed"
    assert over.name in none.others
    assert none.name in over.others


def test_an_error_through_updated_weights() -> None:
    """Told for the layer of the line, in the layout of the text."""
    lines = RIGHT["rows"].splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("dZ1"))
    text = "\n".join([*lines[:at], "W2 = W2 - alpha * dW2", *lines[at:]])
    assert named(text).formula == "dA1 = dZ2 @ (W2 - alpha * dW2).T"


def test_a_formula_that_gives_other_numbers_is_not_told() -> None:
    """A line that is said to make a mistake it does not make."""
    text = Planted("", "two layers", "dW2 = dZ2 @ A2.T / n").text()
    source = read(text)
    header = read_header(source)
    taken = take(header, source)
    line = next(line for line in source.lines if show(line.target) == "dW2")
    places = all_places(header, taken.judged[:1], [line])[id(line)]
    made = [Made(places[0], 2, (("dW", 2),))]
    telling = Telling(header, taken.reading, line, made)
    own, other = find("weight-gradient-from-own-activation"), find("activation-not-transposed")
    assert telling.told(own).text == "dW2 = dZ2 @ A2.T / n"
    assert telling.told(other).formula == ""
    assert telling.told(find("weight-gradient-negated")).text == ""


def test_statements() -> None:
    found = [one for m in known_mistakes() for one in statements(m.symptom)]
    assert len(found) > 80
    two = list(statements("Z[l] = W[l] A[l-1] and A[l] = g(Z[l]) + b[l]"))
    assert [show(one.formula) for one in two] == ["W[l] @ A[l-1]", "g(Z[l]) + b[l]"]
    assert list(statements("dZ[l] = dA[l] where Z[l] > 0, and 0 elsewhere")) == []
    assert list(statements("J = (1/N) Σ (a − y)²")) == []
    assert list(statements("dW[l] lacks its 1/N; db[l] has it")) == []
    assert in_words("dW[l] lacks its 1/N; db[l] has it", "dW2") == "dW[l] lacks its 1/N"
    assert in_words("J and dZ[L] from A[L] clipped", "dZ2") == "dZ2 from A[L] clipped"


def test_layers() -> None:
    loop = Layers(syntax.read("l"), Name(0, "L"))
    assert loop.filled("b[l+1] fits where n[l-1] = n[L]") == "b[l+1] fits where n[l-1] = n[L]"
    above = Layers(syntax.read("l+1"), Name(0, "L"))
    assert above.filled("n[l] = n[l-1], b[l+1]") == "n[l+1] = n[l], b[l+2]"
    fixed = Layers(Number(0, Fraction(1)), Number(0, Fraction(3)))
    assert fixed.filled("W[l] (A[l-1])ᵀ, n[l-1], A[L], W[1]") == "W1 (X)ᵀ, n0, A3, W1"
    one = Statement(Name(0, "dA", syntax.read("l-1")), syntax.read("W[l].T @ dZ[l]"), ", l")
    assert show(at_layers(one, fixed).target) == "dX"
    assert show(at_layers(one, fixed).formula) == "W1.T @ dZ1"
    assert show(at_layers(one, loop).target) == "dA[l-1]"
