"""The oracle's loop: each case is run, judged against the truth, and turned into a result."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from gradoracle.arrays import Array, shown
from gradoracle.candidate.answer import Complaint, Conventions, Crashed, Returned, Session, Skipped
from gradoracle.candidate.repeat import run_twice
from gradoracle.case import Case, trace_shapes
from gradoracle.checking.diagnosing import BUDGET, Diagnosing
from gradoracle.checking.result import Outcome, Result
from gradoracle.corpus import Frozen
from gradoracle.judge import CaseVerdict, Verdict, classify, judge
from gradoracle.known import case_of, dtypes_of, in_dtypes
from gradoracle.layout import columns
from gradoracle.reference import Known, Reference, reference

Say = Callable[[str], None]

MOST_NAMES = 10  # unknown ones that are told one by one


def run(
    session: Session,
    cases: Sequence[Frozen | Case],
    dtypes: Sequence[str],
    *,
    any_side: bool = False,
    blocking: bool = True,
    budget: float = BUDGET,
    reproduce: Callable[[str, str], str] = lambda case, dtype: "",
    say: Say = lambda text: None,
) -> Iterator[Result]:
    """Yield a result for every case and dtype, those of one case one after another.

    A case is blocked, and not run, if one that it needs failed or crashed before it.

    Parameters
    ----------
    session : Session
    cases : sequence of Frozen or Case
        The truth of a frozen one is known; that of any other is proven.
    dtypes : sequence of {"float64", "float32"}
    any_side : bool
        Whether every choice of the derivative at an exact kink is allowed.
    blocking : bool
        Whether a case waits for those it needs; pointless for a candidate that did not start.
    budget : float
        Seconds in all for naming the mistakes behind the failures.
    reproduce : callable (case id, dtype) -> str
        The command that runs it alone.
    say : callable
        Told what is being done.
    """
    bad: set[str] = set()
    diagnosing = Diagnosing(session, budget)
    for item in _needs_first(cases):
        case = case_of(item)
        lacking = [need for need in case.needs if need in bad and blocking]
        results = []
        if lacking:
            reason = f"needs {', '.join(lacking)}, which failed, crashed or was blocked itself"
            results = [_ended(case, d, Outcome.BLOCKED, reason) for d in dtypes_of(item, dtypes)]
        else:
            for rounded, known in in_dtypes(item, dtypes, say):
                say(f"{rounded.id} {rounded.dtype}")
                results.append(
                    run_one(session, rounded, known, any_side=any_side, diagnosing=diagnosing)
                )
        if any(r.outcome in (Outcome.FAILED, Outcome.CRASHED) for r in results) or lacking:
            bad.add(case.id)
        for result in with_kinds(results):
            yield replace(result, reproduce=reproduce(result.case, result.dtype))


def _needs_first(cases: Sequence[Frozen | Case]) -> list[Frozen | Case]:
    """Return the cases in their order, but each after those of them that it needs."""
    by_id = {case_of(item).id: item for item in cases}
    ordered: dict[str, Frozen | Case] = {}

    def add(item: Frozen | Case) -> None:
        case = case_of(item)
        for need in case.needs:
            if need in by_id and need not in ordered:
                add(by_id[need])
        ordered.setdefault(case.id, item)

    for item in cases:
        add(item)
    return list(ordered.values())


def run_one(
    session: Session,
    case: Case,
    known: Known,
    *,
    any_side: bool = False,
    diagnosing: Diagnosing | None = None,
) -> Result:
    """Run a candidate on one case in the dtype of the case, twice, and judge what it returned."""
    about, dtype = session.about, str(case.dtype)
    if dtype not in about.dtypes:
        return _ended(case, dtype, Outcome.SKIPPED, f"{about.name} does not do {dtype}")
    conventions = about.conventions
    form = conventions.form(dtype)

    @cache
    def limits() -> Reference:
        with np.errstate(all="ignore"):  # a candidate may have set NumPy to raise
            return reference(case, known, form, any_side=any_side or conventions.kink == "any")

    answer = run_twice(session, case, limits)
    if isinstance(answer, Skipped):
        return _ended(case, dtype, Outcome.SKIPPED, answer.reason)
    if isinstance(answer, Crashed):
        ended = _ended(case, dtype, Outcome.CRASHED, answer.reason)
        return replace(ended, crash=answer.kind, context=answer.context)
    with np.errstate(all="ignore"):
        result = judged(answer, known, limits(), conventions)
    return result if diagnosing is None else diagnosing.diagnosed(result, answer, known, limits())


def judged(
    answer: Returned, known: Known, limits: Reference, conventions: Conventions | None = None
) -> Result:
    """Judge an answer: names, what must be there, then every number."""
    case, conventions = limits.case, conventions or Conventions()
    shapes = trace_shapes(case.network, case.n)
    trace: dict[str, Array] = {name: a for name, a in answer.trace.items() if name in shapes}
    if conventions.layout == "rows":
        trace = columns(trace)
    complaints = (*answer.complaints, *_misnamed(answer.trace, shapes))
    verdict = judge(trace, known, limits, per_example=conventions.per_example)
    missing = tuple(n for n in shapes if n[:2] in ("J", "dW", "db") and n not in trace)
    return Result(
        case.id,
        str(case.dtype),
        case.level,
        _outcome(verdict, missing, complaints),
        verdict=verdict,
        complaints=complaints,
        missing=missing,
        seconds=answer.seconds,
    )


def with_kinds(results: Sequence[Result]) -> list[Result]:
    """Tell a wrong formula from an unstable evaluation, where a case ran in both dtypes."""
    by_dtype = {r.dtype: {t.name: t for t in r.tensors} for r in results}
    found = []
    for result in results:
        first = result.first_wrong
        pair = (
            [by_dtype.get(d, {}).get(first.name) for d in ("float32", "float64")] if first else []
        )
        if len(pair) == 2 and pair[0] is not None and pair[1] is not None:
            result = replace(result, kind=classify(pair[0], pair[1]))
        found.append(result)
    return found


def _outcome(
    verdict: CaseVerdict, missing: Sequence[str], complaints: Sequence[Complaint]
) -> Outcome:
    if verdict.verdict is Verdict.FAIL or missing or complaints:
        return Outcome.FAILED
    return Outcome.PASSED if verdict.verdict is Verdict.PASS else Outcome.CANNOT_TELL


def _misnamed(trace: Mapping[str, object], shapes: Mapping[str, object]) -> list[Complaint]:
    """Complain of names that are none of the trace's: a misspelt tensor must not go unjudged."""
    unknown = [name for name in trace if name not in shapes]
    complaints = []
    for name in unknown[:MOST_NAMES]:
        near = difflib.get_close_matches(str(name)[:MOST_NAMES], list(shapes), 1, 0.4)
        guess = f"did you mean {near[0]}?" if near else f"names are {' '.join(shapes)}"
        complaints.append(
            Complaint("unknown name", shown(name), f"{shown(name)} is no name; {guess}")
        )
    if len(unknown) > MOST_NAMES:
        rest = f"{len(unknown) - MOST_NAMES:,} more names that are none"
        complaints.append(Complaint("unknown name", "", rest))
    return complaints


def _ended(case: Case, dtype: str, outcome: Outcome, reason: str) -> Result:
    return Result(case.id, dtype, case.level, outcome, reason)
