"""Two mistakes in different steps of one pass, within a time budget."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

import numpy as np

from gradoracle.arrays import Array, unit_roundoff
from gradoracle.diagnosis.explaining import differs, explanation, rough
from gradoracle.diagnosis.hypotheses import Hypothesis, Space
from gradoracle.diagnosis.reading import Reading


def explaining_pairs(hypotheses: Space, reading: Reading, until: float) -> list[Hypothesis]:
    """Return the pairs that explain every entry; the search ends at the first, or in time.

    It goes on where infinities or NaN are what is explained: many a pair gives the same, and a
    second case must tell them apart.

    Both must agree with every array that is right: mistakes that undo each other are not looked
    for. Those pairs come first of which one explains the first wrong array. Mistakes with the same
    numbers on this case are tried once, and put in each other's place in what was found.
    """
    families = _families(hypotheses, reading, until)
    u = unit_roundoff(reading.case.dtype)
    first = [
        family
        for family in families
        if rough(hypotheses.predict(family[0])[0], reading, reading.first_wrong, u)
    ]
    found: list[Hypothesis] = []
    for one, other in _ordered(first, families):
        if time.perf_counter() > until:
            break
        pair = _joined(one[0], other[0], hypotheses)
        if pair is not None and explanation(hypotheses, pair, reading, until) is not None:
            members = (_joined(a, b, hypotheses) for a in one for b in other)
            found += [
                member
                for member in members
                if member is not None
                and (member == pair or explanation(hypotheses, member, reading) is not None)
            ]
            if _finite(reading.arrays):
                break
    return found


def _ordered(
    first: list[list[Hypothesis]], families: list[list[Hypothesis]]
) -> Iterator[tuple[list[Hypothesis], list[Hypothesis]]]:
    """Yield each two families once, those in which one explains the first wrong array first."""
    rest = [family for family in families if family not in first]
    ordered = first + rest
    for index, one in enumerate(ordered):
        for other in ordered[index + 1 :]:
            yield one, other


def _families(hypotheses: Space, reading: Reading, until: float) -> list[list[Hypothesis]]:
    """Return the mistakes that contradict nothing that is right, by their numbers on this case.

    An infinity or a NaN hides what a mistake does to other numbers: such a one is its own family.
    """
    u = unit_roundoff(reading.case.dtype)
    right = hypotheses.predict(Hypothesis(()))[0].arrays
    found: list[list[Hypothesis]] = []
    for hypothesis in hypotheses.by_fit(reading):
        if time.perf_counter() > until:
            break
        predictions = hypotheses.predict(hypothesis)
        if not predictions:
            continue
        plain = predictions[0]
        if not differs(right, plain.arrays, list(right), u):
            continue
        if not all(rough(plain, reading, name, u) for name in reading.right):
            continue
        for family in found if _finite(plain.arrays) else ():
            other = hypotheses.predict(family[0])[0].arrays
            if not differs(plain.arrays, other, list(right), u):
                family.append(hypothesis)
                break
        else:
            found.append([hypothesis])
    return found


def _finite(arrays: Mapping[str, Array]) -> bool:
    return all(bool(np.isfinite(array).all()) for array in arrays.values())


def _joined(one: Hypothesis, other: Hypothesis, hypotheses: Space) -> Hypothesis | None:
    """Return both at once, or None where they replace the same step."""
    case = hypotheses.case
    if set(one.replacements(case)) & set(other.replacements(case)):
        return None
    return Hypothesis((*one.parts, *other.parts))
