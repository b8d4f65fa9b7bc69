"""Functions with their arguments: `σ′(Z1)`, `log A2`, `tanh²(Z1)`, `g^[1](Z1)`, `sum(Z)`."""

from __future__ import annotations

import re
from dataclasses import replace

from gradoracle.derivation.spelling.names import Names
from gradoracle.derivation.spelling.parts import ATOM, Part, Script, Text
from gradoracle.derivation.spelling.tokens import Token
from gradoracle.derivation.syntax import FUNCTIONS

CONSTRUCTORS = ("ones", "zeros", "outer", "diag")  # matrices, whatever their arguments are
TOTALS = ("sum", "mean", "norm")  # numbers, if no axis is named


class Functions(Names):
    """A name of a function, what stands above it, and its argument."""

    def _function(self, token: Token, *, wrapped: bool = False) -> Part:
        """Read what follows a name; it may stand in braces without its argument."""
        name, layer, power = token.text, "", None
        while self._is("'", "^") or (wrapped and self._is("}")):
            if self._is("}"):
                self._take()
                wrapped = False
                continue
            column = self._token.column
            script = self._script() if self._is("^") else Script(prime=True)
            if self._is("'") and script.inner is None and not script.transposed:
                self._take()
            if script.transposed:
                raise self._refused("an argument before the transpose", column=column)
            if script.inner is not None and script.bracket:
                layer = script.inner.text.replace(" ", "")
            elif script.inner is not None:
                power = (column, script.inner)
            if script.prime:
                name = self._primed(name, column)
        call = self._applied(name, token.column)
        if layer:
            self._check_same_layer(call, layer)
        return call if power is None else call.power(*power)

    def _holds_function(self) -> bool:
        """Return whether the brace that was opened holds a function alone: `{g^{[1]}}'(Z)`."""
        at, closing = self.at, self.partner.get(self.at - 1, 0)
        if self.tokens[at].kind != "name" or self.tokens[at].text not in FUNCTIONS:
            return False
        while at + 1 < closing and (sign := self.tokens[at + 1].text) in ("'", "^"):
            at += 1
            if sign == "^":
                at = self.partner.get(at + 1, at + 1)
        return at + 1 == closing

    def _primed(self, name: str, column: int) -> str:
        if f"{name}_prime" not in FUNCTIONS:
            raise self._refused_on_paper(
                "the derivative of an activation",
                f"{name}′",
                "write it out, as 1 / A1 for log",
                column,
            )
        self.paper = True
        return f"{name}_prime"

    def _check_same_layer(self, call: Part, layer: str) -> None:
        """`g^[1](Z1)` is g(Z1); `g^[2](Z1)` has no spelling, and must not lose its number."""
        index = layer if layer.isdigit() else f"[{layer}]"
        if not re.fullmatch(rf"\w+\([A-Za-z]+{re.escape(index)}\)", call.text):
            raise self._refused(
                "the layer's own function, as g^[1](Z1)",
                f"the one of layer {layer} in {call.text}",
                "write the activation by its name, as tanh(Z1)",
                call.column,
            )

    def _applied(self, name: str, column: int) -> Part:
        """The function and its arguments, in parentheses or, as in `log A2`, without."""
        if self._is("("):
            return self._call(name, column)
        if not self._stands_beside():
            raise self._refused(f"an argument: {name}(...)")
        self.paper = True
        inner = self._factor()
        if self._stands_beside() and not self._is_equation_number():
            raise self._refused(
                f"{name}(...) in parentheses",
                f"{name} {inner.text} {self._token.text}",
                f"write {name}({inner.text}), or put all of it in parentheses",
                column,
            )
        if inner.pieces[0][0] == "(" and inner.pieces[-1][0] == ")":
            inner = replace(inner, pieces=inner.pieces[1:-1])
        pieces = ((f"{name}(", column), *inner.pieces, (")", column))
        return Part(pieces, ATOM, inner.scalar and name not in CONSTRUCTORS)

    def _call(self, name: str, column: int) -> Part:
        bar, self.bar = self.bar, ""
        pieces: tuple[Text, ...] = ((name, column), ("(", self._take().column))
        scalar, axis = name not in CONSTRUCTORS, False
        while not self._is(")"):
            if self._token.kind == "name" and self._next.text == "=":
                word, _ = self._take(), self._take()
                pieces += ((f"{word.text}=", word.column),)
                axis = True
            argument = self._comparison()
            pieces += argument.pieces
            scalar &= argument.scalar
            if self._is(","):
                pieces += ((", ", self._take().column),)
                axis |= name in TOTALS
            elif not self._is(")"):
                raise self._refused("a comma or )")
        pieces += ((")", self._take().column),)
        self.bar = bar
        return Part(pieces, ATOM, scalar or (name in TOTALS and not axis))
