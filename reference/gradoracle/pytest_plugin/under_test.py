"""A case that a candidate can be checked on, and what a check means to the test that made it."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradoracle.arrays import DTYPES, shown
from gradoracle.candidate.answer import Answer, Crashed, Session
from gradoracle.candidate.models import session_of
from gradoracle.candidate.opening import open_candidate
from gradoracle.candidate.python import target_of
from gradoracle.case import Case
from gradoracle.checking.api import header
from gradoracle.checking.engine import run_one, with_kinds
from gradoracle.checking.report import Footer, Report
from gradoracle.checking.result import Outcome, Result
from gradoracle.corpus import Frozen
from gradoracle.errors import InputError
from gradoracle.known import dtypes_of
from gradoracle.pytest_plugin.known import KnownFailures
from gradoracle.report.failure import block
from gradoracle.testing import GradientError


@dataclass(frozen=True, eq=False)
class CaseUnderTest(Case):
    """A case of the corpus in one dtype, that a candidate can be checked on.

    It has everything that a `Case` has: ``X`` of shape (n_0, n), ``Y`` (n_L, n), ``W[1]`` ...
    ``W[L]``, ``b[1]`` ... ``b[L]``, ``network``, ``id``, ``flags``, ``dtype``.
    """

    frozen: Frozen | None = field(default=None, repr=False)

    def check(self, candidate: object) -> Result:
        """Judge a candidate on this case.

        `cannot tell` passes, and is counted in pytest's summary. Where the candidate does not
        support the case the test is skipped; a failure that is in the list of known failures is an
        xfail.

        Parameters
        ----------
        candidate : callable or model object
            As `gradoracle.check` takes it.

        Returns
        -------
        Result

        Raises
        ------
        GradientError
            If anything is wrong with what it returned, or if it crashed: then from its exception.
        InputError
            If it is nothing that can be checked.
        """
        __tracebackhide__ = True
        test = _running[-1] if _running else Running("")
        session = _opened(candidate, self)
        start = time.perf_counter()
        try:
            result = _judged(session, self)
            error = session.error if result.outcome is Outcome.CRASHED else None
        finally:
            session.close()
        if test.nodeid:
            result = replace(result, reproduce=shlex.join(["pytest", test.nodeid]))
        report = _report_of(result, session, candidate, self, time.perf_counter() - start)
        test.reports.append(report)
        if test.known is not None:
            report = test.known.applied(report)
        _settle(report, error)
        return report.results[0]


@dataclass
class Running:
    """The test that runs at this moment.

    Attributes
    ----------
    nodeid : str
        pytest's name of it.
    known : KnownFailures or None
        The list of known failures.
    reports : list of Report
        One for each check it has made, with one result.
    """

    nodeid: str
    known: KnownFailures | None = None
    reports: list[Report] = field(default_factory=list)


_running: list[Running] = []  # a process runs one test at a time; pytest's own tests nest them


@contextmanager
def running(test: Running) -> Iterator[None]:
    """Let the checks inside the block be those of a test."""
    _running.append(test)
    try:
        yield
    finally:
        _running.pop()


def under_test(item: Frozen, dtype: str) -> CaseUnderTest:
    """Return a frozen case in one dtype, to be checked."""
    return CaseUnderTest(**_parts(item.case.astype(dtype)), frozen=item)


class _Watched:
    """A session that remembers the exception, which no result keeps."""

    repeats = False

    def __init__(self, session: Session, own: Case | None = None) -> None:
        self._session, self._own = session, own
        self.about = replace(session.about, cases=None)
        self.error: BaseException | None = None

    def run(self, case: Case) -> Answer:
        answer = self._session.run(case if self._own is None else self._own)
        if isinstance(answer, Crashed) and answer.error is not None and self.error is None:
            frames = answer.error.__traceback__  # the first is the session's, not the candidate's
            self.error = answer.error.with_traceback(frames.tb_next if frames else None)
        return answer

    def close(self) -> None:
        self._session.close()


def _opened(candidate: object, case: Case) -> _Watched:
    """Open a candidate; a model object must be this case's network, and gets its batch."""
    model = session_of(candidate, X=case.X.T, Y=case.Y.T)
    if model is None:
        return _Watched(open_candidate(candidate))
    (own,) = model.about.cases or (None,)
    if own is None or not _same(own, case):
        raise InputError(
            f"a model with the network and the weights of {case.id}, {case.dtype}",
            shown(candidate),
            "build it from case.W and case.b, or assert gradoracle.check(model).ok for its own",
        )
    return _Watched(model, own)


def _same(a: Case, b: Case) -> bool:
    """Whether two cases are the same but for their ids; the reduction is its divisor."""
    return (
        replace(a.network, reduction=b.network.reduction) == b.network
        and a.N == b.N
        and a.dtype == b.dtype
        and all(np.array_equal(a.W[n], b.W[n]) and np.array_equal(a.b[n], b.b[n]) for n in b.W)
        and np.array_equal(a.X, b.X)
        and np.array_equal(a.Y, b.Y)
    )


def _judged(session: Session, case: CaseUnderTest) -> Result:
    """Judge one case; where it is wrong, the other dtype tells the kind of failure."""
    item = case.frozen
    if item is None:
        raise TypeError("a CaseUnderTest is made by gradoracle.cases")
    result = run_one(session, Case(**_parts(case)), item.truth)
    others = [name for name in dtypes_of(item, list(DTYPES)) if name != result.dtype]
    if result.first_wrong is None or not others:
        return result
    other = run_one(session, item.case.astype(others[0]), item.truth)
    return with_kinds([result, other])[0]


def _parts(case: Case) -> dict[str, Any]:
    return {part.name: getattr(case, part.name) for part in fields(Case)}


def _report_of(
    result: Result, session: Session, candidate: object, case: CaseUnderTest, seconds: float
) -> Report:
    """Return the report of this case alone; `gathering` joins those of a candidate."""
    target = _short(target_of(candidate))
    head = header(session, target, [case], [result.dtype], partial=True)
    return Report(head, [result], Footer(True, "", seconds))


def _short(target: str) -> str:
    """Return ``file.py:name`` as the command line would be given it in the current folder."""
    path, colon, name = target.rpartition(":")
    if not colon or not Path(path).is_relative_to(Path.cwd()):
        return target
    return f"{os.path.relpath(path)}:{name}"


def _settle(report: Report, error: BaseException | None) -> None:
    """Skip, expect the failure, or raise, as the result asks for."""
    __tracebackhide__ = True
    (result,) = report.results
    if result.outcome is Outcome.KNOWN:
        pytest.xfail(result.reason)  # returns with --runxfail
    if result.outcome in (Outcome.FAILED, Outcome.CRASHED, Outcome.KNOWN):
        raise GradientError(block(result, report.header), result) from error
    if result.outcome is Outcome.SKIPPED:
        pytest.skip(result.reason)
