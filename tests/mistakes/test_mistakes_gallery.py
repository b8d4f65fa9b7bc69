"""The page and the command say what the catalogue says, and what is measured."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from gradoracle.commands.group import cli
from gradoracle.mistakes import FAMILIES, find
from gradoracle.mistakes import all as every
from gradoracle.mistakes.gallery import entry, measure, number, shown_cosine, train

PAGE = Path(__file__).parents[2] / "docs" / "mistakes.md"
SEVERAL = ("tanh-derivative-on-relu", "decay-sign", "softmax-diagonal-only", "noise-left-on")


def text() -> str:
    return PAGE.read_text(encoding="utf-8")


def row(name: str) -> list[str]:
    line = next(line for line in text().splitlines() if line.startswith(f"| {name} |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_page_says_of_each_what_the_catalogue_says() -> None:
    page = text()
    stale = [mistake.name for mistake in every() if f"\n\n{entry(mistake)}\n" not in page]
    assert stale == [], "run python -m gradoracle.mistakes.gallery --write docs/mistakes.md"


def test_the_page_has_every_mistake_once_and_no_other() -> None:
    names = re.findall(r"^\| ([a-z0-9-]+) \|", text(), flags=re.M)
    rows = [name for name in names if name != "mistake" and set(name) != {"-"}]
    ordered = [m.name for family in FAMILIES for m in every() if m.family == family]
    assert rows == ordered


@pytest.mark.parametrize("mistake", every(), ids=lambda mistake: mistake.name)
def test_the_errors_on_the_page_are_those_measured(mistake) -> None:
    measured, cells = measure(mistake), row(mistake.name)
    if not measured.places:
        assert cells[1] == "—"
        return
    for cell, value in (
        (cells[1], measured.error),
        (cells[3], measured.error_dW1),
        (cells[4], measured.error_J),
    ):
        agrees(cell, value)
    if measured.error > 1e-5:
        assert cells[2] == shown_cosine(measured.cosine) or (
            abs(float(cells[2]) - measured.cosine) < 0.02
        )


def agrees(cell: str, value: float) -> None:
    """Two digits, the last of which another machine may round otherwise."""
    if cell == "right":
        assert value == 0 or value < 1e-9
    elif cell == "not finite":
        assert not math.isfinite(value)
    elif float(cell) < 1e-5:
        assert value < 1e-4
    else:
        assert float(cell) == pytest.approx(value, rel=0.06)


@pytest.mark.parametrize("name", SEVERAL)
def test_training_is_deterministic_and_on_the_page(name: str) -> None:
    first, second = train(find(name)), train(find(name))
    assert repr(first) == repr(second)
    assert first is not None
    shown = row(name)[5].split(" (")[0]
    if math.isfinite(first.wrong):
        assert float(shown) == pytest.approx(first.wrong, rel=0.06)
    else:
        assert shown == "blows up"
    assert first.right < first.start


def test_numbers_have_two_digits() -> None:
    assert [number(x) for x in (0.0, 0.123, 12.34, 1234.0, 3e-8, math.nan)] == [
        "0", "0.12", "12", "1.2e+03", "1e-8", "not finite",
    ]  # fmt: skip


def test_the_command_lists_all_and_shows_one() -> None:
    listed = CliRunner().invoke(cli, ["mistakes"]).output
    assert all(f"  {mistake.name}\n" in re.sub(r" +\n", "\n", listed) for mistake in every())
    one = CliRunner().invoke(cli, ["mistakes", "tanh-derivative-on-relu"]).output
    for word in ("tempting", "mend", "published", "dW1", "all gradients", "500 steps"):
        assert word in one


def test_the_command_answers_in_json() -> None:
    every_one = json.loads(CliRunner().invoke(cli, ["mistakes", "--json", "-"]).output)
    assert every_one["count"] == len(every()) == len(every_one["mistakes"])
    one = json.loads(CliRunner().invoke(cli, ["mistakes", "decay-sign", "--json", "-"]).output)
    assert 0 < one["measured"]["error"] < 10
    assert one["trained"]["right"] < one["trained"]["wrong"]


def test_the_command_prints_a_file() -> None:
    arguments = ["mistakes", "decay-sign", "--code", "--layer", "-1"]
    printed = CliRunner().invoke(cli, arguments).output
    assert "def net(case):" in printed
    assert "layer == r.L" in printed
    assert "# wrong" in CliRunner().invoke(cli, [*arguments, "--reveal"]).output


@pytest.mark.parametrize(
    "arguments",
    [
        ["decay-sing"],
        ["--code"],
        ["decay-sign", "--layer", "1"],
        ["decay-sign", "--code", "--layer", "0"],
        ["decay-sign", "--code", "--json", "-"],
        ["gradients-accumulate", "--code", "--layer", "1"],
    ],
)
def test_a_bad_request_is_refused_in_one_line(arguments: list[str]) -> None:
    from gradoracle.commands.group import answer

    status, complaint = answer(["mistakes", *arguments])
    assert int(status) == 2
    assert complaint.count("\n") == 0
    assert "mend" in complaint
