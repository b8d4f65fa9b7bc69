"""`gradoracle diff`: a regression is one, a mend is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gradoracle.cli import main

NET = """
from gradoracle_numpy import implementation

def right(case):
    return dict(implementation(case))

def wrong(case):
    trace = right(case)
    trace["dW1"] = -trace["dW1"]
    return trace

def otherwise(case):
    trace = right(case)
    trace["db2"] = -trace["db2"]
    return trace

def skips(case):
    return right(case)
skips.supports = lambda case: "relu" not in case.id
"""


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    (folder / "net.py").write_text(NET, encoding="utf-8")
    for name in ("right", "wrong", "otherwise", "skips"):
        report = str(folder / f"{name}.json")
        target = f"{folder / 'net.py'}:{name}"
        main(["check", target, "--case", "two-layer.*-bce", "--json", report, "--quiet"])
    return folder


@pytest.mark.parametrize(
    ("before", "after", "status", "words"),
    [
        ("right", "right", 0, "0 worse, 0 better, 6 as before"),
        ("right", "wrong", 1, "passed -> failed (dW1 proven)"),
        ("wrong", "right", 0, "failed (dW1 proven) -> passed"),
        ("wrong", "otherwise", 1, "failed (dW1 proven) -> failed (db2 proven)"),
        ("right", "skips", 1, "passed -> skipped"),
        ("skips", "right", 0, "skipped -> passed"),
    ],
)
def test_what_changed(
    reports: Path,
    capsys: pytest.CaptureFixture[str],
    before: str,
    after: str,
    status: int,
    words: str,
) -> None:
    assert main(["diff", str(reports / f"{before}.json"), str(reports / f"{after}.json")]) == status
    out = capsys.readouterr().out
    assert words in out
    assert before == after or "candidate:" in out


def test_a_result_that_is_gone_is_a_regression(
    reports: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads((reports / "right.json").read_text("utf-8"))
    gone = document["results"].pop()
    fewer = tmp_path / "fewer.json"
    fewer.write_text(json.dumps(document), encoding="utf-8")
    status = main(["diff", str(reports / "right.json"), str(fewer)])
    assert status in (1, 2), "a report that lacks a result is worse, or no report"
    assert status == 2 or f"{gone['case']}" in capsys.readouterr().out


def test_a_report_without_its_footer_was_cut_short(
    reports: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads((reports / "right.json").read_text("utf-8"))
    del document["footer"]
    short = tmp_path / "short.json"
    short.write_text(json.dumps(document), encoding="utf-8")
    assert main(["diff", str(reports / "right.json"), str(short)]) == 2
    assert "short.json" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "{", "[]", "{}"])
def test_what_is_no_report_is_refused(reports: Path, tmp_path: Path, text: str) -> None:
    path = tmp_path / "none.json"
    path.write_text(text, encoding="utf-8")
    assert main(["diff", str(reports / "right.json"), str(path)]) == 2
    assert main(["diff", str(tmp_path / "absent.json"), str(path)]) == 2
