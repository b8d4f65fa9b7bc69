"""Every known mistake at every layer on every required case: is it named?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gradoracle import corpus, mistakes
from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.diagnosis import Diagnosis, diagnose
from gradoracle.judge import Verdict, judge
from gradoracle.mistakes import Mistake, Mutant
from gradoracle.reference import Known, Reference, reference


@dataclass(frozen=True)
class Way:
    """How a candidate is asked, and what it returns."""

    dtype: str
    full: bool

    def __str__(self) -> str:
        return f"{self.dtype} {'full trace' if self.full else 'J, dW, db'}"

    def returned(self, trace: Mapping[str, Array]) -> dict[str, Array]:
        """Return what is left of a full trace."""
        return {n: a for n, a in trace.items() if self.full or n[:2] in ("J", "dW", "db")}


WAYS = (
    Way("float64", full=True),
    Way("float64", full=False),
    Way("float32", full=True),
    Way("float32", full=False),
)


@dataclass(frozen=True, eq=False)
class Trial:
    """One mistake at one layer of one case; the layer is the case's own."""

    way: Way
    mistake: Mistake
    layer: int
    case: Case
    known: Known
    limits: Reference
    trace: Mapping[str, Array]

    def __str__(self) -> str:
        return f"{self.mistake.name} at {self.layer} on {self.case.id}"

    def again(self, case: Case) -> dict[str, Array]:
        """Run the same program on another case: its layer counts from the output."""
        at_input = self.mistake.place in ("the input", "the whole pass")
        layer = self.layer if at_input else self.layer - self.case.L - 1
        return self.way.returned(Mutant(self.mistake, layer)(case))


def trials(way: Way, every: int = 1, start: int = 0) -> Iterator[Trial]:
    """Yield every K-th of the trials that the judge fails."""
    count = start
    for frozen in corpus.load("required"):
        if way.dtype not in frozen.dtypes:
            continue
        case = frozen.case.astype(way.dtype)
        limits = None
        for mistake in mistakes.all():
            for layer in mistake.layers(case):
                count += 1
                if count % every:
                    continue
                limits = limits or reference(case, frozen.truth)
                trace = way.returned(mistake.run(case, layer))
                if judge(trace, frozen.truth, limits).verdict is Verdict.FAIL:
                    yield Trial(way, mistake, layer, case, frozen.truth, limits, trace)


def diagnosed(trial: Trial, *, rerun: bool = False, budget: float = 5.0) -> Diagnosis:
    """Ask what explains a trial."""
    return diagnose(
        trial.trace,
        trial.case,
        trial.known,
        trial.limits,
        rerun=trial.again if rerun else None,
        budget=budget,
    )


def outcome(trial: Trial, *, rerun: bool = False, budget: float = 5.0) -> str:
    """Return ``right``, ``listed`` where it is named beside another, or what is said instead."""
    said = diagnosed(trial, rerun=rerun, budget=budget)
    names = [parts[0][0] if len(parts) == 1 else "" for parts in said.names]
    if names and same(names[0], trial.mistake.name):
        return "right"
    if any(same(name, trial.mistake.name) for name in names):
        return f"listed after {names[0]}"
    return f"instead {said}" if said.names else f"not named: {said}"


def same(one: str, other: str) -> bool:
    """Whether two mistakes are one, or declared to have the same numbers on every case."""
    return bool(_class(one) & _class(other))


def _class(name: str) -> set[str]:
    return {name, *mistakes.find(name).equivalent} if name else set()
