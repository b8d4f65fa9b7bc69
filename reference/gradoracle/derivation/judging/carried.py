"""What a round of a repeated loop hands to the next: then its rounds are not alike.

``for i in range(3): s = s + dZ2 @ A1.T / n`` adds up, and one round of it is something else. That
parameters are handed on is what such loops are for.
"""

from __future__ import annotations

from collections.abc import Iterator

from gradoracle.derivation.judging.taken import Taken
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.reading.repeated import Repetition


def refuse_carried(taken: Taken) -> None:
    """Refuse a loop of which one round is not all.

    Raises
    ------
    DerivationError
        With the line of the loop.
    """
    for loop in taken.source.repeated:
        for key in _carried(taken, loop):
            raise DerivationError(
                "a loop over layers, or one whose rounds are alike",
                f"{key}, which each round of {loop.name} hands to the next",
                "write the rounds out",
                loop.number,
                1,
            )


def _carried(taken: Taken, loop: Repetition) -> Iterator[str]:
    """Yield what was set before a loop, and is read in it before it is set there."""
    one = taken.judged[0]
    steps = [outcome.step for outcome in one.outcomes]
    before = {step.key for step in steps if step.line.number < loop.number}
    body = [step for step in steps if loop.number < step.line.number <= loop.last]
    set_there = {step.key for step in body}
    done: set[str] = set()
    for step in body:
        for key in step.uses:
            if key in before & set_there - done - one.truth.parameters:
                yield key
        done.add(step.key)
