"""A Python candidate in a child process."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

from gradoracle.wire.limits import Limits
from gradoracle.wire.session import ProgramSession


def python_session(
    target: str,
    limits: Limits = Limits(),  # noqa: B008 -- frozen
    options: Mapping[str, object] | None = None,
    *,
    lint: bool = False,
) -> ProgramSession:
    """Start a child that serves a Python candidate.

    Parameters
    ----------
    target : str
        As `gradoracle.wire.target.load` reads it.
    limits : Limits
    options : mapping, optional
        Keyword arguments of `gradoracle.candidate.opening.open_candidate`, as JSON has them.
    lint : bool
        Whether every message, either way, is held against its schema.

    Raises
    ------
    InputError, MissingExtra
        If the target cannot be found, or not be read as a candidate.
    CouldNotStart
        If it raises when it is imported, or crashes.
    """
    # -P: a user's folder that holds a random.py must not break Python itself
    command = [sys.executable, "-P", "-m", "gradoracle.wire.serve", target]
    command += ["--memory", str(int(limits.memory)), "--seconds", str(float(limits.seconds))]
    for name, value in (options or {}).items():
        command += [f"--{name}", json.dumps(value)]
    return ProgramSession(command, limits=limits, lint=lint, repeats=True)
