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
from gradoracle.errors import InputError
from gradoracle.mistakes import Mistake, Mutant, find
from gradoracle.mistakes import all as every
from gradoracle.mistakes.code import stand_alone
from gradoracle.mistakes.steps import run

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


def first_failing(mistake: Mistake) -> str:
    """A case that a program with the mistake fails, in its first or its second call."""
    ordered = sorted(corpus.load(), key=lambda f: f.case.level != "required")
    for frozen in ordered:
        case, kept = frozen.case, dict[str, Any]()
        for layer in mistake.layers(case):
            right = run(case)
            traces = [mistake.run(case, layer, kept) for _ in range(2)]
            if any(_far(trace, right) for trace in traces):
                return case.id
    return ""


def _far(trace: dict[str, np.ndarray], right: dict[str, np.ndarray]) -> bool:
    with np.errstate(all="ignore"):
        return trace.keys() != right.keys() or any(
            trace[name].shape != array.shape
            or not np.abs(trace[name] - array).max() <= 1e-11 * np.abs(array).max()
            for name, array in right.items()
        )


UNSTABLE = {"tanh-by-sigmoid": "hidden.tanh", "loss-from-probabilities": "logits.right-ones"}


@pytest.mark.parametrize("mistake", EVERY)
def test_check_finds_the_file_out(mistake: Mistake) -> None:
    case_id = UNSTABLE.get(mistake.name) or first_failing(mistake)
    assert case_id
    levels = ("required", "recommended", "stress")
    wrong = net(text(mistake))
    report = gradoracle.check(wrong, match=case_id, level=levels, dtype="float64")
    assert not report.ok
    assert report.findings


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
