"""The tokens of one statement, where the reader stands, and what it refuses."""

from __future__ import annotations

from collections.abc import Sequence

from gradoracle.derivation.reading.spelling.parts import Style
from gradoracle.derivation.reading.spelling.signs import NotationError
from gradoracle.derivation.reading.spelling.tokens import Token

BRACKETS = {"(": ")", "[": "]", "{": "}"}  # around an operand; braces are not printed


class Stream:
    """One statement, and where its reader stands.

    Parameters
    ----------
    tokens : sequence of Token
    end : int
        The column after the last of them.
    side_by_side : bool
        Whether two matrices side by side are a matrix product, as in LaTeX; else they are refused.
    style : Style

    Attributes
    ----------
    paper : bool
        Whether anything was met that the plain spelling has not.
    raised : bool
        Whether a number above A, a, Z or z is a layer.
    left : bool
        Whether no equal sign was met.
    """

    def __init__(self, tokens: Sequence[Token], end: int, side_by_side: bool, style: Style) -> None:
        self.tokens = [*tokens, Token("end", "", end)]
        self.at, self.depth = 0, 0
        self.bar = ""  # the bar that the next one closes
        self.side_by_side, self.style, self.raised = side_by_side, style, style.raised
        self.paper, self.left = False, True
        self.partner = _partners(self.tokens)

    @property
    def _token(self) -> Token:
        return self.tokens[self.at]

    @property
    def _next(self) -> Token:
        return self.tokens[min(self.at + 1, len(self.tokens) - 1)]

    def _is(self, *texts: str) -> bool:
        return self._token.kind in ("op", "keyword") and self._token.text in texts

    def _take(self) -> Token:
        token = self._token
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def _expect(self, text: str) -> Token:
        if not self._is(text):
            raise self._refused(text)
        return self._take()

    def _refused(
        self, expected: str, got: str = "", mend: str = "", column: int | None = None
    ) -> NotationError:
        token = self._token
        if token.kind == "keyword" and not mend:
            mend = "λ is lam" if token.text == "lambda" else "choose another name"
        return NotationError(
            expected,
            got or ("the end of the line" if token.kind == "end" else token.text),
            mend or "docs/notation.md lists what is read",
            column=(token.column if column is None else column) + 1,
        )

    def _refused_on_paper(
        self, expected: str, got: str = "", mend: str = "", column: int | None = None
    ) -> NotationError:
        """Refuse what would be no better said by the reader of the plain spelling."""
        self.paper = True
        return self._refused(expected, got, mend, column)

    def _refused_prime(self, column: int) -> NotationError:
        after = self.tokens[min(self.at + 1, len(self.tokens) - 1)]
        mend = "for a transpose write ᵀ or .T"
        if after.text == "(":
            mend = f"the activation is g'(...), or its name: tanh'(...); {mend}"
        return self._refused_on_paper("a prime on a function", "a prime", mend, column)


def _partners(tokens: Sequence[Token]) -> dict[int, int]:
    """Return for every opening bracket where it is closed."""
    partners: dict[int, int] = {}
    openings: list[int] = []
    for at, token in enumerate(tokens):
        if token.kind == "op" and token.text in BRACKETS:
            openings.append(at)
        elif token.kind == "op" and token.text in BRACKETS.values() and openings:
            partners[openings.pop()] = at
    return partners
