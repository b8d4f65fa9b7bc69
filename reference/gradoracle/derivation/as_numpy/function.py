"""The body of ``net(case)``: what the case gives, the statements, and what is returned."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from gradoracle.derivation.as_numpy.by_output import with_derivative_by_output
from gradoracle.derivation.as_numpy.forward import with_forward, with_forward_loops
from gradoracle.derivation.as_numpy.ordered import in_order
from gradoracle.derivation.as_numpy.stable import J_of, sample, stable, undivided
from gradoracle.derivation.as_numpy.statements import (
    Statement,
    curves,
    depths,
    in_loops,
    lines_of,
    live,
    traced,
    with_names_of_the_trace,
)
from gradoracle.derivation.as_numpy.text import Writer
from gradoracle.derivation.as_numpy.ties import meant
from gradoracle.derivation.as_numpy.trace import DIVISORS, Returned, is_loss
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.lines import Line
from gradoracle.derivation.reading.syntax import Name, Node, Number, names, show, with_name
from gradoracle.derivation.truth.linear import linear
from gradoracle.derivation.truth.true_values import RATES, Reading
from gradoracle.derivation.verdicts import Checked
from gradoracle.errors import InputError

X = Name(0, "X")


@dataclass(frozen=True)
class Function:
    """The text of ``net(case)``, and what it needs.

    Attributes
    ----------
    text : str
    functions, imports : set of str
        Activations and losses by name; lines.
    definitions : list of str
        Functions that are neither.
    """

    text: str
    functions: set[str]
    imports: set[str]
    definitions: list[str]


def function(checked: Checked, header: Header, reading: Reading) -> Function:
    """Write a right derivation as a function of a case.

    Parameters
    ----------
    checked : Checked
    header, reading
        With the loss that J is, if it is one of the contract.

    Raises
    ------
    InputError
        If dW, db or some layers of the forward pass are missing, or a value that no case has.
    """
    body = _Body(checked, header, reading)
    lines = [*body.statements(), *body.returned.lines(body.live, body.writer)]
    rows = "row" if header.rows else "column"
    about = f'"""Return the trace of a case; the formulas have one example a {rows}."""'
    whole = [about, *body.inputs("\n".join(lines)), *lines]
    text = "\n".join(["def net(case):", *(f"    {line}" for line in whole)])
    writer = body.writer
    return Function(text, writer.functions, writer.imports, writer.definitions())


def _made(
    header: Header, reading: Reading, lines: Sequence[Line]
) -> tuple[list[Statement], set[str]]:
    """Return the statements, and the derivatives that are still to be divided."""
    seen, loops = sample(header, reading, lines), in_loops(header, lines)
    found = stable(header, reading, lines, seen, loops=loops)
    if header.loss and "J" not in {meant(header, line.target).name.base for line in lines}:
        found.append(Statement(Line(0, "", Name(0, "J"), J_of(header, loops=loops))))
    if not loops:
        found = with_forward(header, found)
    return with_names_of_the_trace(header, found), undivided(header, reading, seen)


class _Body:
    """The function while it is put together."""

    def __init__(self, checked: Checked, header: Header, reading: Reading) -> None:
        self.header, self.N = header, DIVISORS[reading.reduction]
        lines = in_order(header, lines_of(checked))
        self.loops = in_loops(header, lines)
        self.writer = Writer(header, dictionaries=self.loops)
        _refuse_missing(header, lines)
        self.returned = Returned(header, self.N, self.loops, [line.target for line in lines])
        lines = with_forward_loops(header, lines) if self.loops else lines
        lines = with_derivative_by_output(header, reading, lines, loops=self.loops)
        found, self.returned.undivided = _made(header, reading, lines)
        self.all = live(header, found, list(map(show, self.returned.wanted())))
        self.live = [statement for statement in self.all if statement.live]
        added = [statement.line for statement in self.live if not statement.line.number]
        self.returned.given += [line.target for line in added if _is_forward(line)]
        self.writer.kept = self.with_layers() if self.loops else set()
        self.refuse_unknown()

    def refuse_unknown(self) -> None:
        """Refuse what the text reads and no case gives: rates and further inputs."""
        known = {show(statement.line.target) for statement in self.live}
        strangers = {*RATES, *(name for name, *_ in self.header.inputs)} - known
        for statement in self.live:
            for name in names(statement.line.formula):
                if show(name) in strangers:
                    got = f"{show(name)} in line {statement.line.number}"
                    raise InputError("values that a case has: X, Y, W, b, lam", got, "leave it out")

    def inputs(self, body: str) -> Iterator[str]:
        """Yield the lines that give the case's arrays the names and layout of the text."""
        header, turned = self.header, ".T" if self.header.rows else ""
        weights = "" if header.out_by_in else ".T"
        yield f"X, Y, n = case.X{turned}, case.Y{turned}, case.n"
        yield from ["L = case.L"] if self.loops or _word("L", body) else []
        if self.loops:
            yield f"W, b = {_by_layer('W', weights)}, {_by_layer('b', turned)}"
            yield from self.dictionaries()
        for layer in range(1, header.layers + 1) if not self.loops else ():
            yield f"W{layer}, b{layer} = case.W[{layer}]{weights}, case.b[{layer}]{turned}"
        own = {statement.line.target.base for statement in self.live}
        known = {"m": "n", "N": "n", "lam": "case.network.l2", "sizes": "case.network.sizes"}
        known |= {"dtype": "case.dtype"} | ({"C": "Y"} if header.loss == "linear" else {})
        for name, value in known.items():  # m and N are n, where the text does not set them
            yield from [f"{name} = {value}"] if name not in own and _word(name, body) else []
        for name in sorted(self.writer.tables):
            yield f"{name} = {self.writer.table(name)}"

    def dictionaries(self) -> Iterator[str]:
        """Yield a dictionary for everything that has a layer."""
        bases = sorted(self.with_layers() - {"W", "b"})
        own = ", ".join(map(self.writer.plain, bases))
        targeted = {show(s.line.target) for s in self.live if s.line.target.index is not None}
        yield f"{own} = {', '.join(self.begun(base, targeted) for base in bases)}"

    def with_layers(self) -> set[str]:
        """Return the names that have a layer somewhere."""
        lines = [statement.line for statement in self.live]
        several = [name for line in lines for name in (line.target, *names(line.formula))]
        return {"W", "b"} | {name.base for name in several if name.index is not None} - {"n"}

    def begun(self, base: str, targets: set[str]) -> str:
        """Return what a dictionary holds at first: what stands for A[0] is X, or made of it."""
        at_0 = Name(0, base, Number(0, Fraction(0)))
        means = at_0 if base == "A" else self.header.meaning(at_0)
        read = [] if means is None else list(map(show, names(means)))
        if means is None or read != ["A0"] or show(at_0) in targets:
            return "{}"
        return f"{{0: {self.writer.show(with_name(means, Name(0, 'A', at_0.index), X))}}}"

    def statements(self) -> Iterator[str]:
        """Yield the statements, loop by loop."""
        for loop, group in groupby(self.all, key=lambda statement: statement.line.loop):
            several = [text for statement in group for text in self.statement(statement)]
            if loop is not None and not all(text.startswith("#") for text in several):
                bounds = ", ".join(self.writer.show(bound) for bound in loop.bounds)
                yield f"for {self.writer.plain(loop.name)} in range({bounds}):"
                several = [f"    {text}" for text in several]
            yield from several

    def statement(self, one: Statement) -> Iterator[str]:
        """Yield a statement as NumPy, what it stands for as a comment above it."""
        line, writer = one.line, self.writer
        if not one.live:
            if self.returned.lost(meant(self.header, line.target).name):
                yield f"# {line.normal}: not finite where A is 0 or 1"
            return
        but_last = one.at_L is not None
        writer.layers = lambda layer: curves(self.header, line.loop, layer, but_last=but_last)
        target = writer.show(line.target)
        formula = writer.show(line.formula)
        if meant(self.header, line.target).name.base == "J":
            formula = self.J(line.formula)
        if one.at_L is not None and line.loop:
            counter = writer.plain(line.loop.name)
            formula = f"{writer.show(one.at_L)} if {counter} == L else {formula}"
            yield f"# {line.normal}, at {counter} = L evaluated as {show(one.at_L)}"
        if one.written is not None:
            yield f"# {show(line.target)} = {show(one.written)}, evaluated as"
        if target != formula:
            yield f"{target} = {formula}{'.copy()' if self.is_input(line) else ''}"

    def is_input(self, line: Line) -> bool:
        """Whether an array of the case gets a second name: dZ2 = Y, of which a copy is returned."""
        found, of = linear(line.formula), show(meant(self.header, line.target).name)
        if found is None or found.times != 1 or of == "A0":
            return False
        key, own = show(found.name), {show(statement.line.target) for statement in self.live}
        given = key in ("X", "Y", "A0") or (key == "C" and self.header.loss == "linear")
        return (given or found.name.base in ("W", "b")) and key not in own

    def J(self, node: Node) -> str:
        """Return J as the text has it, or as the contract does: from the logits."""
        if not is_loss(node, self.header):
            return self.writer.number(node)
        turned = ".T" if self.header.rows else ""
        inside = ", ".join(f"{self.writer.show(name)}{turned}" for name in names(node))
        self.writer.functions.add(self.header.loss)
        J = f"np.sum({self.header.loss}({inside}))"
        J += f" / {self.N}" if self.N else ""
        if self.header.l2:
            each = ", ".join(f"W{layer}" for layer in range(1, self.header.layers + 1))
            J += " + lam / 2 * sum(np.sum(w**2) for w in "
            J += "W.values())" if self.loops else f"[{each}])"
        return J


def _refuse_missing(header: Header, lines: Sequence[Line]) -> None:
    for L in depths(header):
        given = {step.key for step in traced(header, lines, L)}
        wanted = [f"d{base}{layer}" for layer in range(1, L + 1) for base in "Wb"]
        if missing := [key for key in wanted if key not in given]:
            where = "" if header.layers else f" in a network of {L} layers"
            expected = f"lines for {', '.join(missing)}"
            raise InputError(expected, f"none{where}", "derive every dW and db")


def _is_forward(line: Line) -> bool:
    return line.target.base in ("Z", "A") and line.target.index is not None


def _by_layer(name: str, turned: str) -> str:
    """Return what a case has of every layer."""
    whole = f"case.{name}"
    return f"{{l: {name}{turned} for l, {name} in {whole}.items()}}" if turned else whole


def _word(name: str, body: str) -> bool:
    """Whether a name stands in the code."""
    code = [line for line in body.splitlines() if not line.lstrip().startswith("#")]
    return any(re.search(rf"\b{name}\b", line) for line in code)
