"""Every known mistake at every layer on every required case: is it named?"""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gradoracle import corpus, mistakes
from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.diagnosis.diagnose import diagnose
from gradoracle.diagnosis.diagnosis import Diagnosis
from gradoracle.mistakes import Mistake, Mutant
from gradoracle.mistakes.alike import Returned, declared
from gradoracle.mistakes.kills import DTYPES, Target

Name = tuple[tuple[str, int], ...]  # an explanation: (mistake, layer), or two of them


@dataclass(frozen=True)
class Way:
    """How a candidate is asked, and what it returns."""

    dtype: str
    returned: Returned

    def __str__(self) -> str:
        return f"{self.dtype}, {self.returned}"

    def of(self, trace: Mapping[str, Array]) -> dict[str, Array]:
        """Return what is left of a full trace."""
        full = self.returned == "everything"
        return {n: a for n, a in trace.items() if full or n[:2] in ("J", "dW", "db")}


WAYS = tuple(
    Way(dtype, returned) for dtype in DTYPES for returned in ("everything", "J, dW and db")
)


@dataclass(frozen=True, eq=False)
class Trial:
    """One mistake at one layer of one case, in one way; the layer is the case's own."""

    way: Way
    mistake: Mistake
    layer: int
    target: Target
    trace: Mapping[str, Array]

    @property
    def case(self) -> Case:
        """In the dtype of the way."""
        return self.target.case

    def __str__(self) -> str:
        return f"{self.mistake.name} at {self.layer} on {self.case.id}, {self.way}"

    def again(self, case: Case) -> dict[str, Array]:
        """Run the same program on another case: its layer counts from the output."""
        at_input = self.mistake.place in ("the input", "the whole pass")
        layer = self.layer if at_input else self.layer - self.case.L - 1
        return self.way.of(Mutant(self.mistake, layer)(case))


@dataclass(frozen=True)
class Outcome:
    """What became of a trial.

    Attributes
    ----------
    kind : str
        ``first``: the mistake is the first name. ``alike``: a mistake is, that is declared to have
        the same numbers there, and the right one stands beside it. ``listed``: the same without
        being declared. ``not named``: no name is given. ``false``: the right name is not among
        those that are given.
    said : str
        The first name, or what is said instead of one.
    seconds : float
    """

    kind: str
    said: str
    seconds: float

    @property
    def right(self) -> bool:
        """Whether the name is right, or in a declared set."""
        return self.kind in ("first", "alike")


def trials(
    every: int = 1, ways: Sequence[Way] = WAYS, part: int = 0, only: str = ""
) -> Iterator[Trial]:
    """Yield every K-th of the places where a mistake can be made and shows, in each way.

    Case by case, so that what the diagnosis keeps of a case is there for all its trials.

    Parameters
    ----------
    every, part : int
        Which places: those numbered ``part`` modulo ``every``.
    ways : sequence of Way
    only : str
        The id of a case; all of them if it is empty.
    """
    for frozen in [corpus.find(only)] if only else corpus.load("required"):
        place = zlib.crc32(frozen.case.id.encode())  # of each case other places
        for dtype in (dtype for dtype in DTYPES if dtype in frozen.dtypes):
            case, target = frozen.case.astype(dtype), None
            for mistake in mistakes.all():
                for layer in mistake.layers(case):
                    place += 1
                    if place % every == part:
                        target = target or Target(frozen, dtype)
                        yield from _in_each_way(mistake, layer, target, ways)


def _in_each_way(
    mistake: Mistake, layer: int, target: Target, ways: Sequence[Way]
) -> Iterator[Trial]:
    trace = mistake.run(target.case, layer)
    whole, answer = target.excess(trace)
    for way in ways:
        shows = whole > 1 if way.returned == "everything" else answer > 1
        if way.dtype == target.dtype and shows:
            yield Trial(way, mistake, layer, target, way.of(trace))


def diagnosed(trial: Trial, *, rerun: bool = False, budget: float = 5.0) -> Diagnosis:
    """Ask what explains a trial."""
    target = trial.target
    again = trial.again if rerun else None
    return diagnose(
        trial.trace, trial.case, target.truth, target.reference, rerun=again, budget=budget
    )


def outcome(trial: Trial, *, rerun: bool = False, budget: float = 5.0) -> Outcome:
    """Ask what explains a trial, and say whether that is right."""
    start = time.perf_counter()
    said = diagnosed(trial, rerun=rerun, budget=budget)
    return Outcome(_kind(trial, said.names), said.name or str(said), time.perf_counter() - start)


def _kind(trial: Trial, names: Sequence[Name]) -> str:
    if not names:
        return "not named"
    if _is_it(trial, names[0]):
        return "first"
    if not any(_is_it(trial, name) for name in names):
        return "false"
    return "alike" if all(_alike(trial, part) for part in names[0]) else "listed"


def _is_it(trial: Trial, name: Name) -> bool:
    """Whether it is the mistake; at its layer, or everywhere if it shows at no other."""
    return [mistake for mistake, _ in name] == [trial.mistake.name] and name[0][1] in (
        trial.layer,
        0,
    )


def _alike(trial: Trial, part: tuple[str, int]) -> bool:
    layers = [trial.layer] if trial.layer else range(1, trial.case.L + 1)
    return any(
        declared(trial.mistake.name, part[0], trial.case, layer, trial.way.returned)
        for layer in layers
    )
