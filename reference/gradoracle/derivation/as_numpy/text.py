"""Formulas as NumPy text: every value is a matrix, so sums keep their axis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from keyword import iskeyword
from typing import TypeGuard

from gradoracle.derivation.as_numpy.own_functions import OWN
from gradoracle.derivation.reading.header import Header
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
    names,
    parts,
)
from gradoracle.losses import LOSSES

TAKEN = {"np", "math", "case", "net", "supports", "candidate", "sizes", "dtype", "trace", "layer"}
TAKEN |= {"range", "float", "dict", "sum", *OWN, *LOSSES}
PLAIN = {name: f"np.{name}" for name in ("exp", "log", "sqrt", "maximum", "minimum", "where")}
PLAIN |= {"abs": "np.abs", "outer": "np.outer", "transpose": "np.transpose"}
ALONE = 9
STRENGTH = {"+": 2, "-": 2, "*": 3, "/": 3, "@": 3, "**": 5}

LAYER = Name(0, "layer")  # what the loop counts that returns the trace
NUMBERS = ("L", "n", "m", "N", "lam", "l")


class Writer:
    """Write formulas, and remember which functions they need.

    Parameters
    ----------
    header : Header
    dictionaries : bool
        Whether what has a layer is kept as ``W[l]``, else as ``W1``.

    Attributes
    ----------
    layers : callable (Node) -> set of str
        The activations that g may stand for at a layer, in the loop that is written.
    functions, imports : set of str
        What the formulas call.
    tables : set of str
        ``g`` and ``g_prime``, where a loop runs over layers of several activations.
    kept : set of str
        The names of the dictionaries: what else has such a name gets another one.
    """

    def __init__(self, header: Header, *, dictionaries: bool) -> None:
        self.header, self.dictionaries = header, dictionaries
        self.layers: Callable[[Node], set[str]] = lambda _: set()
        self.functions: set[str] = set()
        self.imports: set[str] = set()
        self.tables: set[str] = set()
        self.kept: set[str] = set()
        self.scalar = False  # whether a number is written: its sums are numbers, too

    def definitions(self) -> list[str]:
        """Return the functions that are no activation."""
        return [text for name, text in OWN.items() if name in self.functions]

    def table(self, name: str) -> str:
        """Return what ``g`` or ``g_prime`` is of every layer, as a dictionary."""
        suffix, activations = name.removeprefix("g"), self.header.activations
        known = [self._entry(g, suffix) for g in activations]
        if self.header.layers:
            entries = [f"{layer}: {g}" for layer, g in enumerate(known, start=1) if g]
            return f"{{{', '.join(entries)}}}"
        hidden = f"dict.fromkeys(range(1, L), {known[0]})"
        return hidden + (f" | {{L: {known[-1]}}}" if known[-1] else "")

    def _entry(self, g: str, suffix: str) -> str:
        """Return the name of an activation in a table; softmax has no derivative by entries."""
        if g != "softmax":
            return self.curve(g + suffix)
        self.functions |= {"softmax", *(["softmax_of_rows"] if self.header.rows else [])}
        return "" if suffix else "softmax_of_rows" if self.header.rows else "softmax"

    def plain(self, name: str) -> str:
        """Return a name that nothing else in the file has."""
        clash = name in TAKEN or iskeyword(name) or name in self.functions
        return f"{name}_" if clash else name

    def curve(self, name: str) -> str:
        """Return the name of an activation or its derivative, and remember it."""
        name = "sigmoid" if name == "softplus_prime" else name
        self.functions.add(name)
        return name

    def number(self, node: Node) -> str:
        """Return the formula of J: a number, where it is made of sums of everything."""
        self.scalar = _is_scalar(node)
        text = self.show(node)
        self.scalar = False
        return text

    def index(self, node: Node) -> str:
        """Return an index, or a bound of a loop."""
        return self.show(node)

    def show(self, node: Node) -> str:
        """Return a formula."""
        return self._show(node)[0]

    def _show(self, node: Node) -> tuple[str, int]:
        match node:
            case Number():
                return self._number(node)
            case Name():
                return self._name(node), ALONE
            case Minus():
                return f"-{self._bracketed(node.operand, 4)}", 4
            case Transpose():
                return f"{self._bracketed(node.operand, 6)}.T", ALONE
            case Binary() if node.operator in COMPARISONS:
                text = self._compared(node)
                return f"float({text})" if _is_number(node) else f"({text}).astype(dtype)", ALONE
            case Binary():
                return self._binary(node)
            case Call():
                return self._call(node), ALONE
        raise TypeError(node)

    def _number(self, node: Number) -> tuple[str, int]:
        value = node.value
        if value.denominator == 1:
            return str(value), ALONE
        decimal = repr(float(value))
        exact = "e" not in decimal and type(value)(decimal) == value
        return (decimal, ALONE) if exact else (f"{value.numerator} / {value.denominator}", 3)

    def _name(self, node: Name) -> str:
        if node.index is None:
            clash = "_" if node.base in self.kept else ""
            return node.base if node is LAYER else self.plain(node.base + clash)
        if node.base == "n":
            return f"sizes[{self.index(node.index)}]"
        whole = constant(node.index)
        if self.dictionaries:
            return f"{self.plain(node.base)}[{self.index(node.index)}]"
        if whole == 0 and node.base in ("A", "dA"):
            return "X" if node.base == "A" else "dX"
        return f"{node.base}{whole}"

    def _binary(self, node: Binary) -> tuple[str, int]:
        strength = STRENGTH[node.operator]
        power = node.operator == "**"
        left = self._bracketed(node.left, strength + self._told_apart(node, node.left) + power)
        apart = self._told_apart(node, node.right)
        right = self._bracketed(node.right, strength + (apart or not power))
        space = "" if power else " "
        return f"{left}{space}{node.operator}{space}{right}", strength

    @staticmethod
    def _told_apart(node: Binary, child: Node) -> bool:
        """Whether the two products meet: then brackets tell them apart."""
        return isinstance(child, Binary) and {node.operator, child.operator} == {"*", "@"}

    def _compared(self, node: Binary) -> str:
        left, right = self._bracketed(node.left, 2), self._bracketed(node.right, 2)
        return f"{left} {node.operator} {right}"

    def _bracketed(self, node: Node, least: int) -> str:
        text, strength = self._show(node)
        return text if strength >= least else f"({text})"

    def _call(self, node: Call) -> str:
        name = node.function
        if name in ("g", "g_prime"):
            return self._of_layer(node)
        if name == "where":
            return self._where(*node.arguments)
        inside = ", ".join(self.show(argument) for argument in node.arguments)
        if name in ("sum", "mean"):
            axis = "" if node.axis is None else f", axis={node.axis}"
            return f"np.{name}({inside}{axis}{'' if self.scalar else ', keepdims=True'})"
        if name in ("exp", "log", "sqrt") and _is_number(node):
            self.imports.add("import math")  # a float of NumPy would make doubles of singles
            return f"math.{name}({inside})"
        if name in PLAIN:
            return f"{PLAIN[name]}({inside})"
        if name in ("ones", "zeros"):
            return f"np.{name}(({inside}{', 1' if len(node.arguments) == 1 else ''}), dtype)"
        if name == "norm":
            return f"np.sqrt(np.sum(({inside}) ** 2))"
        if name in ("diag", "erf"):
            self.functions.add(name)
            self.imports |= {"import math"} if name == "erf" else set()
            return f"{name}({inside})"
        if name == "softmax":
            return self._softmax(node)
        return f"{self.curve(name)}({inside})"

    def _where(self, condition: Node, *branches: Node) -> str:
        text = self._compared(condition) if _compares(condition) else self.show(condition)
        text = f"np.where({text}, {', '.join(map(self.show, branches))})"
        return f"{text}.astype(dtype)" if all(map(_is_number, branches)) else text

    def _of_layer(self, node: Call) -> str:
        """Return g[l](Z[l]): by the name of the activation, or out of a table where it varies."""
        several = self.layers(node.layer) if node.layer else {self.header.hidden}
        if len(several) == 1:
            name = node.function.replace("g", several.pop(), 1)
            return self._call(replace(node, function=name, layer=None))
        self.tables.add(node.function)
        index = self.show(node.layer) if node.layer else ""
        return f"{node.function}[{index}]({self.show(node.arguments[0])})"

    def _softmax(self, node: Call) -> str:
        """Softmax runs down the columns; rows are turned for it and back."""
        (argument,) = node.arguments
        units = (1 if self.header.rows else 0) if node.axis is None else node.axis
        self.functions.add("softmax")
        turned = f"softmax({self._bracketed(argument, 6)}.T).T"
        return turned if units else f"softmax({self.show(argument)})"


def _is_number(node: Node) -> bool:
    """Whether no array is in a formula; in a loop its counter is a number, too."""
    return all(name.base in NUMBERS for name in names(node))


def _compares(node: Node) -> TypeGuard[Binary]:
    return isinstance(node, Binary) and node.operator in COMPARISONS


def _is_scalar(node: Node) -> bool:
    """Whether a formula is made of numbers and of sums over everything, which hold no other sum."""
    match node:
        case Number() | Name():
            return True
        case Minus():
            return _is_scalar(node.operand)
        case Binary(operator="+" | "-" | "*" | "/" | "**"):
            return _is_scalar(node.left) and _is_scalar(node.right)
        case Call(function="sum" | "mean", axis=None):
            within = parts(node.arguments[0])
            return not any(isinstance(p, Call) and p.function in ("sum", "mean") for p in within)
    return False
