"""Derivatives of the loss: `∂J/∂W1` and `∇_W1 J` are dW1."""

from __future__ import annotations

from dataclasses import replace

from gradoracle.derivation.reading.spelling.names import LOSSES, Names
from gradoracle.derivation.reading.spelling.parts import Part
from gradoracle.derivation.reading.vocabulary import FUNCTIONS


class Derivatives(Names):
    """Everything that begins with ∂ or ∇."""

    def _derivative(self) -> Part:
        """`∂J/∂W1` is dW1."""
        self.paper = True
        sign = self._take()
        if self._token.text not in LOSSES:
            raise self._refused(
                "∂J/∂W1: a derivative of J",
                f"∂{self._token.text}",
                "other derivatives have no name: write them out, as g_prime(Z1)",
            )
        self._take()
        self._expect("/")
        self._expect("∂")
        token = self._token
        if token.kind != "name" or token.text in FUNCTIONS:
            raise self._refused("a name after ∂J/∂")
        self._take()
        return self._indexed(replace(token, text=f"d{token.text}", column=sign.column))

    def _gradient(self) -> Part:
        """`∇_W1 J` is dW1; `∇_a C` is da[L], as C is a function of the output."""
        self.paper = True
        sign = self._take()
        if not self._is("_"):
            mend = "write dW1 for the gradient by W1"
            raise self._refused("a gradient by a name: ∇_W1 J", "∇ alone", mend, sign.column)
        self._take()
        braces = self._is("{")
        if braces:
            self._take()
        token = self._token
        if token.kind != "name" or token.text in FUNCTIONS:
            raise self._refused("a name below ∇")
        self._take()
        part = self._indexed(replace(token, text=f"d{token.text}", column=sign.column))
        if braces:
            self._expect("}")
        if self._token.text not in LOSSES:
            raise self._refused("the gradient of J: ∇_W1 J")
        loss = self._take()
        if self._is("("):
            got, mend = f"{loss.text}(...)", f"write {loss.text}"
            raise self._refused(f"{loss.text} alone", got, mend, loss.column)
        output = part.text in ("da", "dA")
        return replace(part, pieces=((f"{part.text}[L]", sign.column),)) if output else part
