"""Naming a Python candidate: what is found, what is not, and what breaks on the way."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from families import nobody_stays

from gradoracle import corpus
from gradoracle.candidate.answer import Crashed, Returned
from gradoracle.errors import InputError
from gradoracle.wire.faults import CouldNotStart
from gradoracle.wire.limits import Limits
from gradoracle.wire.python import python_session
from gradoracle.wire.target import load

CASE = corpus.find("two-layer.relu-bce").case

ONE = "import helper_of_net\ndef my_net(case): return helper_of_net.zeros(case)\n"
HELPER = "def zeros(case): return {'J': 0.0}\n"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    (tmp_path / "helper_of_net.py").write_text(HELPER)
    with nobody_stays(monkeypatch):
        yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


def write(name: str, text: str) -> None:
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text(text)


@pytest.mark.parametrize(
    "target",
    ["one_net.py:my_net", "one_net:my_net", "one_net.py", "one_net", "./one_net.py:my_net"],
)
def test_a_function_is_found(target: str) -> None:
    write("one_net.py", ONE)
    assert getattr(load(target), "__name__", "") == "my_net"


def test_a_neighbour_is_found_from_elsewhere() -> None:
    write("sub/one_net.py", ONE)
    Path("helper_of_net.py").rename("sub/helper_of_net.py")
    assert getattr(load("sub/one_net.py:my_net"), "__name__", "") == "my_net"


@pytest.mark.parametrize(
    ("text", "target", "name"),
    [
        ("class net:\n  @staticmethod\n  def inner(case): ...\n", "some_net.py:net.inner", "inner"),
        ("def a(case): ...\ndef candidate(case): ...\n", "some_net.py", "candidate"),
        (
            "from math import *\nfrom numpy import exp, zeros\ndef a(case): ...\ndef _b(): ...\n",
            "some_net.py",
            "a",
        ),
        ("class C:\n  def __call__(self, case): ...\nnet = C()\n", "some_net.py", "C"),
        ("candidate = 7\n", "some_net.py", "int"),
    ],
)
def test_what_is_meant_is_found(text: str, target: str, name: str) -> None:
    write("some_net.py", text)
    found = load(target)
    assert getattr(found, "__name__", type(found).__name__) == name


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("one_nt.py:my_net", "expected a file one_nt.py; got none; mend: did you mean one_net.py?"),
        ("one_net.py:my_nett", "no my_nett there; mend: did you mean my_net?"),
        ("one_net.py:xyz", "no xyz there; mend: name it: one_net.py:my_net"),
        ("one_net.py:my_net.deep", "no deep there"),
        ("no_such_module:net", "expected a module no_such_module; got none"),
        ("one_net.sub:net", "expected a module one_net.sub; got none"),
        ("two_nets.py", "got 2: a, b; mend: name it: two_nets.py:a or :b"),
        ("helper_less.py", "got none; mend: define one: def candidate(case)"),
        ("empty.py", "in empty.py; got an empty file; mend: define one: def candidate(case)"),
        ("blank.py", "in blank.py; got an empty file"),
        ("", "expected FILE.py:NAME or MODULE:NAME"),
        (":net", "expected"),
        ("..", "expected"),
        (".", "expected"),
        ("a b", "expected a module a b; got none"),
        ("no_net.txt:net", "expected a module no_net.txt; got none"),
    ],
)
def test_what_is_not_there_is_a_bad_request(target: str, message: str) -> None:
    write("one_net.py", ONE)
    write("two_nets.py", "def a(case): ...\ndef b(case): ...\n")
    write("helper_less.py", "x = 1\n")
    write("empty.py", "")
    write("blank.py", "\n \n")
    with pytest.raises(InputError, match=re.escape(message)):
        load(target)


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("import no_such_thing\n", "raised", "ModuleNotFoundError: No module named"),
        ("1 / 0\n", "raised", "ZeroDivisionError: division by zero"),
        ("def f(:\n", "raised", "SyntaxError"),
        ("import sys\nsys.exit(4)\n", "exited", "sys.exit(4)"),
        ("import os\nos._exit(4)\n", "exited", "exited with 4"),
        ("import time\ntime.sleep(1000)\n", "timeout", "no answer within 4 s"),
        ("raise MemoryError('at once')\n", "memory", "MemoryError: at once"),
    ],
)
def test_a_file_that_breaks_could_not_start(text: str, kind: str, reason: str) -> None:
    write("broken_net.py", f"{text}def net(case): ...\n")
    with pytest.raises(CouldNotStart) as raised:
        python_session("broken_net.py:net", Limits(start=4 if kind == "timeout" else 60))
    crashed = raised.value.crashed
    assert (crashed.kind, reason in crashed.reason) == (kind, True), crashed
    if text == "1 / 0\n":
        assert "broken_net.py" in crashed.context


def test_a_child_refuses_as_this_process_would() -> None:
    write("one_net.py", ONE)
    with pytest.raises(InputError, match="did you mean my_net"):
        python_session("one_net.py:my_nett")
    write("seven.py", "candidate = 7\n")
    with pytest.raises(InputError):
        python_session("seven.py")
    with pytest.raises(InputError, match="loss"):
        python_session("one_net.py:my_net", options={"loss": "mse"})


def test_files_named_like_modules_of_python_do_no_harm() -> None:
    for name in ("random", "queue", "json"):
        write(f"{name}.py", "raise RuntimeError('shadowed')\n")
    write("numbers.py", "def net(case): return {'J': 0.0}\n")
    with python_session("numbers.py:net") as session:
        assert session.about.name == "net"
        assert isinstance(session.run(CASE), Returned)


def test_a_large_array_goes_by_file() -> None:
    write(
        "wide.py",
        "import numpy as np\ndef net(case): return {'J': 0.0, 'dW1': np.full((200, 100), 0.1)}\n",
    )
    with python_session("wide.py:net") as session:
        answer = session.run(CASE)
        assert isinstance(answer, Returned)
        assert (answer.trace["dW1"] == 0.1).all()
        assert answer.seconds > 0


def test_ctrl_c_inside_a_candidate_is_a_crash_of_its_own() -> None:
    write("stops.py", "def net(case): raise KeyboardInterrupt\n")
    with python_session("stops.py:net") as session:
        answer = session.run(CASE)
    assert isinstance(answer, Crashed)
    assert answer.kind == "raised"


def test_a_function_that_says_what_another_supports_is_no_candidate(tmp_path: Path) -> None:
    code = "def net(case): ...\n\n\ndef supports(case): ...\n\n\nnet.supports = supports\n"
    (tmp_path / "one_net.py").write_text(code, encoding="utf-8")
    assert load(str(tmp_path / "one_net.py")).__name__ == "net"  # type: ignore[attr-defined]
    (tmp_path / "two_nets.py").write_text(code.rsplit("\n", 2)[0], encoding="utf-8")
    with pytest.raises(InputError, match="net, supports"):
        load(str(tmp_path / "two_nets.py"))
