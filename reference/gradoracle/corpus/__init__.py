"""The corpus: frozen cases with their truth, as files that any language can read.

Loading needs NumPy alone. Freezing (`gradoracle.corpus.freeze`) and re-deriving
(`gradoracle.corpus.rederive`) prove truths, and import what that takes.
"""

from __future__ import annotations

from gradoracle.corpus.frozen import Frozen, FrozenTruth
from gradoracle.corpus.library import Library, find, load, packaged, truth_of

__all__ = ["Frozen", "FrozenTruth", "Library", "find", "load", "packaged", "truth_of"]
