"""What the nodes of LaTeX stand for, in the signs of paper: one grammar reads both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gradoracle.derivation.reading.spelling.latex_joins import joined
from gradoracle.derivation.reading.spelling.latex_nodes import WITH_ARGUMENT
from gradoracle.derivation.reading.spelling.letters import KNOWN, split
from gradoracle.derivation.reading.spelling.macros import (
    DROPPED,
    FONTS,
    FRACTIONS,
    GREEK,
    HATS,
    NOTHING,
    ONES,
    SCRIPTS,
    SIGNS,
    UPRIGHT,
    WORDS,
    unknown_macro,
)
from gradoracle.derivation.reading.spelling.names import LOSSES
from gradoracle.derivation.reading.spelling.signs import NotationError
from gradoracle.derivation.reading.spelling.tokens import Token, read
from gradoracle.derivation.reading.vocabulary import FUNCTIONS

if TYPE_CHECKING:
    from pylatexenc.latexwalker import LatexNode

CALLED = {name.replace("_", ""): name for name in FUNCTIONS}  # ReLU, LeakyReLU
REMARKS = ("text", "textrm", "mathrm")  # may hold words: \text{(the output layer)}


def tokens_of(nodes: list[LatexNode], start: int) -> Iterator[Token]:
    """Yield the signs of paper that nodes stand for; the formula begins at a column.

    Raises
    ------
    NotationError
        For macros and environments that are in no table, and for those without their argument.
    """
    before = ""
    for node in nodes:
        column = node.pos + start
        kind = type(node).__name__
        held, before = before, node.latex_verbatim()
        if before == "{}" and not held.endswith(("^", "_")):
            continue  # it keeps two scripts apart
        if kind == "LatexCharsNode":
            yield from read(node.chars, column, split)
        elif kind == "LatexGroupNode":
            yield from _braces(tokens_of(node.nodelist, start), column, node)
        elif kind == "LatexMacroNode":
            yield from _macro(node, column, start)
        elif kind != "LatexCommentNode":
            name = getattr(node, "environmentname", "") or kind
            raise unknown_macro(f"the environment {name}", column)


def _braces(inner: Iterator[Token], column: int, node: LatexNode) -> Iterator[Token]:
    yield Token("op", "{", column)
    yield from inner
    yield Token("op", "}", column + node.len - 1)


def _macro(node: Any, column: int, start: int) -> Iterator[Token]:
    r"""Yield what one macro stands for; `\sigma'` is one for the grammar of paper to read."""
    name = node.macroname
    given = node.nodeargd.argnlist if node.nodeargd else []  # none for an argument of its own
    arguments = [argument for argument in given if argument is not None]
    if len(arguments) < (2 if name in FRACTIONS else name in WITH_ARGUMENT):
        raise NotationError(
            rf"\{name}{{...}}", rf"\{name} alone", "put braces around it", column=column + 1
        )
    if name in SIGNS or name in GREEK:
        for token in read((SIGNS | GREEK)[name]):
            yield Token(token.kind, token.text, column)
    elif name in WORDS:
        yield Token("name", WORDS[name], column)
    elif name in FRACTIONS:
        yield from _fraction(arguments, column, start)
    elif name == "sqrt":
        if len(arguments) > 1:
            raise unknown_macro(r"\sqrt[...]", column)
        yield Token("name", "sqrt", column)
        yield Token("op", "(", column)
        yield from tokens_of(arguments, start)
        yield Token("op", ")", column + node.len - 1)
    elif name in UPRIGHT:
        yield from _upright(name, arguments[-1], column, start)
    elif name in (*ONES, *FONTS) and _letters(arguments[0]) in ("1", "I") and name != "mathit":
        yield from _one(name, arguments, column, start)
    elif name in FONTS:
        inner = list(tokens_of(_opened(arguments[0]), start))
        yield from inner if len(inner) == 1 else _braces(iter(inner), column, node)
    elif name in SCRIPTS and _letters(arguments[0]) in LOSSES:
        yield Token("name", "J", column)
    elif name in HATS:
        yield from _hat(HATS[name], arguments, column, start)
    elif name in NOTHING:
        yield Token("space", "", column)
    elif name not in DROPPED:
        raise unknown_macro("\\" + name, column)


def _fraction(arguments: list[LatexNode], column: int, start: int) -> Iterator[Token]:
    r"""`\frac{a}{b}` in braces of its own; `\frac{\partial J}{\partial W}` is a derivative."""
    above, below = (joined(tokens_of(_opened(part), start)) for part in arguments)
    derivative = bool(above) and (
        above[0].text == "∂" or re.fullmatch(r"d(J|L|E|C|loss|cost)", above[0].text)
    )
    yield Token("op", "{", column)
    for part, sign in ((above, "/"), (below, "}")):
        yield from (
            part if derivative else (Token("op", "{", column), *part, Token("op", "}", column))
        )
        yield Token("op", sign, column)


def _opened(node: Any) -> list[LatexNode]:
    """Return what stands in a group, or the one node there is."""
    return list(node.nodelist) if type(node).__name__ == "LatexGroupNode" else [node]


def _letters(node: LatexNode) -> str:
    r"""Return what an argument holds as it is written: `diff\_hid` is diff_hid."""
    return str(node.latex_verbatim()).strip("{} ").replace("\\_", "_")


def _upright(name: str, argument: LatexNode, column: int, start: int) -> Iterator[Token]:
    r"""`\mathrm{softmax}` is one name, `\mathsf{T}` a transpose, `\mathrm{d}` the d of dJ."""
    word = _letters(argument)
    word = CALLED.get(word.lower(), word) if len(word) > 1 else word
    if name == "operatorname" and word not in KNOWN:
        raise NotationError(
            "a function that is known",
            rf"\operatorname{{{word}}}",
            rf"write \mathrm{{{word}}} for a name",
            column=column + 1,
        )
    if not word:
        yield Token("space", "", column)
    elif name in REMARKS and re.search(r"[A-Za-z]{2}", word) and re.search(r"[\s(),:]", word):
        yield Token("remark", word, column)
    elif re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", word):
        yield Token("name", word, column)
    else:
        yield from _braces(tokens_of(_opened(argument), start), column, argument)


def _one(name: str, arguments: list[LatexNode], column: int, start: int) -> Iterator[Token]:
    if _letters(arguments[0]) == "I" and name not in ONES:  # a bold I is a letter
        yield from tokens_of(_opened(arguments[0]), start)
    else:
        yield Token("op", "𝟙", column)


def _hat(accent: str, arguments: list[LatexNode], column: int, start: int) -> Iterator[Token]:
    inner = [t for t in tokens_of(_opened(arguments[0]), start) if t.text not in ("{", "}")]
    if len(inner) != 1 or inner[0].kind != "name":
        raise NotationError("one letter under an accent", "more", r"\hat{y}", column=column + 1)
    yield Token("name", inner[0].text + accent, column)
