"""What explains a wrong trace: a known mistake, two of them, or the facts that are certain."""

from __future__ import annotations

from gradoracle.diagnosis.diagnose import diagnose
from gradoracle.diagnosis.diagnosis import Diagnosis, Partial, described

__all__ = ["Diagnosis", "Partial", "described", "diagnose"]
