"""What tests share: the built-in cases, and their truth."""

from __future__ import annotations

from functools import cache

from gradoracle import corpus
from gradoracle.builtin_cases import builtin
from gradoracle.case import Case
from gradoracle.corpus import FrozenTruth
from gradoracle.implementations import Implementation, load
from gradoracle.reference import Reference, reference
from gradoracle.truth.reverse import Truth, truth

CASES = {case.id: case for case in builtin()}


def proven(case_id: str) -> FrozenTruth:
    """Return the frozen truth of a case; its inputs are exact in both dtypes."""
    return corpus.truth_of(case_id)


@cache
def proven_now(case_id: str) -> Truth:
    """Prove the truth of a case anew."""
    return truth(CASES[case_id])


@cache
def limits(case_id: str, dtype: str) -> Reference:
    """Return what rounding may do to a built-in case."""
    return reference(CASES[case_id].astype(dtype), proven(case_id))


@cache
def implementation(name: str) -> Implementation:
    """Import an implementation once."""
    return load(name)


def case_of(case_id: str, dtype: str) -> Case:
    """Return a built-in case in one dtype."""
    return CASES[case_id].astype(dtype)
