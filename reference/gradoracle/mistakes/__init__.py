"""Known mistakes: executable, named, with sources; mutants, hypotheses and a gallery in one."""

from __future__ import annotations

import difflib

from gradoracle.errors import InputError
from gradoracle.mistakes.catalogue import CATALOGUE
from gradoracle.mistakes.mistake import FAMILIES, Mistake, Mutant, Source, mutants

__all__ = ["FAMILIES", "Mistake", "Mutant", "Source", "all", "find", "mutants"]


def all() -> tuple[Mistake, ...]:  # noqa: A001 - gradoracle.mistakes.all() is what it is called
    """Return every known mistake, family by family."""
    return CATALOGUE


def find(name: str) -> Mistake:
    """Return one mistake.

    Raises
    ------
    InputError
        With the nearest names, if there is none of this one.
    """
    for mistake in CATALOGUE:
        if mistake.name == name:
            return mistake
    near = difflib.get_close_matches(name, [mistake.name for mistake in CATALOGUE], 3, 0.4)
    raise InputError(
        "a known mistake",
        repr(name),
        f"did you mean {' or '.join(near)}?" if near else "'gradoracle mistakes' lists them",
    )
