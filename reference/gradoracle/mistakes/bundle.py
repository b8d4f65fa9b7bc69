"""Functions with everything they need, written out as one file that stands alone.

A function is found in the source of its module; what it refers to follows, whichever module it is
in: functions, classes, constants, tables. What is no part of gradoracle is imported. Annotations
and comments are dropped, docstrings are cut to their first paragraph, and what a closure holds is
put in its place. So a file to hand out is made of the very lines that were tested.
"""

from __future__ import annotations

import ast
import builtins
import copy
import inspect
import sys
import textwrap
from collections.abc import Mapping
from functools import cache, lru_cache
from types import FunctionType, ModuleType
from typing import Any

PACKAGE = "gradoracle"
PLAIN_ROW = "SimpleNamespace"
WIDE = 100
FIELDS = {"Activation": ("value", "prime"), "Loss": ("terms", "cotangent", "output")}
PLAIN = {"Array": "np.ndarray", "Case": "object", "Any": "object"}


class Bundle:
    """Definitions under names of their own, in the order in which they were asked for.

    Attributes
    ----------
    imports : set of str
        Lines.
    definitions : dict of str to list of ast.stmt
        By the name in the file; several statements may stand under one.
    inlined : list of functions
        Whose value is put where they are called with the arguments of the caller, if it is one
        expression.
    """

    def __init__(self) -> None:
        self.imports: set[str] = set()
        self.definitions: dict[str, list[ast.stmt]] = {}
        self._named: dict[int, str] = {}
        self._held: list[object] = []  # what has a name is kept alive, or its id means nothing
        self.inlined: list[object] = []

    def reserve(self, name: str, value: object = None) -> str:
        """Return a name that nothing else has yet, and let it stand for a value."""
        taken, free, count = {*self._named.values(), *self.definitions}, name, 2
        while free in taken:
            free, count = f"{name}_{count}", count + 1
        self.definitions[free] = []
        if value is not None:
            self.let(free, value)
        return free

    def let(self, name: str, value: object) -> None:
        """Let a name that was reserved stand for a value."""
        self._named[id(value)] = name
        self._held.append(value)

    def copy(self) -> Bundle:
        """Return another one with the same definitions, to go on with."""
        other = Bundle()
        other.imports |= self.imports
        other.definitions |= self.definitions
        other._named |= self._named
        other._held += self._held
        return other

    def body(self, function: FunctionType, arguments: tuple[str, ...]) -> list[ast.stmt]:
        """Return the statements of a function, of which all it refers to is defined here.

        The arguments may be any expressions.
        """
        return self.resolved(node_of(function), function, arguments)

    def resolved(
        self,
        node: ast.FunctionDef | ast.Lambda,
        function: FunctionType,
        arguments: tuple[str, ...],
    ) -> list[ast.stmt]:
        """Return the same of a syntax tree that was changed."""
        given = [argument.arg for argument in node.args.args]
        renamed = {old: _parsed(new) for old, new in zip(given, arguments, strict=True)}
        plain = (
            [ast.Return(node.body)] if isinstance(node, ast.Lambda) else _undocumented(node.body)
        )
        resolve = _Resolve(self, function.__globals__, closure_of(function), renamed)
        whole = ast.Module([_Local().visit(statement) for statement in plain], [])
        return list(resolve.resolve(whole).body)

    def expression(self, function: FunctionType, arguments: tuple[str, ...]) -> ast.expr | None:
        """Return the value of a function as one expression, if it is no more than that."""
        node = node_of(function)
        plain = (
            [ast.Return(node.body)] if isinstance(node, ast.Lambda) else _undocumented(node.body)
        )
        if len(plain) != 1 or not isinstance(plain[0], ast.Return):
            return None
        value = self.body(function, arguments)[0]
        return value.value if isinstance(value, ast.Return) else None

    def refer(self, name: str, value: object, module: str) -> ast.expr:
        """Return an expression for a value that some module calls by a name, and define it."""
        if id(value) in self._named:
            return _name(self._named[id(value)])
        if isinstance(value, ModuleType):
            short = name if name == value.__name__ else f"{value.__name__} as {name}"
            self.imports.add(f"import {short}")
            return _name(name)
        if isinstance(value, FunctionType | type):
            if value.__module__.split(".")[0] != PACKAGE:
                self.imports.add(f"from {value.__module__} import {value.__name__}")
                return _name(value.__name__)
            return self._function(value) if isinstance(value, FunctionType) else self._class(value)
        if isinstance(value, tuple) and any(callable(item) for item in value):
            return ast.Tuple([self.refer(name, item, module) for item in value], ast.Load())
        expression, home = _assigned(name, module)
        if expression is None:
            return _constant(value)
        free = self.reserve(name, value)
        expression = _PlainRows().visit(expression)
        if any(isinstance(n, ast.Name) and n.id == PLAIN_ROW for n in ast.walk(expression)):
            self.imports.add("from types import SimpleNamespace")
        resolve = _Resolve(self, vars(sys.modules[home]), {}, {})
        self.put(free, ast.Assign([_name(free, ast.Store())], resolve.resolve(expression)))
        return _name(free)

    def text(self) -> str:
        """Return everything that was asked for: imports, numbers, and what is made of them."""
        whole = sorted(line for line in self.imports if line.startswith("import "))
        numpy = [line for line in whole if "numpy" in line]
        parts: dict[str, list[str]] = {}
        for line in sorted(self.imports - set(whole)):
            module, name = line.removeprefix("from ").split(" import ")
            parts.setdefault(module, []).append(name)
        standard = [line for line in whole if line not in numpy]
        standard += [f"from {module} import {', '.join(names)}" for module, names in parts.items()]
        numbers = [s for s in self.statements() if isinstance(s, ast.Assign) and not _is_table(s)]
        blocks = [["from __future__ import annotations"], standard, numpy, map(unparse, numbers)]
        head = "\n\n".join(filter(None, ("\n".join(block) for block in blocks)))
        rest = [unparse(s) for s in self.statements() if s not in numbers]
        return "\n\n\n".join([head, *rest])

    def statements(self) -> list[ast.stmt]:
        """Return all that is defined."""
        return [s for several in self.definitions.values() for s in several]

    def drop_field(self, kind: str, name: str) -> None:
        """Take a field out of a class."""
        (node,) = self.definitions[kind]
        assert isinstance(node, ast.ClassDef)  # noqa: S101 - for mypy
        body = [s for s in node.body if ast.unparse(getattr(s, "target", s)) != name]
        other = copy.copy(node)
        other.body = body
        self.definitions[kind] = [other]

    def put(self, name: str, statement: ast.stmt) -> None:
        """Define a name that was reserved."""
        del self.definitions[name]  # after what it needs
        self.definitions[name] = [ast.fix_missing_locations(statement)]

    def _function(self, function: FunctionType) -> ast.expr:
        node = node_of(function)
        simple = "step" if isinstance(node, ast.Lambda) else node.name
        free = self.reserve(simple, function)
        arguments = tuple(argument.arg for argument in node.args.args)
        documented = [] if isinstance(node, ast.Lambda) else first_paragraph(node)
        body = [*documented, *self.body(function, arguments)]
        self.put(free, define(free, arguments, body))
        return _name(free)

    def _class(self, kind: type) -> ast.expr:
        free = self.reserve(kind.__name__, kind)
        node = _top_level(kind.__module__, kind.__name__)
        assert isinstance(node, ast.ClassDef)  # noqa: S101 - for mypy
        node = _Unannotated().visit(node)
        node.body = [*first_paragraph(node), *_undocumented(node.body)]
        resolve = _Resolve(self, vars(sys.modules[kind.__module__]), {}, {})
        self.put(free, resolve.resolve(node))
        return _name(free)


def define(name: str, arguments: tuple[str, ...], body: list[ast.stmt]) -> ast.FunctionDef:
    """Return a function without annotations."""
    given = ast.arguments(
        posonlyargs=[], args=[ast.arg(a) for a in arguments], kwonlyargs=[], kw_defaults=[],
        defaults=[],
    )  # fmt: skip
    made = ast.FunctionDef(name=name, args=given, body=body, decorator_list=[])
    if sys.version_info >= (3, 12):
        made.type_params = []
    return ast.fix_missing_locations(made)


@lru_cache(maxsize=512)
def unparse(statement: ast.stmt) -> str:
    """Return the text of a statement; a table has a row a line, or more where they are long."""
    if not (isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Dict)):
        return "\n".join(map(_folded, ast.unparse(statement).splitlines()))
    rows = []
    for key, value in zip(statement.value.keys, statement.value.values, strict=True):
        row = f"    {ast.unparse(key) if key else ''}: {ast.unparse(value)},"
        if len(row) > WIDE and isinstance(value, ast.Call):
            fields = "".join(f"        {ast.unparse(k)},\n" for k in value.keywords)
            row = f"    {ast.unparse(key) if key else ''}: {PLAIN_ROW}(\n{fields}    ),"
        rows.append(row)
    return "\n".join([f"{ast.unparse(statement.targets[0])} = {{", *rows, "}"])


def _folded(line: str) -> str:
    """Return a long condition on several lines."""
    bare = line.lstrip()
    if len(line) <= WIDE or not bare.startswith("if "):
        return line
    indent = line[: len(line) - len(bare)] + " " * 4
    condition = bare[3:-1].replace(" and ", f"\n{indent}and ")
    return f"{line[: len(line) - len(bare)]}if ({condition}):"


@cache
def _module(name: str) -> ast.Module:
    return ast.parse(inspect.getsource(sys.modules[name]))


@cache
def _functions(module: str) -> list[ast.FunctionDef | ast.Lambda]:
    kinds = (ast.FunctionDef, ast.Lambda)
    return [node for node in ast.walk(_module(module)) if isinstance(node, kinds)]


def node_of(function: FunctionType) -> ast.FunctionDef | ast.Lambda:
    """Return the syntax tree of a function or lambda, annotations dropped."""
    code, found = function.__code__, []
    for node in _functions(function.__module__):
        if isinstance(node, ast.FunctionDef) and node.name == code.co_name:
            if min([node.lineno, *(d.lineno for d in node.decorator_list)]) == code.co_firstlineno:
                return _Unannotated().visit(copy.deepcopy(node))  # type: ignore[no-any-return]
        elif isinstance(node, ast.Lambda) and code.co_name == "<lambda>" and _is(node, function):
            found.append(node)
    if not found:
        raise LookupError(f"no source of {function.__qualname__}")
    return copy.deepcopy(found[-1])  # the innermost, the walk goes inwards


def first_paragraph(node: ast.FunctionDef | ast.ClassDef) -> list[ast.stmt]:
    """Return the docstring cut to its first paragraph, as a statement; nothing without one."""
    text = ast.get_docstring(node)
    if not text:
        return []
    line = " ".join(text.split("\n\n")[0].split())
    return [ast.Expr(ast.Constant(textwrap.fill(line, 92, subsequent_indent="    ")))]


def _is(node: ast.Lambda, function: FunctionType) -> bool:
    """Whether a lambda of the source is this one: the same lines, and the same columns."""
    if node.lineno != function.__code__.co_firstlineno:
        return False
    spots = [s for s in function.__code__.co_positions() if s[0] is not None and s[2] is not None]
    inside = [(line, column) for line, _, column, _ in spots if column]  # 0 is the prologue's
    start = (node.body.lineno, node.body.col_offset)
    end = (node.body.end_lineno, node.body.end_col_offset)
    return bool(inside) and all(start <= spot <= end for spot in inside)


def closure_of(function: FunctionType) -> dict[str, object]:
    """Return what a function holds of the function it was made in."""
    cells = function.__closure__ or ()
    names = function.__code__.co_freevars
    return {name: cell.cell_contents for name, cell in zip(names, cells, strict=True)}


def _undocumented(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return body[1:] if documented else body


def _top_level(module: str, name: str) -> ast.stmt:
    for node in _module(module).body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return copy.deepcopy(node)
    raise LookupError(f"no source of {module}.{name}")


def _assigned(name: str, module: str) -> tuple[ast.expr | None, str]:
    """Return what a module assigns to a name, and the module: where it was imported from."""
    for node in _module(module).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return copy.deepcopy(node.value), module  # type: ignore[attr-defined]
        if isinstance(node, ast.ImportFrom) and node.module and node.module in sys.modules:
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return _assigned(alias.name, node.module)
    return None, module


def _constant(value: object) -> ast.expr:
    return _parsed(repr(value))


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _name(name: str, context: ast.expr_context | None = None) -> ast.Name:
    return ast.Name(name, context or ast.Load())


def _is_table(statement: ast.Assign) -> bool:
    return isinstance(statement.value, ast.Dict) and bool(statement.value.keys)


class _Unannotated(ast.NodeTransformer):
    """Drop annotations; those of a dataclass's fields are made plain."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.returns = None
        for argument in [*node.args.args, *node.args.kwonlyargs]:
            argument.annotation = None
        self.generic_visit(node)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        for part in ast.walk(node.annotation):
            if isinstance(part, ast.Name):
                part.id = PLAIN.get(part.id, part.id)
        return node


class _Local(_Unannotated):
    """Turn the annotated variables of a function into plain ones."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        return ast.Assign([node.target], node.value) if node.value else ast.Pass()


class _PlainRows(ast.NodeTransformer):
    """Make the rows of a table plain objects with the fields that the pass needs."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        kind = node.func.id if isinstance(node.func, ast.Name) else ""
        if kind not in FIELDS:
            return node
        first = [name for name in FIELDS[kind] if name != "output"]  # which is given by its name
        given = dict(zip(first, node.args, strict=False))
        given |= {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        given = {"output": ast.Constant(None), **given} if "output" in FIELDS[kind] else given
        kept = [ast.keyword(name, given[name]) for name in FIELDS[kind] if name in given]
        return ast.Call(_name(PLAIN_ROW), [], kept)


class _Resolve(ast.NodeTransformer):
    """Replace names that are global, or that a closure holds, by those of the bundle."""

    def __init__(
        self,
        bundle: Bundle,
        home: Mapping[str, Any],
        closure: Mapping[str, object],
        renamed: Mapping[str, ast.expr],
    ) -> None:
        self.bundle, self.home, self.closure, self.renamed = bundle, home, closure, renamed
        self.local: set[str] = set()

    def resolve(self, node: Any) -> Any:
        """Return a tree in which every name is one of its own or of the bundle."""
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
                self.local.add(part.id)
            elif isinstance(part, ast.arg):
                self.local.add(part.arg)
            elif isinstance(part, ast.FunctionDef | ast.ClassDef):
                self.local.add(part.name)
        return self.visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        called = self.closure.get(name, self.home.get(name))
        self._visit_arguments(node)
        inline = name in self.closure or any(called is one for one in self.bundle.inlined)
        if isinstance(called, FunctionType) and inline and not node.keywords:
            value = self.bundle.expression(called, tuple(map(ast.unparse, node.args)))
            if value is not None:
                return value
        node.func = self.visit(node.func)
        return node

    def _visit_arguments(self, node: ast.Call) -> None:
        node.args = [self.visit(argument) for argument in node.args]
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.renamed:
            return self.renamed[node.id]
        if node.id in self.closure:
            return self._held(self.closure[node.id])
        if node.id in self.local or node.id not in self.home or hasattr(builtins, node.id):
            return node
        return self.bundle.refer(node.id, self.home[node.id], self.home["__name__"])

    def _held(self, value: object) -> ast.expr:
        if isinstance(value, FunctionType) or (isinstance(value, tuple) and value):
            items = value if isinstance(value, tuple) else (value,)
            if all(callable(item) for item in items):
                return self.bundle.refer("step", value, str(self.home["__name__"]))
        return _constant(value)
