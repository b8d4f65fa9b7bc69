"""The rules of one line in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradoracle.derivation.reading.syntax import (
    Binary,
    Call,
    Name,
    Node,
    Number,
    names,
    parts,
    read,
    show,
)
from gradoracle.derivation.reading.syntax import substituted as put
from gradoracle.derivation.rules.following import Hop, Start
from gradoracle.derivation.rules.forward import Spelling, key_of
from gradoracle.derivation.rules.products import ONE, factors, is_scalar, times
from gradoracle.derivation.rules.ruled import Ruled
from gradoracle.derivation.rules.symbols import NoRuleError
from gradoracle.derivation.truth.true_values import RATES

COUNTS = ("n", "m", "N")
LONG = 90  # signs of a formula of J that is repeated
PRIMES = {  # what the derivative of an activation is, in its argument and its value
    "sigmoid": "a * (1 - a)",
    "tanh": "1 - a**2",
    "relu": "z > 0",
    "leaky_relu": "where(z > 0, 1, 0.01)",
    "elu": "where(z > 0, 1, a + 1)",
    "softplus": "sigmoid(z)",
}


def words(ruled: Ruled) -> list[str]:
    """Return the rules of a line, in the order in which they are used."""
    return list(_Words(ruled).rules())


class _Words:
    def __init__(self, ruled: Ruled) -> None:
        self.ruled = ruled
        self.spelling = Spelling.of(ruled.header, ruled.step)
        self.goal = ruled.made_of.goal
        self.target = self.shown(ruled.sets.name)

    def rules(self) -> Iterator[str]:
        """Yield the rules."""
        ruled = self.ruled
        if ruled.step.key not in ruled.truth.values:
            yield f"{self.target} is {self.derivative()}"
        if ruled.key in ruled.starts:
            yield from self.read(ruled.starts[ruled.key])
            return
        try:
            hops = ruled.hops()
        except NoRuleError:
            yield from self.unknown()
            return
        for at, hop in enumerate(hops):
            yield from self.hop(hop, second=at == 1)
        yield from self.several(hops)
        yield from self.mean(hops)
        if ruled.updates:
            yield from self.update(None)

    def read(self, start: Start) -> Iterator[str]:
        """Yield the rules of a line that reads the derivative itself."""
        if start.n_times:
            yield self.late(start)
        if self.ruled.updates:
            yield from self.update(start.formula)
        elif not start.n_times and start.name is not None:
            yield f"another name: {self.shown(start.name)} is {self.derivative()}"

    def late(self, start: Start) -> str:
        """Return that the 1 / n of J comes in at last."""
        N, J = self.shown(self.ruled.run.N), self.shown(Name(0, self.goal))
        name = self.shown(start.name or ONE)
        return f"mean: the 1 / {_in(N)} of {J} is not in {name}, so it comes in here"

    def shown(self, node: Node) -> str:
        return self.spelling.show(node)

    def hop(self, hop: Hop, *, second: bool) -> Iterator[str]:
        """Yield what one formula hands back, and what is left where denominators cancel."""
        target = self.shown(hop.through.target)
        whole = f"{target} = {self.shown(hop.through.formula)}"
        if hop.through.key == self.goal:
            whole = self.part_of_J(hop, target)
        elif "sum" in hop.kinds and self.ruled.in_every_example(hop):
            whole += f" has {self.named(hop.key)} in every example and"
        gives = self.shown(self.ruled.turned(hop.gives) if hop.key == self.ruled.key else hop.gives)
        yield f"{self.kind(hop)}: {whole} gives{self.times(hop)} {gives}{self.aside(hop)}"
        if hop.left is not None:
            yield self.fused(hop.left, softmax="softmax" in hop.kinds, several=not second)

    def fused(self, left: Node, *, softmax: bool, several: bool) -> str:
        """Return what is left where denominators cancel."""
        once = "all" if several else "both"
        why = f"what {self.shown(Name(0, self.goal))} divides by cancels"
        why += " and the labels of every example sum to 1" * softmax
        return f"fused output delta: {once} at once, as {why}: {self.shown(left)} is left"

    def kind(self, hop: Hop) -> str:
        """Return the name of a rule."""
        if hop.through.key == self.goal:
            decay = self.ruled.header.network and hop.key in self.ruled.truth.parameters
            return "weight decay" if decay else "derivative of the loss"
        if "softmax" in hop.kinds:
            return "chain rule with the full Jacobian of softmax"
        found = ["product with a transpose"] if "product" in hop.kinds else []
        found += ["sum over a broadcast axis"] if "sum" in hop.kinds else []
        found += ["derivative of a sum, the same for every term"] if "total" in hop.kinds else []
        if not found or "entries" in hop.kinds:
            found.insert(0, "chain rule, entry by entry")
        return " and ".join(found)

    def part_of_J(self, hop: Hop, J: str) -> str:
        """Return the terms of J in which a name stands."""
        part = self.shown(hop.part)
        if len(part) > LONG:
            return J
        return f"{J} = {part}" if hop.part == hop.through.formula else f"{part} in {J}"

    def times(self, hop: Hop) -> str:
        """Return by what a name of the text's own, or a convention, scales what a formula gives."""
        if hop.start is None:
            return ""
        constant: Node = Number(0, hop.start.times)
        if hop.through.key == self.goal:
            constant = times(constant, self.ruled.times)
        return "" if constant == ONE else f", times {self.shown(constant)},"

    def aside(self, hop: Hop) -> str:
        """Return what the derivative of an activation is, and which name was written out."""
        start, formula = hop.start, hop.through.formula
        if start is not None and start.line and start.name is not None:
            return f", with {self.shown(start.name)} of line {start.line} written out"
        if not isinstance(formula, Call) or formula.function not in PRIMES:
            return ""
        prime = f"{formula.function}_prime"
        written = [p for step in self.ruled.written for p in parts(step.line.formula)]
        if any(isinstance(p, Call) and p.function.endswith("_prime") for p in written):
            return ""
        (z,) = formula.arguments
        slope = put(put(read(PRIMES[formula.function]), "a", hop.through.target), "z", z)
        shown = self.shown(slope)
        shown = f"({shown})" if isinstance(slope, Binary) and slope.operator == ">" else shown
        return f", where {prime}({self.shown(z)}) = {shown}"

    def several(self, hops: Sequence[Hop]) -> Iterator[str]:
        """Say of names that stand in several formulas that what these give is added."""
        for key in dict.fromkeys(hop.key for hop in hops):
            users = [self.shown(hop.through.target) for hop in hops if hop.key == key]
            if len(users) > 1:
                places = " and in ".join(users)
                yield f"sum: {self.named(key)} stands in {places}, and what they give is added"

    def unknown(self) -> Iterator[str]:
        """Say where a name stands whose derivative cannot be told in a few signs."""
        users = [self.shown(one.target) for one in self.ruled.made_of.users(self.ruled.key)]
        if users:
            yield f"chain rule: {self.named(self.ruled.key)} stands in {' and in '.join(users)}"

    def named(self, key: str) -> str:
        """Return a name of the trace in the spelling of the text."""
        return self.shown(read(key))

    def mean(self, hops: Sequence[Hop]) -> Iterator[str]:
        """Say where the 1 / n of J comes in."""
        late = [hop.start for hop in hops if hop.start is not None and hop.start.n_times]
        if late:
            yield self.late(late[0])
            return
        J = self.shown(Name(0, self.goal))
        parts_of_J = [hop.part for hop in hops if hop.through.key == self.goal]
        divisors = list(filter(None, map(self.divisor, parts_of_J)))
        if not divisors:
            return
        N = self.shown(divisors[0])
        if self.ruled.times != ONE:
            rest = f"{self.target}, which is {N} times the derivative"
            yield f"mean: the 1 / {_in(N)} of {J} is not in {rest}"
        elif self.ruled.updates or key_of(self.ruled.of.name) in self.ruled.truth.by_parameters:
            yield f"mean: the 1 / {_in(N)} is that of {J}"
        else:
            rest = f"what is made of {self.target} has it from there"
            yield f"mean: the 1 / {_in(N)} is that of {J}; {rest}"

    def divisor(self, part: Node) -> Node | None:
        """Return by which numbers of examples and outputs a term of J is divided."""
        one = factors(part)
        counts = [x for x in one.below if is_scalar(x) and show(x).rstrip("0123456789") in COUNTS]
        if any(isinstance(x, Call) and x.function == "mean" for x in one.above):
            counts.append(self.ruled.run.N)
        return times(*counts) if counts else None

    def update(self, slope: Node | None) -> Iterator[str]:
        """Say what an update is."""
        rate = self.rate()
        step = f"a step of {rate}" if rate else "a step"
        if slope is None:
            yield f"gradient descent: {step} against that"
            return
        yield f"gradient descent: {step} against {self.shown(slope)}, {self.derivative()}"

    def derivative(self) -> str:
        """Return what the line sets or updates by: n times the derivative of J by W1."""
        N = "" if self.ruled.times == ONE else f"{self.shown(self.ruled.times)} times "
        J = self.shown(Name(0, self.goal))
        return f"{N}the derivative of {J} by {self.named(self.ruled.key)}"

    def rate(self) -> str:
        """Return the learning rate: its name, or the only number but 0 and 1; else nothing."""
        formula = self.ruled.step.line.formula
        used = {name.base for name in names(formula)}
        layers = {id(name.index) for name in names(formula)}
        numbers = [
            show(part)
            for part in parts(formula)
            if isinstance(part, Number) and part.value not in (0, 1) and id(part) not in layers
        ]
        return next(
            (rate for rate in RATES if rate in used), numbers[0] if len(numbers) == 1 else ""
        )


def _in(text: str) -> str:
    return text if text.isalnum() else f"({text})"
