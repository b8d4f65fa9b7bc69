"""Mistakes of the family: transposes, order and layers."""

from __future__ import annotations

from gradoracle.mistakes.mistake import Mistake

FAMILY = "transposes, order and layers"

MISTAKES: tuple[Mistake, ...] = ()
