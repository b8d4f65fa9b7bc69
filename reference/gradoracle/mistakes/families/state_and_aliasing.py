"""Mistakes of the family: state and aliasing."""

from __future__ import annotations

from gradoracle.mistakes.mistake import Mistake

FAMILY = "state and aliasing"

MISTAKES: tuple[Mistake, ...] = ()
