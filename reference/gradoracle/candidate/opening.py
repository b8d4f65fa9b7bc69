"""From an object to a session: a model that a framework built, or anything that can be called."""

from __future__ import annotations

from typing import Any

from gradoracle.arrays import shown
from gradoracle.candidate.answer import Session
from gradoracle.candidate.models import session_of
from gradoracle.candidate.python import PythonSession
from gradoracle.errors import InputError


def open_candidate(candidate: object, **options: Any) -> Session:
    """Return a session for a candidate in this process.

    Parameters
    ----------
    candidate : callable, model object, or pair (model, loss)
    **options
        How a model object is read, see `gradoracle.candidate.models.session_of`; None and False
        are as good as not given.

    Raises
    ------
    InputError
        If it is nothing that can be checked, or an option does not suit it.
    """
    given = {n: value for n, value in options.items() if value is not None and value is not False}
    session = session_of(candidate, **given)
    if session is not None:
        return session
    if given:
        raise InputError(
            f"a torch, Keras or scikit-learn model with {', '.join(sorted(given))}",
            shown(candidate),
            "leave the option out for a function",
        )
    return PythonSession(candidate)  # type: ignore[arg-type]
