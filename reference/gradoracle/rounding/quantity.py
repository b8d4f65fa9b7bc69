"""A value with its error, and the operations that a model of rounding must know."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradoracle.arrays import Array, Flags
from gradoracle.rounding.formats import Format
from gradoracle.rounding.grid import is_exact_sum
from gradoracle.rounding.kinks import Range

Elementwise = Callable[[Array], Array]
Within = Callable[[Array, Array], Array]

SIGMAS = 8  # the smallest integer that keeps 1e9 Gaussian entries below 1e-5 false alarms
ELEMENTARY = 8  # units of roundoff of an elementary function: the premise about libraries
ROUNDINGS = 2  # of a textbook form, after its elementary function


@dataclass(frozen=True, eq=False)
class Quantity:
    """An array with the error of each entry.

    Attributes
    ----------
    value : numpy.ndarray
        float64.
    error : numpy.ndarray
        A standard deviation or a bound of the same shape, at least 0, or draws of the error with
        one more axis in front, as the model says; 0 where no rounding can happen.
    kinks : Range or None
        What pre-activations too near a kink to tell the side may add to a derivative.
    """

    value: Array
    error: Array
    kinks: Range | None = None

    @property
    def T(self) -> Quantity:
        """The transpose."""
        kinks = None if self.kinks is None else self.kinks.T
        return Quantity(self.value.T, self.error.swapaxes(-1, -2), kinks)

    @cached_property
    def is_exact(self) -> bool:
        """Whether no entry carries an error."""
        return self.kinks is None and not self.error.any()


def exact(value: Array) -> Quantity:
    """Return a given value: inputs are the exact values of their floats."""
    value = np.asarray(value, dtype=np.float64)
    given = Quantity(value, np.zeros_like(value))
    given.__dict__["is_exact"] = True  # what the cached property would find, without looking
    return given


def _unknown(z: Array, E: Array) -> Array:  # noqa: ARG001 - every envelope takes (z, E)
    return np.full_like(E, np.inf)


@dataclass(frozen=True)
class Envelope:
    """What is proven of a function f and its terms for every z' within E of z.

    Attributes
    ----------
    spread : callable (z, E) -> array
        The most that f moves.
    slope, terms : callable (z, E) -> array
        The largest |f'| and the largest sum of the magnitudes of the terms; of functions that
        nothing rounds neither is needed.
    units : int
        How many units of roundoff, of the terms, a textbook form may be off by whose elementary
        functions each use their whole premise.
    """

    spread: Within
    slope: Within = _unknown
    terms: Within = _unknown
    units: int = ELEMENTARY + ROUNDINGS


@dataclass(frozen=True)
class Curve:
    """A function of one number as a model of rounding sees it.

    Attributes
    ----------
    value, prime : callable (z) -> array
        The function and its derivative.
    terms : callable (z) -> array, or None
        The sum of the magnitudes of the terms of the textbook form, to which the rounding error
        of any good evaluation is proportional; None where the function is exact.
    within : Envelope
        How far all of that may change when z moves.
    """

    value: Elementwise
    prime: Elementwise
    terms: Elementwise | None
    within: Envelope


class Model(ABC):
    """A model of rounding in one format: how each operation makes and passes on errors.

    Parameters
    ----------
    form : Format
    """

    def __init__(self, form: Format) -> None:
        self.form = form

    def matmul(self, x: Quantity, y: Quantity, plus: Quantity | None = None) -> Quantity:
        """Return x @ y + plus, for x (m, k), y (k, n), plus (m, n) or (m, 1), in any order."""
        value = x.value @ y.value
        if plus is not None:
            value = value + plus.value
        given = x.is_exact and y.is_exact and (plus is None or plus.is_exact)
        if given and self.form.factor_digits is None:
            extra = None if plus is None else plus.value
            if is_exact_sum(x.value, y.value, extra, self.form):
                return exact(value)
        return self._matmul(x, y, plus, value)

    @abstractmethod
    def _matmul(self, x: Quantity, y: Quantity, plus: Quantity | None, value: Array) -> Quantity:
        """Return the product where it rounds."""

    @abstractmethod
    def function(self, x: Quantity, curve: Curve) -> Quantity:
        """Apply a function of one number."""

    @abstractmethod
    def near_kink(self, z: Quantity) -> Flags:
        """Return where z is too near 0 to tell its side; never where it is exactly 0."""

    def either_side(self, slope: Quantity, near: Flags, other: Array) -> Quantity:
        """Let a slope be anything between itself and ``other`` where ``near`` says so.

        The jump is certain, not random: it is kept apart from the error.
        """
        jump = np.where(near, other - slope.value, 0.0)
        return Quantity(slope.value, slope.error, Range(jump / 2, np.abs(jump) / 2))

    @abstractmethod
    def multiply(self, x: Quantity, y: Quantity) -> Quantity:
        """Return x * y, elementwise."""

    @abstractmethod
    def scale(self, x: Quantity, factor: float) -> Quantity:
        """Return x times a real number that may itself be rounded, or divided by its inverse."""

    @abstractmethod
    def subtract(self, x: Quantity, y: Array) -> Quantity:
        """Return x - y for a given y."""

    def fused_error(self, a: Quantity, y: Array) -> Quantity:
        """Return a - y, the derivative of a cross-entropy by its logits."""
        return self.subtract(a, y)

    @abstractmethod
    def softmax(self, z: Quantity, a: Array) -> Quantity:
        """Return softmax down each column, from its value a."""

    @abstractmethod
    def softmax_vjp(self, a: Quantity, da: Quantity) -> Quantity:
        """Return a_i (da_i - sum_k a_k da_k), down each column."""

    @abstractmethod
    def combine(
        self,
        value: Array,
        x: Quantity,
        slope: Array,
        curvature: float,
        magnitude: Array,
        functions: int,
    ) -> Quantity:
        """Return a function of x: its slope, the most its second derivative may be, its terms.

        ``magnitude`` is the sum of the magnitudes of the terms that its evaluation adds up, and
        ``functions`` how many elementary functions it takes one after the other.
        """

    @abstractmethod
    def combine_columns(
        self,
        value: Array,
        x: Quantity,
        slope: Array,
        curvature: float,
        magnitude: Array,
        functions: int,
    ) -> Quantity:
        """Return one number a column, (1, n), from all of x (k, n): like `combine`."""

    @abstractmethod
    def divide(self, numerator: Array, x: Quantity) -> Quantity:
        """Return numerator / x, for a given numerator and x above 0."""
