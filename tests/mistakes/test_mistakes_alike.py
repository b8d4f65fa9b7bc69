"""The table of mistakes with the same numbers is exactly true on the required cases."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import combinations

import numpy as np
import pytest

from gradoracle import corpus
from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.diagnosis.explaining import explanation
from gradoracle.diagnosis.hypotheses import Hypothesis, Trace, space
from gradoracle.diagnosis.reading import readings
from gradoracle.mistakes import Mistake, find
from gradoracle.mistakes import all as every
from gradoracle.mistakes.alike import ALIKE, Alike, Returned, alike_to, declared
from gradoracle.mistakes.kills import Target
from gradoracle.mistakes.steps import run

ANSWER = ("J", "dW", "db")
SAME = 2.0**-40  # of the largest number: three quarters of the digits
ROWS = [pytest.param(row, id=f"{'-'.join(row.mistakes)}-{row.where}") for row in ALIKE]


@cache
def target(case: str) -> Target:
    return Target(corpus.find(case), "float64")


@cache
def cases() -> tuple[str, ...]:
    return tuple(f.case.id for f in corpus.load("required") if "float64" in f.dtypes)


def returned(trace: Trace, row: Alike) -> Trace:
    return {n: a for n, a in trace.items() if row.returned == "everything" or n[:2] in ANSWER}


def places(row: Alike) -> Iterator[tuple[Case, int]]:
    """Yield where the row speaks: both can be made there."""
    for case_id in cases():
        case = corpus.find(case_id).case.astype("float64")
        layers = [set(find(name).layers(case)) for name in row.mistakes]
        for layer in sorted(set.union(*layers)):
            if sum(layer in some for some in layers) > 1 and row.holds(case, layer):
                yield case, layer


def explained(made: Mistake, by: Mistake, case: Case, layer: int, row: Alike) -> bool | None:
    """Whether a mistake explains the trace of another one; None if that does not show."""
    there = target(case.id)
    read = readings(returned(made.run(case, layer), row), case, there.truth, there.reference)
    if not read[0].wrong:
        return None
    hypothesis = Hypothesis(((by, layer),))
    return any(explanation(space(case), hypothesis, reading) is not None for reading in read)


@pytest.mark.parametrize("row", ROWS)
def test_what_is_declared_alike_explains_each_other(row: Alike) -> None:
    asked = 0
    for case, layer in places(row):
        made = [find(name) for name in row.mistakes if layer in find(name).layers(case)]
        for one, other in combinations(made, 2):
            found = [explained(a, b, case, layer, row) for a, b in ((one, other), (other, one))]
            if None not in found:  # both show
                asked += 1
                assert any(found), (one.name, other.name, layer, case.id)
    assert asked


@pytest.mark.parametrize(
    "row",
    [pytest.param(r, id=r.why) for r in ALIKE if r.returned != "everything"],
)
def test_a_whole_trace_tells_them_apart_where_the_row_says_so(row: Alike) -> None:
    told = []
    for case, layer in places(row):
        made = [find(name) for name in row.mistakes if layer in find(name).layers(case)]
        for one, other in combinations(made, 2):
            a, b = one.run(case, layer), other.run(case, layer)
            told.append(any(not same(a[name], b[name]) for name in a))
    assert any(told)


def same(a: Array, b: Array) -> bool:
    """Whether two arrays agree in three quarters of the digits of the largest number."""
    if a.shape != b.shape or not (np.isnan(a) == np.isnan(b)).all():
        return False
    with np.errstate(invalid="ignore"):
        off = np.where((a == b) | np.isnan(a), 0, np.abs(a - b))
    finite = [float(np.abs(x[np.isfinite(x)]).max(initial=0)) for x in (a, b)]
    return bool((off <= SAME * max(finite)).all())


def alike(a: Trace, b: Trace, names: list[str]) -> bool:
    return all(n in a and n in b and same(a[n], b[n]) for n in names)


def visible(case: Case, names: list[str]) -> dict[tuple[str, int], Trace]:
    """Return what the mistakes return that show, by mistake and layer."""
    right = run(case)
    found = {(m.name, layer): m.run(case, layer) for m in every() for layer in m.layers(case)}
    return {place: trace for place, trace in found.items() if not alike(trace, right, names)}


@pytest.mark.parametrize("kind", ["everything", "J, dW and db"])
def test_no_two_that_are_always_the_same_are_missing(kind: Returned) -> None:
    """Of any two that are the same wherever both can be made and show, and that is somewhere."""
    apart: set[tuple[str, str]] = set()
    met: dict[tuple[str, str], tuple[Case, int]] = {}
    for case_id in cases():
        case = corpus.find(case_id).case.astype("float64")
        names = [n for n in run(case) if kind == "everything" or n[:2] in ANSWER]
        for (a, b), (c, d) in combinations(visible(case, names).items(), 2):
            pair = min(a[0], c[0]), max(a[0], c[0])
            if a[0] == c[0] or pair in apart or (a[1] != c[1] and 0 not in (a[1], c[1])):
                continue
            if alike(b, d, names):
                met[pair] = case, max(a[1], c[1])
            else:
                apart.add(pair)
    always = {pair: place for pair, place in met.items() if pair not in apart}
    assert always
    assert [pair for pair, place in always.items() if declared(*pair, *place, kind) is None] == []


def test_what_is_alike_is_said_of_both() -> None:
    for row in ALIKE:
        assert len(set(row.mistakes)) == len(row.mistakes) > 1
        for name in row.mistakes:
            assert {other for other, its in alike_to(name) if its is row} == {*row.mistakes} - {
                name
            }


def test_a_pair_that_is_not_declared_is_found_out() -> None:
    case = corpus.find("shape.square").case
    for one, other, kind in (
        ("activation-in-place", "derivative-at-the-activation", "everything"),
        ("derivative-dropped", "weights-not-transposed", "J, dW and db"),
    ):
        assert declared(one, other, case, 1, kind) is None
        a, b = find(one).run(case, 1), find(other).run(case, 1)
        assert not alike(a, b, list(a))
