"""The derivative of the loss by the output, where a text reads it and leaves it to the loss."""

from __future__ import annotations

from collections.abc import Sequence

from gradoracle.derivation.as_numpy.stable import last
from gradoracle.derivation.as_numpy.statements import depths, traced
from gradoracle.derivation.as_numpy.ties import meant
from gradoracle.derivation.reading import syntax
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.lines import Line
from gradoracle.derivation.reading.syntax import Name, names, show
from gradoracle.derivation.truth.contract import BY_OUTPUT, divisor
from gradoracle.derivation.truth.true_values import Reading


def with_derivative_by_output(
    header: Header, reading: Reading, lines: Sequence[Line], *, loops: bool
) -> list[Line]:
    """Return the lines, dA^[L] in the convention of the text before the first that reads it.

    Parameters
    ----------
    header : Header
        With the loss, if J is one of the contract.
    reading : Reading
    lines : sequence of Line
    loops : bool
        Whether what has a layer is kept as A[L].
    """
    L = depths(header)[0]
    several, spelled = traced(header, lines, L), [*_spelled(header, lines), "dA"]
    given = {step.key for step in several}
    readers = [
        (step.line, base) for step in several for base in spelled if f"{base}{L}" in step.uses
    ]
    if not (header.loss and readers) or f"dA{L}" in given:
        return list(lines)
    (first, base), *_ = readers
    output, N = last(header, "A", loops=loops), divisor(reading.reduction, header.layers)
    formula = BY_OUTPUT[header.loss].format(A=show(output), Y="Y")
    if reading.convention == "plain" and N != "1":
        formula = f"{formula} / ({N.replace('n0', 'n[L]')})"
    own = Line(0, "", last(header, base, loops=loops), syntax.read(formula))
    numbers = [line.number for line in lines]
    at = numbers.index(first.number)
    while at and first.loop and lines[at - 1].loop == first.loop:
        at -= 1
    return [*lines[:at], own, *lines[at:]]


def _spelled(header: Header, lines: Sequence[Line]) -> list[str]:
    """Return the other names that the text has for dA."""
    read = [name for line in lines for name in names(line.formula) if name.index]
    several = [(name, meant(header, name)) for name in read]
    return [
        name.base
        for name, of in several
        if of.name.base == "dA" != name.base and isinstance(of.formula, Name)
    ]
