"""Mistakes of the family: scale and reduction."""

from __future__ import annotations

from gradoracle.mistakes.mistake import Mistake

FAMILY = "scale and reduction"

MISTAKES: tuple[Mistake, ...] = ()
