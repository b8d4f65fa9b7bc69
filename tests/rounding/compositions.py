"""Textbook compositions with a running error: every elementary function 8 units off, at worst.

A number with the most that it may be off, in units of u and to first order. Each arithmetic
operation adds one rounding of its result; each elementary function f adds 8 |f| for the library
and |x f'(x)| for the rounding of its argument, as the premise says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import erf

from gradoracle.arrays import Array

PREMISE = 8


@dataclass(frozen=True)
class Running:
    """A value and the units that it may be off by."""

    value: Array
    units: Array

    def _rounded(self, value: Array, units: Array) -> Running:
        return Running(value, units + np.abs(value))

    def __add__(self, other: Running | float) -> Running:
        o = given(other)
        return self._rounded(self.value + o.value, self.units + o.units)

    def __sub__(self, other: Running | float) -> Running:
        return self + times_exactly(given(other), -1.0)

    def __rsub__(self, other: float) -> Running:
        return given(other) - self

    def __mul__(self, other: Running | float) -> Running:
        o = given(other)
        units = np.abs(self.value) * o.units + np.abs(o.value) * self.units
        return self._rounded(self.value * o.value, units)

    def __truediv__(self, other: Running) -> Running:
        value = self.value / other.value
        return self._rounded(value, (self.units + np.abs(value) * other.units) / other.value)

    __radd__ = __add__
    __rmul__ = __mul__

    def __rtruediv__(self, other: float) -> Running:
        return given(other) / self


def given(x: Running | float | Array) -> Running:
    """Return a number without an error."""
    if isinstance(x, Running):
        return x
    value = np.asarray(x, dtype=np.float64)
    return Running(value, np.zeros_like(value))


def times_exactly(x: Running, power_of_two: float) -> Running:
    return Running(x.value * power_of_two, x.units * abs(power_of_two))


def _elementary(
    f: Callable[[Array], Array], prime: Callable[[Array], Array], x: Running
) -> Running:
    value, slope = f(x.value), np.abs(prime(x.value))
    return Running(value, slope * (x.units + np.abs(x.value)) + PREMISE * np.abs(value))


def exp(x: Running) -> Running:
    return _elementary(np.exp, np.exp, x)


def expm1(x: Running) -> Running:
    return _elementary(np.expm1, np.exp, x)


def log(x: Running) -> Running:
    return _elementary(np.log, lambda v: 1 / v, x)


def log1p(x: Running) -> Running:
    return _elementary(np.log1p, lambda v: 1 / (1 + v), x)


def tanh(x: Running) -> Running:
    return _elementary(np.tanh, lambda v: 1 - np.tanh(v) ** 2, x)


def normal_cdf(z: Running) -> Running:
    """(1 + erf(z / sqrt 2)) / 2, with a rounded constant."""
    x = z * Running(np.array(np.sqrt(0.5)), np.array(np.sqrt(0.5)))
    e = _elementary(erf, lambda v: 2 / np.sqrt(np.pi) * np.exp(-v * v), x)
    return times_exactly(1 + e, 0.5)


def normal_pdf(z: Running) -> Running:
    constant = np.array(np.sqrt(0.5 / np.pi))
    return exp(times_exactly(z * z, -0.5)) * Running(constant, constant)


def sigmoid(z: Running) -> Running:
    return 1 / (1 + exp(times_exactly(z, -1.0)))


def softplus(z: Running) -> Running:
    size = Running(-np.abs(z.value), z.units)
    return Running(np.maximum(z.value, 0), z.units) + log1p(exp(size))


def total(terms: Running) -> Running:
    """The sum of each column, whatever the order."""
    rounding = (len(terms.value) - 1) * np.abs(terms.value).sum(axis=0)
    return Running(terms.value.sum(axis=0), terms.units.sum(axis=0) + rounding)


def shifted(z: Running) -> Running:
    """z - max z, by columns."""
    return z - Running(z.value.max(axis=0), np.zeros(z.value.shape[1]))


def logsumexp(z: Running) -> Running:
    """max z + log(sum e^{z - max z}), by columns."""
    return Running(z.value.max(axis=0), np.zeros(z.value.shape[1])) + log(total(exp(shifted(z))))


def softmax(z: Running) -> Running:
    e = exp(shifted(z))
    return e / total(e)


def exp_log_softmax(z: Running) -> Running:
    """e^{s - log(sum e^s)}, s = z - max z, as log_softmax evaluates it."""
    s = shifted(z)
    return exp(s - log(total(exp(s))))


def exp_minus_logsumexp(z: Running) -> Running:
    """e^{z - logsumexp(z)}: how autograd differentiates logsumexp."""
    return exp(z - logsumexp(z))


Form = Callable[[Running], Running]
SOFTMAXES: list[Form] = [softmax, exp_log_softmax, exp_minus_logsumexp]

VALUES: dict[str, list[Form]] = {
    "sigmoid": [sigmoid],
    "tanh": [tanh],
    "softplus": [softplus],
    "elu": [lambda z: expm1(Running(np.minimum(z.value, 0), z.units))],
    "gelu": [lambda z: z * normal_cdf(z)],
    "silu": [lambda z: z * sigmoid(z), lambda z: z / (1 + exp(times_exactly(z, -1.0)))],
}


def _of_sigmoid(a: Running) -> Running:
    return a * (1 - a)


def _silu_prime(z: Running) -> Running:
    a = sigmoid(z)
    return a * (1 + z * (1 - a))


def _silu_prime_by_parts(z: Running) -> Running:
    a = sigmoid(z)
    return a + z * _of_sigmoid(a)


PRIMES: dict[str, list[Form]] = {
    "sigmoid": [lambda z: _of_sigmoid(sigmoid(z)), lambda z: sigmoid(z) - sigmoid(z) * sigmoid(z)],
    "tanh": [lambda z: 1 - tanh(z) * tanh(z)],
    "softplus": [sigmoid, lambda z: exp(z - softplus(z))],
    "elu": [lambda z: 1 + expm1(Running(np.minimum(z.value, 0), z.units)),
            lambda z: exp(Running(np.minimum(z.value, 0), z.units))],
    "gelu": [lambda z: normal_cdf(z) + z * normal_pdf(z)],
    "silu": [_silu_prime, _silu_prime_by_parts],
}  # fmt: skip
