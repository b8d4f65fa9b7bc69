"""One formula, read with Python's own parser.

Nothing is executed. What is not in the tables of `vocabulary` is refused with its column: no
attribute but ``.T``, no name that begins with an underscore, no call but of `FUNCTIONS` and of what
`numpy_calls` lists as another spelling of them, and no statement.
"""

from __future__ import annotations

import ast
import re
import warnings
from fractions import Fraction

from gradoracle.derivation.limits import DEPTH, DIGITS, EXPONENT, NODES, DerivationError
from gradoracle.derivation.reading import numpy_calls
from gradoracle.derivation.reading.indices import check_index
from gradoracle.derivation.reading.nodes import (
    COMPARISONS,
    Binary,
    Call,
    Minus,
    Name,
    Node,
    Number,
    Transpose,
    children,
    constant,
    mapped,
    names,
    parts,
    show,
    substituted,
    with_child,
    with_name,
)
from gradoracle.derivation.reading.numpy_calls import OPERATIONS
from gradoracle.derivation.reading.refusals import NOT_READ, hint, kind, unknown_call
from gradoracle.derivation.reading.vocabulary import (
    ALIASES,
    FUNCTIONS,
    LAYERED,
    NAME,
    NUMBERED,
    OF_A_LAYER,
    OPERATORS,
)

__all__ = [  # the nodes, too: who reads formulas walks them
    "COMPARISONS",
    "Binary",
    "Call",
    "Minus",
    "Name",
    "Node",
    "Number",
    "Transpose",
    "children",
    "constant",
    "mapped",
    "names",
    "parts",
    "read",
    "show",
    "substituted",
    "with_child",
    "with_name",
]


def read(text: str) -> Node:
    """Read a formula in the plain spelling.

    Raises
    ------
    DerivationError
        If it holds anything else than the tables allow, or is too large; with the column.
    """
    leading = len(text) - len(text.lstrip())
    for column, sign in enumerate(text, start=1):
        if not (" " <= sign <= "~" or sign == "\t"):  # Python would take a wide W for a W
            got = f"U+{ord(sign):04X}"
            raise DerivationError("plain signs", got, "type it in ASCII", column=column)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # 1if, and backslashes that mean nothing
            tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        at = leading + (error.offset or 1)
        got = repr(text.strip()[:60])
        raise DerivationError("a formula", got, hint(error), column=at) from None
    except (ValueError, RecursionError, MemoryError) as error:
        got = type(error).__name__
        raise DerivationError("a formula", got, "write a smaller one", column=1) from None
    return _Reader(text.strip(), leading).node(tree.body, 0)


class _Reader:
    """Turn a syntax tree into nodes, and refuse what has no place there."""

    def __init__(self, text: str, leading: int) -> None:
        self.text, self.leading, self.count = text, leading, 0

    def at(self, node: ast.expr) -> int:
        # ast counts bytes, and the plain spelling is ASCII
        return self.leading + node.col_offset

    def refuse(self, node: ast.expr, got: str, mend: str) -> DerivationError:
        expected = "names, numbers, + - * / @ ** and listed functions"
        return DerivationError(expected, got, mend, column=self.at(node) + 1)

    def node(self, node: ast.expr, depth: int) -> Node:
        self.count += 1
        if depth > DEPTH or self.count > NODES:
            raise self.refuse(node, "a formula that is too large", "split it into several lines")
        match node:
            case ast.Constant():
                return self.number(node)
            case ast.Name():
                return self.name(node)
            case ast.Subscript():
                return self.subscript(node, depth)
            case ast.Attribute():
                if node.attr != "T":
                    raise self.refuse(node, f".{node.attr}", "no attribute but .T is known")
                return Transpose(self.at(node), self.node(node.value, depth + 1))
            case ast.UnaryOp(op=ast.USub()):
                return Minus(self.at(node), self.node(node.operand, depth + 1))
            case ast.UnaryOp(op=ast.UAdd()):
                return self.node(node.operand, depth + 1)
            case ast.BinOp(op=ast.Pow()):
                left, right = self.node(node.left, depth + 1), self.node(node.right, depth + 1)
                return self.power(node, left, right, node.right)
            case ast.BinOp() if type(node.op) in OPERATORS:
                left, right = self.node(node.left, depth + 1), self.node(node.right, depth + 1)
                return Binary(self.at(node), OPERATORS[type(node.op)], left, right)
            case ast.BinOp() if type(node.op) in NOT_READ:
                raise self.refuse(node, *NOT_READ[type(node.op)])
            case ast.Compare():
                if len(node.ops) != 1 or type(node.ops[0]) not in OPERATORS:
                    raise self.refuse(node, "this comparison", "compare two things: Z1 > 0")
                left, right = (
                    self.node(part, depth + 1) for part in (node.left, *node.comparators)
                )
                return Binary(self.at(node), OPERATORS[type(node.ops[0])], left, right)
            case ast.Call():
                return self.call(node, depth)
        raise self.refuse(node, kind(node), "write a formula of matrices")

    def number(self, node: ast.Constant) -> Number:
        if type(node.value) not in (int, float):
            raise self.refuse(node, kind(node), "numbers are written 2, 0.5 or 1e-3")
        written = ast.get_source_segment(self.text, node) or ""
        if len(written) > DIGITS or not re.fullmatch(r"[0-9.]+(e[-+]?[0-9]{1,2})?", written):
            mend = f"write a decimal number of at most {DIGITS} digits"
            raise self.refuse(node, written[:20], mend)
        return Number(self.at(node), Fraction(written))

    def name(self, node: ast.Name) -> Node:
        if not NAME.fullmatch(node.id) or len(node.id) > 40:
            mend = "names are ASCII letters, digits and _, a letter first"
            raise self.refuse(node, node.id[:40], mend)
        if node.id in FUNCTIONS:
            raise self.refuse(node, f"{node.id} alone", f"it is a function: {node.id}(...)")
        if numbered := NUMBERED.fullmatch(node.id):
            at, base, layer = self.at(node), numbered[1], numbered[2]
            last = Name(at, "L") if layer == "L" else Number(at, Fraction(int(layer)))
            return Name(at, base, last)
        return Name(self.at(node), node.id)

    def subscript(self, node: ast.Subscript, depth: int) -> Name:
        named = self.node(node.value, depth + 1)
        if not isinstance(named, Name) or named.index is not None:
            raise self.refuse(node, "an index on a formula", "only names have a layer: W[l]")
        if named.base[-1].isdigit():  # foo1[2] would be foo[12]
            raise self.refuse(node, f"{named.base}[...]", "a name with a layer ends in a letter")
        index = self.node(node.slice, depth + 1)
        check_index(index)
        return Name(named.at, named.base, index)

    def power(self, node: ast.expr, left: Node, right: Node, written: ast.expr) -> Node:
        exponent = constant(right)
        if exponent is None or abs(exponent) > EXPONENT or exponent.denominator > 2:
            mend = f"a whole number up to {EXPONENT}, or exp(...)"
            raise self.refuse(written, "this exponent", mend)
        return Binary(self.at(node), "**", left, right)

    def call(self, node: ast.Call, depth: int) -> Node:
        name, owner = numpy_calls.called(node.func)
        if name in OPERATIONS:
            return self.operation(node, name, owner, depth)
        layer: Node | None = None
        if not name:
            name, layer = self.function(node.func, depth)
        if name not in FUNCTIONS:
            raise self.refuse(node, *unknown_call(node.func))
        least, most, may_have_axis = FUNCTIONS[name]
        given: list[ast.expr] = [*([owner] if owner else []), *node.args]
        if name in ("ones", "zeros") and len(given) == 1 and isinstance(given[0], ast.Tuple):
            given = given[0].elts
        arguments = [self.node(argument, depth + 1) for argument in given]
        axis = self.axis(node, may_have_axis, depth)
        if may_have_axis and len(arguments) == 2 and axis is None:
            axis = self.axis_of(node, arguments.pop())
        if not least <= len(arguments) <= most or (may_have_axis and len(arguments) != 1):
            expected = f"{least}" if least == most or may_have_axis else f"{least} or {most}"
            raise self.refuse(node, f"{len(arguments)} arguments", f"{name} takes {expected}")
        return Call(self.at(node), name, tuple(arguments), axis, layer)

    def operation(self, node: ast.Call, name: str, owner: ast.expr | None, depth: int) -> Node:
        """Return ``np.dot(A, B)`` and ``A.dot(B)`` as the operation that they are."""
        given = [*([owner] if owner else []), *node.args]
        operands = [self.node(argument, depth + 1) for argument in given]
        takes = numpy_calls.operands(name)
        if node.keywords:
            got = f"{node.keywords[0].arg or '**'}"[:40]
            raise self.refuse(node, f"{got} in {name}", f"{name} takes {takes} operands alone")
        if len(operands) != takes:
            raise self.refuse(node, f"{len(operands)} operands", f"{name} takes {takes}")
        if name == "power":
            return self.power(node, operands[0], operands[1], given[1])
        return numpy_calls.operation(self.at(node), name, operands)

    def function(self, node: ast.expr, depth: int) -> tuple[str, Node | None]:
        """Return the name of a function, and of ``g[l]`` and ``g2`` the layer."""
        match node:
            case ast.Name(id=name):
                if numbered := LAYERED.fullmatch(name):
                    number = Number(self.at(node), Fraction(int(numbered[2])))
                    return numbered[1] + numbered[3], number
                return ALIASES.get(name, name), None
            case ast.Subscript(value=ast.Name(id=name)) if name in OF_A_LAYER:
                index = self.node(node.slice, depth + 1)
                check_index(index)
                return name, index
            case ast.Subscript(value=ast.Name(id=name)) if name in FUNCTIONS:
                mend = f"only g has a layer: g[l](...); leave it out: {name}(...)"
                raise self.refuse(node, f"{name}[...]", mend)
        return "", None

    def axis(self, node: ast.Call, allowed: bool, depth: int) -> int | None:
        axis = None
        if len({keyword.arg for keyword in node.keywords}) < len(node.keywords):
            raise self.refuse(node, "a keyword twice", "name the axis once")
        for keyword in node.keywords:
            value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
            if keyword.arg == "axis" and allowed:
                axis = self.axis_of(node, self.node(keyword.value, depth + 1))
            elif not (keyword.arg == "keepdims" and allowed and isinstance(value, bool)):
                got = f"{keyword.arg}=" if keyword.arg else "**"
                raise self.refuse(node, got, "axis=0, axis=1 and keepdims=True of sum and mean")
        return axis

    def axis_of(self, node: ast.Call, value: Node) -> int:
        number = constant(value)
        if number not in (0, 1, -1, -2):
            mend = "axis=0 is down the rows, axis=1 along the columns"
            raise self.refuse(node, "this axis", mend)
        return int(number) % 2
