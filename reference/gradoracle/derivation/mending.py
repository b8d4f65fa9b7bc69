"""How a wrong line is mended: the nearest edit of the text's own formula, or the right formula.

Edits are tried in the order of their cost on true inputs, first where the line is wrong, then on
every network and in every round. Where no few edits make it right, the formula of the contract is
written in the text's layout, convention and names. Nothing is given that was not found right
everywhere, by the same comparison to 40 digits by which lines are judged.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import islice

from flint import ctx

from gradoracle.derivation import syntax
from gradoracle.derivation.agreement import PRECISIONS, compare
from gradoracle.derivation.canonical import Writer
from gradoracle.derivation.definition import RATES, Reading
from gradoracle.derivation.header import Header
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.places import Judged, Place, all_places, value_of
from gradoracle.derivation.search import Search, around, curves_of
from gradoracle.derivation.source import Line
from gradoracle.derivation.syntax import Name, Node, parts, show
from gradoracle.derivation.tied import Names, multiple, scaled
from gradoracle.derivation.verdicts import LineVerdict, Verdict

MENDED = 100  # of the wrong lines of a text
PARTS = 80  # of a formula; a longer one is not edited
TRIED = 600  # formulas for one line
IN_ALL = 2400  # for a text, shared out among its wrong lines
WRITTEN = 200  # right formulas for one line
SECONDS = 2.0  # of the processor, for large matrices; small ones are through long before


@dataclass(frozen=True)
class Mend:
    """A right formula, and in words how it differs."""

    formula: Node
    words: str = ""


def mended(
    header: Header, judged: Sequence[Judged], lines: Sequence[LineVerdict], reading: Reading
) -> Iterator[LineVerdict]:
    """Yield the lines of a text, the wrong ones with what is right."""
    budget = Budget()
    wrong = [verdict.line for verdict in lines if verdict.verdict.is_wrong][:MENDED]
    at = all_places(header, judged, wrong)
    for verdict in lines:
        if not verdict.verdict.is_wrong or not at.get(id(verdict.line)) or budget.over:
            yield verdict
            continue
        budget.share_out(len(wrong))
        wrong = wrong[1:]
        with ctx.workprec(PRECISIONS[0]):
            yield _mended(header, verdict, at[id(verdict.line)], reading, budget)


@dataclass
class Budget:
    """What is left for the edits of a text; after that a line gets its right formula."""

    left: int = IN_ALL
    here: int = TRIED
    until: float = field(default_factory=lambda: time.process_time() + SECONDS)

    @property
    def over(self) -> bool:
        """Whether the time is over."""
        return time.process_time() > self.until

    def share_out(self, lines: int) -> None:
        """Give the next line its share."""
        self.here = min(TRIED, self.left // max(1, lines))

    def spend(self) -> bool:
        """Take one, if there is one."""
        self.left -= 1
        self.here -= 1
        return self.here >= 0 and not self.over


def _mended(
    header: Header, verdict: LineVerdict, at: Sequence[Place], reading: Reading, budget: Budget
) -> LineVerdict:
    at = [place for place in at if place.expected is not None]  # delta of layer 0 is nothing
    if not any(place.outcome.verdict.is_wrong for place in at):
        return verdict
    if verdict.verdict is Verdict.ORDER:
        return replace(verdict, mend=_in_order(verdict.line, at))
    found = mend(header, verdict.line, at, reading, budget)
    if found is None:
        return verdict
    target = show(verdict.line.target)
    detail = "; ".join(filter(None, (verdict.detail, found.words)))
    return replace(verdict, mend=f"{target} = {show(found.formula)}", detail=detail)


def _in_order(line: Line, at: Sequence[Place]) -> str:
    """Return a line that is right before an update."""
    for place in at:
        reads, found = set(place.step.uses), None
        for outcome in reversed(place.outcomes[: place.at]):
            step = outcome.step
            if step.key in reads and step.key in place.truth.parameters:
                found = step
            elif step.key in reads and outcome.verdict is Verdict.HELPER:
                reads |= set(step.uses)  # it may have read what was updated
        if found is not None:
            direct = found.key in place.step.uses
            what = "" if direct else "with what it reads "
            where = f"{what}above line {found.line.number}, which updates {found.key}"
            if line.loop is not None and line.loop == found.line.loop:
                where = f"and line {found.line.number} in a loop of its own, after this one"
            return f"{line.normal}  # {where}"
    return ""


def mend(
    header: Header, line: Line, at: Sequence[Place], reading: Reading, budget: Budget | None = None
) -> Mend | None:
    """Return a formula that is right at all places, or None if none is found."""
    todo = task(header, line, at, reading)
    return _edited(todo, budget or Budget()) or _written(todo)


def right(formula: Node, at: Sequence[Place]) -> bool:
    """Whether a formula gives the truth at every place, and nothing is spread oddly.

    With softmax a sum over the units is spread over them, and that is as it should be.
    """
    for place in at:
        scope = place.scope()
        value = value_of(scope, formula)
        expected = place.expected
        if value is None or expected is None or value.shape != expected.shape:
            return False
        if (scope.notes.spread and not place.softmax) or not compare(value, expected).same:
            return False
    return True


@dataclass(frozen=True, eq=False)
class Task:
    """One wrong line, and how its text writes.

    Attributes
    ----------
    line : Line
    at : sequence of Place
        Everywhere it runs.
    header : Header
    names : Names
    target : Name
        What it sets, by its name in the trace.
    times : Fraction
        Times that.
    curves : tuple of str
    writer : Writer
    """

    line: Line
    at: Sequence[Place]
    header: Header
    names: Names
    target: Name
    times: Fraction
    curves: tuple[str, ...]
    writer: Writer


def task(header: Header, line: Line, at: Sequence[Place], reading: Reading) -> Task:
    """Return what there is to do for a line."""
    names = Names(header, [(place.step.numbers, place.known) for place in at])
    times, target = Fraction(1), line.target
    meaning = header.meaning(line.target)
    if meaning is not None and (found := multiple(meaning)) is not None:
        times, target = found
    known = [rate for rate in RATES if rate in at[0].step.uses or rate in at[0].known]
    curves = curves_of(header, at)
    writer = Writer(
        header,
        reading.reduction,
        header.layers,
        curves,
        min(known, key=lambda rate: rate not in at[0].step.uses, default=RATES[0]),
        names.spelled,
        "_prime(" in line.normal,
    )
    return Task(line, at, header, names, target, times, curves, writer)


def _edited(todo: Task, budget: Budget) -> Mend | None:
    """Look for the cheapest edits that make a line right."""
    start = todo.names.plain(todo.line.formula)
    if len(list(islice(parts(start), PARTS))) == PARTS:
        return None
    search = Search(next((p for p in todo.at if p.outcome.verdict.is_wrong), todo.at[0]))
    may = around(todo.header, todo.target, todo.curves, todo.names, todo.writer)
    for formula, made in search.nearest(start, may):
        if not budget.spend():
            return None
        if search.right(formula):
            own = todo.names.own(formula)
            if own is None or _of_itself(todo, own):
                continue
            if right(syntax.read(show(own)), todo.at):
                return Mend(own, "; ".join(edit.words for edit in made))
    return None


def _of_itself(todo: Task, formula: Node) -> bool:
    """Whether a formula reads what it is to set, and the line did not: dZ2 = dZ2 mends nothing."""
    target = show(todo.target)
    reads = target in {show(name) for name in syntax.names(formula)}
    wrote = target in {show(name) for name in syntax.names(todo.line.formula)}
    undefined = any(place.outcome.verdict is Verdict.UNDEFINED for place in todo.at)
    return reads and (undefined or not wrote)


def _written(todo: Task) -> Mend | None:
    """Write the right formula in the text's way."""
    for text in islice(todo.writer.formulas(todo.target), WRITTEN):
        whole = text if todo.times == 1 else scaled(f"({text})", todo.times)
        try:
            formula = syntax.read(whole)
        except DerivationError:
            continue
        if right(formula, todo.at):
            return Mend(formula)
    return None
