"""The true value of every name of one network, and what a text may read of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from gradoracle.derivation.truth.matrices import Matrix
from gradoracle.derivation.truth.networks import Given

RATES = ("alpha", "eta", "lr", "rate", "learning_rate", "step_size", "epsilon")


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
    by_output : str
        The derivative of the header's loss by the output, dA^[L]: it needs no line of its own.
    states : frozenset of str
        Inputs that J does not depend on; what a line sets them to is a helper.
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
    by_output: str = ""
    states: frozenset[str] = frozenset()

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
        not: the text has to give it, but for that of the loss by the output; nor is a second name
        for what a line of the text sets.
        """
        output = {key for key in self.values if self.trace_of(key) == {self.by_output}}
        open_ = set() if output & set(assigned) else output
        closed = (self.derivatives - open_) | (set(assigned) - set(self.given.values))
        return {
            key
            for key in self.values
            if key in self.given.values
            or (key in self.made_of and self.made_of[key] <= set(self.given.values))
            or not ({key} | self.trace_of(key)) & closed
        }
