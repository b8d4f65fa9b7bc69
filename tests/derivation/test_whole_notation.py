"""A name is one thing in every line of a text, whichever way the line is spelled."""

from __future__ import annotations

import pytest

from gradoracle.derivation.check import check
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.reading.source import read
from gradoracle.derivation.reading.syntax import show

LAYERS = "network: layers L, activations relu softmax, loss cross_entropy\n"
PASSES = {
    "below": r"""
for k in range(1, L):
    a_k = b_k + W_k h_{k-1}
    h_k = g(a_k)
a_L = b_L + W_L h_{L-1}
h_L = softmax(a_L)
""",
    "above": r"""
for k in range(1, L):
    a^{(k)} = b^{(k)} + W^{(k)} h^{(k-1)}
    h^{k} = g_k(a^k)
a^{(L)} = b^{[L]} + W^{(L)} h^{(L-1)}
h^{(L)} = \operatorname{softmax}(a^{(L)})
""",
}


def normal(text: str) -> list[str]:
    return [line.normal for line in read(text).lines]


def refusal(text: str) -> DerivationError:
    with pytest.raises(DerivationError) as refused:
        check(text, "a text")
    return refused.value


@pytest.mark.parametrize("means", ["a[k] = Z[k], h[k] = A[k]", "a_k = Z_k, h_k = A_k"])
@pytest.mark.parametrize("formulas", PASSES.values(), ids=PASSES)
def test_what_a_loop_counts_is_a_layer_in_every_line(formulas: str, means: str) -> None:
    text = f"{LAYERS}means: {means}, y = Y\n{formulas}"
    targets = [line.partition(" =")[0] for line in normal(text)]
    assert targets == ["a[k]", "h[k]", "a[L]", "h[L]"]
    assert check(text, "a text").ok


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a_k = W_k @ X", ["a_k = W_k @ X"]),  # no loop counts k: plain names, as they always were
        ("a_1 = tanh(X)\nx = a_1", ["a_1 = tanh(X)", "x = a_1"]),
        ("a_1 = tanh(X)\nx = a_1 \\odot Y", ["a1 = tanh(X)", "x = a1 * Y"]),
        ("a_l = tanh(X)\nx = delta_L + a_1", ["a[l] = tanh(X)", "x = delta[L] + a1"]),
        ("x = a_hid + W_in\ny = a_hid_l", ["x = a_hid + W_in", "y = a_hid_l"]),
    ],
)
def test_below_a_letter(text: str, lines: list[str]) -> None:
    assert normal(text) == lines


def test_in_a_loop_over_k_numbers_above_are_layers_too() -> None:
    text = "h^{(0)} = X\nfor k in range(1, L):\n    x = h_k + dJ/dh_k + g_k(h^k)\n"
    assert normal(text) == ["h0 = X", "x = h[k] + dh[k] + g[k](h[k])"]
    assert normal("x = n^(2)\ny = h^{(2)} + (h)^2") == ["x = n**2", "y = h**2 + h**2"]


def test_side_by_side_is_a_product_in_every_line_of_a_text_that_has_latex() -> None:
    text = "v = X w + b\nVdW = 2 hidden_units\np = \\sigma(v)\nq = W1.T dZ @ X"
    lines = ["v = X @ w + b", "VdW = 2 * hidden_units", "p = sigmoid(v)", "q = W1.T @ dZ @ X"]
    assert normal(text) == lines
    assert "a sign between two factors" in str(refusal("v = X w + b\np = sigmoid(v)"))


def test_an_update_with_an_arrow_and_a_sum_over_the_examples_is_judged() -> None:
    text = r"""
network: layers L, activations sigmoid sigmoid, loss half_squared_error
means: delta[l] = dZ[l], w[l] = W[l], a[l] = A[l], z[l] = Z[l], y = Y

z^l = w^l a^{l-1} + b^l
a^l = \sigma(z^l)
\delta^L = (a^L - y) \odot (g^L)'(z^L)
\delta^l = ((w^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l)
w^l \rightarrow w^l - \frac{\eta}{m} \sum_x \delta^l (a^{l-1})^T
b^l \rightarrow b^l - \frac{\eta}{m} \sum_x \delta^l
"""
    assert check(text, "a text").ok
    assert "w[l] = w[l] - eta / m * (delta[l] @ a[l-1].T)" in normal(text)
    wrong = check(text.replace(r"\sum_x \delta^l (a^{l-1})^T", r"\sum_x \delta^l (a^l)^T"), "")
    assert not wrong.ok


def test_a_sum_over_the_examples_goes_only_before_a_product_that_sums_over_them() -> None:
    rows = "layout: rows\n"
    assert normal(rows + "dW1 = Σ_i X^T @ dZ1") == ["dW1 = X.T @ dZ1"]
    assert normal("dW1 = 1/n Σ_{i=1}^n dZ1 @ X^T") == ["dW1 = 1 / n * (dZ1 @ X.T)"]
    for text in (
        "dW1 = Σ_x X^T @ dZ1",
        rows + "dW1 = Σ_x dZ1 @ X^T",
        "dW1 = Σ_x A ∘ dZ1 @ X^T",
        "dW1 = Σ_x W1^T @ X^T",
    ):
        assert refusal(text).mend == "leave Σ_x out: the matrix product sums over the examples"
    assert refusal("db1 = Σ_x W2^T @ dZ2").mend.endswith("or write sum(..., axis=1)")
    assert "a sum without limits" in str(refusal("dW1 = Σ_x dZ1"))


@pytest.mark.parametrize("text", ["\\delta_k = y - t", "x = aₖ + y", "\\delta_{j} = y - t"])
def test_an_index_that_no_loop_counts_may_count_units(text: str) -> None:
    refused = refusal(LAYERS + text)
    assert "counts units, all have one formula" in refused.mend
    assert "range(L, 0, -1): above" in refused.mend
    assert refused.column == max(text.find("_"), text.find("ₖ")) + 1


def test_the_mend_for_units_can_be_read() -> None:
    mended = "\\delta_2 = y - t\n\\delta^{\\text{out}} = y - t\ndelta_2 = y\ndelta_out = t"
    assert normal(mended)[::2] == ["delta2 = y - t", "delta2 = y"]
    assert normal(mended)[1::2] == ["delta_out = y - t", "delta_out = t"]


@pytest.mark.parametrize("other", ["means: delta[k] = dZ[k]\n", "x = W^{(k)}\n", "x = W_{k+1}\n"])
def test_where_k_is_a_layer_elsewhere_it_counts_no_units(other: str) -> None:
    assert "delta[k] = y - t" in normal(other + "\\delta_k = y - t")


def test_a_layer_above_a_name_without_its_loop_is_refused_under_the_exponent() -> None:
    refused = refusal(LAYERS + "h = h^{(k-1)}")
    assert (refused.line, refused.column) == (2, 6)
    assert refused.mend.startswith("if it is a layer: for k in range")


@pytest.mark.parametrize(
    ("line", "column", "mend"),
    [
        ("delta = (A1 - Y) .* A1", 18, "write * / ** for MATLAB's .* ./ .^"),
        ("dW1 = delta1 * X'", 17, "for a transpose write ᵀ or .T"),
        ("dW1 = (W2)'*delta1", 11, "for a transpose write ᵀ or .T"),
        ("W1 <- W1 - alpha * dW1", 4, "write = to set a name"),
        ("y = x → 2", 7, "write ="),
    ],
)
def test_other_languages_are_told_how_it_is_written(line: str, column: int, mend: str) -> None:
    refused = refusal(LAYERS + line)
    assert refused.mend.startswith(mend)
    assert refused.column == column


def test_another_strength_of_l2_is_tied_to_lam() -> None:
    text = (
        "network: sizes 3-2, activations softmax, loss cross_entropy, l2 reg\n"
        "Z1 = W1 @ X + b1\nA1 = softmax(Z1)\ndW1 = (A1 - Y) @ X.T / n + reg * W1\n"
    )
    assert "l2 lam, and a line means: reg = lam" in refusal(text).mend
    assert check(text.replace("l2 reg", "l2 lam\nmeans: reg = lam"), "a text").ok


@pytest.mark.parametrize("rate", [r"\eta", r"\alpha", r"\mathrm{lr}", "0.1"])
@pytest.mark.parametrize("sign", [":=", r"\gets", r"\rightarrow", r"\to"])
def test_a_rate_in_latex_scales(rate: str, sign: str) -> None:
    text = (
        "network: sizes 3-2, activations identity, loss half_squared_error\n"
        "Z_1 = W_1 X + b_1\ndW_1 = \\frac{1}{n} (Z_1 - Y) X^T\n"
        f"W_1 {sign} W_1 - {rate} dW_1\n"
    )
    assert check(text, "a text").ok


CALLED = """network: layers 2, activations tanh tanh, loss half_squared_error
z1 = W1 @ x + b1
a1 = {f}(z1)
z2 = W2 @ a1 + b2
a2 = {f}(z2)
dz2 = (a2 - y) * {f}'(z2)
dz1 = (W2.T @ dz2) * {f}'(z1)
"""


@pytest.mark.parametrize("sign", ["f", "\u03c6", "\u03d5"])
def test_another_sign_for_the_activation_is_g(sign: str) -> None:
    found = check(CALLED.format(f=sign))
    assert found.ok
    assert f"{sign} is read as g, the activation" in found.notes
    wrong = check(CALLED.format(f=sign).replace(f"{sign}'(z1)", f"{sign}(z1)")).first
    assert wrong is not None
    assert wrong.mend == "dz1 = (W2.T @ dz2) * g_prime(z1)"


def test_a_macro_for_the_activation_is_g_in_every_layer() -> None:
    text = "network: layers L, activations tanh sigmoid, loss half_squared_error\n"
    text += "a^l = \\phi^l(z^l)\n\\delta^l = da^l \\odot \\phi^{l}'(z^l)\n"
    found = [show(line.formula) for line in read(text).lines]
    assert found == ["g[l](z[l])", "da[l] * g_prime[l](z[l])"]


def test_a_text_that_has_g_or_sets_f_means_something_else_by_it() -> None:
    for text in (CALLED.format(f="f").replace("f(z1)", "g(z1)"), CALLED.format(f="f") + "f = x\n"):
        with pytest.raises(DerivationError, match=r"got f\(\.\.\.\)"):
            check(text)


def test_an_input_is_no_activation_and_an_arrow_no_map() -> None:
    head = "network: layers 2, activations tanh tanh, loss half_squared_error\n"
    assert "read as g" not in str(read(f"{head}inputs: f (1, 1)\nh = f * (A2 - Y)\n").notes)
    with pytest.raises(DerivationError, match="write what is set on a line of its own"):
        check(f"{head}Z1 → A1 = tanh(Z1)\n")


def test_a_derivative_in_the_middle_says_what_a_name_is() -> None:
    head = (
        "network: sizes 3-4-2, activations tanh identity, loss half_squared_error, reduction sum\n"
    )
    text = head + "means: o = Z2\no = W2 @ A1 + b2\nG = ∂J/∂o = o - Y\ndW2 = G @ A1.T\n"
    assert check(text).ok
    assert not check(text.replace("o - Y", "Y - o")).ok


@pytest.mark.parametrize("rows", [False, True])
def test_a_sum_for_a_bias_by_another_name_is_over_the_examples(rows: bool) -> None:
    text = "network: sizes d-k, activations identity, loss half_squared_error\n"
    text += "layout: rows\n" if rows else ""
    text += "means: U = W1, c = b1, h = Z1\nh = U @ X + c\ndh = h - Y\ndc = 1/n Σ dh\n"
    text = text.replace("U @ X", "X @ U") if rows else text
    assert check(text).ok
    other = check(text.replace("means: U = W1, c = b1, h = Z1", "means: U = W1, h = Z1"))
    assert not other.ok  # c is nothing then


def test_an_assignment_by_colon_is_one() -> None:
    text = "network: layers 2, activations tanh sigmoid, loss binary_cross_entropy\n"
    text += "dZ2 := A2 - Y\ndW2 := dZ2 @ A1.T / n\nW2 := W2 - alpha * dW2\n"
    assert check(text).ok
    assert not check(text.replace("A2 - Y", "Y - A2")).ok


def test_a_raised_layer_of_y_is_no_example() -> None:
    text = "network: layers L, activations tanh sigmoid, loss binary_cross_entropy\n"
    text += "means: y[l] = A[l], v[l] = Z[l]\nv^{(l)} = w^{(l)} y^{(l-1)} + b^{(l)}\n"
    assert check(text).ok
    with pytest.raises(DerivationError, match="one example"):
        check(text.replace("(l-1)", "(i)"))
