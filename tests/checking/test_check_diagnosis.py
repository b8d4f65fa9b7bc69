"""The line that no other checker prints: which mistake was made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import gradoracle
from gradoracle.checking.result import Outcome
from gradoracle.cli import main
from gradoracle.mistakes import Mutant, find
from gradoracle_numpy import implementation

CASE = "two-layer.relu-bce"

NET = """
from gradoracle_numpy import implementation

def net(case):
    trace = dict(implementation(case))
    if case.activation(1) == "relu" and case.L == 2:
        trace["dZ1"] = trace["dA1"] * (1 - trace["A1"] ** 2)
        trace["dW1"] = trace["dZ1"] @ case.X.T
        trace["db1"] = trace["dZ1"].sum(axis=1, keepdims=True)
        trace["dX"] = case.W[1].T @ trace["dZ1"]
    return trace
"""


def test_a_mistake_is_named_with_its_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "net.py").write_text(NET, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    case = ["--case", CASE, "--dtype", "float64"]
    assert main(["check", "net.py:net", *case]) == 1
    out = capsys.readouterr().out
    assert "diagnosis     tanh-derivative-on-relu at layer 1" in out
    assert "mend          relu" in out
    assert main(["check", "net.py:net", *case, "--diagnose-budget", "0"]) == 1
    assert "diagnosis" not in capsys.readouterr().out
    assert main(["check", "net.py:net", *case, "--no-mend"]) == 1
    withheld = capsys.readouterr().out
    assert "diagnosis" not in withheld
    assert "tanh" not in withheld


def test_findings_carry_the_name_and_known_failures_bind_to_it(tmp_path: Path) -> None:
    from gradoracle.checking.known_failures import read_known

    report = gradoracle.check(Mutant(find("tanh-derivative-on-relu"), 1), match=CASE)
    assert {f.diagnosis for f in report.findings} == {"tanh-derivative-on-relu at layer 1"}
    path = tmp_path / "known.tsv"
    entry = f"{CASE}\t*\tdZ1\ttanh-derivative-on-relu at layer 1\tsee 7\n"
    path.write_text(entry, encoding="utf-8")
    known = read_known(path)
    assert known.applied(report).counts[Outcome.KNOWN] == 2
    other = gradoracle.check(Mutant(find("derivative-dropped"), 1), match=CASE)
    assert known.applied(other).counts[Outcome.FAILED] == 2


def test_something_odd_gets_no_name() -> None:
    def odd(case: gradoracle.Case) -> dict[str, Any]:
        trace = dict(implementation(case))
        trace["dW1"] = trace["dW1"] + 0.01 * trace["dW1"][::-1] ** 2
        return trace

    report = gradoracle.check(odd, match=CASE, dtype="float64")
    diagnosis = report.results[0].diagnosis
    assert diagnosis is not None
    assert diagnosis.names == ()
    assert diagnosis.facts
    assert "no known mistake" in str(report)
