"""The page says what was measured, and what was measured is of this code."""

from __future__ import annotations

import pytest
from diagnosis_page import EXPLAINED, PAGE, fingerprint, measured, page, share

MEND = "run make pages"


def test_the_page_says_what_was_measured() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(measured()), MEND


def test_what_was_measured_is_of_this_corpus_catalogue_and_code() -> None:
    assert measured()["fingerprint"] == fingerprint(), f"{MEND}: it measures again"


def test_every_miss_is_explained() -> None:
    assert {row["mistake"] for row in measured()["trust"]["misses"]} == set(EXPLAINED)
    assert all(EXPLAINED.values())


@pytest.mark.parametrize("way", measured()["trust"]["ways"])
def test_the_names_can_be_trusted(way: str) -> None:
    counts = measured()["trust"]["ways"][way]
    assert counts["trials"] > 10_000
    assert share(counts) >= (0.99 if way.startswith("float64") else 0.95)
    assert sum(counts.values()) == 2 * counts["trials"]


def test_no_name_is_false() -> None:
    found = measured()
    assert found["strange"] == {"traces": 1000, "names": 0}
    assert "| false |" not in page(found).split("## Programs by")[1]


def test_a_stale_page_is_found_out() -> None:
    found = measured()
    wrong = found | {"strange": {"traces": 1000, "names": 1}}
    assert page(wrong) != page(found)
