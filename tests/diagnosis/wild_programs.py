"""Load the wild programs, and diagnose each on the first required case that shows its mistake."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import numpy as np

from gradoracle import corpus
from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.diagnosis.diagnose import diagnose
from gradoracle.diagnosis.diagnosis import Diagnosis
from gradoracle.judge import Verdict, judge
from gradoracle.reference import reference

WILD = Path(__file__).parent / "wild"
FILES = sorted(path.stem for path in WILD.glob("*.py"))


def load_program(name: str) -> ModuleType:
    """Import one file."""
    spec = importlib.util.spec_from_file_location(f"wild_{name}", WILD / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert callable(module.net)
    return module


def can(program: ModuleType, case: Case) -> bool:
    """Whether a program can do a case: `supports` says True, or why not."""
    return program.supports(case) is True if hasattr(program, "supports") else True


def wild_diagnosis(
    program: ModuleType, dtype: str = "float64", budget: float = 0.5
) -> tuple[Verdict, Diagnosis | None]:
    """Run a program on required cases until one fails; return the worst verdict, and why."""

    def again(case: Case) -> Mapping[str, Array] | None:
        with np.errstate(all="ignore"):  # an exp that overflows may still give the right sigmoid
            return program.net(case) if can(program, case) else None

    worst = Verdict.PASS
    asked = 0
    for frozen in corpus.load("required"):
        case = frozen.case.astype(dtype)
        trace = again(case)
        if trace is None:
            continue
        asked += 1
        limits = reference(case, frozen.truth)
        verdict = judge(trace, frozen.truth, limits).verdict
        if verdict is Verdict.FAIL:
            return verdict, diagnose(trace, case, frozen.truth, limits, rerun=again, budget=budget)
        worst = max(worst, verdict)
    assert asked, "it can do no required case"
    return worst, None
