"""What a formula may hold, what it is read into, and its one normal form."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.reading import source, syntax, vocabulary
from gradoracle.derivation.reading.syntax import (
    Binary,
    Call,
    Minus,
    Name,
    Node,
    Number,
    Transpose,
    constant,
    names,
    parts,
    read,
    show,
)

SAME = [
    # (written, normal form)
    ("W1@X+b1", "W1 @ X + b1"),
    ("(W2.T @ dZ2) * A1 * (1 - A1)", "(W2.T @ dZ2) * A1 * (1 - A1)"),
    ("((W2.T) @ (dZ2))*((A1)*(1-A1))", "(W2.T @ dZ2) * (A1 * (1 - A1))"),
    ("dZ2@A1.T/n", "dZ2 @ A1.T / n"),
    ("dZ2@(A1.T/n)", "dZ2 @ (A1.T / n)"),
    ("(dZ2@A1.T)/n", "dZ2 @ A1.T / n"),
    ("1/n*dZ2@A1.T", "(1 / n * dZ2) @ A1.T"),
    ("-(Y/A2)+(1-Y)/(1-A2)", "-(Y / A2) + (1 - Y) / (1 - A2)"),
    ("-Y/A2", "-Y / A2"),
    ("a-(b-c)", "a - (b - c)"),
    ("(a-b)-c", "a - b - c"),
    ("a/(b/c)", "a / (b / c)"),
    ("a/b/c", "a / b / c"),
    ("(-a)**2", "(-a)**2"),
    ("-a**2", "-a**2"),
    ("(a*b)**2", "(a * b)**2"),
    ("a**2*b", "a**2 * b"),
    ("(a**2)**2", "(a**2)**2"),
    ("a**-1", "a**(-1)"),
    ("a**(1/2)", "a**(1 / 2)"),
    ("+a", "a"),
    ("--a", "--a"),
    ("(a+b).T", "(a + b).T"),
    ("a.T.T", "a.T.T"),
    ("(-a).T", "(-a).T"),
    ("(Z1>0)*dA1", "(Z1 > 0) * dA1"),
    ("(a>b)==(c<=d)", "(a > b) == (c <= d)"),
    ("sum(dZ2,axis=1,keepdims=True)", "sum(dZ2, axis=1)"),
    ("sum(dZ2,1)", "sum(dZ2, axis=1)"),
    ("sum(dZ2,axis=-1)", "sum(dZ2, axis=1)"),
    ("mean(dZ2,axis=-2)", "mean(dZ2, axis=0)"),
    ("σ(Z1)".replace("σ", "sigmoid"), "sigmoid(Z1)"),
    ("ln(A2)", "log(A2)"),
    ("max(Z1,0)", "maximum(Z1, 0)"),
    ("ones((n,1))", "ones(n, 1)"),
    ("W[1]", "W1"),
    ("W_1", "W1"),
    ("dZ[ 2 ]", "dZ2"),
    ("W[l - 1]", "W[l-1]"),
    ("A[2*l+1]", "A[2*l+1]"),
    ("W[-1]", "W[-1]"),
    ("0.5*X", "0.5 * X"),
    (".5*X", "0.5 * X"),
    ("1e-3", "0.001"),
    ("2.0", "2"),
    ("1e3", "1000"),
    ("1 / 3 * X", "1 / 3 * X"),
]


@pytest.mark.parametrize(("written", "normal"), SAME)
def test_the_normal_form(written: str, normal: str) -> None:
    assert show(read(written)) == normal
    assert show(read(normal)) == normal


def bare(node: Node) -> object:
    """Return a formula without its columns."""
    match node:
        case Number():
            return node.value
        case Name():
            return node.base, node.index and bare(node.index)
        case Binary():
            return bare(node.left), node.operator, bare(node.right)
        case Call():
            return node.function, node.axis, tuple(bare(a) for a in node.arguments)
    return type(node), tuple(bare(child) for child in syntax.children(node))


def drawn(rng: random.Random, depth: int) -> Node:
    """Draw a formula."""
    if depth == 0 or rng.random() < 0.15:
        leaf = rng.randrange(3)
        if leaf == 0:
            return Number(0, Fraction(rng.randrange(100), rng.choice((1, 2, 8, 10))))
        index = Binary(0, rng.choice("+-*"), Name(0, "l"), Number(0, Fraction(rng.randrange(3))))
        return Name(0, rng.choice(("X", "lam", "foo_1"))) if leaf == 1 else Name(0, "dW", index)
    below = [drawn(rng, depth - 1) for _ in range(3)]
    match rng.randrange(5):
        case 0:
            return Minus(0, below[0])
        case 1:
            return Transpose(0, below[0])
        case 2:
            name = rng.choice(sorted(vocabulary.FUNCTIONS))
            least, _, axis = vocabulary.FUNCTIONS[name]
            return Call(0, name, tuple(below[:least]), rng.choice((0, 1, None)) if axis else None)
        case 3:
            return Binary(0, "**", below[0], Number(0, Fraction(rng.randrange(9))))
    return Binary(0, rng.choice(sorted(set(vocabulary.OPERATORS.values()))), below[0], below[1])


def test_a_normal_form_is_read_as_what_it_shows() -> None:
    rng = random.Random(7)  # noqa: S311, no secret
    deepest = 0
    for _ in range(2_000):
        node = drawn(rng, rng.randrange(1, 6))
        deepest = max(deepest, sum(1 for _ in parts(node)))
        assert bare(read(show(node))) == bare(normalised(node)), show(node)
    assert deepest > 30


def normalised(node: Node) -> Node:
    """Return what a formula is read as: fractions are written as quotients."""
    match node:
        case Number() if node.value.denominator != 1 and "/" in show(node):
            return Binary(
                0,
                "/",
                Number(0, Fraction(node.value.numerator)),
                Number(0, Fraction(node.value.denominator)),
            )
        case Minus():
            return Minus(0, normalised(node.operand))
        case Transpose():
            return Transpose(0, normalised(node.operand))
        case Binary():
            return Binary(0, node.operator, normalised(node.left), normalised(node.right))
        case Call():
            return Call(0, node.function, tuple(map(normalised, node.arguments)), node.axis)
    return node


def test_precedence_is_that_of_python() -> None:
    for text, meant in (
        ("a + b * c", "a + (b * c)"),
        ("a @ b * c", "(a @ b) * c"),
        ("a * b @ c", "(a * b) @ c"),
        ("-a * b", "(-a) * b"),
        ("-a**2", "-(a**2)"),
        ("a - b > c", "(a - b) > c"),
        ("a.T @ b", "(a.T) @ b"),
    ):
        assert bare(read(text)) == bare(read(meant)), text
    assert bare(read("a - b - c")) != bare(read("a - (b - c)"))


def test_every_function_and_alias_can_be_called() -> None:
    for name, (least, most, axis) in vocabulary.FUNCTIONS.items():
        for count in range(least, least + 1 if axis else most + 1):
            node = read(f"{name}({', '.join(['X'] * count)})")
            assert isinstance(node, Call)
            assert node.function == name
    for alias, name in vocabulary.ALIASES.items():
        assert name in vocabulary.FUNCTIONS
        assert alias not in vocabulary.FUNCTIONS


def test_every_number_is_exact() -> None:
    for text, value in (("0.1", Fraction(1, 10)), ("1e-3", Fraction(1, 1000)), ("1e40", 10**40)):
        node = read(text)
        assert isinstance(node, Number)
        assert node.value == value
    assert constant(read("-1/3")) == Fraction(-1, 3)
    assert constant(read("1/0")) is None
    assert constant(read("n/2")) is None


def test_names_and_their_layers() -> None:
    assert [n.base for n in names(read("W[l] @ A[l-1] + b[l] * lam + exp(q)"))] == [
        "W",
        "A",
        "b",
        "lam",
        "q",
    ]
    assert read("dW12") == Name(0, "dW", Number(0, Fraction(12)))
    assert read("dX") == Name(0, "dX")
    assert read("foo1") == Name(0, "foo1")
    assert read("n2") == Name(0, "n", Number(0, Fraction(2)))


def test_columns_are_those_of_the_text() -> None:
    node = read("   a + foo(b)".replace("foo", "exp"))
    assert isinstance(node, Binary)
    assert (node.at, node.right.at) == (3, 7)
    with pytest.raises(DerivationError) as raised:
        read("   a + foo(b)")
    assert raised.value.column == 8


# --- lines

NETWORK = "network: layers L, activations relu relu\n"


def lines(text: str) -> list[str]:
    header = "network: sizes 3-5-1, activations relu relu, loss squared_error\n"
    return [line.normal for line in source.read(header + text).lines]


def test_augmented_lines_and_sides() -> None:
    assert lines("dW2 /= n") == ["dW2 = dW2 / n"]
    assert lines("dW2 @= X") == ["dW2 = dW2 @ X"]
    assert lines("b -= alpha * db") == ["b = b - alpha * db"]
    assert lines("b -= a - c") == ["b = b - (a - c)"]
    assert lines("b *= a + c") == ["b = b * (a + c)"]
    assert lines("dZ2 = dA2 * g(Z2) = A2 - Y") == ["dZ2 = dA2 * g(Z2)", "dZ2 = A2 - Y"]
    assert lines("a = (b == c)") == ["a = b == c"]
    assert lines("a = b <= c") == ["a = b <= c"]


def test_lines_in_loops_and_after_them() -> None:
    text = (
        "for l in range(L, 0, -1):\n    a = X\n\n    # nothing\n    b = X\nc = X\n"
        "for k in range(L):\n\td = X\n\te = X\n    \nf = X\n"
    )
    read_lines = source.read(NETWORK + text).lines
    assert [line.loop.name if line.loop else "" for line in read_lines] == [
        "l",
        "l",
        "",
        "k",
        "k",
        "",
    ]
    assert [line.number for line in read_lines] == [3, 6, 7, 9, 10, 12]


def test_an_indented_text_ends_its_loop() -> None:
    """The whole of it stands four spaces in, as in an issue or a docstring."""
    text = NETWORK + "for l in range(L):\n    a = X\nb = X\n"
    text = "".join(f"    {line}\n" for line in text.splitlines())
    assert [line.loop is not None for line in source.read(text).lines] == [True, False]


def test_two_loops_of_an_indented_text() -> None:
    text = NETWORK + "  for l in range(L):\n    a = X\n" * 2
    assert [line.loop.number for line in source.read(text).lines if line.loop] == [2, 4]


def test_a_loop_on_paper_is_a_loop() -> None:
    found = source.read(
        "network: layers L, activations relu relu\nfor l in range(L−1, 0, −1):\n    a = X\n"
    )
    assert found.lines[0].loop is not None
    assert [show(bound) for bound in found.lines[0].loop.bounds] == ["L - 1", "0", "-1"]


def test_markdown_reads_the_fences_that_count() -> None:
    text = f"intro = 1\n```\n{NETWORK}a = X\n```\n```python\nb = X\n```\n~~~ text\nc = X\n~~~\n"
    found = source.read(text, markdown=True)
    assert [(line.number, line.normal) for line in found.lines] == [(4, "a = X"), (10, "c = X")]
