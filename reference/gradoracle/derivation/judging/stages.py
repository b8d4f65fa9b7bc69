"""First parts of what a text sets in several lines: ``dW2 = dZ2 @ A1.T``, then ``dW2 /= n``."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gradoracle.derivation.judging.agreement import compare, factors, relation
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.truth.matrices import ARITHMETIC, Matrix, scalar
from gradoracle.derivation.truth.steps import Step
from gradoracle.derivation.truth.true_values import Truth


def stages(steps: Sequence[Step], judged: Collection[str]) -> dict[int, Step]:
    """Return the steps of which the next that sets the same name makes its value: ``dW2 /= n``.

    A name is judged where the text is done with it. Parameters are not among them: setting one
    is an update. Nor are names of the text's own.
    """
    found, following = {}, dict[str, Step]()
    for step in reversed(steps):
        if step.is_alias:
            continue
        later = following.get(step.key)
        # another side of the same line is no later step; another round of it is
        own = later and (later.line.number, later.numbers) == (step.line.number, step.numbers)
        if later and not own and step.key in later.uses and step.key in judged:
            found[id(step)] = later
        following[step.key] = step
    return found


def about_first_part(
    header: Header, truth: Truth, key: str, first: Matrix, value: Matrix, right: Matrix
) -> str:
    """Say how the first part of dW is wrong where what is added to it, the term of l2, is right.

    Parameters
    ----------
    header : Header
    truth : Truth
    key : str
        What both lines set.
    first, value, right : Matrix
        What the first part gives, what the line makes of it, and what that should be.
    """
    (of, *more) = truth.trace_of(key)
    weights = truth.values.get(of.removeprefix("d"))
    if not header.l2 or more or of[:2] != "dW" or weights is None or first.shape != value.shape:
        return ""
    times = ARITHMETIC["*"]
    term = times(times(truth.values["lam"], scalar(truth.times)), weights)
    if term.shape != value.shape or not compare(value - first, term).same:
        return ""
    setting = truth.given.setting
    said = relation(first, right - term, factors(setting.n, setting.sizes[-1]))
    return f"what it adds is right; its first part is {said or 'wrong'}"
