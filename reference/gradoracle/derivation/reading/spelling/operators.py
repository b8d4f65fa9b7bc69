"""Signs between operands, and operands side by side without one.

The precedences are Python's. Side by side binds tighter than a sign: `g'(Z) ∘ W dZ` is
`g'(Z) ∘ (W dZ)`.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod

from gradoracle.derivation.reading.spelling.parts import (
    ATOM,
    COMPARE,
    PRODUCT,
    SIGN,
    SUM,
    Part,
    Text,
)
from gradoracle.derivation.reading.spelling.stream import BRACKETS, Stream

COMPARISONS = (">", "<", ">=", "<=", "==", "!=")
BARS = {"‖": "norm", "|": "abs"}
LABELS = re.compile(r"(?:.*\W)?(?:[Yyt]|\(1 - [Yyt]\))")
TWO_PRODUCTS = "write @ for the matrix product or ∘ (*) for the elementwise one"


class Operators(Stream, ABC):
    """From the loosest operator to the tightest."""

    @abstractmethod
    def _factor(self) -> Part:
        """An operand with what hangs on it."""

    def _comparison(self) -> Part:
        left = self._sum()
        while self._is(*COMPARISONS):
            sign = self._take()
            left = left.joined(sign.text, sign.column, self._sum(), COMPARE)
        return left

    def _sum(self) -> Part:
        left = self._product()
        while self._is("+", "-") and not self._is_update():
            sign = self._take()
            left = left.joined(sign.text, sign.column, self._product(), SUM)
        return left

    def _is_update(self) -> bool:
        """Return whether `-=` stands here."""
        following = self._next
        return self._is("+", "-", "*", "/", "@") and following.text == "=" and not following.spaced

    def _product(self) -> Part:
        return self._continued(self._beside(self._signed()))

    def _continued(self, left: Part) -> Part:
        """Take what multiplies or divides a product that has begun."""
        while self._is("*", "@", "/", "·") and not self._is_update():
            sign = self._take()
            if sign.text == "/":
                left = self._divided(left, sign.column)
                continue
            right = self._beside(self._signed())
            if sign.text == "·":
                self.paper = True
                if not (left.scalar or right.scalar):
                    raise self._refused(
                        "· and × beside a number", "two matrices", TWO_PRODUCTS, sign.column
                    )
            left = left.joined(sign.text.replace("·", "*"), sign.column, right, PRODUCT)
        return left

    def _divided(self, left: Part, column: int) -> Part:
        """`1/n dZ` is a n-th of dZ; `1/2n` could be two things."""
        below = self._signed()
        whole = left.joined("/", column, below, PRODUCT)
        if not self._stands_beside() or self._is_equation_number():
            return whole
        token = self._token
        right = self._factor()
        if not below.scalar or (right.scalar and token.kind in ("name", "number")):
            raise self._refused_on_paper(
                "a denominator in parentheses",
                f"a / {below.text} {right.text}, which can be read in two ways",
                f"write a / ({below.text} * ...) or (a / {below.text}) * ...",
                token.column,
            )
        return self._beside(self._side_by_side(whole, right, token.column))

    def _beside(self, left: Part) -> Part:
        """Take the factors that stand beside one another without a sign."""
        while self._stands_beside() and not self._is_equation_number():
            column = self._token.column
            left = self._side_by_side(left, self._factor(), column)
        return left

    def _side_by_side(self, left: Part, right: Part, column: int) -> Part:
        self.paper = True
        if left.scalar or right.scalar or _is_labels_log(left, right):
            return left.joined("*", column, right, PRODUCT)
        if self.side_by_side or self.style.beside:
            return left.joined("@", column, right, PRODUCT)
        raise self._refused(
            "a sign between two factors", f"{left.text} {right.text}", TWO_PRODUCTS, column
        )

    def _stands_beside(self) -> bool:
        """Return whether an operand begins here, where an operator could stand."""
        token = self._token
        if token.kind in ("number", "name"):
            return True
        if token.text in BARS:
            return token.text != self.bar
        return token.text in (*BRACKETS, "Σ", "∂", "∇", "𝟙")

    def _is_equation_number(self) -> bool:
        """Pass over ` (3)` at the end of a line: it is no factor."""
        shape = [t.text if t.kind == "op" else t.kind for t in self.tokens[self.at : self.at + 4]]
        if self._token.spaced and shape in (["(", "number", ")", end] for end in ("end", ".", ",")):
            self.at, self.paper = self.at + 3, True
            return True
        return False

    def _signed(self) -> Part:
        signs: tuple[Text, ...] = ()
        while self._is("-", "+"):
            sign = self._take()
            signs += ((sign.text, sign.column),)
        factor = self._factor()
        if not signs:
            return factor
        level = min(factor.level, SIGN) if factor.level >= PRODUCT else SIGN
        # a fraction in braces stays open: -(a / b) is -a / b
        return Part((*signs, *factor.around(level).pieces), level, factor.scalar)


def _is_labels_log(left: Part, right: Part) -> bool:
    """`Y log A2` is entry by entry: no matrix product of the two has a shape."""
    named = right.level == ATOM and right.text.startswith(("log(", "ln("))
    return named and ".T" not in right.text and LABELS.fullmatch(left.text) is not None
