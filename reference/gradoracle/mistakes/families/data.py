"""Mistakes of the family: data."""

from __future__ import annotations

from gradoracle.mistakes.mistake import Mistake

FAMILY = "data"

MISTAKES: tuple[Mistake, ...] = ()
