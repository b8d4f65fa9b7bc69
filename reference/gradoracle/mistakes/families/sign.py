"""Mistakes of the family: sign."""

from __future__ import annotations

from gradoracle.mistakes.mistake import Mistake

FAMILY = "sign"

MISTAKES: tuple[Mistake, ...] = ()
