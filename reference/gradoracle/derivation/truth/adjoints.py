"""The adjoints of what a formula is made of: its rules of reverse mode.

`pull` walks a formula back: given the derivative of J by its value it adds to each name in it the
derivative of J by that name. What a derivation claims is held against these rules, and they are
held against the proven truth of the networks in the tests.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from gradoracle.derivation.limits import tick
from gradoracle.derivation.reading.syntax import (
    Binary,
    Call,
    Minus,
    Name,
    Node,
    Transpose,
    constant,
)
from gradoracle.derivation.truth import matrices as m
from gradoracle.derivation.truth.evaluate import Scope
from gradoracle.derivation.truth.matrices import ENTRYWISE, Matrix


class UnknownRuleError(ValueError):
    """A formula whose derivative is not needed, and not there."""


def pull(scope: Scope, node: Node, cotangent: Matrix, into: dict[str, Matrix]) -> None:
    """Add the derivative of J by each name of a formula, given that by its value.

    Raises
    ------
    UnknownRuleError
        If a rule is missing: then J cannot be the definition.
    """
    tick()
    match node:
        case Name():
            key = scope.key(node)
            into[key] = into[key] + cotangent if key in into else cotangent
        case Minus():
            pull(scope, node.operand, -cotangent, into)
        case Transpose():
            pull(scope, node.operand, cotangent.T, into)
        case Binary():
            _pull_binary(scope, node, cotangent, into)
        case Call():
            _pull_call(scope, node, cotangent, into)


def _pull_binary(scope: Scope, node: Binary, cotangent: Matrix, into: dict[str, Matrix]) -> None:
    left, right = scope.value(node.left), scope.value(node.right)
    match node.operator:
        case "+":
            to_left, to_right = cotangent, cotangent
        case "-":
            to_left, to_right = cotangent, -cotangent
        case "*":
            to_left, to_right = cotangent * right, cotangent * left
        case "/":
            to_left, to_right = cotangent / right, -cotangent * left / (right * right)
        case "@":
            to_left, to_right = cotangent @ right.T, left.T @ cotangent
        case "**":
            exponent = constant(node.right) or Fraction(0)
            if exponent:  # else it is 1 everywhere
                slope = m.scalar(exponent) * m.power(left, exponent - 1)
                pull(scope, node.left, cotangent * slope, into)
            return
        case _:  # comparisons are constant wherever they have a derivative
            return
    pull(scope, node.left, _gathered(to_left, left), into)
    pull(scope, node.right, _gathered(to_right, right), into)


def _pull_call(scope: Scope, node: Call, cotangent: Matrix, into: dict[str, Matrix]) -> None:
    arguments = [scope.value(argument) for argument in node.arguments]
    name = scope.curve(node)
    if name in ENTRYWISE:
        if name.endswith("_prime"):
            raise UnknownRuleError(f"the derivative of {name}")
        slope = ENTRYWISE[name][1](arguments[0])
        pull(scope, node.arguments[0], m.times(cotangent, slope), into)
        return
    match name, arguments:
        case "sum", [a]:
            back = [np.broadcast_to(cotangent, a.shape)]
        case "mean", [a]:
            back = [np.broadcast_to(cotangent / m.scalar(m.count(a, node.axis)), a.shape)]
        case "softmax", [a]:
            p = scope.value(node)
            back = [p * (cotangent - m.total(p * cotangent, scope.units(node)))]
        case (("maximum" | "minimum"), [a, b]):
            first = m.COMPARE[">" if name == "maximum" else "<"](a, b)
            back = [cotangent * first, cotangent * (1 - first)]
        case "where", [condition, a, b]:
            nothing = m.scalar(0)
            taken = m.select(condition, cotangent, nothing)
            back = [nothing * condition, taken, m.select(condition, nothing, cotangent)]
        case "transpose", [a]:
            back = [cotangent.T]
        case "norm", [a]:
            back = [cotangent * a / scope.value(node)]
        case (("ones" | "zeros"), _):
            return
        case _:
            raise UnknownRuleError(f"the derivative of {name}")
    for argument, array, to in zip(node.arguments, arguments, back, strict=True):
        pull(scope, argument, _gathered(to, array), into)


def _gathered(cotangent: Matrix, like: Matrix) -> Matrix:
    """Sum a cotangent over what was spread, down to the shape of the operand."""
    for axis in (0, 1):
        if like.shape[axis] == 1 and cotangent.shape[axis] != 1:
            cotangent = m.total(cotangent, axis)
    return cotangent
