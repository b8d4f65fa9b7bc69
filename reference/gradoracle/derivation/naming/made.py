"""A place where a line is wrong by a mistake, and whether a formula gives what the line gives."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from gradoracle.derivation.judging.agreement import compare
from gradoracle.derivation.judging.places import Place
from gradoracle.derivation.naming.slips import At, array_of, own_step
from gradoracle.derivation.reading.syntax import Node
from gradoracle.derivation.truth.matrices import ARITHMETIC, scalar


@dataclass(frozen=True, eq=False)
class Made:
    """A place where a line is wrong by a mistake.

    Attributes
    ----------
    place : Place
    layer : int
        As in `Mistake.replacements`.
    steps : tuple of (str, int)
        The steps that are wrong by it.
    times : Fraction
        The line is so many times what it gives.
    """

    place: Place
    layer: int
    steps: tuple[At, ...]
    times: Fraction = Fraction(1)

    def layers(self, kind: str) -> list[int]:
        """Return the layers at which arrays of a kind are wrong by it."""
        return [layer for name, layer in map(array_of, self.steps) if name == kind]

    @property
    def own(self) -> At:
        """The kind and the layer of the array that the line sets."""
        return array_of(own_step(self.place.name, self.place.given.setting.L))


def same(formula: Node, one: Made) -> bool:
    """Whether a formula gives what the line gives at one place, or both do not fit."""
    value, line, true = one.place.value(formula), one.place.outcome.value, one.place.expected
    if value is None or line is None or true is None:
        return line is None and (value is None or true is None or value.shape != true.shape)
    if value.size != line.size:
        return False
    value = ARITHMETIC["*"](value, scalar(one.times))
    return compare(value.reshape(line.shape), line).same is not False  # None: both are nothing
