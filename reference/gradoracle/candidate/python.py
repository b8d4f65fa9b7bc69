"""A Python callable, or an object that is one, run in this process."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import FunctionType
from typing import Any

import numpy as np

from gradoracle.arrays import DTYPES, Array, shown
from gradoracle.candidate.answer import About, Answer, Complaint, Conventions, Crashed, Returned
from gradoracle.candidate.answer import Skipped as Skip
from gradoracle.case import Case
from gradoracle.errors import InputError


class PythonSession:
    """A callable, case -> mapping of names to arrays.

    Parameters
    ----------
    candidate : callable
        May carry ``name``, ``dtypes``, ``conventions`` (a `Conventions`), ``supports(case)``, which
        returns True, or False or a reason, and ``prepare(case)``, which is called before it and not
        timed.

    Raises
    ------
    InputError
        If it cannot be called, or says of itself what makes no sense.
    """

    repeats = False

    def __init__(self, candidate: Callable[[Case], Mapping[str, Array]]) -> None:
        if not callable(candidate):
            raise InputError(
                "a candidate that can be called with a case",
                shown(candidate),
                'def my_net(case): ... return {"J": J, "dW1": dW1, "db1": db1}',
            )
        self._candidate = candidate
        self._errors = np.geterr()  # the candidate's own, which ours must not replace
        self.about = about(candidate)

    def run(self, case: Case) -> Answer:
        """Run it on writable copies of the inputs, and see what it did to them."""
        given = writable(case)
        try:
            with np.errstate(**self._errors):
                refusal = _refusal(self._candidate, given)
                if refusal:
                    return Skip(refusal)
                prepare = getattr(self._candidate, "prepare", None)
                if prepare is not None:
                    prepare(given)
                start = time.perf_counter()
                trace = self._candidate(given)
                seconds = time.perf_counter() - start
            if not isinstance(trace, Mapping):
                detail = f'returned a {type(trace).__name__}; return {{"J": J, "dW1": dW1, ...}}'
                return Returned({}, (Complaint("not a mapping", "", detail),), seconds)
            named = dict(trace.items())  # a mapping of one's own may raise here, too
            complaints = tuple(manners(case, given, named))
            return Returned({name: _kept(a) for name, a in named.items()}, complaints, seconds)
        except (Exception, SystemExit) as error:
            return crash(error)

    def close(self) -> None:
        """Nothing was started."""


def about(candidate: object) -> About:
    """Return what a Python candidate says of itself."""
    name = getattr(candidate, "name", None) or getattr(candidate, "__name__", None)
    conventions = getattr(candidate, "conventions", None) or Conventions()
    dtypes: Any = getattr(candidate, "dtypes", tuple(DTYPES))
    dtypes = (dtypes,) if isinstance(dtypes, str) else tuple(map(_dtype_name, dtypes))
    unknown = [dtype for dtype in dtypes if dtype not in DTYPES]
    if unknown or not dtypes:
        raise InputError(
            "dtypes out of float64, float32", shown(unknown or dtypes), 'dtypes = ("float64",)'
        )
    if not isinstance(conventions, Conventions):
        raise InputError(
            "conventions as a gradoracle.Conventions", shown(conventions), "Conventions(...)"
        )
    return About(
        name=str(name or type(candidate).__name__),
        language="Python",
        dtypes=dtypes,
        conventions=conventions,
    )


def target_of(candidate: object) -> str:
    """Return ``file.py:name`` where the command line finds a candidate again; else its name."""
    if isinstance(candidate, FunctionType) and "<" not in candidate.__qualname__:
        return f"{candidate.__code__.co_filename}:{candidate.__qualname__}"
    return about(candidate).name


def writable(case: Case) -> Case:
    """Return a copy that may be written to, so that a candidate that does can be told so.

    Frameworks warn of arrays that are read-only, too.
    """
    copy = replace(
        case,
        parameters=type(case.parameters)(case.W, case.b),
        batch=type(case.batch)(case.X, case.Y),
    )
    for array in _inputs(copy).values():
        array.flags.writeable = True
    return copy


def manners(case: Case, given: Case, trace: Mapping[str, object]) -> list[Complaint]:
    """Complain of inputs that were written to, and of results that are views of them."""
    complaints = []
    before, after = _inputs(case), _inputs(given)
    for name, array in after.items():
        if array.tobytes() != before[name].tobytes():
            detail = f"{name} was written to; compute on a copy"
            complaints.append(Complaint("mutates inputs", name, detail))
    for name, returned in trace.items():
        if not isinstance(returned, np.ndarray) or returned.dtype.kind not in "fiub":
            continue
        for source, array in after.items():
            if np.may_share_memory(returned, array):
                detail = f"{name} is a view of {source}; return a copy"
                complaints.append(Complaint("aliases inputs", str(name), detail))
    return complaints


def _kept(value: Any) -> Any:
    """Copy an array: a candidate may use its buffer again in the next call.

    Masked entries are no numbers, whatever lies below the mask.
    """
    if isinstance(value, np.ma.MaskedArray) and value.dtype.kind == "f":
        return np.ma.filled(value, np.nan)
    return np.array(value, subok=False) if isinstance(value, np.ndarray) else value


def crash(error: BaseException) -> Crashed:
    """Return what an exception amounts to, with the candidate's own part of the traceback."""
    try:
        first_line = (str(error).splitlines() or [""])[0]
    except Exception:  # its __str__ raises
        first_line = "an exception that cannot be printed"
    reason = f"{type(error).__name__}: {first_line}"
    frames = error.__traceback__.tb_next if error.__traceback__ is not None else None
    context = "".join(traceback.format_exception(type(error), error, frames))
    if isinstance(error, SystemExit):
        return Crashed("exited", f"sys.exit({shown(error.code)})", context, error)
    if isinstance(error, MemoryError):
        return Crashed("memory", reason, context, error)
    return Crashed("raised", reason, context, error)


def _inputs(case: Case) -> dict[str, Array]:
    named: dict[str, Array] = {"X": case.X, "Y": case.Y}
    for layer in case.W:
        named |= {f"W{layer}": case.W[layer], f"b{layer}": case.b[layer]}
    return named


def _refusal(candidate: object, case: Case) -> str:
    """Return why a candidate does not do this case; empty if it does."""
    supports = getattr(candidate, "supports", None)
    answer = True if supports is None else supports(case)
    if isinstance(answer, str):
        return answer or "it does not support this case"
    return "" if answer else "it does not support this case"


def _dtype_name(dtype: object) -> str:
    try:
        return str(np.dtype(dtype))  # type: ignore[call-overload]
    except TypeError:
        return str(dtype)
