"""What a derivation is held against, the adjoints of `pull`, is held against others.

Against the proven truth of the contract, which shares no reverse formula with them; and every rule
alone against the difference quotient of `Scope.value`. Every rule is then made wrong, and caught.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pytest
from flint import arb, ctx

from gradoracle.activations import ACTIVATIONS
from gradoracle.case import Case
from gradoracle.derivation.check import check
from gradoracle.derivation.judging.agreement import DIGITS
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.reading import source, syntax, vocabulary
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.header_lines import read_header
from gradoracle.derivation.truth import adjoints, contract, definition
from gradoracle.derivation.truth import matrices as m
from gradoracle.derivation.truth.adjoints import UnknownRuleError
from gradoracle.derivation.truth.evaluate import Scope
from gradoracle.derivation.truth.matrices import Matrix, Notes
from gradoracle.derivation.truth.networks import Given, given, settings
from gradoracle.derivation.truth.steps import steps
from gradoracle.derivation.truth.true_values import Reading
from gradoracle.losses import LOSSES
from gradoracle.network import REDUCTIONS, Batch, Network, Parameters
from gradoracle.truth.reverse import truth as proven

BITS = 256
LITTLE = 1 + arb(2) ** -40  # exact at any precision
LAYOUTS = tuple(itertools.product(("columns", "rows"), ("out-by-in", "in-by-out")))


# --- against the proven truth


def header_of(words: str, layout: tuple[str, str] = LAYOUTS[0]) -> Header:
    text = f"network: {words}\nlayout: {layout[0]}\nweights: {layout[1]}\nJ = X\n"
    return read_header(source.read(text))


def case_of(header: Header, one: Given, reduction: str) -> Case:
    """Return the same network as a case of the contract."""
    L, sizes = one.setting.L, one.setting.sizes
    layers = range(1, L + 1)
    network = Network(
        sizes,
        tuple(header.activation(layer, L) for layer in layers),
        header.loss,
        reduction,
        float(one.floats["lam"][0, 0]) if header.l2 else 0.0,
    )
    parameters = Parameters(
        [one.floats[f"W{layer}"] for layer in layers], [one.floats[f"b{layer}"] for layer in layers]
    )
    return Case("derivation.test", network, parameters, Batch(one.floats["X"], one.floats["Y"]))


def in_columns(name: str, value: Matrix, header: Header) -> Matrix:
    """Return a value of the text's layout in that of the contract."""
    kind = name.removeprefix("d")[0]
    return value.T if (not header.out_by_in if kind == "W" else header.rows) else value


def is_proven(ball: arb, value: float, radius: float) -> bool:
    """Whether a ball meets what is proven, and is as sharp as forty digits need."""
    sharp = ball.is_zero() or ball.rel_accuracy_bits() > DIGITS * np.log2(10)
    return bool(arb(float(value), float(radius)).overlaps(ball) and sharp)


def wrong_names(header: Header, at: int, reduction: str) -> tuple[list[str], set[str]]:
    """Return what disagrees with the proven truth, and all names that were compared."""
    one = given(header, settings(header)[at])
    case = case_of(header, one, reduction)
    with ctx.workprec(BITS):
        found = definition.truth(header, one, [], Reading(reduction))
        truth = proven(case, processes=1)
        wrong = []
        for name, values in truth.values.items():
            mine = in_columns(name, found.values[name], header)
            radii = np.ravel(truth.radii[name])
            same = mine.shape == np.atleast_2d(values).shape and all(
                map(is_proven, mine.ravel(), np.ravel(values), radii)
            )
            wrong += [] if same else [name]
    return wrong, set(truth.values)


def names_of(L: int) -> set[str]:
    numbered = (
        f"{name}{layer}" for name in ("Z", "A", "dA", "dZ", "dW", "db") for layer in range(1, L + 1)
    )
    return {"J", "dX", *numbered}


def families() -> Iterator[tuple[str, tuple[str, str], str]]:
    """Yield every activation in every layout; every loss, reduction, with L2 and without."""
    for name, layout in itertools.product(ACTIVATIONS, LAYOUTS):
        yield f"sizes 3-5-4-2, activations {name} tanh {name}, loss squared_error", layout, "mean"
    hidden, layouts = itertools.cycle(ACTIVATIONS), itertools.cycle(LAYOUTS)
    for loss, reduction, l2 in itertools.product(LOSSES, REDUCTIONS, ("", ", l2 lam")):
        output = LOSSES[loss].output or "gelu"
        words = f"layers L, activations {next(hidden)} {output}, loss {loss}{l2}"
        yield words, next(layouts), reduction


@pytest.mark.parametrize(("words", "layout", "reduction"), [*families()])
def test_the_adjoints_are_the_proven_truth(
    words: str, layout: tuple[str, str], reduction: str
) -> None:
    """Every array of the trace; an error of an ulp in the 54th bit would be seen."""
    header = header_of(words, layout)
    for at in range(2):
        wrong, compared = wrong_names(header, at, reduction)
        assert wrong == []
        assert compared == names_of(settings(header)[at].L)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_ones_are_no_exception(layout: tuple[str, str]) -> None:
    header = header_of("sizes 1-4-1, activations tanh sigmoid, loss binary_cross_entropy", layout)
    for at in range(4):
        assert wrong_names(header, at, "mean")[0] == []


def test_twelve_layers_are_known_to_forty_digits() -> None:
    sizes = "-".join(f"s{i}" for i in range(13))
    words = f"sizes {sizes}, activations relu sigmoid, loss binary_cross_entropy"
    assert wrong_names(header_of(words), 0, "mean")[0] == []


def test_conventions_are_multiples() -> None:
    header = header_of("sizes 3-5-4, activations tanh sigmoid, loss squared_error")
    one = given(header, settings(header)[0])
    for reduction, N in (("mean", 7), ("sum", 1), ("mean_all", 28)):
        plain, example, undivided = (
            definition.truth(header, one, [], Reading(reduction, convention)).values
            for convention in ("plain", "per-example", "undivided")
        )
        for name in names_of(2) - {"J"}:
            backward = name.startswith("d")
            parameter = name[1] in "Wb"
            for values, times in ((example, 1 if parameter else N), (undivided, N)):
                right = plain[name] * m.scalar(times if backward else 1)
                assert all(d.contains(0) for d in (values[name] - right).ravel())


# --- every rule against the difference quotient

G = "tanh"
SHAPES = {"x": (2, 3), "y": (2, 3), "p": (2, 3), "c": (2, 1), "r": (1, 3), "s": (1, 1), "w": (3, 2)}
RULES = {
    **{f"{name}(x)": name for name in vocabulary.CURVES},
    **{f"{name}(x)": name for name in ("exp", "abs", "erf", "softmax", "sum", "mean", "norm")},
    **{f"{name}(p)": name for name in ("log", "sqrt")},
    **{formula: formula.split("(")[0] for formula in ("transpose(x)", "ones(2, 3) * x")},
    **{f"{name}(x, axis={axis})": name for name in ("softmax", "sum", "mean") for axis in (0, 1)},
    **{f"{name}(x, y)": name for name in ("maximum", "minimum")},
    **{f"{name}(x, s)": name for name in ("maximum", "minimum")},
    "where(x > y, x * y, p)": "where",
    "where(x, p, y)": "where",
    "where(x > 0, s, c)": "where",
    "zeros(2, 3) - x": "zeros",
    **{f"x {sign} {other}": sign for sign in "+-*" for other in "ycrs"},
    **{f"{other} {sign} x": sign for sign in "+-*" for other in "crs"},
    **{f"{other} / p": "/" for other in "xcrs"},
    **{f"x / {other}": "/" for other in "pcrs"},
    "c * r": "*",
    "c - r": "-",
    "r / c": "/",
    "x @ w": "@",
    "c @ r": "@",
    "x @ w @ x": "@",
    "x @ x.T": "@",
    "w.T * x": "@",
    "-x": "-",
    "p**3": "**",
    "x**2": "**",
    "x**1": "**",
    "x**-2": "**",
    "p**(1/2)": "**",
    "p**(-3/2)": "**",
    "x**0 + x": "**",
    "x * x * x": "*",
    "x * (x > y)": ">",
    "x * (x < y)": "<",
    "x * (x >= 0)": ">=",
    "x * (y <= 0)": "<=",
    "x * (y != x)": "!=",
    "x * (y == x) + x": "==",
}
WITHOUT = ("outer(x, y)", "diag(c)", *(f"{curve}_prime(x)" for curve in vocabulary.CURVES))


def inputs(rows: bool) -> tuple[dict[str, Matrix], Notes]:
    rng = np.random.default_rng(11)
    values = {}
    for name, shape in SHAPES.items():
        numbers = rng.integers(2**20, 2**24, size=shape) * 2.0**-24
        signs = 1 if name == "p" else rng.choice((-1, 1), size=shape)
        values[name] = m.exactly(np.asarray(numbers * signs))
    return values, Notes(0 if rows else 1)


def J_of(formula: str, values: Mapping[str, Matrix], notes: Notes) -> arb:
    """Return a weighted sum of the entries of a formula: every entry counts differently."""
    value = Scope(values, {}, G, notes).value(syntax.read(formula))
    total = arb(0)
    for i, entry in enumerate(value.ravel()):
        total += entry * (i * i + 3 * i + 1)
    return total


def pulled(formula: str, values: Mapping[str, Matrix], notes: Notes) -> dict[str, Matrix]:
    node, scope = syntax.read(formula), Scope(values, {}, G, notes)
    shape = scope.value(node).shape
    weights = [arb(i * i + 3 * i + 1) for i in range(shape[0] * shape[1])]
    found: dict[str, Matrix] = {}
    adjoints.pull(scope, node, np.array(weights, dtype=object).reshape(shape), found)
    return found


def quotient(
    formula: str,
    values: Mapping[str, Matrix],
    place: tuple[str, tuple[int, int]],
    h: arb,
    notes: Notes,
) -> arb:
    """Return (J(v + h) - J(v - h)) / 2h for one entry v."""
    name, at = place
    ends = []
    for step in (h, -h):
        moved = values[name].copy()
        moved[at] = moved[at] + step
        ends.append(J_of(formula, {**values, name: moved}, notes))
    return (ends[0] - ends[1]) / (2 * h)


def disagreements(formula: str, rows: bool = False) -> list[str]:
    """Return the names by which a derivative is wrong.

    The quotient's error is c h^2 + ...: with half the h it is a quarter, if the derivative is
    right. If it is not, it stays. No tolerance is needed to tell them apart.
    """
    values, notes = inputs(rows)
    wrong = []
    with ctx.workprec(1024):
        h = arb(2) ** -100
        found = pulled(formula, values, notes)
        used = {name.base for name in syntax.names(syntax.read(formula))}
        for name in sorted(used):
            for at in np.ndindex(values[name].shape):
                mine = found[name][at] if name in found else arb(0)
                first, second = (
                    abs(quotient(formula, values, (name, at), step, notes) - mine)
                    for step in (h, h / 2)
                )
                if not (second.contains(0) or 2 * second < first):
                    wrong.append(name)
                    break
    return wrong


@pytest.mark.parametrize("rows", [False, True], ids=["columns", "rows"])
@pytest.mark.parametrize("formula", RULES)
def test_a_rule_is_the_limit_of_the_difference_quotient(formula: str, rows: bool) -> None:
    assert disagreements(formula, rows) == []


def test_the_table_has_every_rule() -> None:
    without = {formula.split("(")[0] for formula in WITHOUT}
    assert {*RULES.values()} | without == {
        *vocabulary.FUNCTIONS,
        *vocabulary.OPERATORS.values(),
        "**",
    }


@pytest.mark.parametrize("formula", WITHOUT)
def test_what_has_no_rule_is_refused(formula: str) -> None:
    values, notes = inputs(rows=False)
    with pytest.raises(UnknownRuleError):
        pulled(formula, values, notes)
    text = f"inputs: x (2, n), y (2, n), c (2, 1)\nJ = sum({formula})\ndx = x\n"
    with pytest.raises(DerivationError, match=r"^line 2: expected a (J that can be|value for g)"):
        check(text)


# --- every rule made wrong

Pull = Callable[[Scope, syntax.Node, Matrix, dict[str, Matrix]], None]


def nearly(formula: str) -> Pull:
    """Return `pull` with the rule at the root of a formula wrong in its 41st bit."""
    root, right = syntax.read(formula), adjoints.pull

    def wrong(scope: Scope, node: syntax.Node, cotangent: Matrix, into: dict[str, Matrix]) -> None:
        same = type(node) is type(root) and getattr(node, "operator", "") == getattr(
            root, "operator", ""
        )
        right(scope, node, cotangent * m.scalar(LITTLE) if same else cotangent, into)

    return wrong


@pytest.mark.parametrize("formula", RULES)
def test_a_rule_that_is_nearly_right_is_caught(
    formula: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adjoints, "pull", nearly(formula))
    assert disagreements(formula) != []


def swapped(scope: Scope, node: syntax.Binary, cotangent: Matrix, into: dict[str, Matrix]) -> None:
    """Take the one operand for the other."""
    left, right = scope.value(node.left), scope.value(node.right)
    adjoints.pull(scope, node.left, cotangent * left, into)
    adjoints.pull(scope, node.right, cotangent * right, into)


def not_gathered(cotangent: Matrix, like: Matrix) -> Matrix:
    """Forget the sum over what was spread."""
    return cotangent[: like.shape[0], : like.shape[1]]


def test_a_rule_with_its_operands_swapped_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adjoints, "_pull_binary", swapped)
    for formula in ("x * y", "x / p", "x - y"):
        assert disagreements(formula) == sorted({formula[0], formula[-1]})


@pytest.mark.parametrize(
    "formula", [f for f in RULES if f[0] in "crs" and f[1] == " " and f[-1] in "xp"]
)
def test_a_missing_sum_over_a_spread_operand_is_caught(
    formula: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adjoints, "_gathered", not_gathered)
    assert disagreements(formula) == [formula[0]]


@pytest.mark.parametrize("name", [n for n in m.ENTRYWISE if not n.endswith("_prime")])
def test_a_wrong_derivative_of_a_curve_is_caught(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    value, prime = m.ENTRYWISE[name]
    formula = f"{name}(p)" if name in ("log", "sqrt") else f"{name}(x)"
    for wrong in (
        lambda z: -prime(z),
        lambda z: prime(z) * m.scalar(LITTLE),
        lambda z: prime(z) + LITTLE - 1,
    ):
        monkeypatch.setitem(m.ENTRYWISE, name, (value, wrong))
        assert disagreements(formula) != []


def diagonal_only(
    scope: Scope, node: syntax.Call, cotangent: Matrix, into: dict[str, Matrix]
) -> None:
    p = scope.value(node)
    adjoints.pull(scope, node.arguments[0], p * (1 - p) * cotangent, into)


def test_softmax_by_its_diagonal_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    right = adjoints._pull_call
    monkeypatch.setattr(
        adjoints,
        "_pull_call",
        lambda scope, node, *more: (diagonal_only if node.function == "softmax" else right)(
            scope, node, *more
        ),
    )
    assert disagreements("softmax(x)") == ["x"]
    words = "sizes 3-5-4, activations tanh softmax, loss squared_error"
    assert "dZ2" in wrong_names(header_of(words), 0, "mean")[0]


@pytest.mark.parametrize("kind", ["Binary", "Call", "Name"])
def test_the_comparison_with_the_proven_truth_sees_a_wrong_rule(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = adjoints.pull

    def wrong(scope: Scope, node: syntax.Node, cotangent: Matrix, into: dict[str, Matrix]) -> None:
        times = m.scalar(1 + arb(2) ** -50 if type(node).__name__ == kind else 1)
        right(scope, node, cotangent * times, into)

    monkeypatch.setattr(adjoints, "pull", wrong)
    monkeypatch.setattr(definition, "pull", wrong)
    header = header_of("sizes 3-5-4, activations tanh sigmoid, loss squared_error")
    assert {"dW1", "dZ2"} <= set(wrong_names(header, 0, "mean")[0])


@pytest.mark.parametrize("loss", LOSSES)
def test_the_comparison_with_the_proven_truth_sees_a_wrong_loss(
    loss: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(contract.LOSSES, loss, f"{contract.LOSSES[loss]} * (1 + 1e-14)")
    output = LOSSES[loss].output or "tanh"
    wrong, _ = wrong_names(
        header_of(f"sizes 3-5-4, activations tanh {output}, loss {loss}"), 0, "mean"
    )
    assert {"J", "dW1", "dW2"} <= set(wrong)


# --- the text as the definition


def truth_of(text: str) -> tuple[definition.Truth, Given]:
    found = source.read(text)
    header = read_header(found)
    one = given(header, settings(header)[0])
    return definition.truth(header, one, steps(found.lines, one.numbers), Reading()), one


def test_a_name_that_is_set_twice() -> None:
    """The derivative is by what the name stands for last; the chain goes through both."""
    text = "inputs: x (2, n), y (1, n), w (1, 2)\n"
    twice = "a = w @ x\nb = a * a\na = sigmoid(a) + b\nJ = sum((a - y)**2) / n\n"
    once = "u = w @ x\nb = u * u\na = sigmoid(u) + b\nJ = sum((a - y)**2) / n\n"
    first, second = (truth_of(text + lines)[0].values for lines in (twice, once))
    for name in ("J", "a", "b", "da", "db", "dw", "dx", "dy"):
        assert all(d.contains(0) for d in (first[name] - second[name]).ravel())


def test_a_sum_that_grows_in_a_loop() -> None:
    text = "network: layers L, activations tanh identity\n"
    loop = "J = 0\nfor l in range(1, L + 1):\n    J += lam / 2 * sum(W[l]**2)\n"
    loop += "J = J + sum((A[L] - Y)**2) / n\n"
    header = header_of("layers L, activations tanh identity, loss squared_error, l2 lam")
    mine, one = truth_of(text + loop)
    right = definition.truth(header, one, [], Reading()).values
    for name in names_of(one.setting.L):
        assert all(d.contains(0) for d in (mine.values[name] - right[name]).ravel()), name


def test_what_comes_after_J_is_no_part_of_it() -> None:
    text = "inputs: x (2, n), w (1, 2)\na = w @ x\nJ = sum(a * a)\n"
    before = truth_of(text)[0].values["dw"]
    after = truth_of(text + "a = 3 * a\nw = 5\nx = 0 * x\n")[0].values["dw"]
    assert all(d.contains(0) for d in (before - after).ravel())


def test_a_tied_name_brings_its_derivative() -> None:
    header = (
        "network: sizes 3-5-4, activations tanh sigmoid\nmeans: h = A1, o = A2, e = J, w = W1\n"
    )
    found, _ = truth_of(header + "e = sum((o - Y)**2) / n\n")
    for mine, name in (("dh", "dA1"), ("do", "dA2"), ("dw", "dW1"), ("e", "J")):
        assert found.values[mine] is found.values[name]
        assert not all(x.contains(0) for x in found.values[name].ravel())
    assert {"dh", "do", "dw"} <= found.derivatives
    assert "w" in found.parameters


def test_what_a_text_may_read_before_it_sets_it() -> None:
    header = "network: sizes 3-5-4, activations tanh sigmoid, loss squared_error\n"
    means = "means: h = A1, g1 = dW1, g2 = g1.T, x = X, z = Z2\n"
    found, _ = truth_of(header + means + "dZ2 = X\n")
    free = found.free({"dZ2", "Z2", "X"})
    assert {"X", "W1", "b2", "Y", "n", "n2", "lam", "A1", "Z1", "J", "h", "x", "dA2"} <= free
    assert not free & {"dZ2", "dW1", "dX", "dh", "dA1", "g1", "g2", "Z2", "z"}
    assert "dA2" not in found.free({"dA2"})  # the loss gives it where no line does
    own, _ = truth_of(header.replace(", loss squared_error", "") + "J = sum((A2 - Y)**2) / n\n")
    assert "dA2" not in own.free({"J"})


def test_a_J_that_compares_equals_is_refused_with_its_line() -> None:
    text = "inputs: x (1, n), w (1, 1)\nz = sigmoid(w * x)\nJ = sum(w * z * (z > z))\ndw = w\n"
    with pytest.raises(DerivationError, match=r"^line 3: expected a J that compares"):
        check(text)
