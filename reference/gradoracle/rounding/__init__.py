"""What rounding may do to a number: a proven bound, and a predicted standard deviation."""

from __future__ import annotations

from gradoracle.rounding.bound import Bound
from gradoracle.rounding.formats import FORMATS, Format
from gradoracle.rounding.quantity import SIGMAS, Model, Quantity
from gradoracle.rounding.sampled import Sampled
from gradoracle.rounding.sigma import Sigma

__all__ = ["FORMATS", "SIGMAS", "Bound", "Format", "Model", "Quantity", "Sampled", "Sigma"]
