"""Every verdict, and every way that was thought of in which a wrong derivation could be called right."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from gradoracle.derivation import check as check_module
from gradoracle.derivation import judgement
from gradoracle.derivation.check import check
from gradoracle.derivation.verdicts import Checked, LineVerdict, Verdict

RIGHT, FED, WRONG, SHAPES = Verdict.RIGHT, Verdict.FED, Verdict.WRONG, Verdict.SHAPES
UNDEFINED, CANCELS, ORDER = Verdict.UNDEFINED, Verdict.CANCELS, Verdict.ORDER
HELPER, DEFINITION, UNDECIDED = Verdict.HELPER, Verdict.DEFINITION, Verdict.UNDECIDED


@pytest.fixture(autouse=True)
def _verdicts_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the mistakes are called and how they are mended is tested elsewhere."""
    monkeypatch.setattr(check_module, "explained", lambda *given: given[3])


def by_key(checked: Checked) -> dict[str, LineVerdict]:
    return {line.key: line for line in checked.lines}


def verdicts(text: str) -> list[Verdict]:
    return [line.verdict for line in check(text).lines]


# --- right derivations


def linear(layout: tuple[str, str]) -> dict[str, str]:
    """Return the formulas of a linear layer in one layout, {A}, {W}, {b}, {dZ} to be filled in."""
    return {
        ("columns", "out-by-in"): {"Z": "{W} @ {A} + {b}", "dW": "{dZ} @ {A}.T", "dA": "{W}.T @ {dZ}", "axis": "1"},
        ("columns", "in-by-out"): {"Z": "{W}.T @ {A} + {b}", "dW": "{A} @ {dZ}.T", "dA": "{W} @ {dZ}", "axis": "1"},
        ("rows", "in-by-out"): {"Z": "{A} @ {W} + {b}", "dW": "{A}.T @ {dZ}", "dA": "{dZ} @ {W}.T", "axis": "0"},
        ("rows", "out-by-in"): {"Z": "{A} @ {W}.T + {b}", "dW": "{dZ}.T @ {A}", "dA": "{dZ} @ {W}", "axis": "0"},
    }[layout]  # fmt: skip


LAYOUTS = tuple(itertools.product(("columns", "rows"), ("out-by-in", "in-by-out")))
PRIMES = {
    "identity": "{dA}",
    "sigmoid": "{dA} * {A} * (1 - {A})",
    "tanh": "{dA} * (1 - {A}**2)",
    "relu": "{dA} * ({Z} > 0)",
    "leaky_relu": "{dA} * where({Z} > 0, 1, 0.01)",
    "softplus": "{dA} * sigmoid({Z})",
    "elu": "{dA} * where({Z} > 0, 1, {A} + 1)",
    "gelu": "{dA} * gelu_prime({Z})",
    "silu": "{dA} * (sigmoid({Z}) + {A} * (1 - sigmoid({Z})))",
    "softmax": "{A} * ({dA} - sum({A} * {dA}, axis={units}))",
}
DOUTS = {
    "squared_error": "2 * ({A} - Y)",
    "half_squared_error": "{A} - Y",
    "binary_cross_entropy": "-Y / {A} + (1 - Y) / (1 - {A})",
    "cross_entropy": "-Y / {A}",
    "linear": "C",
}
COSTS = {
    "squared_error": "sum(({A} - Y)**2)",
    "half_squared_error": "1 / 2 * norm({A} - Y)**2",
    "binary_cross_entropy": "sum(-Y * log({A}) - (1 - Y) * log(1 - {A}))",
    "cross_entropy": "-sum(Y * log({A}))",
    "linear": "sum(C * {A})",
}
OUTPUT = {"binary_cross_entropy": "sigmoid", "cross_entropy": "softmax"}
DIVISORS = {"mean": "n", "sum": "1", "mean_all": "(n * n{L})"}


def program(
    activation: str, loss: str, *, layout: tuple[str, str] = LAYOUTS[0], convention: str = "plain",
    reduction: str = "mean", l2: bool = False, L: int = 2,
) -> str:  # fmt: skip
    """Write a right derivation."""
    output = OUTPUT.get(loss, "tanh" if loss != "linear" else "silu")
    names = " ".join([activation] * (L - 1) + [output])
    more = ", l2 lam" if l2 else ""
    lines = [f"network: layers {L}, activations {names}, loss {loss}{more}"]
    lines += [f"layout: {layout[0]}", f"weights: {layout[1]}"]
    rules, N = linear(layout), DIVISORS[reduction].format(L=L)
    units = 1 - int(rules["axis"])
    for k in range(1, L + 1):
        curve = output if k == L else activation
        lines.append(f"Z{k} = " + rules["Z"].format(W=f"W{k}", A=f"A{k - 1}", b=f"b{k}"))
        lines.append(f"A{k} = {curve}(Z{k})")
    weights = " + ".join(f"norm(W{k})**2" for k in range(1, L + 1))
    lines.append(
        f"J = {COSTS[loss].format(A=f'A{L}')} / {N}" + (f" + lam / 2 * ({weights})" if l2 else "")
    )
    before, after = (f" / {N}", "") if convention == "plain" else ("", f" / {N}")
    lines.append(f"dA{L} = ({DOUTS[loss].format(A=f'A{L}')}){before}")
    for k in range(L, 0, -1):
        curve = output if k == L else activation
        prime = PRIMES[curve].format(dA=f"dA{k}", A=f"A{k}", Z=f"Z{k}", units=units)
        dA = "dX" if k == 1 else f"dA{k - 1}"
        fill = {"W": f"W{k}", "A": f"A{k - 1}", "dZ": f"dZ{k}"}
        lines.append(f"dZ{k} = {prime}")
        lines.append(
            f"dW{k} = {rules['dW'].format(**fill)}{after}" + (f" + lam * W{k}" if l2 else "")
        )
        lines.append(f"db{k} = sum(dZ{k}, axis={rules['axis']}, keepdims=True){after}")
        lines.append(f"{dA} = {rules['dA'].format(**fill)}")
    for k in range(1, L + 1):
        lines += [f"W{k} -= alpha * dW{k}", f"b{k} = b{k} - alpha * db{k}"]
    return "\n".join(lines) + "\n"


def right_ones() -> Iterator[str]:
    for activation, layout in itertools.product(PRIMES, LAYOUTS):
        yield program(activation, "squared_error", layout=layout)
    for loss, reduction, convention in itertools.product(COSTS, DIVISORS, ("plain", "per-example")):
        yield program("tanh", loss, reduction=reduction, convention=convention, layout=LAYOUTS[2])
    for loss, layout in itertools.product(COSTS, LAYOUTS):
        yield program("softplus", loss, layout=layout, l2=True, L=3)


@pytest.mark.parametrize("text", [*right_ones()])
def test_a_right_derivation(text: str) -> None:
    checked = check(text)
    assert [(line.key, line.verdict) for line in checked.lines if line.verdict != RIGHT] == []
    assert checked.ok
    assert all(line.digits >= 40 and line.networks == 3 for line in checked.lines)
    assert not any(line.detail for line in checked.lines)
    assert all("spreads" in note for line in checked.lines for note in line.notes)  # softmax's sum


@pytest.mark.parametrize("reduction", DIVISORS)
def test_the_convention_and_the_reduction_are_recognised(reduction: str) -> None:
    for convention in ("plain", "per-example"):
        checked = check(
            program("tanh", "squared_error", reduction=reduction, convention=convention)
        )
        assert checked.reading.reduction == reduction
        scaled = convention == "per-example" and reduction != "sum"
        assert checked.reading.convention == ("per-example" if scaled else "plain")
        words = {"mean": "n times", "mean_all": "n n_L times"}.get(reduction, "") if scaled else ""
        for line in checked.lines:
            between = line.key.startswith(("dA", "dZ", "dX"))
            assert line.convention == (words if between else ""), line.key


NLAYER = """
for l in range(1, L):
    Z[l] = W[l] @ A[l-1] + b[l]
    A[l] = g(Z[l])
Z[L] = W[L] @ A[L-1] + b[L]
A[L] = sigmoid(Z[L])
J = -sum(Y * log(A[L]) + (1 - Y) * log(1 - A[L])) / n
dZ[L] = A[L] - Y
dW[L] = dZ[L] @ A[L-1].T / n
db[L] = sum(dZ[L], axis=1) / n
for l in range(L - 1, 0, -1):
    dA[l] = W[l+1].T @ dZ[l+1]
    dZ[l] = dA[l] * g_prime(Z[l])
    dW[l] = dZ[l] @ A[l-1].T / n
    db[l] = sum(dZ[l], axis=1) / n
for l in range(1, L + 1):
    W[l] = W[l] - alpha * dW[l]
    b[l] = b[l] - alpha * db[l]
"""
ANY_L = "network: layers L, activations {} sigmoid, loss binary_cross_entropy"


@pytest.mark.parametrize("curve", ["tanh", "relu", "gelu", "sigmoid"])
@pytest.mark.parametrize(
    "header", [ANY_L, "network: layers 5, activations {} sigmoid, loss binary_cross_entropy"]
)
def test_n_layers(curve: str, header: str) -> None:
    checked = check(header.format(curve) + NLAYER)
    assert {line.verdict for line in checked.lines} == {RIGHT}
    assert checked.seconds < 2


def test_softmax_with_its_full_jacobian_in_a_hidden_layer() -> None:
    assert check(program("softmax", "cross_entropy", layout=LAYOUTS[2])).ok
    fused = (
        "network: layers 2, activations softmax softmax, loss cross_entropy\ndZ2 = (A2 - Y) / n\n"
    )
    assert check(fused).ok


def test_a_text_may_give_some_lines_only() -> None:
    checked = check(
        "network: sizes 3-5-1, activations tanh sigmoid, loss binary_cross_entropy\n"
        "dZ2 = (A2 - Y) / n\ndW2 = dZ2 @ A1.T\n"
    )
    assert checked.ok
    assert any("not given" in note and "dW1, db1, db2" in note for note in checked.notes)


# --- one wrong line

HEADER = (
    "network: sizes d-h-k, activations tanh sigmoid, loss binary_cross_entropy, reduction mean\n"
    "convention: plain\n"
)
BASE = {
    "Z1": "W1 @ X + b1",
    "A1": "tanh(Z1)",
    "Z2": "W2 @ A1 + b2",
    "A2": "sigmoid(Z2)",
    "J": "-sum(Y * log(A2) + (1 - Y) * log(1 - A2)) / n",
    "dA2": "(-Y / A2 + (1 - Y) / (1 - A2)) / n",
    "dZ2": "dA2 * A2 * (1 - A2)",
    "dW2": "dZ2 @ A1.T",
    "db2": "sum(dZ2, axis=1)",
    "dA1": "W2.T @ dZ2",
    "dZ1": "dA1 * (1 - A1**2)",
    "dW1": "dZ1 @ X.T",
    "db1": "sum(dZ1, axis=1)",
    "dX": "W1.T @ dZ1",
    "W1": "W1 - alpha * dW1",
    "b1": "b1 - alpha * db1",
    "W2": "W2 - eta * dW2",
    "b2": "b2 - eta * db2",
}
READS = {
    "Z1": "A1", "A1": "Z2 dW2 dZ1", "Z2": "A2", "A2": "J dA2 dZ2", "dA2": "dZ2", "dZ2": "dW2 db2 dA1",
    "dW2": "W2", "db2": "b2", "dA1": "dZ1", "dZ1": "dW1 db1 dX", "dW1": "W1", "db1": "b1",
}  # fmt: skip

TABLE = """
Z1 wrong: W1 @ X - b1 | W1 @ X | -W1 @ X + b1 | 2 * (W1 @ X) + b1 | W1 @ (X + X**2) + b1
Z1 shapes: W1.T @ X + b1 | X.T @ W1.T + b1 | W1 @ X + b1.T | (X @ W1).T + b1 | b1
A1 wrong: sigmoid(Z1) | tanh(Z1 / 2) | tanh(tanh(Z1)) | Z1 | relu(Z1) | softmax(Z1)
A1 shapes: tanh(b1) | tanh(Z1.T) | tanh(sum(Z1, axis=0)) | W1
A1 undefined: tanh(Z2) | tanh(dZ1) | A1 | tanh(A2) | tanh(Z3) | foo | A[L+1]
Z2 wrong: W2 @ Z1 + b2 | W2 @ A1 + 2 * b2 | W2 @ A1 + sum(b2)
Z2 shapes: W2 @ A1 + b1 | W1 @ A1 + b2 | A1 @ W2 + b2 | W2 @ X + b2
A2 wrong: tanh(Z2) | softmax(Z2) | sigmoid(sigmoid(Z2)) | sigmoid(-Z2) | Z2 | exp(Z2)
A2 shapes: sigmoid(Z1) | mean(sigmoid(Z2), axis=0) | 1
J wrong: -sum(Y * log(A2) - (1 - Y) * log(1 - A2)) / n
J wrong: sum(Y * log(A2) + (1 - Y) * log(1 - A2)) / n | -sum(Y * log(A2)) / n
J wrong: -mean(Y * log(A2) + (1 - Y) * log(1 - A2)) | -sum(Y * log(A2) + (1 - Y) * log(1 - A2))
J wrong: -sum(Y * log(-A2) + (1 - Y) * log(1 - A2)) / n
J wrong: -sum(Y * log(A2 + 1e-15) + (1 - Y) * log(1 - A2 + 1e-15)) / n | 0
J shapes: -sum(Y * log(A2) + (1 - Y) * log(1 - A2), axis=1) / n
dA2 wrong: (A2 - Y) / n | (Y / A2 - (1 - Y) / (1 - A2)) / n | -Y / A2 + (1 - Y) / (1 - A2)
dA2 wrong: (-Y / A2 + (1 - Y) / (1 - A2)) / n2 | -Y / A2 / n | A2 / 0 | log(-A2)
dA2 shapes: 0
dZ2 wrong: dA2 * A2 | dA2 * sigmoid_prime(A2) | dA2 * sigmoid_prime(dA2) | dA2
dZ2 wrong: dA2 * Z2 * (1 - Z2) | (Y - A2) / n | A2 - Y | dA2 * (1 - A2**2) | 0 * dA2
dZ2 wrong: (A2 - Y) / n * (1 + 1e-20) | (A2 - Y) / n + 1e-35 * Y | (A2 - Y) / (n + 1e-12)
dZ2 wrong: A2 * (dA2 - sum(A2 * dA2, axis=0)) | (A2 - Y) / n * (A2 > Y) | (A2 - Y) * 0.2
dZ2 shapes: dA2 @ A2 | sum(A2 - Y) / n | (A2 - Y).T / n | mean(A2 - Y, axis=1)
dW2 wrong: dZ2 @ A1.T / n | 2 * dZ2 @ A1.T | -dZ2 @ A1.T | dZ2 @ Z1.T | dA2 @ A1.T
dW2 wrong: dZ2 @ A1.T + lam * W2 | W2 | dZ2 @ A1.T * n / n2 | dZ2 @ A1.T - 0 + 1e-30
dW2 shapes: dZ2 @ A2.T | dZ2 @ A1 | A1 @ dZ2.T | dZ2 * A1 | dZ2 @ A[L].T | dZ2 * A2
dW2 shapes: outer(dZ2, A1) | sum(dZ2, axis=1) | dZ2 @ X.T | dZ2.T @ A1
dW2 undefined: dZ2 @ dA1.T | dZ2 @ A3.T | dW2 | dW2 + 0 | dW2 * 1 | dZ2 @ foo | dZ3 | dW1.T
dW2 undefined: (dW2.T).T | where(1 > 0, dW2, dW2) | 0 * dW2 + dZ2 @ A1.T
db2 wrong: mean(dZ2, axis=1) | sum(dZ2, axis=1) / n | sum(dA2, axis=1) | b2
db2 shapes: dZ2 | sum(dZ2, axis=0) | sum(dZ2) | sum(dZ2, axis=1).T | sum(dZ2.T, axis=1)
dA1 wrong: W2.T @ dA2 | W2.T @ (A2 - Y) | -W2.T @ dZ2 | (W2 + W2**2).T @ dZ2
dA1 shapes: W2 @ dZ2 | dZ2 @ W2 | W2.T * dZ2 | W1.T @ dZ2 | dZ2.T @ W2 | W2.T
dZ1 wrong: dA1 * A1 * (1 - A1) | dA1 * (1 - Z1**2) | dA1 * (1 - A1)**2 | dA1 | dA1 * (1 + A1**2)
dZ1 wrong: dA1 * tanh(Z1) | dA1 * (1 - tanh(A1)**2) | dA1 * (Z1 > 0) | dA1 * g_prime(A1)
dZ1 wrong: dA1 * g_prime(dA1) | dA1 * sigmoid_prime(Z1) | dA1 * A1
dZ1 shapes: dA1 @ (1 - A1**2) | dA1.T @ (1 - A1**2) | sum(dA1 * (1 - A1**2), axis=1)
dW1 wrong: dZ1 @ X.T / n | dA1 @ X.T | dZ1 @ (X + 1).T | dZ1 @ X.T + lam * W1
dW1 shapes: dZ1 @ A1.T | dZ1 @ A0 | X @ dZ1.T | dZ1 @ X | dZ2 @ X.T | X.T @ dZ1
db1 wrong: sum(dA1, axis=1)
db1 shapes: sum(dZ2, axis=1) | dZ1 | sum(dZ1, axis=0) | db2
dX wrong: W1.T @ dA1 | W1.T @ dZ1 / n | X
dX shapes: W1 @ dZ1 | dZ1 @ W1 | dA1
W1 wrong: W1 + alpha * dW1 | W1 - dW1 | W1 - alpha * dW1 / n | alpha * dW1 | W1 | -alpha * dW1
W1 wrong: W1 - lam * dW1 | W1 - alpha * eta * dW1 | W1 - alpha * dW1 - alpha * lam * W1
W1 shapes: W1 - alpha * dW2 | W1 - alpha * dW1.T | b1 - alpha * db1
b1 wrong: b1 - alpha * sum(db1)
b1 shapes: b1 - alpha * dW1 | b1 - alpha * dZ1 | b1 - alpha * db2
b2 wrong: b2 - eta * db2 * n
"""
NAMED = {"wrong": WRONG, "shapes": SHAPES, "undefined": UNDEFINED}
ONE_WRONG = [
    (head.split()[0], formula.strip(), NAMED[head.split()[1]])
    for head, _, formulas in (row.partition(":") for row in TABLE.split("\n") if row)
    for formula in formulas.split("|")
]


def downstream(key: str) -> set[str]:
    """Return what reads a name, and what reads that."""
    found: set[str] = set()
    todo = READS.get(key, "").split()
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += READS.get(name, "").split()
    return found


def text_of(changed: dict[str, str]) -> str:
    return HEADER + "".join(f"{key} = {formula}\n" for key, formula in (BASE | changed).items())


def test_the_base_is_right() -> None:
    assert check(text_of({})).ok
    assert len(ONE_WRONG) >= 60
    assert len({(key, formula) for key, formula, _ in ONE_WRONG}) == len(ONE_WRONG)


@pytest.mark.parametrize(("key", "formula", "verdict"), ONE_WRONG)
def test_one_wrong_line_is_the_one_that_is_named(key: str, formula: str, verdict: Verdict) -> None:
    """What reads it is fed, or right after all; nothing else is touched."""
    checked = check(text_of({key: formula}))
    found = by_key(checked)
    assert found[key].verdict == verdict
    assert [line.key for line in checked.wrong] == [key]
    assert not checked.ok
    fed = {name for name, line in found.items() if line.verdict != RIGHT} - {key}
    assert {found[name].verdict for name in fed} <= {FED}
    assert fed <= downstream(key)
    if key in READS and verdict == WRONG and "1e-" not in formula:
        assert fed
        assert all(
            f"(line {found[key].line.number})" in found[name].detail
            for name in fed & set(READS[key].split())
        )


@pytest.mark.parametrize(("key", "formula", "verdict"), ONE_WRONG[::7])
def test_a_wrong_line_alone_is_wrong_too(key: str, formula: str, verdict: Verdict) -> None:
    """Without the lines that it reads: what is a derivative is then not defined."""
    found = by_key(check(f"{HEADER}{key} = {formula}\n"))[key].verdict
    assert found in (verdict, UNDEFINED)


def test_several_wrong_lines_are_each_named() -> None:
    changed = {"A1": "sigmoid(Z1)", "dZ2": "A2 - Y", "db2": "mean(dZ2, axis=1)", "dW1": "X @ dZ1.T"}
    checked = check(text_of(changed))
    assert [line.key for line in checked.wrong] == list(changed)
    assert checked.first is not None
    assert checked.first.key == "A1"
    assert by_key(checked)["dW2"].verdict == FED


def test_how_a_wrong_line_is_made_of_the_truth() -> None:
    for key, formula, words in (
        ("dZ2", "A2 - Y", "it is n times the truth"),
        ("dZ2", "(Y - A2) / n", "it is -1 times the truth"),
        ("dW2", "dZ2 @ A1.T / n", "it is 1/n times the truth"),
        ("dW2", "dZ2 @ A1.T * n / n2", ""),
        ("dA2", "(-Y / A2 + (1 - Y) / (1 - A2)) / (n * n2)", "it is 1/n_L times the truth"),
        ("dW2", "2 * dZ2 @ A1.T", "it is 2 times the truth"),
        ("J", "-sum(Y * log(-A2)) / n", judgement.NO_NUMBER),
    ):
        assert by_key(check(text_of({key: formula})))[key].detail == words


def test_the_worst_entry_is_told() -> None:
    line = by_key(check(text_of({"A1": "tanh(Z1) + 0.5 * (W1 @ X > 0) * 0 + 0.25"})))["A1"]
    assert line.expected.startswith("A1[")
    assert float(line.got) - float(line.expected.split("= ")[1]) == pytest.approx(0.25)


# --- the other verdicts

SHORT = "network: sizes 3-5-1, activations sigmoid sigmoid, loss binary_cross_entropy\n"
TWO = "network: layers 2, activations sigmoid sigmoid, loss binary_cross_entropy\n"
NO_LOSS = "network: layers 2, activations tanh sigmoid\n"


def test_two_errors_that_cancel() -> None:
    """Binary cross-entropy without A (1 - A), and the output's derivative left out: dZ2 is right."""
    text = HEADER + "dA2 = (A2 - Y) / n\ndZ2 = dA2\ndW2 = dZ2 @ A1.T\n"
    found = by_key(check(text))
    assert [found[key].verdict for key in ("dA2", "dZ2", "dW2")] == [WRONG, CANCELS, RIGHT]
    assert "two errors cancel" in found["dZ2"].detail


def test_a_factor_that_is_forgotten_and_made_up_for() -> None:
    text = HEADER + "dZ2 = A2 - Y\ndW2 = dZ2 @ A1.T / n\ndb2 = sum(dZ2, axis=1)\n"
    assert verdicts(text) == [WRONG, CANCELS, FED]


def test_an_update_before_its_use() -> None:
    lines = dict(BASE)
    late = {key: lines.pop(key) for key in ("dA1", "dZ1", "dW1", "db1", "dX", "W1", "b1")}
    text = HEADER + "".join(f"{key} = {formula}\n" for key, formula in (lines | late).items())
    found = by_key(check(text))
    assert found["dA1"].verdict == ORDER
    assert "W2 (line" in found["dA1"].detail
    assert [found[key].verdict for key in ("dZ1", "dW1", "db1", "dX", "W1", "b1")] == [FED] * 6
    assert found["W2"].verdict == RIGHT


def test_an_update_that_is_made_twice() -> None:
    assert verdicts(text_of({}) + "W1 = W1 - alpha * dW1\n")[-1] == ORDER


def test_a_rate_that_is_not_given() -> None:
    found = check(text_of({"W1": "W1 - lr * dW1"})).wrong
    assert [(line.key, line.verdict) for line in found] == [("W1", UNDEFINED)]
    text = text_of({"W1": "W1 - lr * dW1"}).replace("convention", "inputs: lr (1, 1)\nconvention")
    assert check(text).ok


def test_names_that_are_not_defined() -> None:
    for line, words in (
        ("dW2 = dZ2 @ A1.T", "dZ2 is never defined; right for the true dZ2"),
        ("dW2 = dZ2 @ Z1.T", "dZ2 is never defined"),
        ("dW2 = q", "q is never defined"),
        ("dW2 = W2 @ A[L+1]", "A3 is never defined"),
        ("dZ3 = A2", "the network has the layers 1 to 2, and no dZ3"),
        ("W0 = A2", "the network has the layers 1 to 2, and no W0"),
        ("Z[-1] = A2", "the network has the layers 1 to 2, and no Z-1"),
        ("foo = dX", "dX is never defined"),
    ):
        found = check(TWO + line + "\n").lines[0]
        assert (found.verdict, found.detail) == (UNDEFINED, words)
    found = check(TWO + "dW2 = dZ2 @ A1.T\ndZ2 = (A2 - Y) / n\n").lines[0]
    assert found.detail == "dZ2 is used before line 3 sets it; right for the true dZ2"


def test_g_without_one_hidden_activation() -> None:
    header = "network: layers 3, activations {}, loss squared_error\n"
    for curves, line, words in (
        ("relu tanh sigmoid", "A1 = g(Z1)", "g needs one activation"),
        ("relu tanh sigmoid", "Z1 = g_prime(Z2)", "g_prime needs one activation"),
        ("softmax softmax sigmoid", "dZ1 = g_prime(Z1)", "softmax has a full Jacobian"),
    ):
        found = check(header.format(curves) + line + "\n").lines[0]
        assert found.verdict == UNDEFINED
        assert found.detail.startswith(words)
    assert check(header.format("softmax softmax sigmoid") + "A1 = g(Z1)\n").ok


def test_a_helper_is_judged_where_it_is_used() -> None:
    text = TWO + "error = A2 - Y\ndZ2 = error / n\ndW2 = dZ2 @ A1.T\n"
    assert verdicts(text) == [HELPER, RIGHT, RIGHT]
    assert verdicts(text.replace("A2 - Y", "Y - A2")) == [HELPER, WRONG, FED]
    assert verdicts(text.replace("A2 - Y", "A2 @ Y")) == [SHAPES, WRONG, FED]  # it fits in the square
    assert not check(text.replace("A2 - Y", "A2 @ Y")).ok


def test_a_helper_that_nothing_uses_is_not_tested() -> None:
    """Else a text whose derivatives have names of their own would be right whatever they are."""
    checked = check(TWO + "A2 = sigmoid(Z2)\ndLdW2 = 17 * W2\nfoo = dLdW2\n")
    assert [line.verdict for line in checked.lines] == [RIGHT, UNDECIDED, UNDECIDED]
    assert "means: dLdW2 = dW1" in checked.lines[1].detail
    assert not checked.ok
    tied = check(TWO + "means: dLdW2 = dW2\nA2 = sigmoid(Z2)\ndLdW2 = 17 * W2\n")
    assert [line.verdict for line in tied.lines] == [RIGHT, WRONG]


def test_a_text_of_helpers_alone_judges_nothing() -> None:
    checked = check(TWO + "foo = 3 * A1\nbar = foo.T\n")
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
    checked = check(TWO + f"A2 = sigmoid(Z2)\ndZ2 = (A2 - Y) * ({factor}) / n\n".replace("A1", "Z2"))
    assert [line.verdict for line in checked.lines] == [RIGHT, UNDECIDED]
    assert not checked.ok


def test_a_true_zero_tests_nothing() -> None:
    text = "network: sizes 3-5-4, activations tanh sigmoid\nJ = sum(A1) / n\ndW1 = (1 - A1**2) @ X.T / n\n"
    found = by_key(check(text + "dW2 = 0 * W2\n"))
    assert (found["dW1"].verdict, found["dW2"].verdict) == (RIGHT, UNDECIDED)
    assert found["dW2"].detail == check_module.NOTHING
    assert by_key(check(text + "dW2 = W2\n"))["dW2"].verdict == WRONG


def test_a_loop_that_never_runs() -> None:
    checked = check(TWO + "A2 = sigmoid(Z2)\nfor l in range(L, L):\n    dW[l] = 17 * X\n")
    assert [line.verdict for line in checked.lines] == [RIGHT, UNDECIDED]
    assert not checked.ok


# --- where shapes hide an error


def test_right_only_because_a_size_is_one() -> None:
    text = "network: sizes 3-5-1, activations tanh sigmoid, loss binary_cross_entropy\ndZ2 = (A2 - Y) / n\n"
    line = check(text + "dA1 = W2.T * dZ2\n").lines[1]
    assert line.verdict == RIGHT
    assert any(note.startswith("right only because n_2 = 1") for note in line.notes)
    assert any("spreads" in note for note in line.notes)
    assert (
        check(text + "db2 = sum(dZ2)\n").lines[1].notes[0].startswith("right only because n_2 = 1")
    )
    assert not check(text + "dA1 = W2.T @ dZ2\n").lines[1].notes
    assert verdicts(text.replace("3-5-1", "3-5-k") + "dA1 = W2.T * dZ2\n")[1] == SHAPES
    assert check(text + "dA1 = W2 * dZ2\n").lines[1].verdict == SHAPES


def test_a_transpose_behind_a_square() -> None:
    """All layers of one size: every transpose fits, and the numbers tell."""
    text = (
        "network: sizes d-d-d, activations tanh sigmoid, loss squared_error\n"
        "dZ2 = 2 * (A2 - Y) * A2 * (1 - A2) / n\n"
        "dW2 = dZ2 @ A1.T\ndZ1 = (W2.T @ dZ2) * (1 - A1**2)\n"
    )
    assert check(text).ok
    assert verdicts(text.replace("dZ2 @ A1.T", "A1 @ dZ2.T")) == [RIGHT, WRONG, RIGHT]
    assert (
        check(text.replace("dZ2 @ A1.T", "A1 @ dZ2.T")).wrong[0].detail
        == "it is the truth transposed"
    )
    assert verdicts(text.replace("W2.T @", "W2 @")) == [RIGHT, RIGHT, WRONG]
    assert verdicts(text + "Z1 = W1.T @ X + b1\n")[-1] == WRONG


def test_shapes_that_fit_where_sizes_are_equal() -> None:
    line = check(TWO + "Z1 = (X @ W1).T + b1\n").lines[0]
    assert line.verdict == SHAPES
    assert line.notes == ("where the sizes are equal it fits, and is silently wrong",)


# --- kinks


@pytest.mark.parametrize(
    ("curve", "formula", "verdict"),
    [
        *(("relu", f, RIGHT) for f in ("Z1 > 0", "Z1 >= 0", "A1 > 0", "relu_prime(Z1)", "where(Z1 > 0, 1, 0)", "g_prime(Z1)")),
        *(("relu", f, RIGHT) for f in ("A1 != 0", "1 - (Z1 < 0)", "(abs(Z1) / Z1 + 1) / 2", "A1 / Z1", "relu_prime(A1)")),
        *(("relu", f, WRONG) for f in ("Z1 < 0", "A1", "Z1", "A1 >= 0", "1 - A1**2", "relu(A1)", "sigmoid(Z1)", "1")),
        *(("leaky_relu", f, RIGHT) for f in ("where(Z1 > 0, 1, 0.01)", "where(A1 > 0, 1, 0.01)", "(Z1 > 0) + 0.01 * (Z1 <= 0)")),
        *(("leaky_relu", f, WRONG) for f in ("Z1 > 0", "where(Z1 > 0, 1, 0.1)", "where(Z1 > 0, 1, -0.01)", "A1 > 0")),
        *(("elu", f, RIGHT) for f in ("where(Z1 > 0, 1, exp(Z1))", "where(Z1 > 0, 1, A1 + 1)", "minimum(1, A1 + 1)")),
        *(("elu", f, WRONG) for f in ("where(Z1 > 0, 1, A1)", "Z1 > 0", "exp(Z1)", "where(Z1 > 0, 1, exp(Z1) - 1)")),
    ],
)  # fmt: skip
def test_a_derivative_with_a_kink(curve: str, formula: str, verdict: Verdict) -> None:
    text = (
        f"network: sizes 3-5-1, activations {curve} sigmoid, loss binary_cross_entropy\n"
        f"dZ2 = (A2 - Y) / n\ndZ1 = (W2.T @ dZ2) * ({formula})\n"
    )
    assert verdicts(text) == [RIGHT, verdict]


def test_relu_as_a_text_writes_it() -> None:
    header = "network: layers 2, activations relu sigmoid, loss squared_error\n"
    for formula in (
        "maximum(0, Z1)",
        "maximum(Z1, 0)",
        "Z1 * (Z1 > 0)",
        "where(Z1 < 0, 0, Z1)",
        "(Z1 + abs(Z1)) / 2",
    ):
        assert check(f"{header}A1 = {formula}\n").ok
    for formula in (
        "minimum(0, Z1)",
        "abs(Z1)",
        "maximum(0.01 * Z1, Z1)",
        "Z1 * (Z1 < 0)",
        "maximum(0, Z1)**2",
    ):
        assert verdicts(f"{header}A1 = {formula}\n") == [WRONG]


# --- names that the header ties


def test_tied_names_are_judged_as_what_they_mean() -> None:
    header = (
        TWO
        + "means: E = J, out = A2, hid = A1, delta = -dZ2 / 2, back = 3 * dA1.T, m = n, w = W2\n"
    )
    right = (
        "out = sigmoid(Z2)\nE = -sum(Y * log(out) + (1 - Y) * log(1 - out)) / m\ndelta = (Y - out) / (2 * m)\n"
        "back = -6 * delta.T @ w\ndw = -2 * delta @ hid.T\nw = w - alpha * dw\n"
    )
    assert verdicts(header + right) == [RIGHT] * 6
    for old, new, line in (
        ("(Y - out)", "(out - Y)", 2),
        ("-6", "6", 3),
        ("(2 * m)", "m", 2),
        ("w - alpha", "w + alpha", 5),
        ("@ hid.T", "@ out.T", 4),
        ("-2 * delta", "delta", 4),
    ):
        assert check(header + right.replace(old, new)).lines[line].verdict in (WRONG, SHAPES), new


@pytest.mark.parametrize(
    ("means", "lines"),
    [
        ("foo = dW2", "dW2 = foo"),
        ("foo = dW2, bar = foo", "dW2 = bar"),
        ("foo = 2 * dW2.T, bar = foo / 2, baz = bar.T", "dW2 = baz"),
        ("G[1] = dW1", "dW1 = G[1]"),
        ("G1 = dW1", "dW1 = G1"),
        ("E = J", "J = E"),
        ("foo = Z1", "Z1 = foo"),
        ("foo = 2 * Z1, bar = foo", "Z1 = bar / 2"),
        ("foo = dZ2 @ A1.T", "dW2 = foo"),
        ("h = A1", "dA1 = dh"),
        ("h = A1", "dh = dA1"),
        ("foo = where(Z1 > 0, dZ1, dZ1)", "dZ1 = foo"),
        ("data = dX", "dX = data"),
    ],
)
def test_a_tied_name_does_not_give_the_answer_away(means: str, lines: str) -> None:
    assert verdicts(f"{TWO}means: {means}\n{lines}\n") == [UNDEFINED]


def test_tied_names_of_inputs_are_given() -> None:
    assert check(TWO + "means: x = X, w = W1, m = n\nZ1 = w @ x + b1\ndZ2 = (A2 - Y) / m\n").ok
    assert check(TWO + "means: x = X, h = A1\nA0 = x\nZ2 = W2 @ h + b2\n").ok


# --- ways to be called right that are none

TRICKS = [
    # reading what the text never gives
    *(
        "dW2 = dW2",
        "dZ2 = dZ2\ndW2 = dZ2 @ A1.T",
        "dX = W1.T @ dZ1",
        "dA2 = dA2 + 0 * A2",
        "dW2 = -(-dW2)",
    ),
    *(
        "foo = dW2\ndW2 = foo",
        "foo = dZ1\nbar = foo\ndZ1 = bar",
        "dW2 = dW2 = dW2",
        "dW2 = 0 * A2 = dW2",
    ),
    *("dW2 *= 1", "dW2 += 0", "for l in range(1, L+1):\n    dW[l] = dW[l]", "dW1 = dW2\ndW2 = dW1"),
    "for l in range(L, 0, -1):\n    dZ[l] = dZ[l]\n    dW[l] = dZ[l] @ A[l-1].T",
    # another value for what is given
    *("X = 0 * X", "Y = A2", "A0 = X + 1", "W1 = W2", "b1 = 0 * b1", "W1 = 0", "b2 = b2", "n2 = 1"),
    "Y = A2\ndZ2 = (A2 - Y) / n",
    "W2 = 0 * W2\ndZ1 = 0 * A1",
    "X = X / 255\nZ1 = W1 @ X + b1",
    # a helper that looks like the trace
    *("DW2 = 0\ndW2 = DW2", "dW_2 = 0 * W2", "dZ_1 = 0 * Z1", "dw2 = 17\ndW2 = dw2"),
    # errors behind errors
    "dZ2 = 3 * (A2 - Y)\ndW2 = dZ2 @ A1.T / (3 * n)",
    "A2 = tanh(Z2)\ndZ2 = (A2 - Y) / n",
    "J = 3\ndW2 = 0 * W2",
    # errors that are small
    *("dZ2 = (A2 - Y) / n + 1e-38 * X[1]".replace("X[1]", "Y"), "A2 = sigmoid(Z2) + 1e-39 * Z2"),
    *("A2 = sigmoid(Z2) * (1 - 1e-39)", "A1 = sigmoid(Z1 + 1e-37)"),
    # the whole for a part, one index for another
    *("dZ2 = (A2 - Y) / n\ndW2 = dZ2 @ A[L].T", "dZ[1] = W[L].T @ (A[L] - Y) / n"),
    # conventions that are mixed
    "dA2 = (-Y / A2 + (1 - Y) / (1 - A2)) / n\ndZ2 = A2 - Y",
    "dZ2 = A2 - Y\ndZ1 = (W2.T @ dZ2) * A1 * (1 - A1) / n",
    "dZ2 = A2 - Y\ndW2 = dZ2 @ A1.T / n\ndX = W1.T @ (((W2.T @ dZ2) / n) * A1 * (1 - A1))",
    "J = -sum(Y * log(A2) + (1 - Y) * log(1 - A2)) / n\ndZ2 = A2 - Y\ndW2 = dZ2 @ A1.T",
    "J = -sum(Y * log(A2) + (1 - Y) * log(1 - A2))\ndZ2 = (A2 - Y) / n",
    "J = -mean(Y * log(A2) + (1 - Y) * log(1 - A2))\ndZ2 = (A2 - Y) / n",
    "J = -sum(Y * log(A2) - (1 - Y) * log(1 - A2)) / n\ndZ2 = A2 - Y\ndW2 = dZ2 @ A1.T",
    "J = -sum(Y * log(A2) + (1 - Y) * log(1 - A2)) / n\ndZ2 = A2 - Y\nW2 = W2 - alpha * dZ2 @ A1.T",
    # parts that do not make the whole
    "dZ2 = A2 - Y\ndW2 = dZ2 @ A1.T\ndW2 *= n",
    "dZ2 = A2 - Y\ndZ2 /= n\ndZ2 = dZ2 * A2 * (1 - A2)",
    "dZ2 = A2 - Y\ndW2 = dZ2 @ A1.T\nW2 = W2 - alpha * dW2\ndW2 /= n",
    "J = -sum(Y * log(A2)) / n\nJ -= sum((1 - Y) * log(A2)) / n",
    # loops
    "dZ[L] = A[L] - Y\nfor l in range(L, 0, -1):\n    dW[l] = dZ[L] @ A[l-1].T / n",
    "for l in range(1, L + 1):\n    Z[l] = W[l] @ A[l-1] + b[1]",
    "for l in range(0, L):\n    Z[l] = W[l+1] @ A[l] + b[l+1]",
    "for l in range(1, L + 2):\n    Z[l] = W[l] @ A[l-1] + b[l]",
]


@pytest.mark.parametrize("lines", TRICKS)
def test_a_trick_does_not_pass(lines: str) -> None:
    checked = check(TWO + lines + "\n")
    assert checked.wrong
    assert not checked.ok


NO_NETWORK = (
    "inputs: x (1, n), y (1, n), w (1, 1), b (1, 1)\nz = w * x + b\nJ = sum((z - y)**2) / n\n"
)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("dz = 2 * (z - y) / n\ndw = sum(dz * x)\ndb = sum(dz)", [RIGHT] * 3),
        ("dz = 2 * (z - y)\ndw = sum(dz * x) / n\ndb = mean(dz)", [RIGHT] * 3),
        ("dz = 2 * (z - y)\ndw = sum(dz * x)\ndb = sum(dz)", [RIGHT, WRONG, WRONG]),
        ("dw = sum(2 * (z - y) * x)\ndb = sum(2 * (z - y))", [WRONG, WRONG]),
        ("dw = mean(2 * (z - y) * x)\nw = w - alpha * dw", [RIGHT, RIGHT]),
        ("dw = mean(2 * (z - y) * x)\nw = w + alpha * dw", [RIGHT, WRONG]),
        ("dw = mean(2 * (z - y) * x)\nw = w - b * dw", [RIGHT, WRONG]),
        ("dw = mean((z - y) * x)", [WRONG]),
        ("w = w - alpha * dw", [UNDEFINED]),
        ("dw = dw", [UNDEFINED]),
        ("x = 2 * x", [WRONG]),
        ("z = 2 * z", [WRONG]),
        ("dy = 2 * (y - z) / n\ndx = 2 * w * (z - y) / n", [RIGHT, RIGHT]),
    ],
)
def test_without_a_network(lines: str, found: list[Verdict]) -> None:
    """Parameters are the inputs that have no place for each example: they are never n times."""
    assert verdicts(NO_NETWORK + lines + "\n")[2:] == found


# --- a name that is set in several steps


def test_a_name_is_judged_where_the_text_is_done_with_it() -> None:
    text = (
        HEADER + "dZ2 = A2 - Y\ndZ2 /= n\ndW2 = dZ2 @ A1.T * n\ndW2 = dW2 / n\n"
        "dZ1 = W2.T @ dZ2\ndZ1 *= 1 - A1**2\ndW1 = dZ1 @ X.T\n"
    )
    checked = check(text)
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
    text = "J = -sum(Y * log(A2) + (1 - Y) * log(1 - A2)) / n\nfor l in range(1, L+1):\n    J += lam / 2 * sum(W[l]**2)\n"
    checked = check(header + text)
    assert [line.verdict for line in checked.lines] == [HELPER, RIGHT]
    assert checked.ok
    assert verdicts(header + text.replace("lam / 2", "lam")) == [HELPER, WRONG]
    assert verdicts(header + text.replace("L+1", "L")) == [HELPER, WRONG]


# --- loops


def test_a_line_that_is_right_in_some_rounds_only() -> None:
    text = "network: layers 4, activations tanh identity, loss squared_error\ndZ[L] = 2 * (A[L] - Y) / n\n"
    loop = "for l in range(L - 1, 0, -1):\n    dZ[l] = (W[l+1].T @ dZ[l+1]) * (1 - A[l]**2)\n"
    assert check(text + loop).ok
    for old, new, rounds in (
        ("dZ[l+1]", "dZ[L]", ("l = 2", "l = 1")),
        ("W[l+1].T", "W[2].T", ("l = 3",)),
        ("A[l]**2", "A[l] * A[1]", ("l = 3", "l = 2")),
    ):
        found = check(text.replace("layers 4", "sizes d-h-h-h-k") + loop.replace(old, new))
        assert found.wrong[0].rounds == rounds


def test_a_loop_that_ends_too_early_is_noted() -> None:
    text = ANY_L.format("tanh") + NLAYER.replace("range(L - 1, 0, -1)", "range(L - 1, 1, -1)")
    assert {line.key: line.verdict for line in check(text).wrong} == {
        "W[l]": UNDEFINED,
        "b[l]": UNDEFINED,
    }
    without = text[: text.index("for l in range(1, L + 1)")]
    assert any("not given" in note and "dW1, db1" in note for note in check(without).notes)


def test_one_activation_for_all_is_no_proof_for_another() -> None:
    """With identity everywhere a forgotten derivative is right; the header says so, and is told."""
    line = "dZ2 = 2 * (A2 - Y) / n\ndZ1 = W2.T @ dZ2\n"
    assert check("network: layers 2, activations identity identity, loss squared_error\n" + line).ok
    assert verdicts(
        "network: layers 2, activations softplus identity, loss squared_error\n" + line
    ) == [RIGHT, WRONG]


# --- the judgement itself made wrong


def test_the_tests_see_a_judge_that_trusts_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_module.Truth, "free", lambda self, assigned: set(self.values))
    assert check(TWO + "dW2 = dW2\n").ok


def test_the_tests_see_a_judge_without_first_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judgement, "_stages", lambda steps, parameters: {})
    assert verdicts(HEADER + "dZ2 = A2 - Y\ndZ2 /= n\n") == [WRONG, CANCELS]
