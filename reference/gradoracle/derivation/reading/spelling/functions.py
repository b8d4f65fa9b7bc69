"""Functions with their arguments: `σ′(Z1)`, `log A2`, `tanh²(Z1)`, `g^[1](Z1)`, `sum(Z)`."""

from __future__ import annotations

import re
from dataclasses import replace

from gradoracle.derivation.reading.spelling.derivatives import Derivatives
from gradoracle.derivation.reading.spelling.parts import ATOM, Part, Script, Text
from gradoracle.derivation.reading.spelling.tokens import Token
from gradoracle.derivation.reading.vocabulary import CURVES, FUNCTIONS, OF_A_LAYER

CONSTRUCTORS = ("ones", "zeros", "outer", "diag")  # matrices, whatever their arguments are
TOTALS = ("sum", "mean", "norm")  # numbers, if no axis is named


class Functions(Derivatives):
    """A name of a function, what stands above it, and its argument."""

    def _function(self, token: Token, layer: str = "", *, wrapped: str = "") -> Part:
        """Read what follows a name; it may stand in braces or brackets without its argument."""
        name, power = token.text, None
        while (
            self._is("'", "^", "_")
            or (name in OF_A_LAYER and self._holds_layer())
            or (wrapped and self._is(wrapped))
        ):
            if wrapped and self._is(wrapped):
                self._take()
                wrapped = ""
                continue
            sign, column = self._token.text, self._token.column
            script = self._script() if sign != "'" else Script(prime=True)
            if sign == "'":
                self._take()
            if script.transposed:
                raise self._refused("an argument before the transpose", column=column)
            if script.inner is not None:
                number = script.inner.text.replace(" ", "")
                if self._is_layer(name, sign, script, column):
                    layer = self._one_layer(name, layer, number, column)
                else:
                    power = (column, script.inner)
            if script.power is not None:
                power = (column, script.power)
            if script.prime:
                name = self._primed(name, column)
        if self._holds_layer():
            mend = f"only g has a layer: g[l](...); leave it out: {name}(...)"
            raise self._refused("a function without a layer", f"{name}[...]", mend, token.column)
        if layer and name in OF_A_LAYER:
            return self._raised(self._applied(f"{name}[{layer}]", token.column), power)
        call = self._applied(name, token.column)
        if layer:
            self._check_same_layer(call, layer)
        return self._raised(call, power)

    def _raised(self, call: Part, power: tuple[int, Part] | None) -> Part:
        """`tanh²(Z)` is the square; of the layer that its argument has, a number is the layer."""
        if power is None:
            return call
        column, exponent = power
        same = re.fullmatch(rf"\w+\([A-Za-z]+{re.escape(exponent.text)}\)", call.text)
        return call if self.raised and same else call.power(column, exponent)

    def _holds_layer(self) -> bool:
        """Return whether `[l]` follows, and the argument after it: `tanh [Z1]` has one there."""
        if not self._is("["):
            return False
        after = self.tokens[min(self.partner.get(self.at, self.at) + 1, len(self.tokens) - 1)]
        return after.text in ("(", "'", "^", "{") and self._holds_index()

    def _is_layer(self, name: str, sign: str, script: Script, column: int) -> bool:
        """Return whether what stands above or below a function is its layer, and no power."""
        text = script.inner.text if script.inner is not None else ""
        if sign == "_" and name.removesuffix("_prime") not in (*CURVES, "softmax"):
            mend = f"write {name}(...) / {name}({text}) for another base"
            if name != "log":
                mend = f"write {name}(...)"
            raise self._refused_on_paper(f"{name} alone", f"{name}_{text}", mend, column)
        if sign != "^" or script.bracket or self.style.is_layer(text):
            return True
        if name in OF_A_LAYER and text == "2" and not self.raised:
            raise self._refused(
                "a layer or a power",
                f"{name}², which can be either",
                f"write {name}[2](...) for the layer, {name}(...)**2 for the square",
                column,
            )
        return name in OF_A_LAYER and text.isdigit()

    def _one_layer(self, name: str, layer: str, other: str, column: int) -> str:
        if layer and layer != other:
            got = f"{name} with {layer} and {other}"
            raise self._refused("one layer", got, f"write {name}[{other}](...)", column)
        self.paper = True
        return other

    def _holds_function(self) -> bool:
        """Return whether what was opened holds a function alone: `{g^{[1]}}'(Z)`, `(g^L)'(z)`."""
        at, closing = self.at, self.partner.get(self.at - 1, 0)
        token, after = self.tokens[at], self.tokens[min(closing + 1, len(self.tokens) - 1)]
        if token.kind != "name" or self._numbered(token)[0].text not in FUNCTIONS:
            return False
        if self.tokens[at - 1].text == "(" and after.text not in ("'", "^", "("):
            return False  # the reader of the plain spelling says that it has no argument
        while at + 1 < closing and (sign := self.tokens[at + 1].text) in ("'", "^", "_"):
            at += 1
            if sign != "'":
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
        """`σ^[1](Z1)` is sigmoid(Z1): the function is named; `σ^[2](Z1)` is a slip of the pen."""
        index = layer if layer.isdigit() else f"[{layer}]"
        named = re.fullmatch(r"\w+\([A-Za-z]+(\d+|\[.*\])\)", call.text)
        if named and named[1] != index:
            raise self._refused(
                "the layer of its argument, as σ^[1](Z1)",
                f"the one of layer {layer} in {call.text}",
                "leave the layer out, as in tanh(Z1)",
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
        called = name.rpartition(".")[2]
        scalar, axis = called not in CONSTRUCTORS, False
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
                axis |= called in TOTALS
            elif not self._is(")"):
                raise self._refused("a comma or )")
        pieces += ((")", self._take().column),)
        self.bar = bar
        return Part(pieces, ATOM, scalar or (called in TOTALS and not axis))
