"""What a reader of NumPy writes, as what it is: `np.dot(W1, X)` is a matrix product.

Nothing of these libraries is called or looked up: the names are those of the tables alone.
"""

from __future__ import annotations

import ast
from fractions import Fraction

from gradoracle.derivation.reading.nodes import Binary, Node, Number

LIBRARIES = ("np", "numpy", "jnp", "torch", "tf", "math")
OPERATIONS = {
    **dict.fromkeys(("dot", "matmul"), "@"),
    "multiply": "*",
    "divide": "/",
    "power": "**",
    "square": "**",
}
SAME = (  # they are called so here, too
    *("sum", "mean", "exp", "log", "tanh", "sqrt", "abs", "maximum", "minimum", "where"),
    *("transpose", "outer", "diag", "ones", "zeros", "sigmoid", "relu", "softmax"),
)
METHODS = ("dot", "sum", "mean")
CALLED = (*OPERATIONS, *SAME)


def called(function: ast.expr) -> tuple[str, ast.expr | None]:
    """Return which function of a library is called, and on what, if it is a method.

    >>> called(ast.parse("np.linalg.norm", mode="eval").body)
    ('norm', None)
    >>> called(ast.parse("os.system", mode="eval").body)
    ('', None)
    """
    match function:
        case ast.Attribute(value=ast.Name(id=library), attr=name) if library in LIBRARIES:
            return (name if name in CALLED else ""), None
        case ast.Attribute(
            value=ast.Attribute(value=ast.Name(id=library), attr="linalg"), attr="norm"
        ) if library in LIBRARIES:
            return "norm", None
        case ast.Attribute(value=owner, attr=name) if name in METHODS:
            return name, owner
    return "", None


def operands(name: str) -> int:
    """Return how many operands an operation takes as a function."""
    return 1 if name == "square" else 2


def operation(at: int, name: str, operands: list[Node]) -> Binary:
    """Return the operation that a function is."""
    left, *rest = operands
    right = rest[0] if rest else Number(at, Fraction(2))  # np.square
    return Binary(at, OPERATIONS[name], left, right)
