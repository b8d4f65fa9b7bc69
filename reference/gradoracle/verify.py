"""The main job: every implementation on every case, judged against the truth.

The truth of a case is read from the corpus, or proven; for each dtype the rounding errors are
predicted once; then each implementation runs and is judged. SciPy's finite differences join in
float64.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradoracle.arrays import DTYPES
from gradoracle.case import Case, Trace
from gradoracle.corpus import Frozen
from gradoracle.finite_difference import Objective, check_grad, judge_differences
from gradoracle.implementations import SCIPY, Implementation, Say
from gradoracle.interruption import stop_if_interrupted
from gradoracle.judge import CaseVerdict, Verdict, compare, judge
from gradoracle.known import in_dtypes
from gradoracle.reference import Known, Reference, reference
from gradoracle.status import Status


@dataclass(frozen=True)
class Cell:
    """One implementation (or pair of them) on one case in one dtype.

    Attributes
    ----------
    name : str
        The implementation, ``scipy``, or a pair such as ``numpy~torch``.
    case_id, dtype : str
    verdict : CaseVerdict or None
        None where it crashed.
    crash : str
        What it raised; empty if it ran.
    seconds : float
        Of the implementation alone.
    check_grad : float or None
        For SciPy: the norm that `scipy.optimize.check_grad` reports.
    """

    name: str
    case_id: str
    dtype: str
    verdict: CaseVerdict | None
    crash: str = ""
    seconds: float = 0.0
    check_grad: float | None = None

    @property
    def passed(self) -> bool:
        """Whether it ran, returned every tensor, and every one passed."""
        verdict = self.verdict
        return verdict is not None and verdict.verdict is Verdict.PASS and not verdict.missing


def verify(
    cases: Sequence[Frozen | Case],
    implementations: Sequence[Implementation],
    dtypes: Sequence[str] = tuple(DTYPES),
    *,
    differences: bool = True,
    pairs: bool = False,
    any_side: bool = False,
    say: Say = lambda text: None,
) -> Iterator[Cell]:
    """Yield a cell for every implementation, case and dtype.

    Parameters
    ----------
    cases : sequence of Frozen or Case
        The truth of a frozen one is known; that of any other is proven.
    implementations : sequence of Implementation
    dtypes : sequence of {"float64", "float32"}
        A frozen case is left out in a dtype that it does not list.
    differences : bool
        Whether SciPy's finite differences are judged as well (in float64 only).
    pairs : bool
        Whether to judge each implementation against each other one instead of the truth.
    any_side : bool
        Whether every choice of the derivative at an exact kink is allowed.
    say : callable
        Told what is being done.
    """
    for item in cases:
        for rounded, known in in_dtypes(item, dtypes, say):
            dtype = str(rounded.dtype)
            limits = reference(rounded, known, any_side=any_side)
            traces: dict[str, Trace] = {}
            for implementation in implementations:
                say(f"{rounded.id} {dtype}: {implementation.name}")
                trace, cell = _run(implementation, rounded, known, limits)
                if pairs and trace is not None:
                    traces[implementation.name] = trace
                else:
                    yield cell
            for (a, one), (b, other) in itertools.combinations(traces.items(), 2):
                yield Cell(f"{a}~{b}", rounded.id, dtype, compare(other, one, limits))
            if differences and dtype == "float64" and not pairs:
                say(f"{rounded.id}: scipy")
                yield _differences(rounded, known, limits)


def _run(
    implementation: Implementation, case: Case, known: Known, limits: Reference
) -> tuple[Trace | None, Cell]:
    """Run and judge one implementation; an exception of its own is a crash, not ours."""
    start = time.perf_counter()
    try:
        trace = implementation.run(case)
        seconds = time.perf_counter() - start
        verdict = judge(trace, known, limits)
    except (Exception, SystemExit) as error:
        stop_if_interrupted()
        first_line = (str(error).splitlines() or [""])[0]
        crash = f"raised {type(error).__name__}: {first_line}"
        return None, Cell(implementation.name, case.id, str(case.dtype), None, crash)
    return trace, Cell(implementation.name, case.id, str(case.dtype), verdict, seconds=seconds)


def _differences(case: Case, known: Known, limits: Reference) -> Cell:
    start = time.perf_counter()
    objective = Objective(case)
    verdict = judge_differences(objective, known, limits)
    norm = check_grad(objective, known)
    seconds = time.perf_counter() - start
    return Cell(SCIPY, case.id, "float64", verdict, seconds=seconds, check_grad=norm)


def status_of(cells: Sequence[Cell], expected: int, *, strict: bool) -> Status:
    """Return the first exit status that applies.

    Parameters
    ----------
    cells : sequence of Cell
    expected : int
        How many there should be: fewer is never a success.
    strict : bool
        Whether `cannot tell` counts as wrong.
    """
    verdicts = [cell.verdict for cell in cells if cell.verdict is not None]
    limit = Verdict.CANNOT_TELL if strict else Verdict.FAIL
    if any(verdict.verdict >= limit or verdict.missing for verdict in verdicts):
        return Status.WRONG
    if len(verdicts) < len(cells):
        return Status.CRASHED
    if len(cells) < expected or not any(cell.passed for cell in cells):
        return Status.NOTHING
    return Status.OK
