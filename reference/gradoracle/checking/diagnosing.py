"""A budget of seconds, spent on naming what is wrong with the failures of one run."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from gradoracle.arrays import Array
from gradoracle.candidate.answer import Crashed, Returned, Session
from gradoracle.case import Case, trace_shapes
from gradoracle.checking.result import Result
from gradoracle.layout import columns
from gradoracle.reference import Known, Reference

BUDGET = 10.0  # seconds for a whole run, unless somebody asks for another
A_CASE = 5.0  # of them at most for one failure


@dataclass
class Diagnosing:
    """Diagnoses failures until the budget is spent; later ones are told without a name.

    Attributes
    ----------
    session : Session
        The candidate, which is run again on a second case to confirm a name.
    left : float
        Seconds.
    """

    session: Session
    left: float = BUDGET

    def diagnosed(
        self, result: Result, answer: Returned, known: Known, limits: Reference
    ) -> Result:
        """Return a failed result with its diagnosis, if numbers are wrong and there is time.

        Those of a later run, if the first was right and the second differs.
        """
        later = result.first_wrong is None
        if later and not any(c.finding == "not deterministic" for c in result.complaints):
            return result
        if self.left <= 0 or self.session.about.conventions.arithmetic:
            return result
        from gradoracle.diagnosis.diagnose import diagnose  # most runs have nothing to diagnose

        start = time.perf_counter()
        trace = self._later(limits.case) if later else self._arrays(answer, limits.case)
        if trace is None:
            return result
        budget = min(self.left, A_CASE)
        with np.errstate(all="ignore"):  # wrong numbers may be any numbers
            found = diagnose(trace, limits.case, known, limits, rerun=self._rerun, budget=budget)
        self.left -= time.perf_counter() - start
        return replace(result, diagnosis=found)

    def _later(self, case: Case) -> dict[str, Array] | None:
        answer = self.session.run(case)
        return self._arrays(answer, case) if isinstance(answer, Returned) else None

    def _rerun(self, case: Case) -> dict[str, Array] | None:
        if str(case.dtype) not in self.session.about.dtypes:
            return None
        answer = self.session.run(case)
        if isinstance(answer, Crashed):
            raise ChildProcessError(answer.reason)  # a few of these end the search
        return self._arrays(answer, case) if isinstance(answer, Returned) else None

    def _arrays(self, answer: Returned, case: Case) -> dict[str, Array]:
        names = trace_shapes(case.network, case.n)
        trace = {name: array for name, array in answer.trace.items() if name in names}
        return columns(trace) if self.session.about.conventions.layout == "rows" else trace
