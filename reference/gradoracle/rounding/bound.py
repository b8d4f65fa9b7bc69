"""The deterministic model: the most that rounding can do, whatever the order of summation.

Every operation is given the most that its operands may be off and returns the most that its
result may be off. With u the unit roundoff and gamma_k = k u / (1 - k u) (infinite from k u >= 1),
a sum of k products in any order, with any blocking or fused multiply-add, is off by at most
gamma_k times the sum of their magnitudes; one more term (a bias, an L2 term) makes it k + 1.

An elementary function f (exp, log1p, tanh, erf, ...) is allowed u (8 |f| + |z f'(z)|). That premise
is named in the message of a failure that is called proven. An activation or a derivative is
composed of some: it is allowed u (k M + |z f'(z)|), M the sum of the magnitudes of the terms of its
textbook form (no library promises a relative error of it), and k what the composition needs.

Bounds are sums of products of numbers of 0 or more, so their own evaluation is off by a relative
(operations) * 2^-53 only; `inflate` covers it.

Source: N. J. Higham, Accuracy and Stability of Numerical Algorithms, second edition (2002),
chapter 3: lemma 3.1 (gamma_k), section 3.1 (inner products in any order), lemma 3.3.
"""

from __future__ import annotations

import math

import numpy as np

from gradoracle.arrays import Array, Flags
from gradoracle.rounding.kinks import Range, magnitude, of_matmul, of_product, of_softmax_vjp
from gradoracle.rounding.quantity import ELEMENTARY, ROUNDINGS, Curve, Model, Quantity
from gradoracle.rounding.underflow import flushed, touched


def inflate(bound: Array, operations: int) -> Array:
    """Cover the rounding of the bound itself, and make NaN (0 times infinity) infinite."""
    return np.asarray(np.fmin(bound, np.inf) * (1 + operations * 2.0**-52))


class Bound(Model):
    """Upper bounds of rounding errors."""

    def gamma(self, k: int) -> float:
        """gamma_k = k u / (1 - k u)."""
        ku = k * self.form.u
        return ku / (1 - ku) if ku < 1 else math.inf

    def _rounded(
        self, value: Array, bound: Array, flush: Array | float = 1.0, kinks: Range | None = None
    ) -> Quantity:
        """Attach a bound; what is not 0 may be flushed, ``flush`` times over."""
        nothing = (value == 0) & (bound == 0)
        error = np.where(nothing, 0.0, inflate(bound + flush * self.form.tiny, 16))
        return Quantity(value, error, kinks)

    def _matmul(self, x: Quantity, y: Quantity, plus: Quantity | None, value: Array) -> Quantity:
        """|x| E_y + E_x |y| + E_x E_y + gamma_{k+1} (|x| + E_x)(|y| + E_y), and each flush."""
        a, b = magnitude(x.value, x.kinks), magnitude(y.value, y.kinks)
        k, most_a, most_b = x.value.shape[1], a + x.error, b + y.error
        with np.errstate(invalid="ignore", over="ignore"):
            size = most_a @ most_b
            underflow = np.where(touched(most_a, most_b, size), 2 * k * self.form.tiny, 0.0)
            if plus is not None:
                size += np.abs(plus.value) + plus.error
            bound = (self.gamma(k + 1) + self.form.product_error) * size
            if not y.is_exact:
                bound += a @ y.error
            if not x.is_exact:
                bound += x.error @ most_b
            if plus is not None:
                bound += plus.error
        kinks = of_matmul(x.value, x.kinks, y.value, y.kinks)
        return Quantity(value, inflate(bound + underflow, k + 16), kinks)

    def function(self, x: Quantity, curve: Curve) -> Quantity:
        """The spread of f over x +- E, plus u (k M + |z f'(z)|) at the worst z within."""
        E, z, value = x.error, x.value, curve.value(x.value)
        with np.errstate(over="ignore", invalid="ignore"):
            bound = np.where(E > 0, curve.within.spread(z, E), 0.0)
            if curve.terms is None:
                return Quantity(value, inflate(bound, 16))
            size, units = np.abs(z) + E, curve.within.units
            own = self.form.u * (units * curve.within.terms(z, E) + size * curve.within.slope(z, E))
            own += flushed(value, bound, size, self.form.tiny)
        return Quantity(value, inflate(bound + own, 32))

    def near_kink(self, z: Quantity) -> Flags:
        """Within the bound of 0."""
        return np.asarray((np.abs(z.value) <= z.error) & (z.error > 0))

    def multiply(self, x: Quantity, y: Quantity) -> Quantity:
        """|x| E_y + E_x |y| + E_x E_y, and one rounding (two where the factor is a product)."""
        a, b = magnitude(x.value, x.kinks), magnitude(y.value, y.kinks)
        with np.errstate(invalid="ignore", over="ignore"):
            bound = a * y.error + x.error * (b + y.error)
            bound += self.gamma(2) * (a + x.error) * (b + y.error)
        kinks = of_product(x.value, x.kinks, y.value, y.kinks)
        return self._rounded(x.value * y.value, bound, kinks=kinks)

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
        bound = a.error + ELEMENTARY * self.form.u * (np.abs(a.value) + a.error + np.abs(y))
        return self._rounded(a.value - y, bound)

    def softmax(self, z: Quantity, a: Array) -> Quantity:
        """a_i (e^{2 max E + rounding} - 1), for e^s / sum e^s and e^{z - lse}, s = z - z_max.

        Numerator and denominator change by at most e^{max E} each. In units: e^s is off by
        8 + 2 |s|, the sum T of k of them by 8 + 2 sum a |s| + k - 1, and a quotient rounds once.
        The logarithm of T adds 8 log T + 1, lse = z_max + log T rounds by |lse|, z - lse by
        |z - lse| = |s| + log T, and e^{z - lse} by as much and 8; by s - log T it rounds by |s|
        instead of |lse|. One unit is left for second order. log T <= log k.
        """
        E = z.error.max(axis=0, keepdims=True)
        with np.errstate(over="ignore", invalid="ignore"):
            largest = z.value.max(axis=0, keepdims=True)
            shift = largest - z.value + 2 * E
            mean_shift = (a * shift).sum(axis=0, keepdims=True) * np.exp(2 * E)
            k = a.shape[0]
            lse = np.abs(largest) + E + math.log(k)
            units = 2 * (ELEMENTARY + shift + mean_shift) + k + 1
            units += np.maximum(shift, lse) + (ELEMENTARY + ROUNDINGS) * math.log(k)
            relative = np.expm1(2 * E + self.form.u * units)
            bound = a * relative
        return self._rounded(a, bound, 2.0 + a.shape[0])

    def softmax_vjp(self, a: Quantity, da: Quantity) -> Quantity:
        """Products, their sum over the k units, a difference and a product, in any arrangement."""
        k = a.value.shape[0]
        moved = np.zeros_like(da.value) if da.kinks is None else da.kinks.largest
        size, size_da = a.value + a.error, np.abs(da.value) + moved + da.error
        mean = (a.value * da.value).sum(axis=0, keepdims=True)
        with np.errstate(invalid="ignore", over="ignore"):
            of_terms = a.value * da.error + a.error * size_da
            terms = (size * size_da).sum(axis=0, keepdims=True)
            of_mean = of_terms.sum(axis=0, keepdims=True) + self.gamma(k + 1) * terms
            centred = np.abs(da.value - mean) + moved
            centred += (a.value * moved).sum(axis=0, keepdims=True)
            bound = a.error * centred + size * (da.error + of_mean)
            bound += self.gamma(3) * size * (size_da + terms)
        kinks = of_softmax_vjp(a.value, da.kinks)
        return self._rounded(a.value * (da.value - mean), bound, 2.0 * k, kinks)

    def combine(
        self,
        value: Array,
        x: Quantity,
        slope: Array,
        curvature: float,
        magnitude: Array,
        functions: int,
    ) -> Quantity:
        """Taylor: |f'| E + curvature E^2 / 2, and roundings of the terms, which E enlarges.

        A term that is computed by k elementary functions one after the other is off by 8 k units
        and at most 4 more operations: for log1p(e^-|z|) + max(z, 0) - z y that is at most 18 of
        log1p(e^-|z|) and 4 of |z|. Over a step of E such terms grow by 4 E.
        """
        E, units = x.error, functions * ELEMENTARY + 2 * ROUNDINGS
        with np.errstate(invalid="ignore", over="ignore"):
            bound = np.abs(slope) * E + curvature * E * E / 2
            bound += self.gamma(units) * (magnitude + 4 * E + bound)
        return self._rounded(value, bound, 4.0)

    def combine_columns(
        self,
        value: Array,
        x: Quantity,
        slope: Array,
        curvature: float,
        magnitude: Array,
        functions: int,
    ) -> Quantity:
        """The same for a column: sum |f'_i| E_i + curvature max E^2 / 2; its sums add k units.

        For y (log sum e^s - s), s = z - max z, in units: 8 + 2 sum a |s| + k for the sum of the
        exponentials, 8 log k + 1 for its logarithm, 4 max |z| for s and 1 + k for the products and
        their sum, of log k + 2 max |z|. As sum a |s| <= log k, 20 + k units of
        4 max |z| + log k + 1 are more.
        """
        E, k = x.error, x.error.shape[0]
        units = functions * ELEMENTARY + 2 * ROUNDINGS + k
        largest = E.max(axis=0, keepdims=True)
        with np.errstate(invalid="ignore", over="ignore"):
            bound = (np.abs(slope) * E).sum(axis=0, keepdims=True)
            bound += curvature * largest * largest / 2
            bound += self.gamma(units) * (magnitude + 4 * largest + bound)
        return self._rounded(value, bound, 4.0 * k)

    def divide(self, numerator: Array, x: Quantity) -> Quantity:
        """|1 / (x - E) - 1 / x| = E / x / (x - E), infinite from E >= x, and two roundings."""
        size = np.abs(numerator)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            least = np.where(x.error < x.value, x.value - x.error, 0.0)
            bound = size * (x.error / x.value / least + self.gamma(2) / least)
        return self._rounded(numerator / x.value, np.where(size > 0, bound, 0.0))
