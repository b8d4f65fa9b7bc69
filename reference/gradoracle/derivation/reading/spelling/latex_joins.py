r"""What LaTeX sets apart and a formula has in one: the d of ``\mathrm{d} J``, and its spaces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from gradoracle.derivation.reading.spelling.macros import unknown_macro
from gradoracle.derivation.reading.spelling.signs import NotationError
from gradoracle.derivation.reading.spelling.tokens import Token

STOPS = ("=", ",", ".", ";", "(", "[", "{")  # after a dot that ends a formula
AFTER_D = re.compile(r"[WbZAXJLECwzax]\d*|yhat\d*|lam|theta")


def joined(tokens: Iterator[Token]) -> list[Token]:
    r"""Return the tokens with `\mathrm{d} J` in one: spaces mean nothing in LaTeX.

    Raises
    ------
    NotationError
        For words before the end of a formula, and for signs that are in no table.
    """
    kept: list[Token] = []
    for token in tokens:
        before = kept[-1] if kept else None
        if before and before.kind == "space":
            kept.pop()
            token, before = replace(token, spaced=True), kept[-1] if kept else None
        stops = token.kind != "op" or token.text in STOPS
        numbers = [token.kind for token in kept[-2:-1]] == ["number"]
        if before and before.text == "." and not stops and numbers:
            kept.pop()  # the dot of 2. is at the end of its characters, but not of the formula
        if before and before.text == "d" and token.kind == "name" and AFTER_D.fullmatch(token.text):
            kept[-1] = Token("name", "d" + token.text, before.column)
        elif before and before.kind == "remark":
            expected, mend = "words at the end of a formula", "a comment begins with #"
            raise NotationError(expected, before.text[:40], mend, column=before.column + 1)
        elif token.kind == "other":
            raise unknown_macro(token.text, token.column)
        else:
            kept.append(token)
    while kept and kept[-1].kind in ("space", "remark"):
        kept.pop()
    return kept
