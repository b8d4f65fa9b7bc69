"""The rules that a backward line is an instance of, and that no wrong line is given one."""

from __future__ import annotations

import re

import pytest

from gradoracle.derivation.api import shipped
from gradoracle.derivation.check import check
from gradoracle.derivation.rules.rules import with_rules
from gradoracle.derivation.verdicts import Checked, LineVerdict, Verdict

TEXT = """
network: sizes a-b-c, activations relu sigmoid, loss binary_cross_entropy

Z1 = W1 @ X + b1
dA2 = (-Y / A2 + (1 - Y) / (1 - A2)) / n
dZ2 = dA2 * sigmoid_prime(Z2)
dW2 = dZ2 @ A1.T
db2 = sum(dZ2, axis=1)
dA1 = W2.T @ dZ2
dZ1 = dA1 * (Z1 > 0)
dW1 = dZ1 @ X.T
db1 = sum(dZ1, axis=1)
dX = W1.T @ dZ1
"""
LOSS = (
    "derivative of the loss: J = -sum(Y * log(A2) + (1 - Y) * log(1 - A2)) / n gives "
    "(-Y / A2 + (1 - Y) / (1 - A2)) / n"
)
OWN = """
inputs: x (3, n), y (1, n), w (1, 3), b (1, 1)
z = w @ x + b
a = 1 / (1 + exp(-z))
J = -sum(y * log(a) + (1 - y) * log(1 - a)) / n
dz = (a - y) / n
dw = dz @ x.T
db = sum(dz)
w = w - 0.1 * dw
"""
PER_EXAMPLE = """
network: sizes a-b-c, activations tanh sigmoid, loss binary_cross_entropy, l2 lam
dZ2 = A2 - Y
dW2 = dZ2 @ A1.T / n + lam * W2
db2 = sum(dZ2, axis=1) / n
dZ1 = (W2.T @ dZ2) * (1 - A1**2)
dW1 = dZ1 @ X.T / n + lam * W1
W1 = W1 - alpha * dW1
"""
SOFTMAX = """
inputs: x (3, n), y (2, n), w (2, 3)
z = w @ x
e = exp(z)
s = sum(e, axis=0)
p = e / s
J = -sum(y * log(p)) / n
dp = -y / p / n
dz = p * (dp - sum(p * dp, axis=0))
dw = dz @ x.T
"""
LOOP = """
network: layers L, activations tanh sigmoid, loss binary_cross_entropy
means: delta[l] = dZ[l], h[l] = A[l]
delta[L] = (h[L] - Y) / n
dW[L] = delta[L] @ h[L-1].T
for l in range(L - 1, 0, -1):
    delta[l] = (W[l+1].T @ delta[l+1]) * (1 - h[l]**2)
    dW[l] = delta[l] @ h[l-1].T
"""
HELPERS = """
network: sizes a-b-c, activations tanh sigmoid, loss binary_cross_entropy
d2 = A2 - Y
dW2 = d2 @ A1.T / n
back = W2.T @ d2
d1 = back * (1 - A1**2)
dW1 = d1 @ X.T / n
"""


def told(text: str) -> dict[str, list[str]]:
    """Return the rules of each line by what it sets."""
    return {verdict.key: list(verdict.rules) for verdict in with_rules(check(text)).lines}


def gives(rules: list[str]) -> list[str]:
    """Return the formulas that rules give, and what is left where denominators cancel."""
    found = [re.sub(r", (?:where|with) .*", "", rule) for rule in rules]
    given = [re.search(r"\bgives(?:, times [^,]*,)? (.*)|.*: (.*) is left", rule) for rule in found]
    return [match[1] or match[2] for match in given if match]


def test_every_backward_line_has_its_rule() -> None:
    found = told(TEXT)
    assert found["Z1"] == []
    assert found["dA2"][0] == LOSS
    assert found["dZ2"] == [
        "chain rule, entry by entry: A2 = sigmoid(Z2) gives dA2 * sigmoid_prime(Z2)"
    ]
    assert found["dW2"] == ["product with a transpose: Z2 = W2 @ A1 + b2 gives dZ2 @ A1.T"]
    assert found["db1"] == [
        "sum over a broadcast axis: Z1 = W1 @ X + b1 has b1 in every example and gives "
        "sum(dZ1, axis=1)"
    ]
    assert found["dA1"] == ["product with a transpose: Z2 = W2 @ A1 + b2 gives W2.T @ dZ2"]
    assert found["dZ1"] == [
        "chain rule, entry by entry: A1 = relu(Z1) gives dA1 * relu_prime(Z1), "
        "where relu_prime(Z1) = (Z1 > 0)"
    ]
    assert found["dX"] == ["product with a transpose: Z1 = W1 @ X + b1 gives W1.T @ dZ1"]


def test_the_fused_delta_says_what_it_was_fused_of() -> None:
    fused = TEXT.replace("dA2 * sigmoid_prime(Z2)", "(A2 - Y) / n")
    loss, curve, both, mean = told(fused)["dZ2"]
    assert loss == LOSS
    assert curve.endswith(
        "A2 = sigmoid(Z2) gives (-Y / A2 + (1 - Y) / (1 - A2)) * sigmoid_prime(Z2) / n, "
        "where sigmoid_prime(Z2) = A2 * (1 - A2)"
    )
    assert both == (
        "fused output delta: both at once, as what J divides by cancels: (A2 - Y) / n is left"
    )
    assert mean == "mean: the 1 / n is that of J; what is made of dZ2 has it from there"


def test_what_a_line_writes_out_is_said() -> None:
    text = TEXT.replace("dZ2 @ A1.T", "((A2 - Y) / n) @ A1.T")
    assert told(text)["dW2"][0].endswith("gives dZ2 @ A1.T, with dZ2 of line 6 written out")


def test_a_delta_without_its_cotangent_has_two_rules() -> None:
    first, second = told(TEXT.replace("dA1 * (Z1 > 0)", "(W2.T @ dZ2) * (Z1 > 0)"))["dZ1"]
    assert first == "product with a transpose: Z2 = W2 @ A1 + b2 gives W2.T @ dZ2"
    assert second.startswith("chain rule, entry by entry: A1 = relu(Z1) gives (W2.T @ dZ2) * relu")


@pytest.mark.parametrize(
    ("layout", "weights", "formula"),
    [
        ("columns", "out-by-in", "Z1 = W1 @ X + b1 gives dZ1 @ X.T"),
        ("columns", "in-by-out", "Z1 = W1.T @ X + b1 gives X @ dZ1.T"),
        ("rows", "in-by-out", "Z1 = X @ W1 + b1 gives X.T @ dZ1"),
        ("rows", "out-by-in", "Z1 = X @ W1.T + b1 gives dZ1.T @ X"),
    ],
)
def test_the_rule_is_written_in_the_layout_of_the_text(
    layout: str, weights: str, formula: str
) -> None:
    units = 1 if layout == "columns" else 0
    text = (
        "network: sizes a-b, activations sigmoid, loss binary_cross_entropy\n"
        f"layout: {layout}\nweights: {weights}\ndZ1 = (A1 - Y) / n\n"
        f"dW1 = {formula.split(' gives ')[1]}\ndb1 = sum(dZ1, axis={units})\n"
    )
    assert check(text).ok
    assert told(text)["dW1"] == [f"product with a transpose: {formula}"]
    assert told(text)["db1"][0].endswith(f"gives sum(dZ1, axis={units})")


def test_the_mean_is_explained_where_it_comes_in() -> None:
    found = told(PER_EXAMPLE)
    assert found["dZ2"][0].endswith("gives, times n, -Y / A2 + (1 - Y) / (1 - A2)")
    assert found["dZ2"][-1] == (
        "mean: the 1 / n of J is not in dZ2, which is n times the derivative"
    )
    assert found["db2"][-1] == "mean: the 1 / n of J is not in dZ2, so it comes in here"
    assert "mean" not in " ".join(found["dZ1"])
    summed = PER_EXAMPLE.replace(", l2 lam", ", reduction sum").replace(" / n", "")
    summed = summed.replace(" + lam * W2", "").replace(" + lam * W1", "")
    assert check(summed).ok
    assert not [rule for rules in told(summed).values() for rule in rules if "mean" in rule]


def test_weight_decay_and_updates_have_their_rules() -> None:
    found = told(PER_EXAMPLE)
    assert found["dW2"][1:3] == [
        "weight decay: lam / 2 * sum(W2**2) in J gives lam * W2",
        "sum: W2 stands in Z2 and in J, and what they give is added",
    ]
    assert found["W1"] == [
        "gradient descent: a step of alpha against dW1, the derivative of J by W1"
    ]


def test_a_text_without_a_network_is_explained_by_its_own_formulas() -> None:
    found = told(OWN)
    assert found["dz"][0].endswith("gives (-y / a + (1 - y) / (1 - a)) / n")
    assert "(a - y) / n is left" in found["dz"][2]
    assert found["dw"] == ["product with a transpose: z = w @ x + b gives dz @ x.T"]
    assert found["db"] == [
        "sum over a broadcast axis: z = w @ x + b has b in every example and gives sum(dz)"
    ]
    assert found["w"] == ["gradient descent: a step of 0.1 against dw, the derivative of J by w"]


def test_names_that_stand_in_several_formulas_are_said_to() -> None:
    found = told(SOFTMAX)["dz"]
    assert "derivative of a sum, the same for every term: s = sum(e, axis=0)" in found[1]
    assert found[-1] == "sum: e stands in s and in p, and what they give is added"


def test_loops_and_tied_names_keep_their_spelling() -> None:
    found = told(LOOP)
    assert found["dW[l]"] == [
        "product with a transpose: Z[l] = W[l] @ h[l-1] + b[l] gives delta[l] @ h[l-1].T"
    ]
    assert found["delta[l]"] == [
        "product with a transpose: Z[l+1] = W[l+1] @ h[l] + b[l+1] gives W[l+1].T @ delta[l+1]",
        "chain rule, entry by entry: h[l] = tanh(Z[l]) gives "
        "(W[l+1].T @ delta[l+1]) * tanh_prime(Z[l]), where tanh_prime(Z[l]) = 1 - h[l]**2",
    ]
    every = [rule for rules in found.values() for rule in rules]
    assert not [rule for rule in every if re.search(r"\bd?A\b|\bdZ", rule)]


def test_an_activation_that_differs_between_layers_is_g() -> None:
    text = (
        "network: layers 3, activations relu tanh sigmoid, loss squared_error\n"
        "dA3 = 2 * (A3 - Y) / n\nfor l in range(3, 0, -1):\n"
        "    dZ[l] = dA[l] * g_prime[l](Z[l])\n    dA[l-1] = W[l].T @ dZ[l]\n"
    )
    assert told(text)["dZ[l]"] == [
        "chain rule, entry by entry: A[l] = g[l](Z[l]) gives dA[l] * g_prime[l](Z[l])"
    ]


def test_multiples_and_transposes_that_the_header_ties_are_followed() -> None:
    text = (
        "network: sizes a-b, activations softmax, loss cross_entropy, l2 lam\n"
        "means: delta = -dZ1/2, v = W1.T\n"
        "delta = (Y - A1) / (2 * n)\ndv = -2 * (X @ delta.T) + lam * v\n"
    )
    assert check(text).ok
    found = told(text)
    assert found["delta"][0].endswith("gives, times -1 / 2, Y / (2 * A1 * n)")
    assert (
        "as what J divides by cancels and the labels of every example sum to 1" in found["delta"][2]
    )
    assert found["dv"][:2] == [
        "product with a transpose: Z1 = v.T @ X + b1 gives, times -2, -2 * (X @ delta.T)",
        "weight decay: lam / 2 * sum(v.T**2) in J gives lam * v",
    ]


def test_names_that_are_tied_to_nothing_are_seen_through() -> None:
    found = told(HELPERS)
    assert found["d2"][0] == "d2 is n times the derivative of J by Z2"
    assert found["dW2"][0] == "product with a transpose: Z2 = W2 @ A1 + b2 gives d2 @ A1.T / n"
    assert found["d1"][0].endswith("the derivative of J by Z1")
    assert found["d1"][1].startswith("chain rule, entry by entry: A1 = tanh(Z1) gives back *")


def test_a_running_name_is_read_as_what_it_is_at_that_line() -> None:
    text = """
network: layers L, activations sigmoid sigmoid, loss binary_cross_entropy
delta = A[L] - Y
for l in range(L, 0, -1):
    dW[l] = delta @ A[l-1].T / n
    delta = (W[l].T @ delta) * A[l-1] * (1 - A[l-1])
"""
    assert told(text)["dW[l]"][0].endswith("gives delta @ A[l-1].T / n")
    wrong = text.replace("W[l].T", "W[l]")
    assert told(wrong)["dW[l]"] == [
        "chain rule: W[l] stands in Z[l]"
    ]  # from J it is never the same
    over = text.replace("    delta = (W", "    back = W[l].T @ delta\n    delta = (W")
    over = over.replace("(W[l].T @ delta) *", "back *")
    assert told(over)["back"][0].endswith("derivative of J by A[l-1]")
    assert told(over)["delta"][1].startswith("chain rule, entry by entry: A[l-1] = ")


def test_another_name_for_a_derivative_is_said_to_be_one() -> None:
    text = HELPERS.replace("dW2 = d2 @", "dZ2 = d2\ndW2 = dZ2 @")
    assert told(text)["dZ2"] == ["another name: d2 is n times the derivative of J by Z2"]


def test_a_wrong_line_has_no_rule_and_a_fed_one_has() -> None:
    found = told(TEXT.replace("dZ2 = dA2 *", "dZ2 = -dA2 *"))
    assert found["dZ2"] == []
    assert found["dW2"][0].startswith("product with a transpose")


@pytest.mark.parametrize("curve", ["sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus"])
def test_what_is_said_of_a_derivative_of_an_activation_is_so(curve: str) -> None:
    text = (
        f"network: layers 1, activations {curve}, loss squared_error\n"
        "dA1 = 2 * (A1 - Y) / n\ndZ1 = dA1 * {}\n"
    )
    slope = f"{curve}_prime(Z1)"
    hidden = text.format(f"where(Z1 == Z1, {slope}, 0)")
    assert "where" not in told(text.format(slope))["dZ1"][0]
    assert check(hidden).right
    told_of = {"relu": "(Z1 > 0)", "tanh": "(1 - A1**2)", "sigmoid": "A1 * (1 - A1)"}
    formula = (
        told_of.get(curve)
        or {
            "leaky_relu": "where(Z1 > 0, 1, 0.01)",
            "elu": "where(Z1 > 0, 1, A1 + 1)",
            "softplus": "sigmoid(Z1)",
        }[curve]
    )
    one = told(text.format(formula))["dZ1"][0]
    assert one.endswith((f"where {slope} = {formula}", f"= {formula[1:-1]}"))


def replaced(text: str, checked: Checked) -> tuple[str, int]:
    """Return a text with what the rules give in the place of its lines, and of how many."""
    raw, count = text.splitlines(), 0
    for verdict in checked.lines:
        formulas = gives(list(verdict.rules))
        ways = " and what they give is added" in "\n".join(verdict.rules)
        update = "gradient descent" in "\n".join(verdict.rules)
        if not formulas or ways or update or verdict.line.side:
            continue
        at = verdict.line.number - 1
        indent = raw[at][: len(raw[at]) - len(raw[at].lstrip())]
        raw[at] = f"{indent}{verdict.key} = {formulas[-1]}"
        count += 1
    return "\n".join(raw), count


@pytest.mark.parametrize("name", [name for name in shipped() if name.endswith("corrected")])
def test_what_the_rules_give_is_right_in_the_place_of_every_line(name: str) -> None:
    text = shipped()[name].read_text("utf-8")
    before = with_rules(check(text))
    assert all(verdict.rules for verdict in before.lines if verdict.backward), name
    new, count = replaced(text, before)
    after = check(new)
    assert count
    assert not after.wrong, new
    assert [v.verdict for v in after.lines if v.backward] == [
        v.verdict for v in before.lines if v.backward
    ]


@pytest.mark.parametrize("name", ["loop", "text", "own", "softmax", "helpers", "per example"])
def test_what_the_rules_give_is_right_in_other_texts(name: str) -> None:
    text = {
        "loop": LOOP,
        "text": TEXT,
        "own": OWN,
        "softmax": SOFTMAX,
        "helpers": HELPERS,
        "per example": PER_EXAMPLE,
    }[name]
    new, count = replaced(text, with_rules(check(text)))
    assert count > 1
    after = check(new)
    assert not after.wrong, new
    assert after.right == check(text).right


def test_a_rule_that_does_not_give_the_true_value_is_not_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from gradoracle.derivation.rules import symbols

    monkeypatch.setattr(symbols, "matmul", lambda left, right: left)
    found = told(TEXT)
    assert found["dW2"] == ["chain rule: W2 stands in Z2"]
    assert found["dZ1"] != []


def test_formulas_that_nobody_reads_are_not_told() -> None:
    long = "inputs: x (1, n), w (1, 1)\n" + "z0 = w * x\n"
    long += "".join(f"z{i + 1} = z{i} * z{i} + z{i}\n" for i in range(30))
    long += "J = sum(z30) / n / 1000000\ndw = 0 * w\n"
    checked = check(long)
    verdicts: list[LineVerdict] = [v for v in with_rules(checked).lines if v.key == "dw"]
    assert [v.rules for v in verdicts] == [()]
    assert verdicts[0].verdict is not Verdict.RIGHT
