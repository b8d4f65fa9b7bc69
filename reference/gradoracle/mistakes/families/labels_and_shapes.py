"""Mistakes of the family: labels and shapes."""

from __future__ import annotations

from gradoracle.mistakes.mistake import Mistake

FAMILY = "labels and shapes"

MISTAKES: tuple[Mistake, ...] = ()
