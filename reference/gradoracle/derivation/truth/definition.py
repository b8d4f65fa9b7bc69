"""What J is, and every derivative of it: the truth a derivation is held against.

With a network and a loss the definition is the contract's forward pass, written in the layout of
the text; without a loss J is the text's; without a network all that J needs is the text's. Its
derivatives come from walking the definition back (`adjoints.pull`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flint import arb, ctx

from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.reading import syntax
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.syntax import Node
from gradoracle.derivation.truth import matrices as m
from gradoracle.derivation.truth.adjoints import UnknownRuleError, pull
from gradoracle.derivation.truth.contract import forward_text
from gradoracle.derivation.truth.evaluate import Scope
from gradoracle.derivation.truth.matrices import Matrix
from gradoracle.derivation.truth.meanings import (
    evaluated,
    forward_ties,
    goals_of,
    scope_of,
    with_ties,
)
from gradoracle.derivation.truth.networks import Given
from gradoracle.derivation.truth.steps import Step
from gradoracle.derivation.truth.true_values import RATES, Reading, Truth

CONSTANTS = re.compile(rf"n\d*|m|N|lam|{'|'.join(RATES)}|C")


@dataclass(frozen=True, eq=False)
class _Part:
    """One line of the definition of J: what it sets, and the scope in which it was evaluated."""

    key: str
    formula: Node
    scope: Scope
    line: int
    step: Step | None = None


@dataclass(frozen=True, eq=False)
class _Walked:
    """J and all that it is made of, and the derivative of J by all of that."""

    header: Header
    values: Mapping[str, Matrix]
    parts: Sequence[_Part]
    adjoints: Mapping[str, Matrix]


def truth(header: Header, given: Given, text: Sequence[Step], reading: Reading) -> Truth:
    """Return the true values of all names.

    Parameters
    ----------
    header : Header
    given : Given
    text : sequence of Step
        Its lines; used where it is the definition.
    reading : Reading

    Raises
    ------
    DerivationError
        If there is no J, or it cannot be evaluated, or nothing can be learnt from it.
    """
    walked = _walked(header, given, text, reading)
    values, parts, adjoints = walked.values, walked.parts, walked.adjoints
    goal = parts[-1]
    parameters = {key for key in given.values if header.is_parameter(key)}
    variables = parameters or {key for key in given.values if not _is_constant(header, key)}
    _refuse_constant(adjoints, variables, goal.line)
    N = _value_of_N(reading.reduction, given)
    gradients = _gradients(header, adjoints, values, N, reading.convention)
    gradients.pop(f"d{goal.key}", None)
    found = Truth(
        given,
        {**values, **gradients},
        {id(part.step): value_of(part) for part in parts if part.step},
        N,
        frozenset(gradients),
        frozenset(parameters),
        slopes={key: gradients[f"d{key}"] for key in parameters},
        times=N if reading.convention == "undivided" else 1,
        states=header.states,
        by_output=f"dA{given.setting.L}" if header.loss else "",
    )
    return with_ties(header, found)


def _walked(header: Header, given: Given, text: Sequence[Step], reading: Reading) -> _Walked:
    """Evaluate J and walk it back; where J is the header's, once for all its conventions."""
    key = (reading.reduction, ctx.prec)
    known = given.walked.get(key)
    if isinstance(known, _Walked) and known.header is header:
        return known
    values = dict(given.values)
    parts = _definition(header, given, text, reading, values)
    values["J"] = values[parts[-1].key]  # the text may call it E
    _refuse_value(values["J"], parts[-1].line)
    found = _Walked(header, values, parts, _adjoints(parts))
    if header.loss:
        given.walked[key] = found
    return found


def value_of(part: _Part) -> Matrix:
    """Return what a part of the definition gives."""
    return part.scope.value(part.formula)


def _definition(
    header: Header, given: Given, text: Sequence[Step], reading: Reading, values: dict[str, Matrix]
) -> list[_Part]:
    """Return the lines that J is made of, J the last, and set their values."""
    parts = []

    def define(
        key: str, formula: Node, numbers: Mapping[str, int], line: int, step: Step | None
    ) -> None:
        scope = scope_of(header, values, numbers)
        parts.append(_Part(key, formula, scope, line, step))
        values[key] = evaluated(scope, formula, line)

    if header.network:
        for key, written in forward_text(header, reading.reduction, given.setting.L):
            define(key, syntax.read(written), given.numbers, header.at.get("network", 0), None)
    if not header.loss:
        named = set(values) | {step.key for step in text}
        for key, meaning in forward_ties(header, named):  # J may be written in them
            define(key, meaning, given.numbers, header.at["means"], None)
        for step in _slice(header, text, set(values)):
            define(step.key, step.line.formula, step.numbers, step.line.number, step)
    return parts


def _slice(header: Header, text: Sequence[Step], known: set[str]) -> list[Step]:
    """Return the steps of the text that its J is made of, J the last."""
    goals = goals_of(header)
    ends = [at for at, step in enumerate(text) if step.key in goals]
    if not ends:
        raise DerivationError(
            "a line J = ..., or a loss in the header",
            "neither",
            "network: ..., loss binary_cross_entropy; or means: E = J where E is the text's name",
            text[-1].line.number if text else 0,
        )
    needed, found = {text[ends[-1]].key}, []
    for step in reversed(text[: ends[-1] + 1]):
        if step.key in needed and step.key not in known and step.line.side == 0:
            found.append(step)
            needed |= set(step.uses)
    tied = {name.base for name, _ in header.means} - goals
    for step in found:  # else a wrong derivative would be part of the definition
        if step.key in tied or (step.key[0] == "d" and step.key[1:] in known | needed):
            expected, mend = "a J made of values", "J is what the derivatives are taken of"
            raise DerivationError(expected, f"{step.key} in it", mend, step.line.number)
    return found[::-1]


def _refuse_value(J: Matrix, line: int) -> None:
    if J.size != 1:
        mend = "sum it: J = sum(...) / n"
        raise DerivationError("J as a number", m.shape_of(J), mend, line)
    if not J[0, 0].is_finite():
        mend = "no logarithm or root of a negative number, no division by 0"
        raise DerivationError("J as a finite number", J[0, 0].str(5), mend, line)


def _refuse_constant(adjoints: Mapping[str, Matrix], variables: set[str], line: int) -> None:
    """Refuse a J that nothing changes: 0 would be right everywhere."""
    entries = [x for key in variables if key in adjoints for x in adjoints[key].ravel().tolist()]
    if all(x.contains(0) for x in entries):
        mend = "a line J = ... of what the parameters give"
        raise DerivationError("a J that the parameters change", "one they do not", mend, line)


def _adjoints(parts: Sequence[_Part]) -> dict[str, Matrix]:
    """Return the derivative of J by every name it depends on; of a name set twice, by the last."""
    goal = parts[-1].key
    live: dict[str, Matrix] = {goal: m.scalar(arb(1))}
    found: dict[str, Matrix] = {}
    for part in reversed(parts):
        if part.key not in live:
            continue
        cotangent = live.pop(part.key)  # the name may stand on both sides
        found.setdefault(part.key, cotangent)
        try:
            pull(part.scope, part.formula, cotangent, live)
        except UnknownRuleError as error:
            expected, mend = "a J that can be differentiated here", "write it out"
            raise DerivationError(expected, str(error), mend, part.line) from None
        except DerivationError as error:
            raise error.on_line(part.line) from None
    return live | found


def _gradients(
    header: Header,
    adjoints: Mapping[str, Matrix],
    values: Mapping[str, Matrix],
    N: int,
    convention: str,
) -> dict[str, Matrix]:
    """Name the derivatives, in the convention of the text; what J does not depend on has 0."""
    found = {}
    others = {"J", "L", *header.states} | {name.base for name, _ in header.means}
    for key, value in values.items():
        if _is_constant(header, key) or key in others:
            continue
        gradient = adjoints.get(key, m.scalar(0) * value)
        times = N if convention == "undivided" else 1
        if convention == "per-example" and not header.is_parameter(key):
            times = N
        found[f"d{key}"] = gradient * m.scalar(times) if times != 1 else gradient
    return found


def _is_constant(header: Header, key: str) -> bool:
    """Whether nobody asks for the derivative by a name; an input may be called m."""
    inputs = {name for name, *_ in header.inputs}
    return CONSTANTS.fullmatch(key) is not None and key not in inputs


def _value_of_N(reduction: str, given: Given) -> int:
    n, outputs = given.setting.n, given.setting.sizes[-1]
    return {"mean": n, "sum": 1, "mean_all": n * outputs}[reduction]
