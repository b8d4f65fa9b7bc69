"""A run of letters in LaTeX, where `WX` are two names: taken apart."""

from __future__ import annotations

import re

from gradoracle.derivation.reading.numpy_calls import CALLED, LIBRARIES
from gradoracle.derivation.reading.spelling.signs import NAMES, NotationError
from gradoracle.derivation.reading.vocabulary import ALIASES, FUNCTIONS

KNOWN = {
    *FUNCTIONS,
    *ALIASES,
    *LIBRARIES,
    *CALLED,
    "axis",
    "keepdims",
    "True",
    "False",
    "loss",
    *NAMES.values(),
}
LETTERS = re.compile(
    r"d[LJ]d(?:[A-Z]|[a-z](?![a-z]))\d*"  # dLdW1
    r"|d?[A-Z]\d*|d[a-z](?![a-z])\d*|[a-ce-z](?=d[A-Z])|[a-z](?![a-z])\d*",
    re.ASCII,
)


def split(word: str, column: int) -> list[str]:
    """Take a run of letters apart: a known word, or capitals and single letters, each with its d.

    >>> split("dZA", 0), split("relu", 0), split("nX", 0)
    (['dZ', 'A'], ['relu'], ['n', 'X'])

    Raises
    ------
    NotationError
        For small letters in a row that are no word: nobody can tell a name from a product.
    """
    if word in KNOWN:
        return [word]
    if re.fullmatch("[ijk]{2,3}", word):
        raise NotationError(
            "whole matrices", f"{word}, one entry", "leave it out", column=column + 1
        )
    letters = LETTERS.findall(word)
    if "".join(letters) != word:
        raise NotationError(
            "letters one by one, or a name in upright letters",
            word,
            rf"write \mathrm{{{word}}} for a name, spaces between factors",
            column=column + 1,
        )
    return letters
