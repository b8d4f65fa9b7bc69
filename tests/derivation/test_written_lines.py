"""Lines as they stand in a file: joined over open brackets, in blocks of LaTeX, in one notation."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradoracle.cli import main
from gradoracle.derivation.check import check
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.reading.source import read
from gradoracle.derivation.reading.written_lines import JOINED, written_lines
from gradoracle.derivation.verdicts import Verdict

NETWORK = "network: sizes 3-4-1, activations tanh sigmoid, loss binary_cross_entropy\n"


def normal(text: str, *, markdown: bool = False) -> list[tuple[int, str]]:
    return [(line.number, line.normal) for line in read(text, markdown=markdown).lines]


# open brackets


def test_a_line_with_an_open_bracket_goes_on() -> None:
    text = """\
J = -1/n * sum(
      Y * log(A2)                # what is
    + (1 - Y) * log(1 - A2)      # (and what is not
)
dZ2 = (A2
       - Y)
for l in range(L,
               0, -1):
    dW[l] = dZ[l] @ A[l-1].T
"""
    assert normal(text) == [
        (1, "J = -1 / n * sum(Y * log(A2) + (1 - Y) * log(1 - A2))"),
        (5, "dZ2 = A2 - Y"),
        (9, "dW[l] = dZ[l] @ A[l-1].T"),
    ]
    assert read(text).lines[1].written == "dZ2 = (A2 - Y)"


def test_a_bracket_of_latex_goes_on_over_a_new_line() -> None:
    text = r"""
\[
J = -\frac{1}{m} \sum \left( Y \log A^{[2]} \\   % (
  & \quad + (1-Y) \log(1-A^{[2]}) \right)
\]
\begin{align}
Z &= W X \\[4pt]
A &= \tanh(Z)
\end{align}
"""
    assert normal(text) == [
        (3, "J = -1 / m * sum(Y * log(A2) + (1 - Y) * log(1 - A2))"),
        (7, "Z = W @ X"),
        (8, "A = tanh(Z)"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("J = sum(A2\n   + (1 - Y) § 2\n)", 2, 14),
        ("J = sum(A2\n   + foo(1 - Y)\n)", 2, 6),
        ("J = sum(A2 A1\n   + Y\n)ᵀ", 1, 12),
        ("J = sum(A2\n   + Y)\ndW2 = foo(X)", 3, 7),
        ("    J = sum(A2\n   + Y).foo", 1, 9),
        ("J = sum(A2\n   + Y) @ dZ2 A1ᵀ", 2, 15),
        ("J = sum(A2 # \x1b\n   + Y)", 1, 14),
        ("dZ2 = (A2 - Y\ndW2 = dZ2 @ A1.T", 1, 7),
        ("dZ2 = (A2 - Y\n\n)", 1, 7),
        ("dZ2 = (A2 - Y" + "\n + Y" * JOINED + ")", 1, 7),
    ],
)
def test_a_refusal_keeps_the_line_and_column_that_were_typed(
    text: str, line: int, column: int
) -> None:
    with pytest.raises(DerivationError) as refused:
        read(text)
    assert (refused.value.line, refused.value.column) == (line, column)


def test_no_line_of_the_header_goes_on() -> None:
    text = f"title: the first :(\n{NETWORK}dZ2 = A2 - Y\ndA2 = dZ2)\n"
    assert next(written_lines(text.splitlines())).text == "title: the first :("
    with pytest.raises(DerivationError, match="line 4"):
        read(text)


def test_no_block_of_markdown_goes_on_in_the_next() -> None:
    with pytest.raises(DerivationError, match="line 2, column 7"):
        read("```\ndZ2 = (A2\n```\n```\n- Y)\n```\n", markdown=True)


def test_the_caret_stands_where_it_was_typed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "joined.txt"
    path.write_text(f"{NETWORK}J = sum(A2\n    + foo(Y))\n", encoding="utf-8")
    assert main(["derive", str(path)]) == 2
    first, line, caret = capsys.readouterr().err.splitlines()
    assert "line 3, column 7" in first
    assert line[caret.index("^") :].startswith("foo")


# blocks of LaTeX

FORMULAS = """\
Z_1 = W_1 X + b_1
A_1 = g(Z_1)
dW_2 = dZ_2 A_1^T
dZ_1 = W_2^T dZ_2 * g'(Z_1)
% a comment, (
"""
AS_LATEX = ["Z1 = W1 @ X + b1", "A1 = g(Z1)", "dW2 = dZ2 @ A1.T"]
AS_LATEX += ["dZ1 = (W2.T @ dZ2) * g_prime(Z1)"]


@pytest.mark.parametrize("language", ["latex", "math", "LaTeX"])
def test_a_block_of_latex_is_read_as_latex_without_a_mark(language: str) -> None:
    found = normal(f"```{language}\n{FORMULAS}```\n", markdown=True)
    assert [text for _, text in found] == AS_LATEX


@pytest.mark.parametrize("language", ["", "derivation", "text"])
def test_another_block_is_not(language: str) -> None:
    with pytest.raises(DerivationError, match=r"line 2, column 11.*a sign between two factors"):
        read(f"```{language}\n{FORMULAS}```\n", markdown=True)


def test_what_is_plain_in_a_block_of_latex_stays_plain() -> None:
    lines = [
        "dW2 = dZ2 @ A1.T",
        "diff_hid = sum(A1**2, axis=1)",
        "W1 = W1 - rate * dW1",
        "x = where(A1 > 0, 1, 2)",
        "y = W2.T",
    ]
    text = "layout: columns\n" + "\n".join(lines) + "\nfor l in range(1, L):\n    b[l] = Z[l]\n"
    found = normal(f"```math\n{text}```\n", markdown=True)
    assert [text for _, text in found] == [*lines, "b[l] = Z[l]"]


def test_a_refusal_in_a_block_of_latex_is_that_of_latex() -> None:
    with pytest.raises(DerivationError, match="letters one by one") as refused:
        read("```latex\nx = W X + hidden Y\n```\n", markdown=True)
    assert (refused.value.line, refused.value.column) == (2, 11)


# one notation in a text


def test_a_text_that_sets_a_raised_layer_means_layers() -> None:
    text = "A¹ = tanh(Z1)\nyhat = A²\ndW³ = dZ³ @ (A²)ᵀ\ndZ1 = dA1 ∘ (1 − (A¹)²)\nx = A1²"
    assert [line for _, line in normal(text)] == [
        "A1 = tanh(Z1)",
        "yhat = A2",
        "dW3 = dZ3 @ A2.T",
        "dZ1 = dA1 * (1 - A1**2)",
        "x = A1**2",
    ]


@pytest.mark.parametrize(
    "first",
    [
        "Z^2 = X",
        r"Z^{2} &= \alpha",
        r"\begin{align} A^2 = \alpha",
        "$a^1 := X$",
        "z² ← X",
        "A^2 = g^2(Z^2)",
    ],
)
def test_it_is_seen_in_every_spelling(first: str) -> None:
    assert normal(f"{first}\nyhat = A²")[-1] == (2, "yhat = A2")


@pytest.mark.parametrize("first", ["A = X²", "dZ² = X", "A = X²ᵀ", "# A² = X", "W² = X", "b² = X"])
def test_else_a_two_above_may_be_the_square_and_is_refused(first: str) -> None:
    with pytest.raises(DerivationError, match="A², which can be either"):
        read(f"{first}\nyhat = A²")


def test_a_sum_over_the_examples_is_down_the_rows_where_they_are_rows() -> None:
    sums = "db = Σ dZ\nx = Σ_{i=1}^n dZ\n"
    assert {line[-7:] for _, line in normal(sums)} == {"axis=1)"}
    assert {line[-7:] for _, line in normal(f"layout: rows\n{sums}")} == {"axis=0)"}


# whole texts

SLIDES = r"""
Z^{[1]} = W^{[1]}X + b^{[1]}
A^{[1]} = g^{[1]}(Z^{[1]})
Z^{[2]} = W^{[2]}A^{[1]} + b^{[2]}
A^{[2]} = g^{[2]}(Z^{[2]}) = \sigma(Z^{[2]})
J = -\frac{1}{m}\sum Y \log A^{[2]} + (1-Y) \log(1-A^{[2]})
dZ^{[2]} = A^{[2]} - Y
dW^{[2]} = \frac{1}{m} dZ^{[2]} A^{[1]^T}
db^{[2]} = \frac{1}{m} \sum_{i=1}^m dZ^{[2]}
dZ^{[1]} = W^{[2]T} dZ^{[2]} * g^{[1]'}(Z^{[1]})
\partial J / \partial W^{[1]} = \frac{1}{m} dZ^{[1]} X^T
\frac{\partial \mathcal{J}}{\partial b^{[1]}} = \frac{1}{m} \sum dZ^{[1]}
"""
RAISED = """
Z¹ = W¹ @ X + b¹
A¹ = g¹(Z¹)
Z² = W² @ A¹ + b²
A² = g²(Z²)
J = −1/n Σ Y ∘ log A² + (1 − Y) ∘ log(1 − A²)
dZ² = (A² − Y)/n
dW² = dZ² @ (A¹)ᵀ
db² = Σ dZ²
dZ¹ = W²ᵀ @ dZ² ∘ (1 − (A¹)²)
"""
NIELSEN = r"""
network: layers L, activations sigmoid sigmoid, loss half_squared_error
means: z[l] = Z[l], a[l] = A[l], w[l] = W[l], delta[l] = dZ[l], E = J
for l in range(1, L+1):
    z^l = w^l a^{l-1} + b^l
    a^l = \sigma(z^l)
E = \frac{1}{2n} \sum (a^L - Y)^2
\nabla_a E = \frac{1}{n} (a^L - Y)
\delta^L = \nabla_a E \odot \sigma'(z^L)
for l in range(L-1, 0, -1):
    \delta^l = ((w^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l)
for l in range(1, L+1):
    \frac{\partial E}{\partial b^l} = \sum_{i=1}^n \delta^l
    \frac{\partial E}{\partial w^l} = \delta^l (a^{l-1})^T
"""


@pytest.mark.parametrize("text", [NETWORK + SLIDES, NETWORK + RAISED, NIELSEN])
def test_a_right_text_as_it_is_printed_is_right(text: str) -> None:
    lines = check(text).lines
    assert len(lines) >= 8
    assert {line.verdict for line in lines} == {Verdict.RIGHT}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (r"A^{[2]} = g^{[2]}(Z^{[2]}) =", "A^{[2]} = g^{[1]}(Z^{[2]}) ="),
        (r"* g^{[1]'}(Z^{[1]})", r"* g^{[2]'}(Z^{[1]})"),
        (r"\sum Y \log A^{[2]} + (1-Y)", r"\sum Y \log A^{[2]} - (1-Y)"),
        (r"\frac{1}{m} \sum dZ^{[1]}", r"\sum dZ^{[1]}"),
    ],
)
def test_an_error_in_it_is_seen(right: str, wrong: str) -> None:
    assert right in SLIDES
    line = SLIDES[: SLIDES.index(right)].count("\n") + 2
    found = check(NETWORK + SLIDES.replace(right, wrong)).first
    assert found is not None
    assert found.line.number == line
    assert found.verdict.is_wrong


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("g²(Z²)", "g¹(Z²)"), ("(1 − (A¹)²)", "(1 − A¹)"), ("(A² − Y)", "(A¹ − Y)")],
)
def test_an_error_in_raised_layers_is_seen(right: str, wrong: str) -> None:
    assert right in RAISED
    assert not check(NETWORK + RAISED.replace(right, wrong)).ok


PDF = """network: sizes 3‐4‑1, activations tanh sigmoid, loss binary_cross_entropy

𝑍₁ = 𝑊₁ @ 𝑋 + 𝑏₁
𝐴₁ = tanh(𝑍₁)
𝑍₂ = 𝑊₂ @ 𝐴₁ + 𝑏₂
𝐴₂ = 𝜎(𝑍₂)
𝜕𝐿/𝜕𝑍₂ = (𝐴₂ ‒ 𝑌) ⁄ 𝑛
∂L/∂W₂ = ∂L/∂Z₂ @ A₁⊺
∂L/∂b₂ = Σᵢ ∂L/∂Z₂
"""


@pytest.mark.parametrize("dash", ["-", "‐", "‑", "‒", "–", "−"])
def test_a_text_copied_from_a_pdf_is_read(dash: str) -> None:
    found = check(PDF.replace("3‐4‑1", f"3{dash}4{dash}1"))
    assert found.ok
    assert [line.line.normal for line in found.lines][-2:] == [
        "dW2 = dZ2 @ A1.T",
        "db2 = sum(dZ2, axis=1)",
    ]
    assert not check(PDF.replace("𝐴₂ ‒ 𝑌", "𝐴₂ ‒ 𝟐𝑌")).ok


def test_a_sum_over_everything_is_the_J_of_the_text() -> None:
    network = "network: sizes 3-4-2, activations tanh sigmoid, loss squared_error\n"
    J = "J = \\frac{1}{m} \\sum_{i=1}^m \\sum_{k=1}^{n_2} (A_2 - Y)^2\n"
    assert check(network + J).ok
    assert not check(network + J.replace(r"\sum_{k=1}^{n_2}", "")).ok  # a number for each output
    assert not check(network + J.replace("(A_2 - Y)^2", "(A_2 - Y)^3")).ok


# what of Markdown is not read

NOTE = f"""Text
$$
dZ_2 = A_2 - Y
$$
```
{NETWORK}dZ2 = A2 - Y
```
$$ dW_2 = dZ_2 A_1^T $$ and $$ n > 2 $$, then $$
J = 2 $$
```python
import numpy
dW2 = dZ2 @ A1.T / m
```
~~~console
$ A=2 gradoracle
~~~
```json
{{"a": 2}}
```
"""


def test_formulas_that_are_not_read_are_noted() -> None:
    note = "not read: $$ in line 2, $$ in line 9, a python fence in line 11"
    assert note in check(NOTE, markdown=True).notes
    assert "\n" not in "".join(check(NOTE, markdown=True).notes)


def test_where_all_is_read_there_is_no_note() -> None:
    quiet = f"$$ n > 2 $$ and $$\n```\n{NETWORK}dZ2 = A2 - Y\n$$ dZ2 = A2 - Y $$\n```\n"
    for text in (quiet, NOTE):
        markdown = text is quiet
        notes = check(text if markdown else f"{NETWORK}dZ2 = A2 - Y", markdown=markdown).notes
        assert not any("not read" in note for note in notes)


def test_a_fence_named_tex_is_one_of_latex() -> None:
    text = f"```text\n{NETWORK}```\n```tex\nZ_1 = W_1 X + b_1\n```\n"
    assert [line.line.normal for line in check(text, markdown=True).lines] == ["Z1 = W1 @ X + b1"]


# files


def test_a_file_that_is_no_utf_8_is_refused_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "latin.txt"
    path.write_bytes(NETWORK.encode() + b"# f\xfcr\n")
    assert main(["derive", str(path)]) == 2
    said = capsys.readouterr().err
    assert "expected UTF-8; got byte 0xfc in line 2" in said
    assert said.count("expected") == said.count("mend:") == 1
