"""The lines of a derivation in the order in which they run, round by round of its loops."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from gradoracle.derivation.limits import LOOP, STEPS, DerivationError
from gradoracle.derivation.reading.every_layer import loop_over
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.lines import Line, Loop
from gradoracle.derivation.reading.reserved import reserved
from gradoracle.derivation.reading.syntax import Call, Name, names, parts, show
from gradoracle.derivation.truth.equations import in_order
from gradoracle.derivation.truth.evaluate import Scope, UndefinedError

LOOP_OVER = "for l in range(L, 0, -1):"


@dataclass(frozen=True)
class Step:
    """One line in one round of its loop.

    Attributes
    ----------
    line : Line
    key : str
        What it sets: ``dW2``, or a helper name.
    numbers : mapping of str to int
        L, and l inside a loop.
    uses : tuple of str
        The keys its formula reads, as far as their indices are known.
    """

    line: Line
    key: str
    numbers: Mapping[str, int]
    uses: tuple[str, ...]

    @property
    def round(self) -> str:
        """Return ``l = 2`` in a loop, else nothing."""
        loop = self.line.loop
        return f"{loop.name} = {self.numbers[loop.name]}" if loop else ""

    @property
    def is_alias(self) -> bool:
        """Whether it only says that two names are the same array: ``AL = A[L]``."""
        return isinstance(self.line.formula, Name) and self.uses == (self.key,)


def steps(lines: Sequence[Line], numbers: Mapping[str, int]) -> list[Step]:
    """Write a derivation out for one network.

    Raises
    ------
    DerivationError
        If a loop is too long, or an index names what is no number.
    """
    found: list[Step] = []
    bases = {line.target.base for line in lines if line.is_equation}
    for equations, several in groupby(lines, key=lambda line: _is_one_of(line, bases)):
        made = list(_written_out(list(several), numbers, STEPS - len(found)))
        found += in_order(made) if equations else made
    return found


def _is_one_of(line: Line, bases: Collection[str]) -> bool:
    """Whether a line is an equation, or sets a layer of what equations set: ``dZ[L] = ...``."""
    end = line.loop is None and line.target.index is not None and line.target.base in bases
    reads = show(line.target) in {show(name) for name in names(line.formula)}
    return line.is_equation or (end and not reads)


def _written_out(lines: Sequence[Line], numbers: Mapping[str, int], most: int) -> Iterator[Step]:
    for loop, group in groupby(lines, key=lambda line: line.loop):
        body = list(group)
        for inside in _rounds(loop, numbers):
            most -= len(body)
            if most < 0:
                expected, mend = f"at most {STEPS:,} steps", "shorten the loops"
                raise DerivationError(expected, "more", mend, body[0].number)
            yield from (_step(line, {**numbers, **inside}) for line in body)


def _rounds(loop: Loop | None, numbers: Mapping[str, int]) -> Iterator[dict[str, int]]:
    if loop is None:
        yield {}
        return
    scope = Scope({}, numbers)
    try:
        bounds = [scope.index(bound) for bound in loop.bounds]
    except UndefinedError as error:
        raise _no_number(error, loop.number, LOOP_OVER) from None
    if len(bounds) == 3 and bounds[2] == 0:
        raise DerivationError("a step that is not 0", "0", "range(L, 0, -1)", line=loop.number)
    rounds = range(*bounds)
    if rounds[LOOP:]:  # len() of a huge range overflows
        raise DerivationError(f"at most {LOOP} rounds", "more", "1 to L", loop.number)
    for value in rounds:
        yield {loop.name: value}


def _step(line: Line, numbers: Mapping[str, int]) -> Step:
    scope = Scope({}, numbers)
    try:
        key = scope.key(line.target)
        uses = [scope.key(name) for name in names(line.formula)]
        for part in parts(line.formula):
            if isinstance(part, Call) and part.layer:
                scope.index(part.layer)
    except UndefinedError as error:
        alone = not (line.loop or reserved(error.name))
        meant = loop_over(line, error.name, Header()) if alone else None
        raise _no_number(error, line.number, meant.head if meant else LOOP_OVER) from None
    return Step(line, key, numbers, tuple(dict.fromkeys(uses)))


def _no_number(error: UndefinedError, line: int, loop: str) -> DerivationError:
    return DerivationError(
        "an index made of numbers, L and the loop's name",
        error.name,
        f"{loop} above, and the line indented",
        line,
        error.at + 1,
    )
