"""Formulas as NumPy text: every value is a matrix, so sums keep their axis."""

from __future__ import annotations

from keyword import iskeyword

from gradoracle.derivation.header import Header
from gradoracle.derivation.syntax import (
    COMPARISONS,
    Binary,
    Call,
    Minus,
    Name,
    Node,
    Number,
    Transpose,
    constant,
)

TAKEN = ("np", "case", "net", "supports", "sizes", "dtype", "trace", "layer", "math")
PLAIN = {name: f"np.{name}" for name in ("exp", "log", "sqrt", "maximum", "minimum", "where")}
PLAIN |= {"abs": "np.abs", "outer": "np.outer", "transpose": "np.transpose"}
ALONE = 9
STRENGTH = {"+": 2, "-": 2, "*": 3, "/": 3, "@": 3, "**": 5}

ERF = '''def erf(z):
    """The error function, entry by entry."""
    return np.vectorize(math.erf, otypes=[z.dtype])(z)'''


class Writer:
    """Write formulas, and remember which functions they need.

    Parameters
    ----------
    header : Header
    dictionaries : bool
        Whether what has a layer is kept as ``W[l]``, else as ``W1``.
    """

    def __init__(self, header: Header, *, dictionaries: bool) -> None:
        self.header, self.dictionaries = header, dictionaries
        self.functions: set[str] = set()
        self.imports: set[str] = set()

    def definitions(self) -> list[str]:
        """Return the functions that are no activation."""
        return [ERF] if "erf" in self.functions else []

    def plain(self, name: str) -> str:
        """Return a name that nothing else in the file has."""
        clash = name in TAKEN or iskeyword(name) or name in self.functions
        return f"{name}_" if clash else name

    def curve(self, name: str) -> str:
        """Return the name of an activation or its derivative, and remember it."""
        hidden = self.header.hidden
        name = {"g": hidden, "g_prime": f"{hidden}_prime"}.get(name, name)
        name = "sigmoid" if name == "softplus_prime" else name
        self.functions.add(name)
        return name

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
                left, right = self._bracketed(node.left, 2), self._bracketed(node.right, 2)
                return f"({left} {node.operator} {right}).astype(dtype)", ALONE
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
            return self.plain(node.base)
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

    def _bracketed(self, node: Node, least: int) -> str:
        text, strength = self._show(node)
        return text if strength >= least else f"({text})"

    def _call(self, node: Call) -> str:
        inside = ", ".join(self.show(argument) for argument in node.arguments)
        name = node.function
        if name in ("sum", "mean"):
            axis = "" if node.axis is None else f", axis={node.axis}"
            return f"np.{name}({inside}{axis}, keepdims=True)"
        if name in PLAIN:
            return f"{PLAIN[name]}({inside})"
        if name in ("ones", "zeros"):
            return f"np.{name}(({inside}{', 1' if len(node.arguments) == 1 else ''}), dtype)"
        if name == "norm":
            return f"np.sqrt(np.sum(({inside}) ** 2))"
        if name == "diag":
            return f"np.diag(np.ravel({inside}))"
        if name == "erf":
            self.functions.add("erf")
            self.imports.add("import math")
            return f"erf({inside})"
        if name == "softmax":
            return self._softmax(node)
        return f"{self.curve(name)}({inside})"

    def _softmax(self, node: Call) -> str:
        """Softmax runs down the columns; rows are turned for it and back."""
        (argument,) = node.arguments
        units = (1 if self.header.rows else 0) if node.axis is None else node.axis
        self.functions.add("softmax")
        turned = f"softmax({self._bracketed(argument, 6)}.T).T"
        return turned if units else f"softmax({self.show(argument)})"
