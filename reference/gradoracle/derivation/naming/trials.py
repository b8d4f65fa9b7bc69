"""What a known mistake gives for one line on one network, and whether the line gives the same."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from gradoracle.arrays import Array, unit_roundoff
from gradoracle.case import Case
from gradoracle.derivation.judging.places import Place
from gradoracle.derivation.naming.slips import At, Made, Slip, slips
from gradoracle.diagnosis.tolerance import RUNS, Wrong, noisy, roughly, shares, spread
from gradoracle.mistakes.steps import RIGHT, Run, run

ROUGHLY = 1e-6  # a factor is looked for here, and tried to all digits after


@dataclass(frozen=True, eq=False)
class Trial:
    """A line at one place, laid out as the contract has it.

    Attributes
    ----------
    place : Place
    case : Case
    name : str
        The array of a trace that it sets.
    steps : tuple of (str, int)
        The steps of the pass that it stands for, its own first.
    scale : float
        What the text calls by that name is so many times the array of a run.
    value : numpy.ndarray or None
        What it gives; None where shapes do not fit.
    truth : numpy.ndarray
    wrong : bool
    rate : float
        The learning rate.
    """

    place: Place
    case: Case
    name: str
    steps: tuple[At, ...]
    scale: float
    value: Array | None
    truth: Array
    wrong: bool
    rate: float
    _given: dict[Slip, Array | None] = field(default_factory=dict)

    @cached_property
    def slips(self) -> dict[Slip, Made]:
        """Every known mistake that the line could make."""
        return dict(slips(self.case, self.steps))

    @property
    def fits(self) -> bool:
        """Whether the line gives something of the right shape, or that spreads to it."""
        return self.value is not None and _alike(self.value, self.truth).shape == self.truth.shape

    def kept(self) -> dict[str, object]:
        """Return what a program keeps between its calls: a fresh one only its rate."""
        return {"learning rate": self.rate}

    def given(self, slip: Slip) -> Array | None:
        """Return what a mistake gives for the line; None where it cannot be made."""
        if slip not in self._given:
            made = self.slips.get(slip)
            self._given[slip] = None if made is None else self._made(made.wrong)
        return self._given[slip]

    @cached_property
    def right(self) -> Run:
        """The right pass: all that the line may read."""
        found: list[Run] = []

        def last(r: Run, layer: int) -> Array:
            found.append(r)
            return RIGHT["dA"](r, layer)

        run(self.case, {("dA", 1): last}, self.kept())
        return found[0]

    def _made(self, wrong: Wrong) -> Array | None:
        """Take the steps that the line stands for, and no others, in their order."""
        r = _copied(self.right)
        try:
            with np.errstate(all="ignore"):
                for name, layer in reversed(self.steps):
                    array = wrong.get((name, layer), RIGHT[name])(r, layer)
                    _put(r, name, layer, array)
        except Exception:  # a mistake that does not fit this network
            return None
        if np.ndim(array) not in (0, 2) or set(r.kept) != set(self.kept()):
            return None  # a formula keeps nothing between two calls
        return self.scale * _matrix(array)

    def tolerance(self, wrong: Wrong) -> Array:
        """Measure the rounding of a mistaken pass: see `gradoracle.diagnosis.tolerance`."""
        samples = [
            {self.name: run(self.case, noisy(self.case, wrong, seed), self.kept())[self.name]}
            for seed in range(RUNS)
        ]
        centre = run(self.case, wrong, self.kept())[self.name]
        return abs(self.scale) * _matrix(spread({self.name: centre}, samples)[self.name])


def _copied(r: Run) -> Run:
    """Return a run whose arrays a mistake may write over."""
    found = copy(r)
    for name in ("W", "b", "Z", "A", "dA", "dZ", "dW", "db"):
        setattr(found, name, {layer: array.copy() for layer, array in getattr(r, name).items()})
    found.X, found.Y, found.kept = found.A[0], r.Y.copy(), dict(r.kept)
    return found


def _put(r: Run, name: str, layer: int, array: Array) -> None:
    """Keep what a step gave where the next one looks for it."""
    if name == "J":
        r.J = array
    elif name == "dA":
        r.dA[layer - 1] = array
    else:
        getattr(r, name.removesuffix("_out"))[layer] = array


def _matrix(array: Array) -> Array:
    return np.asarray(array, dtype=np.float64).reshape(np.shape(array) or (1, 1))


def explains(slip: Slip, trials: Sequence[Trial], factors: Sequence[float] = ()) -> bool:
    """Whether a mistake gives what the line gives, wherever it can be made, and the truth not.

    Parameters
    ----------
    slip : Slip
    trials : sequence of Trial
    factors : sequence of float, optional
        What the line is times the mistake, at each trial.
    """
    close: dict[str, tuple[Trial, float]] = {}
    for trial, factor in zip(trials, factors or [1.0] * len(trials), strict=True):
        got = trial.given(slip)
        if got is None:
            if trial.fits and trial.wrong:
                return False  # it cannot be made where the line is wrong
        elif trial.value is None:
            if got.shape == trial.truth.shape:
                return False  # it fits where the line does not
        elif not _near(trial, trial.value, got * factor):
            return False
        elif trial.wrong:
            close.setdefault(trial.case.id, (trial, factor))
    found = [_exactly(slip, *one) for one in close.values()]
    return all(agrees for agrees, _ in found) and not all(truth for _, truth in found)


def _near(trial: Trial, value: Array, got: Array) -> bool:
    """Whether half the digits agree."""
    value = _alike(value, got)
    scale = max(float(np.abs(a[np.isfinite(a)]).max(initial=0)) for a in (got, trial.truth))
    return value.shape == got.shape and roughly(value, got, scale, unit_roundoff(trial.case.dtype))


def _exactly(slip: Slip, trial: Trial, factor: float) -> tuple[bool, bool]:
    """Whether all digits agree but for the rounding of the mistake itself, and the truth's do."""
    got = trial.given(slip)
    if trial.value is None or got is None:
        return False, True
    tolerance = abs(factor) * trial.tolerance(trial.slips[slip].wrong)
    got = factor * got
    agrees = (shares(_alike(trial.value, got), got, tolerance) <= 1).all()
    same = trial.truth.shape == got.shape and (shares(trial.truth, got, tolerance) <= 1).all()
    return bool(agrees), bool(same)


def _alike(value: Array, got: Array) -> Array:
    """Bring a line's value into the shape of the mistake's: a row turns, a column spreads."""
    if value.shape != got.shape and 1 in value.shape:
        if value.size == got.size:
            return value.reshape(got.shape)
        if all(one in (1, other) for one, other in zip(value.shape, got.shape, strict=True)):
            return np.broadcast_to(value, got.shape)
    return value


def ratio(slip: Slip, trial: Trial) -> float | None:
    """Return what the line's entry is times the mistake's, where that is largest."""
    got = trial.given(slip)
    if got is None or trial.value is None or got.shape != trial.value.shape:
        return None
    at = np.unravel_index(np.argmax(np.abs(np.nan_to_num(got))), got.shape)
    return float(trial.value[at] / got[at]) if got[at] else None


def a_multiple(trial: Trial) -> bool:
    """Whether a wrong line gives a constant times the truth."""
    if trial.value is None or not trial.wrong or trial.value.shape != trial.truth.shape:
        return False
    at = np.unravel_index(np.argmax(np.abs(trial.truth)), trial.truth.shape)
    times = trial.value[at] / trial.truth[at] if trial.truth[at] else 0.0
    scale = float(np.abs(trial.value).max())
    return bool(np.abs(trial.value - times * trial.truth).max() <= ROUGHLY * scale)
