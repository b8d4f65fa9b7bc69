"""Implementations by name: what is announced by an entry point, imported when asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from gradoracle.case import Case, Trace
from gradoracle.errors import GradoracleError, InputError, MissingExtra
from gradoracle.interruption import stop_if_interrupted

GROUP = "gradoracle.implementations"
BUILT_IN = ("numpy", "torch", "tensorflow")
SCIPY = "scipy"  # the witness that is no implementation: it returns dW and db alone

Run = Callable[[Case], Trace]
Say = Callable[[str], None]  # told what is being done


@dataclass(frozen=True)
class Implementation:
    """A callable case -> trace with the name it is listed under."""

    name: str
    run: Run


def names() -> tuple[str, ...]:
    """Return every announced implementation: the built-in ones first, then by name."""
    found = {entry.name for entry in entry_points(group=GROUP)}
    return (*(n for n in BUILT_IN if n in found), *sorted(found - set(BUILT_IN)))


def load(name: str, say: Say = lambda text: None) -> Implementation:
    """Import one implementation.

    Parameters
    ----------
    name : str
    say : callable
        Told what is being imported.

    Raises
    ------
    InputError
        If nothing of that name is announced.
        Or if its framework is installed and cannot be imported.
    MissingExtra
        If its framework is not installed.
    """
    entries: dict[str, EntryPoint] = {e.name: e for e in entry_points(group=GROUP)}
    if name not in entries:
        raise InputError(
            f"an implementation out of {', '.join(names()) or 'none installed'}",
            repr(name),
            "check the spelling, or install the package that announces it",
        )
    say(f"importing {name}")
    try:
        run: Run = entries[name].load()
    except MissingExtra:
        stop_if_interrupted()
        raise
    except Exception as error:  # a framework that is damaged must not stop the others
        stop_if_interrupted()
        first_line = (str(error).splitlines() or [""])[0]
        raise InputError(
            f"{name} to import", f"{type(error).__name__}: {first_line}", f"reinstall {name}"
        ) from error
    stop_if_interrupted()
    return Implementation(name, run)


def load_installed(
    say: Say = lambda text: None,
) -> tuple[list[Implementation], list[GradoracleError]]:
    """Import every announced implementation; also return why the others could not be."""
    found: list[Implementation] = []
    missing: list[GradoracleError] = []
    for name in names():
        try:
            found.append(load(name, say))
        except GradoracleError as error:
            missing.append(error)
    return found, missing
