"""The documents are true: their Python blocks run, their commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from gradoracle.cli import cli

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
    lines = re.findall(r"gradoracle ([a-z]+)((?: +(?:--?)?[^\s`|#]+)*)", page.read_text("utf-8"))
    commands = [(name, rest) for name, rest in lines if name in cli.commands]
    assert commands or page.name != "README.md"
    for name, rest in commands:
        text = CliRunner().invoke(cli, [name, "--help"]).output
        for option in re.findall(r"--[a-z-]+", rest):
            assert option in text, f"{page.name}: gradoracle {name} has no {option}"
