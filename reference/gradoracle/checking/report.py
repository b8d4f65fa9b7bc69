"""A report: header, one result a case and dtype, footer; everything else is drawn from it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from gradoracle.candidate.answer import About
from gradoracle.checking.result import Finding, Outcome, Result
from gradoracle.status import Status


@dataclass(frozen=True)
class Header:
    """What was asked for, written before the first case runs.

    Attributes
    ----------
    about : About
        What the candidate says of itself.
    target : str
        As the user typed it.
    dtypes : tuple of str
    expected : int
        How many results there must be.
    cases, of : int
        How many cases were chosen, and out of how many there are.
    corpus, sha256 : str
        Version of the corpus and SHA-256 of its manifest; empty for a model's own cases.
    gradoracle, platform : str
        This package's version; Python, NumPy and machine in one line.
    started : str
        ISO 8601, UTC.
    partial : bool
        Whether cases were left out by an option (level, pattern, dtype).
    """

    about: About
    target: str
    dtypes: tuple[str, ...]
    expected: int
    cases: int
    of: int
    corpus: str
    sha256: str
    gradoracle: str
    platform: str
    started: str
    partial: bool = False


@dataclass(frozen=True)
class Footer:
    """How the run ended; a report without it was cut short.

    Attributes
    ----------
    complete : bool
        Whether every expected result is there.
    reason : str
        Why not: ``interrupted``, ``time limit``; empty if it is.
    seconds : float
        Wall time in all.
    stale : tuple of str
        Entries of the list of known failures that did not come true, one line each.
    """

    complete: bool
    reason: str
    seconds: float
    stale: tuple[str, ...] = ()


@dataclass
class Report:
    """Everything one check found.

    Attributes
    ----------
    header : Header
    results : list of Result
    footer : Footer or None
        None while it runs.
    strict : bool
        Whether `cannot tell` counts as wrong.
    """

    header: Header
    results: list[Result] = field(default_factory=list)
    footer: Footer | None = None
    strict: bool = False

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many results ended each way, zeros included."""
        found = Counter(result.outcome for result in self.results)
        return {outcome: found[outcome] for outcome in Outcome}

    @property
    def findings(self) -> list[Finding]:
        """Everything that is wrong, in the order of the run; known failures are left out."""
        shown = (r for r in self.results if r.outcome is not Outcome.KNOWN)
        return [finding for result in shown for finding in result.findings()]

    @property
    def score(self) -> float:
        """Passed over expected: skips and crashes lower it."""
        return self.counts[Outcome.PASSED] / self.header.expected if self.header.expected else 0.0

    @property
    def status(self) -> Status:
        """The first exit status that applies."""
        counts, footer = self.counts, self.footer
        if footer is None or footer.reason == "interrupted":
            return Status.INTERRUPTED
        vague = counts[Outcome.CANNOT_TELL] if self.strict else 0
        if counts[Outcome.FAILED] or footer.stale or vague:
            return Status.WRONG
        if counts[Outcome.CRASHED]:
            return Status.CRASHED
        if not footer.complete or not counts[Outcome.PASSED]:
            return Status.NOTHING
        return Status.OK

    @property
    def ok(self) -> bool:
        """Whether the exit status would be 0."""
        return self.status is Status.OK

    def __str__(self) -> str:
        from gradoracle.report.check import plain  # rich is asked for here only

        return plain(self)
