"""The deterministic model: the most that rounding can do, whatever the order of summation.

Every operation is given the most that its operands may be off and returns the most that its
result may be off. With u the unit roundoff and gamma_k = k u / (1 - k u) (infinite from k u >= 1),
a sum of k products in any order, with any blocking or fused multiply-add, is off by at most
gamma_k times the sum of their magnitudes; one more term (a bias, an L2 term) makes it k + 1.

An elementwise function f is allowed u (8 M + |z f'(z)|), M the sum of the magnitudes of the terms
of its textbook form: no library promises a relative error. That premise is named in the message
of a failure that is called proven.

Bounds are sums of products of numbers of 0 or more, so their own evaluation is off by a relative
(operations) * 2^-53 only; `inflate` covers it.

Source: N. J. Higham, Accuracy and Stability of Numerical Algorithms, second edition (2002),
chapter 3: lemma 3.1 (gamma_k), section 3.1 (inner products in any order), lemma 3.3.
"""

from __future__ import annotations

import math

import numpy as np

from gradoracle.arrays import Array, Flags
from gradoracle.rounding.quantity import Curve, Model, Quantity

ELEMENTWISE = 8  # units of roundoff, of the terms: the premise about libraries


def inflate(bound: Array, operations: int) -> Array:
    """Cover the rounding of the bound itself, and make NaN (0 times infinity) infinite."""
    return np.asarray(np.fmin(bound, np.inf) * (1 + operations * 2.0**-52))


class Bound(Model):
    """Upper bounds of rounding errors."""

    def gamma(self, k: int) -> float:
        """gamma_k = k u / (1 - k u)."""
        ku = k * self.form.u
        return ku / (1 - ku) if ku < 1 else math.inf

    def _rounded(self, value: Array, bound: Array, flush: Array | float = 1.0) -> Quantity:
        """Attach a bound; what is not 0 may be flushed, ``flush`` times over."""
        nothing = (value == 0) & (bound == 0)
        return Quantity(value, np.where(nothing, 0.0, inflate(bound + flush * self.form.tiny, 16)))

    def _matmul(self, x: Quantity, y: Quantity, plus: Quantity | None, value: Array) -> Quantity:
        """|x| E_y + E_x |y| + E_x E_y + gamma_{k+1} (|x| + E_x)(|y| + E_y), and each flush."""
        a, b, k = np.abs(x.value), np.abs(y.value), x.value.shape[1]
        with np.errstate(invalid="ignore", over="ignore"):
            magnitude = (a + x.error) @ (b + y.error)
            bound = np.zeros_like(value)
            if not y.is_exact:
                bound += a @ y.error
            if not x.is_exact:
                bound += x.error @ (b + y.error)
            if plus is not None:
                bound = bound + plus.error
                magnitude = magnitude + np.abs(plus.value) + plus.error
            bound += (self.gamma(k + 1) + self.form.product_error) * magnitude
        # a product of two numbers that are not 0 may be flushed, or underflow right here
        touched = (a > 0).astype(np.float64) @ (b > 0).astype(np.float64) > 0
        return Quantity(
            value,
            inflate(bound + np.where(touched, 2 * k * self.form.tiny, 0.0), k + 16),
        )

    def function(self, x: Quantity, curve: Curve) -> Quantity:
        """The spread of f over x +- E, plus u (8 M + |z f'(z)|) at the worst z within.

        Over a step of E every M of the table grows at most to (M + E) e^{2E}, and |f'| to
        |f'| + 2 E (no second derivative of the table exceeds 2).
        """
        E = x.error
        with np.errstate(over="ignore", invalid="ignore"):
            bound = np.where(E > 0, curve.spread(x.value, E), 0.0)
            if curve.terms is None:
                return Quantity(curve.value(x.value), inflate(bound, 16))
            slope, size = np.abs(curve.prime(x.value)), np.abs(x.value) + E
            terms = (curve.terms(x.value) + E) * np.exp(2 * E)
            own = self.form.u * (ELEMENTWISE * terms + size * (slope + 2 * E))
            own += np.where(size > 0, (1 + size) * self.form.tiny, 0)
        return Quantity(curve.value(x.value), inflate(bound + own, 32))

    def near_kink(self, z: Quantity) -> Flags:
        """Within the bound of 0."""
        return np.asarray((np.abs(z.value) <= z.error) & (z.error > 0))

    def either_side(self, slope: Quantity, near: Flags, other: Array) -> Quantity:
        """Off by the whole jump there."""
        jump = np.where(near, np.abs(other - slope.value), 0.0)
        return Quantity(slope.value, slope.error + jump)

    def multiply(self, x: Quantity, y: Quantity) -> Quantity:
        """|x| E_y + E_x |y| + E_x E_y, and one rounding (two where the factor is a product)."""
        a, b = np.abs(x.value), np.abs(y.value)
        with np.errstate(invalid="ignore", over="ignore"):
            bound = a * y.error + x.error * (b + y.error)
            bound += self.gamma(2) * (a + x.error) * (b + y.error)
        return self._rounded(x.value * y.value, bound)

    def scale(self, x: Quantity, factor: float) -> Quantity:
        """Four roundings: a mean over examples and one over outputs, each by a rounded inverse."""
        if factor == 1:
            return x
        value = x.value * factor
        bound = abs(factor) * (x.error + self.gamma(4) * (np.abs(x.value) + x.error))
        return self._rounded(value, bound)

    def subtract(self, x: Quantity, y: Array) -> Quantity:
        """E_x and one rounding."""
        value = x.value - y
        return self._rounded(value, x.error + self.form.u * (np.abs(value) + x.error))

    def fused_error(self, a: Quantity, y: Array) -> Quantity:
        """8 units of the terms: autograd evaluates (1 - y) sigma(z) - y sigma(-z), or sums of p."""
        bound = a.error + ELEMENTWISE * self.form.u * (np.abs(a.value) + a.error + np.abs(y))
        return self._rounded(a.value - y, bound)

    def softmax(self, z: Quantity, a: Array) -> Quantity:
        """a_i (e^{2 max E + rounding} - 1).

        Numerator and denominator change by at most e^{max E} each; exp and its argument's
        rounding give 8 + |z_i - z_max| units each, the sum k, subtraction and division two.
        """
        E = z.error.max(axis=0, keepdims=True)
        with np.errstate(over="ignore", invalid="ignore"):
            shift = np.abs(z.value - z.value.max(axis=0)) + 2 * E
            mean_shift = (a * shift).sum(axis=0, keepdims=True) * np.exp(2 * E)
            units = 2 * ELEMENTWISE + shift + mean_shift + a.shape[0] + 2
            relative = np.expm1(2 * E + self.form.u * units)
            bound = a * relative
        return self._rounded(a, bound, 2.0 + a.shape[0])

    def softmax_vjp(self, a: Quantity, da: Quantity) -> Quantity:
        """Products, their sum over the k units, a difference and a product, in any arrangement."""
        k = a.value.shape[0]
        size, size_da = a.value + a.error, np.abs(da.value) + da.error
        mean = (a.value * da.value).sum(axis=0, keepdims=True)
        with np.errstate(invalid="ignore", over="ignore"):
            of_product = a.value * da.error + a.error * size_da
            magnitude = (size * size_da).sum(axis=0, keepdims=True)
            of_mean = of_product.sum(axis=0, keepdims=True) + self.gamma(k + 1) * magnitude
            centred = np.abs(da.value - mean)
            bound = a.error * centred + size * (da.error + of_mean)
            bound += self.gamma(3) * size * (size_da + magnitude)
        return self._rounded(a.value * (da.value - mean), bound, 2.0 * k)

    def combine(
        self, value: Array, x: Quantity, slope: Array, curvature: float, magnitude: Array
    ) -> Quantity:
        """Taylor: |f'| E + curvature E^2 / 2, and 8 units of the terms, which E enlarges."""
        E = x.error
        with np.errstate(invalid="ignore", over="ignore"):
            bound = np.abs(slope) * E + curvature * E * E / 2
            bound += ELEMENTWISE * self.form.u * (magnitude + 2 * E + bound)
        return self._rounded(value, bound, 4.0)

    def combine_columns(
        self, value: Array, x: Quantity, slope: Array, curvature: float, magnitude: Array
    ) -> Quantity:
        """The same for a column: sum |f'_i| E_i + curvature max E^2 / 2."""
        E, k = x.error, x.error.shape[0]
        largest = E.max(axis=0, keepdims=True)
        with np.errstate(invalid="ignore", over="ignore"):
            bound = (np.abs(slope) * E).sum(axis=0, keepdims=True)
            bound += curvature * largest * largest / 2
            bound += (ELEMENTWISE * self.form.u + self.gamma(k + 2)) * (magnitude + 2 * largest)
        return self._rounded(value, bound, 4.0 * k)

    def divide(self, numerator: Array, x: Quantity) -> Quantity:
        """|1 / (x - E) - 1 / x| = E / (x (x - E)), infinite from E >= x, and two roundings."""
        size = np.abs(numerator)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            least = np.where(x.error < x.value, x.value - x.error, 0.0)
            bound = size * (x.error / (x.value * least) + self.gamma(2) / least)
        return self._rounded(numerator / x.value, np.where(size > 0, bound, 0.0))
