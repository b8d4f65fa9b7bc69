"""Proven truth: every array of a trace in ball arithmetic."""

from __future__ import annotations

from gradoracle.truth.balls import UndecidedError
from gradoracle.truth.reverse import Truth, truth

__all__ = ["Truth", "UndecidedError", "truth"]
