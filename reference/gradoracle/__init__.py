"""Is this gradient right? If not: which tensor is wrong first, and by how much?"""

from __future__ import annotations

from gradoracle.case import Case, Trace
from gradoracle.errors import GradoracleError, InputError, MissingExtra
from gradoracle.network import Batch, Network, Parameters

__all__ = [
    "Batch",
    "Case",
    "GradoracleError",
    "InputError",
    "MissingExtra",
    "Network",
    "Parameters",
    "Trace",
]
