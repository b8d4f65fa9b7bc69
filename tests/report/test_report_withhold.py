"""`--no-mend`: the right numbers are in no rendering, in no spelling, and follow from none."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from report_samples import ALONE, right, sample, whole

import gradoracle
from gradoracle.checking.report import Report
from gradoracle.report.check import plain
from gradoracle.report.outputs import WRITERS, write
from gradoracle.verdict import TensorVerdict, Verdict


def off(case: gradoracle.Case) -> dict[str, Any]:
    """Be wrong in every tensor, by a seventh."""
    return {name: array * array.dtype.type(8 / 7) for name, array in right(case).items()}


def off_in_j(case: gradoracle.Case) -> dict[str, Any]:
    trace = right(case)
    return trace | {"J": trace["J"] * trace["J"].dtype.type(8 / 7)}


@cache
def wrong_by(name: str) -> Report:
    """Return a whole report of one of the candidates above."""
    return whole(gradoracle.check(globals()[name], match=ALONE))


def spellings(number: float) -> Iterator[str]:
    """Yield a number as any rendering might tell it, from four digits on: fewer may be chance."""
    yield from (repr(number), number.hex())
    for digits in range(4, 17):
        yield f"{abs(number):.{digits - 1}e}"
        yield f"{abs(number):#.{digits}g}"


def wrong_ones(report: Report) -> list[TensorVerdict]:
    found = [t for r in report.results for t in r.tensors if t.verdict is Verdict.FAIL and t.judged]
    assert found
    return found


def renderings(report: Report, *, mend: bool, folder: Path) -> Iterator[tuple[str, str]]:
    targets: dict[str, Any] = {form: folder / form for form in WRITERS}
    write(report, mend=mend, **targets)
    for path in targets.values():
        if path.exists():
            yield path.name, path.read_text("utf-8")
    yield "plain", plain(report, mend=mend)


@pytest.mark.parametrize("name", ["off", "off_in_j"])
def test_no_rendering_has_an_expected_number(name: str, tmp_path: Path) -> None:
    report = wrong_by(name)
    wrong = wrong_ones(report)
    for form, text in renderings(report, mend=False, folder=tmp_path):
        for tensor in wrong:
            for spelling in spellings(tensor.expected):
                assert spelling not in text, (form, tensor.name)
        assert "expected 0" not in text
        assert "expected -" not in text


def test_the_search_finds_them_where_they_are_told(tmp_path: Path) -> None:
    report = wrong_by("off_in_j")
    for form, text in renderings(report, mend=True, folder=tmp_path):
        told = [s for t in wrong_ones(report) for s in spellings(t.expected) if s in text]
        assert told or form == "badge", form


def test_the_right_number_does_not_follow_from_the_others(tmp_path: Path) -> None:
    """J is one number: ``got`` and the relative error would give it away."""
    report = wrong_by("off_in_j")
    write(report, mend=False, json=tmp_path / "r.json")
    document = json.loads((tmp_path / "r.json").read_text("utf-8"))
    for result, told in zip(report.results, document["results"], strict=True):
        j = next(t for t in result.tensors if t.name == "J")
        assert math.isclose(j.got / (1 + j.error), j.expected)
        hidden = next(t for t in told["verdict"]["tensors"] if t["name"] == "J")
        assert (hidden["expected"], hidden["error"]) == ("NaN", "NaN")
        assert hidden["got"] == j.got


def test_the_largest_entry_is_not_told_where_rounding_hides_it(tmp_path: Path) -> None:
    report = sample("right")
    reason = "rounding may be as large as the largest entry, 0.0123"
    results = []
    for result in report.results:
        assert result.verdict is not None
        tensors = tuple(
            replace(t, verdict=Verdict.CANNOT_TELL, reason=reason) for t in result.tensors
        )
        results.append(replace(result, verdict=replace(result.verdict, tensors=tensors)))
    vague = replace(report, results=results)
    for form, text in renderings(vague, mend=False, folder=tmp_path):
        assert "0.0123" not in text, form


def test_what_is_wrong_is_still_told(tmp_path: Path) -> None:
    report = sample("mixed")
    texts = dict(renderings(report, mend=False, folder=tmp_path))
    for form in ("plain", "junit", "markdown", "html", "json"):
        assert "dW1" in texts[form]
        assert "sigma" in texts[form]
        assert "transposed, or" not in texts[form]  # that is a mend
