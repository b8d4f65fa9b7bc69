"""What came of one case in one dtype, and the findings in it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from gradoracle.candidate.answer import Complaint
from gradoracle.diagnosis.diagnosis import Diagnosis
from gradoracle.verdict import CaseVerdict, TensorVerdict, Verdict


class Outcome(StrEnum):
    """How a case ended."""

    PASSED = "passed"
    FAILED = "failed"
    CANNOT_TELL = "cannot tell"
    SKIPPED = "skipped"
    CRASHED = "crashed"
    BLOCKED = "blocked"  # a case that it needs failed or crashed in this run
    KNOWN = "known"  # fails as the list of known failures says


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, as data.

    Attributes
    ----------
    case, dtype : str
    tensor : str
        Its name in the trace; empty where it is no array's.
    finding : str
        ``proven``, ``statistical``, ``shape``, ``dtype``, ``not finite``, ``not an array``,
        ``missing``, ``unknown name``, ``mutates inputs``, ``aliases inputs``,
        ``not deterministic`` or ``crashed: `` and one of `candidate.answer.CRASHES`.
    detail : str
        One line for people.
    diagnosis : str
        The known mistake that explains it; empty if none does.
    """

    case: str
    dtype: str
    tensor: str
    finding: str
    detail: str
    diagnosis: str = ""


@dataclass(frozen=True)
class Result:
    """One case in one dtype.

    Attributes
    ----------
    case, dtype, level : str
    outcome : Outcome
    reason : str
        One line: why it was skipped, blocked, or how it crashed; the reason of a known failure.
    crash : str
        One of `candidate.answer.CRASHES`; empty if it did not crash.
    context : str
        Several lines of a crash: a traceback, the end of standard error.
    verdict : CaseVerdict or None
        What the judge says; None if there was nothing to judge.
    complaints : tuple of Complaint
        What is wrong besides the numbers.
    missing : tuple of str
        J, dW or db that were not returned.
    kind : str
        ``wrong formula`` or ``unstable evaluation``, where both dtypes were run; else empty.
    seconds : float
        Of the candidate.
    reproduce : str
        The command that runs this case alone.
    diagnosis : Diagnosis or None
        What explains the wrong numbers; None where there are none, or no time was left.
    """

    case: str
    dtype: str
    level: str
    outcome: Outcome
    reason: str = ""
    crash: str = ""
    context: str = ""
    verdict: CaseVerdict | None = None
    complaints: tuple[Complaint, ...] = ()
    missing: tuple[str, ...] = ()
    kind: str = ""
    seconds: float = 0.0
    reproduce: str = ""
    diagnosis: Diagnosis | None = None

    @property
    def tensors(self) -> tuple[TensorVerdict, ...]:
        """What the judge says of each array that was returned, in the order of computation."""
        return () if self.verdict is None else self.verdict.tensors

    @property
    def first_wrong(self) -> TensorVerdict | None:
        """The first failing tensor in the order of computation."""
        return None if self.verdict is None else self.verdict.first_wrong

    @property
    def before(self) -> str:
        """The last tensor before the first wrong one, returned and right; empty if none."""
        first = self.first_wrong
        names = [t.name for t in self.tensors]
        return names[names.index(first.name) - 1] if first and first.name != names[0] else ""

    @property
    def also_wrong(self) -> tuple[str, ...]:
        """The other failing tensors, in the order of computation."""
        return tuple(t.name for t in self.tensors if t.verdict is Verdict.FAIL)[1:]

    def findings(self) -> Iterator[Finding]:
        """Yield everything that is wrong, the first wrong tensor first."""
        for tensor in self.tensors:
            if tensor.verdict is Verdict.FAIL:
                yield self._finding(tensor.name, _kind_of(tensor), tensor.reason)
        for name in self.missing:
            yield self._finding(name, "missing", f"{name} was not returned")
        for complaint in self.complaints:
            yield self._finding(complaint.tensor, complaint.finding, complaint.detail)
        if self.crash:
            yield self._finding("", f"crashed: {self.crash}", self.reason)

    def _finding(self, tensor: str, finding: str, detail: str) -> Finding:
        wrong = {t.name for t in self.tensors if t.verdict is Verdict.FAIL}
        named = self.diagnosis.name if self.diagnosis is not None and tensor in wrong else ""
        return Finding(self.case, self.dtype, tensor, finding, detail, named)


def _kind_of(tensor: TensorVerdict) -> str:
    """Return the name of a failure of one array."""
    if tensor.judged:
        if not math.isfinite(tensor.got):
            return "not finite"
        return "proven" if tensor.proven else "statistical"
    reason = tensor.reason
    if "shape" in reason:
        return "shape"
    return "not an array" if "expected an array" in reason else "dtype"
