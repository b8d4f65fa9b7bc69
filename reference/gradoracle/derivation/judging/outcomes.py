"""What becomes of one step on one network, and of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gradoracle.derivation.judging.agreement import compare
from gradoracle.derivation.truth.matrices import Matrix
from gradoracle.derivation.truth.networks import ONES, Given
from gradoracle.derivation.truth.steps import Step
from gradoracle.derivation.truth.true_values import Truth
from gradoracle.derivation.truth.updates import Update
from gradoracle.derivation.verdicts import Verdict


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of one step on one network.

    Attributes
    ----------
    step : Step
    verdict : Verdict
    right_alone : bool
        Whether it is right for true inputs.
    digits : int
    detail : str
    spread : tuple of str
        Operands that were spread in an unusual way.
    value, truth : Matrix or None
        Of a wrong line: what it gives for true inputs, and what it should.
    worst : tuple of int
        The index of the worst entry.
    nothing : bool
        Whether the truth is 0 everywhere: then agreeing with it says nothing.
    finer : bool
        Whether a higher precision may decide what is not decided.
    branches : mapping of int to set of bool
        Which ways what compares went, by the `id` of its node: see `matrices.Notes`.
    update : Update or None
        Which of the ways of `truth.updates` an update takes.
    updated : frozenset of str
        The updated parameters that the helpers it reads were made of.
    """

    step: Step
    verdict: Verdict
    right_alone: bool = False
    digits: int = 0
    detail: str = ""
    spread: tuple[str, ...] = ()
    value: Matrix | None = None
    truth: Matrix | None = None
    worst: tuple[int, int] = (0, 0)
    nothing: bool = False
    finer: bool = False
    branches: Mapping[int, set[bool]] = field(default_factory=dict)
    update: Update | None = None
    updated: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class Evaluated:
    """The value of a formula, or why there is none."""

    value: Matrix | None
    spread: tuple[str, ...] = ()
    why: str = ""
    verdict: Verdict = Verdict.RIGHT
    finer: bool = False
    branches: Mapping[int, set[bool]] = field(default_factory=dict)

    def agrees(self, right: Matrix | None) -> bool:
        """Whether it is the right one."""
        if self.value is None or right is None or self.value.shape != right.shape:
            return False
        return bool(compare(self.value, right).same)


@dataclass(frozen=True, eq=False)
class Judged:
    """One network with the outcome of every step."""

    given: Given
    truth: Truth
    outcomes: list[Outcome]


def counts(one: Judged) -> bool:
    """Whether a verdict rests on a network: not on that where ones are two."""
    return one.given.setting.kind != ONES
