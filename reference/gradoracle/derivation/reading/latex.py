"""A line of LaTeX in the plain spelling.

pylatexenc reads macros, their arguments and groups; their signs become those of `paper`, so that
there is one grammar for both. Factors side by side are a matrix product here, unless one of them is
a number. It is imported when the first LaTeX is met.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from gradoracle.derivation.limits import DEPTH
from gradoracle.derivation.reading.notation import Plain, composed, unchanged
from gradoracle.derivation.reading.spelling.grammar import Grammar
from gradoracle.derivation.reading.spelling.letters import KNOWN, split
from gradoracle.derivation.reading.spelling.macros import (
    DROPPED,
    ENVIRONMENTS,
    FONTS,
    FRACTIONS,
    GREEK,
    HATS,
    MENDS,
    NOTHING,
    ONES,
    SCRIPTS,
    SIGNS,
    UPRIGHT,
    WORDS,
)
from gradoracle.derivation.reading.spelling.names import LOSSES
from gradoracle.derivation.reading.spelling.parts import PLAIN, Style, Text
from gradoracle.derivation.reading.spelling.signs import NotationError, refuse_unseen, upright
from gradoracle.derivation.reading.spelling.tokens import Token, read
from gradoracle.derivation.reading.syntax import FUNCTIONS

if TYPE_CHECKING:
    from pylatexenc.latexwalker import LatexNode

MARK = re.compile(r"\\[A-Za-z\\()\[\]{}|,;:!% ]|\$|[\^_]\{|&\s*=")
LAYOUT = re.compile(
    r"(?P<next>\\\\(?:\[\d+(?:\.\d+)?(?:pt|em|ex|mm|cm)\])?)"
    rf"|(?P<blank>\\(?:begin|end)\{{(?:{'|'.join(ENVIRONMENTS)})\*?\}}|\\[\[\]()]|\$\$?|(?<!\\)[&~])"
    r"|(?P<other>\\.)",
    re.DOTALL,
)
CALLED = {name.replace("_", ""): name for name in FUNCTIONS}  # ReLU, LeakyReLU
STOPS = ("=", ",", ".", ";", "(", "[", "{")  # after a dot that ends a formula
REMARKS = ("text", "textrm", "mathrm")  # may hold words: \text{(the output layer)}
WITH_ARGUMENT = (*UPRIGHT, *FONTS, *SCRIPTS, *ONES, *HATS, *DROPPED, "sqrt")
AFTER_D = re.compile(r"[WbZAXJLECwzax]\d*|yhat\d*|lam|theta")


def is_latex(line: str) -> bool:
    r"""Return whether a line has a mark of LaTeX: a macro, ``$``, ``^{``, ``_{`` or ``&=``.

    >>> is_latex(r"dW^{[1]} = \frac{1}{n} dZ^{[1]} X^T"), is_latex("dW1 = dZ1 @ X.T / n")
    (True, False)
    """
    return MARK.search(line.partition("#")[0]) is not None


def plain(line: str, style: Style = PLAIN) -> Plain:
    r"""Translate a line of LaTeX into the plain spelling.

    Parameters
    ----------
    line : str
        One formula or, with ``\\`` between them, several, with or without ``$`` or an environment
        around them. A line that holds nothing but ``\begin{align}`` is empty.
    style : Style, optional
        What the rest of the text says of its notation.

    Returns
    -------
    Plain
        Several formulas stand on lines of their own; the columns are those of the macros.

    Raises
    ------
    NotationError
        With the column and the mend, for unknown macros, open groups and all that `notation.plain`
        refuses but factors side by side.
    """
    refuse_unseen(line)
    line = upright(line)
    _refuse_depth(line)
    body = line.partition("#")[0]
    pieces: list[Text] = []
    for tokens in _formulas(body):
        if pieces:
            pieces.append(("\n", tokens[0].column))
        grammar = Grammar(tokens, len(body.rstrip()), side_by_side=True, style=style)
        pieces += grammar.statement()
    indent = len(line) - len(line.lstrip(" \t"))
    return composed(((" " * indent, 0), *pieces), line) if pieces else unchanged("")


def _refuse_depth(line: str) -> None:
    depth = 0
    for column, sign in enumerate(line):
        depth += (sign == "{") - (sign == "}")
        if depth > DEPTH:
            raise NotationError(
                f"at most {DEPTH} braces in one another", "more", "split it", column=column + 1
            )


def _formulas(body: str) -> list[list[Token]]:
    """Return the tokens of every formula; one that begins with = goes on with the one before."""
    formulas: list[list[Token]] = []
    for start, statement in _statements(body):
        tokens = _joined(_tokens(_nodes(statement, start), start))
        if tokens and tokens[0].text == "=" and formulas:
            while formulas[-1][-1].text in (",", ".", ";"):
                formulas[-1].pop()
            formulas[-1] += tokens
        elif tokens:
            formulas.append(tokens)
    return formulas


def _statements(body: str) -> Iterator[tuple[int, str]]:
    r"""Yield the formulas between ``\\``, the marks of layout blanked, and where each begins."""
    blanked = LAYOUT.sub(_blanked, body)
    start = 0
    for formula in blanked.split("\x00"):
        yield start, formula
        start += len(formula) + 1


def _blanked(found: re.Match[str]) -> str:
    if found["other"]:
        return found.group()
    mark = "\x00" if found["next"] else " "
    return mark + " " * (len(found.group()) - 1)


@cache
def _macros() -> Any:
    """Return the macros with arguments; all others have none, and `_tokens` knows them or not."""
    from pylatexenc.macrospec import LatexContextDb, std_macro

    shapes = dict.fromkeys(WITH_ARGUMENT, "{") | {"operatorname": "*{", "sqrt": "[{"}
    shapes |= dict.fromkeys(FRACTIONS, "{{")
    macros = [std_macro(name, shape) for name, shape in shapes.items()]
    context = LatexContextDb()
    context.add_context_category("formulas", macros=macros)
    return context


def _nodes(statement: str, start: int) -> list[LatexNode]:
    from pylatexenc.latexwalker import LatexWalker, LatexWalkerError

    if re.search(r"(?<!\\)(\\\\)*\\\s*$", statement):  # the parser would drop it
        raise NotationError(
            "a macro", "a backslash at the end", "delete it", column=start + len(statement.rstrip())
        )
    walker = LatexWalker(statement, latex_context=_macros(), tolerant_parsing=False)
    try:
        nodes: list[LatexNode] = walker.get_latex_nodes()[0]
    except LatexWalkerError as error:
        at = start + min(getattr(error, "pos", None) or 0, len(statement))
        got = getattr(error, "msg", None) or str(error)
        raise NotationError(
            "LaTeX whose groups are closed",
            got.splitlines()[0],
            "close every { and }",
            column=at + 1,
        ) from None
    return nodes


def _tokens(nodes: list[LatexNode], start: int) -> Iterator[Token]:
    """Yield the signs of paper that nodes stand for."""
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
            yield from _braces(_tokens(node.nodelist, start), column, node)
        elif kind == "LatexMacroNode":
            yield from _macro(node, column, start)
        elif kind != "LatexCommentNode":
            name = getattr(node, "environmentname", "") or kind
            raise _unknown(f"the environment {name}", column)


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
            raise _unknown(r"\sqrt[...]", column)
        yield Token("name", "sqrt", column)
        yield Token("op", "(", column)
        yield from _tokens(arguments, start)
        yield Token("op", ")", column + node.len - 1)
    elif name in UPRIGHT:
        yield from _upright(name, arguments[-1], column, start)
    elif name in (*ONES, *FONTS) and _letters(arguments[0]) in ("1", "I") and name != "mathit":
        yield from _one(name, arguments, column, start)
    elif name in FONTS:
        inner = list(_tokens(_opened(arguments[0]), start))
        yield from inner if len(inner) == 1 else _braces(iter(inner), column, node)
    elif name in SCRIPTS and _letters(arguments[0]) in LOSSES:
        yield Token("name", "J", column)
    elif name in HATS:
        yield from _hat(HATS[name], arguments, column, start)
    elif name in NOTHING:
        yield Token("space", "", column)
    elif name not in DROPPED:
        raise _unknown("\\" + name, column)


def _fraction(arguments: list[LatexNode], column: int, start: int) -> Iterator[Token]:
    r"""`\frac{a}{b}` in braces of its own; `\frac{\partial J}{\partial W}` is a derivative."""
    above, below = (_joined(_tokens(_opened(part), start)) for part in arguments)
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
        yield from _braces(_tokens(_opened(argument), start), column, argument)


def _one(name: str, arguments: list[LatexNode], column: int, start: int) -> Iterator[Token]:
    if _letters(arguments[0]) == "I" and name not in ONES:  # a bold I is a letter
        yield from _tokens(_opened(arguments[0]), start)
    else:
        yield Token("op", "𝟙", column)


def _hat(accent: str, arguments: list[LatexNode], column: int, start: int) -> Iterator[Token]:
    inner = [t for t in _tokens(_opened(arguments[0]), start) if t.text not in ("{", "}")]
    if len(inner) != 1 or inner[0].kind != "name":
        raise NotationError("one letter under an accent", "more", r"\hat{y}", column=column + 1)
    yield Token("name", inner[0].text + accent, column)


def _joined(tokens: Iterator[Token]) -> list[Token]:
    r"""Return the tokens with `\mathrm{d} J` in one: spaces mean nothing in LaTeX."""
    joined: list[Token] = []
    for token in tokens:
        before = joined[-1] if joined else None
        if before and before.kind == "space":
            joined.pop()
            token, before = replace(token, spaced=True), joined[-1] if joined else None
        stops = token.kind != "op" or token.text in STOPS
        numbers = [token.kind for token in joined[-2:-1]] == ["number"]
        if before and before.text == "." and not stops and numbers:
            joined.pop()  # the dot of 2. is at the end of its characters, but not of the formula
        if before and before.text == "d" and token.kind == "name" and AFTER_D.fullmatch(token.text):
            joined[-1] = Token("name", "d" + token.text, before.column)
        elif before and before.kind == "remark":
            expected, mend = "words at the end of a formula", "a comment begins with #"
            raise NotationError(expected, before.text[:40], mend, column=before.column + 1)
        elif token.kind == "other":
            raise _unknown(token.text, token.column)
        else:
            joined.append(token)
    while joined and joined[-1].kind in ("space", "remark"):
        joined.pop()
    return joined


def _unknown(got: str, column: int) -> NotationError:
    mend = MENDS.get(got.lstrip("\\"), "docs/notation.md lists the macros that are read")
    return NotationError("a macro of docs/notation.md", got, mend, column=column + 1)
