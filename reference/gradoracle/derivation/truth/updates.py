"""What an update of a parameter may be: a step down the derivative of J, at a positive rate.

A text that leaves the division out may make it up for here, and where J has no term for the weights
they may decay.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.syntax import Node
from gradoracle.derivation.truth import matrices as m
from gradoracle.derivation.truth.matrices import Matrix
from gradoracle.derivation.truth.rates import (
    STRENGTH,
    Constant,
    Rate,
    positive_numbers,
    rates,
)
from gradoracle.derivation.truth.steps import Step
from gradoracle.derivation.truth.true_values import Truth

USUAL = (Fraction(1), Fraction(2), Fraction(1, 2))  # of J + lam / 2, lam or lam / 4 times W**2


@dataclass(frozen=True, eq=False)
class Update:
    """One way in which an update is right.

    Attributes
    ----------
    value : Matrix
        Of the parameter, after it.
    rate : Node or None
        The product that is its rate; None where it is a name or a number.
    divided : bool
        Whether it makes up for a division that the derivative leaves out.
    shrunk : bool
        Whether the weights decay.
    """

    value: Matrix
    rate: Node | None = None
    divided: bool = False
    shrunk: bool = False


def expected(truth: Truth, step: Step, constants: Collection[Constant]) -> Matrix | None:
    """Return the true value of what a step sets; of a parameter, after its plain update."""
    value = truth.values.get(step.key)
    if step.key in truth.states:
        return None
    if value is None or step.key not in truth.parameters:
        return value
    rate = next(rates(step, constants, truth, truth.values))
    return _step(value, rate.value, truth.slopes[step.key])


def updates(
    header: Header,
    truth: Truth,
    step: Step,
    constants: Collection[Constant],
    values: Mapping[str, Matrix],
) -> Iterator[Update]:
    """Yield the ways in which an update may be right, the plain one first.

    Parameters
    ----------
    header : Header
    truth : Truth
    step : Step
        Of a parameter.
    constants : collection of str or Fraction
        See `constants_in`.
    values : mapping of str to Matrix
        Where a rate of the text's own is looked up: ``lr = alpha / 2``.
    """
    before, slope = truth.values[step.key], truth.slopes[step.key]
    slopes = [slope]
    if truth.times != 1:
        slopes.append(m.ARITHMETIC["/"](slope, m.scalar(truth.times)))
    weights = all(name[0] == "W" for name in truth.trace_of(step.key))
    for rate in rates(step, constants, truth, values):
        for derivative in slopes:
            after = _step(before, rate.value, derivative)
            plain = Update(after, rate.product, derivative is not slope)
            yield plain
            if header.network and not header.l2 and weights:
                for share in _shares(truth, rate, constants):
                    left = m.ARITHMETIC["-"](plain.value, m.ARITHMETIC["*"](share, before))
                    yield replace(plain, value=left, shrunk=True)


def _shares(truth: Truth, rate: Rate, constants: Collection[Constant]) -> Iterator[Matrix]:
    """Yield the shares of the weights that an update may take off, too.

    No number is a share that is the rate, or part of it: ``0.1 * (W - dW)`` has lost a bracket, and
    ``0.9 * W - 0.1 * dW`` is an average.
    """
    times, n = m.ARITHMETIC["*"], m.scalar(truth.given.setting.n)
    strength, one = truth.values[STRENGTH], m.scalar(1)
    shares = [times(m.scalar(often), strength) for often in USUAL] * (STRENGTH in constants)
    known = [c for c in positive_numbers(constants) if c < 1 and not rate.has_helpers]
    numbers = [m.scalar(c) for c in known if c not in rate.numbers]
    numbers = [c for c in numbers if not _same(c, rate.value)]
    for share in (*shares, *numbers):
        for whole in (times(rate.value, share), share):
            yield from (whole, m.ARITHMETIC["/"](whole, n))
    for c in known:  # 0.999 * W - alpha * dW
        share = m.ARITHMETIC["-"](one, m.scalar(c))
        if {c, 1 - c}.isdisjoint(rate.numbers) and not (
            _same(share, rate.value) or _same(m.scalar(c), rate.value)
        ):
            yield share


def _same(a: Matrix, b: Matrix) -> bool:
    return bool((a[0, 0] - b[0, 0]).contains(0))


def _step(before: Matrix, rate: Matrix, slope: Matrix) -> Matrix:
    return m.ARITHMETIC["-"](before, m.ARITHMETIC["*"](rate, slope))
