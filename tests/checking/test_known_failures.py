"""The list of known failures: each entry must come true, and nothing else may be wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import gradoracle
from gradoracle.checking.known_failures import KnownFailures, read_known
from gradoracle.checking.report import Report
from gradoracle.checking.result import Outcome
from gradoracle.cli import main
from gradoracle.errors import InputError
from gradoracle.status import Status
from gradoracle_numpy import implementation

CASE = "two-layer.relu-bce"
HEAD = "case\tdtype\ttensor\tfinding\treason\tlink\n"


def wrong(case: gradoracle.Case) -> dict[str, Any]:
    trace = dict(implementation(case))
    if case.id == CASE:
        trace["dZ1"] = -trace["dZ1"]
        trace["dW1"] = -trace["dW1"]
    return trace


def listed(tmp_path: Path, *lines: str) -> KnownFailures:
    path = tmp_path / "known.tsv"
    path.write_text(HEAD + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return read_known(path)


def checked(candidate: Callable[..., object] = wrong, match: str = "two-layer.*") -> Report:
    return gradoracle.check(candidate, match=match)


def test_a_listed_failure_is_known_and_the_run_is_right(tmp_path: Path) -> None:
    known = listed(tmp_path, f"{CASE}\t*\tdZ1\tproven\ta sign\thttps://example.org/7")
    report = checked()
    assert report.status is Status.WRONG
    marked = known.applied(report)
    assert marked.status is Status.OK
    assert marked.counts[Outcome.KNOWN] == 2
    assert not marked.findings
    reason = next(r.reason for r in marked.results if r.outcome is Outcome.KNOWN)
    assert reason == "a sign https://example.org/7"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (f"{CASE}\t*\tdW1\tproven\ta sign", "fails otherwise: dZ1 proven"),
        (f"{CASE}\t*\tdZ1\tshape\ta sign", "fails otherwise: dZ1 proven"),
        ("two-layer.sigmoid-bce\t*\tdZ1\tproven\ta sign", "is passed"),
        ("two-layer.*\t*\tdZ1\tproven\ta sign", "is passed"),
        ("no.such-case\t*\tdZ1\tproven\ta sign", "matches nothing"),
    ],
)
def test_an_entry_that_does_not_come_true_is_stale(tmp_path: Path, line: str, why: str) -> None:
    known = listed(tmp_path, f"{CASE}\t*\tdZ1\tproven\ta sign", line)
    marked = known.applied(checked())
    assert marked.footer is not None
    assert len(marked.footer.stale) == 1
    assert why in marked.footer.stale[0]
    assert marked.status is Status.WRONG


def test_an_entry_for_a_skipped_case_is_stale(tmp_path: Path) -> None:
    class Skips:
        def supports(self, case: gradoracle.Case) -> bool:
            return case.id != CASE

        def __call__(self, case: gradoracle.Case) -> dict[str, Any]:
            return dict(implementation(case))

    known = listed(tmp_path, f"{CASE}\t*\tdZ1\tproven\ta sign")
    marked = known.applied(gradoracle.check(Skips(), match="two-layer.*"))
    assert "is skipped" in marked.footer.stale[0]  # type: ignore[union-attr]


def test_one_dtype_excuses_no_other(tmp_path: Path) -> None:
    marked = listed(tmp_path, f"{CASE}\tfloat32\tdZ1\tproven\ta sign").applied(checked())
    outcome = {r.dtype: r.outcome for r in marked.results if r.case == CASE}
    assert outcome == {"float64": Outcome.FAILED, "float32": Outcome.KNOWN}


def test_what_else_is_wrong_is_not_excused(tmp_path: Path) -> None:
    def worse(case: gradoracle.Case) -> dict[str, Any]:
        trace = wrong(case)
        if case.id == CASE:
            del trace["db2"]
        return trace

    known = listed(tmp_path, f"{CASE}\t*\tdZ1\tproven\ta sign")
    assert known.applied(checked(worse)).counts[Outcome.FAILED] == 2


def test_an_entry_may_speak_of_a_case_that_a_partial_run_left_out(tmp_path: Path) -> None:
    known = listed(tmp_path, f"{CASE}\t*\tdZ1\tproven\ta sign")
    marked = known.applied(checked(match="two-layer.sigmoid-bce"))
    assert marked.ok
    assert marked.footer is not None
    assert marked.footer.stale == ()


def test_a_crash_can_be_known(tmp_path: Path) -> None:
    def crashes(case: gradoracle.Case) -> dict[str, Any]:
        return {}["no"] if case.id == CASE else dict(implementation(case))

    known = listed(tmp_path, f"{CASE}\t*\t-\tcrashed: raised\tnot written")
    assert known.applied(checked(crashes)).ok


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"{CASE}\t*\tdZ1\tproven", "reason is mandatory"),
        (f"{CASE}\t*\tdZ1\tproven\t ", "reason is mandatory"),
        (f"{CASE} * dZ1 proven because", "tabs"),
        (f"{CASE}\tfloat16\tdZ1\tproven\twhy", "float16"),
        ("*\t*\tdZ1\tproven\twhy", "covers 214"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(InputError, match=f"line 2.*|{words}") as error:
        listed(tmp_path, line)
    assert words in str(error.value)
    assert "line 2" in str(error.value)


def test_an_entry_twice_is_refused(tmp_path: Path) -> None:
    line = f"{CASE}\t*\tdZ1\tproven\twhy"
    with pytest.raises(InputError, match="again"):
        listed(tmp_path, line, line)


NET = """
from gradoracle_numpy import implementation

def wrong(case):
    trace = dict(implementation(case))
    if case.id == "two-layer.relu-bce":
        trace["dW1"] = -trace["dW1"]
    return trace

def right(case):
    return dict(implementation(case))
"""


def test_the_list_is_written_read_and_emptied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(NET, encoding="utf-8")
    path = tmp_path / "known.tsv"
    path.write_text("# kept by us\n", encoding="utf-8")
    known = ["--known-failures", "known.tsv", "--quiet"]
    assert main(["check", "net.py:wrong", *known]) == 1
    assert main(["check", "net.py:wrong", *known, "--update-known-failures", "see 7"]) == 0
    assert path.read_text("utf-8") == f"# kept by us\n{HEAD}{CASE}\t*\tdW1\tproven\tsee 7\n"
    assert main(["check", "net.py:wrong", *known]) == 0
    assert main(["check", "net.py:right", *known]) == 1
    before = path.read_text("utf-8")
    update = [*known, "--update-known-failures", "x"]
    assert main(["check", "net.py:right", *update, "--case", CASE]) == 2
    assert "partial" in capsys.readouterr().err
    assert path.read_text("utf-8") == before
    assert main(["check", "net.py:right", *update]) == 0
    assert path.read_text("utf-8") == f"# kept by us\n{HEAD}"
