"""What is not in the catalogue gets no name: 1,000 wrong traces, and right programs."""

from __future__ import annotations

import numpy as np
import pytest
from strange_traces import CASES, perturbed, thousand, triples

from gradoracle import corpus
from gradoracle.activations import sigmoid_prime_from_a
from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.diagnosis.diagnose import diagnose
from gradoracle.diagnosis.explaining import explanation
from gradoracle.diagnosis.hypotheses import space
from gradoracle.diagnosis.reading import readings
from gradoracle.judge import Verdict, judge
from gradoracle.mistakes import find
from gradoracle.mistakes.steps import run
from gradoracle.reference import reference
from shared import case_of, limits, proven


@pytest.mark.parametrize("case_id", CASES)
def test_no_name_for_a_hundred_wrong_traces(case_id: str) -> None:
    made = 0
    for case, known, allowed, one in thousand(case_id):
        for reading in readings(one.trace, case, known, allowed):
            assert not [h for h in space(case).singles if explanation(space(case), h, reading)], (
                one.kind
            )
        if made % 10 == 0:  # with pairs
            said = diagnose(one.trace, case, known, allowed, budget=0.3)
            assert not said.names, f"{one.kind}: {said}"
        made += 1
    assert made == 100


def test_pairs_give_no_name_to_strange_traces_either() -> None:
    frozen = corpus.find("two-layer.relu-bce")
    allowed = reference(frozen.case, frozen.truth)
    for one in [*perturbed(frozen.case, 8, 77), *triples(frozen.case, 4, 77)]:
        said = diagnose(one.trace, frozen.case, frozen.truth, allowed, budget=0.7)
        assert not said.names, f"{one.kind}: {said}"


def test_right_traces_get_no_name(dtype: str) -> None:
    case = case_of("two-layer.relu-bce", dtype)
    known, allowed = proven(case.id), limits(case.id, dtype)
    for trace in (run(case), _per_example(case), _from_activations(case)):
        assert judge(trace, known, allowed).verdict is not Verdict.FAIL
        assert not diagnose(trace, case, known, allowed).names


def _per_example(case: Case) -> dict[str, Array]:
    """Return dA, dZ and dX N times the plain derivatives: right in that convention."""
    return {
        n: a * case.dtype.type(case.N) if n[:2] in ("dA", "dZ", "dX") else a
        for n, a in run(case).items()
    }


def _from_activations(case: Case) -> dict[str, Array]:
    """Return y (1 - y) of the activation times dA at the output: right, and accused before."""

    def slope(r, layer):  # type: ignore[no-untyped-def]
        return r.dA[layer] * sigmoid_prime_from_a(r.A[layer])

    return run(case, {("dZ_out", case.L): slope})


def test_a_mistake_in_the_per_example_convention_is_named() -> None:
    case = case_of("two-layer.relu-bce", "float64")

    wrong = find("tanh-derivative-on-relu").run(case, 1)
    trace = {n: a * case.N if n[:2] in ("dA", "dZ", "dX") else a for n, a in wrong.items()}
    said = diagnose(trace, case, proven(case.id), limits(case.id, "float64"))
    assert said.name == "tanh-derivative-on-relu at layer 1"
    assert any("per example" in fact for fact in said.facts)
    trace["dW1"] = trace["dW1"] * (1 + 1e-9)
    said = diagnose(trace, case, proven(case.id), limits(case.id, "float64"), budget=0.2)
    assert not said.names


@pytest.mark.parametrize("name", ["dW1", "db1", "J", "Z1", "dW2"])
@pytest.mark.parametrize("how", ["a little", "nan", "inf", "shape"])
def test_one_entry_that_is_not_explained_takes_the_name_away(name: str, how: str) -> None:
    case = case_of("two-layer.relu-bce", "float64")

    trace = find("tanh-derivative-on-relu").run(case, 1)
    spoilt = np.array(trace[name])
    if how == "shape":
        spoilt = spoilt[np.newaxis]
    else:
        spoilt.flat[-1] = {"a little": spoilt.flat[-1] + 1e-11, "nan": np.nan, "inf": np.inf}[how]
    said = diagnose(
        {**trace, name: spoilt}, case, proven(case.id), limits(case.id, "float64"), budget=0.2
    )
    assert not said.names
