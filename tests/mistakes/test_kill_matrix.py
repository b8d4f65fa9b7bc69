"""Every mistake is killed by a required case or declared; every case is there for one.

Everything is run anew: the page is compared with what this machine sees, and may differ only where
an error is within a factor of four of what rounding may do.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from gradoracle import corpus
from gradoracle.judge import judge
from gradoracle.mistakes import FAMILIES, find
from gradoracle.mistakes import all as every
from gradoracle.mistakes.kills import DTYPES, Seen, Target, everywhere
from gradoracle.mistakes.matrix import Matrix, case_row, catches, fingerprint, page, required
from gradoracle.mistakes.steps import run
from gradoracle.mistakes.unseen import IN_SECOND_CALL, NEAR, NOT_MADE, NOWHERE, UNSEEN
from gradoracle.verdict import Verdict

PAGE = Path(__file__).parents[2] / "docs" / "kill-matrix.md"
MEND = "run python -m gradoracle.mistakes.matrix --write docs/kill-matrix.md"
DECLARED = {(u.mistake, dtype): u.by(dtype) for u in UNSEEN for dtype in DTYPES if u.by(dtype)}
EVERY = [(mistake.name, dtype) for mistake in every() for dtype in DTYPES]


@cache
def matrix() -> Matrix:
    return required()


@cache
def lenient(factor: float) -> Matrix:
    return replace(matrix(), threshold=factor)


def kills(mistake: str, dtype: str) -> list[Seen]:
    return [one for one in matrix().at(mistake, dtype=dtype) if one.killed]


@pytest.mark.parametrize(("mistake", "dtype"), EVERY)
def test_is_killed_by_a_required_case_or_declared(mistake: str, dtype: str) -> None:
    first = [one for one in kills(mistake, dtype) if one.call == 1]
    # with a margin that no other machine's rounding takes away
    assert any(one.excess > NEAR for one in first) == ((mistake, dtype) not in DECLARED)


@pytest.mark.parametrize(("mistake", "dtype"), DECLARED)
def test_what_is_declared_is_true(mistake: str, dtype: str) -> None:
    by = DECLARED[mistake, dtype]
    assert by in (IN_SECOND_CALL, NOWHERE, NOT_MADE)
    places = matrix().at(mistake, dtype=dtype)
    assert all(one.call == 2 for one in places if one.excess > NEAR)
    assert (by == IN_SECOND_CALL) == any(one.excess > NEAR for one in places)
    assert (by == NOT_MADE) == (not places)
    if by == NOWHERE:
        found = everywhere(corpus.load(), [find(mistake)])
        assert [one for one in found if one.killed and one.dtype == dtype] == []


def test_only_state_is_seen_in_a_second_call() -> None:
    assert {one.mistake for one in matrix().seen if one.call == 2} == {"gradients-accumulate"}


def test_no_two_look_the_same_wherever_either_can_be_made() -> None:
    """Equal errors at every place of both would make one of them superfluous."""
    found: dict[object, list[str]] = {}
    for mistake in every():
        if (mistake.name, "float64") not in DECLARED:
            errors = [(one.case, one.dtype, one.layer, one.excess, one.answer)
                      for one in matrix().at(mistake.name)]  # fmt: skip
            found.setdefault(tuple(errors), []).append(mistake.name)
    same = [set(names) for names in found.values() if len(names) > 1]
    finite = [names for names in same if any(
        1 < one.excess < np.inf for one in matrix().at(min(names)))]  # fmt: skip
    assert finite == []


def test_every_required_case_says_what_it_is_there_for() -> None:
    assert list(catches()) == [frozen.case.id for frozen in corpus.load("required")]
    assert all(catches().values())


@pytest.mark.parametrize("case", catches())
def test_the_case_kills_what_it_is_there_for(case: str) -> None:
    for catch in catches()[case]:
        find(catch.mistake)
        for dtype in catch.dtypes:
            places = matrix().at(catch.mistake, case, dtype)
            assert any(one.excess > NEAR for one in places), (catch, dtype)
    assert f"{case_row(matrix(), case).split(' | ')[2]}\n" in text()


@cache
def text() -> str:
    return PAGE.read_text(encoding="utf-8")


def grid(page_text: str) -> dict[str, str]:
    block = page_text.split("```text\n")[1].split("\n```")[0]
    return {line.split()[0]: line.split()[1] for line in block.splitlines()[1:]}


def table(page_text: str) -> dict[str, list[str]]:
    rows = re.findall(r"^\| ([a-z0-9-]+) \| (.*) \|$", page_text.split("## Every mistake")[1], re.M)
    return {name: rest.split(" | ") for name, rest in rows if "there for" not in rest}


def test_the_page_speaks_of_this_corpus_and_these_mistakes() -> None:
    assert fingerprint() in text(), MEND
    ordered = [m.name for family in FAMILIES for m in every() if m.family == family]
    assert [n for n in table(text()) if n in set(ordered)] == ordered, MEND


def test_every_character_of_the_matrix_is_what_is_seen() -> None:
    shown, stale = grid(text()), []
    assert list(shown) == [mistake.name for mistake in every()]
    for name, row in shown.items():
        assert len(row) == len(matrix().sizes)
        for case, character in zip(matrix().sizes, row, strict=True):
            possible = {lenient(f).cell(name, case) for f in (1 / NEAR, 1.0, NEAR)}
            if character not in possible:
                stale.append((name, case, character))
    assert stale == [], MEND


def test_every_count_of_the_page_is_what_is_seen() -> None:
    stale = []
    for name, cells in table(text()).items():
        if name not in grid(text()):
            continue
        for cell, dtype, answer in zip(
            cells, (*DTYPES, *DTYPES), (False, False, True, True), strict=False
        ):
            least, places = lenient(NEAR).share(name, dtype, answer=answer)
            most = lenient(1 / NEAR).share(name, dtype, answer=answer)[0]
            numbers = [int(word) for word in cell.split() if word.isdigit()] or [0, 0]
            if not (least <= numbers[0] <= most and numbers[1] == places):
                stale.append((name, dtype, cell))
        named = [case for case in cells[5:7] if case != "—"]
        stale += [(name, c, "no kill") for c in named if lenient(1 / NEAR).cell(name, c) in "-."]
    assert stale == [], MEND


def test_what_is_said_before_the_tables_stands_on_the_page() -> None:
    """The declarations, and all words but the counts of the first table."""

    def words(page_text: str) -> list[str]:
        lines = page_text.split("## Every mistake")[0].splitlines()
        return [line for line in lines if not line.startswith(("| float64 |", "| float32 |"))]

    assert words(text()) == words(page(matrix())), MEND
    for dtype in DTYPES:  # the places do not depend on the machine
        places = sum(matrix().share(mistake.name, dtype)[1] for mistake in every())
        assert f"| {dtype} | {places:,} |" in text(), MEND


def test_the_short_way_says_what_the_judge_says() -> None:
    frozen = corpus.load("required")[::15]
    asked = 0
    for item in frozen:
        for dtype in DTYPES:
            target = Target(item, dtype)
            for mistake in every()[::5]:
                for layer in mistake.layers(target.case):
                    trace = mistake.run(target.case, layer)
                    verdict = judge(trace, target.truth, target.reference).verdict
                    excess = target.excess(trace)[0]
                    assert (excess > 1) == (verdict is Verdict.FAIL), (item.case.id, mistake.name)
                    asked += 1
    assert asked > 300


def test_the_right_pass_is_killed_nowhere() -> None:
    for item in corpus.load("required")[::7]:
        for dtype in DTYPES:
            target = Target(item, dtype)
            right = run(target.case)
            assert target.excess(right)[0] <= 1
            N = target.case.N
            per_example = {n: a * N if n[:2] in ("dA", "dZ", "dX") else a for n, a in right.items()}
            assert target.excess(per_example)[0] <= 1  # a convention, no mistake


@pytest.mark.parametrize("spoil", [np.nan, np.inf, 1e-3])
def test_a_single_wrong_entry_is_killed(spoil: float) -> None:
    target = Target(corpus.find("two-layer.tanh-bce"), "float64")
    for name, array in run(target.case).items():
        trace = run(target.case)
        trace[name] = np.array(array)
        trace[name].flat[-1] += spoil
        assert target.excess(trace)[0] > 1, name


def test_a_wrong_shape_is_killed() -> None:
    target = Target(corpus.find("two-layer.tanh-bce"), "float64")
    trace = run(target.case)
    trace["db1"] = trace["db1"].ravel()
    assert target.excess(trace) == (np.inf, np.inf)


def test_a_character_that_is_not_so_would_be_noticed() -> None:
    """The comparison of the page itself: swap one that is far from the border."""
    name, case = "tanh-derivative-on-relu", "two-layer.relu-bce"
    possible = {lenient(f).cell(name, case) for f in (1 / NEAR, 1.0, NEAR)}
    assert possible == {"#"}
    assert page(matrix()).count("\n") == text().count("\n"), MEND
