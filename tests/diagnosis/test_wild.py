"""Wrong programs by somebody who has not read the catalogue: none is given a false name.

Each file of ``wild/`` has ``net(case)``, and a docstring that names what is wrong. A docstring that
starts with ``right:`` is of a right program, with ``odd:`` of one that no known mistake explains,
and with ``Two:`` of two mistakes. ``supports(case)`` may say which cases it can do.
"""

from __future__ import annotations

from types import ModuleType

import pytest
from wild_programs import FILES, load_program, wild_diagnosis

from gradoracle.judge import Verdict


@pytest.mark.skipif(not FILES, reason="no wild programs are here")
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
    if said.startswith("odd:"):
        assert not diagnosis.names, str(diagnosis)
