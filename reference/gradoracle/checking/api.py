"""``gradoracle.check``: a candidate in this process, on the corpus."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import numpy as np

from gradoracle import corpus
from gradoracle.arrays import DTYPES, shown
from gradoracle.candidate.answer import Session
from gradoracle.candidate.opening import open_candidate
from gradoracle.candidate.python import target_of
from gradoracle.case import Case
from gradoracle.checking.diagnosing import BUDGET
from gradoracle.checking.engine import run
from gradoracle.checking.report import Footer, Header, Report
from gradoracle.checking.result import Result
from gradoracle.corpus import Frozen
from gradoracle.errors import InputError
from gradoracle.known import dtypes_of


def check(
    candidate: object,
    *,
    level: str | Collection[str] = "required",
    match: str | Collection[str] | None = None,
    dtype: str | Collection[str] | None = None,
    kink: str = "contract",
    strict: bool = False,
    diagnose: float = BUDGET,
    **model: Any,
) -> Report:
    """Check a candidate against the truth, in this process; exceptions are survived, no more.

    Parameters
    ----------
    candidate : callable, or a model object
        A callable takes a `Case` (X of shape (n_0, n), one example per column, W[1] ... W[L],
        b[1] ... b[L]) and returns J, every dW and db, and any other array of the trace, by name.
        It may carry ``name``, ``dtypes``, ``conventions``, ``supports(case)`` and
        ``prepare(case)``. A model object is a torch module, a Keras model or one of scikit-learn's
        MLPs, or a pair (model, loss).
    level : str or collection of str
        Of the corpus: ``required``, ``recommended``, ``stress``.
    match : str or collection of str, optional
        Patterns of case ids such as ``two-layer.*``.
    dtype : str or collection of str, optional
        Both by default.
    kink : {"contract", "any"}
        The derivative at an exact kink: the contract's, or any between the one-sided ones.
    strict : bool
        Whether `cannot tell` counts as wrong.
    diagnose : float
        Seconds that naming the mistakes behind the failures may take in all; 0 for none.
    **model
        How a model object is read: ``loss``, ``X`` and ``Y`` (one example a row), ``n``, ``seed``,
        ``device``, ``compiled``, ``autocast``. It is checked on that batch, in its own dtype, and
        not on the corpus.

    Returns
    -------
    Report
        ``report.ok``, ``report.findings``, ``print(report)``.

    Raises
    ------
    InputError
        If it cannot be called, or a name is none.
    NothingCheckedError
        If no case is left.
    """
    if kink not in ("contract", "any"):
        raise InputError("kink 'contract' or 'any'", repr(kink), "check the spelling")
    dtypes = chosen_dtypes(dtype)
    session = open_candidate(candidate, **model)
    own = session.about.cases
    if own is None:
        cases: Sequence[Frozen | Case] = corpus.load(level, match)
        partial = bool(match) or len(dtypes) < len(DTYPES) or level != "required"
    else:
        refused = {"match": match, "dtype": dtype and set(dtypes) - set(own_dtypes(own))}
        for name, value in refused.items():
            if value:
                raise InputError(
                    f"a model object without {name}", shown(value), "it is checked as it is"
                )
        cases, dtypes, partial = own, own_dtypes(own), False
    report = Report(header(session, target_of(candidate), cases, dtypes, partial), strict=strict)
    fill(report, session, cases, any_side=kink == "any", budget=diagnose)
    return report


def chosen_dtypes(dtype: str | Collection[str] | None) -> tuple[str, ...]:
    """Return the dtypes asked for in the contract's order; all for None."""
    wanted = tuple(DTYPES) if dtype is None else (dtype,) if isinstance(dtype, str) else dtype
    unknown = [name for name in wanted if name not in DTYPES]
    if unknown or not wanted:
        raise InputError(
            "a dtype out of float64, float32", repr(unknown)[:40], "check the spelling"
        )
    return tuple(name for name in DTYPES if name in wanted)


def own_dtypes(cases: Sequence[Case]) -> tuple[str, ...]:
    """Return the dtypes of the cases that a model object brings."""
    found = {str(case.dtype) for case in cases}
    return tuple(name for name in DTYPES if name in found)


def header(
    session: Session,
    target: str,
    cases: Sequence[Frozen | Case],
    dtypes: Sequence[str],
    partial: bool,
) -> Header:
    """Return what is asked for; of a model's own cases the corpus is empty."""
    library = corpus.packaged()
    own = session.about.cases is not None
    return Header(
        about=session.about,
        target=target,
        dtypes=tuple(dtypes),
        expected=sum(len(dtypes_of(case, dtypes)) for case in cases),
        cases=len(cases),
        of=len(cases) if own else len(library.rows),
        corpus="" if own else library.version,
        sha256="" if own else library.sha256,
        gradoracle=version("gradoracle"),
        platform=f"Python {platform.python_version()}, NumPy {np.__version__}, "
        f"{platform.system()} {platform.machine()}",
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        partial=partial,
    )


def fill(
    report: Report,
    session: Session,
    cases: Sequence[Frozen | Case],
    *,
    any_side: bool = False,
    blocking: bool = True,
    budget: float = BUDGET,
    reproduce: Callable[[str, str], str] | None = None,
    say: Callable[[str], None] = lambda text: None,
    done: Callable[[Result], None] = lambda result: None,
) -> None:
    """Run everything and write the footer, which says so if a Ctrl-C has cut it short."""
    start = time.perf_counter()
    target = report.header.target
    command = reproduce or (lambda c, d: f"gradoracle check {target} --case {c} --dtype {d}")
    reason = "interrupted"
    try:
        for result in run(
            session,
            cases,
            report.header.dtypes,
            any_side=any_side,
            blocking=blocking,
            budget=budget,
            reproduce=command,
            say=say,
        ):
            report.results.append(result)
            done(result)
        reason = ""
    finally:
        missing = report.header.expected - len(report.results)
        complete = not reason and not missing
        reason = reason or (f"{missing} results are missing" if missing else "")
        report.footer = Footer(complete, reason, time.perf_counter() - start)
