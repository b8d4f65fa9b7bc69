"""What ``gradoracle check`` is asked, and the steps from there to a report."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from gradoracle import corpus
from gradoracle.arrays import DTYPES
from gradoracle.candidate.answer import About, Answer, Crashed, Session
from gradoracle.case import Case
from gradoracle.checking.api import fill, header, own_dtypes
from gradoracle.checking.diagnosing import BUDGET
from gradoracle.checking.known_failures import KnownFailures, check_reason, read_known
from gradoracle.checking.report import Report
from gradoracle.checking.result import Result
from gradoracle.corpus import Frozen
from gradoracle.errors import InputError
from gradoracle.report.outputs import put


@dataclass(frozen=True)
class Limited:
    """What a candidate may use: seconds a case and in all, gigabytes; None for the defaults."""

    seconds: float | None = None
    total: float | None = None
    gigabytes: float | None = None


@dataclass(frozen=True)
class Request:
    """The options of one run.

    Attributes
    ----------
    program : tuple of str
        A program and its arguments; empty if the target is Python.
    levels, patterns, dtypes : tuple of str
        Empty for the required level, every case, both dtypes.
    any_side, strict : bool
        See `gradoracle.check`.
    model : mapping of str to object
        How a model object is read.
    wire : {"json", "text"}
    lint : bool
    limits : Limited
    budget : float
        Seconds for naming mistakes.
    known : Path or None
        The list of known failures.
    update : str or None
        The reason of new entries, if that list is to be rewritten.
    """

    program: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    dtypes: tuple[str, ...] = ()
    any_side: bool = False
    strict: bool = False
    model: Mapping[str, Any] = field(default_factory=dict)
    wire: Literal["json", "text"] = "json"
    lint: bool = False
    limits: Limited = field(default_factory=Limited)
    budget: float = BUDGET
    known: Path | None = None
    update: str | None = None

    @property
    def partial(self) -> bool:
        """Whether some of the required level is left out."""
        left_out = self.levels and "required" not in self.levels
        return bool(self.patterns or left_out or 0 < len(self.dtypes) < len(DTYPES))


class Unstarted:
    """A candidate that could not be started: every case ends as that did."""

    repeats = True

    def __init__(self, name: str, crashed: Crashed) -> None:
        self.about = About(name)
        self.crashed = crashed

    def run(self, case: Case) -> Answer:  # noqa: ARG002 - as every session's
        """Return how it ended."""
        return self.crashed

    def close(self) -> None:
        """Nothing was started."""


def perform(
    request: Request,
    target: str,
    say: Callable[[str], None] = lambda text: None,
    advance: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Start a candidate, run it on everything that is asked for, and end it.

    Ctrl-C ends the run, and leaves a report whose footer says that it was interrupted.

    Raises
    ------
    InputError
        For a target, case or file that is not there.
    """
    known = _known_failures(request)
    say(f"starting {target}")
    with ThreadPoolExecutor(1) as pool:  # the corpus is read while the candidate starts
        loading = pool.submit(corpus.load, request.levels or "required", request.patterns)
        session = _open(request, target)
    try:
        cases, dtypes = _chosen(request, session, loading)
        head = header(session, target, cases, dtypes, request.partial)
        report = Report(head, strict=request.strict)
        advance(0, head.expected)

        def done(result: Result) -> None:  # noqa: ARG001 - counted, not looked at
            advance(len(report.results), head.expected)

        try:
            fill(
                report,
                session,
                cases,
                any_side=request.any_side,
                # a known failure must hide nothing behind it
                blocking=request.known is None and not isinstance(session, Unstarted),
                budget=request.budget,
                reproduce=lambda case, dtype: _command(request, target, session, case, dtype),
                say=say,
                done=done,
            )
        except KeyboardInterrupt:
            return report
    finally:
        session.close()
    return _with_known(report, known, request)


def _open(request: Request, target: str) -> Session:
    from gradoracle.wire.python import python_session
    from gradoracle.wire.session import CouldNotStart, Limits, ProgramSession

    asked, limits = request.limits, Limits(total=request.limits.total)
    if asked.seconds is not None:
        limits = replace(limits, seconds=asked.seconds)
    if asked.gigabytes is not None:
        if not math.isfinite(asked.gigabytes):
            raise InputError("gigabytes as a number", str(asked.gigabytes), "--memory 8")
        limits = replace(limits, memory=max(1, int(asked.gigabytes * 2**30)))
    try:
        if request.program:
            return ProgramSession(
                request.program, wire=request.wire, limits=limits, lint=request.lint
            )
        return python_session(target, limits, _as_keywords(request.model))
    except CouldNotStart as error:
        return Unstarted(target, error.crashed)


def _as_keywords(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options under the names of `gradoracle.candidate.models.session_of`."""
    given = {n: value for n, value in model.items() if value is not None and value is not False}
    return {{"batch": "n"}.get(name, name): value for name, value in given.items()}


def _chosen(
    request: Request, session: Session, loading: Future[list[Frozen]]
) -> tuple[Sequence[Frozen | Case], tuple[str, ...]]:
    """Return a model's own cases in their dtype, or those of the corpus."""
    own = session.about.cases
    if own is not None:
        dtypes = own_dtypes(own)
        wrong = set(request.dtypes) - set(dtypes)
        if request.levels or request.patterns or wrong:
            raise InputError(
                f"a model object as it is, on its own batch in {' '.join(dtypes)}",
                "--dtype " + " ".join(wrong) if wrong else "--case or --level",
                "leave it out: they choose from the corpus, which is for functions",
            )
        return own, dtypes
    return loading.result(), request.dtypes or tuple(DTYPES)


def _command(request: Request, target: str, session: Session, case: str, dtype: str) -> str:
    """Return the command that runs one case alone."""
    words = ["gradoracle", "check"]
    if session.about.cases is None:
        words += ["--case", case, "--dtype", dtype]
    else:
        for name, value in request.model.items():
            if value is False:
                continue
            option = "--" + {"compiled": "compile"}.get(name, name)
            words += [option] if value is True else [option, str(value)]
    words += ["--kink", "any"] if request.any_side else []
    if not request.program:
        return shlex.join([*words, target])
    words += ["--wire", request.wire] if request.wire != "json" else []
    return shlex.join([*words, "--", *request.program])


def _known_failures(request: Request) -> KnownFailures | None:
    """Read the list of known failures before anything runs; None if there is none."""
    if request.known is None:
        return None
    if request.update is not None:
        check_reason(request.update)
    return read_known(request.known, new=request.update is not None)


def _with_known(report: Report, known: KnownFailures | None, request: Request) -> Report:
    """Mark what is known, and rewrite the list if that is asked for."""
    if known is None:
        return report
    if request.update is not None and request.known is not None:
        put(known.updated(report, request.update), str(request.known))
        known = read_known(request.known)
    return known.applied(report)
