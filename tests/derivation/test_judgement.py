"""The other verdicts: what cancels, comes too early, hides behind a shape or is not decided."""

from __future__ import annotations

import pytest
from judged_texts import (
    ANY_L,
    BASE,
    CANCELS,
    DEFINITION,
    FED,
    HEADER,
    HELPER,
    NLAYER,
    NO_LOSS,
    ORDER,
    RIGHT,
    SHAPES,
    TWO,
    UNDECIDED,
    UNDEFINED,
    WRONG,
    by_key,
    judged,
    text_of,
    verdicts,
)

from gradoracle.derivation.judging import gathering, judgement
from gradoracle.derivation.truth.true_values import Truth


def test_two_errors_that_cancel() -> None:
    """dA2 is without A (1 - A), and the derivative of the output left out: dZ2 is right."""
    text = HEADER + "dA2 = (A2 - Y) / n\ndZ2 = dA2\ndW2 = dZ2 @ A1.T\n"
    found = by_key(judged(text))
    assert [found[key].verdict for key in ("dA2", "dZ2", "dW2")] == [WRONG, CANCELS, RIGHT]
    assert "two errors cancel" in found["dZ2"].detail


def test_a_factor_that_is_forgotten_and_made_up_for() -> None:
    text = HEADER + "dZ2 = A2 - Y\ndW2 = dZ2 @ A1.T / n\ndb2 = sum(dZ2, axis=1)\n"
    assert verdicts(text) == [WRONG, CANCELS, FED]


def test_an_update_before_its_use() -> None:
    lines = dict(BASE)
    late = {key: lines.pop(key) for key in ("dA1", "dZ1", "dW1", "db1", "dX", "W1", "b1")}
    text = HEADER + "".join(f"{key} = {formula}\n" for key, formula in (lines | late).items())
    found = by_key(judged(text))
    assert found["dA1"].verdict == ORDER
    assert "W2 (line" in found["dA1"].detail
    assert [found[key].verdict for key in ("dZ1", "dW1", "db1", "dX", "W1", "b1")] == [FED] * 6
    assert found["W2"].verdict == RIGHT


def test_an_update_that_is_made_twice() -> None:
    assert verdicts(text_of({}) + "W1 = W1 - alpha * dW1\n")[-1] == ORDER


def test_an_update_in_a_text_that_leaves_the_division_out() -> None:
    text = TWO + "convention: undivided\ndZ2 = A2 - Y\ndW2 = dZ2 @ A1.T\nW2 = W2 - alpha * dW2"
    assert verdicts(text + "\n") == [RIGHT] * 3
    assert verdicts(text + " / n\n") == [RIGHT] * 3
    for wrong in (" * n", " / n**2", " / n2"):
        assert verdicts(text + wrong + "\n") == [RIGHT, RIGHT, WRONG]
    plain = text.replace("undivided", "plain").replace("A2 - Y", "(A2 - Y) / n")
    assert verdicts(plain + " / n\n") == [RIGHT, RIGHT, WRONG]


def test_a_rate_that_is_not_given() -> None:
    found = judged(text_of({"W1": "W1 - speed * dW1"})).wrong
    assert [(line.key, line.verdict) for line in found] == [("W1", UNDEFINED)]
    for rate in ("lr", "rate", "learning_rate", "eta"):
        assert judged(text_of({"W1": f"W1 - {rate} * dW1"})).ok
        assert not judged(text_of({"W1": f"W1 - n1 * {rate} * dW1"})).ok


def test_a_rate_of_the_text_s_own() -> None:
    own = text_of({"W1": "W1 - lr * dW1"}) + "\n"
    assert judged(own.replace("Z1 =", "lr = alpha / 2\nZ1 =", 1)).ok


def test_names_that_are_not_defined() -> None:
    for line, words in (
        ("dW2 = dZ2 @ A1.T", "dZ2 is never defined; right for the true dZ2"),
        ("dW2 = dZ2 @ Z1.T", "dZ2 is never defined"),
        ("dW2 = q", "q is never defined"),
        ("dW2 = W2 @ A[L+1]", "the network has the layers 1 to 2, and no A3"),
        ("dZ3 = A2", "the network has the layers 1 to 2, and no dZ3"),
        ("W0 = A2", "the network has the layers 1 to 2, and no W0"),
        ("Z[-1] = A2", "the network has the layers 1 to 2, and no Z-1"),
        ("foo = dX", "dX is never defined"),
    ):
        found = judged(TWO + line + "\n").lines[0]
        assert (found.verdict, found.detail) == (UNDEFINED, words)
    found = judged(TWO + "dW2 = dZ2 @ A1.T\ndZ2 = (A2 - Y) / n\n").lines[0]
    assert found.detail == "dZ2 is used before line 3 sets it; right for the true dZ2"


def test_g_without_one_hidden_activation() -> None:
    header = "network: layers 3, activations {}, loss squared_error\n"
    for curves, line, words in (
        ("relu tanh sigmoid", "A1 = g(Z1)", "g needs one activation"),
        ("relu tanh sigmoid", "Z1 = g_prime(Z2)", "g_prime needs one activation"),
        ("softmax softmax sigmoid", "dZ1 = g_prime(Z1)", "softmax has a full Jacobian"),
    ):
        found = judged(header.format(curves) + line + "\n").lines[0]
        assert found.verdict == UNDEFINED
        assert found.detail.startswith(words)
    assert judged(header.format("softmax softmax sigmoid") + "A1 = g(Z1)\n").ok


def test_a_helper_is_judged_where_it_is_used() -> None:
    text = TWO + "error = A2 - Y\ndZ2 = error / n\ndW2 = dZ2 @ A1.T\n"
    assert verdicts(text) == [HELPER, RIGHT, RIGHT]
    assert verdicts(text.replace("A2 - Y", "Y - A2")) == [HELPER, WRONG, FED]
    assert verdicts(text.replace("A2 - Y", "A2 @ Y")) == [
        SHAPES,
        WRONG,
        FED,
    ]  # it fits in the square
    assert not judged(text.replace("A2 - Y", "A2 @ Y")).ok


def test_a_helper_that_nothing_uses_is_not_tested() -> None:
    """Else a text whose derivatives have names of their own would be right whatever they are."""
    checked = judged(TWO + "A2 = sigmoid(Z2)\ndLdW2 = 17 * W2\nfoo = dLdW2\n")
    assert [line.verdict for line in checked.lines] == [RIGHT, UNDECIDED, UNDECIDED]
    assert "means: dLdW2 = dW2" in checked.lines[1].detail
    assert not checked.ok
    tied = judged(TWO + "means: dLdW2 = dW2\nA2 = sigmoid(Z2)\ndLdW2 = 17 * W2\n")
    assert [line.verdict for line in tied.lines] == [RIGHT, WRONG]


def test_a_text_of_helpers_alone_judges_nothing() -> None:
    checked = judged(TWO + "foo = 3 * A1\nbar = foo.T\n")
    assert [line.verdict for line in checked.lines] == [HELPER, HELPER]
    assert (checked.judged, checked.ok) == (0, False)


def test_a_definition_is_taken_and_not_judged() -> None:
    text = NO_LOSS + "E = A2 - Y\nJ = sum(E**2) / n\ndZ2 = 2 * E * A2 * (1 - A2) / n\n"
    assert verdicts(text) == [DEFINITION, DEFINITION, RIGHT]
    assert verdicts(text.replace("E**2", "E**4")) == [DEFINITION, DEFINITION, WRONG]
    assert verdicts(text + "E = 3 * A2\n")[-1] == WRONG
    assert verdicts(text.replace("/ n\nd", "/ n = 5\nd")) == [DEFINITION, DEFINITION, WRONG, RIGHT]


def test_with_a_loss_in_the_header_the_J_of_the_text_is_judged() -> None:
    header = NO_LOSS.replace("sigmoid\n", "sigmoid, loss squared_error\n")
    assert verdicts(header + "J = sum((A2 - Y)**4) / n\n") == [WRONG]
    assert verdicts(header + "J = sum((A2 - Y)**2) / n\n") == [RIGHT]


@pytest.mark.parametrize("factor", ["Z2 > Z2", "A1 == A1", "A2 >= exp(log(A2))", "maximum(A2, A2)"])
def test_a_comparison_of_equals_is_not_decided(factor: str) -> None:
    checked = judged(
        TWO + f"A2 = sigmoid(Z2)\ndZ2 = (A2 - Y) * ({factor}) / n\n".replace("A1", "Z2")
    )
    assert [line.verdict for line in checked.lines] == [RIGHT, UNDECIDED]
    assert not checked.ok


def test_a_true_zero_tests_nothing() -> None:
    text = NO_LOSS + "J = sum(A1) / n\ndW1 = (1 - A1**2) @ X.T / n\n"
    found = by_key(judged(text + "dW2 = 0 * W2\n"))
    assert (found["dW1"].verdict, found["dW2"].verdict) == (RIGHT, UNDECIDED)
    assert found["dW2"].detail == gathering.NOTHING
    assert by_key(judged(text + "dW2 = W2\n"))["dW2"].verdict == WRONG


def test_a_loop_that_never_runs() -> None:
    checked = judged(TWO + "A2 = sigmoid(Z2)\nfor l in range(L, L):\n    dW[l] = 17 * X\n")
    assert [line.verdict for line in checked.lines] == [RIGHT, UNDECIDED]
    assert not checked.ok


# --- where shapes hide an error


def test_right_only_because_a_size_is_one() -> None:
    text = TWO.replace("layers 2", "sizes 3-5-1") + "dZ2 = (A2 - Y) / n\n"
    line = judged(text + "dA1 = W2.T * dZ2\n").lines[1]
    assert line.verdict == RIGHT
    assert any(note.startswith("right only because n_2 = 1") for note in line.notes)
    assert any("spreads" in note for note in line.notes)
    assert (
        judged(text + "db2 = sum(dZ2)\n").lines[1].notes[0].startswith("right only because n_2 = 1")
    )
    assert not judged(text + "dA1 = W2.T @ dZ2\n").lines[1].notes
    assert verdicts(text.replace("3-5-1", "3-5-k") + "dA1 = W2.T * dZ2\n")[1] == SHAPES
    assert judged(text + "dA1 = W2 * dZ2\n").lines[1].verdict == SHAPES


def test_a_transpose_behind_a_square() -> None:
    """All layers of one size: every transpose fits, and the numbers tell."""
    text = (
        "network: sizes d-d-d, activations tanh sigmoid, loss squared_error\n"
        "dZ2 = 2 * (A2 - Y) * A2 * (1 - A2) / n\n"
        "dW2 = dZ2 @ A1.T\ndZ1 = (W2.T @ dZ2) * (1 - A1**2)\n"
    )
    assert judged(text).ok
    assert verdicts(text.replace("dZ2 @ A1.T", "A1 @ dZ2.T")) == [RIGHT, WRONG, RIGHT]
    assert (
        judged(text.replace("dZ2 @ A1.T", "A1 @ dZ2.T")).wrong[0].detail
        == "it is the truth transposed"
    )
    assert verdicts(text.replace("W2.T @", "W2 @")) == [RIGHT, RIGHT, WRONG]
    assert verdicts(text + "Z1 = W1.T @ X + b1\n")[-1] == WRONG


def test_shapes_that_fit_where_sizes_are_equal() -> None:
    line = judged(TWO + "Z1 = (X @ W1).T + b1\n").lines[0]
    assert line.verdict == SHAPES
    assert line.notes == ("where the sizes are equal it fits, and is silently wrong",)


# --- a name that is set in several steps


def test_a_name_is_judged_where_the_text_is_done_with_it() -> None:
    text = (
        HEADER + "dZ2 = A2 - Y\ndZ2 /= n\ndW2 = dZ2 @ A1.T * n\ndW2 = dW2 / n\n"
        "dZ1 = W2.T @ dZ2\ndZ1 *= 1 - A1**2\ndW1 = dZ1 @ X.T\n"
    )
    checked = judged(text)
    assert [line.verdict for line in checked.lines] == [
        HELPER,
        RIGHT,
        HELPER,
        RIGHT,
        HELPER,
        RIGHT,
        RIGHT,
    ]
    assert checked.ok
    assert checked.lines[0].detail == "a first part: judged on line 4"
    assert verdicts(text.replace("dW2 / n", "dW2 / 2"))[3] == WRONG
    assert verdicts(text.replace("A2 - Y", "Y - A2"))[:2] == [HELPER, WRONG]
    late = text.replace("dW1 = dZ1 @ X.T\n", "").replace("dZ1 *=", "dW1 = dZ1 @ X.T\ndZ1 *=")
    assert verdicts(late)[4:] == [HELPER, WRONG, RIGHT]


def test_a_first_part_that_is_fed() -> None:
    text = HEADER + "dZ2 = A2 - Y\ndW2 = dZ2 @ A1.T\ndW2 = dW2 * 1\ndb2 = sum(dZ2, axis=1)\n"
    assert verdicts(text) == [WRONG, HELPER, FED, FED]


def test_J_in_parts() -> None:
    header = TWO.replace("\n", ", reduction mean, l2 lam\n")
    text = "J = -sum(Y * log(A2) + (1 - Y) * log(1 - A2)) / n\n"
    text += "for l in range(1, L+1):\n    J += lam / 2 * sum(W[l]**2)\n"
    checked = judged(header + text)
    assert [line.verdict for line in checked.lines] == [HELPER, RIGHT]
    assert checked.ok
    assert verdicts(header + text.replace("lam / 2", "lam")) == [HELPER, WRONG]
    assert verdicts(header + text.replace("L+1", "L")) == [HELPER, WRONG]


# --- loops


def test_a_line_that_is_right_in_some_rounds_only() -> None:
    text = "network: layers 4, activations tanh identity, loss squared_error\n"
    text += "dZ[L] = 2 * (A[L] - Y) / n\n"
    loop = "for l in range(L - 1, 0, -1):\n    dZ[l] = (W[l+1].T @ dZ[l+1]) * (1 - A[l]**2)\n"
    assert judged(text + loop).ok
    for old, new, rounds in (
        ("dZ[l+1]", "dZ[L]", ("l = 2", "l = 1")),
        ("W[l+1].T", "W[2].T", ("l = 3",)),
        ("A[l]**2", "A[l] * A[1]", ("l = 3", "l = 2")),
    ):
        found = judged(text.replace("layers 4", "sizes d-h-h-h-k") + loop.replace(old, new))
        assert found.wrong[0].rounds == rounds


def test_a_loop_that_ends_too_early_is_noted() -> None:
    text = ANY_L.format("tanh") + NLAYER.replace("range(L - 1, 0, -1)", "range(L - 1, 1, -1)")
    assert {line.key: line.verdict for line in judged(text).wrong} == {
        "W[l]": UNDEFINED,
        "b[l]": UNDEFINED,
    }
    without = text[: text.index("for l in range(1, L + 1)")]
    assert any("not given" in note and "dW1, db1" in note for note in judged(without).notes)


def test_one_activation_for_all_is_no_proof_for_another() -> None:
    """With identity everywhere a forgotten derivative is right; the header says so, and is told."""
    line = "dZ2 = 2 * (A2 - Y) / n\ndZ1 = W2.T @ dZ2\n"
    assert judged(
        "network: layers 2, activations identity identity, loss squared_error\n" + line
    ).ok
    assert verdicts(
        "network: layers 2, activations softplus identity, loss squared_error\n" + line
    ) == [RIGHT, WRONG]


# --- the judgement itself made wrong


def test_the_tests_see_a_judge_that_trusts_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Truth, "free", lambda self, assigned: set(self.values))
    assert judged(TWO + "dW2 = dW2\n").ok


def test_the_tests_see_a_judge_without_first_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judgement, "stages", lambda steps, parameters: {})
    assert verdicts(HEADER + "dZ2 = A2 - Y\ndZ2 /= n\n") == [WRONG, CANCELS]
