"""`gradoracle check` and `gradoracle judge` as a user types them."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gradoracle.cli import main
from gradoracle.corpus.numbers import to_hex
from gradoracle_numpy import implementation

NET = """
import numpy as np
from gradoracle_numpy import implementation


def right(case):
    return dict(implementation(case))


def wrong(case):
    trace = right(case)
    trace["dW1"] = -trace["dW1"]
    return trace


def slow(case):
    import time
    time.sleep(60)
"""
CASE = ("--case", "two-layer.relu-bce")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "net.py").write_text(NET, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_right_candidate(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "net.py:right", "--case", "two-layer.*"]) == 0
    out = capsys.readouterr().out
    assert "RIGHT" in out
    assert "of 214 cases of corpus v1.1.0" in out


def test_a_wrong_candidate_gets_the_block(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "net.py:wrong", *CASE, "--dtype", "float64"]) == 1
    out = capsys.readouterr().out
    assert "FAIL  two-layer.relu-bce  float64  candidate net.py:wrong" in out
    assert "first wrong   dW1 (4, 5)" in out
    command = next(line for line in out.splitlines() if "reproduce" in line).split(maxsplit=1)[1]
    assert main(command.split()[1:]) == 1


def test_no_mend_withholds_the_right_numbers(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["check", "net.py:wrong", *CASE, "--dtype", "float64"])
    told = capsys.readouterr().out
    main(["check", "net.py:wrong", *CASE, "--dtype", "float64", "--no-mend"])
    withheld = capsys.readouterr().out
    assert "expected" in told
    assert "expected" not in withheld
    assert "dW1" in withheld


def test_many_targets_as_csv(folder: Path) -> None:
    (folder / "raises.py").write_text("raise ValueError('at import')", encoding="utf-8")
    targets = ["net.py:right", "net.py:wrong", "raises.py:net"]
    assert main(["check", *targets, *CASE, "--csv", "marks.csv", "--quiet"]) == 1
    rows = list(csv.DictReader(io.StringIO((folder / "marks.csv").read_text("utf-8"))))
    assert [row["target"] for row in rows] == targets
    assert [row["status"] for row in rows] == ["ok", "wrong", "crashed"]
    assert [row["passed"] for row in rows] == ["2", "0", "0"]
    assert rows[1]["first tensor"] == "dW1"


def test_a_limit_on_time(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = [*CASE, "--dtype", "float64", "--timeout", "1"]
    assert main(["check", "net.py:slow", *options]) == 3
    assert "timeout" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ([], 2, "a TARGET, or a program behind --"),
        (["net.py:right", "--", "./prog"], 2, "both"),
        (["net.py:nothing"], 2, "nothing"),
        (["absent.py:net"], 2, "absent.py"),
        (["no_such_module:net"], 2, "no_such_module"),
        (["net.py:right", "--case", "nope*"], 5, "nope"),
        (["net.py:right", "--json", "absent/report.json"], 2, "absent"),
        (["net.py:right", "net.py:wrong", "--json", "r.json"], 2, "one target"),
        (["net.py:right", "--json", "-", "--junit", "-"], 2, "standard output"),
        (["net.py:right", "--wire", "text"], 2, "--wire"),
        (["net.py:right", "--device", "cuda", *CASE], 2, "device"),
        (["net.py:right", "--known-failures", "absent.txt"], 2, "absent.txt"),
        (["net.py:right", "--update-known-failures", "why"], 2, "--known-failures FILE"),
        (["--", "./no-such-program"], 2, "no-such-program"),
    ],
)
def test_bad_requests(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    status: int,
    words: str,
) -> None:
    assert main(["check", *arguments]) == status
    err = [line for line in capsys.readouterr().err.splitlines() if line]
    assert len(err) == 1
    assert words in err[0]


@pytest.mark.skipif(os.name == "nt", reason="SIGINT cannot be sent to one child on Windows")
def test_ctrl_c_leaves_a_report_that_says_it_is_partial(folder: Path) -> None:
    command = [sys.executable, "-m", "gradoracle", "check", "net.py:slow", "--json", "part.json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        time.sleep(4)
        run.send_signal(signal.SIGINT)
        _out, err = run.communicate(timeout=20)
    assert run.returncode == 130
    assert "Traceback" not in err
    document = json.loads((folder / "part.json").read_text("utf-8"))
    assert document["footer"]["complete"] is False
    assert document["footer"]["reason"] == "interrupted"


def trace_document(case_id: str, dtype: str, scale: float = 1.0) -> str:
    from gradoracle import corpus

    trace = implementation(corpus.find(case_id).case.astype(dtype))
    arrays: dict[str, object] = {}
    for name, array in trace.items():
        values = array * array.dtype.type(scale if name == "dW1" else 1)
        hexed = [[to_hex(float(v)) for v in row] for row in values.reshape(values.shape or (1, 1))]
        arrays[name] = {"shape": list(array.shape), "hex": hexed} if array.ndim else hexed[0][0]
    return json.dumps({"id": case_id, "dtype": dtype, "trace": arrays})


def emitted(folder: Path) -> Path:
    out = folder / "out"
    assert main(["corpus", "emit", "--out", str(out), *CASE, "--quiet"]) == 0
    (out / "traces").mkdir()
    return out


def test_traces_from_another_machine(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = emitted(folder)
    for dtype in ("float64", "float32"):
        text = trace_document("two-layer.relu-bce", dtype)
        (out / "traces" / f"two-layer.relu-bce.{dtype}.json").write_text(text, encoding="utf-8")
    assert main(["judge", str(out)]) == 0
    assert "2 of 2 results" in capsys.readouterr().out
    wrong = trace_document("two-layer.relu-bce", "float64", 1 + 1e-9)
    (out / "traces" / "two-layer.relu-bce.float64.json").write_text(wrong, encoding="utf-8")
    assert main(["judge", str(out)]) == 1
    assert "dW1" in capsys.readouterr().out


def test_a_folder_without_traces_is_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["judge", str(emitted(folder))]) == 5
    assert "traces" in capsys.readouterr().err


@pytest.mark.parametrize(("scale", "status"), [(1.0, 0), (1 + 1e-9, 1), (float("nan"), 1)])
def test_one_trace_through_a_pipe(folder: Path, scale: float, status: int) -> None:
    document = json.loads(trace_document("two-layer.relu-bce", "float64"))
    if scale != 1.0:
        rows = document["trace"]["dW1"]["hex"]
        rows[0][0] = "NaN" if scale != scale else to_hex(float.fromhex(rows[0][0]) * scale)
    run = subprocess.run(
        [sys.executable, "-m", "gradoracle", "judge", "-"],
        input=json.dumps(document),
        capture_output=True,
        text=True,
    )
    assert run.returncode == status, run.stderr


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"id": "nope", "dtype": "float64", "trace": {}}',
        '{"id": "two-layer.relu-bce"}',
    ],
)
def test_what_is_no_trace_is_refused(folder: Path, text: str) -> None:
    (folder / "trace.json").write_text(text, encoding="utf-8")
    assert main(["judge", "trace.json"]) == 2
