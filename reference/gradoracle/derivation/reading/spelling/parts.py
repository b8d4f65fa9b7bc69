"""What the grammar of paper hands up: a formula in the plain spelling, and a script of one."""

from __future__ import annotations

import re
from dataclasses import dataclass

COMPARE, SUM, PRODUCT, SIGN, POWER, ATOM = range(6)  # how tightly a formula holds together
Text = tuple[str, int]  # a piece of plain text and the column it came from


@dataclass(frozen=True, slots=True)
class Style:
    r"""What a line is read by that other lines say.

    Attributes
    ----------
    raised : bool
        The text sets ``A²`` or the like: there a number above A, a, Z or z is a layer.
    rows : bool
        An example is a row, so that a sum over the examples is down the rows.
    tex : bool
        The line stands in a block of LaTeX, where ``W_1 X`` is a product without a mark.
    beside : bool
        Some line is LaTeX: there two matrices side by side are a product in every line.
    lowered : bool
        A number below a letter is a layer, as it is in LaTeX: ``h_1`` is ``h1``.
    counters : frozenset of str
        What loops count: a layer, above and below a letter, as ``l`` and ``L`` are.
    units : frozenset of str
        What no loop counts and no name has as its layer: ``k`` of ``delta_k`` counts entries.
    biases : frozenset of str
        The text's names for b: a sum that sets one, or its derivative, is over the examples.
    activation : str
        The sign that the text calls where others write ``g``: ``f``, ``φ``, ``\phi``.
    """

    raised: bool = False
    rows: bool = False
    tex: bool = False
    beside: bool = False
    lowered: bool = False
    counters: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    biases: frozenset[str] = frozenset()
    activation: str = ""

    def is_bias(self, text: str) -> bool:
        """Return whether a name is one of a bias, or of the derivative by it."""
        base = re.sub(r"(?:\d+|\[.*\])$", "", text)
        return base.removeprefix("d") in self.biases or base in self.biases

    def is_layer(self, text: str) -> bool:
        """Return whether what stands above or below a name counts layers: ``l - 1``, ``L``."""
        named = {*re.findall(r"[A-Za-z]\w*", text)}
        return not named.isdisjoint({"l", "L", *self.counters})


PLAIN = Style()


@dataclass(frozen=True, slots=True)
class Part:
    """A formula in the plain spelling, how tightly it holds together, and if it is a number.

    What stands beside a number is scaled by it; what stands beside a matrix may be meant in two
    ways.
    """

    pieces: tuple[Text, ...]
    level: int
    scalar: bool

    @property
    def text(self) -> str:
        """The spelling alone."""
        return "".join(piece for piece, _ in self.pieces)

    @property
    def column(self) -> int:
        """Where it begins."""
        return self.pieces[0][1]

    def around(self, level: int) -> Part:
        """Return it in parentheses if it holds together less tightly than it must."""
        if self.level >= level:
            return self
        pieces = (("(", self.column), *self.pieces, (")", self.pieces[-1][1]))
        return Part(pieces, ATOM, self.scalar)

    def joined(self, sign: str, column: int, right: Part, level: int) -> Part:
        """Return it with a sign and another part to the right of it."""
        first, second = self.around(level), right.around(level + 1)
        pieces = (*first.pieces, (f" {sign} ", column), *second.pieces)
        return Part(pieces, level, self.scalar and right.scalar)

    def transposed(self, column: int) -> Part:
        """Return its transpose."""
        return Part((*self.around(ATOM).pieces, (".T", column)), ATOM, self.scalar)

    def power(self, column: int, exponent: Part) -> Part:
        """Return a power of it."""
        raised = exponent if exponent.level == SIGN else exponent.around(POWER)
        pieces = (*self.around(ATOM).pieces, ("**", column), *raised.pieces)
        return Part(pieces, POWER, self.scalar and exponent.scalar)


@dataclass(frozen=True, slots=True)
class Script:
    """What stands above or below: an index or power, its bracket, a transpose, a prime.

    `power` is the 2 of `A^{[1]2}`, above a layer.
    """

    inner: Part | None = None
    bracket: str = ""
    transposed: bool = False
    prime: bool = False
    power: Part | None = None
