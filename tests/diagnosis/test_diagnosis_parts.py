"""Signatures, facts, pairs, the second case and the tolerance: each on what it must see."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest

from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.diagnosis.diagnose import diagnose
from gradoracle.diagnosis.diagnosis import Diagnosis
from gradoracle.diagnosis.hypotheses import Hypothesis
from gradoracle.diagnosis.reading import read
from gradoracle.diagnosis.signatures import signatures
from gradoracle.diagnosis.tolerance import shares, spread
from gradoracle.mistakes import Mutant, find
from gradoracle.mistakes.steps import run
from shared import case_of, limits, proven

Trace = dict[str, Array]
RELU = "two-layer.relu-bce"


def said_of(trace: Trace, case_id: str = RELU, budget: float = 1.0, **more: object) -> Diagnosis:
    case = case_of(case_id, "float64")
    known, allowed = proven(case_id), limits(case_id, "float64")
    return diagnose(trace, case, known, allowed, budget=budget, **more)  # type: ignore[arg-type]


def few(trace: Trace) -> Trace:
    return {n: a for n, a in trace.items() if n[:2] in ("J", "dW", "db")}


@pytest.mark.parametrize(
    ("name", "spoil", "kind", "text"),
    [
        ("dW1", lambda a: a * 11, "ratio", "11 (n)"),
        ("dW1", lambda a: a * 0.7, "ratio", "0.7"),
        ("dW1", lambda a: -a, "ratio", "-1"),
        ("dW1", lambda a: a * 0, "zero", "0 everywhere"),
        ("dW1", lambda a: a.T, "transposed", "transposed"),
        ("dW1", lambda a: a[::-1], "permuted", "units: 3, 2, 1, 0"),
        ("A1", lambda a: a[:, ::-1], "permuted", "order of the examples"),
        ("dW1", lambda a: a.astype(np.float32).astype(np.float64), "float32", "leaves float64"),
    ],
)
def test_signatures(name: str, spoil: Callable[[Array], Array], kind: str, text: str) -> None:
    case = case_of(RELU, "float64")
    trace = {**run(case), name: np.array(spoil(run(case)[name]))}
    reading = read(trace, case, proven(RELU), limits(RELU, "float64"), 1)
    (found,) = signatures(reading)
    assert (found.array, found.kind) == (name, kind)
    assert text in found.text


def test_a_difference_proportional_to_the_weights() -> None:
    case = case_of(RELU, "float64")
    trace = {**run(case), "dW1": run(case)["dW1"] + 0.25 * case.W[1]}
    (found,) = signatures(read(trace, case, proven(RELU), limits(RELU, "float64"), 1))
    assert (found.kind, "0.25 times W1" in found.text) == ("plus W", True)


def test_a_bias_gradient_over_the_wrong_axis() -> None:
    case = case_of(RELU, "float64")
    trace = {**run(case), "db1": run(case)["dZ1"].sum(axis=0, keepdims=True)}
    (found,) = signatures(read(trace, case, proven(RELU), limits(RELU, "float64"), 1))
    assert found.kind == "wrong axis"


def test_a_signature_of_everything_wrong_is_said_without_a_name() -> None:
    trace = few(run(case_of(RELU, "float64")))
    said = said_of({n: a * 0.7 if n != "J" else a for n, a in trace.items()})
    assert (said.kind, said.names) == ("signature", ())
    assert said.formula == "dW2, db2, dW1, db1: 0.7 times the truth"


def times(factor: Callable[[Case], float]) -> Callable[[Case], Trace]:
    """Return a program whose db is a multiple of the truth."""
    return lambda case: {
        n: a * factor(case) if n.startswith("db") else a for n, a in few(run(case)).items()
    }


def test_a_second_case_says_what_a_ratio_stands_for() -> None:
    program = times(lambda case: case.n / 7)
    said = said_of(program(case_of(RELU, "float64")), rerun=program)
    assert said.kind == "none"  # 11/7 here, another number there
    assert any("1.57143 times the truth on this case, but not on" in f for f in said.facts)

    program = times(lambda case: 0.7)
    said = said_of(program(case_of(RELU, "float64")), rerun=program)
    assert (said.kind, said.confirmed) == ("signature", True)
    assert str(said).startswith("db2, db1: 0.7 times the truth, and on ")

    program = times(lambda case: -case.n)
    alone = said_of(program(case_of(RELU, "float64")))
    assert str(alone) == "db2, db1: -11 times the truth, which may be -n"
    again = said_of(program(case_of(RELU, "float64")), rerun=program)
    assert str(again).startswith("db2, db1: -11 times the truth, which is -n, and on ")


def test_a_relation_that_cannot_be_looked_at_again_is_not_confirmed() -> None:
    def crashing(case: Case) -> Trace:
        raise RuntimeError("only this one case")

    right = times(lambda case: 1.0)
    trace = times(lambda case: 0.7)(case_of(RELU, "float64"))
    for rerun in (crashing, lambda case: None, right):
        said = said_of(trace, rerun=rerun)
        assert (said.kind, said.confirmed, said.on) == ("signature", None, "")


def test_an_order_is_the_same_relation_with_other_numbers() -> None:
    def mirrored(case: Case) -> Trace:
        right = few(run(case))
        return right | {"dW1": right["dW1"][::-1].copy()} if case.L == 2 else right

    said = said_of(mirrored(case_of(RELU, "float64")), rerun=mirrored)
    assert (said.kind, said.confirmed) == ("signature", True)
    assert "order of the units: 3, 2, 1, 0" in str(said)


def test_what_rounds_as_coarsely_is_said_but_gives_no_name() -> None:
    """g'(z) times the derivative of the probability form: right on paper, and 43 u off there."""
    case_id = "order.random.relu"
    case = case_of(case_id, "float64")
    said = said_of(find("cross-entropy-not-fused").run(case, 2), case_id)
    assert not said.names
    assert said.facts[1].startswith("cross-entropy-not-fused at layer 2 rounds as coarsely here")


def test_numbers_that_differ_are_shown_apart() -> None:
    case = case_of(RELU, "float64")
    trace = few(run(case))
    trace["dW1"] = trace["dW1"] * np.where(np.arange(5) == 2, 1 + 1e-11, 1)
    fact = next(f for f in said_of(trace, budget=0.1).facts if "the largest error" in f)
    got, truth = fact.rsplit(": ", 1)[1].split(" for ")
    assert got != truth


def test_the_time_is_kept() -> None:
    """However little it is: what was not tried is said."""
    case = case_of("shape.square", "float64")
    trace = few(run(case))
    trace["dW1"] = trace["dW1"] ** 3
    said = said_of(trace, "shape.square", budget=0.0)
    assert not said.names
    assert any("the time ran out" in fact for fact in said.facts)
    assert said.seconds < 5  # of a loaded machine; one look at every mistake is not cut short


def test_the_mend_has_the_numbers_of_the_layers() -> None:
    case = case_of(RELU, "float64")
    said = said_of(find("tanh-derivative-on-relu").run(case, 1))
    assert said.code == "dZ1 = dA1 * (Z1 > 0)"
    said = said_of(find("weight-gradient-from-pre-activation").run(case, 2))
    assert (said.mend, said.code) == (
        "dW2 = dZ2 A1ᵀ: what came into the layer is A1",
        "dW2 = dZ2 @ A1.T",
    )
    said = said_of(find("weight-gradient-negated").run(case, 1))
    assert said.code.startswith("dW1 = dZ1 @ X.T")


def test_explanations_with_the_same_numbers_are_named() -> None:
    trace = few(find("weights-not-transposed").run(case_of("shape.square", "float64"), 2))
    said = said_of(trace, "shape.square")
    assert len(said.names) == 2
    assert "the same numbers: " in str(said)
    assert "weights-reshaped-for-transposed at layer 2" in str(said)


def test_facts_are_certain_and_first() -> None:
    case = case_of(RELU, "float64")
    trace = few(run(case))
    trace["dW1"] = trace["dW1"] + np.outer(np.arange(1, 5), np.arange(1, 6)) * 1e-3
    said = said_of(trace, budget=0.1)
    assert said.kind == "none"
    assert said.facts[0] == "wrong: dW1; right: J, dW2, db2, db1"
    assert any("rank 1 of 4" in fact for fact in said.facts)
    assert any("the largest error at dW1[3, 4]" in fact for fact in said.facts)


def test_where_no_numbers_are_is_told_by_z() -> None:
    case = case_of(RELU, "float64")
    A = run(case)["A1"].copy()
    A[np.abs(run(case)["Z1"]) > 1] = np.nan
    assert any("|Z1| is at least" in fact for fact in said_of({"A1": A}, budget=0.1).facts)


def test_two_mistakes_are_named_as_a_pair() -> None:
    case = case_of(RELU, "float64")
    one, other = find("tanh-derivative-on-relu"), find("weight-gradient-negated")
    pair = Hypothesis(((one, 1), (other, 2)))
    for kept in (lambda t: t, few):
        said = said_of(kept(run(case, pair.replacements(case))), budget=20.0)
        assert said.kind == "pair"
        assert {part for parts in said.names for part in parts} >= set(pair.name)


def test_what_explains_a_part_is_marked_as_such() -> None:
    case = case_of(RELU, "float64")
    trace = find("tanh-derivative-on-relu").run(case, 1)
    trace["dW2"] = trace["dW2"] + np.arange(4)
    said = said_of(trace, budget=1.0)
    assert not said.names
    assert said.partial[0].name == "tanh-derivative-on-relu"
    assert said.partial[0].unexplained == ("dW2",)
    assert 0 < said.partial[0].share < 1
    assert str(said) == "no known mistake explains this"


def test_a_second_case_confirms_or_refutes() -> None:
    case = case_of(RELU, "float64")
    mistake = find("tanh-derivative-on-relu")
    trace = mistake.run(case, 1)
    program = Mutant(mistake, -1 - 1)
    said = said_of(trace, rerun=program)
    assert said.confirmed
    assert said.on.startswith("order.random.relu")

    def strange(other: Case) -> Trace:
        return {n: a * 1.5 if n == "dW1" else a for n, a in program(other).items()}

    said = said_of(trace, rerun=strange, budget=0.3)
    assert not said.names
    assert any("but not order" in fact for fact in said.facts)

    def crashing(other: Case) -> Trace:
        raise RuntimeError("only this one case")

    for cannot in (crashing, lambda other: None):
        said = said_of(trace, rerun=cannot)
        assert (said.confirmed, said.on) == (None, "")
        assert said.name == "tanh-derivative-on-relu at layer 1"


def test_the_tolerance_is_not_zero_by_accident_nor_wide_by_a_jump() -> None:
    rng = np.random.default_rng(0)
    centre = {"A": np.ones(100)}
    samples = [{"A": 1 + 1e-16 * rng.normal(size=100)} for _ in range(16)]
    for sample in samples:
        sample["A"][0] = 1.0  # agrees by accident
    samples[3]["A"][1] = 5.0  # a kink, once
    found = spread(centre, samples)["A"]
    assert 0 < found[0] < 1e-14
    assert found[1] < 1e-14


def test_no_number_is_never_within_a_tolerance() -> None:
    nan, inf = np.array([np.nan]), np.array([np.inf])
    one, wide = np.ones(1), np.full(1, 1e300)
    assert shares(nan, one, wide) == np.inf
    assert shares(one, nan, wide) == np.inf
    assert shares(inf, one, wide) == np.inf
    assert shares(inf, -inf, wide) == np.inf
    assert shares(inf, inf, wide) == 0
    assert not (shares(one, one + 1, nan) <= 1)
    assert shares(one, one + 1, np.zeros(1)) == np.inf


def test_it_is_json() -> None:
    case = case_of(RELU, "float64")
    for trace in (find("tanh-derivative-on-relu").run(case, 1), {"J": np.array(np.nan)}):
        text = json.dumps(said_of(trace, budget=0.1).to_json(), allow_nan=False)
        assert set(json.loads(text)) >= {"kind", "names", "facts", "partial", "worst"}


@pytest.mark.parametrize("odd", [None, "text", [1.0], np.array(["a"]), np.array([1j])])
def test_what_is_no_array_of_numbers_is_survived(odd: object) -> None:
    case = case_of(RELU, "float64")
    trace: dict[str, object] = {**find("tanh-derivative-on-relu").run(case, 1), "dW2": odd}
    said = said_of(trace, budget=0.1)  # type: ignore[arg-type]
    assert not said.names
