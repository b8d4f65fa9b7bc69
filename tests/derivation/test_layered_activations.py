"""``g[l]`` is the activation of layer l, and where in a loop a line is wrong is told for any L."""

from __future__ import annotations

import pytest

from gradoracle.derivation.check import check
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.reading import syntax
from gradoracle.derivation.verdicts import Verdict

FREE = """
network: layers L, activations relu sigmoid, loss binary_cross_entropy
for l in range(1, L + 1):
    Z[l] = W[l] @ A[l-1] + b[l]
    A[l] = g[l](Z[l])
dZ[L] = A[L] - Y
for l in range(L, 1, -1):
    dW[l] = dZ[l] @ A[l-1].T / n
    db[l] = sum(dZ[l], axis=1) / n
    dZ[l-1] = (W[l].T @ dZ[l]) * g_prime[l-1](Z[l-1])
dW1 = dZ1 @ X.T / n
"""
THREE = """
network: layers 3, activations tanh relu softmax, loss cross_entropy
Z1 = W1 @ X + b1
A1 = g1(Z1)
Z2 = W2 @ A1 + b2
A2 = g[2](Z2)
Z3 = W3 @ A2 + b3
A3 = g_3(Z3)
dZ3 = A3 - Y
dZ2 = (W3.T @ dZ3) * g2_prime(Z2)
dZ1 = (W2.T @ dZ2) * g_prime[1](Z1)
"""


@pytest.mark.parametrize("text", [FREE, THREE])
def test_every_layer_has_its_own(text: str) -> None:
    checked = check(text)
    assert checked.ok, checked.first


@pytest.mark.parametrize(
    ("text", "old", "new", "number"),
    [
        (FREE, "g_prime[l-1]", "g_prime[l]", 10),
        (FREE, "A[l] = g[l]", "A[l] = g[1]", 5),
        (THREE, "g1(Z1)", "g2(Z1)", 4),
        (THREE, "g2_prime(Z2)", "g1_prime(Z2)", 10),
    ],
)
def test_that_of_another_layer_is_wrong(text: str, old: str, new: str, number: int) -> None:
    checked = check(text.replace(old, new))
    assert checked.first is not None
    assert checked.first.line.number == number
    assert checked.first.verdict is Verdict.WRONG


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("g4(Z3)", "the network has the layers 1 to 3, and no g4"),
        ("g0(Z3)", "the network has the layers 1 to 3, and no g0"),
        ("g3_prime(Z3)", "softmax has a full Jacobian: g3_prime(Z)"),
        ("g(Z3)", "g needs one activation for all hidden layers in the header"),
    ],
)
def test_a_layer_that_is_not_there_is_told(new: str, why: str) -> None:
    checked = check(THREE.replace("g_3(Z3)", new))
    assert checked.first is not None
    assert checked.first.verdict is Verdict.UNDEFINED
    assert checked.first.detail.startswith(why)


def test_a_layer_is_made_of_what_counts() -> None:
    with pytest.raises(DerivationError, match="an index made of numbers, L and the loop's name"):
        check(THREE.replace("g_3(Z3)", "g[k](Z3)"))
    with pytest.raises(DerivationError, match=r"only g has a layer.*tanh\(\.\.\.\)"):
        check(THREE.replace("g_3(Z3)", "tanh[3](Z3)"))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("g[l](Z[l])", "g[l](Z[l])"),
        ("g[2](Z2)", "g2(Z2)"),
        ("g_2(Z2)", "g2(Z2)"),
        ("g_prime[l-1](Z[l-1])", "g_prime[l-1](Z[l-1])"),
        ("g_prime[2](Z2)", "g2_prime(Z2)"),
    ],
)
def test_the_normal_form_is_read_again(written: str, shown: str) -> None:
    node = syntax.read(written)
    assert syntax.show(node) == shown
    assert syntax.show(syntax.read(shown)) == shown


def test_g_is_not_taken_for_the_activation_of_the_output() -> None:
    checked = check(FREE.replace("A[l] = g[l]", "A[l] = g"))
    assert checked.first is not None
    assert checked.first.rounds == ("l = L",)
    assert checked.first.detail.startswith("g is relu, of the hidden layers; the output has sigm")


@pytest.mark.parametrize(
    ("old", "new", "rounds"),
    [
        ("A[l-1].T / n", "A[l-1].T / n**2", ("every l",)),
        ("A[l] = g[l]", "A[l] = sigmoid", ("l < L",)),
        ("sum(dZ[l], axis=1) / n", "sum(dZ[L], axis=1) / n", ("l < L",)),
    ],
)
def test_where_in_a_loop_is_told_for_any_depth(old: str, new: str, rounds: tuple[str, ...]) -> None:
    checked = check(FREE.replace(old, new))
    assert checked.first is not None
    assert checked.first.rounds == rounds
