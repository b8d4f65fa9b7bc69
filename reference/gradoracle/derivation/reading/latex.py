"""A line of LaTeX in the plain spelling.

pylatexenc reads macros, their arguments and groups (`latex_nodes`); their signs become those of
paper (`latex_tokens`), so that there is one grammar for both. Factors side by side are a matrix
product here, unless one of them is a number.
"""

from __future__ import annotations

import re

from gradoracle.derivation.limits import DEPTH
from gradoracle.derivation.reading.notation import Plain, composed, unchanged
from gradoracle.derivation.reading.spelling.grammar import Grammar
from gradoracle.derivation.reading.spelling.latex_joins import joined
from gradoracle.derivation.reading.spelling.latex_nodes import nodes_of, statements
from gradoracle.derivation.reading.spelling.latex_tokens import tokens_of
from gradoracle.derivation.reading.spelling.parts import PLAIN, Style, Text
from gradoracle.derivation.reading.spelling.signs import NotationError, refuse_unseen, upright
from gradoracle.derivation.reading.spelling.tokens import Token

MARK = re.compile(r"\\[A-Za-z\\()\[\]{}|,;:!% ]|\$|[\^_]\{|&\s*=")


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
    for start, statement in statements(body):
        tokens = joined(tokens_of(nodes_of(statement, start), start))
        if tokens and tokens[0].text == "=" and formulas:
            while formulas[-1][-1].text in (",", ".", ";"):
                formulas[-1].pop()
            formulas[-1] += tokens
        elif tokens:
            formulas.append(tokens)
    return formulas
