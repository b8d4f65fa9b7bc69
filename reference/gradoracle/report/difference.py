"""Two reports side by side: what got worse, what got better, what is new or gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gradoracle.checking.report import Report
from gradoracle.checking.result import Outcome, Result
from gradoracle.report.safe import line

# from good to bad; whatever lies between passed and failed tells less than passed
ORDER = (
    Outcome.PASSED,
    Outcome.CANNOT_TELL,
    Outcome.KNOWN,
    Outcome.SKIPPED,
    Outcome.BLOCKED,
    Outcome.CRASHED,
    Outcome.FAILED,
)


@dataclass(frozen=True)
class Change:
    """One case in one dtype that ended otherwise.

    Attributes
    ----------
    case, dtype : str
    before, after : str
        How it ended, with what was wrong; ``not there`` where a report has no such result.
    worse : bool
        Whether it is a regression: it says less than before, or says that something is wrong.
    """

    case: str
    dtype: str
    before: str
    after: str
    worse: bool

    def __str__(self) -> str:
        sign = "worse " if self.worse else "better"
        return f"{sign}  {self.case}  {self.dtype}: {self.before} -> {self.after}"


def differences(before: Report, after: Report) -> list[Change]:
    """Return what changed, regressions first, in the order of the later report.

    A result that fails in another tensor, or with another finding, than it did is a regression.
    """
    old = {(r.case, r.dtype): r for r in before.results}
    new = {(r.case, r.dtype): r for r in after.results}
    keys = [*new, *(key for key in old if key not in new)]
    changes = [_change(key, old.get(key), new.get(key)) for key in keys]
    found = [change for change in changes if change is not None]
    return sorted(found, key=lambda change: not change.worse)


def circumstances(before: Report, after: Report) -> Iterator[str]:
    """Yield what else is different, and may be the reason: corpus, candidate, dtypes, versions."""
    one, two = before.header, after.header
    for what, a, b in (
        ("candidate", one.about.name, two.about.name),
        ("candidate's release", one.about.release, two.about.release),
        ("conventions", str(one.about.conventions), str(two.about.conventions)),
        ("corpus", f"{one.corpus} {one.sha256[:12]}", f"{two.corpus} {two.sha256[:12]}"),
        ("dtypes", " ".join(one.dtypes), " ".join(two.dtypes)),
        ("gradoracle", one.gradoracle, two.gradoracle),
        ("platform", one.platform, two.platform),
    ):
        if a != b:
            yield line(f"{what}: {a or 'not said'} -> {b or 'not said'}")
    for name, report in (("first", before), ("second", after)):
        if report.footer is None or not report.footer.complete:
            yield f"the {name} report is of a run that was cut short"
        elif report.header.partial:
            yield f"the {name} report is of a partial run"


def _change(key: tuple[str, str], old: Result | None, new: Result | None) -> Change | None:
    before, after = _ended(old), _ended(new)
    if before == after:
        return None
    if old is None or new is None:
        # a new case that fails is as bad as an old one that is gone
        worse = new is None or new.outcome in (Outcome.FAILED, Outcome.CRASHED)
    else:
        rank = ORDER.index(new.outcome) - ORDER.index(old.outcome)
        worse = rank > 0 or (rank == 0 and new.outcome in (Outcome.FAILED, Outcome.CRASHED))
    return Change(*key, before, after, worse)


def _ended(result: Result | None) -> str:
    """Return how a result ended and what was wrong first: two that read alike are alike."""
    if result is None:
        return "not there"
    finding = next(result.findings(), None)
    wrong = f" ({finding.tensor} {finding.finding})".replace("( ", "(") if finding else ""
    return line(f"{result.outcome}{wrong}")
