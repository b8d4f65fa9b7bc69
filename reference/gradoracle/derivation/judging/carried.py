"""What a round of a repeated loop hands to the next: then its rounds are not alike.

``for i in range(3): s = s + dZ2 @ A1.T / n`` adds up, and one round of it is something else; and
where the derivatives stand above the loop they are those of the first round alone. That parameters,
rates and velocities are handed on is what such loops are for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradoracle.derivation.judging.taken import Taken
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.reading.repeated import Repetition
from gradoracle.derivation.truth.steps import Step
from gradoracle.derivation.truth.true_values import RATES

WRITE_OUT = "write the rounds out"
MOVE = "move the lines that it is made of into the loop"


def refuse_carried(taken: Taken) -> None:
    """Refuse a loop of which one round is not all.

    Raises
    ------
    DerivationError
        With the line of the loop.
    """
    for loop in taken.source.repeated:
        for got, mend in _carried(taken, loop):
            expected = "a loop over layers, or one whose rounds are alike"
            raise DerivationError(expected, got, mend, loop.number, 1)


def _carried(taken: Taken, loop: Repetition) -> Iterator[tuple[str, str]]:
    """Yield what is wrong in a loop, and its mend."""
    one = taken.judged[0]
    steps = [outcome.step for outcome in one.outcomes]
    before = [step for step in steps if step.line.number < loop.number]
    body = [step for step in steps if loop.number < step.line.number <= loop.last]
    above, there = {step.key for step in before}, {step.key for step in body}
    handed_on = one.truth.parameters | one.truth.states | set(RATES)
    stale = _made_of(before, there & one.truth.parameters) - there
    done: set[str] = set()
    for step in body:
        for key in step.uses:
            if key in above & there - done - handed_on:
                yield f"{key}, which each round of {loop.name} hands to the next", WRITE_OUT
            if key in stale - done:
                yield f"{key}, which changes with what each round of {loop.name} updates", MOVE
        done.add(step.key)


def _made_of(before: Sequence[Step], parameters: set[str]) -> set[str]:
    """Return what lines have set that reads parameters, or what is made of them."""
    found: set[str] = set()
    for step in before:
        if set(step.uses) & (found | parameters):
            found.add(step.key)
    return found - parameters
