"""Bring the outcomes of all networks together: one verdict for each line."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from flint import arb, ctx

from gradoracle.derivation.judging.agreement import PRECISIONS, factors, relation
from gradoracle.derivation.judging.outcomes import Judged, Outcome
from gradoracle.derivation.reading.lines import Line
from gradoracle.derivation.reading.syntax import (
    COMPARISONS,
    Binary,
    Call,
    children,
    constant,
    parts,
    show,
)
from gradoracle.derivation.truth.definition import Reading
from gradoracle.derivation.truth.networks import ONES
from gradoracle.derivation.truth.true_values import RATES
from gradoracle.derivation.verdicts import ORDER, LineVerdict, Verdict

NOTHING = "the true value is 0 in every network, as J does not depend on it: nothing is tested"
SQUARE = "it ran only where all sizes are equal, which hides a wrong order or a transpose"
UNUSED = "no judged line uses it, so nothing tests it"
OBJECTIVES = ("loss", "cost", "objective", "e")  # what J is called, too
MEANT = "if it is that, say so in the header: means: {} = {}"
MEANS = "say in the header what it is of the trace, means: {} = ..., and it is judged"
SOMEWHERE: dict[str, Callable[[int, int], bool]] = {
    "every {}": lambda *_: True,
    "{} = L": lambda layer, L: layer == L,
    "{} = 1": lambda layer, L: layer == 1,
    "{} < L": lambda layer, L: layer < L,
    "{} > 1": lambda layer, L: layer > 1,
}


def counts(one: Judged) -> bool:
    """Whether a verdict rests on a network: not on that where ones are two."""
    return one.given.setting.kind != ONES


def verdicts(
    lines: Sequence[Line], judged: Sequence[Judged], reading: Reading
) -> tuple[LineVerdict, ...]:
    """Bring the outcomes of all networks together, line by line."""
    found: dict[int, list[tuple[Judged, Outcome]]] = defaultdict(list)
    for one in judged:
        for outcome in one.outcomes:
            found[id(outcome.step.line)].append((one, outcome))
    told = tuple(
        replace(
            _verdict(line, found[id(line)], reading),
            backward=_backward(found[id(line)]),
            tied=any(o.step.key in one.truth.made_of for one, o in found[id(line)]),
        )
        for line in lines
    )
    if not any(one.verdict.is_judged for one in told):
        return told
    used = {id(line) for one in judged for line in _used(one.outcomes)}
    known = {key for one in judged for key in one.truth.values}
    return tuple(one if id(one.line) in used else _untested(one, known) for one in told)


def _backward(several: list[tuple[Judged, Outcome]]) -> bool:
    """Whether a line sets a derivative, or updates a parameter."""
    return any(
        outcome.step.key in one.truth.derivatives | one.truth.parameters for one, outcome in several
    )


def _used(outcomes: Sequence[Outcome]) -> Iterator[Line]:
    """Yield the lines that are judged, and those that one of them is made of."""
    wanted: set[str] = set()
    for outcome in reversed(outcomes):
        step = outcome.step
        if outcome.verdict is Verdict.HELPER and step.key not in wanted:
            continue
        yield step.line
        if not step.line.side:  # the first side sets it; they all claim it
            wanted.discard(step.key)
        wanted |= set(step.uses)


def _untested(told: LineVerdict, known: Collection[str]) -> LineVerdict:
    """Say that nothing tests a line that only sets a name of the text's own."""
    if told.verdict is not Verdict.HELPER or told.line.target.base in RATES:
        return told  # a rate may be for the next round
    own = show(told.line.target)
    spellings = {own.lower(), re.sub(r"^d[lj](?=d)", "", own.lower())}  # dz2, dLdZ2
    if own in known:  # a further input
        return replace(told, verdict=Verdict.UNDECIDED, detail=UNUSED)
    alike = next((key for key in sorted(known) if key.lower() in spellings), "")
    alike = "J" if own.lower() in OBJECTIVES else alike
    mend = MEANT.format(own, alike) if alike else MEANS.format(own)
    return replace(told, verdict=Verdict.UNDECIDED, detail=f"{UNUSED}; {mend}")


def _verdict(line: Line, several: list[tuple[Judged, Outcome]], reading: Reading) -> LineVerdict:
    counted = [(one, o) for one, o in several if counts(one)]
    key = show(line.target)
    if not counted:
        return LineVerdict(line, key, Verdict.UNDECIDED, detail="in no network did this line run")
    worst = max((o for _, o in counted), key=lambda o: ORDER.index(o.verdict)).verdict
    networks = len({id(one) for one, _ in counted})
    if all(o.nothing for _, o in counted):
        return LineVerdict(line, key, Verdict.UNDECIDED, networks=networks, detail=NOTHING)
    telling = any(one.given.setting.kind == "distinct" for one, _ in counted)
    if worst.is_judged and not worst.is_wrong and not telling:
        return LineVerdict(line, key, Verdict.UNDECIDED, networks=networks, detail=SQUARE)
    if not worst.is_wrong and (sides := _one_side(line, counted)):
        return LineVerdict(line, key, Verdict.UNDECIDED, networks=networks, detail=sides)
    if not worst.is_wrong:
        digits = min((o.digits for _, o in counted), default=0)
        detail = next((o.detail for _, o in counted if o.verdict is worst), "")
        ones = _only_for_ones(several) if all(o.right_alone for _, o in counted) else []
        notes = [*ones, *_spread(counted), *_pieces(line, worst), *_steps_down(counted)]
        notes += _from_the_loss(*counted[0])
        convention = _convention(*counted[0], reading) if worst is Verdict.RIGHT else ""
        return LineVerdict(line, key, worst, digits, networks, (), convention, detail, tuple(notes))
    at = [(one, o) for one, o in counted if o.verdict is worst]
    outcome = at[0][1]
    rounds = _rounds(line, at, counted)
    expected, got = _numbers(outcome)
    return LineVerdict(
        line,
        key,
        worst,
        networks=networks,
        rounds=rounds,
        detail=outcome.detail or _relation(at),
        notes=tuple(_where_they_fit(worst, counted)),
        expected=expected,
        got=got,
    )


def _rounds(
    line: Line, at: list[tuple[Judged, Outcome]], counted: list[tuple[Judged, Outcome]]
) -> tuple[str, ...]:
    """Return where in a loop a line is wrong; of networks of several depths ``l = L``, if so."""
    if line.loop is None:
        return ()
    name, (first, _) = line.loop.name, at[0]
    depths = {one.given.setting.L for one, _ in counted}
    for told, is_meant in SOMEWHERE.items() if len(depths) > 1 else ():
        if all(
            is_meant(o.step.numbers[name], j.given.setting.L) == o.verdict.is_wrong
            for j, o in counted
            if o.verdict.is_judged  # what nobody reads is not
        ):
            return (told.format(name),)
    found = [o.step.numbers[name] for j, o in at if j is first]
    return tuple(f"{name} = {number}" for number in dict.fromkeys(found))


def _convention(one: Judged, outcome: Outcome, reading: Reading) -> str:
    """Say that a right line is N times the derivative of J."""
    key = outcome.step.key
    scaled = reading.convention == "undivided"
    if reading.convention == "per-example":
        scaled = not one.truth.trace_of(key) & one.truth.by_parameters
    if not scaled or key not in one.truth.derivatives or one.truth.N == 1:
        return ""
    return "n n_L times" if reading.reduction == "mean_all" else "n times"


def _only_for_ones(several: list[tuple[Judged, Outcome]]) -> list[str]:
    """Say that a line is right for a single unit only."""
    for one, outcome in several:
        if not counts(one) and outcome.verdict.is_judged and not outcome.right_alone:
            sizes = one.given.setting.sizes
            ones = [s for s, size in enumerate(sizes) if size == 2]
            where = " and ".join(f"n_{s} = 1" for s in ones) if ones else "sizes are 1"
            return [
                f"right only because {where}" + (f": {outcome.detail}" if outcome.detail else "")
            ]
    return []


def _spread(counted: list[tuple[Judged, Outcome]]) -> list[str]:
    return [text for _, outcome in counted[:1] for text in outcome.spread]


def _one_side(line: Line, counted: list[tuple[Judged, Outcome]]) -> str:
    """Say that what compares went one way in all networks: the other way is not tested."""
    went: dict[int, set[bool]] = defaultdict(set)
    for _, outcome in counted:
        for node, ways in outcome.branches.items():
            went[node] |= ways
    single = [part for part in parts(line.formula) if len(went.get(id(part), ())) == 1]
    if not single:
        return ""
    return f"{show(single[0])} went one way in all networks: its other side is not tested"


def _from_the_loss(one: Judged, outcome: Outcome) -> list[str]:
    """Say that a line reads the derivative by the output, where no line gives it."""
    assigned = {other.step.key for other in one.outcomes}
    read = [key for key in outcome.step.uses if one.truth.trace_of(key) == {one.truth.by_output}]
    return [f"{key} is that of the loss: no line gives it" for key in read if key not in assigned]


def _steps_down(counted: list[tuple[Judged, Outcome]]) -> list[str]:
    """Say at which rate an update goes, if it is a product, and what else it takes off."""
    several = [outcome.update for _, outcome in counted]
    found = []
    if several[0] and several[0].rate:
        found.append(f"a step at the rate {show(several[0].rate)}")
    if all(update and update.shrunk for update in several):
        found.append("with weight decay: a share of the weights goes, too")
    return found


def _pieces(line: Line, verdict: Verdict) -> list[str]:
    """Say that a formula may be another where no network has come: of 0 they see both sides."""
    if verdict is not Verdict.RIGHT:
        return []
    for part in parts(line.formula):
        compares = isinstance(part, Binary) and part.operator in COMPARISONS
        if isinstance(part, Call) and part.function in ("maximum", "minimum", "abs"):
            compares = True
        sides = [constant(child) for child in children(part)] if compares else [Fraction(0)]
        if 0 not in sides:
            return ["it compares, and is right on the sides that these networks reach"]
    return []


def _where_they_fit(worst: Verdict, counted: list[tuple[Judged, Outcome]]) -> list[str]:
    """Say what becomes of shapes that do not fit where sizes are equal."""
    fitting = [o for _, o in counted if o.verdict is not Verdict.SHAPES]
    if worst is not Verdict.SHAPES or not fitting:
        return []
    right = all(o.verdict is Verdict.RIGHT for o in fitting)
    return [f"where the sizes are equal it fits, and is {'right' if right else 'silently wrong'}"]


def _numbers(outcome: Outcome) -> tuple[str, str]:
    value, true = outcome.value, outcome.truth
    if value is None or true is None or value.shape != true.shape:
        return "", ""
    i, j = outcome.worst
    place = f"{outcome.step.key}[{i}, {j}] = " if value.size > 1 else f"{outcome.step.key} = "
    return place + _shown(true[i, j], value[i, j]), _shown(value[i, j], true[i, j])


def _shown(number: arb, beside: arb) -> str:
    """Return a number to six digits, or to so many that another one is seen to differ."""
    text = ""
    for digits in (6, 12, 25, 50):
        text, other = (_to(digits, x) for x in (number, beside))
        if text != other:
            break
    return text


def _to(digits: int, number: arb) -> str:
    middle = number.mid()
    return f"{float(middle):.6g}" if digits == 6 else str(middle.str(digits, radius=False))


def _relation(at: list[tuple[Judged, Outcome]]) -> str:
    """Return how the wrong values are made of the true ones, if the same way everywhere."""
    found = set()
    telling = [pair for pair in at if pair[0].given.setting.kind == "distinct"]
    for one, outcome in telling or at:
        if outcome.value is None or outcome.truth is None:
            return ""
        setting = one.given.setting
        with ctx.workprec(PRECISIONS[0]):
            found.add(relation(outcome.value, outcome.truth, factors(setting.n, setting.sizes[-1])))
    text = found.pop() if len(found) == 1 else ""
    return f"it is {text}" if text else ""
