"""What is said about a derivation: a verdict for each line, and the first wrong one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.lines import Line
from gradoracle.derivation.truth.true_values import Reading


class Verdict(StrEnum):
    """What is said about one line; the later ones outweigh the earlier ones."""

    HELPER = "helper"  # not tied to the trace: judged where a trace name uses it
    DEFINITION = "definition"  # taken as given
    RIGHT = "right"
    FED = "fed by a wrong line"  # right for true inputs
    UNDECIDED = "cannot tell"
    CANCELS = "right by two errors"  # wrong for true inputs, right for what the text computed
    ORDER = "used after its update"
    WRONG = "wrong"
    SHAPES = "shapes do not fit"
    UNDEFINED = "undefined name"

    @property
    def is_wrong(self) -> bool:
        """Whether this line itself is in error."""
        return self in WRONG

    @property
    def is_judged(self) -> bool:
        """Whether the line was held against the truth."""
        return self not in (Verdict.HELPER, Verdict.DEFINITION)


WRONG = (
    Verdict.CANCELS,
    Verdict.ORDER,
    Verdict.WRONG,
    Verdict.SHAPES,
    Verdict.UNDEFINED,
)
ORDER = tuple(Verdict)


@dataclass(frozen=True)
class Named:
    """The known mistake that a wrong line makes.

    Attributes
    ----------
    name : str
        As in ``gradoracle mistakes``; empty if no known mistake gives these numbers.
    others : tuple of str
        Mistakes with the same numbers on this line.
    formula : str
        What the mistake computes.
    """

    name: str
    others: tuple[str, ...] = ()
    formula: str = ""


@dataclass(frozen=True)
class LineVerdict:
    """The verdict on one line.

    Attributes
    ----------
    line : Line
    key : str
        What it sets in the first network, or ``dW[l]`` in a loop.
    verdict : Verdict
    digits : int
        To how many a right line agrees, at least.
    networks : int
        On how many networks it was judged.
    rounds : tuple of str
        Where in a loop it is wrong: ``l = 2``.
    convention : str
        ``n times``, where the line gives N times the derivative of J.
    detail : str
        Why, in one sentence; empty for a right line.
    notes : tuple of str
        What else is to be said: right only because n_2 = 1.
    expected, got : str
        The worst entry of a wrong line: its index and both numbers.
    mistake : Named or None
        For the first wrong line.
    mend : str
        The right formula in the text's own notation; for wrong lines of the trace.
    rules : tuple of str
        The rules a backward line is an instance of, where asked for.
    backward : bool
        Whether it sets a derivative of J, or updates a parameter.
    tied : bool
        Whether the header says what its name means.
    """

    line: Line
    key: str
    verdict: Verdict
    digits: int = 0
    networks: int = 0
    rounds: tuple[str, ...] = ()
    convention: str = ""
    detail: str = ""
    notes: tuple[str, ...] = ()
    expected: str = ""
    got: str = ""
    mistake: Named | None = None
    mend: str = ""
    rules: tuple[str, ...] = ()
    backward: bool = False
    tied: bool = False


@dataclass(frozen=True)
class Checked:
    """A checked derivation.

    Attributes
    ----------
    name : str
        Of the file.
    header : Header
    reading : Reading
        How what the text leaves open was taken.
    lines : tuple of LineVerdict
    networks : tuple of str
        Those on which it was checked.
    notes : tuple of str
        About the whole text.
    seconds : float
    """

    name: str
    header: Header
    reading: Reading
    lines: tuple[LineVerdict, ...]
    networks: tuple[str, ...]
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def wrong(self) -> tuple[LineVerdict, ...]:
        """The lines that are in error themselves."""
        return tuple(line for line in self.lines if line.verdict.is_wrong)

    @property
    def first(self) -> LineVerdict | None:
        """The first wrong line."""
        return next(iter(self.wrong), None)

    @property
    def judged(self) -> int:
        """How many lines were held against the truth."""
        return sum(line.verdict.is_judged for line in self.lines)

    @property
    def right(self) -> int:
        """How many of those are right."""
        return sum(line.verdict is Verdict.RIGHT for line in self.lines)

    @property
    def vacuous(self) -> bool:
        """Whether names of the text's own were left untested, and no derivative was judged."""
        untested = any(line.verdict is Verdict.UNDECIDED for line in self.lines)
        return untested and not any(line.backward for line in self.lines)

    @property
    def ok(self) -> bool:
        """Whether lines were judged, and all of them are right."""
        return 0 < self.judged == self.right
