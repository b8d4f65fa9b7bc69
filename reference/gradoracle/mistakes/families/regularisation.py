"""Mistakes of the family: regularisation."""

from __future__ import annotations

from gradoracle.mistakes.mistake import Mistake

FAMILY = "regularisation"

MISTAKES: tuple[Mistake, ...] = ()
