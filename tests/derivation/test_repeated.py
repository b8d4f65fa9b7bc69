"""Loops that repeat a whole pass: one round of them is the derivation."""

from __future__ import annotations

import pytest
from judged_texts import ANY_L, NLAYER, ORDER, RIGHT, UNDECIDED, judged, text_of

from gradoracle.derivation.check import check
from gradoracle.derivation.limits import DerivationError

HEADER = ANY_L.format("tanh")


def repeated(text: str, loop: str = "for epoch in range(1000):") -> str:
    """Return a text whose formulas stand in a loop."""
    header, *lines = text.strip().splitlines()
    return "\n".join([header, loop, *(f"    {line}" for line in lines)]) + "\n"


@pytest.mark.parametrize(
    "loop",
    [
        "for epoch in range(1000):",
        "for i in range(num_iterations):  # training",
        "for _ in range(1, n_epochs + 1):",
        "for time in range(99999999999):",
    ],
)
def test_one_round_of_a_loop_that_only_repeats_is_judged(loop: str) -> None:
    checked = judged(repeated(HEADER + NLAYER, loop))
    assert checked.ok
    assert len(checked.lines) == 14
    assert checked.lines[0].line.number == 4
    name = loop.split()[1]
    assert f"line 2 repeats what stands below it: one round of {name} is judged" in checked.notes


def test_an_error_in_it_is_found_on_its_line() -> None:
    wrong = NLAYER.replace("W[l] - alpha", "W[l] + alpha")
    first = judged(repeated(HEADER + wrong)).first
    assert first is not None
    assert first.line.written == "W[l] = W[l] + alpha * dW[l]"
    assert first.line.number == 18


def test_an_update_before_its_use_is_out_of_order_in_it_too() -> None:
    text = """network: layers 2, activations sigmoid sigmoid, loss binary_cross_entropy
dZ2 = A2 - Y
dW2 = dZ2 @ A1.T / n
W2 = W2 - alpha * dW2
dA1 = W2.T @ dZ2
"""
    assert [line.verdict for line in judged(repeated(text)).lines] == [RIGHT, RIGHT, RIGHT, ORDER]


def test_batches_within_epochs_are_repeated_too_but_nothing_within_a_loop_over_layers() -> None:
    batches = repeated(repeated(HEADER + NLAYER, "for batch in range(n_batches):"))
    assert judged(batches).ok
    assert sum("repeats" in note for note in judged(batches).notes) == 2
    inside = f"{HEADER}\nfor l in range(1, L):\n    for k in range(9):\n        Z[l] = X\n"
    with pytest.raises(DerivationError, match="a loop in a loop"):
        check(inside)


def test_lines_after_it_are_read_too() -> None:
    text = repeated(text_of({})) + "A2 = sigmoid(Z1)\n"
    assert judged(text).first is not None


def test_a_loop_whose_name_stands_in_it_is_one_over_layers() -> None:
    loop = "\nfor {0} in range(1, L + 1):\n    Z[{0}] = W[{0}] @ A[{0}-1] + b[{0}]\n"
    several = [judged(HEADER + loop.format(name)) for name in ("k", "i")]
    for checked in several:
        assert [(line.verdict, line.networks) for line in checked.lines] == [(RIGHT, 3)]
        assert not any("repeats" in note for note in checked.notes)


@pytest.mark.parametrize(
    "loop",
    [
        "for l in range(1000):",
        "for n in range(1000):",
        "for W1 in range(1000):",
        "for max in range(1000):",
        "for __x__ in range(1000):",
        "for epoch in range(10**9):",
        "for epoch in range(f(x)):",
        "for epoch in epochs:",
    ],
)
def test_a_name_that_means_something_or_other_bounds_are_refused(loop: str) -> None:
    with pytest.raises(DerivationError) as error:
        check(repeated(HEADER + "\nA1 = tanh(Z1)\n", loop))
    assert error.value.line in (2, 3)


@pytest.mark.parametrize(
    "loop",
    [
        "for each epoch:",
        "while not converged:",
        "while True:",
        "repeat until convergence {",
        "for epoch = 1 to 100 do",
        "for step in range(10): W1 = W1 - alpha * dW1",
    ],
)
def test_other_words_for_it_are_refused_with_the_mend(loop: str) -> None:
    with pytest.raises(DerivationError) as error:
        check(repeated(HEADER + NLAYER, loop))
    assert (error.value.line, error.value.column) == (2, 1)
    assert error.value.mend == "leave the line out: one round of what repeats is judged"


def test_an_empty_one_is_refused() -> None:
    with pytest.raises(DerivationError, match="indented line under the loop"):
        check(f"{HEADER}\nfor epoch in range(9):\nZ1 = W1 @ X + b1\n")


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        ("s = 0 * W2\nfor i in range(3):\n    s = s + dZ2 @ A1.T / n\ndW2 = s\n", "s"),
        ("q = 1\nfor i in range(2):\n    q = q / n\ndb2 = q * sum(dZ2, axis=1)\n", "q"),
        ("for k in range(2):\n    dZ2 = dZ2 * 2\n", "dZ2"),
        ("p = 1\nq = 2\nfor i in range(5):\n    r = q\n    q = p\n    p = r\n", "q"),
    ],
)
def test_a_loop_that_hands_something_on_is_refused(lines: str, key: str) -> None:
    text = "network: layers 2, activations tanh sigmoid, loss binary_cross_entropy\ndZ2 = A2 - Y\n"
    with pytest.raises(DerivationError, match=f"{key}, which each round of . hands to the next"):
        check(text + lines)


def test_a_loop_of_no_round_never_runs() -> None:
    text = "network: layers 2, activations tanh sigmoid, loss binary_cross_entropy\n"
    found = judged(f"{text}dZ2 = A2 - Y\nfor i in range(0):\n    dW2 = dZ2 @ A1.T / n\n")
    assert found.lines[1].verdict is UNDECIDED


def test_a_loop_that_reads_what_its_updates_change_is_refused() -> None:
    text = "network: layers 2, activations tanh sigmoid, loss binary_cross_entropy\nA1 = tanh(Z1)\n"
    text += "A2 = sigmoid(W2 @ A1 + b2)\ndZ2 = A2 - Y\ndW2 = dZ2 @ A1.T / n\n"
    stale = "for t in range(100):\n    W2 = W2 - alpha * dW2\n"
    with pytest.raises(
        DerivationError, match="dW2, which changes with what each round of t updates"
    ):
        check(text + stale)


def test_a_rate_may_be_handed_on() -> None:
    text = "network: layers 2, activations tanh sigmoid, loss binary_cross_entropy\nlr = 0.1\n"
    loop = "for t in range(9):\n    dW2 = (A2 - Y) @ A1.T / n\n    W2 = W2 - lr * dW2\n"
    assert judged(text + loop + "    lr = 0.9 * lr\n").ok
