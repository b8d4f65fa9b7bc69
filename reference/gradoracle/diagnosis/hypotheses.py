"""What may explain a wrong trace: each known mistake at each layer, run on this very case."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from gradoracle.arrays import Array, unit_roundoff
from gradoracle.case import Case, trace_shapes
from gradoracle.diagnosis.diagnosis import described
from gradoracle.diagnosis.reading import Reading
from gradoracle.diagnosis.tolerance import RUNS, Wrong, noisy, spread
from gradoracle.mistakes import Mistake
from gradoracle.mistakes import all as known_mistakes
from gradoracle.mistakes.mistake import filled
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
        return "; ".join(filled(mistake.symptom, case, layer) for mistake, layer in self.parts)

    def mend(self, case: Case) -> str:
        """Return the right ones in words, each said once."""
        return _once((filled(mistake.mend, case, layer) for mistake, layer in self.parts), "; ")

    def code(self, case: Case) -> str:
        """Return the right lines of NumPy."""
        return _once((filled(mistake.code, case, layer) for mistake, layer in self.parts), "; ")

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


def _once(texts: Iterable[str], separator: str) -> str:
    return separator.join(dict.fromkeys(texts))


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
        self._tables: dict[str, _Table] = {}

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
        if not self._keeps:
            self._predicted.clear()  # but the last one, which is asked for in each reading
        if len(hypothesis.parts) <= 1:
            self._predicted[hypothesis] = found
        return found

    def tolerances(self, prediction: Prediction, reading: Reading, until: float = np.inf) -> Trace:
        """Measure its rounding, of a large case in what was returned; {} if the time runs out."""
        key = (prediction.hypothesis, prediction.call)
        if key in self._tolerances:
            return self._tolerances[key]
        wrong = prediction.hypothesis.replacements(self.case)
        centre = prediction.arrays
        if not self._keeps:
            centre = {name: array for name, array in centre.items() if name in reading.arrays}
        samples = []
        for seed in range(RUNS):
            if time.perf_counter() > until:
                return {}
            kept: dict[str, object] = {}
            with suppress(Exception):  # a noise that it cannot bear
                for _ in range(prediction.call):
                    sample = run(self.case, noisy(self.case, wrong, seed), kept)
                samples.append({name: a for name, a in sample.items() if name in centre})
        found = spread(centre, samples)
        if not self._keeps:
            self._tolerances.clear()
        if len(prediction.hypothesis.parts) <= 1:
            self._tolerances[key] = found
        return found

    def near(self, reading: Reading) -> list[Hypothesis]:
        """Return the single mistakes that may agree with the first wrong array, by fit.

        All at once, where they are kept; where not, nothing is left out.
        """
        name = reading.first_wrong
        if not self._keeps or reading.arrays[name].shape != self.shapes[name]:
            return self.by_fit(reading)
        if name not in self._tables:
            self._tables[name] = self._table(name)
        return self.by_fit(reading, self._tables[name].near(reading))

    def _table(self, name: str) -> _Table:
        """Lay out what the single mistakes return under one name."""
        rows, owners, loose = [], [], []
        for hypothesis in self.singles:
            for prediction in self.predict(hypothesis):
                array = prediction.arrays.get(name)
                if array is None or array.shape != self.shapes[name]:
                    loose.append(hypothesis)
                else:
                    rows.append(np.asarray(array, dtype=np.float64).ravel())
                    owners.append(hypothesis)
        return _Table(np.array(rows), owners, loose)

    def by_fit(
        self, reading: Reading, some: Sequence[Hypothesis] | None = None
    ) -> list[Hypothesis]:
        """Return single mistakes, those first whose first touch is the first wrong array.

        Without some all of them: what a mistake touches is said by people, and rules nothing out.
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

        return sorted(self.singles if some is None else some, key=distance)


@dataclass(frozen=True, eq=False)
class _Table:
    """One array as every single mistake returns it: a row each."""

    rows: Array
    owners: list[Hypothesis]
    loose: list[Hypothesis]  # without that array, or with another shape

    def near(self, reading: Reading) -> list[Hypothesis]:
        """Return those of which `rough` may be true, and that cannot be looked at here."""
        if not self.owners:
            return self.loose
        name = reading.first_wrong
        got = np.asarray(reading.arrays[name], dtype=np.float64).ravel()
        with np.errstate(invalid="ignore", over="ignore"):
            values = self.rows * reading.scale(name)
            off = np.abs(values - got)
        largest = np.abs(values, where=np.isfinite(values), out=np.zeros_like(values)).max(axis=1)
        scale = np.maximum(largest, np.abs(reading.truth[name]).max())
        off[~np.isfinite(off)] = 0  # `rough` will see
        close = off.max(axis=1) <= np.sqrt(unit_roundoff(reading.case.dtype)) * scale
        found = [self.owners[i] for i in np.flatnonzero(close)] + self.loose
        return list(dict.fromkeys(found))


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
