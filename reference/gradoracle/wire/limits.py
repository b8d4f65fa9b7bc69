"""What a candidate in another process may take."""

from __future__ import annotations

from dataclasses import dataclass

from gradoracle.arrays import is_number, shown
from gradoracle.errors import InputError

MB = 2**20
GB = 2**30


@dataclass(frozen=True)
class Limits:
    """Time, memory and output of a candidate; beyond one of them its process is ended.

    Attributes
    ----------
    seconds : float
        Wall time for one case.
    start : float
        Wall time until it has answered ``start``; importing a framework takes a while.
    total : float or None
        Wall time for the whole run; what is left over then crashes by timeout.
    memory : int
        Bytes that it and its children may hold at once.
    line : int
        Bytes of one message.
    stderr : int
        Bytes of the end of standard error that are kept.
    """

    seconds: float = 30.0
    start: float = 60.0
    total: float | None = None
    memory: int = 8 * GB
    line: int = 256 * MB
    stderr: int = 64 * 1024

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not (name == "total" and value is None) and not (is_number(value) and value > 0):
                raise InputError(f"a limit on {name} above 0", shown(value), "give a number")
