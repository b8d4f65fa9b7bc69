"""What may explain a wrong trace: each known mistake at each layer, run on this very case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from gradoracle.arrays import Array, unit_roundoff
from gradoracle.case import Case, trace_shapes
from gradoracle.diagnosis.diagnosis import described
from gradoracle.diagnosis.reading import Reading
from gradoracle.diagnosis.tolerance import RUNS, Wrong, alike, noisy, roughly, shares, spread
from gradoracle.mistakes import Mistake
from gradoracle.mistakes import all as known_mistakes
from gradoracle.mistakes.steps import Step, run

CALLS = 3  # of a program that keeps something between its calls
HYPOTHESES = 1000  # about as many as a deep network has
KEPT_BYTES = 2**25  # traces and tolerances that are kept for one case

Trace = dict[str, Array]


@dataclass(frozen=True)
class Hypothesis:
    """Mistakes made together: a (mistake, layer) each; layer 0 is everywhere it can be made."""

    parts: tuple[tuple[Mistake, int], ...]

    @property
    def name(self) -> tuple[tuple[str, int], ...]:
        """The names and layers."""
        return tuple((mistake.name, layer) for mistake, layer in self.parts)

    def __str__(self) -> str:
        return " and ".join(described(*part) for part in self.name)

    def replacements(self, case: Case) -> Wrong:
        """Return the steps that all its parts replace."""
        wrong: dict[tuple[str, int], Step] = {}
        for mistake, layer in self.parts:
            for at in [layer] if layer else mistake.layers(case):
                wrong |= mistake.replacements(case, at)
        return wrong

    def formula(self, case: Case) -> str:
        """Return the wrong formulas with the numbers of the layers."""
        return "; ".join(mistake.formula(case, layer) for mistake, layer in self.parts)

    def on(self, case: Case, other: Case) -> list[Hypothesis]:
        """Return what the same program would do on another case: the readings of "that layer".

        Counted from the output, counted from the input, or everywhere. A mistake that cannot be
        made there is left out, and an empty hypothesis is a right program.
        """

        def there(mistake: Mistake, layer: int, reading: str) -> int | None:
            layers = mistake.layers(other)
            if layer and reading != "everywhere":
                layer += other.L - case.L if reading == "from the output" else 0
                return layer if layer in layers else None
            return (0 if 0 in layers or len(layers) > 1 else layers[0]) if layers else None

        found = []
        for reading in ("from the output", "from the input", "everywhere"):
            parts = [(mistake, there(mistake, layer, reading)) for mistake, layer in self.parts]
            possible = tuple((m, layer) for m, layer in parts if layer is not None)
            if Hypothesis(possible) not in found:
                found.append(Hypothesis(possible))
        return found


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a hypothesis returns on a case, at one of its calls."""

    hypothesis: Hypothesis
    call: int
    arrays: Trace


class Space:
    """The hypotheses of one case, and what they return."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.shapes = trace_shapes(case.network, case.n)
        size = case.dtype.itemsize * sum(int(np.prod(s)) for s in self.shapes.values())
        self._keeps = size * HYPOTHESES < KEPT_BYTES
        self._predicted: dict[Hypothesis, list[Prediction]] = {}
        self._tolerances: dict[tuple[Hypothesis, int], Trace] = {}

    @cached_property
    def singles(self) -> list[Hypothesis]:
        """Each known mistake at each layer, and everywhere at once."""
        return list(_singles(self.case))

    def predict(self, hypothesis: Hypothesis) -> list[Prediction]:
        """Run it: once, or again where it keeps something between its calls; [] if it raises."""
        if hypothesis in self._predicted:
            return self._predicted[hypothesis]
        wrong = hypothesis.replacements(self.case)
        kept: dict[str, object] = {}
        found = []
        for call in range(1, CALLS + 1):
            try:
                arrays = {k: np.array(v) for k, v in run(self.case, wrong, kept).items()}
            except Exception:  # it does not fit this case
                break
            found.append(Prediction(hypothesis, call, arrays))
            if not kept:
                break
        if self._keeps and len(hypothesis.parts) <= 1:
            self._predicted[hypothesis] = found
        return found

    def tolerances(self, prediction: Prediction) -> Trace:
        """Measure its rounding."""
        key = (prediction.hypothesis, prediction.call)
        if key in self._tolerances:
            return self._tolerances[key]
        wrong = prediction.hypothesis.replacements(self.case)
        samples = []
        for seed in range(RUNS):
            kept: dict[str, object] = {}
            with suppress(Exception):  # a noise that it cannot bear
                for _ in range(prediction.call):
                    sample = run(self.case, noisy(self.case, wrong, seed), kept)
                samples.append(sample)
        found = spread(prediction.arrays, samples)
        if self._keeps and len(prediction.hypothesis.parts) <= 1:
            self._tolerances[key] = found
        return found

    def by_fit(self, reading: Reading) -> list[Hypothesis]:
        """Return the single mistakes, those first whose first touch is the first wrong array.

        Nothing is left out: what a mistake touches is said by people.
        """
        order = list(self.shapes)
        first = order.index(reading.first_wrong)
        right, last = set(reading.right), str(self.case.L)

        def distance(hypothesis: Hypothesis) -> tuple[bool, int]:
            mistake, layer = hypothesis.parts[0]
            at = [layer] if layer else mistake.layers(self.case)
            touched = {
                touch.replace("l-1", str(one - 1)).replace("l", str(one)).replace("L", last)
                for touch in mistake.touches
                for one in at
            } & set(order)
            places = [order.index(touch) for touch in touched]
            return touched <= right, min((abs(place - first) for place in places), default=0)

        return sorted(self.singles, key=distance)


@lru_cache(maxsize=32)
def space(case: Case) -> Space:
    """Return the hypotheses of a case; those of the last few cases are kept."""
    return Space(case)


def _singles(case: Case) -> Iterator[Hypothesis]:
    for mistake in known_mistakes():
        layers: Sequence[int] = mistake.layers(case)
        for layer in layers:
            yield Hypothesis(((mistake, layer),))
        if len(layers) > 1:
            yield Hypothesis(((mistake, 0),))


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
    """Return the largest share of a tolerance that stays unexplained, infinite if none could be.

    A mistake whose own rounding hides it in a wrong array explains nothing: there the truth must
    lie outside the tolerance, or the shape or dtype of the mistake must be wrong.
    """
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
        if name in reading.wrong and not tells(prediction, tolerances, reading, name):
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
    """Whether the truth of an array is not what the mistake would give."""
    value, truth = prediction.arrays[name], reading.truth[name]
    if value.shape != truth.shape or value.dtype != reading.case.dtype:
        return True
    times = reading.scale(name)
    plain = np.asarray(value, dtype=np.float64) * times
    return bool((shares(truth, plain, tolerances[name] * times) > 1).any())


def explanation(
    hypotheses: Space, hypothesis: Hypothesis, reading: Reading
) -> tuple[float, Prediction] | None:
    """Return the worst share and the call, if a hypothesis explains every entry of a reading."""
    for prediction in hypotheses.predict(hypothesis):
        if rough_match(prediction, reading):
            worst = worst_share(prediction, hypotheses.tolerances(prediction), reading)
            if worst <= 1:
                return worst, prediction
    return None


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
