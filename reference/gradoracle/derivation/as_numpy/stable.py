"""Formulas that keep their digits for every z, in the place of those that a derivation may use.

On paper -y/a + (1-y)/(1-a) times a(1-a) is a - y. In floats it is not, where a is 0 or 1: an
activation, J and the output delta of a cross-entropy are evaluated in the form of the contract.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from flint import ctx

from gradoracle.derivation.as_numpy.statements import Statement, curves
from gradoracle.derivation.as_numpy.ties import meant
from gradoracle.derivation.judging.agreement import PRECISIONS, compare
from gradoracle.derivation.reading import syntax
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.lines import Line
from gradoracle.derivation.reading.syntax import (
    Binary,
    Call,
    Name,
    Node,
    Number,
    constant,
    names,
    parts,
    show,
)
from gradoracle.derivation.truth import matrices as m
from gradoracle.derivation.truth.contract import divisor
from gradoracle.derivation.truth.definition import truth
from gradoracle.derivation.truth.matrices import Matrix
from gradoracle.derivation.truth.meanings import scope_of
from gradoracle.derivation.truth.networks import given, settings
from gradoracle.derivation.truth.steps import Step, steps
from gradoracle.derivation.truth.true_values import Reading, Truth
from gradoracle.losses import LOSSES


@dataclass(frozen=True, eq=False)
class Sample:
    """One network of the family, and what every line gives on it.

    Attributes
    ----------
    true : Truth
    values : list of (Step, Matrix)
    """

    true: Truth
    values: list[tuple[Step, Matrix]]

    def rounds(self, line: Line, wanted: Matrix) -> tuple[list[Step], list[Step]]:
        """Return the rounds in which a line gives a matrix, and the others."""
        found: tuple[list[Step], list[Step]] = [], []
        for step, value in self.values:
            if step.line is line:
                same = value.shape == wanted.shape and compare(value, wanted).same
                found[0 if same else 1].append(step)
        return found


def sample(header: Header, reading: Reading, lines: Sequence[Line]) -> Sample:
    """Evaluate the lines of a right derivation on a network."""
    one = given(header, settings(header)[0], frozenset(line.target.base for line in lines))
    written = steps(lines, one.numbers)
    with ctx.workprec(PRECISIONS[0]):
        true = truth(header, one, written, reading)
        scope, found = dict(true.values), []
        for step in written:
            value = scope_of(header, scope, step.numbers).value(step.line.formula)
            scope[step.key] = value
            found.append((step, value))
    return Sample(true, found)


def undivided(header: Header, reading: Reading, seen: Sample) -> set[str]:
    """Return the derivatives by parameters that the text leaves undivided, by its own names."""
    found = set()
    for step, value in seen.values if reading.convention == "undivided" else ():
        if meant(header, step.line.target).name.base in ("dW", "db"):
            right = seen.true.values.get(step.key)
            if right is not None and value.shape == right.shape and compare(value, right).same:
                found.add(show(step.line.target))
    return found


def stable(
    header: Header, reading: Reading, lines: Sequence[Line], seen: Sample, *, loops: bool
) -> list[Statement]:
    """Return the lines, each in its stable form where it has one.

    Parameters
    ----------
    header : Header
        With the loss; without one J stays as the text has it.
    reading : Reading
    lines : sequence of Line
    seen : Sample
        Of these lines.
    loops : bool
        Whether what has a layer is kept as A[L].
    """
    fused = header.loss and LOSSES[header.loss].output is not None
    found = []
    for line in lines:
        of = meant(header, line.target)
        base = of.name.base
        statement = Statement(line)
        if base == "J" and fused:
            statement = _instead(line, J_of(header, loops=loops))
        elif base == "A" and isinstance(of.formula, Name):
            statement = _activation(header, line, of.name.index)
        elif (layer := _softmax_of(header, line, seen)) is not None:
            statement = _activation(header, line, layer)
        elif fused and base not in ("Z", "A", "J"):
            statement = _delta(header, reading, line, seen, last(header, "A", loops=loops))
        found.append(statement)
    return found


def _instead(line: Line, formula: Node) -> Statement:
    if show(formula) == show(line.formula):
        return Statement(line)
    return Statement(replace(line, formula=formula), written=line.formula)


def last(header: Header, base: str, *, loops: bool = False) -> Name:
    """Return the name of something of the output layer: A2, or A[L]."""
    return Name(0, base, syntax.read("L" if loops else str(header.layers or "L")))


def J_of(header: Header, *, loops: bool) -> Node:
    """Return what the stable J is made of: the loss, of logits, outputs and labels."""
    logits, outputs = (last(header, base, loops=loops) for base in "ZA")
    return Call(0, header.loss, (logits, outputs, Name(0, "Y")))


def _activation(header: Header, line: Line, layer: Node | None) -> Statement:
    """Write g_l(Z^[l]) for a line that writes the activation out."""
    if isinstance(line.formula, Call) or layer is None or constant(layer) == 0:
        return Statement(line)
    if curves(header, line.loop, layer) == {"identity"}:
        return Statement(line)
    return _instead(line, Call(0, "g", (Name(0, "Z", layer),), layer=layer))


def _softmax_of(header: Header, line: Line, seen: Sample) -> Node | None:
    """Return of which layer a line writes the softmax out, by whatever name: exp overflows."""
    for layer, name in enumerate(header.activations, start=1):
        if name == "softmax" and header.layers and line.loop is None:
            here, elsewhere = seen.rounds(line, seen.true.values[f"A{layer}"])
            if here and not elsewhere:
                return Number(0, Fraction(layer))
    return None


def _delta(header: Header, reading: Reading, line: Line, seen: Sample, end: Name) -> Statement:
    """Write A - Y for what is dZ^[L], or N times it, in all rounds or in that of the output."""
    if _is_difference(line.formula, _outputs(seen)):
        return Statement(line)
    with ctx.workprec(PRECISIONS[0]):
        own = seen.true.values[f"dZ{seen.true.given.setting.L}"]
        N = m.scalar(seen.true.N)
        plain = own if reading.convention == "plain" else own / N
        for whole in (True, False):
            here, elsewhere = seen.rounds(line, plain * N if whole else plain)
            formula = _difference(end, "1" if whole else divisor(reading.reduction, header.layers))
            if here and not elsewhere:
                return _instead(line, formula)
            L = seen.true.given.setting.L
            if line.loop and [step.numbers[line.loop.name] for step in here] == [L]:
                return Statement(line, at_L=formula)
    return Statement(line)


def _outputs(seen: Sample) -> set[str]:
    """Return all names that the text has for A^[L]."""
    end = f"A{seen.true.given.setting.L}"
    found, output = {end, "A[L]"}, seen.true.values[end]
    for step, value in seen.values:
        if value.shape == output.shape and compare(value, output).same:
            found.add(show(step.line.target))
    return found


def _difference(output: Name, N: str) -> Node:
    error = Binary(0, "-", output, Name(0, "Y"))
    return error if N == "1" else Binary(0, "/", error, syntax.read(N))


def _is_difference(formula: Node, outputs: Collection[str]) -> bool:
    """Whether a formula is made of A - Y and numbers: nothing in it can lose its digits."""
    known = {*outputs, "n", "m", "N", "Y"}
    if not all(show(name) in known or name.base == "n" for name in names(formula)):
        return False
    for part in parts(formula):
        divides = isinstance(part, Binary) and part.operator in ("/", "**")
        below = names(part.right) if divides and isinstance(part, Binary) else ()
        if isinstance(part, Call) or any(show(name) in outputs for name in below):
            return False
    return True
