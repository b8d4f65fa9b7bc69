"""Is this gradient right? If not: which tensor is wrong first, and by how much?

Names are imported when they are asked for: pytest imports this package for its plugin in every run,
and those who do not use it should not wait for NumPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradoracle.candidate.answer import Conventions
    from gradoracle.case import Case, Trace
    from gradoracle.checking.api import check
    from gradoracle.derivation.api import Derivation, derive
    from gradoracle.errors import GradoracleError, InputError, MissingExtra
    from gradoracle.network import Batch, Network, Parameters
    from gradoracle.testing import GradientError, cases

__all__ = [
    "Batch",
    "Case",
    "Conventions",
    "Derivation",
    "GradientError",
    "GradoracleError",
    "InputError",
    "MissingExtra",
    "Network",
    "Parameters",
    "Trace",
    "cases",
    "check",
    "derive",
]

if not TYPE_CHECKING:
    _HOMES = {
        "candidate.answer": ("Conventions",),
        "case": ("Case", "Trace"),
        "checking.api": ("check",),
        "derivation.api": ("Derivation", "derive"),
        "errors": ("GradoracleError", "InputError", "MissingExtra"),
        "network": ("Batch", "Network", "Parameters"),
        "testing": ("GradientError", "cases"),
    }

    def __getattr__(name):
        for home, names in _HOMES.items():
            if name in names:
                return getattr(import_module(f"gradoracle.{home}"), name)
        raise AttributeError(f"module 'gradoracle' has no attribute {name!r}")

    def __dir__():
        return sorted({*globals(), *__all__})
