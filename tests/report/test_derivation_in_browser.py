"""The page of a derivation in a real browser."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from derivation_samples import derived

from gradoracle.report.derivation_page import to_page

PROGRAM = Path(__file__).parent / "look_at_derivation.py"
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
LIMIT = 60  # seconds for everything

pytest.importorskip("playwright", reason="playwright is not installed: the dev extra has it")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium on the path")


@pytest.mark.parametrize("name", ["two wrong", "loops"])
def test_the_page(name: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(to_page(derived(name)), encoding="utf-8")
    command = [sys.executable, str(PROGRAM), str(BROWSER), str(page)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        try:
            out, err = run.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            for child in [*psutil.Process(run.pid).children(recursive=True), run]:
                child.kill()
            pytest.fail(f"the browser took more than {LIMIT} s")
    assert run.returncode == 0, err.decode()
    seen = json.loads(out)
    assert seen["console"] == []
    assert {url.partition("#")[0] for url in seen["requests"]} == {page.as_uri()}
    assert seen["wide"] == {"480": 480, "1400": 1400}  # nothing to scroll sideways
    assert seen["back"]["light"] != seen["back"]["dark"]
    first = derived(name).first
    assert first is not None
    assert seen["first"].split()[0] == str(first.line.number)
    assert "wrong" in seen["first"]
