"""The true value of every name of one network, and what a text may read of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.syntax import Binary, Name, Node, Number, children
from gradoracle.derivation.truth import matrices as m
from gradoracle.derivation.truth.matrices import Matrix
from gradoracle.derivation.truth.networks import Given
from gradoracle.derivation.truth.steps import Step

Rate = str | Fraction
RATES = ("alpha", "eta", "lr", "rate", "learning_rate")


@dataclass(frozen=True)
class Reading:
    """What a text leaves open, and how it is taken.

    Attributes
    ----------
    reduction : str
        Of J.
    convention : {"plain", "per-example", "undivided"}
        Whether dA, dZ and dX are N times the derivative of J, or all derivatives are.
    """

    reduction: str = "mean"
    convention: str = "plain"


@dataclass(frozen=True, eq=False)
class Truth:
    """The true value of every name of one network, in the layout and convention of the text.

    Attributes
    ----------
    given : Given
    values : mapping of str to Matrix
        Inputs, forward values, J, and the derivatives by all of them.
    defined : mapping of int to Matrix
        What is taken from the text as the definition, and not judged: the value of each step, by
        its `id`; a name may be set several times.
    N : int
        The divisor.
    derivatives : frozenset of str
        The names that are derivatives of J, or are tied to one.
    parameters : frozenset of str
        The names that a line may update.
    made_of : mapping of str to frozenset of str
        What of the trace each name is made of that the header ties.
    slopes : mapping of str to Matrix
        The derivative, as the text has it, by each of the parameters.
    times : int
        By how many a derivative by a parameter is the text's: N where it divides nothing.
    """

    given: Given
    values: Mapping[str, Matrix]
    defined: Mapping[int, Matrix]
    N: int
    derivatives: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()
    made_of: Mapping[str, frozenset[str]] = field(default_factory=dict)
    slopes: Mapping[str, Matrix] = field(default_factory=dict)
    times: int = 1

    @property
    def by_parameters(self) -> set[str]:
        """The names of the derivatives by parameters: dW^[l], db^[l]."""
        return {f"d{key}" for key in self.parameters}

    def trace_of(self, key: str) -> frozenset[str]:
        """Return what of the trace a name is made of: a name of the trace of itself."""
        return self.made_of.get(key, frozenset({key}))

    def free(self, assigned: Collection[str]) -> set[str]:
        """Return the names that a text may read though no line of it sets them.

        Inputs are given. What the text leaves out of the forward pass is, too. A derivative is
        not: the text has to give it; nor is a second name for what a line of the text sets.
        """
        closed = self.derivatives | (set(assigned) - set(self.given.values))
        return {
            key
            for key in self.values
            if key in self.given.values
            or (key in self.made_of and self.made_of[key] <= set(self.given.values))
            or not ({key} | self.trace_of(key)) & closed
        }


def ways(header: Header, truth: Truth, step: Step) -> list[str]:
    """Return how an update may go on from the derivative of J.

    A text that leaves the division out may make it up for in the update. One whose J has no term
    for the weights may let them decay there.
    """
    if step.key not in truth.parameters:
        return []
    weights = all(name[0] == "W" for name in truth.trace_of(step.key))
    decays = header.network and not header.l2 and weights and "lam" in step.uses
    return ["divided"] * (truth.times != 1) + ["decayed"] * decays


def expected(
    truth: Truth,
    step: Step,
    values: Mapping[str, Matrix] | None = None,
    way: str = "",
    rates: Collection[Rate] = (),
) -> Matrix | None:
    """Return the true value of what a step sets; of a parameter, after its update.

    The rate of an update may be one of the text's own: ``lr = alpha / 2`` is looked up in
    ``values``. A rate may be a number. The `ways` of an update are "divided" and "decayed"; its
    `rates` are those of `rates_in`, if they are known to come from helpers.
    """
    value = truth.values.get(step.key)
    if value is None or step.key not in truth.parameters:
        return value
    rate = _rate(rates or rates_in(step), truth.values if values is None else values)
    slope = truth.slopes[step.key]
    if way == "divided":
        slope = m.ARITHMETIC["/"](slope, m.scalar(truth.times))
    if way == "decayed":
        slope = m.ARITHMETIC["+"](slope, m.ARITHMETIC["*"](truth.values["lam"], value))
    return m.ARITHMETIC["-"](value, m.ARITHMETIC["*"](rate, slope))


def rates_in(step: Step, within: Iterable[frozenset[Rate]] = ()) -> frozenset[Rate]:
    """Return what may be the learning rate in a line: by name, or a number but 0 and 1.

    Where the line has none by name, those count that the helpers have which it reads: `within`.
    """
    own: set[Rate] = {rate for rate in RATES if rate in step.uses}
    several = own | set().union(*within)
    numbers = {number for number in _numbers(step.line.formula) if number not in (0, 1)}
    return frozenset(own or {one for one in several if isinstance(one, str)} or several | numbers)


def _rate(rates: Collection[Rate], values: Mapping[str, Matrix]) -> Matrix:
    """Return the learning rate of an update: by its name, or the only number there is."""
    known = [rate for rate in RATES if rate in rates and rate in values]
    numbers = [one for one in rates if isinstance(one, Fraction)]
    if not known and len(numbers) == 1 and numbers[0] > 0:
        return m.scalar(numbers[0])
    return values[known[0] if known else RATES[0]]


def _numbers(node: Node) -> Iterator[Fraction]:
    """Yield the numbers in a formula, without layers and exponents."""
    if isinstance(node, Number):
        yield node.value
    elif not isinstance(node, Name):
        power = isinstance(node, Binary) and node.operator == "**"
        for child in children(node)[: 1 if power else None]:
            yield from _numbers(child)
