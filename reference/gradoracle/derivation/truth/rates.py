"""The rate of an update: a name, a number, or what is made of them, in the line or in a helper.

Where the line reads the derivative by its name, a product of rates and numbers that multiplies it
is a rate, too. In ``W - alpha * 2 * (A - Y) @ X.T / n`` the 2 may be an error of the derivative.
A text that writes no rate in any of its updates means 1.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from gradoracle.derivation.reading.syntax import (
    Binary,
    Minus,
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
ONE = Fraction(1)


@dataclass(frozen=True, eq=False)
class Rate:
    """A rate.

    Attributes
    ----------
    value : Matrix
    product : Node or None
        Its formula, where it is more than a name or a number of the line.
    """

    value: Matrix
    product: Node | None = None

    @property
    def numbers(self) -> frozenset[Fraction]:
        """The numbers in its formula."""
        return frozenset(numbers_in(self.product)) if self.product else frozenset()

    @property
    def has_helpers(self) -> bool:
        """Whether its formula has names of the text's own."""
        return any(name.base not in RATES for name in names(self.product or Number(0, ONE)))


def constants_in(
    step: Step, within: Mapping[str, frozenset[Constant]] = MappingProxyType({})
) -> frozenset[Constant]:
    """Return the rates, the strength and the numbers but 0 and 1 in a line, and in its helpers.

    What a line sets is among its own where it is a product of rates and numbers alone; else it is
    no rate, whatever it is called.

    Parameters
    ----------
    step : Step
    within : mapping of str to frozenset
        The same of the helpers that the line reads, by name.
    """
    own: set[Constant] = {name for name in (*RATES, STRENGTH) if name in step.uses}
    own |= {number for number in numbers_in(step.line.formula) if number not in (0, 1)}
    own = own.union(*within.values()) - {key for key, held in within.items() if key not in held}
    if _is_product(step.line.formula, step, own - {STRENGTH}):
        own.add(step.key)
    return frozenset(own)


def unwritten(truth: Truth, text: Iterable[Step]) -> frozenset[Constant]:
    """Return the rate 1 for a text that writes no rate in any of its updates, by name or number."""
    several = list(text)
    named = any(set(step.uses) & set(RATES) for step in several)
    updated = [step for step in several if step.key in truth.parameters]
    written = named or any(constants_in(step) - {step.key, STRENGTH} for step in updated)
    return frozenset() if written else frozenset({ONE})


def rates(
    step: Step, constants: Collection[Constant], truth: Truth, values: Mapping[str, Matrix]
) -> Iterator[Rate]:
    """Yield what may be the rate, by name in the line, by name in a helper, a number, a product.

    Parameters
    ----------
    step : Step
        Of a parameter.
    constants : collection of str or Fraction
        See `constants_in`.
    truth : Truth
    values : mapping of str to Matrix
        Where a rate of the text's own is looked up: ``lr = alpha / 2``.
    """
    direct = [name for name in RATES if name in step.uses and name in constants]
    several = direct or [name for name in RATES if name in constants]
    numbers = [m.scalar(one) for one in positive_numbers(constants)]
    own = [values[name] for name in several if name in values]
    positive = [value for value in own if value.size == 1 and value[0, 0] > 0]
    found = positive + (numbers if not direct else [])
    given = (truth.values[name] for name in (*several, *RATES) if name in truth.values)
    if ONE in constants:
        yield Rate(m.scalar(ONE), Number(0, ONE))
        yield from map(Rate, found)  # that of a helper: move = 0.1 * dW
    else:
        yield from map(Rate, found or [next(given)])
    products = list(_multipliers(step.line.formula, step, truth, {*constants} - {STRENGTH}))
    if len(products) == 1 and constant(products[0]) != 1:  # W - dW has none
        value = value_of(Scope(dict(values), step.numbers), products[0])
        if value is not None and value.size == 1 and abs(value[0, 0]) > 0:
            yield Rate(abs(value), products[0])


def _multipliers(node: Node, step: Step, truth: Truth, known: set[Constant]) -> Iterator[Node]:
    """Yield what multiplies each derivative by name: of that, what is made of rates and numbers."""
    if isinstance(node, Name):
        if truth.trace_of(_key(node, step)) <= truth.by_parameters:
            yield Number(node.at, ONE)
        return
    for at, child in enumerate(children(node)):
        for inside in _multipliers(child, step, truth, known):
            if isinstance(node, Binary) and (node.operator, at) in PRODUCTS:
                of = known if node.operator == "*" else set()  # nothing is divided by a rate
                other = _part((node.right, node.left)[at], step, of)
                yield _product(node.operator, inside, other)
            else:
                yield inside


def _part(node: Node, step: Step, known: set[Constant]) -> Node:
    """Return the factors of a product that are made of rates and numbers, or 1."""
    if _is_product(node, step, known):
        return node
    if isinstance(node, Binary) and node.operator in ("*", "/"):
        below = known if node.operator == "*" else set()
        left, right = _part(node.left, step, known), _part(node.right, step, below)
        return _product(node.operator, left, right)
    return Number(node.at, ONE)


def _is_product(node: Node, step: Step, known: set[Constant]) -> bool:
    """Whether a formula is a product of rates and numbers; nothing is divided by a rate."""
    if not list(names(node)):
        return True
    match node:
        case Name():
            return _key(node, step) in known
        case Minus():
            return _is_product(node.operand, step, known)
        case Binary(operator="*"):
            return all(_is_product(side, step, known) for side in (node.left, node.right))
        case Binary(operator="/" | "**"):
            left, right = node.left, node.right
            power = node.operator == "/" or (constant(right) or 0) > 0
            return power and _is_product(left, step, known) and not list(names(right))
    return False


def _product(operator: str, left: Node, right: Node) -> Node:
    """Return a product or a quotient; what is 1 in it goes."""
    if constant(right) == 1:
        return left
    if operator == "*" and constant(left) == 1:
        return right
    return Binary(left.at, operator, left, right)


def _key(name: Name, step: Step) -> str:
    return Scope({}, step.numbers).key(name)


def positive_numbers(constants: Collection[Constant]) -> list[Fraction]:
    """Return the positive numbers but 1, in an order that is the same in every run."""
    return sorted(one for one in constants if isinstance(one, Fraction) and one > 0 and one != ONE)


def numbers_in(node: Node) -> Iterator[Fraction]:
    """Yield the numbers in a formula, without layers and exponents."""
    if isinstance(node, Number):
        yield node.value
    elif not isinstance(node, Name):
        power = isinstance(node, Binary) and node.operator == "**"
        for child in children(node)[: 1 if power else None]:
            yield from numbers_in(child)
