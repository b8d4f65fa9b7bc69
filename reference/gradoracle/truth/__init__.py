"""Proven truth: every array of a trace in ball arithmetic, and the routes that check it."""

from __future__ import annotations

from gradoracle.truth.balls import UndecidedError
from gradoracle.truth.directional import Directions, check_directions
from gradoracle.truth.reverse import Truth, truth
from gradoracle.truth.second_route import Certificate, certify

__all__ = [
    "Certificate",
    "Directions",
    "Truth",
    "UndecidedError",
    "certify",
    "check_directions",
    "truth",
]
