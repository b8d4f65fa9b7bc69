"""What one line of text claims: a name, and each of its sides, in any spelling."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.reading import syntax
from gradoracle.derivation.reading.spelling.parts import PLAIN, Style
from gradoracle.derivation.reading.syntax import Binary, Name, Node

if TYPE_CHECKING:
    from gradoracle.derivation.reading import notation

NO_LATEX = re.compile(
    r"@|\.T\b|\*\*|\bfor\b.*\brange\b|[A-Za-z]{2,}_[A-Za-z]{2,}"
    r"|\b(?:np|numpy)\.|\.(?:dot|sum|mean)\("
)


def translated(written: str, style: Style = PLAIN) -> Iterator[tuple[str, Sequence[int]]]:
    """Yield the plain spelling of a line with its columns: several if LaTeX has several."""
    from gradoracle.derivation.reading import (  # here, as the parser is for LaTeX alone
        latex,
        notation,
    )

    if latex.is_latex(written):
        plain = latex.plain(written, style)
    elif style.tex and not NO_LATEX.search(written):
        plain = _unmarked(written, style)
    else:
        plain = notation.plain(written, style)
    at = 0
    for part in plain.text.split("\n"):
        if part.strip():
            yield part, plain.columns[at : at + len(part) + 1]
        at += len(part) + 1


def _unmarked(written: str, style: Style) -> notation.Plain:
    """Read a line of a block of LaTeX that has no mark of it: its names may be whole words."""
    from gradoracle.derivation.reading import latex, notation

    try:
        return latex.plain(written, style)
    except notation.NotationError as refusal:
        try:
            plain = notation.plain(written, replace(style, beside=False))
            list(claims(plain.text))
        except DerivationError:
            raise refusal from None
        return plain


def claims(text: str) -> Iterator[tuple[Name, Node]]:
    """Yield the target of a formula with each of its sides."""
    first, operator, *sides = _sides(text)
    target = syntax.read(first)
    if not isinstance(target, Name):
        raise DerivationError(
            "a name on the left", first.strip()[:40], "dW2 = ..., W[l] = ...", column=target.at + 1
        )
    if operator and len(sides) > 1:
        raise DerivationError(
            f"one side after {operator}=", f"{len(sides)}", "write two lines", column=len(first) + 1
        )
    formulas = [syntax.read(side) for side in sides]
    if operator:
        yield target, Binary(formulas[0].at, operator, target, formulas[0])
    elif len(formulas) == 1:
        yield target, formulas[0]
    else:
        yield from _chain(target, formulas)


def _chain(target: Name, formulas: list[Node]) -> Iterator[tuple[Name, Node]]:
    """Yield the claims of several sides; ``dZ2 = dJ/dZ2 = A2 - Y`` only names dZ2 twice.

    ``delta = dJ/dZ2 = A2 - Y`` says what delta means: the other sides are claimed of dZ2.
    """
    formulas = [s for s in formulas if syntax.show(s) != syntax.show(target)] or formulas[:1]
    named = [
        side
        for at, side in enumerate(formulas, start=1)
        if isinstance(side, Name)
        and (_is_derivative(side) or (at < len(formulas) and _says_d(side)))
    ]
    if _is_derivative(target) or len(named) != 1 or len(formulas) < 2:
        yield from ((target, side) for side in formulas)
        return
    yield from ((named[0], side) for side in formulas if side is not named[0])
    yield target, named[0]


def _is_derivative(name: Name) -> bool:
    return name.base in ("dW", "db", "dZ", "dA", "dX")


def _says_d(name: Name) -> bool:
    """Whether a name in the middle may be a derivative by a name of the text's own: ``dJ/do``."""
    return name.base[0] == "d" and len(name.base) > 1


def tie(text: str, at: int = 0, style: Style = PLAIN) -> tuple[Name, Node]:
    """Read ``NAME = FORMULA`` in any spelling, which begins at a column: one name, one side.

    Raises
    ------
    DerivationError
        With the column.
    """
    found = []
    try:
        for part, columns in translated(text, style):
            try:
                found += [(name, node, _sides(part)[1]) for name, node in claims(part)]
            except DerivationError as error:
                raise error.through(columns) from None
        if len(found) != 1 or found[0][2]:
            raise DerivationError("NAME = FORMULA", text.strip()[:60], "one of each", column=1)
    except DerivationError as error:
        raise error.through(range(at, at + len(text) + 1)) from None
    return found[0][:2]


def _sides(text: str) -> list[str]:
    """Cut a line at its equal signs, keeping the columns; the second part is the sign before it."""
    cuts, depth = [], 0
    for at, sign in enumerate(text):
        depth += (sign in "([") - (sign in ")]")
        around = text[max(at - 1, 0) : at] + text[at + 1 : at + 2]
        if sign == "=" and depth == 0 and not set(around) & set("=<>!"):
            cuts.append(at)
    if not cuts:
        raise DerivationError(
            "NAME = FORMULA", text.strip()[:60], "a comment begins with #", column=1
        )
    before = text[: cuts[0]].removesuffix(":")  # w := w - ...
    augmented = before[-1:] if before[-1:] in tuple("+-*/@") else ""
    ends = [*cuts[1:], len(text)]
    first = before.removesuffix(augmented)
    return [
        first,
        augmented,
        *(" " * (cut + 1) + text[cut + 1 : end] for cut, end in zip(cuts, ends, strict=True)),
    ]
