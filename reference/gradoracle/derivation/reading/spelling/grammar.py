"""From the tokens of one statement as it stands on paper to its plain spelling.

A recursive descent, one class a kind of thing: operators, what stands above and below, names,
functions, sums, and here brackets and the statement itself.
"""

from __future__ import annotations

import re

from gradoracle.derivation.reading.spelling.names import LOSSES
from gradoracle.derivation.reading.spelling.operators import BARS
from gradoracle.derivation.reading.spelling.parts import ATOM, Part, Text
from gradoracle.derivation.reading.spelling.stream import BRACKETS
from gradoracle.derivation.reading.spelling.sums import Sums

BIAS = re.compile(r"(?:d(?:[LJ]d)?)?b(?![A-Za-z])")


class Grammar(Sums):
    """Read one statement."""

    def statement(self) -> tuple[Text, ...]:
        """Return the plain spelling of the whole statement, in pieces with their columns."""
        self._skip_number()
        if self._is("="):
            raise self._refused_on_paper(
                "a name before =", mend="put it on the line before: a = b = c"
            )
        pieces = self._loop() if self._is("for") else self._equalities()
        whole = self._token.text == "." and self.tokens[self.at - 1].kind == "number"  # Python's 2.
        ended = self.at
        while self._is(",", ".", ";") or self._is_equation_number():
            self._take()
        if self._token.kind == "name" and self.tokens[self.at - 1].text in (",", ";"):
            mend = "one formula a line: write the next one on the next line"
            raise self._refused_on_paper("the end of the formula", mend=mend)
        if self._is("→"):
            raise self._refused("one arrow, after the name that is set", mend="write =")
        if self._token.kind != "end":
            raise self._refused("an operator or the end of the formula")
        self.paper |= self.at > ended + whole
        return pieces

    def _skip_number(self) -> None:
        """Pass over the number of an equation before it: `(3)` or `3.`."""
        shape = [t.text if t.kind == "op" else t.kind for t in self.tokens[:4]]
        begun = 0
        if shape[:3] == ["(", "number", ")"]:
            begun = 3
        elif shape[0] == "number" and self.tokens[0].text.endswith(".") and self.tokens[1].spaced:
            begun = 1
        if begun and shape[begun] in ("name", "∂"):
            self.at, self.paper = begun, True

    def _loop(self) -> tuple[Text, ...]:
        pieces: tuple[Text, ...] = ()
        for kind in ("keyword", "name", "keyword"):
            if self._token.kind != kind:
                raise self._refused("for l in range(first, end, step):")
            token = self._take()
            pieces += ((token.text, token.column), (" ", token.column))
        pieces += self._comparison().pieces
        return (*pieces, (":", self._expect(":").column))

    def _equalities(self) -> tuple[Text, ...]:
        """A name and what it equals; `a = b = c` is left to the reader of the plain spelling."""
        begun, first = self.at, self._comparison()
        pieces, self.of_J = first.pieces, first.text in LOSSES
        bias = BIAS.match(first.text) is not None
        self.of_bias = bias or self.style.is_bias(first.text)
        if self._is("→"):
            pieces += self._arrow([token.text for token in self.tokens[begun : self.at]])
        while self._is("=") or self._is_update():
            sign, self.left = self._take(), False
            text = sign.text if sign.text == "=" else sign.text + self._take().text
            pieces += ((f" {text} ", sign.column), *self._comparison().pieces)
        return pieces

    def _arrow(self, name: list[str]) -> tuple[Text, ...]:
        """`w → w - ...` sets w; in `w → w' = w - ...` the primed w is that after the update."""
        self.paper, self.left = True, False
        sign, end = self._take(), self.at + len(name)
        after = [token.text for token in self.tokens[self.at : end + 2]]
        if after == [*name, "'", "="]:
            self.at = end + 2
        found = self._comparison()
        if self._is("=", "→"):  # z → a = g(z) is a map
            mend = "an arrow is read as =: write what is set on a line of its own"
            raise self._refused("the end of the formula", mend=mend)
        return ((" = ", sign.column), *found.pieces)

    def _operand(self) -> Part:
        token = self._token
        if token.kind == "number":
            self._take()
            if token.text == "1" and self._is("[") and not self._token.spaced:
                return self._indicator()
            return Part(((token.text, token.column),), ATOM, True)
        if token.kind == "name":
            return self._named()
        if self._is(*BRACKETS):
            return self._group()
        if self._is(*BARS):
            return self._between_bars()
        if self._is("Σ"):
            return self._total()
        if self._is("∂"):
            return self._derivative()
        if self._is("∇"):
            return self._gradient()
        if self._is("𝟙"):
            self._take()
            return self._indicator()
        raise self._refused("a number, a name, a function or (")

    def _group(self) -> Part:
        """What stands in brackets; braces only hold together, square brackets become round."""
        bar, self.bar = self.bar, ""
        opening = self._take()
        if opening.text in "{(" and self._holds_function():
            self.bar, self.paper = bar, True
            token, layer = self._numbered(self._take())
            return self._function(token, layer, wrapped=BRACKETS[opening.text])
        inner = self._comparison()
        scalar, pieces = inner.scalar, inner.pieces
        while opening.text == "(" and self._is(","):  # a shape: ones((n, 1))
            pieces += ((", ", self._take().column), *self._comparison().pieces)
            scalar = False
        closing = self._expect(BRACKETS[opening.text])
        self.bar, self.paper = bar, self.paper or opening.text != "("
        if opening.text == "{":
            return inner
        return Part((("(", opening.column), *pieces, (")", closing.column)), ATOM, scalar)

    def _between_bars(self) -> Part:
        """`‖W1‖` and `|Z1|`."""
        self.paper = True
        opening = self._take()
        outer, self.bar = self.bar, opening.text
        inner = self._comparison()
        self._expect(opening.text)
        self.bar = outer
        if self._is("_"):
            self._skip_frobenius()
        name = BARS[opening.text]
        pieces = ((f"{name}(", opening.column), *inner.pieces, (")", opening.column))
        return Part(pieces, ATOM, name == "norm" or inner.scalar)

    def _skip_frobenius(self) -> None:
        """Pass over the F below a norm; there is no other norm."""
        column = self._take().column
        closing = self.partner.get(self.at, self.at)
        read = "_" + "".join(token.text for token in self.tokens[self.at : closing + 1])
        self.at = min(closing + 1, len(self.tokens) - 1)
        if read not in ("_F", "_{F}"):
            raise self._refused(
                "the norm of Frobenius", f"‖...‖{read}", "write ‖W1‖ or ‖W1‖_F", column
            )

    def _indicator(self) -> Part:
        """`1[Z1 > 0]`, `𝟙{Z1 > 0}`: one where it holds, zero elsewhere."""
        self.paper = True
        if self._is("_"):
            self._take()
        if not self._is(*BRACKETS):
            mend = "a matrix of ones is ones(n, 1)"
            raise self._refused("𝟙[Z1 > 0]", "𝟙 alone", mend, self.tokens[self.at - 1].column)
        opening = self._take()
        inner = self._comparison()
        closing = self._expect(BRACKETS[opening.text])
        pieces = (("(", opening.column), *inner.pieces, (")", closing.column))
        return Part(pieces, ATOM, inner.scalar)
