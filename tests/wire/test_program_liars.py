"""Programs that lie about one case: its outcome has a name, and the run goes on."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from families import nobody_stays

from gradoracle import corpus
from gradoracle.candidate.answer import Crashed, Returned, Skipped
from gradoracle.errors import InputError
from gradoracle.wire.session import CouldNotStart, Limits, ProgramSession

PROGRAM = Path(__file__).parent / "liars" / "program.py"
BAD = corpus.find("two-layer.relu-bce").case
NEXT = corpus.find("two-layer.tanh-bce").case
PATIENT = Limits()
QUICK = Limits(seconds=1.5, start=20)

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


@pytest.fixture(autouse=True)
def _nobody_stays(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with nobody_stays(monkeypatch):
        yield


def session(fault: str, *arguments: str, limits: Limits = PATIENT) -> ProgramSession:
    return ProgramSession([sys.executable, str(PROGRAM), fault, *arguments], limits=limits)


CRASHES = {
    "errored": ("raised", "no inverse"),
    "exits": ("exited", "exited with 4"),
    "around": ("protocol", "got 'computing ...'"),
    "half a line": ("protocol", "half a line"),
    "closes its output": ("protocol", "closed its output"),
    "another seq": ("protocol", "the answer to seq 1, got one to 2"),
    "seq true": ("protocol", "got one to True"),
    "line of 1 GB": ("protocol", "more than 268,435,456 bytes"),
    "flood of lines": ("protocol", "no seq"),
    "many lists": ("protocol", "1,000,000 lists"),
    "empty line": ("protocol", "expected a JSON object"),
    "invalid UTF-8": ("protocol", "byte 8 of the line is not UTF-8"),
    "nested": ("protocol", "nested too deeply"),
    "bare NaN": ("protocol", 'numbers are strings: "NaN"'),
    "bare 1e999": ("protocol", "numbers are strings"),
    "1e999": ("protocol", "larger than any float64"),
    "0x1p+9999": ("protocol", "larger than any float64"),
    "decimal as hex": ("protocol", "expected a hexadecimal float like 0x1.8p+1, got '1.5'"),
    "underscores": ("protocol", "expected a decimal like 1.5 or 2e-3, got '1_0'"),
    "long number": ("protocol", "expected a decimal"),
    "ragged": ("protocol", "shape (2, 2) was said, 2 rows of 1 or 3 numbers came"),
    "not a list": ("protocol", "expected hex as a list of rows"),
    "too few": ("protocol", "shape (4, 5) was said"),
    "huge shape": ("protocol", "x.bin cannot be read"),
    "bad shape": ("protocol", "expected a shape like [3, 2]"),
    "no numbers": ("protocol", "expected one of hex, decimal and file"),
    "extra field": ("protocol", "an answer has 'note'; its fields are"),
    "key twice": ("protocol", "'seq' stands twice"),
    "a list": ("protocol", "expected a JSON object"),
    "both": ("protocol", "got trace and skipped"),
    "nothing": ("protocol", "got none"),
    "of Python": ("protocol", "expected the name of a type"),
    "short file": ("protocol", "has 8 bytes; shape (4, 5) in float64 takes 160,"),
    "no file": ("protocol", "cannot be read: No such file"),
    "absolute": ("protocol", "expected the name of a file in the folder"),
    "parent": ("protocol", "expected the name of a file in the folder"),
    "dots": ("protocol", "expected the name of a file in the folder"),
    "backslash": ("protocol", "expected the name of a file in the folder"),
    "NUL": ("protocol", "expected the name of a file in the folder"),
    "symlink": ("protocol", "is no plain file"),
    "hard link": ("protocol", "no plain file of its own"),
    "fifo": ("protocol", "is no plain file"),
    "directory": ("protocol", "is no plain file"),
    "sparse": ("protocol", "2,147,483,648 are allowed"),
}
POSIX = ("symlink", "hard link", "fifo", "directory")


@pytest.mark.parametrize(
    "fault", [pytest.param(f, marks=posix if f in POSIX else ()) for f in CRASHES]
)
def test_a_liar_crashes_on_its_case_alone(fault: str) -> None:
    kind, reason = CRASHES[fault]
    start = time.monotonic()
    with session(fault) as candidate:
        answer = candidate.run(BAD)
        assert isinstance(answer, Crashed), answer
        assert answer.kind == kind
        assert reason in answer.reason
        assert len(answer.reason) < 400
        assert "\n" not in answer.reason
        assert isinstance(candidate.run(NEXT), Returned)
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("fault", ["hangs", "late"])
def test_no_answer_in_time_is_a_timeout(fault: str) -> None:
    with session(fault, limits=QUICK) as candidate:
        answer = candidate.run(BAD)
        assert isinstance(answer, Crashed)
        assert (answer.kind, answer.reason) == ("timeout", "no answer within 1.5 s")
        assert isinstance(candidate.run(NEXT), Returned)


@pytest.mark.parametrize(
    ("fault", "reason"), [("twice", "seq 2, got one to 1"), ("after", "that was it")]
)
def test_what_comes_after_an_answer_is_the_next_cases_crash(fault: str, reason: str) -> None:
    with session(fault) as candidate:
        assert isinstance(candidate.run(BAD), Returned)
        answer = candidate.run(NEXT)
        assert isinstance(answer, Crashed)
        assert (answer.kind, reason in answer.reason) == ("protocol", True), answer
        assert isinstance(candidate.run(NEXT), Returned)


@pytest.mark.parametrize("fault", ["NaN", "Infinity", "nan of printf", "another shape", "own file"])
def test_what_the_judge_will_see_comes_through(fault: str) -> None:
    with session(fault) as candidate:
        answer = candidate.run(BAD)
    assert isinstance(answer, Returned)
    name = "J" if fault in ("NaN", "Infinity") else "dW1"
    said = str(answer.trace[name])
    shapes = {"another shape": (5, 4), "own file": (4, 5), "nan of printf": (1, 2)}
    assert getattr(answer.trace[name], "shape", ()) == shapes.get(fault, ())
    if fault not in ("another shape", "own file"):
        assert said in ("nan", "-inf", "[[nan inf]]")


def test_who_takes_too_much_memory_is_ended() -> None:
    with session("grows", limits=Limits(memory=300 * 2**20)) as candidate:
        answer = candidate.run(BAD)
        assert isinstance(answer, Crashed)
        assert answer.kind == "memory"
        assert answer.reason.endswith("GiB, 0.293 GiB are allowed")
        assert isinstance(candidate.run(NEXT), Returned)


def test_a_reason_for_skipping_is_handed_on() -> None:
    with session("skipped") as candidate:
        assert candidate.run(BAD) == Skipped("no relu")


def test_the_end_of_standard_error_is_the_context() -> None:
    with session("exits") as candidate:
        answer = candidate.run(BAD)
    assert isinstance(answer, Crashed)
    assert answer.context == "panic: as said\n"


def test_a_program_that_does_not_start_again_is_not_tried_for_ever(tmp_path: Path) -> None:
    start = time.monotonic()
    with session("not again", str(tmp_path / "started")) as candidate:
        answers = [candidate.run(BAD) for _ in range(50)]
    assert all(isinstance(answer, Crashed) for answer in answers)
    reasons = [answer.reason for answer in answers if isinstance(answer, Crashed)]
    assert reasons[0] == "exited with 4 before it answered"
    assert set(reasons[1:]) == {
        "did not start again after a crash: exited with 1 before it answered"
    }
    assert "once was enough" in answers[-1].context  # type: ignore[union-attr]
    assert time.monotonic() - start < 10


STARTS = {
    "start: nothing": ("exited", "exited with 0"),
    "start: fails": ("exited", "exited with 127"),
    "start: hangs": ("timeout", "no answer within 0.8 s"),
    "start: hello": ("protocol", "got 'Hello!'"),
    "start: version 2": ("protocol", "it speaks version 2, this gradoracle 1"),
    "start: version true": ("protocol", "it speaks version True"),
    "start: no name": ("protocol", "has no name"),
    "start: dtype": ("protocol", "expected some of float64, float32"),
    "start: misspelt": ("protocol", "has 'support'; its fields are"),
    "start: kink": ("protocol", "expected one of contract, any"),
    "start: layers": ("protocol", "expected numbers of layers"),
}


@pytest.mark.parametrize("fault", STARTS)
def test_a_program_that_does_not_start(fault: str) -> None:
    kind, reason = STARTS[fault]
    limits = Limits(start=0.8 if fault == "start: hangs" else 20)
    with pytest.raises(CouldNotStart) as raised:
        session(fault, limits=limits)
    assert raised.value.crashed.kind == kind
    assert reason in raised.value.crashed.reason
    if fault == "start: fails":
        assert raised.value.crashed.context == "no such library\n"


@pytest.mark.parametrize(
    "command", [["./no-such-program"], [], [""], [str(PROGRAM.parent)], ["a\0b"]]
)
def test_no_such_program_is_a_bad_request(command: list[str]) -> None:
    with pytest.raises(InputError, match="a program that can be started"):
        ProgramSession(command)


def test_the_limit_on_the_whole_run_ends_the_rest() -> None:
    with session("hangs", limits=Limits(total=1.5)) as candidate:
        first, second = candidate.run(BAD), candidate.run(NEXT)
    assert isinstance(first, Crashed)
    assert isinstance(second, Crashed)
    assert (first.kind, second.kind) == ("timeout", "timeout")
    assert "whole run" in second.reason


def test_the_private_folder_is_private_and_goes() -> None:
    candidate = session("own file")
    folder = candidate._talk.folder.path
    if sys.platform != "win32":
        assert folder.stat().st_mode & 0o777 == 0o700
    assert isinstance(candidate.run(BAD), Returned)
    assert isinstance(candidate.run(NEXT), Returned)
    assert list(folder.iterdir()) == []
    candidate.close()
    assert not folder.exists()
    candidate.close()
