"""The published derivations: every line has its verdict, and the page says the same."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from text_verdicts import FIRST, ONLY_SQUARE, PRINTED, REASONS

from gradoracle.derivation.api import shipped
from gradoracle.derivation.check import check
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.published import derivations as published
from gradoracle.derivation.published import errata
from gradoracle.derivation.published.columns import beside, cells
from gradoracle.derivation.published.derivations import checked, text, wrong_for_one_unit
from gradoracle.derivation.published.page import line, page
from gradoracle.derivation.reading.header_lines import read_header
from gradoracle.derivation.reading.source import read
from gradoracle.derivation.truth.definition import truth
from gradoracle.derivation.truth.networks import Setting, given
from gradoracle.derivation.truth.true_values import Reading
from gradoracle.derivation.verdicts import LineVerdict, Verdict

PAGE = Path(__file__).parents[2] / "docs" / "texts.md"
NAMES = [entry.name for entry in published.ALL]
FITS = "where the sizes are equal it fits, and is silently wrong"


def verdicts(source: str) -> dict[str, LineVerdict]:
    """Check a text and return its lines by their normal form."""
    return {found.line.normal: found for found in check(source).lines}


def changed(name: str, *changes: tuple[str, str]) -> str:
    """Return a shipped file with parts of it replaced, each of which must be there."""
    source = text(name)
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    return source


# --- every line of every file


@pytest.mark.parametrize("name", NAMES)
def test_every_printed_line_has_its_verdict(name) -> None:
    found = [(str(v.verdict), v.line.normal) for v in checked(f"{name}-printed").lines]
    rows = [row.strip() for row in PRINTED[name].strip().splitlines()]
    assert [f"{verdict:<21} {formula}" for verdict, formula in found] == rows


@pytest.mark.parametrize(
    ("name", "formula"), [(name, formula) for name in REASONS for formula in REASONS[name]]
)
def test_the_reason_of_a_wrong_line(name, formula) -> None:
    assert line(name, formula).detail.startswith(REASONS[name][formula])


@pytest.mark.parametrize("name", NAMES)
def test_what_hides_behind_equal_sizes_is_said(name) -> None:
    silent = {v.line.normal for v in checked(f"{name}-printed").lines if FITS in v.notes}
    assert silent == ONLY_SQUARE.get(name, set())


RIGHT_AS_PRINTED = {"other-tanh", "other-four-equations"}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in RIGHT_AS_PRINTED])
def test_the_first_wrong_line_is_named_and_mended(name) -> None:
    first = checked(f"{name}-printed").first
    assert first is not None
    assert (first.mistake.name if first.mistake else "", first.mend) == FIRST[name]


IN_PLACE = [  # not those whose mend is a place, or that have none
    "text1-chain-rule",
    "text1-two-layers",
    "text1-n-layers",
    "text1-dimensions",
    "text2-network",
    "text2-slide",
    "other-gradient-without-mean",
]


@pytest.mark.parametrize("name", IN_PLACE)
def test_the_mends_of_the_program_mend_the_text(name) -> None:
    mended = text(f"{name}-printed").splitlines()
    for found in checked(f"{name}-printed").wrong:
        old = mended[found.line.number - 1]
        mended[found.line.number - 1] = old[: len(old) - len(old.lstrip())] + found.mend
    assert check("\n".join(mended)).ok


CORRECTED = [name for name in shipped() if name.endswith(("-corrected", "-linear"))]


@pytest.mark.parametrize("name", CORRECTED)
def test_a_corrected_file_passes_to_the_last_line(name) -> None:
    found = checked(name)
    assert found.ok
    assert {v.verdict for v in found.lines} - {Verdict.HELPER, Verdict.DEFINITION} == {
        Verdict.RIGHT
    }
    assert found.lines[-1].verdict is Verdict.RIGHT
    assert found.judged > 1


@pytest.mark.parametrize("name", CORRECTED)
def test_a_corrected_file_fails_where_a_line_is_spoilt(name) -> None:
    last = checked(name).lines[-1].line
    spoilt = text(name).splitlines()
    spoilt[last.number - 1] += " + 0.001"
    found = check("\n".join(spoilt))
    assert not found.ok
    assert found.first is not None
    assert found.first.line.number == last.number


def test_every_printed_file_has_a_table_and_a_mended_twin() -> None:
    assert {f"{name}-printed" for name in PRINTED} == {n for n in shipped() if "-printed" in n}
    assert list(PRINTED) == NAMES
    right = {entry.name for entry in published.ALL if not entry.corrected}
    assert right == RIGHT_AS_PRINTED
    assert all(checked(f"{name}-printed").ok for name in right)


def test_six_from_elsewhere_wrong_and_right_with_rows_and_softmax() -> None:
    found = [checked(entry.printed) for entry in published.OTHERS]
    assert len(found) == 6
    assert sum(not one.ok for one in found) == 4
    assert sum(one.header.rows for one in found) == 2
    assert sum("softmax" in one.header.activations for one in found) == 2
    assert all(entry.link for entry in published.OTHERS)


@pytest.mark.parametrize("g", ["sigmoid", "relu", "softplus"])
def test_the_verdicts_on_n_layers_do_not_depend_on_g(g) -> None:
    source = changed("text1-n-layers-printed", ("activations tanh", f"activations {g}"))
    found = {formula: str(v.verdict) for formula, v in verdicts(source).items()}
    expected = {v.line.normal: str(v.verdict) for v in checked("text1-n-layers-printed").lines}
    assert found == expected


# --- the errata


def test_the_nineteen_are_nineteen_and_the_others_go_on() -> None:
    assert [entry.number for entry in errata.NINETEEN] == list(range(1, 20))
    assert [entry.number for entry in errata.ALL] == list(range(1, len(errata.ALL) + 1))


@pytest.mark.parametrize("entry", errata.ALL, ids=lambda entry: str(entry.number))
def test_an_erratum_is_wrong_where_it_says_and_right_when_mended(entry) -> None:
    for name, formulas in entry.lines:
        mended = {v.key for v in checked(f"{name}-corrected").lines if v.verdict is Verdict.RIGHT}
        for formula in formulas:
            found = line(name, formula)
            assert found.verdict.is_wrong
            assert found.key in mended | {"J"}


def test_every_wrong_line_of_the_two_texts_is_an_erratum() -> None:
    told = {
        (name, formula)
        for entry in errata.ALL
        for name, formulas in entry.lines
        for formula in formulas
    }
    wrong = {
        (entry.name, v.line.normal)
        for entry in (*published.TEXT_1, *published.TEXT_2)
        for v in checked(entry.printed).wrong
        if v.line.number not in published.lost(entry)
    }
    assert told == wrong


LOST = {"text1-linear-regression": [9, 10, 11], "text1-logistic-regression": [9, 10]}


def test_what_a_copy_has_lost_is_no_error_of_the_text() -> None:
    found = {entry.name: sorted(published.lost(entry)) for entry in published.ALL}
    assert {name: lines for name, lines in found.items() if lines} == LOST
    for entry in published.TEXT_1[:2]:
        assert sorted(v.line.number for v in checked(entry.printed).wrong) == LOST[entry.name]


def test_a_wrong_update_of_a_lost_derivative_is_an_error(monkeypatch) -> None:
    entry = published.TEXT_1[1]
    spoilt = changed(entry.printed, ("b1 - alpha * db1", "b1 + alpha * db1"))
    monkeypatch.setattr(published, "checked", lambda name: check(spoilt))
    assert sorted(published.lost(entry)) == [9]


CALCULUS = {
    "text1-chain-rule": [18, 20],
    "text1-two-layers": [10, 13, 14, 15, 16],
    "text1-n-layers": [9, 12, 15, 16, 20, 21],
    "text1-dimensions": [],
    "text2-network": [16],
    "text2-slide": [11],
}


@pytest.mark.parametrize("name", CALCULUS)
def test_what_stays_wrong_for_one_unit_and_one_example(name) -> None:
    assert sorted(wrong_for_one_unit(f"{name}-printed")) == CALCULUS[name]
    assert not wrong_for_one_unit(f"{name}-corrected")


def test_erratum_1_the_printed_cost_is_not_that_of_the_derivative() -> None:
    source = changed("text1-two-layers-printed", (", loss binary_cross_entropy", ""))
    found = verdicts(source)
    assert found["J = -sum(Y * log(A2) - (1 - Y) * log(1 - A2)) / n"].verdict is Verdict.DEFINITION
    assert found["dZ2 = A2 - Y"].verdict is Verdict.WRONG


def test_errata_5_and_6_the_mended_lines_need_no_1_over_n() -> None:
    found = checked("text1-n-layers-corrected")
    assert found.reading.convention == "undivided"
    assert [v.convention for v in found.lines if v.key.startswith(("dW", "db"))] == ["n times"] * 4


ROWS = """
network: sizes 784-196-10, activations sigmoid sigmoid, loss binary_cross_entropy
layout: rows
weights: out-by-in
convention: undivided
dZ2 = A2 - Y
dA1 = dZ2 @ W2
dZ1 = (dZ2 @ W2) * g_prime(Z1)
dW1 = dZ1 @ A0
"""


def test_errata_7_and_10_are_right_for_examples_in_rows() -> None:
    found = verdicts(ROWS)
    assert found["dA1 = dZ2 @ W2"].verdict is Verdict.RIGHT
    assert found["dZ1 = (dZ2 @ W2) * g_prime(Z1)"].verdict is Verdict.RIGHT
    assert found["dW1 = dZ1 @ A0"].verdict is Verdict.SHAPES


def mended_by_10(source: str) -> dict[str, LineVerdict]:
    """Return the verdicts with order and transposes mended, and nothing else."""
    for old, new in (
        ("(dZ2 @ W2)", "(W2.T @ dZ2)"),
        ("dA1 = dZ2 @ W2", "dA1 = W2.T @ dZ2"),
        ("(A2 - Y) @ W2", "W2.T @ (A2 - Y)"),
        ("@ A0", "@ A0.T"),
    ):
        assert old in source
        source = source.replace(old, new)
    return verdicts(source)


def test_errata_10_and_21_are_told_apart() -> None:
    found = mended_by_10(text("text1-two-layers-printed"))
    wrong = {formula for formula, v in found.items() if v.verdict.is_wrong}
    left = {"db1 = (W2.T @ dZ2) * g_prime(Z1)", "db1 = dZ1", "db2 = dZ2"}
    assert {formula for formula in wrong if formula.startswith(("db", "dZ1", "dA1"))} == left
    assert not any(formula.startswith("dW1") for formula in wrong)
    assert set(errata.BEYOND[1].lines[0][1]) == {
        formula.replace("W2.T @ dZ2", "dZ2 @ W2") for formula in left
    }


def test_erratum_9_is_right_for_two_layers() -> None:
    plus = (") - (1 - Y) * log", ") + (1 - Y) * log")
    source = changed("text1-n-layers-printed", ("layers L", "layers 2"), plus)
    formula = "J = -sum(Y * log(A2) + (1 - Y) * log(1 - A2)) / n"
    fed = verdicts(source.replace("g(b[l])", "g(Z[l])"))[formula]
    assert fed.verdict is Verdict.RIGHT
    free = verdicts(changed("text1-n-layers-printed", plus))[formula]
    assert free.verdict is Verdict.SHAPES


SHAPES = {  # of the dimension table
    "X_table": (11272, 784),
    "W1": (196, 784),
    "b1": (196, 1),
    "X": (784, 11272),  # A0
    "Z1": (196, 11272),
    "A1": (196, 11272),
    "W2": (1, 196),
    "b2": (1, 1),
    "Z2": (1, 11272),
    "A2": (1, 11272),
    "Y": (1, 11272),  # the table's Y, transposed
    "dA2": (1, 11272),
    "dZ2": (1, 11272),
    "dW2": (1, 196),
    "db2": (1, 1),
    "dA1": (196, 11272),
    "dZ1": (196, 11272),
    "dW1": (196, 784),
    "db1": (196, 1),
}


def test_erratum_12_every_shape_of_the_table_is_right() -> None:
    header = read_header(read(text("text1-dimensions-printed")))
    one = given(header, Setting((5, 3, 1), 7, "distinct", 1))
    found = truth(header, one, [], Reading("mean", "undivided")).values
    small = {784: 5, 196: 3, 11272: 7, 1: 1}
    for name, (rows, columns) in SHAPES.items():
        assert found[name].shape == (small[rows], small[columns]), name


def test_erratum_13_both_orientations_pass_and_one_X_for_both_does_not() -> None:
    assert line("text1-n-layers", "A0 = X").verdict is Verdict.RIGHT
    assert line("text1-dimensions", "A0 = X_table.T").verdict is Verdict.RIGHT
    source = changed("text1-dimensions-corrected", ("A0 = X_table.T", "A0 = X_table"))
    assert verdicts(source)["A0 = X_table"].verdict is Verdict.SHAPES


def test_erratum_14_the_axis_is_right() -> None:
    assert (
        verdicts(text("text1-dimensions-corrected"))["db1 = sum(dZ1, axis=1)"].verdict.name
        == "RIGHT"
    )
    source = changed("text1-dimensions-corrected", ("axis=1", "axis=0"))
    assert verdicts(source)["db1 = sum(dZ1, axis=0)"].verdict is Verdict.SHAPES


@pytest.mark.parametrize(
    ("g", "from_A"), [("sigmoid", "(A1 * (1 - A1))"), ("tanh", "(1 - A1**2)"), ("relu", "(A1 > 0)")]
)
def test_erratum_15_some_derivatives_need_no_Z(g, from_A) -> None:
    source = changed(
        "text1-dimensions-corrected",
        ("activations sigmoid sigmoid", f"activations {g} sigmoid"),
        ("g(Z2)", "sigmoid(Z2)"),
        ("g_prime(Z2)", "sigmoid_prime(Z2)"),
        ("g_prime(Z1)", from_A),
    )
    assert check(source).ok


@pytest.mark.parametrize("g", ["silu", "gelu"])
def test_erratum_15_others_have_two_slopes_for_one_value(g) -> None:
    from gradoracle.activations import activate

    z = np.linspace(-8, 0, 1001)
    a = activate(g, z)
    lowest = int(a.argmin())
    assert 0 < lowest < 1000  # it falls and rises: one value on both sides, with slopes < 0 and > 0
    assert a[lowest] < min(a[0], a[-1])


@pytest.mark.parametrize("sizes", list(product((1, 2, 3), repeat=3)), ids=str)
def test_erratum_17_where_the_shapes_fit(sizes) -> None:
    f, h, n = sizes
    X, W1, b1 = np.ones((f, n)), np.ones((h, f)), np.ones((h, 1))
    fits = n == h and (f == h or 1 in (f, h))
    assert shape(lambda: np.dot(X, W1).T + b1) == ((max(f, h), f) if fits else None)
    assert (shape(lambda: np.dot(X, W1).T + b1) == (h, n)) == (f == h == n)


@pytest.mark.parametrize("sizes", list(product((1, 2, 3), repeat=3)), ids=str)
def test_erratum_18_where_the_shapes_fit(sizes) -> None:
    h, o, n = sizes
    A, W2, b2 = np.ones((h, n)), np.ones((o, h)), np.ones((o, 1))
    fits = n == o and (h == o or 1 in (h, o))
    assert shape(lambda: np.dot(A, W2).T + b2) == ((max(h, o), h) if fits else None)
    assert (shape(lambda: np.dot(A, W2).T + b2) == (o, n)) == (h == o == n)


def shape(compute) -> tuple[int, ...] | None:
    """Return the shape of a result of NumPy; None where it refuses."""
    try:
        return compute().shape
    except ValueError:
        return None


def test_erratum_19_the_slide_is_right_for_slope_1_alone() -> None:
    assert checked("text2-slide-linear").ok
    for output, right in (
        ("identity", True),
        ("tanh", False),
        ("relu", False),
        ("softplus", False),
    ):
        activations = ("activations sigmoid sigmoid", f"activations sigmoid {output}")
        assert check(changed("text2-slide-printed", activations)).ok == right
    half = ("E_hid = -dA1 / 2, diff_hid = -dZ1 / 2", "E_hid = -dA1, diff_hid = -dZ1")
    assert line("text2-slide", "E_hid = w_out @ E_out").verdict is Verdict.WRONG
    assert not check(changed("text2-slide-linear", half)).ok  # -1/2 it is, not -1


SLOPES = {
    "identity": (lambda z: z, np.ones_like),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
}


@pytest.mark.parametrize("output", SLOPES)
@pytest.mark.parametrize("column", range(4))
def test_erratum_19_the_proof_holds_for_every_one_of_n_examples(output, column) -> None:
    """The biases hold the z of one example; in its column every weight has its own coefficient."""
    g, slope = SLOPES[output]
    rng = np.random.default_rng(19)
    o, Y, z = rng.uniform(0.1, 0.9, (3, 4)), rng.uniform(2, 3, (2, 4)), rng.normal(size=2)
    missing = (Y[:, column] - g(z)) * (1 - slope(z))  # E_out,k (1 - g'(z_k)), for all weights
    for i, k in product(range(3), range(2)):
        W = np.zeros((3, 2))  # in by out
        W[i, k] = rng.normal()
        Z = W.T @ o + (z - W.T @ o[:, column])[:, None]
        assert np.allclose(Z[:, column], z)
        E = Y - g(Z)
        apart = o * (1 - o) * (W @ E - W @ (E * slope(Z)))  # printed, and -1/2 of the derivative
        expected = np.zeros(3)
        expected[i] = o[i, column] * (1 - o[i, column]) * missing[k] * W[i, k]
        assert np.allclose(apart[:, column], expected)
        assert np.allclose(apart, 0) == (output == "identity")


def test_erratum_16_as_on_paper_is_not_taken_for_a_layer() -> None:
    with pytest.raises(DerivationError, match="for the square") as caught:
        check(changed("text2-network-printed", ("1 - A**2", "1 − A²")))
    assert caught.value.line == 16


def test_erratum_20_the_cost_without_its_sum_is_a_row() -> None:
    source = changed("text1-two-layers-corrected", ("J = -sum(", "J = -("))
    found = next(v for v in check(source).lines if v.key == "J")
    assert (found.verdict, found.detail) == (Verdict.SHAPES, "gives (1, 7), where J is (1, 1)")


def test_erratum_22_one_letter_for_two_activations() -> None:
    other = ("activations sigmoid sigmoid", "activations tanh sigmoid")
    found = verdicts(changed("text1-dimensions-corrected", other))
    wrong = {formula for formula, v in found.items() if v.verdict.is_wrong}
    assert wrong == {"A2 = g(Z2)", "dZ2 = dA2 * g_prime(Z2)"}


def chains(outputs: str) -> dict[str, LineVerdict]:
    """Return the verdict on dJ/dW1 from left to right, for all choices of products."""
    factors = ["dA2_dZ2", "dZ2_dA1", "dA1_dZ1", "dZ1_dW1"]
    old = "dW1 = ((dZ2_dA1 @ (dA2 * dA2_dZ2)) * dA1_dZ1) @ dZ1_dW1"
    written = {}
    for signs in product("*@", repeat=4):
        chain = "dA2"
        for sign, factor in zip(signs, factors, strict=True):
            chain = f"({chain} {sign} {factor})"
        written["".join(signs)] = f"dW1 = {chain}"
    sizes = ("784-196-1", f"784-196-{outputs}")
    every = check(changed("text1-chain-rule-corrected", (old, "\n".join(written.values())), sizes))
    found = [v for v in every.lines if v.key == "dW1"]
    return dict(zip(written, found, strict=True))


def test_erratum_23_the_chain_from_left_to_right_is_right_for_one_output_alone() -> None:
    found = chains("1")
    right = found.pop("***@")
    assert right.verdict is Verdict.RIGHT
    assert any(note.startswith("right only because n_2 = 1") for note in right.notes)
    others = [*found.values(), *chains("10").values()]
    assert len(others) == 15 + 16
    assert {v.verdict for v in others} == {Verdict.SHAPES}


def test_erratum_10_a_transpose_alone_is_enough_for_one_output() -> None:
    source = changed("text1-two-layers-corrected", ("dA1 = W2.T @ dZ2", "dA1 = dZ2 * W2.T"))
    found = verdicts(source)["dA1 = dZ2 * W2.T"]
    assert found.verdict is Verdict.RIGHT
    assert any(note.startswith("right only because n_2 = 1") for note in found.notes)


def test_erratum_24_no_orientation_of_X_serves() -> None:
    forward = verdicts(text("text2-network-printed"))["Z1 = (X @ W1).T + b1"]
    assert forward.verdict is Verdict.SHAPES
    rows = changed("text2-network-printed", ("means: A = A1", "means: X_rows = X.T, A = A1"))
    rows = rows.replace("(X @ W1)", "(X_rows @ W1)").replace("X.T)", "X_rows.T)")
    found = verdicts(rows)
    assert found["Z1 = (X_rows @ W1).T + b1"].verdict is Verdict.SHAPES  # W1 is out by in
    assert found["dLdW1 = 1 / n * (dLdZ1 @ X_rows.T)"].verdict is Verdict.SHAPES
    in_by_out = rows.replace("means: X_rows", "weights: in-by-out\nmeans: X_rows")
    assert verdicts(in_by_out)["Z1 = (X_rows @ W1).T + b1"].verdict is Verdict.RIGHT


def test_erratum_25_the_slide_is_right_for_the_cost_of_the_code() -> None:
    source = changed(
        "text2-slide-printed",
        ("sigmoid sigmoid", "sigmoid sigmoid, loss binary_cross_entropy, reduction sum"),
        ("E_total = J, E_hid = -dA1 / 2, diff_hid = -dZ1 / 2", "E_hid = -dA1, diff_hid = -dZ1"),
        ("E_total = sum(E_out**2)\n", ""),
    )
    assert check(source).ok
    relu = verdicts(source.replace("activations sigmoid sigmoid", "activations relu sigmoid"))
    assert relu["E_hid = w_out @ E_out"].verdict is Verdict.RIGHT
    assert relu["diff_hid = E_hid * (1 - o_hid) * o_hid"].verdict is Verdict.WRONG
    slope = source.replace("(1 - o_hid) * o_hid", "(o_hid > 0)").replace("sigmoid sig", "relu sig")
    assert check(slope).ok


@pytest.mark.parametrize(("Y", "A"), [(0.0, 0.0), (1.0, 1.0), (0.0, 1.0), (1.0, 0.0), (0.5, 1.0)])
def test_what_is_no_error_is_nan_in_floats_once_A_is_rounded(Y, A) -> None:
    Y, A = np.float64(Y), np.float64(A)
    with np.errstate(divide="ignore", invalid="ignore"):
        J = -(Y * np.log(A) + (1 - Y) * np.log(1 - A))
        dA = -Y / A + (1 - Y) / (1 - A)
        assert not np.isfinite(J)
        assert np.isnan(dA) == (Y == A)  # 0/0, else infinity times 0
        assert np.isnan(dA * (A * (1 - A)))
    assert np.isfinite(A - Y)


def test_erratum_26_the_index_order_of_the_slide_is_not_that_of_the_code() -> None:
    source = changed("text2-slide-linear", ("weights: in-by-out", "weights: out-by-in"))
    assert verdicts(source)["E_hid = w_out @ E_out"].verdict is Verdict.SHAPES


def test_the_others_under_the_reading_the_page_names() -> None:
    undivided = ("convention: per-example", "convention: undivided")
    assert check(changed("other-gradient-without-mean-printed", undivided)).ok
    crossed = ("softmax, reduction mean_all", "softmax, loss cross_entropy, reduction mean")
    found = verdicts(changed("other-softmax-diagonal-printed", crossed))
    assert found["dA2 = -(Y / A2) + (1 - Y) / (1 - A2)"].verdict is Verdict.WRONG
    assert found["dZ2 = dA2 * A2 * (1 - A2)"].verdict is Verdict.CANCELS


# --- what the texts asked of the core


INPUTS = """
inputs: x (1, n), y (1, n), w (1, 1)
z = w * x
J = sum((z - y)**2) / (2 * n)
dw = sum((z - y) * x) / n
w = w {update}
"""


@pytest.mark.parametrize(
    ("update", "right"),
    [("- alpha * dw", True), ("+ alpha * dw", False), ("- alpha * dw / n", False)],
)
def test_an_input_of_the_header_is_updated_like_a_parameter(update, right) -> None:
    assert check(INPUTS.format(update=update)).ok == right


def test_an_update_before_its_use_is_told_beside_other_errors() -> None:
    found = line("other-three-errors", "delta_h = (W2.T @ delta_o) * (h * (1 - h))")
    assert found.verdict is Verdict.ORDER
    late = changed("other-three-errors-corrected", ("2 / n2 * ", ""))
    assert verdicts(late)["delta_h = (W2.T @ delta_o) * (h * (1 - h))"].verdict is Verdict.FED


def test_a_cost_in_names_of_the_text_is_differentiated_through_them() -> None:
    source = text("text2-slide-corrected")
    assert "out = A2" in source
    assert check(source).ok
    assert not check(source.replace("out = A2", "out = Z2")).ok


# --- the page


def test_the_page_says_what_the_program_says() -> None:
    command = "python -m gradoracle.derivation.published.page --write docs/texts.md"
    assert PAGE.read_text(encoding="utf-8") == page(), f"stale: run {command}"


def test_the_page_counts_what_is_lost_apart() -> None:
    shown = page()
    for row in (
        "| [Linear regression](#linear-regression) | none of 3 lines wrong, 3 lost | none | all 7",
        "| [Logistic regression](#logistic-regression) | none of 4 lines wrong, 2 lost | none | ",
        "As printed none of 3 lines wrong in themselves, 3 read what the copy has lost, corrected",
        "| 9 | ∅ `w1 = w1 - alpha * dw1`<br>**undefined name**",
    ):
        assert row in shown
    assert shown.count("| ∅ `") == 5
    assert "wrong, 0 lost" not in shown


@pytest.mark.parametrize("entry", published.ALL, ids=lambda entry: entry.name)
def test_every_line_of_a_file_is_on_the_page_once(entry) -> None:
    shown = cells(entry.printed, published.lost(entry))
    formulas = [cell for cell in shown if cell.key != "for"]
    assert len(formulas) == len(checked(entry.printed).lines)
    if entry.corrected:
        pairs = list(beside(shown, cells(entry.corrected)))
        assert [a for a, _ in pairs if a] == shown
        assert [b for _, b in pairs if b] == cells(entry.corrected)
        assert all(a.key == b.key for a, b in pairs if a and b)
