"""`gradoracle derive` as a user types it, and `gradoracle.derive`."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import gradoracle
from gradoracle.cli import main
from gradoracle.derivation.api import Derivation, shipped
from gradoracle.errors import InputError
from gradoracle.report.derivation import plain

HEADER = "network: sizes 784-196-1, activations sigmoid sigmoid, loss binary_cross_entropy\n"
RIGHT = f"""{HEADER}
Z1 = W1 @ X + b1
A1 = sigmoid(Z1)
Z2 = W2 @ A1 + b2
A2 = sigmoid(Z2)
J = -sum(Y * log(A2) + (1 - Y) * log(1 - A2)) / n
dZ2 = A2 - Y
dW2 = dZ2 @ A1.T / n
db2 = sum(dZ2, axis=1) / n
dZ1 = (W2.T @ dZ2) * A1 * (1 - A1)
dW1 = dZ1 @ X.T / n
db1 = sum(dZ1, axis=1) / n
"""
PLANTED = {  # the line: what is put in place of what
    3: ("W1 @ X + b1", "W1 @ X - b1"),
    4: ("sigmoid(Z1)", "tanh(Z1)"),
    5: ("W2 @ A1 + b2", "W2 @ A1"),
    6: ("A2 = sigmoid(Z2)", "A2 = relu(Z2)"),
    7: ("J = -sum", "J = sum"),
    8: ("dZ2 = A2 - Y", "dZ2 = 2 * (A2 - Y)"),
    9: ("dZ2 @ A1.T / n", "dZ2 @ A1.T"),
    10: ("sum(dZ2, axis=1)", "sum(dZ2, axis=0)"),
    11: ("* (1 - A1)", "* (1 - A1**2)"),
    12: ("dZ1 @ X.T / n", "dZ1 @ X.T / n**2"),
    13: ("sum(dZ1, axis=1) / n", "sum(dZ1) / n"),
}
Files = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "right.txt").write_text(RIGHT, encoding="utf-8")
    wrong = RIGHT.replace(*PLANTED[9])
    (tmp_path / "wrong.txt").write_text(wrong, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def given(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a text be standard input."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_a_right_derivation(capsys: Files) -> None:
    assert main(["derive", "right.txt"]) == 0
    out = capsys.readouterr().out
    assert "RIGHT  11 of 11 lines right" in out
    assert "\x1b" not in out


@pytest.mark.parametrize("number", PLANTED)
def test_a_planted_error_is_found_at_its_line(number: int, capsys: Files) -> None:
    text = RIGHT.replace(*PLANTED[number])
    assert text != RIGHT
    Path("planted.txt").write_text(text, encoding="utf-8")
    assert main(["derive", "planted.txt", "--json", "-"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["status"], document["summary"]["first"]) == (1, number)
    assert document["summary"]["wrong"] == [number]


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: Files) -> None:
    given(RIGHT.replace(*PLANTED[9]), monkeypatch)
    assert main(["derive", "-"]) == 1
    assert "first wrong: line 9 (dW2)" in capsys.readouterr().out


def test_of_markdown_the_fenced_blocks_count(capsys: Files) -> None:
    Path("notes.md").write_text(f"# J = 0\n\n```\n{RIGHT}```\n\nJ = 0\n", encoding="utf-8")
    assert main(["derive", "notes.md"]) == 0
    assert re.search(r"^ 6  right  exactly +Z1 = ", capsys.readouterr().out, re.M)


def test_a_byte_order_mark_and_line_ends_of_windows() -> None:
    data = ("\ufeff" + RIGHT.replace("\n", "\r\n")).encode()
    Path("windows.txt").write_bytes(data)
    assert main(["derive", "windows.txt", "--quiet"]) == 0


def test_nothing_to_judge_is_5(monkeypatch: pytest.MonkeyPatch, capsys: Files) -> None:
    given(f"{HEADER}foo = 3 * Z1\n", monkeypatch)
    assert main(["derive", "-"]) == 5
    assert "NOTHING JUDGED" in capsys.readouterr().out


def test_quiet_prints_nothing(capsys: Files) -> None:
    assert main(["derive", "wrong.txt", "--quiet"]) == 1
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("text", "number", "said", "under"),
    [
        (f"{HEADER}Z1 = W1 @ X + b1 )\n", 2, "an operator is missing", ")"),
        (f"{HEADER}A1 = open(Z1)\n", 2, "known functions", "o"),
        (f"{HEADER}A1 = Z1.real\n", 2, "real", "Z.r"),
        (f"{HEADER}A1 = 2**10**10\n", 2, "whole number up to 64", "1"),
        (f"{HEADER}\n\nZ1 + 2\n", 4, "expected NAME = FORMULA", ""),
        ("Z1 = W1 @ X + b1\n", 1, "a network: line above the formulas", ""),
        ("network: sizes 2-1, activations foo\nZ1 = X\n", 1, "activation one of", ""),
        (HEADER, 0, "a formula, NAME = FORMULA, on a line of its own", ""),
        ("inputs: x (q, n)\nJ = sum(x)\n", 0, "x (q, n)", ""),
        ("inputs: x (999*999, 999)\nJ = sum(x)\n", 0, "1,024 entries", ""),
        ("\n" * 2000, 0, "at most 1,000 lines", ""),
    ],
)
def test_what_cannot_be_read_is_2_with_the_place(
    text: str, number: int, said: str, under: str, capsys: Files
) -> None:
    Path("bad.txt").write_text(text, encoding="utf-8")
    assert main(["derive", "bad.txt", "--json", "-"]) == 2
    out, err = capsys.readouterr()
    first, *excerpt = err.splitlines()
    assert out == ""
    assert re.match(r"gradoracle: bad\.txt[,:] .*expected .+; got .+; mend: .+", first)
    assert said in first
    if number:
        assert re.match(rf"gradoracle: bad\.txt, line {number}(, column \d+)?: ", first)
        assert excerpt[0].partition(" | ")[2] == text.splitlines()[number - 1]
    if under:
        line, caret = excerpt
        assert line[caret.index("^")] in under


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nosuch.txt"], "gradoracle derive --list"),
        (["."], "Is a directory"),
        (["latin.txt"], "got byte 0xe9 in line 2 of latin.txt"),
        (["large.txt"], "at most 100,000 bytes"),
        ([], "expected FILE, NAME or -; got none"),
        (["right.txt", "--json", "-", "--html", "-"], "one '-' at most"),
        (["right.txt", "--json", "-", "--to", "numpy"], "one text on standard output"),
        (["right.txt", "--html", "no/such/folder/f.html"], "mkdir -p no/such/folder"),
        (["right.txt", "--list"], "leave one out"),
        (["right.txt", "--to", "fortran"], "'fortran' is not 'numpy'"),
    ],
)
def test_a_bad_request_is_2_in_one_line(arguments: list[str], said: str, capsys: Files) -> None:
    Path("latin.txt").write_bytes(b"# \n# caf\xe9\n")
    Path("large.txt").write_bytes(b"#" * 100_001)
    assert main(["derive", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("gradoracle: ")
    assert err.count("\n") == 1
    assert said in err


def test_a_hostile_line_is_shown_without_what_a_terminal_obeys(capsys: Files) -> None:
    Path("bad.txt").write_text(f"{HEADER}Z1 = W1 @ X \x1b[31m\x07 + b1\u202e\n", encoding="utf-8")
    assert main(["derive", "bad.txt"]) == 2
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", capsys.readouterr().err)


def test_a_long_line_is_cut_around_the_place(capsys: Files) -> None:
    Path("bad.txt").write_text(f"{HEADER}Z1 = X{' + X' * 100} + ? {'+ X' * 100}\n", "utf-8")
    assert main(["derive", "bad.txt"]) == 2
    line, caret = capsys.readouterr().err.splitlines()[1:]
    assert len(line) <= 100
    assert caret.endswith("^")
    assert line.count("…") == 2


def test_every_report_at_once(capsys: Files) -> None:
    names = ("r.json", "r.html", "r.md")
    options = zip(("--json", "--html", "--markdown"), names, strict=True)
    assert main(["derive", "wrong.txt", *(word for pair in options for word in pair)]) == 1
    assert "WRONG" in capsys.readouterr().out
    for name in names:
        assert "first wrong" in Path(name).read_text("utf-8")


def test_a_right_derivation_becomes_code(capsys: Files) -> None:
    assert main(["derive", "right.txt", "--to", "numpy"]) == 0
    out, err = capsys.readouterr()
    compile(out, "net.py", "exec")
    assert "import numpy as np" in out
    assert err == ""


def test_a_wrong_one_becomes_none(capsys: Files) -> None:
    assert main(["derive", "wrong.txt", "--to", "numpy"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "first wrong: line 9 (dW2)" in err


def test_rules_are_named(capsys: Files) -> None:
    assert main(["derive", "right.txt", "--rules", "--json", "-"]) == 0
    rules = {line["number"]: line["rules"] for line in json.loads(capsys.readouterr().out)["lines"]}
    assert all(rules[number] for number in range(8, 14))
    assert not any(rules[number] for number in range(3, 7))


def test_those_that_come_with_the_package(capsys: Files) -> None:
    assert main(["derive", "--list"]) == 0
    listed = [one.split("  ")[0] for one in capsys.readouterr().out.splitlines()]
    assert listed == list(shipped())
    assert main(["derive", listed[0], "--quiet"]) in (0, 1)


def test_a_file_comes_before_a_name(capsys: Files) -> None:
    name = next(iter(shipped()))
    Path(name).write_text(RIGHT, encoding="utf-8")
    assert main(["derive", name]) == 0
    assert "11 of 11 lines right" in capsys.readouterr().out


def test_the_readme_shows_what_is_printed(capsys: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    text, shown = (
        re.search(rf"```text {fence}\n(.*?)```", readme, re.S)
        for fence in (r"file=derivation\.txt", "derivation result")
    )
    assert text is not None
    assert shown is not None
    Path("derivation.txt").write_text(text[1], encoding="utf-8")
    assert main(["derive", "derivation.txt"]) == 1
    printed = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert printed == shown[1].splitlines()


@pytest.mark.parametrize(
    ("asked", "width"), [("40", 40), ("72", 72), ("300", 100), ("", 100), ("0", 100), ("x", 100)]
)
def test_columns_is_obeyed_on_a_pipe(
    asked: str, width: int, capsys: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", asked)
    assert main(["derive", "wrong.txt"]) == 1
    printed = [one.rstrip() for one in capsys.readouterr().out.splitlines()]
    assert printed == plain(gradoracle.derive("wrong.txt"), width).splitlines()


def test_strict_is_told_in_the_headline(capsys: Files) -> None:
    Path("vague.txt").write_text(f"{RIGHT}foo = 3 * Z1\n", encoding="utf-8")
    assert main(["derive", "vague.txt"]) == 0
    assert "\nCANNOT TELL  11 of 12" in capsys.readouterr().out
    assert main(["derive", "vague.txt", "--strict"]) == 1
    assert "\nWRONG  11 of 12 lines right, 1 cannot be told (strict" in capsys.readouterr().out


# in Python


def test_derive_takes_a_text_a_path_and_a_name() -> None:
    assert gradoracle.derive(RIGHT).ok
    assert gradoracle.derive("right.txt").ok
    assert gradoracle.derive(Path("right.txt")).name == "right.txt"
    found = gradoracle.derive(Path("wrong.txt"))
    assert isinstance(found, Derivation)
    assert not found.ok
    assert found.first is not None
    assert found.first.line.number == 9
    assert "FIRST WRONG  line 9: dW2" in str(found)
    assert repr(found).startswith("<Derivation 'wrong.txt': WRONG  10 of 11")
    assert isinstance(gradoracle.derive(next(iter(shipped()))), Derivation)


@pytest.mark.parametrize("where", ["dZ2 = A2 - Y", "nosuch", "a\x00b", "", Path("nosuch = 1")])
def test_derive_refuses_in_one_line(where: str | Path) -> None:
    with pytest.raises(InputError, match=r"expected .+; got .*; mend: "):
        gradoracle.derive(where)


def test_derive_brings_no_printer_and_no_framework() -> None:
    program = (
        "import sys, gradoracle; gradoracle.derive('right.txt');"
        "print({m.split('.')[0] for m in sys.modules} & {'rich', 'click', 'torch', 'tensorflow'})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.split() == [b"set()"]
