"""What an update of a parameter may be: a step down the derivative of J, at a positive rate.

The rate is a name, or a number, in the line or in a helper that it reads; where the line reads the
derivative by its name, all that is made of rates and numbers and multiplies it. A text that leaves
the division out may make it up for here, and where J has no term for the weights they may decay.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.syntax import (
    Binary,
    Name,
    Node,
    Number,
    children,
    constant,
    names,
)
from gradoracle.derivation.truth import matrices as m
from gradoracle.derivation.truth.evaluate import Scope, value_of
from gradoracle.derivation.truth.matrices import Matrix
from gradoracle.derivation.truth.steps import Step
from gradoracle.derivation.truth.true_values import RATES, Truth

Constant = str | Fraction  # alpha, lam, 0.1
STRENGTH = "lam"
PRODUCTS = (("*", 0), ("*", 1), ("/", 0))  # the operator, and the side on which a factor stands
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


def constants_in(step: Step, within: Iterable[frozenset[Constant]] = ()) -> frozenset[Constant]:
    """Return the rates, the strength and the numbers but 0 and 1 in a line, and in its helpers.

    What the line sets is among them where it is made of rates and numbers alone.
    """
    own: set[Constant] = {name for name in (*RATES, STRENGTH) if name in step.uses}
    own |= {number for number in _numbers(step.line.formula) if number not in (0, 1)}
    own = own.union(*within)
    if set(step.uses) <= {*RATES, *own} - {STRENGTH}:
        own.add(step.key)
    return frozenset(own)


def expected(truth: Truth, step: Step) -> Matrix | None:
    """Return the true value of what a step sets; of a parameter, after its plain update."""
    value = truth.values.get(step.key)
    if value is None or step.key not in truth.parameters:
        return value
    rate, _ = next(_rates(step, constants_in(step), truth, truth.values))
    return _step(value, rate, truth.slopes[step.key])


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
    for rate, product in _rates(step, constants, truth, values):
        others = {*constants} - set(_numbers(product) if product else ())
        for derivative in slopes:
            plain = Update(_step(before, rate, derivative), product, derivative is not slope)
            yield plain
            if header.network and not header.l2 and weights:
                for share in _shares(truth, rate, others):
                    left = m.ARITHMETIC["-"](plain.value, m.ARITHMETIC["*"](share, before))
                    yield replace(plain, value=left, shrunk=True)


def _shares(truth: Truth, rate: Matrix, constants: Collection[Constant]) -> Iterator[Matrix]:
    """Yield the shares of the weights that an update may take off, too."""
    times, n = m.ARITHMETIC["*"], m.scalar(truth.given.setting.n)
    strength, one = truth.values[STRENGTH], m.scalar(1)
    shares = [times(m.scalar(often), strength) for often in USUAL] * (STRENGTH in constants)
    numbers = [m.scalar(c) for c in _sorted(constants) if c < 1]
    numbers = [c for c in numbers if not _same(c, rate)]  # 0.1 * (W - dW) has lost a bracket
    for share in (*shares, *numbers):
        for whole in (times(rate, share), share):
            yield from (whole, m.ARITHMETIC["/"](whole, n))
    for number in numbers:  # 0.999 * W - alpha * dW; 0.9 * W - 0.1 * dW is an average
        share = m.ARITHMETIC["-"](one, number)
        if not _same(share, rate):
            yield share


def _same(a: Matrix, b: Matrix) -> bool:
    return bool((a[0, 0] - b[0, 0]).contains(0))


def _step(before: Matrix, rate: Matrix, slope: Matrix) -> Matrix:
    return m.ARITHMETIC["-"](before, m.ARITHMETIC["*"](rate, slope))


def _rates(
    step: Step, constants: Collection[Constant], truth: Truth, values: Mapping[str, Matrix]
) -> Iterator[tuple[Matrix, Node | None]]:
    """Yield what may be the rate: by name in the line, by name in a helper, a number, or a product.

    A product, which comes with its formula, only where the derivative stands by its name: in
    ``W - alpha * 2 * (A - Y) @ X.T / n`` the 2 may be an error of the derivative.
    """
    direct = [name for name in RATES if name in step.uses]
    names = direct or [name for name in RATES if name in constants]
    numbers = [m.scalar(one) for one in _sorted(constants)]
    own = [values[name] for name in names if name in values]
    positive = [value for value in own if value.size == 1 and value[0, 0] > 0]
    found = positive + (numbers if not direct else [])
    given = (truth.values[name] for name in (*names, *RATES) if name in truth.values)
    yield from ((rate, None) for rate in found or [next(given)])
    rates = {*RATES, *constants} - {STRENGTH}
    for multiplier in _multipliers(step.line.formula, step, truth, rates):
        value = value_of(Scope(dict(values), step.numbers), multiplier)
        one = constant(multiplier) == 1  # W - dW has no rate
        if not one and value is not None and value.size == 1 and abs(value[0, 0]) > 0:
            yield abs(value), multiplier


def _multipliers(node: Node, step: Step, truth: Truth, rates: set[Constant]) -> Iterator[Node]:
    """Yield what multiplies each derivative by name: of that, what is made of rates and numbers."""
    if isinstance(node, Name):
        if truth.trace_of(_key(node, step)) <= truth.by_parameters:
            yield Number(node.at, Fraction(1))
        return
    for at, child in enumerate(children(node)):
        for inside in _multipliers(child, step, truth, rates):
            if isinstance(node, Binary) and (node.operator, at) in PRODUCTS:
                other = _part((node.right, node.left)[at], step, rates)
                yield _product(node.operator, inside, other)
            else:
                yield inside


def _part(node: Node, step: Step, rates: set[Constant]) -> Node:
    """Return the factors of a product that are made of rates and numbers, or 1."""
    if rates >= {_key(name, step) for name in names(node)}:
        return node
    if isinstance(node, Binary) and node.operator in ("*", "/"):
        left, right = (_part(side, step, rates) for side in (node.left, node.right))
        return _product(node.operator, left, right)
    return Number(node.at, Fraction(1))


def _product(operator: str, left: Node, right: Node) -> Node:
    """Return a product or a quotient; what is 1 in it goes."""
    if constant(right) == 1:
        return left
    if operator == "*" and constant(left) == 1:
        return right
    return Binary(left.at, operator, left, right)


def _key(name: Name, step: Step) -> str:
    return Scope({}, step.numbers).key(name)


def _sorted(constants: Collection[Constant]) -> list[Fraction]:
    """Return the positive numbers, in an order that is the same in every run."""
    return sorted(one for one in constants if isinstance(one, Fraction) and one > 0)


def _numbers(node: Node) -> Iterator[Fraction]:
    """Yield the numbers in a formula, without layers and exponents."""
    if isinstance(node, Number):
        yield node.value
    elif not isinstance(node, Name):
        power = isinstance(node, Binary) and node.operator == "**"
        for child in children(node)[: 1 if power else None]:
            yield from _numbers(child)
