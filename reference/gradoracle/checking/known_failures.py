"""What is known to fail, entry by entry; one that does not come true fails the run.

A line has ``case  dtype  tensor  finding  reason  link``, separated by tabs; the link may be left
out. ``case`` may be a pattern that covers at most 20 cases, ``dtype`` may be ``*``. ``tensor`` is
the first wrong one, with what is wrong there, or the name of the known mistake that explains it:
what is wrong after it follows from it, and is not listed. What is wrong besides the numbers (a
missing array, an input that was written to) has lines of its own; a crash has ``-`` for the tensor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from gradoracle import corpus
from gradoracle.arrays import DTYPES
from gradoracle.checking.report import Report
from gradoracle.checking.result import Finding, Outcome, Result
from gradoracle.errors import InputError

COLUMNS = ("case", "dtype", "tensor", "finding", "reason", "link")
MOST = 20  # cases that one pattern may cover: more is no list of known failures
NO_TENSOR = "-"


@dataclass(frozen=True)
class Entry:
    """One line of the list; see the module for what the columns hold."""

    case: str
    dtype: str
    tensor: str
    finding: str
    reason: str
    link: str = ""

    def covers(self, result: Result) -> bool:
        """Whether it speaks of this case in this dtype."""
        return fnmatchcase(result.case, self.case) and self.dtype in ("*", result.dtype)

    def explains(self, finding: Finding) -> bool:
        """Whether it says that this is wrong."""
        tensor = finding.tensor or NO_TENSOR
        named = self.finding in (finding.finding, finding.diagnosis)
        return self.tensor in ("*", tensor) and named

    def __str__(self) -> str:
        return " ".join((self.case, self.dtype, self.tensor, self.finding))


@dataclass(frozen=True)
class KnownFailures:
    """The list.

    Attributes
    ----------
    entries : tuple of Entry
    heading : tuple of str
        Comments before the first entry, which a rewritten list keeps.
    """

    entries: tuple[Entry, ...] = ()
    heading: tuple[str, ...] = ()

    def applied(self, report: Report) -> Report:
        """Return the report with known failures marked; entries that did not come true are stale.

        On a partial run an entry may speak of a case that was not run.
        """
        results = [self._marked(result) for result in report.results]
        marked = replace(report, results=results)
        if report.footer is not None:
            stale = tuple(self._stale(report))
            marked = replace(marked, footer=replace(report.footer, stale=stale))
        return marked

    def updated(self, report: Report, reason: str) -> str:
        """Return the text of a list under which this report would have nothing unknown.

        Entries that came true stay, with their reasons; new ones get ``reason``.

        Raises
        ------
        InputError
            If the run left cases out, was cut short, or there is no reason.
        """
        if report.header.partial or report.footer is None or not report.footer.complete:
            raise InputError(
                "a complete run to rewrite the list of known failures",
                "a partial one",
                "leave out --case, --level and --dtype",
            )
        check_reason(reason)
        kept = [entry for entry in self.entries if not self._why_stale(entry, report)]
        still = KnownFailures(tuple(kept)).applied(report)
        new = [
            Entry(
                result.case,
                result.dtype,
                finding.tensor or NO_TENSOR,
                finding.diagnosis or finding.finding,
                reason,
            )
            for result in still.results
            if result.outcome in (Outcome.FAILED, Outcome.CRASHED)
            for finding in _told(result)
        ]
        lines = ["\t".join(COLUMNS)]
        lines += ["\t".join(_cells(entry)) for entry in [*kept, *_joined(new)]]
        return "\n".join([*self.heading, *lines]) + "\n"

    def _marked(self, result: Result) -> Result:
        if result.outcome not in (Outcome.FAILED, Outcome.CRASHED):
            return result
        speaking = [entry for entry in self.entries if entry.covers(result)]
        reasons = []
        for finding in _told(result):
            entry = next((entry for entry in speaking if entry.explains(finding)), None)
            if entry is None:
                return result
            reasons.append(f"{entry.reason} {entry.link}".strip())
        return replace(result, outcome=Outcome.KNOWN, reason="; ".join(dict.fromkeys(reasons)))

    def _stale(self, report: Report) -> Iterator[str]:
        for entry in self.entries:
            why = self._why_stale(entry, report)
            if why:
                yield f"{entry}: {why}"

    def _why_stale(self, entry: Entry, report: Report) -> str:
        """Say how an entry did not come true; empty if it did, or could not in a partial run."""
        covered = [result for result in report.results if entry.covers(result)]
        if not covered:
            elsewhere = report.header.partial and bool(_cases_like(entry.case))
            return "" if elsewhere else "matches nothing"
        for result in covered:
            where = f"{result.case} {result.dtype}"
            if result.outcome in (Outcome.FAILED, Outcome.CRASHED, Outcome.KNOWN):
                told = list(_told(result))
                if not any(entry.explains(finding) for finding in told):
                    return f"{where} fails otherwise: {told[0].tensor} {told[0].finding}"
            else:
                return f"{where} is {result.outcome}"
        return ""


def read_known(path: Path, *, new: bool = False) -> KnownFailures:
    """Read a list.

    Parameters
    ----------
    path : Path
    new : bool
        Whether a file that is not there is an empty list.

    Raises
    ------
    InputError
        Naming file and line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        if new and isinstance(error, FileNotFoundError):
            return KnownFailures()
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise InputError(
            "a list of known failures", f"{path}: {why}", "--update-known-failures makes one"
        ) from None
    heading: list[str] = []
    entries: list[Entry] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            heading += [] if entries else [line]
        elif line.split("\t")[0] != COLUMNS[0]:
            entries.append(_entry(line, f"{path} line {number}"))
            if entries[-1] in entries[:-1]:
                raise InputError("every entry once", f"{path} line {number} again", "delete it")
    return KnownFailures(tuple(entries), tuple(heading))


def _entry(line: str, where: str) -> Entry:
    cells = [cell.strip() for cell in line.split("\t")]
    if len(cells) not in (5, 6) or not all(cells[:5]):
        raise InputError(
            "case, dtype, tensor, finding, reason and perhaps a link, with tabs between",
            f"{where}: {len([cell for cell in cells if cell])} of them",
            "the reason is mandatory; - stands for no tensor",
        )
    entry = Entry(*cells)
    if entry.dtype not in ("*", *DTYPES):
        raise InputError("float64, float32 or *", f"{where}: {entry.dtype!r}", "check it")
    covered = _cases_like(entry.case)
    if len(covered) > MOST:
        raise InputError(
            f"a pattern that covers at most {MOST} cases",
            f"{where}: {entry.case} covers {len(covered)}",
            "a narrower one",
        )
    return entry


def _told(result: Result) -> Iterator[Finding]:
    """Yield the findings that must be listed: of wrong tensors the first alone."""
    judged = ("proven", "statistical", "shape", "dtype", "not finite", "not an array")
    for finding in result.findings():
        if finding.tensor not in result.also_wrong or finding.finding not in judged:
            yield finding


def _cases_like(pattern: str) -> list[str]:
    return [row.id for row in corpus.packaged().rows if fnmatchcase(row.id, pattern)]


def _joined(entries: Sequence[Entry]) -> list[Entry]:
    """Return one entry for two that differ in the dtype alone."""
    joined: dict[Entry, list[str]] = {}
    for entry in entries:
        joined.setdefault(replace(entry, dtype="*"), []).append(entry.dtype)
    return [
        replace(entry, dtype="*" if len(dtypes) == len(DTYPES) else dtypes[0])
        for entry, dtypes in joined.items()
    ]


def _cells(entry: Entry) -> list[str]:
    cells = [entry.case, entry.dtype, entry.tensor, entry.finding, entry.reason]
    return [*cells, entry.link] if entry.link else cells


def check_reason(reason: str) -> None:
    """Refuse a reason that is none, or would break the line it stands in.

    Raises
    ------
    InputError
    """
    if not reason.strip() or any(mark in reason for mark in "\t\n\r"):
        raise InputError("a reason in one line, without tabs", repr(reason), "say why it fails")
