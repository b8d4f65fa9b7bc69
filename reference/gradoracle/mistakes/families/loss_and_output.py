"""Mistakes of the family: loss and output layer."""

from __future__ import annotations

from gradoracle.mistakes.mistake import Mistake

FAMILY = "loss and output layer"

MISTAKES: tuple[Mistake, ...] = ()
