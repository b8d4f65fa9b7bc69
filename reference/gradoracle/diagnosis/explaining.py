"""Whether a hypothesis explains a wrong trace: every number of it, and the truth does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from gradoracle.arrays import Array, unit_roundoff
from gradoracle.case import Case
from gradoracle.diagnosis.hypotheses import Hypothesis, Prediction, Space, Trace
from gradoracle.diagnosis.reading import Reading
from gradoracle.diagnosis.tolerance import alike, roughly, shares


def rough_match(prediction: Prediction, reading: Reading) -> bool:
    """Whether half the digits of every array agree, the first wrong one first."""
    u = unit_roundoff(reading.case.dtype)
    wrong_first = sorted(reading.arrays, key=lambda name: name not in reading.wrong)
    return all(rough(prediction, reading, name, u) for name in wrong_first)


def rough(prediction: Prediction, reading: Reading, name: str, u: float) -> bool:
    """Whether half the digits of one array agree, and its shape and dtype."""
    if name not in prediction.arrays or name not in reading.truth:
        return True  # there is nothing to compare
    got, value = reading.arrays[name], prediction.arrays[name]
    if got.shape != value.shape or not _same_kind(name, got, value, reading.case):
        return False
    value = np.asarray(value, dtype=np.float64) * reading.scale(name)
    finite = np.abs(value, where=np.isfinite(value), out=np.zeros(value.shape))
    scale = max(float(finite.max(initial=0)), float(np.abs(reading.truth[name]).max()))
    return roughly(np.asarray(got, dtype=np.float64), value, scale, u)


def _same_kind(name: str, got: Array, value: Array, case: Case) -> bool:
    """A wrong dtype must be the mistake's too; a right one says nothing."""
    return got.dtype in (case.dtype, value.dtype) or (name == "J" and got.dtype == np.float64)


def worst_share(prediction: Prediction, tolerances: Trace, reading: Reading) -> float:
    """Return the largest share of a tolerance that stays unexplained, infinite if none could be."""
    worst = 0.0
    for name in reading.arrays:
        if name not in prediction.arrays or name not in reading.truth:
            continue
        share = share_of(prediction, tolerances, reading, name)
        if share is None:
            return np.inf
        worst = max(worst, float(share.max(initial=0.0)))
        if not worst <= 1:
            return np.inf
    return worst


def share_of(
    prediction: Prediction, tolerances: Trace, reading: Reading, name: str
) -> Array | None:
    """Return the unexplained share of each entry of an array; None for another shape or dtype."""
    got, value = reading.arrays[name], prediction.arrays[name]
    if got.shape != value.shape or not _same_kind(name, got, value, reading.case):
        return None
    times = reading.scale(name)
    return shares(
        np.asarray(got, dtype=np.float64),
        np.asarray(value, dtype=np.float64) * times,
        tolerances[name] * times,
    )


def tells(prediction: Prediction, tolerances: Trace, reading: Reading, name: str) -> bool:
    """Whether the truth is not what the mistake would give, where a wrong array is wrong."""
    value, truth = prediction.arrays[name], reading.truth[name]
    if value.shape != truth.shape or value.dtype != reading.case.dtype:
        return True
    times = reading.scale(name)
    plain = np.asarray(value, dtype=np.float64) * times
    outside = shares(truth, plain, tolerances[name] * times) > 1
    return bool((outside & reading.wrong.get(name, True)).any())


def explanation(
    hypotheses: Space, hypothesis: Hypothesis, reading: Reading, until: float = np.inf
) -> tuple[float, Prediction] | None:
    """Return the worst share and the call, if a hypothesis explains every entry of a reading.

    A mistake whose own rounding hides it explains nothing: in each wrong array the truth of a wrong
    entry must lie outside the tolerance, or the shape or dtype of the mistake must be wrong.
    """
    predictions = hypotheses.predict(hypothesis)
    if not any(_may_tell(prediction, reading) for prediction in predictions):
        return None
    for worst, prediction in agreeing(hypotheses, hypothesis, reading, until):
        tolerances = hypotheses.tolerances(prediction, reading)
        names = [name for name in reading.wrong if name in prediction.arrays]
        if all(tells(prediction, tolerances, reading, name) for name in names):
            return worst, prediction
    return None


def _may_tell(prediction: Prediction, reading: Reading) -> bool:
    """Whether what was returned is nearer to it than the truth is, somewhere it is wrong.

    Else no tolerance holds what was returned and leaves the truth outside; none need be measured.
    """
    for name in reading.wrong:
        value, truth = prediction.arrays.get(name), reading.truth[name]
        if value is None or value.shape != truth.shape or value.dtype != reading.case.dtype:
            continue
        got = np.asarray(reading.arrays[name], dtype=np.float64)
        plain = np.asarray(value, dtype=np.float64) * reading.scale(name)
        finite = np.isfinite(plain).all() and np.isfinite(got).all()
        if got.shape == truth.shape and finite:
            nearer = np.abs(got - plain) < np.abs(truth - plain)
            if not (nearer & reading.wrong[name]).any():
                return False
    return True


def agreeing(
    hypotheses: Space, hypothesis: Hypothesis, reading: Reading, until: float = np.inf
) -> Iterator[tuple[float, Prediction]]:
    """Yield the calls with every entry within the tolerances, though the truth may be so too."""
    for prediction in hypotheses.predict(hypothesis):
        if rough_match(prediction, reading):
            tolerances = hypotheses.tolerances(prediction, reading, until)
            worst = worst_share(prediction, tolerances, reading) if tolerances else np.inf
            if worst <= 1:
                yield worst, prediction


def differs(one: Trace, other: Trace, names: Sequence[str], u: float) -> bool:
    """Whether two traces differ by more than half the digits in one of some arrays."""
    for name in names:
        a, b = one.get(name), other.get(name)
        if a is None or b is None or a.shape != b.shape:
            return True
        if not alike(a, b).all():
            return True
        finite = np.isfinite(a)
        scale = float(np.abs(a, where=finite, out=np.zeros(a.shape)).max(initial=0))
        if not roughly(np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64), scale, u):
            return True
    return False
