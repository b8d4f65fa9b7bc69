"""The schemas are schemas, hold every message this side writes, and refuse what is none."""

from __future__ import annotations

import builtins
import json
import re
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from families import nobody_stays
from jsonschema import Draft202012Validator

from gradoracle import corpus
from gradoracle.candidate.answer import (
    About,
    Complaint,
    Conventions,
    Crashed,
    Returned,
    Skipped,
)
from gradoracle.errors import GradoracleError, InputError, MissingExtra
from gradoracle.wire import greeting, messages, tensors
from gradoracle.wire.faults import Fault
from gradoracle.wire.lint import SCHEMAS, Lint, validators
from gradoracle.wire.python import python_session
from gradoracle.wire.session import CouldNotStart, ProgramSession

HERE = Path(__file__).parent
PROGRAM = HERE / "liars" / "program.py"
CASE = corpus.find("two-layer.relu-bce").case


@pytest.fixture(autouse=True)
def _nobody_stays(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with nobody_stays(monkeypatch):
        yield


def test_every_schema_is_one_and_is_used() -> None:
    folder = files("gradoracle.wire") / "schema"
    there = {entry.name.removesuffix(".json") for entry in folder.iterdir()}
    assert there == set(SCHEMAS)
    for name in SCHEMAS:
        document = json.loads((folder / f"{name}.json").read_text("utf-8"))
        Draft202012Validator.check_schema(document)
        assert document["$id"] == f"urn:gradoracle:wire:{name}:1"


def test_the_documented_case_is_as_the_schema_says() -> None:
    page = (HERE.parents[1] / "docs" / "wire.md").read_text("utf-8")
    example = re.search(r"```json\n(.*?)```", page, re.DOTALL)
    assert example
    validators()["case"].validate(json.loads(example[1]))


@pytest.mark.parametrize("form", ["hex", "decimal"])
def test_every_case_of_the_corpus_is_sent_as_the_schema_says(form: str) -> None:
    for frozen in corpus.load("required"):
        document: Any = messages.write_case(frozen.case, form)  # type: ignore[arg-type]
        validators()["case"].validate(document)


def test_large_arrays_by_file_are_as_the_schema_says(tmp_path: Path) -> None:
    array = np.zeros((101, 100))
    document = tensors.write_input("W1", array, "hex", tmp_path)
    assert document == {"shape": [101, 100], "file": "W1.bin"}
    assert (tmp_path / "W1.bin").stat().st_size == 101 * 100 * 8


def test_what_serve_writes_is_as_the_schemas_say(tmp_path: Path) -> None:
    lint = Lint()
    about = About("x", conventions=Conventions(arithmetic="tf32"), cases=(CASE,), notes=("a",))
    crashed = Crashed("raised", "b", "c", ValueError("d"))
    for said in (
        greeting.write_greeting(about, tmp_path),
        greeting.write_crashed_start(crashed),
        greeting.write_refusal(InputError("a", "b", "c")),
        greeting.write_refusal(MissingExtra("torch", "torch")),
        greeting.write_refusal(GradoracleError("what else")),
    ):
        lint.answered("start", said)
    trace: dict[str, Any] = {
        "J": 1.0,
        "A1": np.float32(2.0),
        "W1": np.ones((3, 4)),
        "b1": np.ones(3, np.float32),
        "Z1": np.zeros((2, 0)),
        "dX": np.zeros((200, 100)),
        "dA1": np.array([None]),
        "dZ1": [1.0],
        "dW1": np.full((1, 2), np.nan),
    }
    complaints = (Complaint("aliases inputs", "W1", "b"),)
    for answer in (Returned(trace, complaints, 0.5), Skipped("no"), crashed):
        document = messages.write_answer(3, answer, tmp_path)
        lint.answered("run", document)
        back = messages.read_answer(document, 3, CASE, tmp_path)
        if isinstance(answer, Returned):
            assert isinstance(back, Returned)
            assert back.complaints == complaints
            assert back.seconds == 0.5
            for name, value in trace.items():
                got, sent = np.asarray(back.trace[name]), np.asarray(value)
                if isinstance(value, list):
                    assert type(back.trace[name]).__name__ == "list"
                else:
                    assert (got.shape, got.dtype) == (sent.shape, sent.dtype), name
                    assert sent.dtype == object or got.tobytes() == sent.tobytes(), name
        else:
            assert back == answer


def test_a_session_with_lint_is_the_same_session() -> None:
    with ProgramSession([sys.executable, str(PROGRAM), "none"], lint=True) as session:
        assert isinstance(session.run(CASE), Returned)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("1e999", ""),
        ("not a list", "line 2 at trace.dW1"),
        ("decimal as hex", "line 2 at trace.dW1.hex[0][0]: '1.5' is not a hexadecimal float"),
        ("extra field", "line 2 at the top"),
        ("both", "line 2 at the top"),
        ("seq true", "line 2 at seq: True is not of type 'integer' (schema/answer.json)"),
        ("absolute", "is not the name of a file in the folder"),
    ],
)
def test_lint_names_the_line_and_the_path(fault: str, reason: str) -> None:
    with ProgramSession([sys.executable, str(PROGRAM), fault], lint=True) as session:
        answer = session.run(CASE)
    assert isinstance(answer, Crashed)
    assert answer.kind == "protocol"
    assert reason in answer.reason


def test_lint_looks_at_the_answer_to_start_too() -> None:
    with pytest.raises(CouldNotStart, match=r"line 1 at dtypes\[0\]: 'float16' is not one of"):
        ProgramSession([sys.executable, str(PROGRAM), "start: dtype"], lint=True)


def test_lint_holds_this_side_to_the_schemas_too() -> None:
    with pytest.raises(AssertionError, match="which this side breaks"):
        Lint().sent({"cmd": "start", "version": 2})


def test_lint_without_jsonschema_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: object, **more: object) -> object:
        if name.startswith("jsonschema"):
            raise ImportError(name)
        return real(name, *rest, **more)  # type: ignore[arg-type]

    validators.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra, match=r"gradoracle\[lint\]"):
        ProgramSession([sys.executable, str(PROGRAM), "none"], lint=True)


def test_a_schema_refuses_more_than_the_reader_needs_to() -> None:
    lint = Lint()
    for answer in ({"seq": 0, "skipped": ""}, {"seq": 1}, {"seq": 1, "trace": {"J": 1.0}}):
        with pytest.raises(Fault):
            lint.answered("run", answer)


def test_the_package_serves_as_the_schemas_say() -> None:
    target = f"{HERE / 'liars' / 'functions.py'}:endless_axes"
    with python_session(target, lint=True) as session:
        assert isinstance(session.run(CASE), Returned)
