"""Matrices of balls, and what a formula may do with them: every value is a matrix.

An array is a two-dimensional NumPy array of python-flint's `arb`, at the working precision. A
scalar is a 1 by 1 matrix. Sums and means over an axis keep it. Two operands of an elementwise
operation must have one shape, or one is a scalar, or one is spread over the examples (a column
``(r, 1)`` where an example is a column); every other spreading is done as NumPy does it and noted.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from flint import arb, fmpq

from gradoracle.arrays import Array
from gradoracle.derivation.limits import ENTRIES, tick
from gradoracle.truth import balls

Matrix = np.ndarray[tuple[int, int], np.dtype[np.object_]]


class ShapeError(ValueError):
    """Operands that do not fit together, in words with their shapes."""


@dataclass
class Notes:
    """What is said about one evaluation, beside its value.

    Attributes
    ----------
    example_axis : int
        The axis along which the examples lie: 1 where an example is a column.
    spread : list of str
        The operands that were spread in an unusual way.
    branches : dict of int to set of bool
        Which ways a comparison, ``where``, ``maximum``, ``minimum``, ``abs`` or a curve with a kink
        went, by the `id` of its node.
    """

    example_axis: int = 1
    spread: list[str] = field(default_factory=list)
    branches: dict[int, set[bool]] = field(default_factory=dict)

    def branch(self, node: object, which: Matrix) -> None:
        """Note which ways the entries of a condition went: it holds where they are not 0."""
        self.branches.setdefault(id(node), set()).update(
            not entry.is_zero() for entry in which.ravel().tolist()
        )


def scalar(value: int | Fraction | arb) -> Matrix:
    """Return a 1 by 1 matrix."""
    if isinstance(value, Fraction):
        value = arb(fmpq(value.numerator, value.denominator))
    return matrix([[arb(value)]])


def matrix(rows: list[list[arb]]) -> Matrix:
    """Return the matrix of these rows."""
    found = np.empty((len(rows), len(rows[0])), dtype=object)
    found[:] = rows
    return found


def exactly(array: Array) -> Matrix:
    """Return the exact values of the floats of a matrix."""
    return entrywise(arb)(array.astype(object))


def shape_of(a: Matrix) -> str:
    """Return a shape as it is printed."""
    return f"({a.shape[0]}, {a.shape[1]})"


def product(a: Matrix, b: Matrix) -> Matrix:
    """Return the matrix product a b."""
    if a.shape[1] != b.shape[0]:
        raise ShapeError(f"{shape_of(a)} @ {shape_of(b)}")
    return bounded(a.shape[0], b.shape[1], lambda: a @ b)


def power(a: Matrix, exponent: Fraction) -> Matrix:
    """Return every entry to a power: a whole one exactly, a half one where it is a number."""
    whole = exponent.denominator == 1
    p = int(exponent) if whole else arb(exponent.numerator) / exponent.denominator
    return entrywise(lambda x: x**p)(a)


def bounded(rows: int, columns: int, make: Callable[[], Matrix]) -> Matrix:
    """Return what is made, unless it is too large to be made."""
    if rows * columns > ENTRIES:
        raise ShapeError(f"a matrix of {rows} by {columns}, more than {ENTRIES:,} entries")
    return make()


def fit(operator: str, a: Matrix, b: Matrix, notes: Notes) -> None:
    """Note how two operands of an elementwise operation are spread.

    Raises
    ------
    ShapeError
        If they do not fit.
    """
    if a.shape == b.shape or a.size == 1 or b.size == 1:
        return
    pairs = list(zip(a.shape, b.shape, strict=True))
    if not all(one == other or 1 in (one, other) for one, other in pairs):
        raise ShapeError(f"{shape_of(a)} {operator} {shape_of(b)}")
    spread = [axis for axis, (one, other) in enumerate(pairs) if one != other]
    if spread != [notes.example_axis]:
        notes.spread.append(
            f"{shape_of(a)} {operator} {shape_of(b)} spreads to ({max(pairs[0])}, {max(pairs[1])})"
        )
    bounded(max(pairs[0]), max(pairs[1]), lambda: a)


ARITHMETIC: dict[str, Callable[[Matrix, Matrix], Matrix]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def entrywise(function: Callable[..., object], operands: int = 1) -> Callable[..., Matrix]:
    """Return a function of balls as one of matrices."""

    def in_time(*entries: arb) -> object:
        tick()  # one entry of high precision may take milliseconds
        return function(*entries)

    found: Callable[..., Matrix] = np.frompyfunc(in_time, operands, 1)
    return found


def _sign(x: arb) -> arb:
    if x > 0:
        return arb(1)
    if x < 0:
        return arb(-1)
    if x.is_zero():
        return arb(0)
    raise balls.UndecidedError(f"{x.str(5)} may lie on either side of 0")


def _truth_of(x: arb, y: arb, operator: str) -> arb:
    sign = _sign(x - y)
    return arb(
        {">": sign > 0, "<": sign < 0, ">=": sign >= 0, "<=": sign <= 0}.get(
            operator, sign.is_zero() == (operator == "==")
        )
    )


COMPARE = {
    operator: entrywise(lambda x, y, operator=operator: _truth_of(x, y, operator), 2)
    for operator in (">", "<", ">=", "<=", "==", "!=")
}


def _chosen(condition: arb, x: arb, y: arb) -> arb:
    return y if _sign(condition).is_zero() else x


select = entrywise(_chosen, 3)  # where(condition, a, b): what is not taken may be no number


def _times(x: arb, y: arb) -> arb:
    return x if x.is_zero() else x * y


times = entrywise(_times, 2)  # a branch that is not taken has the cotangent 0, whatever its slope


def _abs(x: arb) -> arb:
    return x * _sign(x)


def _erf_prime(x: arb) -> arb:
    return 2 * (-x * x).exp() / arb.pi().sqrt()


def _second(name: str) -> Callable[[arb], arb]:
    def unknown(x: arb) -> arb:
        raise NotImplementedError(f"the derivative of {name}")

    return unknown


# name: its value and its derivative, entry by entry
KINKED = ("abs", "relu", "leaky_relu", "elu")

ENTRYWISE: dict[str, tuple[Callable[..., Matrix], Callable[..., Matrix]]] = {
    "exp": (entrywise(arb.exp), entrywise(arb.exp)),
    "log": (entrywise(arb.log), entrywise(lambda x: 1 / x)),
    "sqrt": (entrywise(arb.sqrt), entrywise(lambda x: 1 / (2 * x.sqrt()))),
    "abs": (entrywise(_abs), entrywise(_sign)),
    "erf": (entrywise(arb.erf), entrywise(_erf_prime)),
}
for _name, (_value, _prime) in balls.ELEMENTWISE.items():
    ENTRYWISE[_name] = (entrywise(_value), entrywise(_prime))
    ENTRYWISE[f"{_name}_prime"] = (
        entrywise(_prime),
        entrywise(_second(f"{_name}_prime")),
    )


def total(a: Matrix, axis: int | None) -> Matrix:
    """Return the sum over an axis, which is kept, or of all entries."""
    if axis is None:
        return matrix([[sum(a.ravel().tolist(), arb(0))]])
    return np.add.reduce(a, axis=axis, keepdims=True)


def count(a: Matrix, axis: int | None) -> int:
    """Return how many entries a sum over an axis, or of all entries, is made of."""
    return a.size if axis is None else a.shape[axis]


def softmax(a: Matrix, axis: int) -> Matrix:
    """Return softmax along an axis."""
    columns = a if axis == 0 else a.T
    done = [balls.softmax(list(column)) for column in columns.T]
    found = matrix(done)
    return found.T if axis == 0 else found
