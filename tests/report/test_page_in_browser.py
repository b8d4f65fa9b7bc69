"""The page in a real browser, by mouse and by keyboard."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from report_samples import hostile, sample

from gradoracle.report.page import to_page

PROGRAM = Path(__file__).parent / "click_through.py"
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
LIMIT = 60  # seconds for everything

pytest.importorskip("playwright", reason="playwright is not installed: the dev extra has it")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium on the path")


def clicked(page: Path) -> dict[str, Any]:
    """Return what `click_through` sees; nothing of it outlives the time limit."""
    command = [sys.executable, str(PROGRAM), str(BROWSER), str(page)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        try:
            out, err = run.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            for child in [*psutil.Process(run.pid).children(recursive=True), run]:
                child.kill()
            pytest.fail(f"the browser took more than {LIMIT} s")
    assert run.returncode == 0, err.decode()
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what a reader of the mixed report sees."""
    page = tmp_path_factory.mktemp("page") / "report.html"
    page.write_text(to_page(sample("mixed")), encoding="utf-8")
    return clicked(page)


def test_a_wrong_cell_opens_its_block(seen: dict[str, Any]) -> None:
    assert seen["label"].startswith("dW1[")
    assert seen["opened"]
    assert seen["block"].startswith("FAIL  two-layer.relu-bce  float64  candidate ")
    assert "first wrong   dW1 (4, 5)" in seen["block"]


def test_escape_closes_it(seen: dict[str, Any]) -> None:
    assert seen["closed"]


def test_arrows_move(seen: dict[str, Any]) -> None:
    places = seen["places"]
    (column, row) = places["start"]
    assert places["ArrowLeft"] == [column - 1, row]
    assert places["ArrowRight"] == [column, row]
    assert places["ArrowDown"][1] == row + 1
    assert places["ArrowUp"] == [column, row]
    assert places["Home"][0] < places["ArrowUp"][0] < places["End"][0]


def test_enter_opens_too(seen: dict[str, Any]) -> None:
    assert seen["opened by key"]
    assert seen["tab stops"] == 1
    assert seen["line"].startswith("two-layer.relu-bce float64: failed")


def test_filters(seen: dict[str, Any]) -> None:
    report = sample("mixed")
    cases = {r.case for r in report.results}
    crashed = {r.case for r in report.results if r.crash}
    named = {c for c in cases if "tanh" in c}
    blocked = {r.case for r in report.results if "tanh" in r.reason}
    assert seen["cases"] == [len(cases), len(named | blocked), len(crashed), len(cases)]
    assert 0 < len(named) < len(cases) > len(crashed) > 0
    assert seen["shown"] == f"{len(named | blocked)} of {len(cases)} cases shown"


def test_light_and_dark_differ(seen: dict[str, Any]) -> None:
    assert seen["light"] != seen["dark"]


def test_nothing_is_asked_for_and_nothing_complains(seen: dict[str, Any]) -> None:
    assert seen["console"] == []
    assert {url.partition(":")[0] for url in seen["requests"]} == {"file"}
    assert len(set(seen["requests"])) == 1


def test_without_scripts_every_block_is_there(seen: dict[str, Any]) -> None:
    assert seen["blocks without scripts"] == len(sample("mixed").results)


def test_a_hostile_report_runs_nothing(tmp_path: Path) -> None:
    page = tmp_path / "hostile.html"
    page.write_text(to_page(hostile()), encoding="utf-8")
    found = clicked(page)
    assert found["console"] == []
    assert len(set(found["requests"])) == 1
    assert "<script>alert(1)</script> red" in found["block"]
