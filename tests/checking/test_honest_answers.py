"""What a review with fresh eyes got past the oracle once: none of it passes again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

import gradoracle
from gradoracle.checking.report import Report
from gradoracle.checking.result import Outcome
from gradoracle.cli import main
from gradoracle.errors import InputError
from gradoracle.status import Status
from gradoracle_numpy import implementation

CASE = "two-layer.relu-bce"


def right(case: gradoracle.Case) -> dict[str, Any]:
    return dict(implementation(case))


def on_one(candidate: object, **options: Any) -> Report:
    return gradoracle.check(candidate, match=CASE, dtype="float64", diagnose=0.0, **options)


def findings(report: Report) -> set[str]:
    return {finding.finding for finding in report.findings}


def test_a_buffer_that_is_right_only_in_the_second_call() -> None:
    buffers: dict[str, Any] = {}

    def reuses(case: gradoracle.Case) -> dict[str, Any]:
        first = not buffers
        for name, array in right(case).items():
            buffers.setdefault(name, np.empty_like(array))[...] = 7.0 if first else array
        return buffers

    report = on_one(reuses)
    assert report.status is Status.WRONG
    assert "not deterministic" in findings(report)


def test_a_gradient_that_is_added_up_over_the_calls() -> None:
    total: dict[str, Any] = {}

    def accumulates(case: gradoracle.Case) -> dict[str, Any]:
        trace = right(case)
        total["dW1"] = total.get("dW1", 0) + trace["dW1"]
        return trace | total

    report = on_one(accumulates)
    assert findings(report) == {"not deterministic"}


def test_an_input_that_is_written_to_in_the_second_call() -> None:
    calls: list[int] = []

    def writes(case: gradoracle.Case) -> dict[str, Any]:
        trace = right(case)
        calls.append(1)
        if len(calls) == 2:
            case.X[0, 0] = 9.0
        return trace

    assert "mutates inputs" in findings(on_one(writes))


def test_masked_entries_are_no_numbers() -> None:
    def masked(case: gradoracle.Case) -> dict[str, Any]:
        return {k: np.ma.array(v, mask=True) for k, v in right(case).items()}

    report = on_one(masked)
    assert report.status is Status.WRONG
    assert findings(report) == {"not finite"}


def test_a_convention_cannot_loosen_float64() -> None:
    def rough(case: gradoracle.Case) -> dict[str, Any]:
        trace = right(case)
        trace["dW1"] = trace["dW1"] * 1.02
        return trace

    candidate: Any = rough
    candidate.conventions = gradoracle.Conventions(arithmetic="bfloat16_results")
    assert on_one(candidate).status is Status.WRONG


@pytest.mark.parametrize(
    "said", [{"layout": "foo"}, {"kink": "no"}, {"arithmetic": "f16"}, {"per_example": "no"}]
)
def test_conventions_that_make_no_sense_are_refused(said: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(said))):
        gradoracle.Conventions(**said)


class Raising(Mapping[str, Any]):
    def __getitem__(self, name: str) -> Any:
        raise LookupError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(["J"])

    def __len__(self) -> int:
        return 1


class Unprintable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no")


def raises_unprintably(case: gradoracle.Case) -> dict[str, Any]:
    raise Unprintable


@pytest.mark.parametrize("candidate", [lambda case: Raising(), raises_unprintably])
def test_what_raises_late_is_a_crash_too(candidate: object) -> None:
    report = on_one(candidate)
    assert report.results[0].outcome is Outcome.CRASHED
    assert report.results[0].crash == "raised"


def test_numpy_set_to_raise_is_the_candidates_own() -> None:
    code = (
        "import numpy as np; np.seterr(all='raise')\n"
        "import gradoracle; from gradoracle_numpy import implementation\n"
        "seen = []\n"
        "def net(case):\n"
        "    seen.append(np.geterr()['over']); return dict(implementation(case))\n"
        "report = gradoracle.check(net, match='two-layer.*')\n"
        "assert report.ok, report\n"
        "assert set(seen) == {'raise'}\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_flood_of_unknown_names_is_counted() -> None:
    def floods(case: gradoracle.Case) -> dict[str, Any]:
        return right(case) | {f"x{i}": 0.0 for i in range(50_000)}

    start = time.monotonic()
    report = on_one(floods)
    assert len(report.findings) == 11
    assert "49,990 more" in report.findings[-1].detail
    assert time.monotonic() - start < 20


NET = """
from gradoracle_numpy import implementation

def right(case):
    return dict(implementation(case))

def all_wrong(case):
    trace = right(case)
    trace["db1"] = -trace["db1"]
    return trace

def hangs(case):
    import time
    time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "net.py").write_text(NET, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_known_failure_hides_nothing_behind_it(folder: Path) -> None:
    known = folder / "known.tsv"
    row = "depth.1\t*\tdb1\tproven\tsee 7\n"
    known.write_text(row, encoding="utf-8")
    options = ["--case", "depth.*", "--known-failures", "known.tsv", "--json", "r.json", "--quiet"]
    assert main(["check", "net.py:all_wrong", *options]) == 1
    results = json.loads((folder / "r.json").read_text("utf-8"))["results"]
    assert {result["outcome"] for result in results} == {"known", "failed"}


def test_one_bad_hand_in_does_not_cost_the_others_theirs(folder: Path) -> None:
    (folder / "empty.py").write_text("", encoding="utf-8")
    targets = ["empty.py", "absent.py", "net.py:right"]
    assert main(["check", *targets, "--case", CASE, "--csv", "c.csv", "--quiet"]) == 2
    lines = (folder / "c.csv").read_text("utf-8").splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == ["bad request", "bad request", "ok"]


def test_two_traces_of_one_case_are_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "out" / "traces").mkdir(parents=True)
    text = json.dumps({"id": CASE, "dtype": "float64", "trace": {}})
    for name in ("a", "b"):
        (folder / "out" / "traces" / f"{name}.json").write_text(text, encoding="utf-8")
    assert main(["judge", "out"]) == 2
    assert "again" in capsys.readouterr().err


def test_traces_that_are_missing_are_no_success(folder: Path) -> None:
    assert main(["corpus", "emit", "--out", "out", "--case", "two-layer.*", "--quiet"]) == 0
    (folder / "out" / "traces").mkdir()
    text = json.dumps({"id": CASE, "dtype": "float64", "skipped": "not written yet"})
    (folder / "out" / "traces" / "one.json").write_text(text, encoding="utf-8")
    assert main(["judge", "out", "--json", "r.json", "--quiet"]) == 3
    results = json.loads((folder / "r.json").read_text("utf-8"))["results"]
    assert {r["outcome"] for r in results if r["case"] == CASE} == {"skipped"}
    assert {r["outcome"] for r in results if r["case"] != CASE} >= {"crashed"}


@pytest.mark.parametrize("value", ["inf", "nan", "0", "-1"])
def test_limits_that_are_none_are_refused(folder: Path, value: str) -> None:
    assert main(["check", "net.py:right", "--memory", value]) == 2


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGTERM that could be handled")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nobody_stays_behind_when_a_run_is_cancelled(folder: Path, number: int) -> None:
    if number == signal.SIGKILL and not sys.platform.startswith("linux"):
        pytest.skip("only Linux tells a child that its parent was killed")
    command = [sys.executable, "-m", "gradoracle", "check", "net.py:hangs", "--json", "part.json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        children: list[psutil.Process] = []
        limit = time.monotonic() + 30
        while not children and time.monotonic() < limit:
            time.sleep(0.5)
            children = psutil.Process(run.pid).children(recursive=True)
        time.sleep(1.5)
        run.send_signal(number)
        run.wait(20)
        if number == signal.SIGTERM:
            assert run.returncode == 130
            assert json.loads((folder / "part.json").read_text("utf-8"))["footer"]["reason"]
    assert children
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []
