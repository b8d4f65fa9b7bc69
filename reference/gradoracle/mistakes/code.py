"""A known mistake as a file to hand out: NumPy alone, and wrong in one place.

The file is made of the lines of `steps`, `activations`, `losses` and of the mistake itself; there
is no second copy of the pass. It is called as ``gradoracle check FILE:net``, and runs without.
"""

from __future__ import annotations

import ast
import textwrap
from functools import cache
from types import FunctionType

from gradoracle import activations, losses
from gradoracle.errors import InputError
from gradoracle.mistakes import steps
from gradoracle.mistakes.bundle import Bundle, closure_of, define, node_of
from gradoracle.mistakes.mistake import Mistake
from gradoracle.mistakes.steps import RIGHT, STEPS

ARGUMENTS = ("r", "layer")

PARTS = {  # in the order in which they are read
    "ACTIVATIONS": activations,
    "LOSSES": losses,
    "Run": steps,
}

ABOUT = {
    "X": ("inputs", "X as the pass sees it."),
    "Y": ("labels", "Y as the pass sees it."),
    "Z": ("linear", "Z^[l]."),
    "A": ("activation", "A^[l]."),
    "J": ("objective", "J."),
    "dA_out": ("output_cotangent", "dA^[L]."),
    "dZ_out": ("output_delta", "dZ^[L]."),
    "dW": ("weight_gradient", "dW^[l]."),
    "db": ("bias_gradient", "db^[l]."),
    "dA": ("input_cotangent", "dA^[l-1]."),
    "dZ": ("delta", "dZ^[l] of a hidden layer."),
}

TITLE = "A network by hand in NumPy, one example per column: gradoracle check FILE:net."

DEMONSTRATION = """
if __name__ == "__main__":  # a small network, to see it run
    random = np.random.default_rng(0)
    sizes, activations = (3, 4, 2), ("tanh", "sigmoid")
    example = SimpleNamespace(
        W={l: random.normal(size=(sizes[l], sizes[l - 1])) for l in (1, 2)},
        b={l: random.normal(size=(sizes[l], 1)) for l in (1, 2)},
        X=random.normal(size=(3, 5)),
        Y=random.integers(0, 2, size=(2, 5)).astype(float),
        L=2, n=5, N=5, dtype=np.dtype(float),
        network=SimpleNamespace(
            sizes=sizes, activations=activations, loss="binary_cross_entropy",
            reduction="mean", l2=0.0,
        ),
        activation=lambda layer: activations[layer - 1],
    )
    for name, array in net(example).items():
        print(name, array.shape, array.ravel()[:3])
"""

MARK = "here is the mistake"


def stand_alone(mistake: Mistake | None, layer: int = 0, *, reveal: bool = False) -> str:
    """Return a Python file, NumPy alone, with one mistake in it.

    Parameters
    ----------
    mistake : Mistake or None
        None for the right pass.
    layer : int
        Where it is made: l, or -1, -2, ... from the output; 0 is wherever it can be made.
    reveal : bool
        Whether a comment stands at the mistake; teachers hand the file out without.

    Returns
    -------
    str
        Its ``net`` takes a case and returns the whole trace. Cases in which the mistake cannot be
        made there come out right.

    Raises
    ------
    InputError
        If it cannot be made at one layer alone.
    """
    if mistake and layer and mistake.place == "the whole pass":
        raise InputError("no layer", f"layer {layer}", f"{mistake.name} is made all over the pass")
    wrong = mistake.steps if mistake else {}
    bundle, names = _beginning()
    for step in STEPS:
        # a step that is wrong in the pass may be called by another one, which means the right one
        if step not in wrong:
            bundle.let(names[step], RIGHT[step])
    bundle.inlined += [RIGHT[step] for step in wrong]
    for step in STEPS:
        body = bundle.body(_function(RIGHT[step]), ARGUMENTS)
        if mistake and step in wrong:
            body = _replaced(bundle, mistake, step, layer, body)
        about = ast.Expr(ast.Constant(ABOUT[step][1]))
        bundle.put(names[step], define(names[step], ARGUMENTS, [about, *body]))
    _put_pass(bundle, names)
    return _text(bundle, mistake, reveal=reveal)


def _beginning() -> tuple[Bundle, dict[str, str]]:
    """Return a bundle with what all files begin with, and the names of the steps."""
    bundle, names = _same_for_all()
    return bundle.copy(), names


@cache
def _same_for_all() -> tuple[Bundle, dict[str, str]]:
    bundle = Bundle()
    names = {step: bundle.reserve(ABOUT[step][0]) for step in STEPS}
    for name, module in PARTS.items():
        bundle.refer(name, getattr(module, name), module.__name__)
    return bundle, names


def _replaced(
    bundle: Bundle, mistake: Mistake, step: str, layer: int, usual: list[ast.stmt]
) -> list[ast.stmt]:
    """Return the statements of a wrong step; where it is not made, those of the usual one."""
    mark = ast.Expr(ast.Constant(MARK))
    body = [mark, *bundle.body(_function(mistake.steps[step]), ARGUMENTS)]
    at = _layer_at(mistake.place, step)
    tests = [ast.parse(text, mode="eval").body for text in _places(mistake.place, step, at, layer)]
    if mistake.applies is not Mistake.applies:
        whole = mistake.place == "the whole pass"
        tests += _conditions(bundle, mistake.applies, "0" if whole else at)
    if not tests:
        return body
    test = tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests)
    return [ast.If(test, body, []), *usual]


def _layer_at(place: str, step: str) -> str:
    """Return what to call the layer of a mistake in a step: X and Y are given none."""
    if step in ("X", "Y"):
        return "1" if place == "the input" else "r.L"
    return "layer"


def _places(place: str, step: str, at: str, layer: int) -> list[str]:
    """Return the tests of where in the pass a step is wrong."""
    tests = []
    if layer:
        which = str(layer) if layer > 0 else f"r.L - {-1 - layer}".removesuffix(" - 0")
        tests.append(f"{at} == {which}")
    if place == "hidden layers" and step != "dZ":
        tests.append(f"{at} < r.L")
    if place == "the output":
        tests.append(f"{at} == r.L")
    if place == "the input":
        tests.append(f"{at} == 1")
    known = ["r.L == r.L", "1 == 1"]
    known += ["layer == r.L"] if step in ("J", "dA_out", "dZ_out") else []
    return [test for test in dict.fromkeys(tests) if test not in known]


def _conditions(bundle: Bundle, applies: object, at: str) -> list[ast.expr]:
    """Return the tests of whether a mistake can be made in a case; several, if it says so."""
    function = _function(applies)
    several = closure_of(function).get("conditions")
    if isinstance(several, tuple):
        return [test for one in several for test in _conditions(bundle, one, at)]
    value = bundle.expression(function, ("r.case", at))
    if value is None:
        called = bundle.refer(function.__name__, function, function.__module__)
        value = ast.Call(called, [ast.parse(t, mode="eval").body for t in ("r.case", at)], [])
    return [value]


def _put_pass(bundle: Bundle, names: dict[str, str]) -> None:
    """Define ``net``: the pass, calling its steps by their names."""
    bundle.reserve("net")
    whole = _function(steps.run)
    tree = _Cut().visit(node_of(whole))
    statements = bundle.resolved(tree, whole, ("case", "wrong", "kept"))
    uses_state = any(
        isinstance(node, ast.Attribute) and node.attr == "kept"
        for statement in bundle.statements()
        for node in ast.walk(statement)
    )
    if not uses_state:
        bundle.drop_field("Run", "kept")
    plain = [_Plain(names, uses_state).visit(s) for s in statements]
    about = ast.Expr(ast.Constant("Return the trace of a case: forward, J, backward."))
    bundle.put("net", define("net", ("case",), [about, *plain]))


class _Cut(ast.NodeTransformer):
    """Take out of the pass the means to replace its steps."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST | None:
        return None if node.name == "step" else self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        target = node.targets[0]
        return None if isinstance(target, ast.Name) and target.id == "replaced" else node


class _Plain(ast.NodeTransformer):
    """Call the steps of the pass by their names."""

    def __init__(self, names: dict[str, str], uses_state: bool) -> None:
        self.names, self.uses_state = names, uses_state

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "step":
            name = ast.literal_eval(node.args[0])
            return ast.Call(ast.Name(self.names[name]), [ast.Name("r"), node.args[1]], [])
        if isinstance(node.func, ast.Name) and node.func.id == "Run":
            return ast.Call(node.func, [node.args[0], *[ast.Name("KEPT")] * self.uses_state], [])
        return node


def _text(bundle: Bundle, mistake: Mistake | None, *, reveal: bool) -> str:
    title = TITLE
    if reveal and mistake:
        title += "\n\n" + textwrap.fill(f"{mistake.name}: {mistake.symptom}", 92)
    bundle.imports.add("from types import SimpleNamespace")
    code = bundle.text()
    if "KEPT" in code:
        code = code.replace("\n\n\n", "\n\nKEPT = {}\n\n\n", 1)
    lines = []
    for line in code.splitlines():
        if line.strip() != repr(MARK):
            lines.append(line)
        elif reveal and mistake:
            lines.append(line.replace(repr(MARK), f"# wrong: {mistake.symptom}"))
    return f'"""{title}\n"""\n\n' + "\n".join(lines) + "\n\n" + DEMONSTRATION


def _function(step: object) -> FunctionType:
    if not isinstance(step, FunctionType):
        raise TypeError(f"a step is a function whose source can be read, not {step!r}")
    return step
