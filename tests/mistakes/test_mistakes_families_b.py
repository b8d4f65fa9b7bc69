"""Regularisation, softmax, numerics, state, labels, data: each mistake is seen, where it says."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import pytest

from gradoracle import corpus
from gradoracle.candidate.python import PythonSession
from gradoracle.case import Case
from gradoracle.checking.engine import run_one
from gradoracle.checking.result import Outcome
from gradoracle.judge import judge
from gradoracle.mistakes import FAMILIES, Mistake, Mutant
from gradoracle.mistakes import all as every
from gradoracle.mistakes.families import (
    data,
    labels_and_shapes,
    numerics,
    regularisation,
    softmax,
    state_and_aliasing,
)
from gradoracle.mistakes.steps import STEPS, run
from gradoracle.mistakes.unseen import IN_SECOND_CALL, UNSEEN
from gradoracle.reference import Reference, reference

HERE = (regularisation, softmax, numerics, state_and_aliasing, labels_and_shapes, data)
MISTAKES = [mistake for family in HERE for mistake in family.MISTAKES]
EVERY = [pytest.param(mistake, id=mistake.name) for mistake in MISTAKES]
REQUIRED = [frozen.case for frozen in corpus.load("required")]
OTHERS = [frozen.case for frozen in corpus.load(("recommended", "stress"))]
SOME = 25  # places that are judged; the kill matrix judges all

# right in its first call: seen by the second one
SEEN_IN_SECOND_CALL = {unseen.mistake for unseen in UNSEEN if unseen.float64 == IN_SECOND_CALL}


@cache
def limits(case_id: str) -> Reference:
    frozen = corpus.find(case_id)
    return reference(frozen.case, frozen.truth)


def first_wrong(mistake: Mistake, case: Case, layer: int) -> str | None:
    kept: dict[str, Any] = {}
    for _ in range(2 if mistake.name in SEEN_IN_SECOND_CALL else 1):
        trace = mistake.run(case, layer, kept)
    assert all(array.dtype == case.dtype for array in trace.values())
    found = judge(trace, corpus.truth_of(case.id), limits(case.id)).first_wrong
    return found.name if found else None


def touched(mistake: Mistake, case: Case, layer: int) -> set[str]:
    layers = [layer] if layer else range(1, case.L + 1)
    names = {
        touch.replace("l-1", str(one - 1)).replace("l", str(one)).replace("L", str(case.L))
        for touch in mistake.touches
        for one in layers
    }
    return {"dX" if name == "dA0" else name for name in names}


def places(mistake: Mistake, cases: list[Case]) -> list[tuple[Case, int]]:
    found = [(case, layer) for case in cases for layer in mistake.layers(case)]
    return found[:: max(1, len(found) // SOME)]


@pytest.mark.parametrize("mistake", EVERY)
def test_is_seen_and_where_it_says(mistake: Mistake) -> None:
    firsts = {
        (case.id, layer): (first_wrong(mistake, case, layer), touched(mistake, case, layer))
        for case, layer in places(mistake, REQUIRED)
    }
    seen = {place: pair for place, pair in firsts.items() if pair[0] is not None}
    assert {place: pair for place, pair in seen.items() if pair[0] not in pair[1]} == {}
    if not seen:  # rare ones: wherever they can be made
        everywhere = [(case, layer) for case in REQUIRED for layer in mistake.layers(case)]
        found = [(first_wrong(mistake, c, layer), c, layer) for c, layer in everywhere]
        assert any(name in touched(mistake, c, layer) for name, c, layer in found if name)


@pytest.mark.parametrize("name", ["gradients-accumulate", "dropout-left-on",
                                  "momentum-returned-for-the-gradient"])  # fmt: skip
def test_what_is_kept_between_calls_is_not_deterministic(name: str) -> None:
    mistake = next(mistake for mistake in MISTAKES if mistake.name == name)
    frozen = corpus.find("two-layer.tanh-bce")
    layer = mistake.layers(frozen.case)[0]
    result = run_one(PythonSession(Mutant(mistake, layer)), frozen.case, frozen.truth)
    assert result.outcome is Outcome.FAILED
    assert "not deterministic" in [complaint.finding for complaint in result.complaints]


@pytest.mark.parametrize("mistake", EVERY)
def test_keeps_the_dtype_and_the_inputs(mistake: Mistake) -> None:
    for case in (c.astype("float32") for c in REQUIRED[:10] + OTHERS[:3]):
        for layer in mistake.layers(case):
            trace = mistake.run(case, layer)
            assert {str(array.dtype) for array in trace.values()} == {"float32"}


@pytest.mark.parametrize("mistake", EVERY)
def test_says_everything_in_the_right_form(mistake: Mistake) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", mistake.name)
    assert mistake.family in FAMILIES
    assert set(mistake.steps) <= set(STEPS)
    for text in (mistake.symptom, mistake.tempting, mistake.mend, mistake.code):
        assert text.strip() == text
        assert "\n" not in text
        assert text


def test_names_are_unique_and_there_are_enough() -> None:
    names = [mistake.name for mistake in every()]
    assert len(names) == len(set(names))
    assert len(MISTAKES) >= 28


def test_a_mistake_that_cannot_be_made_changes_nothing() -> None:
    case = corpus.find("two-layer.relu-bce").case
    mutant = Mutant(next(m for m in MISTAKES if m.name == "softmax-twice"), -1)
    right = run(case)
    assert all(np.array_equal(array, right[name]) for name, array in mutant(case).items())
