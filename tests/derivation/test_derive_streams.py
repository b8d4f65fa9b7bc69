"""`gradoracle derive`: what goes to standard output and to standard error, and Markdown at `-`."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from gradoracle.cli import main

RIGHT = """\
network: sizes 3-1, activations sigmoid, loss binary_cross_entropy

A1 = sigmoid(W1 @ X + b1)
dZ1 = A1 - Y
dW1 = dZ1 @ X.T / n
db1 = sum(dZ1, axis=1) / n
"""
WRONG = RIGHT.replace("A1 - Y", "Y - A1")
Files = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "right.txt").write_text(RIGHT, encoding="utf-8")
    (tmp_path / "wrong.txt").write_text(WRONG, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def given(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a text be standard input."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_code_alone_is_on_standard_output(capsys: Files) -> None:
    assert main(["derive", "right.txt", "--to", "numpy"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith('"""right.txt: checked line by line.')
    assert out.endswith("# what gradoracle check takes\n")
    assert err == ""


def test_a_wrong_text_leaves_the_code_empty_and_is_reported(folder: Path) -> None:
    with (folder / "net.py").open("w") as out, (folder / "report.txt").open("w") as err:
        command = [sys.executable, "-m", "gradoracle", "derive", "wrong.txt", "--to", "numpy"]
        assert subprocess.run(command, stdout=out, stderr=err, check=False).returncode == 1
    assert (folder / "net.py").read_text() == ""
    report = (folder / "report.txt").read_text()
    assert "FIRST WRONG  line 4: dZ1 = Y - A1" in report
    assert "WRONG  " in report


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        (RIGHT.replace("db1 = sum(dZ1, axis=1) / n\n", ""), 2, "expected lines for db1; got none"),
        (RIGHT[: RIGHT.index("A1")] + "foo = 3 * Z1\n", 5, "NOTHING JUDGED"),
        (RIGHT.replace("network", "netwrok"), 2, "did you mean network"),
    ],
)
def test_where_no_code_can_be_printed_standard_output_is_empty(
    text: str, status: int, said: str, capsys: Files
) -> None:
    Path("other.txt").write_text(text, encoding="utf-8")
    assert main(["derive", "other.txt", "--to", "numpy"]) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err


def test_what_no_case_has_is_noted_beside_the_code(capsys: Files) -> None:
    other = RIGHT.replace("sigmoid,", "tanh,").replace("sigmoid(", "tanh(")
    other = other.replace("binary_cross_entropy", "half_squared_error")
    other = other.replace("A1 - Y", "(A1 - Y) * (1 - A1**2)")
    Path("other.txt").write_text(other, encoding="utf-8")
    for more, noted in (([], True), (["--quiet"], False)):
        assert main(["derive", "other.txt", "--to", "numpy", *more]) == 0
        out, err = capsys.readouterr()
        assert "python FILE checks it" in out
        assert err.startswith("note: no case of the corpus has tanh, half_squared") is noted


@pytest.mark.parametrize("fence", ["```", "~~~", "  ```text"])
def test_standard_input_with_a_fenced_block_is_markdown(
    fence: str, monkeypatch: pytest.MonkeyPatch, capsys: Files
) -> None:
    close = fence.strip()[:3]
    given(f"# Notes\n\nJ is (the usual one)\n\n{fence}\n{RIGHT}{close}\n\nmore.\n", monkeypatch)
    assert main(["derive", "-"]) == 0
    assert "RIGHT  4 of 4 lines right" in capsys.readouterr().out


def test_standard_input_without_one_is_not(monkeypatch: pytest.MonkeyPatch, capsys: Files) -> None:
    given(f"{RIGHT}# ``` is a comment here\n", monkeypatch)
    assert main(["derive", "-"]) == 0
    given(f"# a comment\n```python\n{RIGHT}```\n", monkeypatch)
    assert main(["derive", "-"]) == 2
    assert "none in a fenced block" in capsys.readouterr().err
