"""A derivative of J followed, formula by formula, from what a line reads to the name it is by.

The derivative by a name is that by every formula it stands in, handed back (`symbols`); one that
the line reads is read. All of it is formulas.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from gradoracle.derivation.reading.syntax import Binary, Minus, Name, Node
from gradoracle.derivation.rules.forward import Formula, Forward
from gradoracle.derivation.rules.products import plus
from gradoracle.derivation.rules.symbols import HandedBack, NoRuleError

MOST = 12  # formulas that one line goes through


@dataclass(frozen=True)
class Start:
    """A derivative that is not followed any further.

    Attributes
    ----------
    formula : Node
        It, in the multiple that is wanted.
    name : Name or None
        What the text calls it; None for that of J by J.
    times : Fraction
        The constant in the multiple.
    n_times : bool
        Whether it is n times more of the derivative of J than what is wanted.
    line : int
        Where the text has set it, if the line at hand has it written out; else 0.
    """

    formula: Node
    name: Name | None = None
    times: Fraction = Fraction(1)
    n_times: bool = False
    line: int = 0


@dataclass(frozen=True)
class Hop:
    """One formula through which a derivative is handed back to one name in it.

    Attributes
    ----------
    through : Formula
    key : str
        The name.
    part : Node
        What of the formula the name stands in.
    kinds : frozenset of str
        As in `symbols.HandedBack`.
    gives : Node
    start : Start or None
        What is handed back, where it was not followed to here.
    left : Node or None
        What is left of it where denominators cancel.
    """

    through: Formula
    key: str
    part: Node
    kinds: frozenset[str]
    gives: Node
    start: Start | None
    left: Node | None


@dataclass(eq=False)
class Following:
    """Follows derivatives back, and remembers how.

    Attributes
    ----------
    made_of : Forward
    starts : mapping of str to Start
        By the name that they are the derivatives by; J has one.
    back : callable (str) -> HandedBack
        For a name.
    left : callable (str, str, Node) -> Node or None
        What is left of the derivative by the second name if the denominators cancel in which the
        first one stands.
    hops : list of Hop
        In the order in which they follow each other.
    """

    made_of: Forward
    starts: Mapping[str, Start]
    back: Callable[[str], HandedBack]
    left: Callable[[str, str, Node], Node | None]
    hops: list[Hop] = field(default_factory=list)
    _found: dict[str, Node] = field(default_factory=dict)
    _entered: int = 0

    def derivative(self, key: str) -> Node:
        """Return the derivative by a name.

        Raises
        ------
        NoRuleError
            If it cannot be told in a few signs.
        """
        if key not in self._found:
            terms = [self._through(one, key) for one in self.made_of.users(key)]
            if not terms:
                raise NoRuleError
            self._found[key] = plus(terms)
        return self._found[key]

    def _through(self, formula: Formula, key: str) -> Node:
        self._entered += 1
        if self._entered > MOST:
            raise NoRuleError
        start = self.starts.get(formula.key)
        handed = self.derivative(formula.key) if start is None else start.formula
        back = self.back(key)
        gives = back.through(formula.formula, handed, formula.target)
        left = self.left(formula.key, key, gives) if start is None else None
        part = _part(formula.formula, back)
        hop = Hop(formula, key, part, frozenset(back.kinds), gives, start, left)
        self.hops.append(hop)
        return gives if left is None else left


def _part(node: Node, back: HandedBack) -> Node:
    """Return a formula without the terms in which the name does not stand."""
    match node:
        case Minus():
            return Minus(node.at, _part(node.operand, back))
        case Binary(operator="+" | "-" | "*" | "/"):
            left, right = back.has(node.left), back.has(node.right)
            if left and right:
                return node
            if node.operator in "+-":
                alone = _part(node.left if left else node.right, back)
                return Minus(node.at, alone) if right and node.operator == "-" else alone
            if left:
                return Binary(node.at, node.operator, _part(node.left, back), node.right)
            return Binary(node.at, node.operator, node.left, _part(node.right, back))
    return node
