"""How a wrong line is mended: the nearest edit of the text's own formula, or the right formula.

Edits are tried in the order of their cost on true inputs, first where the line is wrong, then on
every network and in every round. Where no few edits make it right, the formula of the contract is
written in the text's layout, convention and names. Nothing is given that was not found right
everywhere, by the same comparison to 40 digits by which lines are judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice

from flint import ctx

from gradoracle.derivation.judging.agreement import PRECISIONS
from gradoracle.derivation.judging.places import Judged, Place, all_places
from gradoracle.derivation.judging.taken import Taken
from gradoracle.derivation.judging.tied import Names, meant, scaled
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.mending.canonical import Writer, layer
from gradoracle.derivation.mending.changes import INSTEAD, Edit
from gradoracle.derivation.mending.in_order import in_order, too_early
from gradoracle.derivation.mending.search import Budget, Search, around, curves_of, says_layers
from gradoracle.derivation.mending.tidying import tidied
from gradoracle.derivation.naming.one_layer import as_one_layer
from gradoracle.derivation.reading import syntax
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.lines import Line
from gradoracle.derivation.reading.syntax import (
    Call,
    Name,
    Node,
    Number,
    parts,
    show,
)
from gradoracle.derivation.truth.evaluate import value_of
from gradoracle.derivation.truth.rates import numbers_in
from gradoracle.derivation.truth.true_values import RATES, Reading
from gradoracle.derivation.verdicts import LineVerdict, Verdict

MENDED = 100  # of the wrong lines of a text
PARTS = 80  # of a formula; a longer one is not edited
WRITTEN = 200  # right formulas for one line


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
    also = as_one_layer(header, [verdict.line for verdict in lines], judged[0])
    elsewhere = all_places(also.header, also.judged, wrong) if also else {}
    for verdict in lines:
        if not verdict.verdict.is_wrong or not at.get(id(verdict.line)) or budget.over:
            yield verdict
            continue
        budget.share_out(len(wrong))
        wrong = wrong[1:]
        with ctx.workprec(PRECISIONS[0]):
            found = _mended(header, verdict, at[id(verdict.line)], reading, budget)
            if also and not found.mend:
                found = _as_there(also, found, elsewhere[id(verdict.line)], at[id(verdict.line)])
            yield found


def _mended(
    header: Header, verdict: LineVerdict, at: Sequence[Place], reading: Reading, budget: Budget
) -> LineVerdict:
    at = [place for place in at if place.expected is not None]  # delta of layer 0 is nothing
    if not any(place.outcome.verdict.is_wrong for place in at):
        return verdict
    if verdict.verdict is Verdict.ORDER:
        return replace(verdict, mend=in_order(verdict.line, at))
    found = mend(header, verdict.line, at, reading, budget)
    if found is None:
        return verdict
    target = show(verdict.line.target)
    detail = "; ".join(filter(None, (verdict.detail, found.words)))
    where = too_early(found.formula, at)
    note = f"  # {where}" if where else ""
    return replace(verdict, mend=f"{target} = {show(found.formula)}{note}", detail=detail)


def _as_there(
    also: Taken, verdict: LineVerdict, there: Sequence[Place], at: Sequence[Place]
) -> LineVerdict:
    """Return a line with the right formula of the network of one layer that the text is about."""
    there = [place for place in there if place.expected is not None]
    found = _written(task(also.header, verdict.line, there, also.reading)) if there else None
    if found is None or not right(found.formula, at):
        return verdict
    return replace(verdict, mend=f"{show(verdict.line.target)} = {show(found.formula)}")


def mend(
    header: Header, line: Line, at: Sequence[Place], reading: Reading, budget: Budget | None = None
) -> Mend | None:
    """Return a formula that is right at all places, or None if none is found."""
    todo = task(header, line, at, reading)
    edited = _edited(todo, budget or Budget())
    if edited and _loses_decay(todo, edited.formula):
        written = _written(todo)
        return edited if written is None or _loses_decay(todo, written.formula) else written
    return edited or _written(todo)


def _loses_decay(todo: Task, formula: Node) -> bool:
    """Whether the weights decay in an update as it is written, and in its mend no longer do."""
    before, after = ("lam" in _reads(one) for one in (todo.line.formula, formula))
    return todo.target.base == "W" and before and not after


def right(formula: Node, at: Sequence[Place]) -> bool:
    """Whether a formula gives the truth at every place, and nothing is spread oddly.

    With softmax a sum over the units is spread over them, and that is as it should be.
    """
    for place in at:
        scope = place.scope()
        if not place.accepts(value_of(scope, formula)):
            return False
        if scope.notes.spread and not place.softmax:
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
    times, target = meant(header, line.target) or (Fraction(1), line.target)
    known = [rate for rate in RATES if rate in at[0].step.uses or rate in at[0].known]
    curves = curves_of(header, at)
    writer = Writer(
        header,
        reading.reduction,
        header.layers,
        curves,
        _rate(line) or min(known, key=lambda rate: rate not in at[0].step.uses, default=RATES[0]),
        names.spelled,
        "_prime(" in line.normal,
    )
    return Task(line, at, header, names, target, times, curves, writer)


def _rate(line: Line) -> str:
    """Return the number that is the learning rate of an update, where no name is."""
    if set(RATES) & {name.base for name in syntax.names(line.formula)}:
        return ""
    several = {number for number in numbers_in(line.formula) if number not in (0, 1)}
    return show(Number(0, several.pop())) if len(several) == 1 else ""


def _edited(todo: Task, budget: Budget) -> Mend | None:
    """Look for the cheapest edits that make a line right."""
    start = todo.names.plain(todo.line.formula)
    if len(list(islice(parts(start), PARTS))) == PARTS:
        return None
    search = Search(next((p for p in todo.at if p.outcome.verdict.is_wrong), todo.at[0]))
    layered = says_layers(todo.at[0])
    may = around(todo.header, todo.target, todo.curves, todo.names, todo.writer, layered=layered)
    for formula, made in search.nearest(start, may):
        if not budget.spend():
            return None
        if search.right(formula):
            for form in (tidied(formula, {id(part) for part in parts(start)}), formula):
                own = todo.names.own(form)
                if own is None or _of_itself(todo, own):
                    continue
                if right(syntax.read(show(own)), todo.at):
                    said = (_words(edit, todo.names) for edit in _at_once(made))
                    return Mend(own, "; ".join(said))
    return None


def _at_once(made: Sequence[Edit]) -> list[Edit]:
    """Return edits without those that change what another has brought: D1 for D2, D3 for D1."""
    found: list[Edit] = []
    for edit in made:
        for i, before in enumerate(found):
            both = edit.text == before.text == INSTEAD and len(edit.about) == 2
            if both and show(edit.about[1]) == show(before.about[0]):
                found[i] = replace(edit, about=(edit.about[0], before.about[1]))
                break
        else:
            found.append(edit)
    return found


def _words(edit: Edit, names: Names) -> str:
    """Return what was changed, in the text's names."""
    return replace(edit, about=tuple(map(names.shown, edit.about))).words


def _of_itself(todo: Task, formula: Node) -> bool:
    """Whether a formula reads what it is to set, and the line did not: dZ2 = dZ2 mends nothing."""
    target = show(todo.target)
    if todo.target.base in ("W", "b"):  # an update
        return False
    reads = target in {show(name) for name in syntax.names(formula)}
    wrote = target in {show(name) for name in syntax.names(todo.line.formula)}
    undefined = any(place.outcome.verdict is Verdict.UNDEFINED for place in todo.at)
    return reads and (undefined or not wrote)


def _written(todo: Task) -> Mend | None:
    """Write the right formula in the text's way, and of several the one most like the line."""
    formulas = []
    for text in islice(_texts(todo), WRITTEN):
        whole = text if todo.times == 1 else scaled(f"({text})", todo.times)
        with suppress(DerivationError):
            formulas.append(syntax.read(whole))
    reads = _reads(todo.line.formula)
    for formula in sorted(formulas, key=lambda formula: len(_reads(formula) ^ reads)):
        for form in (tidied(formula), formula):
            if right(form, todo.at):
                return Mend(form)
    return None


def _texts(todo: Task) -> Iterator[str]:
    """Yield what may be right for a name of the trace, or for one that is g'(Z) of a layer."""
    yield from todo.writer.formulas(todo.target)
    match todo.header.meaning(todo.line.target):
        case Call(function="g_prime", arguments=(Name() as Z,), layer=Node() as at):
            for curve in dict.fromkeys(_curve(place, at) for place in todo.at):
                yield from todo.writer.slopes(layer(Z), curve)


def _curve(place: Place, layer: Node) -> str:
    """Return the activation of a layer, which may be L, at a place."""
    L = place.given.setting.L
    return place.header.activation(place.scope().index(layer), L)


def _reads(formula: Node) -> set[str]:
    return {show(name) for name in syntax.names(formula)} - {"n"}
