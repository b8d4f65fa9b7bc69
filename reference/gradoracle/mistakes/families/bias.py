"""Mistakes of the family: bias."""

from __future__ import annotations

from gradoracle.mistakes.mistake import Mistake

FAMILY = "bias"

MISTAKES: tuple[Mistake, ...] = ()
