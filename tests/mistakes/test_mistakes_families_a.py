"""The known mistakes of the pass itself: each is seen, where it says, and its mend is right."""

from __future__ import annotations

import re
from functools import cache
from itertools import combinations
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from gradoracle import corpus
from gradoracle.activations import activate, elementwise, gelu, sigmoid, softmax
from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.judge import judge
from gradoracle.losses import LOSSES
from gradoracle.mistakes import FAMILIES, Mistake
from gradoracle.mistakes.families import (
    activation_derivatives,
    bias,
    loss_and_output,
    scale_and_reduction,
    sign,
    transposes_and_layers,
)
from gradoracle.mistakes.mistake import filled
from gradoracle.mistakes.steps import run
from gradoracle.reference import Reference, reference

MODULES: tuple[ModuleType, ...] = (
    scale_and_reduction,
    sign,
    transposes_and_layers,
    activation_derivatives,
    loss_and_output,
    bias,
)
MISTAKES: tuple[Mistake, ...] = tuple(m for module in MODULES for m in module.MISTAKES)
EVERY = [pytest.param(m, id=m.name) for m in MISTAKES]
CASES = [item.case for item in corpus.load("required")]
TELLING = [  # small, and different in all that these mistakes are about
    case
    for case in CASES
    if re.match(
        r"alone|hidden|shape|reduction|n-layer|two-layer|delta|pair.*(error|linear)", case.id
    )
]

# a zero bias is what hides a wrong one, and rows of softmax sum to 1: db is the sum of dW there
HIDDEN_BY = {
    "bias-forgotten": {"bias.zero"},
    "bias-subtracted": {"bias.zero"},
    "bias-added-twice": {"bias.zero"},
    "bias-after-the-activation": {"bias.zero"},
    "one-bias-for-the-layer": {"bias.zero"},
    "bias-gradient-from-weights": {"hidden.softmax", "shape.softmax-hidden-deep"},
}


@cache
def limits(case_id: str, dtype: str) -> Reference:
    frozen = corpus.find(case_id)
    return reference(frozen.case.astype(dtype), frozen.truth)


def first_wrong(mistake: Mistake, case: Case, layer: int) -> str | None:
    limit = limits(case.id, str(case.dtype))
    trace = mistake.run(limit.case, layer)
    assert all(array.dtype == case.dtype for array in trace.values())
    found = judge(trace, corpus.truth_of(case.id), limit).first_wrong
    return found.name if found else None


def touched(mistake: Mistake, case: Case, layer: int) -> set[str]:
    return {
        touch.replace("l-1", str(one - 1)).replace("l", str(one))
        for touch in mistake.touches
        for one in ([layer] if layer else range(1, case.L + 1))
    }


@pytest.mark.parametrize("mistake", EVERY)
def test_is_seen_in_float64_and_where_it_says(mistake: Mistake):
    hidden_by, seen = set(), 0
    for case in CASES:
        for layer in mistake.layers(case):
            first = first_wrong(mistake, case, layer)
            if first is None:
                hidden_by.add(case.id)
            else:
                assert first in touched(mistake, case, layer), (case.id, layer)
                seen += 1
    assert seen
    assert hidden_by == HIDDEN_BY.get(mistake.name, set())


@pytest.mark.parametrize("mistake", EVERY)
def test_is_seen_in_float32(mistake: Mistake):
    in_float32 = [case.astype("float32") for case in CASES if mistake.layers(case)]
    for case in in_float32:
        layer = mistake.layers(case)[0]
        if first := first_wrong(mistake, case, layer):
            assert first in touched(mistake, case, layer), (case.id, layer)
            return
    pytest.fail("no required case sees it")


def names(case: Case, layer: int) -> dict[str, Any]:
    """What the code of a mend may use: the right pass so far, and functions of its layer."""
    trace, loss, activation = run(case), LOSSES[case.network.loss], case.activation(layer)
    per_layer: dict[str, dict[int, Array]] = {"W": dict(case.W), "b": dict(case.b)}
    per_layer["A"], per_layer["dA"] = {0: case.X}, {0: trace["dX"]}
    for name, array in trace.items():
        if name[-1].isdigit():
            per_layer.setdefault(name[:-1], {})[int(name[-1])] = array
    return {
        **per_layer,
        "np": np,
        "sigmoid": sigmoid,
        "softmax": softmax,
        "gelu": gelu,
        "l": layer,
        "L": case.L,
        "Y": case.Y,
        "N": case.N,
        "J": trace["J"],
        "g": lambda z: activate(activation, z),
        "g_prime": lambda z: elementwise(activation).prime(z),
        "loss": loss.terms,
        "loss_prime": loss.cotangent,
    }


@pytest.mark.parametrize("mistake", EVERY)
def test_the_code_of_its_mend_is_right(mistake: Mistake):
    done = 0
    for case in (case for case in TELLING if case.network.l2 == 0):
        for layer in mistake.layers(case):
            at = layer or case.L
            given = names(case, at)
            if "g_prime" in mistake.code and case.activation(at) == "softmax":
                continue  # has a Jacobian
            target = mistake.code.split(" = ")[0]
            right = np.array(eval(target, dict(given)))  # noqa: S307 - names an array of the pass
            exec(mistake.code, given)  # noqa: S102 - the line of the catalogue under test
            got = eval(target, dict(given))  # noqa: S307
            np.testing.assert_allclose(got, right, rtol=1e-9, atol=1e-14)
            assert np.shape(got) == right.shape
            done += 1
    assert done


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.split(".")[-1])
def test_each_family_is_one_of_the_catalogue(module: ModuleType):
    assert {m.family for m in module.MISTAKES} == {module.FAMILY}
    assert module.FAMILY in FAMILIES


def test_there_are_many_and_none_has_the_name_of_another():
    assert len(MISTAKES) >= 100
    assert len({m.name for m in MISTAKES}) == len(MISTAKES)


@pytest.mark.parametrize("mistake", EVERY)
def test_is_described_in_lines(mistake: Mistake):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", mistake.name)
    texts = [mistake.symptom, mistake.tempting, mistake.mend, mistake.code]
    texts += [source.text for source in mistake.sources]
    for text in texts:
        assert text.strip() == text != ""
        assert text.isprintable()
    assert mistake.touches
    assert all(re.fullmatch(r"J|dX|(d?[AZ]|d[Wb])l(-1)?", touch) for touch in mistake.touches)
    for text in (mistake.symptom, mistake.mend, mistake.code):
        assert "[l" not in filled(text, CASES[0], 1)
        assert "[L]" not in filled(text, CASES[0], 1)


def test_no_two_have_the_same_numbers_everywhere():
    found = {
        m.name: {
            (case.id, layer): m.run(case, layer) for case in TELLING for layer in m.layers(case)
        }
        for m in MISTAKES
    }
    for one, other in combinations(found, 2):
        assert found[one].keys() != found[other].keys() or any(
            differ(found[one][key], found[other][key]) for key in found[one]
        ), (one, other)


def differ(one: dict[str, Array], other: dict[str, Array]) -> bool:
    return one.keys() != other.keys() or any(
        one[name].shape != other[name].shape
        or not np.allclose(one[name], other[name], rtol=1e-6, atol=1e-12, equal_nan=True)
        for name in one
    )


def test_the_two_texts_and_the_slide_are_among_the_sources():
    said = [source.text for m in MISTAKES for source in m.sources]
    assert sum("first of the two texts" in text for text in said) >= 10
    assert sum(text.startswith("the second of the two texts") for text in said) >= 3
    assert any(text.startswith("the slide") for text in said)


def test_a_hidden_layer_s_mistake_leaves_the_output_alone():
    case = corpus.find("two-layer.sigmoid-bce").case
    mistake = next(m for m in MISTAKES if m.name == "sigmoid-without-the-minus")
    assert set(mistake.replacements(case, 1)) == {("A", 1)}
    assert set(mistake.replacements(case, 2)) == {("A", 2), ("J", 2)}
    assert set(mistake.replacements(case, 0)) == {("A", 1), ("A", 2), ("J", 2)}
