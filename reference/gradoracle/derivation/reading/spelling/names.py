"""Names with their layers: `W^[1]`, `W₁`, `W_1`, `W[l]`, `W²` and `W^{[2]T}`."""

from __future__ import annotations

import re
from abc import abstractmethod
from dataclasses import replace

from gradoracle.derivation.reading.numpy_calls import CALLED, LIBRARIES
from gradoracle.derivation.reading.spelling.parts import ATOM, Part, Script
from gradoracle.derivation.reading.spelling.scripts import Scripts
from gradoracle.derivation.reading.spelling.signs import NAMES, NotationError
from gradoracle.derivation.reading.spelling.tokens import Token
from gradoracle.derivation.reading.vocabulary import ALIASES, FUNCTIONS

# Names of plain numbers: all other names are matrices.
SCALAR = re.compile(
    r"n_?\d*|N|m|L|l|J|lr|rate|learning_rate|(?:lam|alpha|eta|epsilon|beta|gamma)\d*"
)
LAYERED = re.compile(r"d?[WbZA]|d[LJ]d[WbZA]|delta")  # a number above one of these is its layer
TRACE = re.compile(r"d?[WbZA]|delta")  # a number below one of these is a layer in every text
LETTER = "|".join(sorted({"d?[A-Za-z]", "d[LJ]d[A-Za-z]", *NAMES.values()} - {*FUNCTIONS, "J"}))
LOWERED = re.compile(rf"({LETTER})_(\d+|[A-Za-z])")
OF_TRACE = re.compile(r"d?[WbZA]\d*|dX|X|Y|J")
EXAMPLES = ("x", "y", "X", "Y", "yhat")  # a number in parentheses above one of these is an example
SQUARED = ("A", "a", "Z", "z")  # a 2 above one of these is a layer here and the square there
OF_LAYERS = ("w", "z", "a")  # the same above one of these is a layer
ACTIVATIONS = ("f", "phi")  # what texts call g
NUMBERED_G = re.compile(r"(g)_?(\d+|[A-Za-z])((?:_prime)?)")
LOSSES = ("J", "L", "E", "C", "loss", "cost")
BY = re.compile(r"d(?:[WbZAwbzax]\d*|X|[A-Za-z]_(?:\d+|[A-Za-z]))")


class Names(Scripts):
    """Everything that begins with a letter."""

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
            and ("_" not in self._next.text or self._below(self._next.text))
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
        numbered, layer = self._numbered(token)
        if layer and self._is("(", "'"):
            self.paper |= "_" in name
            return self._function(numbered, layer)
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

    def _indexed(self, token: Token) -> Part:
        """A name, its layer and its transpose; a power is left where it stands."""
        base, index, transposed, below_at = token.text, "", False, token.column
        if below := self._below(base):
            self.paper = True
            base, index = below
        while self._is("_", "^") or (self._is("[") and self._holds_index()):
            sign, column = self._token.text, self._token.column
            below_at = column if sign == "_" else below_at
            script = self._script()
            if script.prime:
                raise self._refused_prime(column)
            if script.inner is not None:
                numbered = bool(index) or base[-1].isdigit()
                above = self.style.is_layer(script.inner.text)
                if sign == "^" and re.fullmatch("[ijk]", index) and above:
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
        if index in self.style.units:
            raise self._refused_entry(base, index, below_at)
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
        of_layer = self.style.is_layer(script.inner.text)
        if script.bracket == "(":
            of_layer |= bool(self.style.counters) and len(base) == 1
            return numbered or not (layered or of_layer or base in (*OF_LAYERS, *EXAMPLES))
        if numbered or (SCALAR.fullmatch(base) and not (base == "n" and of_layer)):
            return True
        return not layered and not of_layer

    def _layer(self, base: str, index: str, script: Script, column: int) -> str:
        """Return the layer that stands above or below a name, if it can be one."""
        text = script.inner.text.replace(" ", "") if script.inner else ""
        numbered = bool(index) or base[-1].isdigit()
        if base in EXAMPLES and script.bracket == "(" and not re.search(r"\b[lL]\b", text):
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

    def _refused_entry(self, base: str, unit: str, column: int) -> NotationError:
        """Refuse `delta_k = y - t`, of unit k: nothing says that k is a layer."""
        tex = "\\" if self.side_by_side and len(base) > 1 else ""
        out = r"^{\text{out}}" if self.side_by_side else "_out"
        mend = (
            f"if {unit} counts units, all have one formula: write {tex}{base}_2 or"
            f" {tex}{base}{out}; if layers, write for {unit} in range(L, 0, -1): above, and the"
            " line indented"
        )
        return self._refused("whole matrices, or a loop", f"{base}_{unit}", mend, column)

    def _below(self, name: str) -> tuple[str, str] | None:
        """Return a name and the layer below it, `h` and `k` of `h_k`, if that is one."""
        found = LOWERED.fullmatch(name)
        if found is None or (found[1] == "n" and found[2] not in self.style.counters | {"l"}):
            return None
        number = found[2].isdigit() and (self.style.lowered or TRACE.fullmatch(found[1]))
        return (found[1], found[2]) if number or self.style.is_layer(found[2]) else None

    def _numbered(self, token: Token) -> tuple[Token, str]:
        """Return `g` and its layer of `g2` and `g_l`; another name as it is."""
        found = NUMBERED_G.fullmatch(token.text)
        if found is None or not (found[2].isdigit() or self.style.is_layer(found[2])):
            return token, ""
        return replace(token, text=found[1] + found[3]), found[2]

    def _holds_index(self) -> bool:
        """Return whether the square bracket here holds a layer, and no condition or matrix."""
        inner = self.tokens[self.at + 1 : self.partner.get(self.at, self.at)]
        return bool(inner) and all(
            token.kind == "number"
            or token.text in ("+", "-", "*")
            or (token.kind == "name" and len(token.text) == 1 and token.text not in "XYWbZA")
            for token in inner
        )


def _spelt(base: str, index: str) -> str:
    if index.isdigit():
        return f"{base}{int(index)}"
    if re.fullmatch(r"[A-Za-z]{2,}", index):  # E_{\text{hid}}
        return f"{base}_{index}"
    return f"{base}[{index}]" if index else base
