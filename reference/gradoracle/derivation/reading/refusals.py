"""What is told of a formula that is not read: what stands there, and how it is written here."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterable

from gradoracle.derivation.reading.numpy_calls import LIBRARIES
from gradoracle.derivation.reading.vocabulary import ALIASES, FUNCTIONS

# what a reader of NumPy writes, and what is written here; `numpy_calls` has what is read as it is
PRODUCTS = {
    **dict.fromkeys(("dot", "matmul", "mm"), "write @ for the matrix product: A @ B"),
    **dict.fromkeys(("multiply", "mul"), "write * for the elementwise product: A * B"),
}
MEANT = {"f": "write g for the activation, or its name: g(Z1), tanh(Z1)"}
NOT_READ = {
    ast.FloorDiv: ("//", "// is not read; write /"),
    ast.Mod: ("%", "% is not read; a comment begins with #"),
}
KINDS: dict[type[ast.expr], str] = {
    ast.Lambda: "a lambda",
    ast.ListComp: "a comprehension",
    ast.GeneratorExp: "a comprehension",
    ast.SetComp: "a comprehension",
    ast.DictComp: "a comprehension",
    ast.JoinedStr: "a string",
    ast.Await: "await",
    ast.Starred: "*",
    ast.NamedExpr: ":=",
    ast.IfExp: "if ... else",
    ast.BoolOp: "and, or",
}


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name that another is a misspelling of; empty if there is none.

    >>> nearest("sigmiod", FUNCTIONS), nearest("eval", FUNCTIONS)
    ('sigmoid', '')
    """
    near = difflib.get_close_matches(name[:40].lower(), list(known), 1, 0.7)
    return near[0] if near else ""


def hint(error: SyntaxError) -> str:
    """Return the mend for what is no Python expression."""
    message = (error.msg or "").replace("Perhaps you forgot a comma?", "").strip(" .")
    return f"an operator is missing or a bracket is open ({message}); @ is the matrix product"


def kind(node: ast.expr) -> str:
    """Return what a part of Python is called that has no place in a formula."""
    if isinstance(node, ast.Constant):
        return "a string" if isinstance(node.value, (str, bytes)) else repr(node.value)[:20]
    return KINDS.get(type(node), type(node).__name__.lower())


def unknown_call(function: ast.expr) -> tuple[str, str]:
    """Return what is called that is no function here, and how it is written here."""
    known = f"known functions: {', '.join(sorted(FUNCTIONS))}"
    match function:
        case ast.Name(id=name):
            got, bare, mend = name, name, known
        case ast.Attribute(value=ast.Name(id=library), attr=name) if library in LIBRARIES:
            got, bare, mend = f"{library}.{name}", name, f"leave {library}. out: {name}(...)"
        case ast.Attribute(attr=name):
            got, bare, mend = f".{name}", name, f"the matrix stands in the brackets: {name}(...)"
        case _:
            return "a call of a formula", known
    if bare not in FUNCTIONS and bare not in ALIASES:
        near = nearest(bare, FUNCTIONS)
        mend = PRODUCTS.get(bare) or MEANT.get(bare) or (f"did you mean {near}?" if near else known)
    return f"{got[:40]}(...)", mend
