"""A model object as a candidate: it brings one case, and runs on no other."""

from __future__ import annotations

import re
import time
from typing import Any

import numpy as np

from gradoracle.candidate.answer import About, Answer, Complaint, Returned, Skipped
from gradoracle.candidate.models.batches import Drawn, given, random
from gradoracle.candidate.models.reading import Reading
from gradoracle.candidate.python import crash
from gradoracle.case import Case
from gradoracle.errors import InputError


class ModelSession:
    """A model that was read, on one batch.

    Parameters
    ----------
    reading : Reading
    X, Y : array, optional
        The user's batch in rows; random if neither is given.
    n, seed : int
        Of the random batch.
    """

    repeats = False

    def __init__(
        self, reading: Reading, *, X: Any = None, Y: Any = None, n: int | None = None, seed: int = 0
    ) -> None:
        self._reading, drawn = reading, _drawn(reading, X, Y, n, seed)
        self._as_classes = drawn.as_classes
        network = reading.network(drawn.batch.n)
        short = "-".join(re.findall(r"[a-z0-9]+", reading.name.lower())) or "model"
        self._case = Case(f"model.{short}", network, reading.parameters, drawn.batch)
        objective = reading.objective
        read = (
            f"{network} {' '.join(network.activations)}, {network.loss}"
            f"{' from logits' if objective.logits else ''}, {network.reduction}, l2 {network.l2:g}"
        )
        self.about = About(
            name=reading.name,
            language="Python",
            release=reading.release,
            dtypes=(reading.dtype,),
            conventions=reading.conventions,
            cases=(self._case,),
            notes=(f"read as {read}", drawn.note, *reading.notes),
        )

    def run(self, case: Case) -> Answer:
        """Let the framework differentiate the model on the batch of its own case."""
        if not self._is_mine(case):
            return Skipped("a model object runs on its own case")
        labels = case.Y.argmax(axis=0) if self._as_classes else np.array(case.Y.T, order="C")
        try:
            start = time.perf_counter()
            trace = self._reading.trace(np.array(case.X.T, order="C"), labels)
            seconds = time.perf_counter() - start
        except Exception as error:
            return crash(error)
        return Returned(trace, tuple(self._changes()), seconds)

    def close(self) -> None:
        """Nothing was started."""

    def _is_mine(self, case: Case) -> bool:
        mine = self._case
        return case.id == mine.id and case.dtype == mine.dtype and case.network == mine.network

    def _changes(self) -> list[Complaint]:
        """Complain of parameters that are not what they were when the model was read."""
        now, complaints = self._reading.now(), []
        for layer in self._case.W:
            for name, before, after in (
                (f"W{layer}", self._case.W[layer], now.W[layer]),
                (f"b{layer}", self._case.b[layer], now.b[layer]),
            ):
                if before.tobytes() != after.tobytes():
                    detail = f"{name} is no longer what it was when the model was read"
                    complaints.append(Complaint("mutates inputs", name, detail))
        return complaints


def _drawn(reading: Reading, X: Any, Y: Any, n: int | None, seed: int) -> Drawn:
    if (X is None) != (Y is None):
        missing = "Y" if Y is None else "X"
        raise InputError("both X and Y, or neither", f"no {missing}", f"pass {missing} too")
    if X is None:
        return random(reading, n, seed)
    if n is not None:
        raise InputError("a batch or n", "both", "n is the number of examples of a random batch")
    return given(reading, X, Y)
