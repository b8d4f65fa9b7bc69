"""The words of a formula: its operators, its functions, and the names that have a layer."""

from __future__ import annotations

import ast
import re

OPERATORS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.MatMult: "@",
    ast.Gt: ">",
    ast.Lt: "<",
    ast.GtE: ">=",
    ast.LtE: "<=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}

CURVES = (
    "identity",
    "sigmoid",
    "tanh",
    "relu",
    "leaky_relu",
    "softplus",
    "elu",
    "gelu",
    "silu",
    "g",
)

# name: how many arguments (least, most), and whether an axis may be named
FUNCTIONS: dict[str, tuple[int, int, bool]] = {
    **dict.fromkeys(("exp", "log", "sqrt", "abs", "erf"), (1, 1, False)),
    **dict.fromkeys(CURVES, (1, 1, False)),
    **dict.fromkeys((f"{name}_prime" for name in CURVES), (1, 1, False)),
    "softmax": (1, 1, True),
    "sum": (1, 2, True),
    "mean": (1, 2, True),
    "maximum": (2, 2, False),
    "minimum": (2, 2, False),
    "where": (3, 3, False),
    "transpose": (1, 1, False),
    "diag": (1, 1, False),
    "outer": (2, 2, False),
    "ones": (1, 2, False),
    "zeros": (1, 2, False),
    "norm": (1, 1, False),
}
ALIASES = {"σ": "sigmoid", "ln": "log", "max": "maximum", "min": "minimum"}  # noqa: RUF001
OF_A_LAYER = ("g", "g_prime")

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
NUMBERED = re.compile(r"(d?[WbZAn])_?([0-9]{1,3}|L)")  # W1, dZ_2, AL
LAYERED = re.compile(r"(g)_?([0-9]{1,3})((?:_prime)?)")  # g2(Z2), g2_prime(Z2)
