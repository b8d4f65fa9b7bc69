"""Mistakes of the family: numerics and dtype."""

from __future__ import annotations

from gradoracle.mistakes.mistake import Mistake

FAMILY = "numerics and dtype"

MISTAKES: tuple[Mistake, ...] = ()
