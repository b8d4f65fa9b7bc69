"""What is said beside a verdict: of conventions, of what hides it, of how a value is wrong."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction

from flint import arb, ctx

from gradoracle.derivation.judging.agreement import PRECISIONS, factors, relation
from gradoracle.derivation.judging.outcomes import Judged, Outcome, counts
from gradoracle.derivation.reading.lines import Line
from gradoracle.derivation.reading.syntax import (
    COMPARISONS,
    Binary,
    Call,
    Name,
    children,
    constant,
    names,
    parts,
    show,
)
from gradoracle.derivation.truth.true_values import Reading
from gradoracle.derivation.verdicts import Verdict

At = Sequence[tuple[Judged, Outcome]]  # a line, everywhere it ran


def convention(one: Judged, outcome: Outcome, reading: Reading) -> str:
    """Say that a right line is N times the derivative of J."""
    key = outcome.step.key
    scaled = reading.convention == "undivided"
    if reading.convention == "per-example":
        scaled = not one.truth.trace_of(key) & one.truth.by_parameters
    if not scaled or key not in one.truth.derivatives or one.truth.N == 1:
        return ""
    return "n n_L times" if reading.reduction == "mean_all" else "n times"


def only_for_ones(several: At) -> list[str]:
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


def spread(counted: At) -> list[str]:
    """Say what was spread in a line."""
    return [text for _, outcome in counted[:1] for text in outcome.spread]


def one_side(line: Line, counted: At) -> str:
    """Say that what compares went one way in all networks: the other way is not tested."""
    went: dict[int, set[bool]] = defaultdict(set)
    for _, outcome in counted:
        for node, ways in outcome.branches.items():
            went[node] |= ways
    single = [part for part in parts(line.formula) if len(went.get(id(part), ())) == 1]
    if not single:
        return ""
    return f"{show(single[0])} went one way in all networks: its other side is not tested"


def from_the_loss(one: Judged, outcome: Outcome) -> list[str]:
    """Say that a line reads the derivative by the output, where no line gives it."""
    assigned = {other.step.key for other in one.outcomes}
    read = [key for key in outcome.step.uses if one.truth.trace_of(key) == {one.truth.by_output}]
    bases = {name.base for name in names(outcome.step.line.formula) if _has_a_symbol(name)}
    told = {key: re.sub(r"\d+$", "", key) for key in read if key not in assigned}
    return [
        f"{f'{base}[L]' if base in bases else key} is that of the loss: no line gives it"
        for key, base in told.items()
    ]


def _has_a_symbol(name: Name) -> bool:
    """Whether a layer is written as l or L."""
    return name.index is not None and constant(name.index) is None


def steps_down(counted: At) -> list[str]:
    """Say at which rate an update goes, if it is a product, and what else it takes off."""
    several = [outcome.update for _, outcome in counted]
    found = []
    if several[0] and several[0].rate:
        found.append(f"a step at the rate {show(several[0].rate)}")
    if all(update and update.shrunk for update in several):
        found.append("with weight decay: a share of the weights goes, too")
    return found


def pieces(line: Line, verdict: Verdict) -> list[str]:
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


def where_they_fit(worst: Verdict, counted: At) -> list[str]:
    """Say what becomes of shapes that do not fit where sizes are equal."""
    fitting = [o for _, o in counted if o.verdict is not Verdict.SHAPES]
    if worst is not Verdict.SHAPES or not fitting:
        return []
    right = all(o.verdict is Verdict.RIGHT for o in fitting)
    return [f"where the sizes are equal it fits, and is {'right' if right else 'silently wrong'}"]


def numbers(outcome: Outcome) -> tuple[str, str]:
    """Return the worst entry with the number that it should be, and the one that it is."""
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


def relation_of(at: At) -> str:
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
