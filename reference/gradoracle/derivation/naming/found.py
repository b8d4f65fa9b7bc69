"""The known mistakes that explain a line: which of several is named, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from gradoracle.derivation.judging.agreement import factors
from gradoracle.derivation.mending.scalars import collected
from gradoracle.derivation.naming.made import Made
from gradoracle.derivation.naming.slips import Slip
from gradoracle.derivation.naming.telling import Telling, Told
from gradoracle.derivation.naming.trials import ROUGHLY, Trial, a_multiple, explains, ratio
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.lines import Line
from gradoracle.derivation.reading.syntax import show
from gradoracle.derivation.truth.true_values import Reading
from gradoracle.derivation.verdicts import Named


@dataclass(frozen=True)
class Found:
    """A mistake that explains a line, but for a factor: its name, and its value in each trial."""

    slip: Slip
    factor: str = ""
    factors: tuple[Fraction, ...] = ()


def with_a_factor(possible: Sequence[Slip], trials: Sequence[Trial]) -> Iterator[Found]:
    """Yield the mistakes that explain every trial but for a constant that derivations forget."""
    if any(a_multiple(trial) for trial in trials):
        return  # of the truth: that is said without a name
    constants = [factors(trial.case.n, trial.case.network.sizes[-1]) for trial in trials]
    columns = {
        name: tuple(one[name] for one in constants)
        for name in constants[0]
        if all(name in one for one in constants)
    }
    for slip in possible:
        seen = [(i, r) for i, t in enumerate(trials) if t.wrong and (r := ratio(slip, t))]
        for name, values in columns.items() if seen else ():
            if all(abs(r / values[i] - 1) < ROUGHLY for i, r in seen):
                if explains(slip, trials, [float(value) for value in values]):
                    yield Found(slip, name, values)
                break


def said(
    several: Sequence[Found],
    trials: Sequence[Trial],
    line: Line,
    header: Header,
    reading: Reading,
) -> Named:
    """Name the mistakes that explain every trial.

    That comes first whose formula is the line's; then those that change nothing else.
    """
    told = {one.slip: _symptom(one, trials, line, header, reading) for one in several}
    written = show(collected(line.formula))

    def least(one: Found) -> tuple[bool, int, int]:
        made = next(trial.slips[one.slip] for trial in trials if one.slip in trial.slips)
        return told[one.slip].formula != written, one.slip.position, made.elsewhere

    best, *others = sorted(several, key=least)
    name = best.slip.mistake.name
    names = dict.fromkeys(one.slip.mistake.name for one in others if one.slip.mistake.name != name)
    text = told[best.slip].text
    times = f"{'; ' if text else ''}here {best.factor} times that" if best.factor else ""
    return Named(name, tuple(names), text + times)


def _symptom(
    found: Found, trials: Sequence[Trial], line: Line, header: Header, reading: Reading
) -> Told:
    """Return what a mistake does in this text, by the places where the line is wrong."""
    factors = found.factors or (Fraction(1),) * len(trials)
    at = [
        Made(
            trial.place, trial.slips[found.slip].layer, tuple(trial.slips[found.slip].wrong), times
        )
        for trial, times in zip(trials, factors, strict=True)
        if trial.wrong and found.slip in trial.slips
    ]
    return Telling(header, reading, line, at).told(found.slip.mistake) if at else Told("")
