"""A checked derivation as a NumPy function that `gradoracle check` runs.

Its lines are the text's own, with exceptions that no derivation on paper has to think of: an
activation, J and the output delta of a cross-entropy are evaluated in the form that keeps its
digits for every z. The text's formula then stands behind it as a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from types import FunctionType

from gradoracle import activations, losses
from gradoracle.derivation import syntax
from gradoracle.derivation.definition import divisor, forward_text
from gradoracle.derivation.numpy_text import Writer
from gradoracle.derivation.source import Line
from gradoracle.derivation.syntax import Call, Name, Node, constant, names
from gradoracle.derivation.verdicts import Checked
from gradoracle.errors import InputError
from gradoracle.losses import LOSSES
from gradoracle.mistakes.bundle import Bundle


def numpy_code(checked: Checked) -> str:
    """Return a Python file with the derivation as a function of a case.

    Parameters
    ----------
    checked : Checked
        All of whose lines are right, and whose header names the network and the loss.

    Returns
    -------
    str
        ``net(case)``, with what it supports: ``gradoracle check FILE`` takes it as it is.

    Raises
    ------
    InputError
        If a line is wrong, or dW, db or the forward pass are missing.
    """
    if not checked.ok:
        first = checked.first
        got = f"line {first.line.number}: {first.verdict}" if first else "lines that are not"
        raise InputError("a derivation whose lines are all right", got, "mend it first")
    if not (checked.header.network and checked.header.loss):
        raise InputError(
            "a network with a loss in the header", "none", "network: ..., loss squared_error"
        )
    return _File(checked).text()


class _File:
    """The file while it is put together."""

    def __init__(self, checked: Checked) -> None:
        self.checked, self.header = checked, checked.header
        self.lines = [
            verdict.line
            for verdict in checked.lines
            if verdict.line.side == 0 and verdict.line.target.base not in ("W", "b")
        ]
        self.loops = any(line.loop for line in self.lines) or not self.header.layers
        self.writer = Writer(self.header, dictionaries=self.loops)
        self.done: set[str] = set()

    def text(self) -> str:
        """Return the whole file."""
        body = list(self._body())
        bundle = Bundle()
        for name in sorted(self.writer.functions):
            function = getattr(activations, name, None) or getattr(losses, name, None)
            if isinstance(function, FunctionType):
                bundle.refer(name, function, function.__module__)
        bundle.imports |= {"import numpy as np", *self.writer.imports}
        title = self.header.title or self.checked.name
        about = "".join(c for c in title if c.isprintable() and c not in '"\\')
        body = _without_unused([*body, *self._returned()])
        lines = [*self._inputs("\n".join(body)), *body]
        return "\n\n\n".join(
            [
                f'"""{about}: checked line by line. gradoracle check FILE runs it."""\n\n'
                + bundle.text().strip(),
                *self.writer.definitions(),
                "def net(case):\n"
                '    """Return the trace of a case, one example a column."""\n'
                + "\n".join(f"    {line}" for line in lines),
                self._supports(),
                "net.supports = supports\ncandidate = net  # what gradoracle check takes\n",
            ]
        )

    def _inputs(self, body: str) -> Iterator[str]:
        """Yield the lines that give the case's arrays the names and layout of the text."""
        turned = ".T" if self.header.rows else ""
        weights = "" if self.header.out_by_in else ".T"
        yield f"X, Y, n = case.X{turned}, case.Y{turned}, case.n"
        if self.loops:
            yield "L = case.L"
            yield f"W = {{layer: w{weights} for layer, w in case.W.items()}}"
            yield f"b = {{layer: v{turned} for layer, v in case.b.items()}}"
            bases = {line.target.base for line in self.lines if line.target.index is not None}
            bases |= {name.base for line in self.lines for name in self._indexed(line.formula)}
            for base in sorted(bases - {"W", "b", "n"}):
                yield f"{base} = " + ("{0: X}" if base == "A" else "{}")
        else:
            for layer in range(1, self.header.layers + 1):
                yield f"W{layer}, b{layer} = case.W[{layer}]{weights}, case.b[{layer}]{turned}"
        own = {line.target.base for line in self.lines}
        for name in ("m", "N"):  # what is often meant by them
            yield from [f"{name} = n"] if name not in own and _word(name, body) else []
        yield from ["C = Y"] if "C" in body and self.header.loss == "linear" else []
        yield from ["lam = case.network.l2"] if "lam" in body else []
        yield from ["sizes = case.network.sizes"] if "sizes[" in body else []
        yield from ["dtype = case.dtype"] if "dtype" in body else []

    @staticmethod
    def _indexed(node: Node) -> list[Name]:
        return [name for name in names(node) if name.index is not None]

    def _body(self) -> Iterator[str]:
        """Yield the lines of the text, and what of the forward pass it leaves to its definition."""
        if self.loops and not {"Z", "A"} <= {line.target.base for line in self.lines}:
            raise InputError("lines for Z[l] and A[l]", "none", "a loop over the layers forward")
        for loop, group in groupby(self.lines, key=lambda line: line.loop):
            if loop is not None:
                bounds = ", ".join(self.writer.index(bound) for bound in loop.bounds)
                yield f"for {self.writer.plain(loop.name)} in range({bounds}):"
            for line in group:
                if not self.loops:
                    yield from self._before(line.formula)
                yield from ("    " * (loop is not None) + text for text in self._line(line))
                self.done.add(self._key(line.target))
        if "J" not in self.done:
            yield from () if self.loops else self._before(self._J_needs())
            yield f"J = {self._J()}"

    def _key(self, name: Name) -> str:
        """Return the name in the trace: that of what a name is tied to."""
        meaning = self.header.meaning(name)
        return syntax.show(meaning) if isinstance(meaning, Name) else syntax.show(name)

    def _before(self, formula: Node) -> Iterator[str]:
        """Yield the forward lines that a formula needs and no line has given."""
        forward = dict(forward_text(self.header, "mean", self.header.layers))
        for name in names(formula):
            key = syntax.show(name)
            if key in forward and key not in self.done and key != "J":
                self.done.add(key)
                needed = syntax.read(forward[key])
                yield from self._before(needed)
                yield f"{self.writer.show(name)} = {self.writer.show(needed)}"

    def _line(self, line: Line) -> Iterator[str]:
        """Yield one line of the text, in its stable form where it has one."""
        target = self.writer.show(line.target)
        key, stable = self._key(line.target), ""
        fused = LOSSES[self.header.loss].output is not None
        last = (str(self.header.layers), "[L]")
        uses = {name.base for name in names(line.formula)}
        if key == "J":
            stable = self._J()
        elif fused and key in [f"dA{end}" for end in last]:
            yield f"# {target} = {syntax.show(line.formula)}: not finite where A is 0 or 1"
            return
        elif fused and key in [f"dZ{end}" for end in last] and "Y" not in uses:
            stable = self._delta(line)
        elif key.startswith("A") and key not in ("A0", "A[0]"):
            stable = self._activation(line)
        formula = stable or self.writer.show(line.formula)
        if stable and stable != self.writer.show(line.formula):
            yield f"# {syntax.show(line.target)} = {syntax.show(line.formula)}, evaluated as"
        if target != formula:
            yield f"{target} = {formula}"
        if key != syntax.show(line.target) and key[0] in "ZA":
            yield f"{key} = {target}"  # other lines may need it under its name in the trace

    def _activation(self, line: Line) -> str:
        """Return g_l(Z^[l]) for a line that writes the activation out."""
        if isinstance(line.formula, Call):
            return ""
        index = line.target.index
        layer = constant(index) if index is not None else None
        if layer is not None and self.header.layers:
            curve = self.header.activation(int(layer), self.header.layers)
        else:
            last = index is not None and syntax.show(index) == "L"
            curve = self.header.activations[-1 if last else 0]
        return self.writer.show(Call(0, curve, (Name(0, "Z", index),)))

    def _delta(self, line: Line) -> str:
        """Return the output delta of a cross-entropy, in the convention of the text."""
        A = self.writer.show(Name(0, "A", line.target.index))
        per_example = self.checked.reading.convention != "plain"
        N = divisor(self.checked.reading.reduction, self.header.layers)
        return f"{A} - Y" if per_example or N == "1" else f"({A} - Y) / {self._N()}"

    def _N(self) -> str:
        return {"mean": "n", "sum": "1", "mean_all": "Y.size"}[self.checked.reading.reduction]

    def _J(self) -> str:
        """Return J from the logits, as the contract has it."""
        turned = ".T" if self.header.rows else ""
        last = "[L]" if self.loops else str(self.header.layers)
        self.writer.functions.add(self.header.loss)
        J = f"np.sum({self.header.loss}(Z{last}{turned}, A{last}{turned}, Y{turned}))"
        J += "" if self._N() == "1" else f" / {self._N()}"
        if self.header.l2:
            weights = "W.values()" if self.loops else f"[{', '.join(self._weights())}]"
            J += f" + lam / 2 * sum(np.sum(w**2) for w in {weights})"
        return J

    def _weights(self) -> list[str]:
        return [f"W{layer}" for layer in range(1, self.header.layers + 1)]

    def _J_needs(self) -> Node:
        return syntax.read(f"Z{self.header.layers} + A{self.header.layers}")

    def _returned(self) -> Iterator[str]:
        """Yield the lines that return the trace: all in the layout of the contract."""
        undivided = self.checked.reading.convention == "undivided"
        turned = ".T" if self.header.rows else ""
        weights = "" if self.header.out_by_in else ".T"
        named: dict[str, str] = {}
        for line in self.lines:
            key = self._key(line.target)
            base = (
                key.split("[")[0].rstrip("0123456789") if self.loops else key.rstrip("0123456789")
            )
            divided = f" / {self._N()}" if undivided and base in ("dW", "db") else ""
            turn = weights if base == "dW" else turned
            if base in ("Z", "A", "dZ", "dW", "db", "dA") or key == "dX":
                named[key] = f"{self.writer.show(line.target)}{turn}{divided}"
        yield from self._of_loops(named) if self.loops else self._of_lines(named)

    def _of_lines(self, named: dict[str, str]) -> Iterator[str]:
        wanted = [f"d{base}{layer}" for layer in range(1, self.header.layers + 1) for base in "Wb"]
        missing = [key for key in wanted if key not in named]
        if missing:
            raise InputError(f"lines for {', '.join(missing)}", "none", "derive every dW and db")
        fused = LOSSES[self.header.loss].output is not None
        yield "return {"
        yield '    "J": J,'
        for key, value in named.items():
            if key not in ("A0", f"dA{self.header.layers}" if fused else ""):
                yield f'    "{"dX" if key == "dA0" else key}": {value},'
        yield "}"

    def _of_loops(self, named: dict[str, str]) -> Iterator[str]:
        """Yield the lines for arrays that are kept in dictionaries by layer."""
        bases = {key.split("[")[0].rstrip("0123456789"): value for key, value in named.items()}
        for base in ("dW", "db"):
            if base not in bases:
                raise InputError(f"lines for {base}[l]", "none", "derive every dW and db")
        yield 'trace = {"J": J}'
        yield "for layer in range(1, L + 1):"
        for base, value in bases.items():
            own, tail = value.split("[")[0], value[value.index("]") + 1 :]
            if base != "dA":
                yield f'    trace[f"{base}{{layer}}"] = {own}[layer]{tail}'
        if "dA" in bases:
            own, tail = bases["dA"].split("[")[0], bases["dA"][bases["dA"].index("]") + 1 :]
            yield f"for layer in {own}:"
            yield f'    trace[f"dA{{layer}}" if layer else "dX"] = {own}[layer]{tail}'
        yield "return trace"

    def _supports(self) -> str:
        """Return the function that says which cases the derivation is about."""
        header, reduction = self.header, self.checked.reading.reduction
        if header.layers:
            wanted = f"network.activations == {header.activations!r}"
        else:
            hidden, output = header.activations[0], header.activations[-1]
            wanted = f"network.activations == ({hidden!r},) * (case.L - 1) + ({output!r},)"
        ones = [f"n_{i}" for i, size in enumerate(header.sizes) if size == "1"]
        only = any("right only because" in note for v in self.checked.lines for note in v.notes)
        tests = [wanted, f"network.loss == {header.loss!r}", f"network.reduction == {reduction!r}"]
        tests += [] if header.l2 else ["network.l2 == 0"]
        if only:
            tests += [f"network.sizes[{name[2:]}] == 1" for name in ones]
        words = ", ".join([*header.activations, header.loss, reduction])
        return (
            "def supports(case):\n"
            '    """Return True, or what the derivation is about."""\n'
            "    network = case.network\n"
            "    fits = (\n        "
            + "\n        and ".join(tests)
            + f'\n    )\n    return fits or "{words}{" with l2" if header.l2 else ""} only"'
        )


def _word(name: str, body: str) -> bool:
    """Whether a name stands in the code."""
    code = [line for line in body.splitlines() if not line.lstrip().startswith("#")]
    return any(re.search(rf"\b{name}\b", line) for line in code)


def _without_unused(body: list[str]) -> list[str]:
    """Leave out the helpers that only lines used which have another form here."""
    for at, line in enumerate(body):
        name = re.match(r" *(\w+)(?:\[[^\]]*\])? = ", line)
        code = [other for other in body[:at] + body[at + 1 :] if not other.lstrip().startswith("#")]
        if name and name[1] != "trace" and not any(re.search(rf"\b{name[1]}\b", o) for o in code):
            return _without_unused(body[:at] + body[at + 1 :])
    return body
