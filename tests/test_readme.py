"""The documents are true: their Python blocks run, their commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from gradoracle.commands.group import cli

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
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
        r"(?:`|bin/)gradoracle ([a-z]+)((?: +[^\s`|#]+)*)", page.read_text("utf-8"), re.M
    )
    commands = [(name, rest.split()) for name, rest in quoted]
    assert commands
    for name, rest in commands:
        assert name in cli.commands, f"{page.name}: there is no gradoracle {name}"
        command: click.Command = cli.commands[name]
        if isinstance(command, click.Group):
            assert rest, f"{page.name}: gradoracle {name} needs a subcommand"
            assert rest[0] in command.commands, f"{page.name}: no gradoracle {name} {rest[0]}"
            command = command.commands[rest[0]]
        known = {option for parameter in command.params for option in parameter.opts}
        for option in (word for word in rest if word.startswith("--")):
            assert option in known, f"{page.name}: gradoracle {name} has no {option}"
