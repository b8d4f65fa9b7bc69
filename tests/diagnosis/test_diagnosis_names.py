"""Known mistakes are named: a sample of the trials, beside what was measured of all of them."""

from __future__ import annotations

from collections import Counter

import pytest
from diagnosis_page import measured
from diagnosis_trials import WAYS, Outcome, Trial, Way, diagnosed, outcome, trials

EVERY = 199  # prime to the number of mistakes, so that the sample wanders through all of them


def sample(way: Way) -> dict[Trial, Outcome]:
    return {trial: outcome(trial, budget=2.0) for trial in trials(EVERY, [way])}


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_known_mistakes_are_named(way: Way) -> None:
    found = sample(way)
    missed = {str(trial): said for trial, said in found.items() if not said.right}
    needed = 0.99 if way.dtype == "float64" else 0.95
    assert len(found) > 30
    # in so few trials one miss is more than one in a hundred
    assert len(missed) <= max(1, (1 - needed) * len(found)), missed
    assert "false" not in Counter(said.kind for said in found.values())
    # where rounding decides another machine may miss another case, but no other mistake
    known = {row["mistake"] for row in measured()["trust"]["misses"]}
    assert {t.mistake.name for t, said in found.items() if not said.right} <= known


def test_a_second_case_bears_the_names_out() -> None:
    refuted = []
    confirmed = 0
    for trial in trials(5 * EVERY, WAYS[:1]):
        said = diagnosed(trial, rerun=True)
        confirmed += said.confirmed is True
        refuted += [str(trial)] if not said.names else []
    assert not refuted
    assert confirmed > 10
