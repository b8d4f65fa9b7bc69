"""What a formula hands back to a name in it, in symbols: the rules of `adjoints.pull`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from gradoracle.derivation.reading.syntax import (
    Binary,
    Call,
    Minus,
    Name,
    Node,
    Number,
    Transpose,
    constant,
    parts,
)
from gradoracle.derivation.rules.products import (
    ONE,
    matmul,
    negative,
    over,
    plus,
    summed,
    times,
    transposed,
)
from gradoracle.derivation.truth.matrices import ENTRYWISE, Matrix

LARGEST = 150  # nodes of what is handed back: beyond that nobody reads it


class NoRuleError(ValueError):
    """A formula whose derivative cannot be told in a few signs."""


@dataclass
class HandedBack:
    """The derivative by one name, given that by a formula.

    Attributes
    ----------
    is_wanted : callable
        Whether a name is the one.
    value : callable
        Return the value of a formula: shapes say what was spread.
    count : callable
        Return what stands for so many rows or columns: ``n``, ``n2``.
    units : int
        The axis along which softmax runs.
    bare : bool
        Whether the sum that makes a number of a row or column names no axis.
    kinds : set of str
        Which rules were used: ``product``, ``sum``, ``entries``, ``softmax``, ``total``.
    """

    is_wanted: Callable[[Name], bool]
    value: Callable[[Node], Matrix]
    count: Callable[[int], Node]
    units: int = 0
    bare: bool = False
    kinds: set[str] = field(default_factory=set)
    _whole: tuple[Node | None, Node | None] = (None, None)

    def through(self, formula: Node, cotangent: Node, called: Node | None = None) -> Node:
        """Return the derivative by the name; `called` is what the formula sets.

        Raises
        ------
        NoRuleError
            If there is no rule, or it is too long.
        """
        self._whole = formula, called
        terms = list(self._pull(formula, cotangent))
        if not terms:
            raise NoRuleError
        found = plus(terms)
        if any(number >= LARGEST for number, _ in enumerate(parts(found))):
            raise NoRuleError
        return found

    def has(self, node: Node) -> bool:
        """Whether the name stands in a formula."""
        return any(isinstance(part, Name) and self.is_wanted(part) for part in parts(node))

    def _pull(self, node: Node, cotangent: Node) -> Iterator[Node]:
        if not self.has(node):
            return
        match node:
            case Name():
                yield cotangent
            case Minus():
                yield from self._pull(node.operand, negative(cotangent))
            case Transpose():
                yield from self._pull(node.operand, transposed(cotangent))
            case Binary():
                yield from self._binary(node, cotangent)
            case Call():
                yield from self._call(node, cotangent)

    def _binary(self, node: Binary, C: Node) -> Iterator[Node]:
        left, right = node.left, node.right
        match node.operator:
            case "+":
                yield from self._spread(node, left, C)
                yield from self._spread(node, right, C)
            case "-":
                yield from self._spread(node, left, C)
                yield from self._spread(node, right, negative(C))
            case "*":
                yield from self._spread(node, left, times(C, right))
                yield from self._spread(node, right, times(C, left))
            case "/":
                yield from self._spread(node, left, over(C, right))
                slope = over(left, Binary(0, "**", right, Number(0, ONE.value * 2)))
                yield from self._spread(node, right, negative(times(C, slope)))
            case "@":
                if self.value(C).shape != self.value(node).shape:
                    raise NoRuleError
                self.kinds.add("product")
                yield from self._pull(left, matmul(C, transposed(right)))
                yield from self._pull(right, matmul(transposed(left), C))
            case "**":
                exponent = constant(right)
                if exponent is None:
                    raise NoRuleError
                power = Binary(0, "**", left, Number(0, exponent - 1))
                slope = left if exponent == 2 else ONE if exponent == 1 else power
                yield from self._pull(left, times(C, Number(0, exponent), slope))

    def _spread(self, node: Node, side: Node, C: Node) -> Iterator[Node]:
        """Go on in an operand; what was spread is summed."""
        if not self.has(side):
            return
        whole, small, shape = (self.value(x).shape for x in (node, side, C))
        spread = [axis for axis in (0, 1) if small[axis] == 1 != whole[axis]]
        sums = [axis for axis in spread if shape[axis] != 1]
        if sums == [0, 1]:
            C = summed(C, None)
        elif sums:
            C = summed(C, None if self.bare and small == (1, 1) else sums[0])
        for axis in set(spread) - set(sums):
            C = times(self.count(whole[axis]), C)
        if spread:
            self.kinds.add("sum")
        yield from self._pull(side, C)

    def _call(self, node: Call, C: Node) -> Iterator[Node]:
        first, *rest = node.arguments
        match node.function:
            case "sum":
                self.kinds.add("total")
                yield from self._pull(first, C)
            case "mean":
                self.kinds.add("total")
                shape = self.value(first).shape
                axes = (0, 1) if node.axis is None else (node.axis,)
                for axis in axes:
                    C = over(C, self.count(shape[axis])) if shape[axis] != 1 else C
                yield from self._pull(first, C)
            case "transpose":
                yield from self._pull(first, transposed(C))
            case "norm":
                yield from self._pull(first, over(times(C, first), self._called(node)))
            case "softmax":
                self.kinds.add("softmax")
                axis = self.units if node.axis is None else node.axis
                p = self._called(node)
                inside = summed(times(p, C), axis)
                yield from self._pull(first, times(p, plus([C, negative(inside)])))
            case "where":
                self.kinds.add("entries")
                zero = Number(0, ONE.value * 0)
                for at, side in enumerate(rest):
                    taken = (C, zero) if at == 0 else (zero, C)
                    yield from self._spread(node, side, Call(0, "where", (first, *taken)))
            case "maximum" | "minimum":
                sign = ">" if node.function == "maximum" else "<"
                self.kinds.add("entries")
                yield from self._spread(node, first, times(C, Binary(0, sign, first, rest[0])))
                yield from self._spread(node, rest[0], times(C, Binary(0, sign, rest[0], first)))
            case _:
                self.kinds.add("entries")
                yield from self._pull(first, self._entries(node, first, C))

    def _entries(self, node: Call, argument: Node, C: Node) -> Node:
        """Return what an elementwise function hands back."""
        match node.function:
            case "identity":
                return C
            case "exp":
                return times(C, self._called(node))
            case "log":
                return over(C, argument)
            case "sqrt":
                return over(C, times(Number(0, ONE.value * 2), self._called(node)))
        prime = f"{node.function}_prime"
        if prime not in ENTRYWISE and node.function != "g":
            raise NoRuleError
        return times(C, replace(node, function=prime))

    def _called(self, node: Node) -> Node:
        """Return the name of a value where it has one."""
        whole, called = self._whole
        return called if called is not None and node is whole else node
