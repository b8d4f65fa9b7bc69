"""Every example passes, its wrong twin fails where it says, and docs/examples.md says the same."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from gradoracle.wire.smoke import smoke

ROOT = Path(__file__).parents[2]
FILE = ROOT / "examples" / "run.py"
PAGE = ROOT / "docs" / "examples.md"
SHORT = 80  # lines; what has neither JSON nor matrices in its standard library may have more
LONGER = {"c": 95, "rust": 105, "java": 110}


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("examples_run", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


run = _load()
EXAMPLES = run.examples()

each = pytest.mark.parametrize("name", EXAMPLES)


def _or_skip(name: str) -> Any:
    """Return an example; where its toolchain is missing skip, or fail in CI."""
    example = EXAMPLES[name]
    if not example.here:
        reason = f"{example.tool} was not found: the example {name} was not run"
        allowed = os.environ.get("GRADORACLE_ALLOW_MISSING", "").split(",")
        if os.environ.get("CI") and example.tool not in allowed:
            pytest.fail(f"{reason}; install it, or set GRADORACLE_ALLOW_MISSING={example.tool}")
        pytest.skip(reason)
    return example


@each
def test_right_one_passes_as_the_page_says(name: str, tmp_path: Path) -> None:
    example = _or_skip(name)
    report = run.check(example, tmp_path)
    assert report["status"] == 0
    assert report["footer"]["complete"]
    assert report["counts"]["passed"] + report["counts"]["skipped"] == report["header"]["expected"]
    assert run.first_wrong(report) == ("", "", "")
    assert run.right_row(example, report) in PAGE.read_text("utf-8").splitlines()


@each
def test_wrong_twin_fails_where_it_goes_wrong_first(name: str, tmp_path: Path) -> None:
    example = _or_skip(name)
    report = run.check(example, tmp_path, wrong=True)
    assert report["status"] == 1
    assert report["counts"]["crashed"] == 0
    _, _, tensor = run.first_wrong(report)
    assert tensor == EXAMPLES[name].first_wrong
    assert run.wrong_row(example, report) in PAGE.read_text("utf-8").splitlines()


def test_javascript_answers_smoke() -> None:
    example = _or_skip("javascript")
    found = list(smoke(["node", str(ROOT / "examples" / example.source)]))
    assert {check.name for check in found} >= {"start", "tiny", "minus_zero", "nan", "product"}
    assert not [check for check in found if not check.ok]


def test_the_page_has_nothing_else() -> None:
    text = PAGE.read_text("utf-8")
    for part in (run.INTRODUCTION, run.RIGHT, run.WRONG, run.VERSIONS):
        assert part in text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) == 3 * (len(EXAMPLES) + 1), "three tables, each with a head"


@each
def test_a_twin_is_one_line_away(name: str) -> None:
    example = EXAMPLES[name]
    right = (ROOT / "examples" / example.source).read_text("utf-8").splitlines()
    wrong = example.twin().splitlines()
    assert len(wrong) == len(right)
    assert sum(a != b for a, b in zip(right, wrong, strict=True)) == 1


def test_mistakes_differ() -> None:
    mistakes = [example.mistake for example in EXAMPLES.values()]
    assert len(set(mistakes)) == len(mistakes)


def test_a_twin_whose_line_is_gone_is_an_error() -> None:
    gone = run.Example(**{**vars(EXAMPLES["numpy"]), "right": "there is no such line"})
    with pytest.raises(ValueError, match="must have 'there is no such line' once"):
        gone.twin()


@each
def test_they_are_short(name: str) -> None:
    source = ROOT / "examples" / EXAMPLES[name].source
    lines = source.read_text("utf-8").splitlines()
    assert len(lines) <= LONGER.get(name, SHORT)
    assert max(map(len, lines)) <= 100


def test_every_source_is_an_example() -> None:
    sources = {EXAMPLES[name].source for name in EXAMPLES}
    folders = (f for f in (ROOT / "examples").iterdir() if f.is_dir() and f.name != "__pycache__")
    there = {f"{f.name}/{p.name}" for f in folders for p in f.iterdir() if p.is_file()}
    assert there == sources


def test_a_missing_toolchain_is_loud(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = run.Example(**{**vars(EXAMPLES["c"]), "tool": "no-such-compiler"})
    monkeypatch.setitem(EXAMPLES, "c", lacking)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-compiler was not found"):
        _or_skip("c")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="GRADORACLE_ALLOW_MISSING=no-such-compiler"):
        _or_skip("c")
    monkeypatch.setenv("GRADORACLE_ALLOW_MISSING", "java,no-such-compiler")
    with pytest.raises(pytest.skip.Exception, match="was not run"):
        _or_skip("c")
