"""The header, and the networks that it asks for."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from flint import arb

from gradoracle.activations import ACTIVATIONS
from gradoracle.derivation.limits import LAYERS, DerivationError
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.header_lines import read_header
from gradoracle.derivation.reading.source import read
from gradoracle.derivation.reading.syntax import show
from gradoracle.derivation.truth import networks
from gradoracle.derivation.truth.networks import KINKED, given, settings
from gradoracle.losses import LOSSES


def header_of(*lines: str) -> Header:
    return read_header(read("\n".join(lines) + "\nJ = X\n"))


def sizes_of(words: str) -> list[tuple[tuple[int, ...], int, str]]:
    return [(s.sizes, s.n, s.kind) for s in settings(header_of(f"network: {words}"))]


# --- what is read


def test_a_network_line() -> None:
    header = header_of(
        "title: Two layers",
        "network: sizes 784-196-1, activations relu sigmoid, loss linear, reduction sum, l2 lam",
        "source: a book # and a comment",
        "layout: rows",
        "convention: per-example",
        "means: dLdZ1 = dZ1, diff_hid = -dZ1/2",
        "means: M[2] = where(Z1 > 0, dA1, 0).T",
    )
    assert (header.title, header.source) == ("Two layers", "a book")
    assert (header.sizes, header.layers) == (("784", "196", "1"), 2)
    assert header.activations == ("relu", "sigmoid")
    assert (header.loss, header.reduction, header.l2) == ("linear", "sum", True)
    assert (header.rows, header.out_by_in, header.convention) == (True, False, "per-example")
    assert [(show(name), show(meaning)) for name, meaning in header.means] == [
        ("dLdZ1", "dZ1"),
        ("diff_hid", "-dZ1 / 2"),
        ("M2", "where(Z1 > 0, dA1, 0).T"),
    ]
    assert dict(header.at)["means"] == 7


def test_what_a_name_means_may_be_written_as_on_paper() -> None:
    header = header_of("network: layers 2, activations relu relu", "means: δ₁ = ∂J/∂Z1")
    assert [(show(name), show(meaning)) for name, meaning in header.means] == [("delta1", "dZ1")]


def test_weights_follow_the_layout_unless_they_are_named() -> None:
    network = "network: sizes 3-5-1, activations relu relu"
    assert header_of(network).out_by_in
    assert not header_of(network, "layout: rows").out_by_in
    assert header_of(network, "layout: rows", "weights: out-by-in").out_by_in
    assert header_of(network, "weights: out-by-in", "layout: rows").out_by_in
    assert not header_of(network, "weights: in-by-out").out_by_in


@pytest.mark.parametrize(
    ("words", "L", "expected", "hidden"),
    [
        ("sizes 3-5-4-1, activations relu sigmoid", 3, ["relu", "relu", "sigmoid"], "relu"),
        ("sizes 3-5-1, activations relu sigmoid", 2, ["relu", "sigmoid"], "relu"),
        ("sizes 3-5-4-1, activations relu tanh elu", 3, ["relu", "tanh", "elu"], ""),
        ("layers L, activations relu sigmoid", 4, ["relu", "relu", "relu", "sigmoid"], "relu"),
        ("layers L, activations tanh", 2, ["tanh", "tanh"], "tanh"),
        ("layers 3, activations tanh gelu", 3, ["tanh", "tanh", "gelu"], "tanh"),
        ("sizes d-1, activation sigmoid", 1, ["sigmoid"], "sigmoid"),
        ("activations relu tanh sigmoid", 3, ["relu", "tanh", "sigmoid"], ""),
    ],
)
def test_the_activation_of_each_layer(words: str, L: int, expected: list[str], hidden: str) -> None:
    header = header_of(f"network: {words}")
    assert [header.activation(layer, L) for layer in range(1, L + 1)] == expected
    assert header.hidden == hidden


def test_inputs_and_which_of_them_are_parameters() -> None:
    header = header_of("inputs: x (2, n), w (1, 2), b (1, 1), z (n, n), q (n-1, 2)")
    assert [name for name, *_ in header.inputs] == ["x", "w", "b", "z", "q"]
    assert [name for name, *_ in header.inputs if header.is_parameter(name)] == ["w", "b"]
    assert not header.is_parameter("W1")
    network = header_of("network: layers 2, activations relu relu", "inputs: m (n1, n), v (n1, n0)")
    assert all(map(network.is_parameter, ("W1", "b12", "v")))
    assert not any(map(network.is_parameter, ("m", "X", "Z1", "dW1", "lam", "n1")))


def test_a_header_after_a_formula_is_refused() -> None:
    with pytest.raises(
        DerivationError, match=r"^line 2: expected layout: before the first formula"
    ):
        read("J = X\nlayout: rows\n")


# --- the networks


def test_the_sizes_of_a_pattern() -> None:
    assert sizes_of("sizes 784-196-1, activations relu sigmoid") == [
        ((3, 5, 1), 7, "distinct"),
        ((4, 2, 1), 5, "distinct"),
        ((3, 3, 1), 3, "square"),
        ((3, 5, 2), 8, "ones are two"),
    ]
    assert sizes_of("sizes d-h-h-k, activations relu sigmoid")[:2] == [
        ((3, 5, 5, 4), 7, "distinct"),
        ((4, 2, 2, 3), 5, "distinct"),
    ]
    assert sizes_of("sizes two-2-1, activations relu sigmoid")[-1] == ((3, 5, 2), 8, "ones are two")
    assert sizes_of("sizes 1-1, activations sigmoid")[0] == ((1, 1), 7, "distinct")
    assert [sizes for sizes, *_ in sizes_of("layers L, activations relu sigmoid")] == [
        (3, 5, 4, 2),
        (4, 2, 3),
        (3, 3, 3, 3, 3),
    ]


@pytest.mark.parametrize("L", range(1, LAYERS + 1))
@pytest.mark.parametrize("ones", ["none", "the last", "the first"])
def test_no_size_is_the_number_of_examples_by_accident(L: int, ones: str) -> None:
    """Nor are neighbours equal, except in the square network: shapes must tell."""
    symbols = [f"s{i}" for i in range(L + 1)]
    if ones != "none":
        symbols[0 if ones == "the first" else -1] = "1"
    activations = "sigmoid" if L == 1 else "relu sigmoid"
    header = header_of(f"network: sizes {'-'.join(symbols)}, activations {activations}")
    several = settings(header)
    for setting in several:
        free = [size for size, symbol in zip(setting.sizes, symbols, strict=True) if symbol != "1"]
        if setting.kind == "square":
            assert {*free, setting.n} == {networks.EQUAL}
        else:
            assert setting.n not in setting.sizes
            assert all(a != b for a, b in itertools.pairwise(setting.sizes))
            assert 1 not in free
    shapes = [setting.sizes for setting in several if setting.kind == "distinct"]
    assert len(shapes) == 2
    assert shapes[0] != shapes[1]
    assert sum(setting.kind == "ones are two" for setting in several) == (ones != "none")


def test_without_a_network_no_written_size_is_the_number_of_examples() -> None:
    several = settings(header_of("inputs: x (5, n), w (4, 5), v (7, 11)"))
    assert len({s.n for s in several}) == len(several) == 3
    assert not {s.n for s in several} & {4, 5, 7, 11}
    assert [str(s) for s in settings(header_of("inputs: x (1, n)"))] == ["n = 5", "n = 7", "n = 4"]


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("words", ["sizes 3-5-4", "sizes 1-1-2", "layers L", "layers 6"])
def test_a_kink_is_seen_from_both_sides(name: str, words: str) -> None:
    if name == "softmax" and "1" in words:
        return
    header = header_of(f"network: {words}, activations {name} {name}, loss squared_error")
    for setting in settings(header):
        one = given(header, setting)
        A = one.floats["X"]
        for layer in range(1, setting.L + 1):
            Z = one.floats[f"W{layer}"] @ A + one.floats[f"b{layer}"]
            if name in KINKED:
                assert Z.min() < 0 < Z.max()
                assert np.abs(Z).min() > networks.STEP
            A = networks.activate(name, Z)


def test_the_numbers_are_exact_and_drawn_anew() -> None:
    header = header_of("network: sizes 3-5-1, activations relu sigmoid", "inputs: v (n1, n)")
    several = [given(header, setting) for setting in settings(header)]
    for one in several:
        for name, array in one.floats.items():
            assert np.array_equal(array * 2**24, np.round(array * 2**24)), name
            assert 0 < np.abs(array).min() <= np.abs(array).max() < 1, name
            assert np.array_equal(array.astype(np.float32), array), name
        assert (
            len({one.floats[name][0, 0] for name in ("lam", "alpha", "eta", "W1", "X", "v")}) == 6
        )
    assert several[0].floats["X"][0, 0] != several[1].floats["X"][0, 0]
    again = given(header, settings(header)[0])
    assert all(np.array_equal(again.floats[name], a) for name, a in several[0].floats.items())


def test_labels_of_softmax_sum_to_exactly_one() -> None:
    for words in ("loss cross_entropy", "loss cross_entropy, l2 lam", ""):
        header = header_of(f"network: sizes 3-5-4, activations relu softmax, {words}")
        for setting in settings(header):
            one = given(header, setting)
            assert (one.floats["Y"].sum(axis=0) == 1).all()
            assert (one.floats["Y"] >= 0).all()


@pytest.mark.parametrize("loss", LOSSES)
def test_labels_have_both_signs_where_they_may(loss: str) -> None:
    """Else |y| could stand for y."""
    header = header_of(
        f"network: layers 2, activations relu {LOSSES[loss].output or 'tanh'}, loss {loss}"
    )
    for setting in settings(header):
        Y = given(header, setting).floats["Y"]
        assert (Y.min() < 0) == (LOSSES[loss].output is None)


def test_values_stand_in_the_layout_of_the_text() -> None:
    network = "network: sizes 3-5-4, activations relu sigmoid, loss linear"
    extra = "inputs: beta (2, n), Wide (n0, n1), Xs (1, 2)"
    shapes = {}
    for layout, weights in itertools.product(("columns", "rows"), ("out-by-in", "in-by-out")):
        header = header_of(network, extra, f"layout: {layout}", f"weights: {weights}")
        one = given(header, settings(header)[0])
        shapes[layout, weights] = {name: value.shape for name, value in one.values.items()}
        assert one.floats["W1"].shape == (5, 3)
        assert one.floats["X"].shape == (3, 7)
        assert one.values["C"] is one.values["Y"]
        assert one.values["n"][0, 0] == arb(7)
        assert [one.values[f"n{i}"][0, 0] for i in range(3)] == [3, 5, 4]
    for (layout, weights), found in shapes.items():
        rows, turned = layout == "rows", weights == "in-by-out"
        assert found["X"] == ((7, 3) if rows else (3, 7))
        assert found["Y"] == ((7, 4) if rows else (4, 7))
        assert found["b1"] == ((1, 5) if rows else (5, 1))
        assert found["W1"] == ((3, 5) if turned else (5, 3))
        assert (found["beta"], found["Wide"], found["Xs"]) == ((2, 7), (3, 5), (1, 2))
