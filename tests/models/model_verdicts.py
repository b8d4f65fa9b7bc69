"""The one result of a model session."""

from __future__ import annotations

from gradoracle.checking.engine import run
from gradoracle.checking.result import Result


def only_result(session) -> Result:
    (result,) = run(session, session.about.cases, session.about.dtypes)
    return result
