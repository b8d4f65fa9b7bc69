"""One line of a derivation, and the way on which its derivative comes from others, or from J."""

from __future__ import annotations

from fractions import Fraction

from gradoracle.derivation.judging.agreement import compare
from gradoracle.derivation.reading.syntax import Binary, Name, Node, Number, names, parts
from gradoracle.derivation.rules.following import Following, Hop, Start
from gradoracle.derivation.rules.forward import Forward, in_trace, key_of, numbered
from gradoracle.derivation.rules.products import ONE, over, times, transposed
from gradoracle.derivation.rules.reads import Read, Run
from gradoracle.derivation.rules.symbols import HandedBack, NoRuleError
from gradoracle.derivation.truth.evaluate import UndefinedError
from gradoracle.derivation.truth.linear import Linear
from gradoracle.derivation.truth.matrices import Matrix, ShapeError
from gradoracle.derivation.truth.steps import Step
from gradoracle.derivation.verdicts import Verdict

RULED = (Verdict.RIGHT, Verdict.FED)
BY_J = Linear(Name(0, "dJ"))


class Ruled:
    """One step that sets a derivative of J, or updates a parameter.

    Attributes
    ----------
    header : Header
    step : Step
    made_of : Forward
    target : Name
        What it sets, its layer a number.
    updates : bool
        Whether that is a parameter.
    sets : Read
        The derivative that it sets, or by which it updates.
    of : Linear
        What that is in the trace.
    times : Node
        How many times the derivative of J it is.
    key : str
        The name that it is a derivative by.
    starts : dict of str to Start
        The derivatives it begins with, by the name they are derivatives by; J has one.
    written : list of Step
        It and the helpers it reads.
    """

    def __init__(self, run: Run, made_of: Forward, at: int, sets: Read) -> None:
        self.run, self.made_of, self.at = run, made_of, at
        self.header, self.truth, self.step = run.checked.header, run.truth, run.text[at]
        self.target = numbered(self.step.line.target, self.step.numbers)
        self.updates = self.step.key in self.truth.parameters
        self.sets, self.key = sets, sets.by
        self.of, self.times = sets.meaning, sets.times
        found = list(run.read_by(at))
        self.written = [one for one in found if isinstance(one, Step)]
        self.starts = {made_of.goal: self._begin()}
        self.starts |= {one.by: self._start(one) for one in found if isinstance(one, Read)}

    def hops(self) -> list[Hop]:
        """Return the way that the derivative comes.

        Raises
        ------
        NoRuleError
            If there is none that can be told, or it does not lead to the true value.
        """
        starts = self.starts | self._written_out()
        follow = Following(self.made_of, starts, self._back, self._left)
        try:
            formula = self.turned(follow.derivative(self.key))
            true = self.run.true(self.at, self.sets.name)
            if self._same(formula, true) and self._in_every_round(follow.hops):
                return follow.hops
        except (ShapeError, UndefinedError):
            pass
        raise NoRuleError

    def _in_every_round(self, hops: list[Hop]) -> bool:
        """Whether the way is the same in every round of a loop: from J it is not."""
        goal = self.made_of.goal
        from_J = any(hop.through.key == goal and hop.key != self.key for hop in hops)
        return self.step.line.loop is None or not from_J

    def turned(self, formula: Node) -> Node:
        """Return the transpose of a formula where the text calls that by its name."""
        return transposed(formula) if self.of.transposed else formula

    def value(self, node: Node) -> Matrix:
        """Return the true value of a formula."""
        return self.run.value(self.at, node)

    def in_every_example(self, hop: Hop) -> bool:
        """Whether a name that has no place for each example stands in a formula that has."""
        axis = 0 if self.header.rows else 1
        one, every = (self.truth.values[key].shape[axis] for key in (hop.key, hop.through.key))
        return one == 1 and every == self.truth.given.setting.n

    def _begin(self) -> Start:
        """Return the derivative of J by J in the multiple that is wanted."""
        return Start(times(Number(0, self.of.times), self.times), times=self.of.times)

    def _start(self, one: Read) -> Start:
        """Return a derivative that is read in the multiple that is wanted."""
        constant = self.of.times / one.meaning.times
        name = transposed(one.name) if one.meaning.transposed else one.name
        formula = times(Number(0, constant), over(times(name, self.times), one.times))
        late = one.times != ONE == self.times
        return Start(formula, one.name, constant, late, one.line)

    def _written_out(self) -> dict[str, Start]:
        """Return the derivatives that lines above have set, where this one reads none.

        Those by what J is made of directly are not: there the way from J is short.
        """
        if self._reached() != {self.made_of.goal}:
            return {}
        told = (*RULED, Verdict.HELPER)
        kept = {id(v.line) for v in self.run.checked.lines if v.verdict in told}
        direct = self.made_of.formulas[self.made_of.goal].uses | {self.key}
        found = {}
        for step in self.run.text[: self.at]:
            if id(step.line) in kept:
                name = numbered(step.line.target, step.numbers)
                for one in self.run.derivatives(self.at, name, step.line.number):
                    if one.by not in direct:
                        found[one.by] = self._start(one)
        return found

    def _reached(self) -> set[str]:
        """Return by what the derivatives are that are read on the way, J among them."""
        found, todo, seen = set(), [self.key], {self.key}
        while todo:
            above = {one.key for one in self.made_of.users(todo.pop())}
            found |= above & set(self.starts)
            todo += sorted(above - set(self.starts) - seen)
            seen |= above
        return found

    def _back(self, key: str) -> HandedBack:
        return HandedBack(
            lambda name: key_of(name) == key,
            self.value,
            self._count,
            units=1 if self.header.rows else 0,
            bare=not self.header.network,
        )

    def _count(self, size: int) -> Node:
        """Return what stands for a number of rows or columns; sizes are distinct."""
        setting = self.truth.given.setting
        if size == setting.n:
            return Name(0, "n")
        if size not in setting.sizes or not self.header.network:
            raise NoRuleError
        return Name(0, "n", Number(0, Fraction(setting.sizes.index(size))))

    def _left(self, output: str, key: str, gives: Node) -> Node | None:
        """Return what is left where the line has cancelled the denominators of the loss.

        That is what the line says, or, on the way to another name, the difference to the labels.
        """
        written = [in_trace(self.header, s.line.formula, s.numbers) for s in self.written]
        if not divided_by(gives, output) or any(divided_by(one, output) for one in written):
            return None
        found = [self.turned(written[0])] if key == self.key and not self.updates else []
        if self.header.network:
            difference = Binary(0, "-", self.made_of.formulas[output].target, Name(0, "Y"))
            found.append(
                over(times(self.starts[self.made_of.goal].formula, difference), self.run.N)
            )
        return next((left for left in found if self._same(left, self.value(gives))), None)

    def _same(self, formula: Node, true: Matrix) -> bool:
        found = self.value(formula)
        return found.shape == true.shape and compare(found, true).same is True


def divided_by(node: Node, key: str) -> bool:
    """Whether a formula divides by what a name stands in."""
    return any(
        isinstance(part, Binary)
        and part.operator == "/"
        and any(key_of(name) == key for name in names(part.right))
        for part in parts(node)
    )
