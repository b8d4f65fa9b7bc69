"""The same case twice: a candidate that is not deterministic says so by its second answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, runtime_checkable

import numpy as np

from gradoracle.candidate.answer import Answer, Complaint, Returned, Session, Skipped
from gradoracle.case import Case


@runtime_checkable
class Beside(Protocol):
    """A candidate in another process: while it computes, we can."""

    def run_beside(self, case: Case, work: Callable[[], object]) -> Answer:
        """Run it on one case, and do some work of ours while it computes."""
        ...


def run_twice(session: Session, case: Case, work: Callable[[], object] = lambda: None) -> Answer:
    """Run a candidate twice, unless it compares a second run itself; complain of a difference.

    Parameters
    ----------
    session : Session
    case : Case
    work : callable
        Done while a candidate in another process computes; perhaps not at all.
    """
    if isinstance(session, Beside):  # noqa: SIM108 - too long in one line
        answer = session.run_beside(case, work)
    else:
        answer = session.run(case)
    if session.repeats or not isinstance(answer, Returned):
        return answer
    second = session.run(case)
    difference = _difference(answer, second)
    found = [*answer.complaints, *(second.complaints if isinstance(second, Returned) else ())]
    found += [] if difference is None else [difference]
    return replace(answer, complaints=tuple(dict.fromkeys(found)))


def _difference(first: Returned, second: object) -> Complaint | None:
    """Say where a second run of the same case came out otherwise."""
    if not isinstance(second, Returned):
        what = "was skipped" if isinstance(second, Skipped) else "crashed"
        detail = f"a second run of the same case {what}: {getattr(second, 'reason', '')}"
        return Complaint("not deterministic", "", detail)
    if set(first.trace) != set(second.trace):
        return Complaint("not deterministic", "", "a second run returned other arrays")
    for name, array in first.trace.items():
        if not isinstance(array, np.ndarray | np.generic | float):
            continue  # the judge says what is wrong with it
        one, other = np.asarray(array), np.asarray(second.trace[name])
        if one.dtype.kind != "O" and one.tobytes() != other.tobytes():
            detail = f"{name} came out differently in a second run of the same case"
            return Complaint("not deterministic", name, detail)
    return None
