"""A row of a ledger of deviations: where a framework's own function gives another number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Deviation:
    """One function of a framework that is avoided, or one habit that is put up with.

    Attributes
    ----------
    name : str
        The function.
    does : str
        What it does, and what `size` is the size of.
    size : float
        The size when it was measured last.
    instead : str
        What the implementation uses.
    measure : callable () -> float
        Measures the size anew, so that a change upstream is seen.
    """

    name: str
    does: str
    size: float
    instead: str
    measure: Callable[[], float]
