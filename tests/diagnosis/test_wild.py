"""Wrong programs by somebody who has not read the catalogue: none is given a false name.

Each file of ``wild/`` has ``net(case)``, and a docstring that names what is wrong. A docstring that
starts with ``right:`` is of a right program, with ``odd:`` of one that no known mistake explains,
and with ``Two:`` of two mistakes. ``supports(case)`` may say which cases it can do. Which name is
right for which program stands in ``wild/names.json``, judged by somebody who has read both.
"""

from __future__ import annotations

import json
from types import ModuleType

import pytest
from wild_programs import FILES, WILD, load_program, wild_diagnosis

from gradoracle.judge import Verdict
from gradoracle.mistakes import find

NAMES: dict[str, str] = json.loads((WILD / "names.json").read_text(encoding="utf-8"))


def test_the_names_that_are_right_are_names() -> None:
    assert set(NAMES) <= set(FILES)
    for names in NAMES.values():
        for name in names.split(" and "):
            find(name)


@pytest.mark.parametrize("name", FILES)
def test_a_wild_program_loads_and_gets_no_false_name(name: str) -> None:
    program: ModuleType = load_program(name)
    said = (program.__doc__ or "").strip()
    assert said, "its docstring names what is wrong"
    verdict, diagnosis = wild_diagnosis(program)
    if said.startswith("right:"):
        assert verdict is not Verdict.FAIL
        return
    assert verdict is Verdict.FAIL
    assert diagnosis is not None
    named = " and ".join(mistake for mistake, _ in diagnosis.names[0]) if diagnosis.names else ""
    if named or " and " not in NAMES.get(name, ""):  # two may not be found in time
        assert named == NAMES.get(name, ""), str(diagnosis)
