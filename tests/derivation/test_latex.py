"""LaTeX comes out in the plain spelling, or is refused with the macro and its column."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gradoracle.derivation.limits import DEPTH
from gradoracle.derivation.reading.latex import is_latex, plain
from gradoracle.derivation.reading.notation import NotationError
from gradoracle.derivation.reading.spelling import macros
from gradoracle.derivation.reading.spelling.letters import split

SPELLINGS = {
    # the forward pass and the backward pass of two layers
    r"Z^{[1]} = W^{[1]} X + b^{[1]}": "Z1 = W1 @ X + b1",
    r"$Z^{[2]} = W^{[2]}A^{[1]} + b^{[2]}$": "Z2 = W2 @ A1 + b2",
    r"A^{[2]} = \sigma(Z^{[2]})": "A2 = sigmoid(Z2)",
    r"A^{[2]} = \sigma\left(Z^{[2]}\right)": "A2 = sigmoid(Z2)",
    r"dZ^{[2]} = A^{[2]} - Y": "dZ2 = A2 - Y",
    r"dW^{[2]} = \frac{1}{n} dZ^{[2]} A^{[1]T}": "dW2 = 1 / n * dZ2 @ A1.T",
    r"dW^{[2]} = \frac{1}{m} dZ^{[2]} {A^{[1]}}^{T}": "dW2 = 1 / m * dZ2 @ A1.T",
    r"dW^{[2]} = \frac{1}{m} dZ^{[2]} A^{[1]^T}": "dW2 = 1 / m * dZ2 @ A1.T",
    r"dZ^{[1]} = W^{[2]^T} dZ^{[2]} * g^{[1]'}(Z^{[1]})": "dZ1 = W2.T @ dZ2 * g_prime[1](Z1)",
    r"dZ_1 = W^{[2]^{\top}} dZ_2 * {g^{[1]}}'(Z_1)": "dZ1 = W2.T @ dZ2 * g_prime[1](Z1)",
    r"dZ^{[1]} = dA^{[1]} \odot g^{[1]^\prime}(Z^{[1]})": "dZ1 = dA1 * g_prime[1](Z1)",
    r"dZ^{[1]} = dA^{[1]} \odot {\sigma}'(Z^{[1]})": "dZ1 = dA1 * sigmoid_prime(Z1)",
    r"dZ^{[1]} = dA^{[1]} \odot {g'}^{[1]}(Z^{[1]})": "dZ1 = dA1 * g_prime[1](Z1)",
    r"dZ^{[1]} = dA^{[1]} \odot g^{\prime[1]}(Z^{[1]})": "dZ1 = dA1 * g_prime[1](Z1)",
    r"dZ^{[1]} = dA^{[1]} \odot g^{[1]}{}'(Z^{[1]})": "dZ1 = dA1 * g_prime[1](Z1)",
    r"dZ^{[1]} = dA^{[1]} \odot g_1'(Z^{[1]})": "dZ1 = dA1 * g_prime[1](Z1)",
    r"A^{[L]} = g^{[L]}\left(W^{[L]} A^{[L-1]}\right)": "A[L] = g[L](W[L] @ A[L-1])",
    r"A^{(l)} = g^{(l)}(Z^{(l)})": "A[l] = g[l](Z[l])",
    r"a^l = g_{l}(z^l)": "a[l] = g[l](z[l])",
    r"A = \text{relu}^{[1]}(Z^{[1]}) + \sigma_2(Z_2)": "A = relu(Z1) + sigmoid(Z2)",
    r"dW^{[l]} = dZ^{[l]} A^{[l-1]^T}": "dW[l] = dZ[l] @ A[l-1].T",
    r"dW^{[2]} = dZ^{[2]} \left(A^{[1]}\right)^\top / n": "dW2 = dZ2 @ (A1).T / n",
    r"db^{[1]} = \frac{1}{m} \sum dZ^{[1]}": "db1 = 1 / m * sum(dZ1, axis=1)",
    r"db^{[1]} = \tfrac{1}{n} \sum_{i=1}^{n} dZ^{[1]}": "db1 = 1 / n * sum(dZ1, axis=1)",
    r"db^{[1]} = \frac{\sum_{i=1}^n dZ^{[1]}}{n}": "db1 = sum(dZ1, axis=1) / n",
    r"dZ^{[1]} = W^{[2]T} dZ^{[2]} * g^{[1]\prime}(Z^{[1]})": "dZ1 = W2.T @ dZ2 * g_prime[1](Z1)",
    r"dZ^{[1]} = W^{[2]T} dZ^{[2]} \odot g'^{[1]}(Z^{[1]})": "dZ1 = W2.T @ dZ2 * g_prime[1](Z1)",
    r"dZ^{[l]} = dA^{[l]} \circ g'(Z^{[l]})": "dZ[l] = dA[l] * g_prime(Z[l])",
    r"dA^{[l-1]} = W^{[l]T} dZ^{[l]}": "dA[l-1] = W[l].T @ dZ[l]",
    r"dA^{[l - 1]} = (W^{[l]})^T dZ^{[l]}": "dA[l-1] = (W[l]).T @ dZ[l]",
    r"dA^{(l-1)} = {W^{(l)}}^T dZ^{(l)}": "dA[l-1] = W[l].T @ dZ[l]",
    r"dA_{l-1} = W_l^T dZ_l": "dA[l-1] = W[l].T @ dZ[l]",
    r"dA_{l-1} = W_l^{\top} dZ_{l}": "dA[l-1] = W[l].T @ dZ[l]",
    r"\delta^L = (a^L - y) \odot \sigma'(z^L)": "delta[L] = (a[L] - y) * sigmoid_prime(z[L])",
    r"\delta^l = ((w^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l)": (
        "delta[l] = ((w[l+1]).T @ delta[l+1]) * sigmoid_prime(z[l])"
    ),
    r"\frac{\partial J}{\partial W^{[1]}} = dZ^{[1]} X^T": "dW1 = dZ1 @ X.T",
    r"\frac{\partial J}{\partial b^{[1]}} = 1": "db1 = 1",
    r"\frac{\partial \mathcal{J} }{ \partial W_2 } = 1": "dW2 = 1",
    r"\delta^L = \nabla_a C \odot \sigma'(z^L)": "delta[L] = da[L] * sigmoid_prime(z[L])",
    r"\nabla_{W^{[1]}} J = \nabla_{b_1}\mathcal{L}": "dW1 = db1",
    r"W_1 = W_1 - \alpha \nabla_{W_1} J": "W1 = W1 - alpha * dW1",
    r"\frac{\partial L}{\partial \mathbf{W}_1} = 1": "dW1 = 1",
    r"\dfrac{\partial\mathcal{L}}{\partial Z_2} = 1": "dZ2 = 1",
    r"\frac{dJ}{dW} = 1": "dW = 1",
    r"\frac{dL}{dW_1} = 1": "dW1 = 1",
    r"\frac{\mathrm{d} J}{\mathrm{d} b} = 1": "db = 1",
    r"\partial J/\partial W_1^T = 1": "dW1.T = 1",
    r"x = \left(\frac{\partial J}{\partial W_1}\right)^T": "x = (dW1).T",
    # losses
    r"J = -\frac{1}{n}\sum Y\odot\log A^{[2]}": "J = -1 / n * sum(Y * log(A2))",
    r"J = \frac{1}{2n} \sum (A-Y)^2": "J = 1 / (2 * n) * sum((A - Y)**2)",
    r"J = \frac{1}{2n} \|A - Y\|^2": "J = 1 / (2 * n) * norm(A - Y)**2",
    r"J = \frac12 \left\| A - Y \right\|_F^2": "J = 1 / 2 * norm(A - Y)**2",
    r"J = \frac{\lambda}{2} \big(\lVert W_1\rVert_{F}^{2} + \lVert W_2\rVert^2\big)": (
        "J = lam / 2 * (norm(W1)**2 + norm(W2)**2)"
    ),
    r"J = \frac{\lambda}{2n} |W|": "J = lam / (2 * n) * abs(W)",
    # letters
    r"$x = WX$": "x = W @ X",
    r"$x = dZA$": "x = dZ @ A",
    r"$x = nWX$": "x = n * W @ X",
    r"$x = W^TdZ$": "x = W.T @ dZ",
    r"dLdW2 = \frac{1}{n} dLdZ2 A1^T": "dLdW2 = 1 / n * dLdZ2 @ A1.T",
    r"dJdb^{[1]} = dLdZ_1 + dLdx1 W": "dJdb1 = dLdZ1 + dLdx1 @ W",
    r"x = e^{-Z^T} + e^{W X^T}": "x = exp(-Z.T) + exp(W @ X.T)",
    r"$x = 2X$": "x = 2 * X",
    r"$x = W1 X$": "x = W1 @ X",
    r"$x = X n Y$": "x = X * n @ Y",
    r"\alpha = \beta_1 + \theta^2": "alpha = beta1 + theta**2",
    r"x = \mathrm{lr} X": "x = lr * X",
    r"x = \mathbf{x} + \boldsymbol{\delta}^{[2]}": "x = x + delta2",
    r"\hat{\mathbf{y}} = \hat y_1": "yhat = yhat1",
    r"E_{\mathrm{out}} = \text{diff\_hid}": "E_out = diff_hid",
    r"x_{\mathrm{hid}} = ŷ ∘ σ(z)": "x_hid = yhat * sigmoid(z)",
    # functions
    r"A = \operatorname{ReLU}(Z)": "A = relu(Z)",
    r"A = \text{LeakyReLU}(Z) + \mathrm{GELU}(Z)": "A = leaky_relu(Z) + gelu(Z)",
    r"A = \operatorname*{softmax}(Z)": "A = softmax(Z)",
    r"A = \tanh^2 Z": "A = tanh(Z)**2",
    r"A = \tanh'(Z)": "A = tanh_prime(Z)",
    r"A = \tanh^{\prime}(Z)": "A = tanh_prime(Z)",
    r"A = \log\frac{1}{n}": "A = log(1 / n)",
    r"A = \log(A)^2": "A = log(A)**2",
    r"A = \sqrt2": "A = sqrt(2)",
    r"A = \sqrt{X^2}": "A = sqrt(X**2)",
    r"A = \exp\{-Z\}": "A = exp(-Z)",
    r"A = e^Z": "A = exp(Z)",
    r"A = \frac{e^{Z}}{\mathrm{sum}(e^Z, axis=0)}": "A = exp(Z) / sum(exp(Z), axis=0)",
    r"A = \text{maximum}(0, Z)": "A = maximum(0, Z)",
    r"dZ = dA \odot \mathbf{1}[Z > 0]": "dZ = dA * (Z > 0)",
    r"dZ = dA \odot \mathbb{I}(Z > 0)": "dZ = dA * (Z > 0)",
    r"dZ = dA \odot \mathbb{1}_{Z > 0}": "dZ = dA * (Z > 0)",
    # products
    r"x = 2 \cdot A": "x = 2 * A",
    r"x = \alpha \cdot \frac{\partial J}{\partial W}": "x = alpha * dW",
    r"x = A \ast B \odot X \circ Y": "x = A * B * X * Y",
    r"x = A \odot W X": "x = A * (W @ X)",
    r"x = W X \odot A": "x = W @ X * A",
    r"x = A \frac{1}{n} B": "x = A * (1 / n) @ B",
    r"x = \frac{a + b}{c + X}": "x = (a + b) / (c + X)",
    r"x = \frac{a}{b}^2": "x = (a / b)**2",
    r"x = {-a}^T": "x = (-a).T",
    r"x = W \log A + Y \log A^T": "x = W @ log(A) + Y @ log(A.T)",
    r"x = \frac1m Y \log A": "x = 1 / m * Y * log(A)",
    r"J = -\frac1m \sum Y \log A + (1-Y) \log(1-A)": (
        "J = -1 / m * sum(Y * log(A) + (1 - Y) * log(1 - A))"
    ),
    r"x = (1 - Y)(1 - A)": "x = (1 - Y) @ (1 - A)",
    r"x = W [A - Y]": "x = W @ (A - Y)",
    # statements
    r"\begin{align}": "",
    r"\end{align*}": "",
    r"\[": "",
    r"$$": "",
    r"  Z &= W X \\": "  Z = W @ X",
    r"\begin{aligned} Z &= W X, \\ A &= \tanh(Z). \end{aligned}": "Z = W @ X\nA = tanh(Z)",
    r"dZ &= dA \odot A \\ &= A - Y": "dZ = dA * A = A - Y",
    r"Z &= 1, \\[4pt] A &= 2 \nonumber": "Z = 1\nA = 2",
    r"\begin{equation} Z = 1. \label{one} \end{equation}": "Z = 1",
    r"Z = \{1\} \tag{3}": "Z = (1)",
    r"Z = A \qquad (3)": "Z = A",
    r"Z = 1. $": "Z = 1",
    r"Z = 2.\odot X": "Z = 2 * X",
    r"W = W - \alpha \text{ } dW \small": "W = W - alpha * dW",
    r"A = W{}X \hspace{1em}": "A = W @ X",
    r"b_1 = b_1 - \eta \sum \delta_1": "b1 = b1 - eta * sum(delta1, axis=1)",
    r"dZ = A - Y \quad \text{(of the output)} \\ A = 1": "dZ = A - Y\nA = 1",
    r"W := W - \alpha dW": "W = W - alpha * dW",
    r"W \leftarrow W - \eta\, dW": "W = W - eta * dW",
    r"Z = \alpha # \foo": "Z = alpha",
    r"Z = \alpha % \foo": "Z = alpha",
}

REFUSALS = {
    r"Z = \foo{3}": (5, r"got \foo"),
    r"Z = 1 + \bar": (9, r"of macro"),
    r"Z = \nabla J": (5, "write dW1 for the gradient by W1"),
    r"Z = \frac1m np.softplus(Z)": (13, "leave np. out: softplus(...)"),
    r"Z = \phi(X)": (5, "write g, or the name"),
    r"Z = X, \quad W = \alpha": (14, "one formula a line"),
    r"Z = X \text{ where it is} + Y": (7, "words at the end of a formula; got where it is"),
    r"\therefore Z = X": (1, "leave it out"),
    r"Z = X \bullet Y": (7, r"write \odot"),
    r"Z = \nabla_W J(W, b)": (14, "write J"),
    r"Z = (W X)^{[1]}": (10, "a layer above a name"),
    r"\delta^l_j = \alpha": (9, "one entry"),
    r"\alpha = w^l_{jk}": (15, "whole matrices"),
    r"Z = a \otimes b": (7, "outer"),
    r"Z = a + \cdots": (9, "every term"),
    r"Z = \input{a}": (5, r"\input"),
    r"Z = \def\x{1}": (5, r"\def"),
    r"\begin{cases} 1 \end{cases}": (1, "the environment cases"),
    r"\begin{bmatrix} 1": (18, "closed"),
    r"Z = \frac{1": (12, "closed"),
    r"Z = \alpha}": (11, "closed"),
    r"Z = \frac": (5, "closed"),
    r"Z = \mathbf\mathrm X": (12, r"\mathrm alone"),
    r"Z = {\alpha": (12, "closed"),
    r"Z = \alpha \ ".rstrip(): (12, "backslash at the end"),
    r"Z = \operatorname{foo}(X)": (5, r"write \mathrm{foo}"),
    r"Z = \sqrt[3]{x}": (5, r"\sqrt[...]"),
    r"Z = \mathcal{N}": (5, r"\mathcal"),
    r"Z = \mathbb{R}": (5, r"\mathbb"),
    r"Z = \hat{xy}": (10, r"\mathrm{xy}"),
    r"Z = \hat{X Y}": (5, "one letter"),
    r"Z = \alpha lr": (12, r"write \mathrm{lr}"),
    r"Z = \alpha ? 2": (12, "got ?"),
    r"Z = \alpha_{1,2}": (11, "whole matrices"),
    r"Z^{[1](i)} = 1": (4, "one layer number"),
    r"x^{(i)} = 1": (2, "one example"),
    r"dZ \cdot A^T = 1": (4, "two matrices"),
    r"dZ \times A^T = 1": (4, "two matrices"),
    r"Z = 1/2 \alpha": (9, "in two ways"),
    r"Z = \log 2 X": (5, "write log(2)"),
    r"Z = \log_2 X": (9, "log(...) / log(2)"),
    r"Z = \sum_i X": (5, "without limits"),
    r"Z = \sum_{k=0}^{K} X": (5, "without limits"),
    r"Z = \sum_{i=1}^n X Y": (5, "matrix product"),
    r"Z = \sum_{i=1}^n x^{(i)}": (19, "one example"),
    r"\frac{\partial A}{\partial Z} = 1": (16, "a derivative of J"),
    r"\frac{\partial^2 J}{\partial W^2} = 1": (15, "a derivative of J"),
    r"J(\theta) = 1": (1, "write J"),
    r"\alpha = J(W, b)": (10, "write J"),
    r"Z = \|W\|_2": (10, "Frobenius"),
    r"Z = W^{-1}": (6, "an inverse"),
    r"Z = \mathbf{1} X": (5, "ones(n, 1)"),
    r"Z = \mathbf{1}": (5, "ones(n, 1)"),
    r"J = \sum_k (A - Y)^2": (5, "got Σ_k; mend"),
    r"J = \sum_{k=1}^{n_2} (A_2 - Y)^2": (5, "got Σ_{k=1}^{n_2}; mend"),
    r"J = \sum_{i=1}^m \sum_{k=1}^{n_1} (A_2 - Y)^2": (5, "Σ_{i=1}^m Σ_{k=1}^{n_1}"),
    r"J = \sum_{i=1}^m \sum_{k=1}^{n_2} (Y - \hat{y})^2": (5, "sum(...) over everything"),
    r"J = \sum_{i=1}^m \sum_{k=1}^K W_1^2": (5, "sum(...) over everything"),
    r"J = \sum_{i=1}^m \sum_{i=1}^m Y": (5, "sum(...) over everything"),
    r"J = \sum_i \sum_j \sum_k W_1": (5, "sum(...) over everything"),
    r"J = \sum_l \sum_i W_l^2": (5, "sum(...) over everything"),
    r"J = \sum_{l=1}^{N} Z": (5, "sum(...) over everything"),
    r"dZ = \sum_i \sum_k A": (6, "sum(...) over everything"),
    r"A_2 = e^{Z_2} / \sum_i e^{Z_2}": (17, "sum(..., axis=1) over the examples"),
    r"db = \sum_{n=0}^{N} dZ": (6, "sum(..., axis=1) over the examples"),
    r"Z = W^10 + \alpha": (7, "braces around two digits"),
    r"Z = \left( 2": (13, "expected )"),
    r"Z^T' = \alpha": (4, "write ᵀ or .T"),
    r"& = \alpha": (3, "put it on the line before: a = b = c"),
    r"&= dA \odot A": (2, "put it on the line before: a = b = c"),
    r"dZ = dA \odot (1 - A^2)": (21, "write A2 or A^[2] for the layer, A**2 for the square"),
    r"Z = W^{l-1^T} \alpha": (13, "write W^{[l-1]T}"),
    r"Z = \alpha А": (12, "CYRILLIC"),
    "Z = \\alpha\u200b": (11, "ZERO WIDTH SPACE"),
    "Z = " + "{" * 60 + "1" + "}" * 60: (5 + DEPTH, "at most 50"),
    "Z = " + r"\alpha(" * 60 + "1" + ")" * 60: (355, "at most 50"),
    r"\alpha = " + "1 " * 2000: (2001, "2,000 characters"),
}


@pytest.mark.parametrize(("line", "text"), SPELLINGS.items())
def test_it_is_understood(line: str, text: str) -> None:
    assert plain(line).text == text


@pytest.mark.parametrize(("line", "column", "message"), [(k, *v) for k, v in REFUSALS.items()])
def test_it_is_refused_where_it_stands(line: str, column: int, message: str) -> None:
    with pytest.raises(NotationError) as caught:
        plain(line)
    assert message in str(caught.value)
    assert caught.value.column == column
    assert caught.value.mend


def test_the_tables_are_large_enough() -> None:
    assert len(SPELLINGS) >= 80
    assert len(REFUSALS) >= 40


@pytest.mark.parametrize("line", [*SPELLINGS][:8])
def test_marks_of_latex_are_known(line: str) -> None:
    assert is_latex(line)


@pytest.mark.parametrize(
    "line",
    [
        "dW1 = dZ1 @ X.T / n",
        "Z¹ = W¹ @ X",
        "W^[1] = σ(Z)",
        "x = 1  # \\alpha",
        "",
        "a_1 = 2",
    ],
)
def test_other_text_is_none(line: str) -> None:
    assert not is_latex(line)


def test_letters_in_a_row_are_taken_apart_or_refused() -> None:
    assert split("WX", 0) == ["W", "X"]
    assert split("dbX", 0) == ["db", "X"]
    assert split("W2dZ2", 0) == ["W2", "dZ2"]
    assert split("dLdZ2", 0) == ["dLdZ2"]
    assert split("dLdZ2A1", 0) == ["dLdZ2", "A1"]
    assert split("dLX", 0) == ["dL", "X"]
    assert split("sigmoid_prime", 0) == ["sigmoid_prime"]
    for word in ("ab", "wx", "Wab", "loss2x", "hidden"):
        with pytest.raises(NotationError, match="upright"):
            split(word, 3)


def test_columns_point_to_the_macros() -> None:
    line = r"dZ^{[1]} = \sigma'(Z^{[1]}) \odot A^{[1]}"
    read = plain(line)
    assert read.text == "dZ1 = sigmoid_prime(Z1) * A1"
    assert len(read.columns) == len(read.text) + 1
    for word, source in (("sigmoid_prime", r"\sigma"), ("Z1)", "Z^{[1]})"), ("* A1", r" \odot")):
        at = read.columns[read.text.index(word)]
        assert line[at:].startswith(source.strip())


def test_columns_go_on_after_a_new_line() -> None:
    line = r"Z &= 1 \\ A &= X"
    read = plain(line)
    assert read.text == "Z = 1\nA = X"
    assert [line[read.columns[read.text.index(name)]] for name in "ZAX"] == ["Z", "A", "X"]


MACROS = [
    "\\" + name
    for table in (macros.SIGNS, macros.GREEK, macros.WORDS, macros.FRACTIONS, macros.UPRIGHT)
    for name in table
]
MACROS += ["\\" + name for name in (*macros.FONTS, *macros.ONES, *macros.HATS, *macros.NOTHING)]
MACROS += [r"\sqrt", r"\foo", "\\\\", r"\begin{align}", r"\end{align}", r"\begin", r"\end", "\\"]
SIGNS = [
    *MACROS,
    *MACROS,
    *"{}{}{}^_^_$&%~()[]'=+-*/,.|#12 ",
    *["W", "X", "dZ", "n", "J", "dJ", "log", "ab", "½", "²", "σ"],
]


@settings(max_examples=600, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(SIGNS), max_size=40).map("".join)))
@example(r"\frac" * 300)
@example(r"\hat" * 300)
@example("x^{" * 49)
@example("a^{" * 40 + "b" + "}" * 40)
@example(r"\textrm\mathcal{L}")
@example(r"\\" * 900)
def test_there_is_an_answer_or_a_refusal_with_a_place(text: str) -> None:
    kept = True
    try:
        read = plain(text)
    except NotationError as refusal:
        columns = [refusal.column - 1]
    else:
        columns = [*read.columns]
        kept = len(columns) == len(read.text) + 1 and read.text.isascii()
    assert kept
    assert all(0 <= column <= len(text) for column in columns)


@pytest.mark.parametrize(
    "part", ["a ", r"\frac{1}{2}", "{}", "W_1", "-2^2 ", r"\\", r"\sum ", r"\|W\|", r"\log(", "x^{"]
)
def test_the_longest_line_takes_no_time(part: str) -> None:
    began = time.process_time()
    for length in (500, 2000):
        try:
            plain("x = " + (part * 2000)[: length - 4])
        except NotationError:
            continue
    assert time.process_time() - began < 1.0


def test_the_parser_is_imported_for_latex_alone() -> None:
    program = (
        "import sys; from gradoracle.derivation.reading import latex, notation;"
        "notation.plain('x = σ(Z)');"
        "assert not any(m.startswith('pylatexenc') for m in sys.modules);"
        "latex.plain('$x$'); assert any(m.startswith('pylatexenc') for m in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
