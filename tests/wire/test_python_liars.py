"""Python candidates that break or lie on one case, in a child: the engine's report is complete."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from families import nobody_stays

from gradoracle import corpus
from gradoracle.checking.engine import run
from gradoracle.checking.result import Outcome, Result
from gradoracle.wire.limits import MB, Limits
from gradoracle.wire.python import python_session

FUNCTIONS = Path(__file__).parent / "liars" / "functions.py"
CASES = [corpus.find(name) for name in ("two-layer.relu-bce", "two-layer.tanh-bce")]

posix = pytest.mark.skipif(sys.platform == "win32", reason="no fork and no such signals on Windows")


@pytest.fixture(autouse=True)
def _nobody_stays(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with nobody_stays(monkeypatch):
        yield


def results(name: str, limits: Limits) -> list[Result]:
    """Run a liar on its case and on another one."""
    with python_session(f"{FUNCTIONS}:{name}", limits) as session:
        assert session.about.language == "Python"
        return list(run(session, CASES, ("float64",)))


def crash(name: str, limits: Limits | None = None, most: float = 8) -> Result:
    """Require that a liar crashes on its case, and that the next one is right."""
    start = time.monotonic()
    bad, good = results(name, limits or Limits())
    assert time.monotonic() - start < most
    assert good.outcome is Outcome.PASSED
    assert bad.outcome is Outcome.CRASHED, bad
    return bad


@pytest.mark.parametrize(
    ("name", "kind", "reason"),
    [
        ("raises", "raised", "ZeroDivisionError: as said"),
        ("calls_exit", "exited", "sys.exit(3)"),
        ("leaves", "exited", "exited with 3 before it answered"),
        pytest.param("kills_itself", "signal", "ended by SIGKILL", marks=posix),
        pytest.param("segfaults", "signal", "ended by SIGSEGV", marks=posix),
        pytest.param("forks_and_leaves", "exited", "exited with 3", marks=posix),
        ("floods_stderr", "raised", "ValueError: after the flood"),
        pytest.param("needs_20_gb", "memory", "Unable to allocate 20.0 GiB", marks=posix),
    ],
)
def test_a_crash_has_its_name(name: str, kind: str, reason: str) -> None:
    bad = crash(name)
    assert (bad.crash, reason in bad.reason) == (kind, True), bad


def test_the_context_of_a_crash_is_the_candidates_own() -> None:
    assert 'raise ZeroDivisionError("as said")' in crash("raises").context
    if sys.platform != "win32":
        assert "in segfaults" in crash("segfaults").context


@pytest.mark.parametrize("name", ["hangs", pytest.param("hangs_ignoring_sigterm", marks=posix)])
def test_who_hangs_is_ended(name: str) -> None:
    bad = crash(name, Limits(seconds=1.5))
    assert (bad.crash, bad.reason) == ("timeout", "no answer within 1.5 s")
    assert f"in {name}" in bad.context  # Python's stack, where it hangs


@posix
def test_memory_is_counted_over_the_whole_family() -> None:
    bad = crash("grows", Limits(memory=400 * MB))
    assert bad.crash == "memory"
    assert "GiB are allowed" in bad.reason


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("forks", marks=posix),
        pytest.param("forks_a_daemon", marks=posix),
        pytest.param("forks_and_both_return", marks=posix),
        "prints",
    ],
)
def test_what_is_no_fault_passes(name: str) -> None:
    assert [r.outcome for r in results(name, Limits())] == [Outcome.PASSED, Outcome.PASSED]


@pytest.mark.parametrize(
    ("name", "tensor", "finding", "detail"),
    [
        ("nan", "dW1", "not finite", "got nan"),
        ("infinity", "J", "not finite", "got inf"),
        ("missing", "db1", "missing", "was not returned"),
        ("extra", "'dw1'", "unknown name", "'dw1' is no name"),
        ("misshapen", "db1", "shape", "expected shape (4, 1), got (4,)"),
        ("endless_axes", "dW1", "shape", "got (0, 3)"),
        ("endless_axes", "db1", "shape", "got (1, 2, 3, 1)"),
        ("of_objects", "dW1", "dtype", "got object"),
        ("of_integers", "dW1", "dtype", "got int64"),
        ("in_the_other_dtype", "dW1", "dtype", "expected float64, got float32"),
        ("no_array", "dW1", "not an array", "got a list"),
        ("no_mapping", "", "not a mapping", "returned a list"),
        ("writes_to_its_inputs", "X", "mutates inputs", "X was written to"),
        ("returns_its_inputs", "dX", "aliases inputs", "dX is a view of X"),
        ("not_deterministic", "J", "not deterministic", "J came out differently"),
    ],
)
def test_a_wrong_answer_is_found_as_in_this_process(
    name: str, tensor: str, finding: str, detail: str
) -> None:
    bad, good = results(name, Limits())
    assert (bad.outcome, good.outcome) == (Outcome.FAILED, Outcome.PASSED)
    found = [f for f in bad.findings() if (f.tensor, f.finding) == (tensor, finding)]
    assert found, list(bad.findings())
    assert any(detail in f.detail for f in found), found
