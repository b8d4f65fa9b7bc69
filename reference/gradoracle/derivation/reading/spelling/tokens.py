"""From the characters of a line to tokens."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from gradoracle.derivation.reading.spelling.signs import (
    ACCENTS,
    FRACTIONS,
    LOWERED,
    NAMES,
    OPERATORS,
    RAISED,
    SPACES,
    refused,
)
from gradoracle.derivation.reading.vocabulary import FUNCTIONS

PIECES = re.compile(
    r"(?P<number>0[xXoObB]\w+|(?:\d(?:_?\d)*(?:\.(?!\s*\Z)[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z]\w*?(?=_[{(\[])|[A-Za-z]\w*|_\w+)"
    r"|(?P<op>\.T\b|\*\*|==|!=|>=|<=|:=|=:|\|\||[-+*/@()\[\]{},=<>^_'|:;.])",
    re.ASCII,
)
ASCII_OPERATORS = {":=": "=", "=:": "=", "||": "‖"}
SUBSCRIBED = (
    *NAMES,
    *")]}T'′σ",
    *(s for s, text in OPERATORS.items() if text in "‖Σ𝟙∇⊤"),
    "|",
    *RAISED,
)
FUNCTION_SIGNS = ("sigmoid", "sqrt")

Split = Callable[[str, int], list[str]]
Piece = tuple[str, str, int]  # kind, plain text, column


@dataclass(frozen=True, slots=True)
class Token:
    """One sign or word: its kind (number, name, keyword, op, other, end), plain text and place."""

    kind: str
    text: str
    column: int
    spaced: bool = False


def read(text: str, offset: int = 0, split: Split | None = None) -> list[Token]:
    """Return the tokens of a text, which begins at column `offset`, up to a comment.

    Parameters
    ----------
    text : str
    offset : int
    split : callable, optional
        Takes a run of letters apart (in LaTeX `WX` are two); without it a run of letters, digits
        and underscores is one name, as in Python.

    Raises
    ------
    NotationError
        For a sign that is not ASCII and in no table.
    """
    tokens: list[Token] = []
    at, spaced = 0, False
    while at < len(text) and text[at] != "#":
        if text[at] in SPACES:
            at, spaced = at + 1, True
            continue
        end, pieces = _piece(text, at, offset, split)
        for number, (kind, piece, column) in enumerate(pieces):
            tokens.append(Token(kind, piece, column + offset, spaced and number == 0))
        at, spaced = end, False
    return tokens


def _piece(text: str, at: int, offset: int, split: Split | None) -> tuple[int, list[Piece]]:
    """Return where the next piece of the text ends, and the tokens that it makes."""
    for script, table in (("^", RAISED), ("_", LOWERED)):
        if text[at] in table:
            return _script(text, at, script, table)
    if named := _letter(text, at):
        return named[1], [("name", named[0], at)]
    sign = text[at]
    if sign in OPERATORS:
        return at + 1, [("op", OPERATORS[sign], at)]
    if sign in FRACTIONS:
        above, below = FRACTIONS[sign].split("/")
        parts = (("op", "{"), ("number", above), ("op", "/"), ("number", below), ("op", "}"))
        return at + 1, [(kind, piece, at) for kind, piece in parts]
    if not sign.isascii():
        raise refused(sign, at + offset)
    found = PIECES.match(text, at)
    if found is None:
        return at + 1, [("other", sign, at)]
    kind, piece = str(found.lastgroup), found.group()
    if kind == "name":
        return _word(text, at, found.end(), offset, split)
    return found.end(), [(kind, ASCII_OPERATORS.get(piece, piece), at)]


def _script(text: str, at: int, script: str, table: dict[str, str]) -> tuple[int, list[Piece]]:
    """Return raised or lowered signs as `^{...}` or `_{...}`, every letter for itself."""
    end = at
    while end < len(text) and text[end] in table:
        end += 1
    pieces: list[Piece] = [("op", script, at), ("op", "{", at)]
    for found in re.finditer(r"\d+|.", "".join(table[sign] for sign in text[at:end])):
        piece = found.group()
        kind = "number" if piece.isdigit() else "name" if piece.isalpha() else "op"
        pieces.append((kind, piece, at + found.start()))
    return end, [*pieces, ("op", "}", end - 1)]


def _letter(text: str, at: int) -> tuple[str, int] | None:
    """Return the name that a Greek or accented letter begins, a `d` before it, and its end."""
    first = at + (text[at] == "d" and text[at + 1 : at + 2] not in (*ACCENTS,))
    if first >= len(text):
        return None
    name, end = _named(text, first)
    if not name or (first > at and name in FUNCTION_SIGNS):
        return None
    while name not in FUNCTION_SIGNS and end < len(text) and text[end] in "0123456789":
        name, end = name + text[end], end + 1
    return text[at:first] + name, end


def _named(text: str, at: int) -> tuple[str, int]:
    """Return the name of one Greek or accented letter and its end; no name for others."""
    sign = text[at]
    if sign.isascii():  # y and a combining hat after it
        accent = ACCENTS.get(text[at + 1 : at + 2], "")
        return (sign + accent, at + 2) if accent and sign.isalpha() else ("", at)
    if sign in NAMES:
        return NAMES[sign], at + 1
    codes = unicodedata.decomposition(sign).split(" ")
    if len(codes) == 2 and "<" not in codes[0]:
        base, accent = (chr(int(code, 16)) for code in codes)
        if base.isascii() and accent in ACCENTS:
            return base + ACCENTS[accent], at + 1
    return "", at


def _word(
    text: str, at: int, end: int, offset: int, split: Split | None
) -> tuple[int, list[Piece]]:
    """Return the tokens of a run of letters, digits and underscores."""
    if text[end : end + 1] in (*ACCENTS,):  # the last letter and its hat are the next piece
        end -= 1
    piece, before = text[at:end], text[at - 1] if at else ""
    raised = text[at - 2 : at - 1] == "^"
    if piece[0] == "_" and (split or raised or before in SUBSCRIBED):  # it lowers what follows
        return at + 1, [("op", "_", at)]
    if before == "^" and piece[1:2] == "_":  # W^T_1
        return at + 1, [("name", piece[0], at)]
    if split is None or piece in FUNCTIONS:
        reserved = keyword.iskeyword(piece) and piece not in ("True", "False")
        return end, [("keyword" if reserved else "name", piece, at)]
    piece = piece.partition("_")[0]
    pieces, column = [], at
    for name in split(piece, at + offset):
        pieces.append(("name", name, column))
        column += len(name)
    return at + len(piece), pieces
