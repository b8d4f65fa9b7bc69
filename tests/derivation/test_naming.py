"""A known mistake is named if its numbers bear it out, and only then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from planted_errors import PLANTED, RIGHT, Planted

from gradoracle.derivation.check import check
from gradoracle.derivation.judging import taken as checking
from gradoracle.derivation.judging.tied import multiple, scaled, tied
from gradoracle.derivation.mending import mending
from gradoracle.derivation.mending.changes import Around
from gradoracle.derivation.mending.edits import edits
from gradoracle.derivation.naming import naming, slips, trials
from gradoracle.derivation.reading import syntax
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.header_lines import read_header
from gradoracle.derivation.reading.source import read
from gradoracle.derivation.reading.syntax import Name, Number, show
from gradoracle.derivation.truth.networks import Setting, settings
from gradoracle.derivation.verdicts import Named

RANDOM = 200


def first_name(text: str) -> Named | None:
    first = check(text).first
    return first.mistake if first else None


@pytest.fixture
def _no_mends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mends are looked for elsewhere, and take their time."""
    monkeypatch.setattr(mending, "mended", lambda header, judged, lines, reading: lines)


def others(header: Header) -> list[Setting]:
    """Networks that are not those of a check."""
    return [replace(setting, seed=setting.seed + 100) for setting in settings(header)]


def wrong_formulas(rng: np.random.Generator) -> Iterator[str]:
    """Yield right derivations of which one line was edited at random, once to three times."""
    two = Number(0, Fraction(2))
    around = Around(counts=(Name(0, "n"), two), curves=("tanh", "relu", "sigmoid"))
    bases = list(RIGHT.values())
    while True:
        base = bases[rng.integers(len(bases))]
        lines, source = base.splitlines(), read(base)
        line = source.lines[rng.integers(len(source.lines))]
        formula = line.formula
        for _ in range(rng.integers(1, 4)):
            possible = list(edits(formula, around))
            formula = possible[rng.integers(len(possible))].formula
        old = lines[line.number - 1]
        indent = old[: len(old) - len(old.lstrip())]
        lines[line.number - 1] = f"{indent}{show(line.target)} = {show(formula)}"
        yield "\n".join(lines)


@pytest.mark.usefixtures("_no_mends")
def test_no_false_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is named on some networks is named on others: the mistake gives these numbers."""
    formulas, wrong, names = wrong_formulas(np.random.default_rng(1)), 0, 0
    while wrong < RANDOM:
        text = next(formulas)
        first = check(text).first
        wrong += first is not None
        if first is None or first.mistake is None:
            continue
        names += 1
        with monkeypatch.context() as patch:
            patch.setattr(checking, "settings", others)
            patch.setattr(naming, "EQUAL", 4)
            again = first_name(text)
        assert again is not None, (first.line.normal, first.mistake)
        assert first.mistake.name in (again.name, *again.others), (first.line.normal, again)
    assert names > RANDOM / 10  # else this would be vacuous


def planted(base: str, line: str) -> str:
    return Planted("", base, line).text()


@pytest.mark.parametrize(
    ("base", "line"),
    [
        ("two layers", "dW2 = 3 * dZ2 @ A1.T / n"),  # a constant times the truth
        ("two layers", "dZ1 = (W2.T @ dZ2) * A1 * (1 - 2 * A1)"),
        ("two layers", "dZ1 = (W2.T @ dZ2) * A1 * (1.001 - A1)"),
        ("squares", "dZ1 = dA1 * (1 - A1**3)"),
        ("squares", "dZ1 = dA1 * tanh_prime(A1) + 1e-12"),  # nearly derivative-at-the-activation
        ("loop", "dW[l] = dZ[l] @ A[1].T / n"),  # right for one layer alone
        ("softmax", "dZ2 = A2 * dA2"),
        ("two layers", "J = log(-1 * n)"),  # no number
        ("two layers", "dZ1 = (W2.T @ delta) * A1 * (1 - A1)"),  # undefined
    ],
)
def test_no_known_mistake(base: str, line: str) -> None:
    checked = check(planted(base, line))
    assert checked.first is not None
    assert checked.first.mistake is None, checked.first.mistake


def test_a_constant_beside_the_mistake_is_said() -> None:
    named = first_name(planted("two layers", "dW2 = -2 * dZ2 @ Z1.T"))
    assert named is not None
    assert named.name == "weight-gradient-from-pre-activation"
    assert named.formula.endswith("; here -2n times that")


def test_the_same_numbers_are_listed_together() -> None:
    named = first_name(planted("two layers", "Z1 = W1 @ X"))
    assert named == Named("bias-forgotten", ("bias-after-the-activation",), "Z1 = W1 @ X")


@pytest.mark.parametrize("convention", ["undivided", "per-example"])
def test_a_mistake_that_is_not_linear_in_the_convention_of_the_text(convention: str) -> None:
    """Sigma' of an error that is n times the plain one."""
    text = planted("two layers", "dZ1 = (W2.T @ dZ2) * sigmoid_prime(W2.T @ dZ2)")
    head, *lines = text.splitlines()
    text = "\n".join([head, f"convention: {convention}", *lines])
    if convention == "undivided":
        text = "\n".join(
            line.removesuffix(" / n") if line.startswith("d") else line
            for line in text.splitlines()
        )
    named = first_name(text)
    assert named is not None
    assert named.name == "derivative-at-the-cotangent"


@pytest.mark.parametrize("loss", ["sum((A2 - Y)**2) / n", "sum((A2 - Y)**2) / (2 * n)"])
def test_the_loss_may_be_the_text_s_own(loss: str) -> None:
    """Without a loss in the header its value says which it is."""
    text = RIGHT["squares"].replace(", loss squared_error, reduction mean", "")
    text = text.replace("sum((A2 - Y)**2) / n", loss).replace("(1 - A1**2)", "(1 - A1)")
    if "2 *" in loss:
        text = text.replace("dA2 = 2 * ", "dA2 = ")
    named = first_name(text)
    assert named is not None
    assert named.name == "tanh-derivative-not-squared"


ODD = {  # a loss that the contract has not, and its derivative
    "mean(-Y * log(A2) - (1 - Y) * log(1 - A2))": "(-Y / A2 + (1 - Y) / (1 - A2)) / (n * n2)",
    "sum(A2**3 * Y)": "3 * A2**2 * Y",
    "sum(A2**3) + lam / 8 * (sum(W1**2) + sum(W2**2))": "3 * A2**2",
    "sum(A2**3) + sum(W1**3)": "3 * A2**2",
}


@pytest.mark.parametrize(
    ("odd", "line", "name"),
    [
        (0, "dZ2 = dA2 * A2 * (1 - A2)", "softmax-diagonal-only"),
        (0, "dW2 = dZ2 @ Z1.T", "weight-gradient-from-pre-activation"),
        (1, "dZ1 = W2.T @ dZ2", "derivative-dropped"),
        (2, "dW1 = dZ1 @ X.T", "decay-missing-in-gradient"),
        (3, "dZ1 = W2.T @ dZ2", ""),  # regularised in another way: there is no stand-in
        (1, "dA2 = 3 * A2 * Y", ""),  # of the loss itself nothing is known
    ],
)
def test_a_loss_that_is_not_in_the_contract(odd: int, line: str, name: str) -> None:
    """The backward pass is that of the linear loss with the text's dA for its cotangent."""
    J, dA2 = list(ODD.items())[odd]
    right = {
        "J": J,
        "dA2": dA2,
        "dZ2": "A2 * (dA2 - sum(A2 * dA2, axis=0))",
        "dZ1": "(W2.T @ dZ2) * (Z1 > 0)",
    }
    target = line.split()[0]
    names = list(right)[: list(right).index(target)] if target in right else list(right)
    lines = [f"{name} = {right[name]}" for name in names]
    head = "network: sizes d-h-k, activations relu softmax"
    checked = check("\n".join([head, *lines, line]))
    assert checked.first is not None
    assert checked.first.line.normal == line
    assert (checked.first.mistake.name if checked.first.mistake else "") == name


def test_weights_out_by_in_beside_rows() -> None:
    text = RIGHT["rows"].replace("layout: rows", "layout: rows\nweights: out-by-in")
    for right, other in (("X @ W1", "X @ W1.T"), ("A1 @ W2", "A1 @ W2.T"), ("@ W2.T)", "@ W2)")):
        text = text.replace(right, other, 1)
    text = text.replace("A1.T @ dZ2", "dZ2.T @ A1").replace("X.T @ dZ1", "dZ1.T @ X")
    assert check(text).ok
    named = first_name(text.replace("dZ2.T @ A1", "dZ2.T @ A2"))
    assert named is not None
    assert named.name == "weight-gradient-from-own-activation"


def test_a_text_without_a_network_has_no_names() -> None:
    text = """
    inputs: x (1, n), y (1, n), w (1, 1)
    J = sum((w * x - y)**2) / n
    dw = sum((w * x - y) * x) / n
    """
    checked = check("\n".join(line.strip() for line in text.strip().splitlines()))
    assert checked.first is not None
    assert checked.first.mistake is None
    assert checked.first.mend


@pytest.mark.parametrize(
    ("name", "uses", "steps"),
    [
        ("dZ1", {"dA1", "Z1"}, [("dZ", 1)]),
        ("dZ1", {"W2", "dZ2", "A1"}, [("dZ", 1), ("dA", 2)]),
        ("db1", {"W2", "A2", "Y"}, [("db", 1), ("dZ", 1), ("dA", 2), ("dZ_out", 2), ("dA_out", 2)]),
        ("dW1", {"W2", "X"}, [("dW", 1)]),
        ("dX", {"dZ1"}, [("dA", 1)]),
        ("A1", {"W1", "X", "b1"}, [("A", 1), ("Z", 1)]),
        ("J", {"A2", "Y"}, [("J", 2)]),
    ],
)  # fmt: skip
def test_what_a_line_stands_for(name: str, uses: set[str], steps: list[tuple[str, int]]) -> None:
    assert list(slips.stands_for(name, uses, 2)) == steps


@pytest.mark.parametrize("planted", [several[0] for several in PLANTED.values()], ids=str)
def test_a_comparison_that_is_nearly_right_is_none(planted: Planted) -> None:
    """The line's value, moved by a thousandth, by 1e-11, or no number, is not the mistake's."""
    seen: list[tuple[slips.Slip, list[trials.Trial]]] = []

    def spy(slip: slips.Slip, several: list[trials.Trial], *more: object) -> bool:
        found = trials.explains(slip, several, *more)  # type: ignore[arg-type]
        if found:
            seen.append((slip, several))
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(naming, "explains", spy)
        assert check(planted.text()).first is not None
    slip, several = seen[0]
    assert trials.explains(slip, several)
    for change in (1.001, 1 + 1e-11, np.nan, np.inf):
        moved = [
            replace(t, value=None if t.value is None or not t.wrong else t.value * change)
            for t in several
        ]
        assert not trials.explains(slip, moved)
    untrue = [replace(t, value=t.truth) for t in several]
    assert not trials.explains(slip, untrue)


def test_tied_names() -> None:
    header = read_header(read(RIGHT["own names"]))
    assert tied(header, "A") == ("A1", 1.0)
    assert tied(header, "minus_error") == ("dZ1", -1.0)
    assert tied(header, "dW1") == ("dW1", 1.0)


@pytest.mark.parametrize(
    ("formula", "times"),
    [("dZ1", "1"), ("-dZ1 / 2", "-1/2"), ("2 * dZ1", "2"), ("dZ1 * 3 / 4", "3/4"), ("dZ1 + 1", "")],
)
def test_a_number_times_a_name(formula: str, times: str) -> None:
    found = multiple(syntax.read(formula))
    assert (found is None) == (not times)
    if found is not None:
        assert found[0] == Fraction(times)
        again = multiple(syntax.read(scaled("dZ1", found[0])))
        assert again is not None
        assert (again[0], show(again[1])) == (found[0], "dZ1")
