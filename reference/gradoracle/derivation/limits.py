"""How large a derivation may be: it is data from a stranger, and nothing in it may take long."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from gradoracle.errors import InputError

FILE_BYTES = 100_000
LINES = 1_000
LINE_CHARACTERS = 2_000
DEPTH = 50  # of an expression
NODES = 1_000  # of an expression
EXPONENT = 64  # of a power
DIGITS = 40  # of a number as it is written
LAYERS = 12
NAMES = 100  # that the header ties to the trace, and further inputs
LOOP = 64  # rounds of one loop
STEPS = 2_000  # lines with every round of their loops
ENTRIES = 1_024  # of a matrix, and of all further inputs together
SECONDS = 30.0  # for everything


class DerivationError(InputError):
    """A derivation that cannot be read, with its place.

    Parameters
    ----------
    expected, got, mend : str
        As in `gradoracle.errors.InputError`.
    line, column : int
        Both counted from 1; a column of 0 is the whole line.
    """

    def __init__(self, expected: str, got: str, mend: str, line: int = 0, column: int = 0) -> None:
        super().__init__(expected, got, mend)
        self.line, self.column = line, column

    def __str__(self) -> str:
        place = f"line {self.line}" if self.line else ""
        place += f", column {self.column}" if self.line and self.column else ""
        return f"{place}: {self.args[0]}" if place else str(self.args[0])

    def __reduce__(self) -> tuple[type[DerivationError], tuple[str, str, str, int, int]]:  # type: ignore[override]
        return type(self), (self.expected, self.got, self.mend, self.line, self.column)

    def on_line(self, line: int) -> DerivationError:
        """Return it with the number of the line, unless it has one."""
        return self if self.line else self.at(line, self.column)

    def through(self, columns: Sequence[int]) -> DerivationError:
        """Return it with the column of the line that its column of the translation came from."""
        if not self.column:
            return self
        return self.at(self.line, columns[min(self.column, len(columns)) - 1] + 1)

    def at(self, line: int, column: int) -> DerivationError:
        """Return it with another place."""
        return type(self)(self.expected, self.got, self.mend, line, column)


_END: ContextVar[float | None] = ContextVar("end", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let everything inside take at most so long; `tick` says when it is over."""
    token = _END.set(time.perf_counter() + seconds)
    try:
        yield
    finally:
        _END.reset(token)


def tick() -> None:
    """Raise if the time is over: called once for every part of a formula that is evaluated.

    Raises
    ------
    DerivationError
        Without a line, which the caller may know.
    """
    end = _END.get()
    if end is not None and time.perf_counter() > end:
        raise DerivationError(f"an answer within {SECONDS:g} s", "none", "write a smaller one")
