"""Names that have a meaning of their own, in every derivation."""

from __future__ import annotations

from gradoracle.derivation.reading.vocabulary import ALIASES, FUNCTIONS, NUMBERED

CONSTANTS = ("n", "N", "L", "lam", "alpha", "eta")
ARRAYS = ("J", "X", "Y", "C")


def reserved(name: str) -> bool:
    """Whether a name is one of the trace, or a constant."""
    return (
        name in CONSTANTS
        or name.removeprefix("d") in ARRAYS
        or NUMBERED.fullmatch(name) is not None
    )


def has_a_meaning(name: str) -> bool:
    """Whether a name is reserved, or that of a function."""
    return reserved(name) or name in FUNCTIONS or name in ALIASES
