"""What a candidate says of itself, and what it answers to one case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from gradoracle.arrays import DTYPES, Array, shown
from gradoracle.case import Case
from gradoracle.errors import InputError
from gradoracle.rounding.formats import FORMATS, Format

CRASHES = ("raised", "exited", "signal", "timeout", "memory", "protocol")


@dataclass(frozen=True)
class Conventions:
    """Where a candidate departs from the contract, declared in one place and printed in reports.

    Attributes
    ----------
    per_example : bool
        Whether its dA, dZ and dX are derivatives per example, N times the plain ones. They are
        recognised without being declared; declared, they are judged as nothing else.
    kink : {"contract", "any"}
        Whether the derivative at an exact kink may be any between the one-sided ones.
    layout : {"columns", "rows"}
        How it lays out what it returns: one example a column, or as `gradoracle.layout` says.
    arithmetic : str or None
        A name of `gradoracle.rounding.FORMATS` when it rounds otherwise than the dtype of the case
        says: ``tf32`` or ``bfloat16`` factors with sums in float32, or ``bfloat16_results``.
    """

    per_example: bool = False
    kink: Literal["contract", "any"] = "contract"
    layout: Literal["columns", "rows"] = "columns"
    arithmetic: str | None = None

    def __post_init__(self) -> None:
        allowed: dict[str, tuple[object, ...]] = {
            "per_example": (True, False),
            "kink": ("contract", "any"),
            "layout": ("columns", "rows"),
            "arithmetic": (None, *FORMATS),
        }
        for name, values in allowed.items():
            value = getattr(self, name)
            if not any(value is v or (isinstance(value, str) and value == v) for v in values):
                words = ", ".join(map(str, values))
                raise InputError(f"{name} out of {words}", shown(value), "check the spelling")

    def form(self, dtype: str) -> Format | None:
        """Return the arithmetic of a case in a dtype; a float64 case is judged as float64."""
        narrow = self.arithmetic is not None and dtype == "float32"
        return FORMATS[self.arithmetic] if narrow and self.arithmetic else None

    def __str__(self) -> str:
        said = ["dA, dZ, dX per example" if self.per_example else "plain derivatives"]
        said += [f"examples in {self.layout}"]
        said += ["any derivative at a kink"] if self.kink == "any" else []
        said += [f"{self.arithmetic} arithmetic"] if self.arithmetic else []
        return ", ".join(said)


@dataclass(frozen=True)
class About:
    """What a candidate says of itself.

    Attributes
    ----------
    name : str
    language, release : str
        Empty where it does not say.
    dtypes : tuple of str
    conventions : Conventions
    cases : tuple of Case or None
        The cases that a model object brings with it; None for a candidate that takes any.
    notes : tuple of str
        What the report should say besides, e.g. how a model object was read.
    """

    name: str
    language: str = ""
    release: str = ""
    dtypes: tuple[str, ...] = tuple(DTYPES)
    conventions: Conventions = field(default_factory=Conventions)
    cases: tuple[Case, ...] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Complaint:
    """What is wrong with the way an answer was given, whatever its numbers.

    Attributes
    ----------
    finding : str
        ``mutates inputs``, ``aliases inputs`` or ``not deterministic``.
    tensor : str
        Which array; empty where it is none.
    detail : str
        One line.
    """

    finding: str
    tensor: str
    detail: str


@dataclass(frozen=True, eq=False)
class Returned:
    """It ran: the arrays as it named and shaped them; the judge looks at both."""

    trace: Mapping[str, Array]
    complaints: tuple[Complaint, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True)
class Skipped:
    """It cannot do this case, and says why."""

    reason: str


@dataclass(frozen=True)
class Crashed:
    """It did not answer.

    Attributes
    ----------
    kind : str
        One of `CRASHES`.
    reason : str
        One line: the exception, the signal, what was wrong with the line.
    context : str
        Several lines: a traceback, or the end of standard error.
    error : BaseException or None
        What was raised in this process.
    """

    kind: str
    reason: str
    context: str = ""
    error: BaseException | None = field(default=None, repr=False, compare=False)


Answer = Returned | Skipped | Crashed


class Session(Protocol):
    """A candidate that was started; it outlives its crashes."""

    @property
    def about(self) -> About:
        """What it says of itself."""
        ...

    @property
    def repeats(self) -> bool:
        """Whether it compares a second run of a case itself."""
        ...

    def run(self, case: Case) -> Answer:
        """Run it on one case; whatever it does, an answer comes back."""
        ...

    def close(self) -> None:
        """End it, and every process it has started."""
        ...
