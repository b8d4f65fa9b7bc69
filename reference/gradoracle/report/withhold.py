"""A report without the solution: what a teacher may hand back (``--no-mend``).

It says what is wrong, where, and how badly. It does not say the right number, nor what to write
instead.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace

from gradoracle.checking.report import Report
from gradoracle.checking.result import Result
from gradoracle.verdict import TensorVerdict, Verdict


def withheld(report: Report) -> Report:
    """Return the report without expected numbers, hints and mends."""
    return replace(report, results=[withheld_result(result) for result in report.results])


def withheld_result(result: Result) -> Result:
    """Return one result without expected numbers, hints and mends."""
    complaints = tuple(replace(c, detail=c.detail.split(";")[0]) for c in result.complaints)
    verdict = result.verdict
    if verdict is not None:
        verdict = replace(verdict, tensors=tuple(map(_without_answer, verdict.tensors)))
    return replace(result, verdict=verdict, complaints=complaints, diagnosis=None)


def _without_answer(tensor: TensorVerdict) -> TensorVerdict:
    """Return a verdict without the right number, and without what it follows from with ``got``."""
    reason = tensor.reason
    if tensor.judged and tensor.verdict is Verdict.FAIL:
        reason = re.sub(r"expected \S+ (?=got)", "", reason)
    elif tensor.judged:  # "rounding may be as large as the largest entry, 0.25"
        reason = re.sub(r", \S+$", "", reason)
    elif tensor.verdict is Verdict.FAIL:  # "expected shape (4, 3), got (3, 4): transposed, or ..."
        reason = reason.split(": ")[0]
    return replace(tensor, expected=math.nan, error=math.nan, reason=reason)
