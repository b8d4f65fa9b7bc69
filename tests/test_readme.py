"""The documents are true: their Python blocks run, their commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from gradoracle.cli import main
from gradoracle.commands.group import cli

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGES = sorted([README, *(ROOT / "docs").glob("*.md")])
BLOCKS = [
    pytest.param(code, id=f"{page.name}-{number}")
    for page in PAGES
    for number, code in enumerate(re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.S))
]


def test_there_are_blocks() -> None:
    assert len(BLOCKS) >= 2


@pytest.mark.parametrize("code", BLOCKS)
def test_python_blocks_run(code: str) -> None:
    exec(compile(code, "block", "exec"), {"__name__": "block"})  # noqa: S102 - our own pages


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_options_exist(page: Path) -> None:
    quoted = re.findall(
        r"(?:`|bin/|^|run: )gradoracle ([a-z]+)((?: +[^\s`|#]+)*)", page.read_text("utf-8"), re.M
    )
    # what stands behind -- are the options of somebody else's program
    commands = [(name, f"{rest} ".split(" -- ")[0].split()) for name, rest in quoted]
    for name, rest in commands:
        assert name in cli.commands, f"{page.name}: there is no gradoracle {name}"
        command: click.Command = cli.commands[name]
        if isinstance(command, click.Group):
            assert rest, f"{page.name}: gradoracle {name} needs a subcommand"
            assert rest[0] in command.commands, f"{page.name}: no gradoracle {name} {rest[0]}"
            command = command.commands[rest[0]]
        known = {"--help"} | {option for parameter in command.params for option in parameter.opts}
        for option in (word for word in rest if word.startswith("--")):
            assert option in known, f"{page.name}: gradoracle {name} has no {option}"


def readme_block(fence: str) -> str:
    """Return the block of the README behind a fence such as ``python file=my_net.py``."""
    found = re.search(rf"```{re.escape(fence)}\n(.*?)```", README.read_text("utf-8"), re.S)
    assert found, fence
    return found[1]


def test_the_candidate_of_the_readme_fails_as_the_readme_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "my_net.py").write_text(readme_block("python file=my_net.py"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["check", "my_net.py:my_net"]) == 1
    printed = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    shown = [line.rstrip() for line in readme_block("text result").splitlines()]
    assert shown
    assert printed[: len(shown)] == shown


def test_the_candidate_of_the_readme_passes_once_it_is_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = readme_block("python file=my_net.py")
    mended = re.sub(r"dZ1 = .*", "dZ1 = dA1 * (Z1 > 0)", wrong)
    assert mended != wrong
    (tmp_path / "my_net.py").write_text(mended, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["check", "my_net.py:my_net", "--quiet"]) == 0
