"""SciPy's finite differences: a witness that knows nothing of backpropagation."""

from __future__ import annotations

from gradoracle.finite_difference.objective import Objective
from gradoracle.finite_difference.verdict import check_grad, judge_differences

__all__ = ["Objective", "check_grad", "judge_differences"]
