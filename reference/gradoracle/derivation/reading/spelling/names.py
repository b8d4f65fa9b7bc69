"""Names with their layers: `W^[1]`, `W₁`, `W_1`, `W[l]`, `W²`, `W^{[2]T}` and `∂J/∂W1`."""

from __future__ import annotations

import re
from abc import abstractmethod
from dataclasses import replace

from gradoracle.derivation.reading.numpy_calls import CALLED, LIBRARIES
from gradoracle.derivation.reading.spelling.parts import ATOM, Part, Script
from gradoracle.derivation.reading.spelling.scripts import Scripts
from gradoracle.derivation.reading.spelling.signs import NotationError
from gradoracle.derivation.reading.spelling.tokens import Token
from gradoracle.derivation.reading.syntax import ALIASES, FUNCTIONS

# Names of plain numbers: all other names are matrices.
SCALAR = re.compile(r"n_?\d*|N|m|L|l|J|(?:lam|alpha|eta|epsilon|beta|gamma)\d*")
LAYERED = re.compile(r"d?[WbZA]|d[LJ]d[WbZA]|delta")  # a number above one of these is its layer
LOWERED = re.compile(r"(d?[WbZA]|delta)_(\d+|l|L)")
OF_TRACE = re.compile(r"d?[WbZA]\d*|dX|X|Y|J")
EXAMPLES = ("x", "y", "X", "Y", "yhat")  # a number in parentheses above one of these is an example
SQUARED = ("A", "a", "Z", "z")  # a 2 above one of these is a layer here and the square there
OF_LAYERS = ("w", "z", "a")  # the same above one of these is a layer
ACTIVATIONS = ("f", "phi")  # what texts call g
NUMBERED_G = re.compile(r"(g)_?(\d+|l|L)((?:_prime)?)")
LOSSES = ("J", "L", "E", "C", "loss", "cost")
BY = re.compile(r"d(?:[WbZAwbzax]\d*|X|(?:[WbZA]_(?:\d+|l|L)))")


class Names(Scripts):
    """Everything that begins with a letter or with ∂."""

    @abstractmethod
    def _function(self, token: Token, layer: str = "") -> Part:
        """A function with its argument, and the layer that its name ends in."""

    @abstractmethod
    def _applied(self, name: str, column: int) -> Part:
        """A name and its arguments."""

    def _named(self) -> Part:
        token = self._take()
        name = token.text
        if (
            name[0] == "d"
            and name[1:] in LOSSES
            and self._is("/")
            and BY.fullmatch(self._next.text)
        ):
            self.paper = True
            self._take()
            return self._indexed(replace(self._take(), column=token.column))
        if ALIASES.get(name, name) in FUNCTIONS:
            return self._function(token)
        if name in LIBRARIES and self._is("."):
            called = self._next.text
            if called in CALLED and self.tokens[min(self.at + 2, len(self.tokens) - 1)].text == "(":
                self._take()
                self._take()
                return self._call(f"{name}.{called}", token.column)
            mend = f"leave {name}. out: {called}(...)"
            raise self._refused("a listed function", f"{name}.{called}(...)", mend, token.column)
        if (found := NUMBERED_G.fullmatch(name)) and self._is("(", "'"):
            self.paper |= "_" in name
            return self._function(replace(token, text=found[1] + found[3]), found[2])
        if name == "e" and self._is("^"):
            return self._exponential(token.column)
        if self._is("("):
            if name in ("J", "L"):
                raise self._refused_on_paper(
                    f"{name} alone", f"{name}(...)", f"write {name}", token.column
                )
            if not (self.side_by_side or OF_TRACE.fullmatch(name) or SCALAR.fullmatch(name)):
                return self._applied(name, token.column)  # the plain reader says which there are
        return self._indexed(token)

    def _exponential(self, column: int) -> Part:
        script = self._script(exponent=True)
        if script.inner is None:
            raise self._refused("an exponent of e", column=column)
        inner = script.inner
        return Part((("exp(", column), *inner.pieces, (")", column)), ATOM, inner.scalar)

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

    def _indexed(self, token: Token) -> Part:
        """A name, its layer and its transpose; a power is left where it stands."""
        base, index, transposed = token.text, "", False
        if found := LOWERED.fullmatch(base):
            self.paper = True
            base, index = found[1], found[2]
        while self._is("_", "^") or (self._is("[") and self._holds_index()):
            sign, column = self._token.text, self._token.column
            script = self._script()
            if script.prime:
                raise self._refused_prime(column)
            if script.inner is not None:
                numbered = bool(index) or base[-1].isdigit()
                if sign == "^" and re.fullmatch("[ijk]", index) and _of_layer(script.inner.text):
                    raise self._refused_unit(_spelt(base, script.inner.text), index, column)
                if sign == "^" and not numbered:
                    self._see_raised(base, script)
                    self._check_not_squared(base, script, column)
                if sign == "^" and self._is_power(base, numbered, script):
                    self.waiting = (script, column)
                    break
                index = self._layer(base, index, script, column)
            transposed |= script.transposed
            if script.power is not None:
                self.waiting = (Script(script.power), column)
                break
        if base in ACTIVATIONS and self._is("(") and not self._token.spaced:
            raise self._refused(
                "a listed function", f"{base}(...)", "write g, or the name: tanh(Z1)", token.column
            )
        text = _spelt(base, index)
        part = Part(((text, token.column),), ATOM, SCALAR.fullmatch(text) is not None)
        return part.transposed(token.column) if transposed else part

    def _see_raised(self, base: str, script: Script) -> None:
        """`A² = ...` sets a layer, as nobody sets a square: then A² is one on the right, too."""
        number = script.inner.text if script.inner is not None and not script.bracket else ""
        if self.left and number.isdigit() and base in SQUARED:
            self.raised = True

    def _check_not_squared(self, base: str, script: Script, column: int) -> None:
        """`A²` is A^[2] in some texts; after `A = tanh(Z)` it is A * A."""
        two = script.inner is not None and script.inner.text == "2" and not script.bracket
        if base in SQUARED and two and not self.raised:
            raise self._refused(
                "a layer or a power",
                f"{base}², which can be either",
                f"write {base}2 or {base}^[2] for the layer, {base}**2 for the square",
                column,
            )

    def _is_power(self, base: str, numbered: bool, script: Script) -> bool:
        """Return whether what stands above a name is a power and no layer."""
        if script.inner is None or script.bracket == "[":
            return False
        layered = LAYERED.fullmatch(base) is not None or (self.raised and base in OF_LAYERS)
        if script.bracket == "(":
            return numbered or not (layered or base in (*OF_LAYERS, *EXAMPLES))
        of_layer = _of_layer(script.inner.text)
        if numbered or (SCALAR.fullmatch(base) and not (base == "n" and of_layer)):
            return True
        return not layered and not of_layer

    def _layer(self, base: str, index: str, script: Script, column: int) -> str:
        """Return the layer that stands above or below a name, if it can be one."""
        text = script.inner.text.replace(" ", "") if script.inner else ""
        numbered = bool(index) or base[-1].isdigit()
        if base in EXAMPLES and script.bracket == "(":
            raise self._refused(
                "whole matrices",
                f"{base}^({text}), one example",
                f"write {base}: every example is a column of it",
                column,
            )
        if base in ("X", "Y", "J"):
            raise self._refused(f"{base} without a layer", f"{base}[{text}]", "A0 is X", column)
        if numbered and re.fullmatch(r"[ijk]", text):
            raise self._refused_unit(_spelt(base, index), text, column)
        if numbered:
            raise self._refused("one layer", f"{base} with {text} as another", f"{base}", column)
        if text.startswith("-"):
            raise self._refused(
                "a layer", f"{base}^({text})", "an inverse has no place in a gradient", column
            )
        if "," in text:
            raise self._refused("whole matrices", f"{base}_({text})", f"write {base}", column)
        return text

    def _refused_unit(self, whole: str, unit: str, column: int) -> NotationError:
        """Refuse one entry, `b_j^l`: derivations are of whole matrices."""
        got, mend = f"{whole}_{unit}, one entry", f"write {whole}: it has all of them"
        return self._refused("whole matrices", got, mend, column)

    def _holds_index(self) -> bool:
        """Return whether the square bracket here holds a layer, and no condition or matrix."""
        inner = self.tokens[self.at + 1 : self.partner.get(self.at, self.at)]
        return bool(inner) and all(
            token.kind == "number"
            or token.text in ("+", "-", "*")
            or (token.kind == "name" and len(token.text) == 1 and token.text not in "XYWbZA")
            for token in inner
        )


def _of_layer(text: str) -> bool:
    return re.search(r"\b[lL]\b", text) is not None


def _spelt(base: str, index: str) -> str:
    if index.isdigit():
        return f"{base}{int(index)}"
    if re.fullmatch(r"[A-Za-z]{2,}", index):  # E_{\text{hid}}
        return f"{base}_{index}"
    return f"{base}[{index}]" if index else base
