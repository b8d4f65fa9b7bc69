"""Sums with what they reach: `Σ(A2 − Y)²`, `Σ_{i=1}^n dZ2`, `Σ_i Σ_k (a_L − y)²`."""

from __future__ import annotations

import re

from gradoracle.derivation.reading.spelling.functions import Functions
from gradoracle.derivation.reading.spelling.parts import ATOM, SUM, Part
from gradoracle.derivation.reading.spelling.signs import NotationError

OF_EXAMPLES = re.compile(r"\b(?:[YAZyatz]\d*|yhat\d*)\b")  # names with an entry for each example
EXAMPLES = re.compile(r"[a-km-z]=1 [nmN]")  # below and above; a sum over l is one over layers
EXAMPLE = re.compile(r"[inx] ")  # alone below: of examples where a number or a bias is set
UNITS = re.compile(r"[a-km-z]=1 (?:n_?\{?|n\^\{?\[?)(\d+|L)\]?\}?|[a-km-z]=1 K|[a-km-z] ")
LAYER = re.compile(r"\b[AaZz](\d+)\b")


class Sums(Functions):
    """A sum, its limits, and what it is taken of."""

    of_J = False  # whether what stands on the right is J
    of_bias = False  # or a bias, or the derivative by one
    in_term = False  # whether a term is read that a sum may take

    def _total(self) -> Part:
        """`Σ(...)` is sum(...); else the sum takes the whole product that follows.

        Where a bias is set, or its derivative, it is over the examples: that has an entry a unit.
        """
        self.paper = True
        column = self._take().column
        over_examples = f", axis={0 if self.style.rows else 1}"
        limits = self._limits(column)
        limited = len(limits) == 1
        axis = over_examples if limited or self.of_bias else ""
        if self._is("(") and not limits and self._ends_after_group():
            whole = self._holds_axis() or not axis
            total = self._applied("sum", column)
            pieces = (*total.pieces[:-1], (axis, column), total.pieces[-1])
            return total if whole else Part(pieces, ATOM, False)
        body = self._reached(self._continued(self._beside(self._factor())))
        self._check_units(limits, body.text, column)
        if limited and "@" in body.text:
            if not self.of_J and _sums_examples(body.text, rows=self.style.rows):
                return body
            mend = f"leave {_shown(limits)} out: the matrix product sums over the examples"
            if self.of_bias:
                mend = f"leave the sum out, or write sum(...{over_examples})"
            raise self._refused(
                "a sum over the examples of their columns",
                "a matrix product, which sums over them already",
                mend,
                column,
            )
        if limited and not self._is_over_examples(limits[0]):
            raise self._refused_limits(limits, column)
        pieces = (("sum(", column), *body.pieces, (f"{axis})", column))
        return Part(pieces, ATOM, not axis)

    def _reached(self, body: Part) -> Part:
        """Take the terms after a sum that it must hold: J is a number, and they are matrices."""
        whole = body.level == ATOM and body.text.startswith("(")
        while self.of_J and not (whole or self.in_term) and self._is("+", "-"):
            here, self.in_term = self.at, True  # a sum in the term is asked once
            sign, term = self._take(), self._product()
            self.in_term = False
            if term.scalar or not OF_EXAMPLES.search(term.text):
                self.at = here
                break
            body = body.joined(sign.text, sign.column, term, SUM)
        return body

    def _ends_after_group(self) -> bool:
        """Return whether nothing hangs on or stands beside the parenthesis that begins here."""
        here = self.at
        self.at = min(self.partner.get(self.at, self.at) + 1, len(self.tokens) - 1)
        goes_on = self._is("^", "**", ".T", "*", "@", "·") or self._stands_beside()
        ends = not goes_on or self._is_equation_number()
        self.at = here
        return ends

    def _holds_axis(self) -> bool:
        """Return whether the parenthesis that begins here names an axis: `Σ(dZ2, axis=1)`."""
        inside = self.tokens[self.at : self.partner.get(self.at, self.at)]
        return any(token.text in (",", "axis") for token in inside)

    def _limits(self, column: int) -> list[str]:
        """Read `_{i=1}^{n}`: over the examples; of J, with a sum over the outputs: over everything.

        Returns what is summed over, sum by sum; nothing for a sum without limits.
        """
        limits = [self._limit()]
        while limits[0] and self._is("Σ"):
            self._take()
            limits.append(self._limit())
        one = EXAMPLES.fullmatch(limits[0]) or EXAMPLE.fullmatch(limits[0])
        if limits == [""]:
            return []
        if (len(limits) == 1 and one) or (self.of_J and _is_everything(limits)):
            return limits
        raise self._refused_limits(limits, column)

    def _is_over_examples(self, limit: str) -> bool:
        """Return whether `Σ_{i=1}^n` stands here, or where a number or a bias is set `Σ_i`."""
        return EXAMPLES.fullmatch(limit) is not None or self.of_J or self.of_bias

    def _limit(self) -> str:
        """Return what stands below and above a sum, with a space between them."""
        found = {"_": "", "^": ""}
        while self._is("_", "^"):
            sign, start = self._take().text, self.at
            self.at = min(self.partner.get(self.at, self.at) + 1, len(self.tokens) - 1)
            read = "".join(token.text for token in self.tokens[start : self.at])
            found[sign] += read[1:-1] if read[:1] == "{" else read
        return f"{found['_']} {found['^']}" if any(found.values()) else ""

    def _check_units(self, limits: list[str], body: str, column: int) -> None:
        """Refuse limits that what is summed has not: `Σ_{i=1}^n Σ_{k=1}^{n_1} (A2 − Y)²`."""
        if len(limits) < 2:
            return
        named = any(EXAMPLES.fullmatch(limit) for limit in limits)
        units = {found[1] for limit in limits if (found := UNITS.fullmatch(limit))} - {None, "L"}
        if (named and not OF_EXAMPLES.search(body)) or (units and {*LAYER.findall(body)} != units):
            raise self._refused_limits(limits, column)

    def _refused_limits(self, limits: list[str], column: int) -> NotationError:
        return self._refused(
            "a sum without limits, or over i = 1 to n",
            _shown(limits),
            "write sum(..., axis=1) over the examples, sum(...) over everything",
            column,
        )


def _is_everything(limits: list[str]) -> bool:
    """Return whether two sums are over all entries: the examples and the outputs, or no limits."""
    if len(limits) != 2 or limits[0][:1] == limits[1][:1]:
        return False
    examples = [EXAMPLES.fullmatch(one) or EXAMPLE.fullmatch(one) for one in limits]
    units = [UNITS.fullmatch(one) for one in limits]
    return all(units) or any(examples[at] and units[1 - at] for at in (0, 1))


def _sums_examples(body: str, *, rows: bool) -> bool:
    """Return whether `δ @ a.T` sums over the examples already; in rows that is `a.T @ δ`."""
    factors, depth = [""], 0
    for sign in body:
        depth += (sign in "([") - (sign in ")]")
        if (depth == 0 and sign in "+*/") or (depth == 0 and sign == "-" and factors[-1].strip()):
            return False
        factors = (
            [*factors, ""] if depth == 0 and sign == "@" else [*factors[:-1], factors[-1] + sign]
        )
    turned = [factor.strip().endswith(".T") for factor in factors]
    first, last = turned[0], turned[-1]
    return (first and not last) if rows else (last and not first)


def _shown(limits: list[str]) -> str:
    """Return sums as they stand on paper."""
    found = [zip("_^", limit.partition(" ")[::2], strict=True) for limit in limits]
    return " ".join(
        "Σ" + "".join(f"{sign}{_braced(text)}" for sign, text in parts if text) for parts in found
    )


def _braced(text: str) -> str:
    return text if len(text) == 1 else f"{{{text}}}"
