"""The value of a formula, and of every part of it, which is kept: `adjoints` walks it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
from flint import arb

from gradoracle.derivation.limits import DerivationError, tick
from gradoracle.derivation.reading.syntax import (
    COMPARISONS,
    Binary,
    Call,
    Minus,
    Name,
    Node,
    Number,
    Transpose,
    constant,
    show,
)
from gradoracle.derivation.truth import matrices as m
from gradoracle.derivation.truth.matrices import ENTRYWISE, KINKED, Matrix, Notes, ShapeError
from gradoracle.truth.balls import UndecidedError


class UndefinedError(KeyError):
    """A name that has no value; `name` is it."""

    def __init__(self, name: str, at: int) -> None:
        super().__init__(name)
        self.name, self.at = name, at


@dataclass
class Scope:
    """Where names are looked up.

    Attributes
    ----------
    values : mapping of str to Matrix
        ``Z1``, ``X``, ``n``, ``lam``, ...; A0 is X and dA0 is dX.
    numbers : mapping of str to int
        What an index may name: l and L.
    g : str
        The hidden activation, for ``g`` and ``g_prime``.
    notes : Notes
    layers : sequence of str
        g_1 to g_L, for ``g[l]`` and ``g_prime[l]``.
    """

    values: Mapping[str, Matrix]
    numbers: Mapping[str, int]
    g: str = ""
    notes: Notes = field(default_factory=Notes)
    layers: Sequence[str] = ()
    _kept: dict[int, Matrix] = field(default_factory=dict)

    def key(self, name: Name) -> str:
        """Return under which name a value is kept: ``W2`` for ``W[l]`` at l = 2."""
        if name.index is None:
            return name.base
        key = f"{name.base}{self.index(name.index)}"
        return {"A0": "X", "dA0": "dX"}.get(key, key)

    def index(self, node: Node) -> int:
        """Return the value of an index."""
        match node:
            case Number():
                return int(node.value)
            case Minus():
                return -self.index(node.operand)
            case Name():
                if node.base in self.numbers:
                    return self.numbers[node.base]
                raise UndefinedError(node.base, node.at)
            case Binary():
                left, right = self.index(node.left), self.index(node.right)
                return {"+": left + right, "-": left - right, "*": left * right}[node.operator]
        raise UndefinedError(show(node), node.at)

    def value(self, node: Node) -> Matrix:
        """Return the value of a formula.

        Raises
        ------
        UndefinedError, ShapeError
            For a name without a value, and for operands that do not fit.
        """
        if id(node) not in self._kept:
            tick()
            self._kept[id(node)] = self._value(node)
        return self._kept[id(node)]

    def _value(self, node: Node) -> Matrix:
        match node:
            case Number():
                return m.scalar(node.value)
            case Name():
                key = self.key(node)
                if key in self.values:
                    return self.values[key]
                if key in self.numbers:
                    return m.scalar(self.numbers[key])
                raise UndefinedError(key, node.at)
            case Minus():
                return -self.value(node.operand)
            case Transpose():
                return self.value(node.operand).T
            case Binary():
                return self._binary(node)
            case Call():
                return self._call(node)
        raise TypeError(node)

    def _binary(self, node: Binary) -> Matrix:
        left, right = self.value(node.left), self.value(node.right)
        match node.operator:
            case "@":
                return m.product(left, right)
            case "**":
                return m.power(left, constant(node.right) or Fraction(0))
        m.fit(node.operator, left, right, self.notes)
        if node.operator in COMPARISONS:
            which = m.COMPARE[node.operator](left, right)
            self.notes.branch(node, which)
            return which
        return m.ARITHMETIC[node.operator](left, right)

    def curve(self, node: Call) -> str:
        """Return the name of a curve: g is the hidden activation, ``g[l]`` that of a layer."""
        found = node.function
        if found in ("g", "g_prime"):
            found = found.replace("g", self._activation(node), 1)
        if found == "softmax_prime":  # it has a full Jacobian
            raise UndefinedError(show(replace(node, arguments=()))[:-2], 0)
        return found

    def _activation(self, node: Call) -> str:
        if node.layer is None:
            if not self.g:
                raise UndefinedError(node.function, 0)
            return self.g
        layer = self.index(node.layer)
        if not 1 <= layer <= len(self.layers):
            raise UndefinedError(f"g{layer}", node.at)
        return self.layers[layer - 1]

    def _call(self, node: Call) -> Matrix:
        arguments = [self.value(argument) for argument in node.arguments]
        name = self.curve(node)
        if name in ENTRYWISE:
            if name.removesuffix("_prime") in KINKED:
                self.notes.branch(node, m.COMPARE[">"](arguments[0], m.scalar(0)))
            return ENTRYWISE[name][0](arguments[0])
        match name, arguments:
            case "sum", [a]:
                return m.total(a, node.axis)
            case "mean", [a]:
                return m.ARITHMETIC["/"](m.total(a, node.axis), m.scalar(m.count(a, node.axis)))
            case "softmax", [a]:
                return m.softmax(a, self.units(node))
            case (("maximum" | "minimum"), [a, b]):
                m.fit(name, a, b, self.notes)
                first = m.COMPARE[">" if name == "maximum" else "<"](a, b)
                self.notes.branch(node, first)
                return m.select(first, a, b)
            case "where", [condition, a, b]:
                for one, other in ((condition, a), (condition, b), (a, b)):
                    m.fit("where", one, other, self.notes)
                self.notes.branch(node, condition)
                return m.select(condition, a, b)
            case "transpose", [a]:
                return a.T
            case "diag", [a]:
                return _diagonal(a)
            case "outer", [a, b]:
                return m.bounded(a.size, b.size, lambda: a.reshape(-1, 1) * b.reshape(1, -1))
            case (("ones" | "zeros"), sizes):
                return _constant(node, sizes)
            case "norm", [a]:
                return m.entrywise(arb.sqrt)(m.total(a * a, None))
        raise TypeError(name)

    def units(self, node: Call) -> int:
        """Return the axis of a softmax: the one that is named, or that of the units."""
        return 1 - self.notes.example_axis if node.axis is None else node.axis


def value_of(scope: Scope, formula: Node) -> Matrix | None:
    """Return the value of a formula, or None where there is none."""
    try:
        return scope.value(formula)
    except DerivationError:  # the time is over
        raise
    except (ShapeError, UndefinedError, UndecidedError, ValueError, ZeroDivisionError):
        return None


def _diagonal(a: Matrix) -> Matrix:
    """Return the diagonal matrix of a row or a column, or the diagonal of a matrix as a column."""
    if 1 in a.shape and a.size > 1:
        unit = m.bounded(a.size, a.size, lambda: np.eye(a.size, dtype=int).astype(object))
        return m.select(unit * m.scalar(1), a.reshape(-1, 1), m.scalar(0))
    return a.diagonal().reshape(-1, 1)


def _constant(node: Call, sizes: list[Matrix]) -> Matrix:
    counts = []
    for size in sizes:
        value = size[0, 0].unique_fmpz() if size.size == 1 else None
        if value is None or not size[0, 0].is_exact() or int(value) < 1:
            raise ShapeError(f"{node.function} of a size that is not a whole number of 1 or more")
        counts.append(int(value))
    rows, columns = counts if len(counts) == 2 else (counts[0], 1)
    filling = arb(1 if node.function == "ones" else 0)
    return m.bounded(rows, columns, lambda: np.full((rows, columns), filling, dtype=object))
