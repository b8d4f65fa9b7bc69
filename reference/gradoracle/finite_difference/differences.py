"""Derivatives of J along chosen directions by `scipy.differentiate`, with their derived errors.

`scipy.differentiate.derivative` differentiates t -> J(theta + t d) for every direction d at once,
with two central differences extrapolated to order 4:

* rounding: with steps h and h/2 the extrapolation (4 D(h/2) - D(h)) / 3 weighs values of J by
  3 / h in all, so an error E_J of each value moves it by at most 3 E_J / h;
* truncation: estimated by the change from the step before, |D(2h) - D(h)|, which SciPy returns.

A step that carries a pre-activation over a kink says nothing about the derivative: crossings are
found from the signs of the pre-activations, tried again with smaller steps, and what still
crosses is marked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gradoracle.arrays import Array, Flags
from gradoracle.finite_difference.objective import Objective
from gradoracle.reference import Reference
from gradoracle.rounding import SIGMAS

Indices = npt.NDArray[np.intp]
Rows = Callable[[Indices], Array]

FIRST_STEP = 2.0**-6  # in units of the layer's largest input
SHRINK = 2.0**-5  # the next step where a kink was crossed
ATTEMPTS = 3
EVALUATIONS = 1024  # values of J computed at once, at most
NUMBERS = 2**21  # numbers of one layer held at once


@dataclass(frozen=True, eq=False)
class Differences:
    """Finite differences of J along directions; every field has one entry a direction.

    Attributes
    ----------
    value, rounding, truncation : numpy.ndarray
        The difference and the two parts of its derived error.
    crossed : numpy.ndarray of bool
        Where the smallest step tried still crossed a kink, and nothing can be said.
    converged : numpy.ndarray of bool
        Where SciPy's own status says success: its estimate is within rounding.
    """

    value: Array
    rounding: Array
    truncation: Array
    crossed: Flags
    converged: Flags


def by_parameter(objective: Objective, limits: Reference, flat: Indices) -> Differences:
    """Differentiate J by the parameters numbered ``flat`` in theta."""

    def units(rows: Indices) -> Array:
        vectors = np.zeros((rows.size, objective.theta.size))
        vectors[np.arange(rows.size), flat[rows]] = 1
        return vectors

    return _differences(objective, limits, units, FIRST_STEP / objective.input_scale()[flat])


def by_direction(objective: Objective, limits: Reference, directions: Array) -> Differences:
    """Differentiate J along directions (B, P) of entries about 1."""
    reach = objective.input_scale().max() * np.sqrt(max(objective.case.network.sizes))
    step = np.full(len(directions), FIRST_STEP / reach)
    return _differences(objective, limits, directions.__getitem__, step)


def _differences(objective: Objective, limits: Reference, rows: Rows, step: Array) -> Differences:
    """Try all directions, then those that crossed a kink again with smaller steps."""
    error_of_J = SIGMAS * float(limits.sigma("J"))
    value, rounding, truncation = (np.full(step.size, np.nan) for _ in range(3))
    crossed, converged = np.ones(step.size, dtype=bool), np.zeros(step.size, dtype=bool)
    for _ in range(ATTEMPTS):
        todo = np.flatnonzero(crossed)
        if todo.size == 0:
            break
        f = _Evaluator(objective, rows, todo)
        value[todo], truncation[todo], converged[todo] = f.derivative(step[todo], error_of_J)
        # after the second iteration the larger step is half the first one
        rounding[todo] = 3 * error_of_J / (step[todo] / 2)
        crossed[todo] = f.crossed
        step[todo] *= SHRINK
    return Differences(value, rounding, truncation, crossed, converged)


class _Evaluator:
    """t -> J(theta + t d_i) as SciPy wants it: elementwise in t and i."""

    def __init__(self, objective: Objective, rows: Rows, todo: Indices) -> None:
        self.objective, self.rows, self.todo = objective, rows, todo
        self.crossed = np.zeros(todo.size, dtype=bool)
        layer = max(objective.case.network.sizes) * objective.case.n
        self.room = max(1, min(EVALUATIONS, NUMBERS // max(layer, objective.theta.size)))

    def __call__(self, t: Array, index: Array) -> Array:
        t, index = np.broadcast_arrays(t, index)
        points, which = t.ravel(), index.ravel().astype(np.intp)
        J = np.empty(points.size)
        for start in range(0, points.size, self.room):
            span = slice(start, start + self.room)
            directions = self.rows(self.todo[which[span]])
            J[span], crossed = self.objective.along(directions, points[span])
            np.logical_or.at(self.crossed, which[span], crossed)
        return J.reshape(t.shape)

    def derivative(self, step: Array, error_of_J: float) -> tuple[Array, Array, Flags]:
        """Return SciPy's derivative, its error estimate and its success."""
        from scipy.differentiate import derivative  # imported late: it costs 0.14 s

        result = derivative(
            self,
            np.zeros(self.todo.size),
            args=(np.arange(self.todo.size),),
            order=4,
            maxiter=2,  # one has no error estimate
            initial_step=step,
            # what rounding alone explains counts as converged
            tolerances={"atol": 6 * error_of_J / float(step.min()), "rtol": 0},
        )
        return result.df, result.error, result.success
