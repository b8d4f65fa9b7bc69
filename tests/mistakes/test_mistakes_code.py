"""A mistake as a file: NumPy alone, the same numbers as the mutant, and found out by check."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import gradoracle
from gradoracle import corpus
from gradoracle.case import Case
from gradoracle.checking.result import Outcome, Result
from gradoracle.cli import main
from gradoracle.diagnosis.diagnosis import Diagnosis
from gradoracle.errors import InputError
from gradoracle.mistakes import Mistake, Mutant, find
from gradoracle.mistakes import all as every
from gradoracle.mistakes.alike import alike_to
from gradoracle.mistakes.code import stand_alone
from gradoracle.mistakes.kills import DTYPES
from gradoracle.mistakes.matrix import catches
from gradoracle.mistakes.steps import run
from gradoracle.mistakes.unseen import UNNAMED
from gradoracle.status import Status

KILLS = Path(__file__).parents[2] / "docs" / "kill-matrix.md"
CASES = 2  # that a file is checked on
SECONDS = 3.0  # for naming what is wrong there

EVERY = [pytest.param(mistake, id=mistake.name) for mistake in every()]
MEETING = [
    "two-layer.relu-bce",
    "two-layer.relu-ce",
    "pair.softmax-squared_error",
    "reduction.mean.l2",
    "hidden.softmax",
    "shape.square",
    "shape.all-equal",
    "regression.linear",
]

Net = Callable[[Any], dict[str, np.ndarray]]


@cache
def text(mistake: Mistake | None, layer: int = 0) -> str:
    return stand_alone(mistake, layer)


def net(source: str) -> Net:
    module = ModuleType("handed_out")
    sys.modules["handed_out"] = module  # its dataclass looks for it
    exec(compile(source, "handed_out.py", "exec"), module.__dict__)  # noqa: S102 - our own text
    return module.net  # type: ignore[no-any-return]


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return one.keys() == other.keys() and all(
        np.array_equal(array, other[name], equal_nan=True) for name, array in one.items()
    )


def cases(*ids: str) -> list[Case]:
    return [corpus.find(case_id).case for case_id in ids or MEETING]


def test_the_file_without_a_mistake_is_the_pass_and_passes() -> None:
    right = net(text(None))
    assert all(same(right(case), run(case)) for case in cases())
    report = gradoracle.check(right)
    assert report.ok, report


@pytest.mark.parametrize("mistake", EVERY)
def test_the_file_makes_the_mistake_and_no_other(mistake: Mistake) -> None:
    layer = 0 if mistake.place == "the whole pass" else -2 if "hidden" in mistake.place else -1
    layer = 1 if mistake.place == "the input" else layer
    # a new program for each case: what is kept must not travel
    source = text(mistake, layer)
    for case in cases():
        wrong, mutant = net(source), Mutant(mistake, layer)
        assert same(wrong(case), mutant(case)), case.id


@cache
def killers() -> dict[str, list[str]]:
    """The cases that kill a mistake, those first that are there for it, then the smallest.

    As the page of the kill matrix says, which is tested against what is seen.
    """
    text = KILLS.read_text(encoding="utf-8").split("```text\n")[1].split("\n```")[0]
    rows = dict(line.split() for line in text.splitlines()[1:])
    sizes = {f.case.id: sum(map(np.size, f.case.W.values())) for f in corpus.load("required")}
    there_for = {case: {c.mistake for c in catches()[case] if c.dtypes == DTYPES} for case in sizes}

    def order(name: str) -> list[str]:
        return sorted(sizes, key=lambda case: (name not in there_for[case], sizes[case]))

    places = {case: place for place, case in enumerate(sizes)}
    return {
        name: [case for case in order(name) if row[places[case]] in "#+2"]
        for name, row in rows.items()
    }


def named(diagnosis: Diagnosis | None) -> set[str]:
    """The single mistakes that a diagnosis names."""
    explanations = diagnosis.names if diagnosis else ()
    return {parts[0][0] for parts in explanations if len({name for name, _ in parts}) == 1}


def failure(mistake: Mistake, case_id: str) -> Result | None:
    """What check says of the file on one case, if it does not pass there in float64."""
    wrong = net(text(mistake))  # it may keep something: a new one for each case
    report = gradoracle.check(wrong, match=case_id, dtype="float64", diagnose=SECONDS)
    (result,) = report.results
    assert report.ok == (result.outcome is Outcome.PASSED)
    assert report.ok or result.outcome is Outcome.FAILED
    return None if report.ok else result


@pytest.mark.parametrize("mistake", EVERY)
def test_check_finds_the_file_out_and_says_its_name(mistake: Mistake) -> None:
    tried = [failure(mistake, case_id) for case_id in killers()[mistake.name][:CASES]]
    found = [result for result in tried if result is not None]
    assert found  # some cases kill it in float32 alone
    alike = {mistake.name, *(other for other, _ in alike_to(mistake.name))}
    unnamed = [result.case for result in found if not named(result.diagnosis) & alike]
    assert bool(unnamed) == (mistake.name in UNNAMED), unnamed
    for result in found:
        assert not named(result.diagnosis) or named(result.diagnosis) & alike  # no false name


@pytest.mark.parametrize("name", ["decay-sign", "gradients-accumulate", "softmax-without-shift"])
def test_the_commands_do_what_they_say(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mistakes", name, "--code"]) == Status.OK
    file = tmp_path / "wrong.py"
    file.write_text(capsys.readouterr().out, encoding="utf-8")
    case_id = killers()[name][0]
    assert main(["check", f"{file}:net", "--case", case_id]) == Status.WRONG
    assert f"  diagnosis     {name}" in capsys.readouterr().out


def test_every_file_runs_where_there_is_no_gradoracle(tmp_path: Path) -> None:
    for mistake in every():
        (tmp_path / f"{mistake.name}.py").write_text(text(mistake), encoding="utf-8")
    program = (
        "import pathlib, runpy, sys\n"
        "sys.modules['gradoracle'] = None  # importing it now fails\n"
        "for path in sorted(pathlib.Path(sys.argv[1]).glob('*.py')):\n"
        "    runpy.run_path(str(path), run_name='__main__')\n"
        "    print('ran', path.stem)\n"
        "others = {m.split('.')[0] for m in sys.modules} - set(sys.stdlib_module_names)\n"
        "print('loaded', *sorted(others & {'gradoracle', 'scipy', 'torch', 'flint'}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\nran ") == len(every())
    assert done.stdout.splitlines()[-1] == "loaded gradoracle"  # the None that was put there


@pytest.mark.parametrize("mistake", EVERY)
def test_the_file_does_not_tell_unless_asked(mistake: Mistake) -> None:
    told = stand_alone(mistake, reveal=True)
    assert mistake.name in told
    assert "# wrong" in told
    for line in (mistake.name, "# wrong", mistake.symptom, mistake.tempting):
        assert line not in text(mistake)


def test_a_mistake_of_the_whole_pass_has_no_layer() -> None:
    with pytest.raises(InputError, match="all over the pass"):
        stand_alone(find("gradients-accumulate"), 1)
