"""The cases of the corpus as they are drawn, family by family, in the order of the corpus."""

from __future__ import annotations

from gradoracle.case import LEVELS, Case
from gradoracle.corpus.drawn.activations import activations
from gradoracle.corpus.drawn.batches import batches
from gradoracle.corpus.drawn.digits import digits
from gradoracle.corpus.drawn.kinks import kinks
from gradoracle.corpus.drawn.networks import networks
from gradoracle.corpus.drawn.objectives import objectives
from gradoracle.corpus.drawn.saturation import saturation
from gradoracle.corpus.drawn.scales import scales
from gradoracle.corpus.drawn.shapes import shapes

FAMILIES = (
    networks,
    activations,
    objectives,
    shapes,
    batches,
    digits,
    kinks,
    saturation,
    scales,
)


def drawn() -> list[Case]:
    """Return every case, ids unique: the levels in their order, in each the families in theirs."""
    cases = [case for family in FAMILIES for case in family()]
    return sorted(cases, key=lambda case: LEVELS.index(case.level))
