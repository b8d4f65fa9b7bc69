"""The right formula for each name of a trace, in a text's layout and convention.

More than one is given for most names: with and without a division, from dA or from what is above
it. Which is right is not decided here: `gradoracle.derivation.mending.mending` evaluates them all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

from gradoracle.derivation.mending.name_edits import layer_of
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.syntax import Name, show
from gradoracle.derivation.truth.contract import BY_OUTPUT, LOSSES, divisor

SLOPES = {
    "sigmoid": ("{A} * (1 - {A})",),
    "tanh": ("(1 - {A}**2)",),
    "relu": ("({Z} > 0)",),
    "identity": ("",),
}
DEPTH = 4  # of formulas put in the place of names that the text has not


@dataclass(frozen=True)
class Layer:
    """The layer of a name, as a number or as l and what is added to it."""

    symbol: str
    number: int

    def of(self, base: str, by: int = 0) -> str:
        """Return a name at this layer, or so many above it: ``W2``, ``W[l+1]``, X for A0."""
        number = self.number + by
        if self.symbol:
            return f"{base}[{self.symbol}{number:+d}]" if number else f"{base}[{self.symbol}]"
        return {"A0": "X", "dA0": "dX"}.get(f"{base}{number}", f"{base}{number}")


def layer(name: Name) -> Layer:
    """Return the layer that a name has; 0 for X and dX."""
    if name.index is None:
        return Layer("", 0)
    symbol, number = layer_of(name.index)
    return Layer("" if symbol is None else show(symbol), number)


@dataclass(frozen=True)
class Writer:
    """Writes right formulas.

    Attributes
    ----------
    header : Header
    reduction : str
    L : int
        Where the number of layers is fixed, else 0.
    curves : tuple of str
        The activations the line may be about.
    rate : str
        The learning rate's name.
    known : callable (str) -> tuple of str
        How the text spells a name of the trace that it has; empty where it has not.
    primes : bool
        Whether it writes derivatives as ``sigmoid_prime(Z1)``.
    """

    header: Header
    reduction: str
    L: int
    curves: tuple[str, ...]
    rate: str
    known: Callable[[str], tuple[str, ...]]
    primes: bool = False

    def formulas(self, name: Name) -> Iterator[str]:
        """Yield what may be right for a name."""
        at = layer(name)
        match name.base:
            case "Z":
                for A in self.spelled(at.of("A", -1)):
                    product = self.forward(self.called(at.of("W")), A)
                    biases = self.header.biases
                    yield f"{product} + {self.called(at.of('b'))}" if biases else product
            case "A":
                for Z in self.names("Z", at):
                    yield from (f"{curve}({Z})" for curve in self.curves)
            case "J":
                yield from self.objective()
            case "dZ":
                yield from self.divided(self.deltas(at))
            case "dA" | "dX":
                yield from self.divided(self.cotangents(at))
            case "dW" | "db":
                yield from self.parameters(name.base, at)
            case "W" | "b":
                of = self.called(at.of(name.base))
                for gradient in self.names(f"d{name.base}", at):
                    yield f"{of} - {self.rate} * {gradient}"
                    if name.base == "W" and not self.header.l2:
                        yield f"(1 - {self.rate} * lam / n) * {of} - {self.rate} * {gradient}"

    def parameters(self, base: str, at: Layer) -> Iterator[str]:
        """Yield dW or db."""
        if base == "dW":
            yield from self.decayed(self.divided(self.weights(at)), self.called(at.of("W")))
        else:
            axis = 0 if self.header.rows else 1
            several = list(self.names("dZ", at))
            yield from several if self.header.single else ()
            yield from self.divided(f"sum({dZ}, axis={axis})" for dZ in several)

    def spelled(self, name: str) -> tuple[str, ...]:
        """Return how the text calls what it has; else nothing."""
        return self.known(name)

    def called(self, name: str) -> str:
        """Return how the text calls a parameter, or its name in the trace."""
        return (self.known(name) or (name,))[0]

    def names(self, base: str, at: Layer, depth: int = DEPTH) -> Iterator[str]:
        """Yield a name that the text has, or what may stand in its place."""
        has = self.spelled(at.of(base))
        yield from has
        if has or depth == 0:
            return
        if base == "dZ":
            yield from (f"({formula})" for formula in self.deltas(at, depth - 1))
        elif base == "dA":
            yield from (f"({formula})" for formula in self.cotangents(at, depth - 1))
        elif base in ("dW", "db"):
            yield from (f"({formula})" for formula in self.parameters(base, at))

    def forward(self, W: str, A: str) -> str:
        """Return the product of a layer."""
        if self.header.rows:
            return f"{A} @ {W}.T" if self.header.out_by_in else f"{A} @ {W}"
        return f"{W} @ {A}" if self.header.out_by_in else f"{W}.T @ {A}"

    def backward(self, W: str, dZ: str) -> str:
        """Return the product that sends an error back."""
        if self.header.rows:
            return f"{dZ} @ {W}" if self.header.out_by_in else f"{dZ} @ {W}.T"
        return f"{W}.T @ {dZ}" if self.header.out_by_in else f"{W} @ {dZ}"

    def weights(self, at: Layer) -> Iterator[str]:
        """Yield the product of an error and what came into the layer."""
        for dZ, A in product(self.names("dZ", at), self.spelled(at.of("A", -1))):
            if self.header.rows:
                yield f"{dZ}.T @ {A}" if self.header.out_by_in else f"{A}.T @ {dZ}"
            else:
                yield f"{dZ} @ {A}.T" if self.header.out_by_in else f"{A} @ {dZ}.T"

    def deltas(self, at: Layer, depth: int = DEPTH) -> Iterator[str]:
        """Yield dZ: of the output with its loss, or by way of dA."""
        if self.may_be_last(at) and self.header.loss in (
            "",
            "binary_cross_entropy",
            "cross_entropy",
        ):
            for A, Y in product(self.spelled(at.of("A")), self.spelled("Y")):
                yield f"{A} - {Y}"
        for dA in self.names("dA", at, depth):
            for curve in self.curves:
                yield from (f"{dA} * {slope}" if slope else dA for slope in self.slopes(at, curve))
                if curve == "softmax":
                    axis = 1 if self.header.rows else 0
                    for A in self.spelled(at.of("A")):
                        yield f"{A} * ({dA} - sum({A} * {dA}, axis={axis}))"

    def cotangents(self, at: Layer, depth: int = DEPTH) -> Iterator[str]:
        """Yield dA: of the output by its loss, or from the layer above."""
        for W, dZ in product(self.spelled(at.of("W", 1)), self.names("dZ", above(at), depth)):
            yield self.backward(W, dZ)
        if self.may_be_last(at):
            losses = (self.header.loss,) if self.header.loss else tuple(BY_OUTPUT)
            for A, Y in product(self.spelled(at.of("A")), self.spelled("Y") or self.spelled("C")):
                yield from (BY_OUTPUT[loss].format(A=A, Y=Y) for loss in losses)

    def slopes(self, at: Layer, curve: str) -> Iterator[str]:
        """Yield the derivative of an activation, entry by entry, in the text's way first."""
        if curve == "softmax":
            return
        spelled = [
            form.format(A=A, Z=Z)
            for form in SLOPES.get(curve, ())
            for A in (self.spelled(at.of("A")) if "{A}" in form else ("",))
            for Z in (self.spelled(at.of("Z")) if "{Z}" in form else ("",))
        ]
        primes = [f"{curve}_prime({Z})" for Z in self.names("Z", at)]
        yield from primes + spelled if self.primes else spelled + primes

    def divided(self, formulas: Iterator[str]) -> Iterator[str]:
        """Yield formulas with and without a division by N; by n and n_L where J is the text's."""
        last = f"n{self.L}" if self.L else "n[L]"
        divisors = [self.N] if self.header.loss else ["n", last, f"n * {last}"]
        for formula in formulas:
            yield formula
            loose = re.search(r" [-+] ", re.sub(r"\([^()]*\)", "", formula))
            whole = f"({formula})" if loose else formula
            for N in divisors:
                if N != "1":
                    yield f"{whole} / {N}" if " " not in N else f"{whole} / ({N})"

    @property
    def N(self) -> str:
        """The divisor of J, without n where that is 1."""
        whole = divisor(self.reduction, self.L)
        if self.header.single:
            whole = whole.removeprefix("n * ") if whole != "n" else "1"
        return whole if self.L else whole.replace("n0", "n[L]")

    def decayed(self, formulas: Iterator[str], W: str) -> Iterator[str]:
        """Yield formulas with the L2 term, if there is one."""
        for formula in formulas:
            if not self.header.l2:
                yield formula
            else:
                yield from (f"{formula} + {lam} * {W}" for lam in ("lam", "n * lam"))

    def objective(self) -> Iterator[str]:
        """Yield J."""
        last = f"A{self.L}" if self.L else "A[L]"
        N = self.N
        for A, Y in product(self.spelled(last), self.spelled("Y")):
            J = re.sub(r"\bA\b", A, re.sub(r"\bY\b", Y, LOSSES.get(self.header.loss, "")))
            if not J:
                continue
            if N != "1":
                half = J.removesuffix(" / 2")
                J = f"{half} / (2 * {N})" if half != J else f"{J} / ({N})"
                J = J.replace("(n)", "n")
            if self.header.l2 and self.L:
                squares = " + ".join(
                    f"sum({self.called(f'W{one}')}**2)" for one in range(1, self.L + 1)
                )
                J += f" + lam / 2 * ({squares})"
            yield J

    def may_be_last(self, at: Layer) -> bool:
        """Whether a layer may be the output."""
        return not self.L or bool(at.symbol) or at.number == self.L


def above(at: Layer) -> Layer:
    """Return the layer above."""
    return Layer(at.symbol, at.number + 1)
