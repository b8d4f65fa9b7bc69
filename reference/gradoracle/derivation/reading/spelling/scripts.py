"""What stands above and below: layers, powers, transposes, primes."""

from __future__ import annotations

import re
from abc import abstractmethod
from dataclasses import replace

from gradoracle.derivation.limits import DEPTH
from gradoracle.derivation.reading.numpy_calls import METHODS
from gradoracle.derivation.reading.spelling.operators import Operators
from gradoracle.derivation.reading.spelling.parts import ATOM, COMPARE, SIGN, Part, Script, Text
from gradoracle.derivation.reading.spelling.stream import BRACKETS

HUNG = re.compile(r"\^\{?([T⊤']|\d)\}?")


class Scripts(Operators):
    """A factor: an operand, its transposes and its powers."""

    waiting: tuple[Script, int] | None = None  # read above a name, but a power: not its layer

    @abstractmethod
    def _operand(self) -> Part:
        """A number, a name, a call, something in brackets."""

    @abstractmethod
    def _call(self, name: str, column: int) -> Part:
        """The arguments of a name, in parentheses."""

    def _factor(self) -> Part:
        self.depth += 1
        if self.depth > DEPTH:
            raise self._refused_on_paper(
                f"at most {DEPTH} parentheses in one another", "more", "split the formula"
            )
        base = self._hanging(self._operand())
        if self._is("**"):
            base = base.power(self._take().column, self._signed())
        self.depth -= 1
        return base

    def _hanging(self, base: Part) -> Part:
        """Take the transposes and powers of an operand, and what is called of it."""
        while self.waiting or self._is(".T", "^", "'") or self._is_method():
            column = self._token.column
            if not self.waiting and self._is("."):
                base = self._method(base)
                continue
            if self.waiting:
                (script, column), self.waiting = self.waiting, None
            elif self._is(".T"):
                self._take()
                script = Script(transposed=True)
            else:
                script = Script(prime=True) if self._is("'") else self._script()
            if script.prime:
                raise self._refused_prime(column)
            if script.inner is not None:
                self._check_power(base, script, column)
                base = base.power(column, script.inner)
            if script.transposed:
                base = base.transposed(column)
        return base

    def _is_method(self) -> bool:
        """Return whether `.dot(` or the like stands here."""
        after = self.tokens[min(self.at + 2, len(self.tokens) - 1)]
        return self._is(".") and self._next.text in METHODS and after.text == "("

    def _method(self, base: Part) -> Part:
        """`A1.T.dot(dZ2)`, as NumPy has it."""
        column, name = self._take().column, self._take().text
        call = self._call(name, column)
        total = name != "dot" and call.text == f"{name}()"
        pieces = (*base.around(ATOM).pieces, (".", column), *call.pieces)
        return Part(pieces, ATOM, total or (base.scalar and call.scalar))

    def _check_power(self, base: Part, script: Script, column: int) -> None:
        exponent = script.inner
        if exponent is None or script.bracket == "[" or script.power is not None:
            got = f"{base.text} with one above"
            raise self._refused("a layer above a name", got, "write W^[l] at every name", column)
        if counted := re.fullmatch(r"([ijk]) [-+] \d+", exponent.text):
            loop = f"for {counted[1]} in range(L, 0, -1): above, and the line indented"
            got = f"{base.text}^({exponent.text})"
            raise self._refused("a layer or a power", got, f"if it is a layer: {loop}", column)
        if exponent.text.startswith("-") and not base.scalar:
            raise self._refused(
                "a power of a number",
                f"({base.text})^({exponent.text})",
                "entry by entry it is 1 / A1; an inverse has no place in a gradient",
                column,
            )

    def _script(self, *, exponent: bool = False) -> Script:
        """Read what stands above or below, or an index in square brackets.

        In an exponent of e a T at the end is the transpose of its last factor alone.
        """
        sign = self._token
        if sign.text != "[":
            self._take()
            self.paper = True
        if self._is("'"):
            self._take()
            return Script(prime=True)
        if self._is("{"):
            return self._braced(exponent)
        if self._is("[", "("):
            bracket = self._token.text
            inner = self._bracketed()
            stuck = sign.text == "^" and self._token.text == "T" and not self._token.spaced
            if stuck:  # W^[2]T
                self._take()
            return Script(inner, bracket, transposed=stuck)
        return self._single()

    def _single(self) -> Script:
        """Read the one sign that stands above or below without braces."""
        if self._token.text in ("T", "⊤"):
            self._take()
            return Script(transposed=True)
        signs = (self._take(),) if self._is("-") else ()
        token = self._token
        if token.kind not in ("number", "name"):
            raise self._refused("a layer, a power or T after ^ or _")
        if self.side_by_side and token.kind == "number" and len(token.text) > 1:
            raise self._refused("braces around two digits", mend=f"write ^{{{token.text}}}")
        self._take()
        pieces = tuple((t.text, t.column) for t in (*signs, token))
        return Script(Part(pieces, SIGN if signs else ATOM, True))

    def _braced(self, exponent: bool) -> Script:
        """Read `{[l-1]T}`: an index or power, then perhaps T or a prime, perhaps raised again."""
        closing = self.partner.get(self.at)
        if closing is None:
            raise self._refused("a closing brace", "{ that is not closed", "write }")
        opening, primed = self._take(), self._is("'")
        if primed and self.at + 1 < closing:  # ^{'[1]}
            self._take()
        hung, sign = (closing, "") if exponent else self._hung(closing)
        power = Part(((sign, self.tokens[closing - 1].column),), ATOM, True)
        if sign:
            self.tokens[hung] = replace(self.tokens[hung], kind="op", text="⊤")  # it is no factor
        inner, bracket = None, ""
        if self.at < hung:
            bracket = self._token.text if self._is("[", "(") else ""
            if bracket and self.partner.get(self.at) == hung - 1:
                inner = self._bracketed()
            elif bracket == "[":
                raise self._refused(
                    "one layer number", "more above", "every example is a column: write W1"
                )
            else:
                bracket, inner = "", self._list()
        if self.at == hung:
            self.at = closing
        elif sign and self.at == closing:
            mend = "write W^{[l-1]T}"
            raise self._refused("a layer or a power, then T", "T on a part of it", mend)
        self._expect("}")
        if inner is None and not sign:
            raise self._refused("a layer, a power or T", "{}", column=opening.column)
        raised = power if sign.isdigit() else None
        return Script(inner, bracket, sign in ("T", "⊤"), primed or sign == "'", raised)

    def _hung(self, closing: int) -> tuple[int, str]:
        """Return where the T or prime at the end of a brace begins: `[2]T`, `[2]^T`, `l^{T}`."""
        texts = [token.text for token in self.tokens[self.at : closing]]
        after = self.partner.get(self.at, self.at) + 1 - self.at
        if above := HUNG.fullmatch("".join(texts[after:])):
            return self.at + after, above[1]
        if texts and (texts[-1] in ("T", "⊤", "'") or (texts[0] == "[" and texts[-1].isdigit())):
            return closing - 1, texts[-1]
        return closing, ""

    def _list(self) -> Part:
        """Read `i,k`: one entry of a matrix, which is refused where the name is known."""
        inner = self._comparison()
        while self._is(","):
            pieces: tuple[Text, ...] = (*inner.pieces, (",", self._take().column))
            inner = Part((*pieces, *self._comparison().pieces), COMPARE, False)
        return inner

    def _bracketed(self) -> Part:
        opening = self._take()
        inner = self._comparison()
        self._expect(BRACKETS[opening.text])
        return inner
