"""Another header under which a wrong text is right to the last line.

A text by rows under a header that says nothing of a layout, squares under a header that says
``binary_cross_entropy``, derivatives that are n times throughout: the lines are wrong as they
stand, each of them, and yet one word in the header makes all of them right. That word is told
beside the verdicts; the verdicts stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from gradoracle.activations import ACTIVATIONS
from gradoracle.derivation.judging.taken import Taken, take
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.syntax import Call, Name, names, parts
from gradoracle.derivation.truth.meanings import goals_of
from gradoracle.derivation.verdicts import LineVerdict, Verdict
from gradoracle.losses import LOSSES
from gradoracle.network import REDUCTIONS

CHANGES = 2
NUMBERS_OF_EXAMPLES = ("n", "m", "N")
BIAS = re.compile(r"d?b\d*")


@dataclass(frozen=True)
class Alternative:
    """A header, and the words that make it of the one that is there."""

    words: str
    header: Header


def another_header(taken: Taken) -> str:
    """Return what in the header makes every line of a wrong text right; empty if nothing does.

    Two changes at most: where none is enough, those are tried that go with the best one.
    """
    said, begun, nearer = "", taken, ""
    for _ in range(CHANGES):
        found = _nearest(begun)
        if found is None:
            break
        one, begun = found
        said = f"{said} and {one.words}" if said else one.words
        if not _is_right(begun):
            nearer = nearer or _nearer(replace(one, words=said), taken)
            continue
        again = take(one.header, taken.source)
        if _is_right(again):
            judged = sum(line.verdict.is_judged for line in again.found)
            several = {1: "its line is", 2: "both lines are"}.get(judged, f"all {judged} lines are")
            return f"with {said} in the header {several} right"
    return nearer


def _nearer(one: Alternative, taken: Taken) -> str:
    """Say of a header that it halves the lines in error at least; of several, lest one is it."""
    again = take(one.header, taken.source)
    if not (again.wrong and again.wrong * 2 <= taken.wrong and taken.wrong > 2):
        return ""
    *left, last = [str(line.line.number) for line in again.found if line.verdict.is_wrong]
    only = f"lines {', '.join(left)} and {last} are" if left else f"line {last} is"
    return f"with {one.words} in the header only {only} wrong"


def _nearest(taken: Taken) -> tuple[Alternative, Taken] | None:
    """Return the first header under which all is right on one network, or the fewest are wrong."""
    best, least = None, _left(taken)
    for one in _alternatives(taken):
        with suppress(DerivationError):  # such a network may not be possible
            tried = take(one.header, taken.source, first=True)
            if _is_right(tried):
                return one, tried
            if _left(tried) < least:
                best, least = (one, tried), _left(tried)
    return best


def _left(taken: Taken) -> tuple[int, int]:
    """Return how many lines are wrong or cannot be told for that, and how many are wrong."""
    untold = sum(line.verdict is Verdict.UNDECIDED for line in taken.found)
    return taken.wrong + untold, taken.wrong


def _is_right(taken: Taken) -> bool:
    judged = [line for line in taken.found if line.verdict.is_judged]
    tested = taken.header.loss or any(line.backward for line in judged)  # not J by itself
    return bool(judged and tested) and all(line.verdict is Verdict.RIGHT for line in judged)


def _alternatives(taken: Taken) -> Iterator[Alternative]:
    """Yield the headers that the wrong lines speak for."""
    header, wrong = taken.header, [one for one in taken.found if one.verdict.is_wrong]
    if not (header.network and wrong):
        return
    if wrong[0].verdict is Verdict.SHAPES:
        yield from _layouts(header)
        yield from _examples(taken)
    yield from _biases(taken)
    if len(wrong) > 1 and all(one.backward for one in wrong):
        yield from _divisions(header)
    penalised = any("lam" in _read(one) for one in wrong)
    if header.loss and not header.l2 and penalised:
        yield Alternative("l2 lam, after the loss,", replace(header, l2=True))
    if header.l2 and (not penalised or all(_updates(one) for one in wrong if "lam" in _read(one))):
        yield Alternative("no l2", replace(header, l2=False))  # the weights decay in the updates
    if any(one.line.target.base in goals_of(header) for one in wrong):
        yield from _losses(header)
    yield from _activations(header, wrong)


def _examples(taken: Taken) -> Iterator[Alternative]:
    """Yield one example, for texts that have no number of examples and sum over none."""
    said = "examples" in taken.header.at
    sums = any(
        (isinstance(part, Name) and part.base in NUMBERS_OF_EXAMPLES)
        or (isinstance(part, Call) and part.function in ("sum", "mean") and line.backward)
        for line in taken.found
        for part in parts(line.line.formula)
    )
    if not (said or sums):
        yield Alternative("examples: 1", replace(taken.header, single=True))


def _biases(taken: Taken) -> Iterator[Alternative]:
    """Yield no biases, for texts that neither read one nor give the derivative by one."""
    header = taken.header
    said = [part for line in taken.found for part in (line.line.target, *names(line.line.formula))]
    if "biases" not in header.at and not any(BIAS.fullmatch(name.base) for name in said):
        yield Alternative("biases: none", replace(header, biases=False))


def _layouts(header: Header) -> Iterator[Alternative]:
    if "layout" not in header.at:
        rows = not header.rows
        words = f"layout: {'rows' if rows else 'columns'}"
        stated = "weights" in header.at
        yield Alternative(
            words, replace(header, rows=rows, out_by_in=header.out_by_in if stated else not rows)
        )
        if not stated:
            other = replace(header, rows=rows, out_by_in=rows)
            yield Alternative(f"{words} and weights: {_weights(other)}", other)
    if "weights" not in header.at:
        other = replace(header, out_by_in=not header.out_by_in)
        yield Alternative(f"weights: {_weights(other)}", other)


def _weights(header: Header) -> str:
    return "out-by-in" if header.out_by_in else "in-by-out"


def _divisions(header: Header) -> Iterator[Alternative]:
    for convention in ("undivided", "per-example"):
        if not header.convention:
            words = f"convention: {convention}"
            yield Alternative(words, replace(header, convention=convention))
    for reduction in REDUCTIONS:
        if header.reduction not in ("", reduction):
            words = f"reduction {reduction}"
            yield Alternative(words, replace(header, reduction=reduction))


def _losses(header: Header) -> Iterator[Alternative]:
    for name, loss in LOSSES.items():
        if name != header.loss and loss.output in (None, header.activations[-1]):
            yield Alternative(f"loss {name}", replace(header, loss=name))
    if header.loss:
        own = replace(header, loss="", l2=False)
        yield Alternative("no loss, so that J is the text's own,", own)


def _activations(header: Header, wrong: list[LineVerdict]) -> Iterator[Alternative]:
    """Yield the headers with an activation that a wrong forward line has."""
    called = [
        part.function
        for one in wrong
        for part in parts(one.line.formula)
        if isinstance(part, Call) and not one.backward
    ]
    output = LOSSES[header.loss].output if header.loss else None
    for curve in dict.fromkeys(name for name in called if name in ACTIVATIONS):
        for at in range(len(header.activations)):
            several = (*header.activations[:at], curve, *header.activations[at + 1 :])
            if several != header.activations and output in (None, several[-1]):
                words = f"activations {' '.join(several)}"
                yield Alternative(words, replace(header, activations=several))


def _updates(one: LineVerdict) -> bool:
    """Whether a line changes a parameter."""
    return one.backward and one.line.target.base[0] != "d"


def _read(one: LineVerdict) -> set[str]:
    return {name.base for name in names(one.line.formula)}
