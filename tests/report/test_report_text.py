"""The plain report and the failure block: what a terminal shows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_samples import blocked, hostile, one, sample

from gradoracle.checking.report import Report
from gradoracle.checking.result import Outcome
from gradoracle.report.check import EXAMPLES, MOST_FAILURES, plain
from gradoracle.report.failure import CONTEXT_LINES, block, told

SEGFAULT = """\
loading weights
Fatal Python error: Segmentation fault

Thread 0x00007f0000000001 (most recent call first):
  File "/usr/lib/python3.11/threading.py", line 327 in wait

Current thread 0x00007f0000000002 (most recent call first):
  File "net.py", line 7 in dot
  File "net.py", line 21 in backward
""" + "".join(f'  File "serve.py", line {i} in frame{i}\n' for i in range(30))
MODULES = "\nExtension modules: numpy.core._multiarray_umath (total: 1)\n"

TRACEBACK = (
    "Traceback (most recent call last):\n"
    + "".join(f'  File "serve.py", line {i}, in frame{i}\n    step()\n' for i in range(30))
    + '  File "net.py", line 7, in dot\n    return a @ b\nValueError: matmul\n'
)


def crashed(crash: str, reason: str, context: str = "") -> str:
    report = one("raising")
    result = replace(report.results[0], crash=crash, reason=reason, context=context)
    return block(result, report.header)


def shown(text: str) -> list[str]:
    """Return the lines of context below ``crashed``."""
    lines = text.splitlines()[2:]
    return [line.strip() for line in lines if line.startswith(" " * 16)]


def test_the_dump_of_a_fatal_error_shows_its_first_lines() -> None:
    lines = shown(crashed("signal", "SIGSEGV", SEGFAULT + MODULES))
    assert len(lines) == CONTEXT_LINES
    assert lines[0] == "Current thread 0x00007f0000000002 (most recent call first):"
    assert lines[1] == 'File "net.py", line 7 in dot'


def test_a_dump_without_a_current_thread_shows_its_first_lines() -> None:
    dump = "Timeout (0:00:30)!\nThread 0x1 (most recent call first):\n" + "  File f\n" * 20
    assert shown(crashed("timeout", "30 s", dump))[0] == "Thread 0x1 (most recent call first):"


def test_a_traceback_shows_its_last_lines() -> None:
    lines = shown(crashed("raised", "ValueError: matmul", TRACEBACK))
    assert len(lines) == CONTEXT_LINES
    assert lines[-1] == "ValueError: matmul"
    assert lines[-3] == 'File "net.py", line 7, in dot'


@pytest.mark.parametrize("reason", ["KeyError: 'softmax'", "KeyError: 3", "KeyError"])
def test_a_key_error_gets_a_hint(reason: str) -> None:
    text = crashed("raised", reason)
    hint = next(line for line in text.splitlines() if line.startswith("  hint"))
    assert "a function for some networks only says so: my_net.supports = lambda case: ..." in hint
    assert "(docs/check.md), or choose cases with --case" in hint


@pytest.mark.parametrize(
    ("crash", "reason"),
    [("raised", "ValueError: KeyError"), ("exited", "KeyError: 1"), ("raised", "")],
)
def test_other_crashes_get_none(crash: str, reason: str) -> None:
    assert "hint" not in crashed(crash, reason)


def test_the_hint_is_there_after_a_real_run() -> None:
    assert plain(one("raising")).count("my_net.supports") == 1


def test_what_is_blocked_is_told_in_one_line() -> None:
    lines = [line.strip() for line in plain(blocked(12)).splitlines() if "blocked  " in line]
    names = "late.00, late.01, late.02, 9 more"
    assert lines == [f"blocked       24: they need a case that failed or crashed ({names})"]


@pytest.mark.parametrize("count", [1, EXAMPLES])
def test_few_are_named_all(count: int) -> None:
    text = plain(blocked(count))
    line = next(line for line in text.splitlines() if "blocked  " in line)
    assert " more" not in line
    assert all(f"late.{i:02}" in line for i in range(count))


def test_other_reasons_keep_a_line_each() -> None:
    report = one()
    skipped = [
        replace(report.results[0], outcome=Outcome.SKIPPED, reason=reason, verdict=None)
        for reason in ("no softmax", "no softmax", "no tanh")
    ]
    text = plain(replace(report, results=[*report.results, *skipped]))
    assert "skipped       2: no softmax" in text
    assert "skipped       1: no tanh" in text


def test_a_failure_names_the_first_wrong_step() -> None:
    text = plain(one())
    assert text.startswith("FAIL  two-layer.relu-bce  float64  candidate ")
    assert "first wrong   dW1 (4, 5)   dZ1 and everything before it are right" in text
    assert "also in       float32, in the same way" in text
    assert text.count("reproduce") == 1


def test_no_hint_to_return_what_was_returned() -> None:
    hint = "return Z, A, dA and dZ too"
    assert hint not in plain(one())
    lacking: Report = sample("mixed")  # returns all but db1, which is missing, not optional
    assert hint not in plain(lacking)


def test_the_hint_where_only_gradients_came_back() -> None:
    report = one()
    results = []
    for result in report.results:
        assert result.verdict is not None
        kept = tuple(t for t in result.tensors if t.name[:2] in ("J", "dW", "db"))
        gone = tuple(t.name for t in result.tensors if t not in kept)
        results.append(replace(result, verdict=replace(result.verdict, tensors=kept, missing=gone)))
    assert "return Z, A, dA and dZ too" in plain(replace(report, results=results))


def test_what_is_not_shown_is_counted() -> None:
    report = one()
    results = [replace(report.results[0], case=f"case.{i}") for i in range(MOST_FAILURES + 5)]
    assert "and 5 failed that are not shown here" in plain(replace(report, results=results))


def test_hostile_texts_reach_no_terminal() -> None:
    text = plain(hostile())
    assert not [c for c in text if (ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0]
    assert "\u202e" not in text
    text.encode()


def test_a_block_is_data() -> None:
    result = one().results[0]
    found = told(result, one().header, also_in=("float32",))
    assert found.outcome is Outcome.FAILED
    assert found.rows[0][0] == "first wrong"
    assert str(found).startswith(found.title)
