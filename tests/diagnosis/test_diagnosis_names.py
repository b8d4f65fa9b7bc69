"""Known mistakes are named, in every way of asking: a sample; benchmarks/diagnosis.py has all."""

from __future__ import annotations

import pytest
from diagnosis_trials import WAYS, Way, diagnosed, outcome, trials

EVERY = 199  # prime to the number of mistakes, so that the sample wanders through all of them


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_known_mistakes_are_named(way: Way) -> None:
    found = {str(trial): outcome(trial, budget=2.0) for trial in trials(way, EVERY)}
    named = [said for said in found.values() if said == "right" or said.startswith("listed")]
    missed = {trial: said for trial, said in found.items() if said not in named}
    needed = 0.99 if way.dtype == "float64" else 0.95
    assert len(found) > 30
    assert len(named) >= needed * len(found), missed
    assert not [trial for trial, said in found.items() if said.startswith("instead")]


def test_a_second_case_bears_the_names_out() -> None:
    refuted = []
    confirmed = 0
    for trial in trials(WAYS[0], 5 * EVERY):
        said = diagnosed(trial, rerun=True)
        confirmed += said.confirmed is True
        refuted += [str(trial)] if not said.names else []
    assert not refuted
    assert confirmed > 10
