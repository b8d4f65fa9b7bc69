"""The text form: the same conversation, the same faults."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from families import nobody_stays

from gradoracle import Case, corpus
from gradoracle.arrays import Array
from gradoracle.candidate.answer import Crashed, Returned, Skipped
from gradoracle.wire import json_lines, text
from gradoracle.wire.faults import Fault
from gradoracle.wire.greeting import read_greeting
from gradoracle.wire.messages import read_answer, read_case, write_case, write_run
from gradoracle.wire.session import ProgramSession

PROGRAM = Path(__file__).parent / "liars" / "text_program.py"
DOCS = Path(__file__).parents[2] / "docs" / "wire.md"
BAD = corpus.find("two-layer.relu-bce").case
NEXT = corpus.find("two-layer.tanh-bce").case


@pytest.fixture(autouse=True)
def _nobody_stays(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with nobody_stays(monkeypatch):
        yield


def arrays(case: Case) -> list[Array]:
    return [case.X, case.Y, *case.W.values(), *case.b.values()]


def session(fault: str = "") -> ProgramSession:
    command = [sys.executable, str(PROGRAM), fault]
    return ProgramSession([word for word in command if word], wire="text", lint=True)


def test_a_program_without_json_runs_and_says_what_it_can_do() -> None:
    with session() as candidate:
        about = candidate.about
        assert (about.name, about.language) == ("a text program", "Python 3")
        assert about.conventions.kink == "any"
        answer = candidate.run(NEXT)
        one_layer = corpus.find("regression.logistic").case
        assert candidate.run(one_layer) == Skipped("it does not do 1 layer")
    assert isinstance(answer, Returned)
    assert float(answer.trace["J"]) == 1.5
    assert answer.trace["dW1"].shape == NEXT.W[1].shape
    assert answer.trace["dW1"].dtype == np.float64


LIES = {
    "log": ("protocol", "expected one of started, trace"),
    "name twice": ("protocol", "'J' comes twice"),
    "too few": ("protocol", "4 x 5 was said, 1 numbers came"),
    "no number": ("protocol", "trace.J: 'one' is not a hexadecimal float or a decimal"),
    "1e999": ("protocol", "larger than any float64"),
    "seq": ("protocol", "expected the answer to seq 1, got one to 19"),
    "no seq": ("protocol", "expected a whole number"),
    "line": ("protocol", "expected a line 'array NAME ROWS COLUMNS"),
    "negative": ("protocol", "expected a whole number, got '-4'"),
    "nothing": ("protocol", "expected one of"),
    "after skipped": ("protocol", "after skipped expected end"),
    "errored": ("raised", "division by zero"),
    "half": ("protocol", "half a line"),
    "utf8": ("protocol", "is not UTF-8"),
}


@pytest.mark.parametrize("fault", LIES)
def test_a_liar_crashes_on_its_case_alone(fault: str) -> None:
    with session(fault) as candidate:
        answer = candidate.run(BAD)
        assert isinstance(answer, Crashed), answer
        assert (answer.kind, LIES[fault][1] in answer.reason) == (LIES[fault][0], True), answer
        assert isinstance(candidate.run(NEXT), Returned)


def test_skipping_both_kinds_of_numbers_and_windows_lines_are_fine() -> None:
    for fault in ("skipped", "crlf"):
        with session(fault) as candidate:
            answer = candidate.run(BAD)
            if fault == "skipped":
                assert answer == Skipped("no relu")
            else:
                assert isinstance(answer, Returned)
    with session("mixed") as candidate:
        answer = candidate.run(BAD)
    assert isinstance(answer, Returned)
    assert np.isnan(answer.trace["J"])
    assert np.array_equal(answer.trace["dW1"], [[2.0, 1.5, np.nan]], equal_nan=True)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("form", ["hex", "decimal"])
def test_every_case_comes_back_bit_for_bit(form: str, dtype: str) -> None:
    for frozen in corpus.load():
        if dtype not in frozen.dtypes:
            continue
        case = frozen.case.astype(dtype)
        line = json_lines.write(write_run(1, write_case(case, form)))  # type: ignore[arg-type]
        again = read_case(json_lines.read(line)["case"], None)
        assert again.network == case.network
        assert (again.id, again.dtype) == (case.id, case.dtype)
        for got, sent in zip(arrays(again), arrays(case), strict=True):
            assert got.tobytes() == sent.tobytes()


def test_the_documented_session_is_what_is_spoken() -> None:
    page = DOCS.read_text("utf-8")
    block = next(b for b in re.findall(r"```text\n(.*?)```", page, re.DOTALL) if "> start" in b)
    example = re.search(r"```json\n(.*?)```", page, re.DOTALL)
    assert example
    case = read_case(json_lines.read(example[1].replace("\n", " ").encode()), None)
    asked = "".join(line[2:] for line in block.splitlines(True) if line.startswith("> "))
    written = text.write(write_run(1, write_case(case, "decimal"))).decode()
    assert written in asked
    answers = "".join(line[2:] for line in block.splitlines(True) if line.startswith("< "))
    started, trace, skipped = re.findall(r".*?^end\n", answers, re.DOTALL | re.MULTILINE)
    assert read_greeting(text.read(started.encode()), Path()).about.name == "my-net"
    answer = read_answer(text.read(trace.encode()), 1, case, None)
    assert isinstance(answer, Returned)
    assert answer.trace["dW1"].shape == (3, 2)
    assert read_answer(text.read(skipped.encode()), 2, case, None) == Skipped("no softmax")


@pytest.mark.parametrize(
    "lines",
    [
        "started one",
        "started 1\nnames x",
        "started 1\nsupports l2 maybe",
        "started 1\nname a\nname b",
    ],
)
def test_a_wrong_greeting_is_refused(lines: str) -> None:
    with pytest.raises(Fault, match="protocol"):
        text.read(f"{lines}\nend\n".encode())
