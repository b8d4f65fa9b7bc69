"""`gradoracle smoke` finds every harness that is wrong."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from families import nobody_stays

from gradoracle.commands.smoke import smoke
from gradoracle.wire.smoke import EXPECTED

LIARS = Path(__file__).parent / "liars"


@pytest.fixture(autouse=True)
def _nobody_stays(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with nobody_stays(monkeypatch):
        yield


def run(*arguments: str) -> tuple[int, list[str]]:
    result = CliRunner().invoke(smoke, [*arguments], standalone_mode=False)
    if result.exception:
        raise result.exception
    return int(result.return_value), result.stdout.splitlines()


def run_liar(fault: str) -> tuple[int, list[str]]:
    return run("--lint", "--", sys.executable, str(LIARS / "smoking.py"), fault)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--", sys.executable, str(LIARS / "smoking.py"), "none"],
        ["--lint", sys.executable, str(LIARS / "smoking.py"), "right"],
        ["--wire", "text", "--lint", "--", sys.executable, str(LIARS / "text_program.py")],
    ],
)
def test_a_right_harness_passes_every_check(arguments: list[str]) -> None:
    status, lines = run(*arguments)
    assert status == 0
    assert [line.split()[0] for line in lines] == ["ok"] * 10
    assert [line.split()[1] for line in lines] == ["start", *EXPECTED, "stop"]


@pytest.mark.parametrize("fault", ["tiny", "minus_zero", "third", "huge", "nan", "product", "stop"])
def test_a_wrong_harness_fails_that_check_alone(fault: str) -> None:
    status, lines = run_liar(fault)
    assert status == 1
    assert [line.split()[1] for line in lines if line.startswith("FAIL")] == [fault]


@pytest.mark.parametrize(("fault", "name"), [("missing", "a"), ("extra", "c")])
def test_a_number_too_few_or_too_many_fails(fault: str, name: str) -> None:
    status, lines = run_liar(fault)
    assert status == 1
    assert [line.split()[1] for line in lines if line.startswith("FAIL")] == [name]


def test_a_crash_is_status_3_and_its_words_are_tame(capsys: pytest.CaptureFixture[str]) -> None:
    status, lines = run_liar("crash")
    assert status == 3
    assert lines[-1].startswith("FAIL  crashed     exited: exited with 1")
    assert not any("\x1b" in line for line in lines)


def test_a_program_that_speaks_the_other_form_is_status_3() -> None:
    program = str(LIARS / "text_program.py")
    status, lines = run("--timeout", "1.5", "--", sys.executable, program)
    assert status == 3
    assert lines == [
        "FAIL  crashed     timeout: no answer within 1.5 s to start in the json form; "
        "try --wire text"
    ]
