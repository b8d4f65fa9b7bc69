"""Mistakes of the family: softmax."""

from __future__ import annotations

from gradoracle.mistakes.mistake import Mistake

FAMILY = "softmax"

MISTAKES: tuple[Mistake, ...] = ()
