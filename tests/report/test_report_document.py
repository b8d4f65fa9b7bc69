"""A report as JSON: what is written comes back, and nothing else is read."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError
from report_samples import SAMPLES, blocked, cut_short, hostile, one, sample

from gradoracle.checking.report import Footer, Report
from gradoracle.checking.result import Outcome
from gradoracle.errors import InputError
from gradoracle.report.document import SCHEMA, from_document, load, to_document
from gradoracle.report.withhold import withheld

RULES = json.loads(SCHEMA.read_text("utf-8"))
VALIDATOR = Draft202012Validator(RULES)

REPORTS: dict[str, Callable[[], Report]] = {
    **{name: partial(sample, name) for name in SAMPLES},
    "blocked": blocked,
    "cut short": lambda: cut_short(one()),
    "hostile": hostile,
    "strict": lambda: replace(one(), strict=True),
    "stale": lambda: replace(one(), footer=Footer(True, "", 1.0, ("line 3: <b>\x1b[31m",))),
    "withheld": lambda: withheld(one()),
}


def edited(change: Callable[[Any], object]) -> str:
    """Return the document of a small report with one change."""
    document = json.loads(to_document(one()))
    change(document)
    return json.dumps(document)


@pytest.mark.parametrize("name", REPORTS)
def test_what_is_written_comes_back(name: str) -> None:
    text = to_document(REPORTS[name]())
    back = from_document(text)
    assert to_document(back) == text
    assert back.status == REPORTS[name]().status
    assert from_document(text.encode()).counts == REPORTS[name]().counts


def test_a_report_without_nan_comes_back_equal() -> None:
    assert from_document(to_document(one())) == one()


def test_numbers_that_json_has_not_are_strings() -> None:
    text = to_document(withheld(one()))
    assert '"expected": "NaN"' in text
    tensors = from_document(text).results[0].tensors
    assert tensors
    assert all(math.isnan(t.expected) for t in tensors)
    json.loads(text, parse_constant=pytest.fail)


@pytest.mark.parametrize("name", REPORTS)
def test_the_schema_describes_what_is_written(name: str) -> None:
    VALIDATOR.validate(json.loads(to_document(REPORTS[name]())))


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(RULES)


def test_one_result_a_line() -> None:
    lines = to_document(sample("mixed")).splitlines()
    results = [line for line in lines if line.startswith('{"case": ')]
    assert len(results) == len(sample("mixed").results)


@pytest.mark.parametrize("end", [0, 1, 40, 0.3, 0.7, 0.95, -3, -2])
def test_what_was_cut_off_is_refused(end: float) -> None:
    text = to_document(one())
    cut = text[: int(end * len(text)) if isinstance(end, float) else end]
    with pytest.raises(InputError):
        from_document(cut)


def test_every_cut_at_a_line_is_refused() -> None:
    """Also those that end in a bracket, where a naive reader would be content."""
    lines = to_document(sample("mixed")).splitlines()
    for count in range(len(lines)):
        with pytest.raises(InputError):
            from_document("\n".join(lines[:count]))


Edit = Callable[[Any], object]
REFUSED: dict[str, tuple[Edit, str]] = {
    "no footer": (lambda d: d.pop("footer"), "footer"),
    "a null footer": (lambda d: d.update(footer=None), "footer"),
    "an unknown key": (lambda d: d.update(more=1), "more"),
    "no status": (lambda d: d.pop("status"), "status"),
    "another format": (lambda d: d.update(format=2), "format 1"),
    "an unknown key in the header": (lambda d: d["header"].update(more=1), "more"),
    "an unknown key in a result": (lambda d: d["results"][0].update(more=1), "more"),
    "an unknown key in a tensor": (
        lambda d: d["results"][0]["verdict"]["tensors"][0].update(more=1),
        "more",
    ),
    "a field less": (lambda d: d["results"][0].pop("seconds"), "seconds"),
    "no findings": (lambda d: d["results"][0].pop("findings"), "findings"),
    "a number as text": (lambda d: d["footer"].update(seconds="1.0"), "a number"),
    "a count as a float": (lambda d: d["header"].update(expected=2.0), "a whole number"),
    "a bool as a number": (lambda d: d["header"].update(expected=True), "a whole number"),
    "a number as a bool": (lambda d: d.update(strict=0), "true or false"),
    "an unknown outcome": (lambda d: d["results"][0].update(outcome="fine"), "outcome"),
    "nan in another spelling": (
        lambda d: d["results"][0]["verdict"]["tensors"][0].update(sigmas="nan"),
        "a number",
    ),
    "results as an object": (lambda d: d.update(results={}), "a list"),
    "a result as a text": (lambda d: d["results"].insert(0, "fine"), "result"),
}
LIES: dict[str, tuple[Edit, str]] = {
    "a better status": (lambda d: d.update(status=0), "status"),
    "a better score": (lambda d: d.update(score=1.0), "score"),
    "better counts": (lambda d: d["counts"].update(passed=2), "counts"),
    "a finding less": (lambda d: d["results"][0]["findings"].clear(), "findings"),
    "a result less": (lambda d: d["results"].pop(), "counts"),
}


@pytest.mark.parametrize("name", [*REFUSED, *LIES])
def test_what_is_no_report_is_refused_in_one_line(name: str) -> None:
    change, words = (REFUSED | LIES)[name]
    with pytest.raises(InputError) as refused:
        from_document(edited(change), "r.json")
    assert words in str(refused.value)
    assert "r.json" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", [n for n in REFUSED if n != "a count as a float"])
def test_the_schema_refuses_it_too(name: str) -> None:
    """Except 2.0 for 2, which JSON Schema takes for the same number."""
    with pytest.raises(ValidationError):
        VALIDATOR.validate(json.loads(edited(REFUSED[name][0])))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        '{"format": 1}',
        "{" * 100_000 + "}",
        '{"format": 1, "format": 1}',
        b'{"format": 1, "x": "\xff"}',
    ],
)
def test_other_files_are_refused(text: str | bytes) -> None:
    with pytest.raises(InputError):
        from_document(text)


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_bare_constants_are_refused(constant: str) -> None:
    text = edited(lambda d: d["footer"].update(seconds="HERE")).replace('"HERE"', constant)
    with pytest.raises(InputError):
        from_document(text)


def test_a_run_that_did_not_end_is_written_and_refused() -> None:
    running = replace(one(), footer=None)
    with pytest.raises(InputError, match="cut off"):
        from_document(to_document(running))


def test_files(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(to_document(one()), encoding="utf-8")
    assert load(tmp_path / "r.json").counts[Outcome.FAILED] == 2
    for path in (tmp_path / "absent.json", tmp_path):
        with pytest.raises(InputError, match="check the path"):
            load(path)
