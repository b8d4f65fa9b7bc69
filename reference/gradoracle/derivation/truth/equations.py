"""Equations for every layer, in the order in which their names need each other.

``dW^l = dZ^l (A^{l-1})^T`` may stand above the line that gives dZ^l, and that of dZ^l may need dA^l
of the same layer, which needs dZ^{l+1}: no loop over either runs through. An update has its place:
what reads a parameter below it is below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from gradoracle.derivation.limits import tick

if TYPE_CHECKING:
    from gradoracle.derivation.truth.steps import Step

MOST = 300  # lines with every layer of theirs; more are left in the order of the text

About = tuple[str, set[str], bool]
Unit = Sequence["Step"]  # all sides of one line, in one layer


def in_order(steps: Sequence[Step]) -> list[Step]:
    """Return steps, each after what it reads; where they need each other, as they stand."""
    left: list[Unit] = [list(unit) for _, unit in groupby(steps, key=_of)]
    if len(left) > MOST:
        return list(steps)
    found: list[Step] = []
    about = [_about(unit) for unit in left]
    while left:
        tick()
        ready = next((at for at in range(len(left)) if not _waits(about, at)), 0)
        about.pop(ready)
        found += left.pop(ready)
    return found


def _of(step: Step) -> tuple[int, str]:
    return step.line.number, step.key


def _waits(about: Sequence[About], at: int) -> bool:
    """Whether a line reads what another one is to set, or updates what another one is to read."""
    key, uses, updates = about[at]
    for before, (its_key, its_uses, it_updates) in enumerate(about):
        reads, is_read = its_key in uses, key in its_uses
        if its_key == key or (it_updates and reads) or (updates and is_read):
            if before < at:  # what is added up, and an update, is so where it stands in the text
                return True
        elif reads:
            return True
    return False


def _about(unit: Unit) -> About:
    """Return what a line sets, what it reads, and whether it updates what has a layer."""
    key, uses = unit[0].key, {name for step in unit for name in step.uses}
    return key, uses, key in uses and unit[0].line.target.index is not None
