"""The statements of the NumPy function: the lines of a right derivation, made ready to be run.

Updates become the gradients that stand in them, names that the header ties and the text never sets
are written out, and what the text leaves to the definition of the forward pass is put in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gradoracle.derivation.as_numpy.ties import meant, without_ties
from gradoracle.derivation.as_numpy.updates import gradient, replaced, without
from gradoracle.derivation.reading.header import FREE_LAYERS, Header
from gradoracle.derivation.reading.lines import Line, Loop
from gradoracle.derivation.reading.syntax import Name, Node, names, show
from gradoracle.derivation.truth.evaluate import Scope
from gradoracle.derivation.truth.steps import Step, steps
from gradoracle.derivation.verdicts import Checked, LineVerdict, Verdict
from gradoracle.errors import InputError

FINE = (Verdict.RIGHT, Verdict.HELPER, Verdict.DEFINITION)
TRACE = ("Z", "A", "dZ", "dW", "db", "dA")


@dataclass(frozen=True, eq=False)
class Statement:
    """One line of the function.

    Attributes
    ----------
    line : Line
        With the formula that is evaluated.
    written : Node or None
        The formula of the text, where another one is evaluated in its place.
    at_L : Node or None
        In a loop: what is evaluated in the round of the output layer.
    live : bool
        Whether it is run; else it is a comment.
    """

    line: Line
    written: Node | None = None
    at_L: Node | None = None
    live: bool = True

    def reads(self, step: Step) -> list[Name]:
        """Return what it reads in one round."""
        if self.at_L is None or self.line.loop is None:
            return list(names(self.line.formula))
        in_last = step.numbers[self.line.loop.name] == step.numbers["L"]
        return list(names(self.at_L if in_last else self.line.formula))


def lines_of(checked: Checked) -> list[Line]:
    """Return the lines that are run: no second sides, no updates, no names that are never set.

    Raises
    ------
    InputError
        If one of them is not right; what nothing reads is left out.
    """
    sound = []
    for verdict in checked.lines:
        if verdict.verdict not in FINE and not _is_aside(verdict, checked):
            got = f"line {verdict.line.number}: {verdict.verdict}"
            got += f", {verdict.detail}" if verdict.detail else ""
            raise InputError("a derivation whose lines are all right", got, "mend it first")
        if verdict.verdict in FINE and not verdict.line.side:
            sound.append(verdict.line)
    lines = _with_gradients(checked.header, sound, decays=not _has_l2(checked))
    return without_ties(checked.header, lines)


def _has_l2(checked: Checked) -> bool:
    """Whether lam is part of J; else an update that has it lets its weights decay."""
    defined = [one.line for one in checked.lines if one.verdict is Verdict.DEFINITION]
    reads = [show(name) for line in defined for name in names(line.formula)]
    return checked.header.l2 or "lam" in reads


def _is_aside(verdict: LineVerdict, checked: Checked) -> bool:
    """Whether a line that was not tested sets a name of the text's own that nothing reads."""
    own = verdict.line.target.base not in (*TRACE, "J") and not (verdict.backward or verdict.tied)
    read = {name.base for other in checked.lines for name in names(other.line.formula)}
    return verdict.verdict is Verdict.UNDECIDED and own and verdict.line.target.base not in read


def depths(header: Header) -> tuple[int, ...]:
    """Return the numbers of layers for which a text was checked."""
    return (header.layers,) if header.layers else tuple(range(2, FREE_LAYERS + 1))


def traced(header: Header, lines: Sequence[Line], L: int) -> list[Step]:
    """Return the lines as they run, with what they set in names of the trace."""
    return steps(
        [replace(line, target=meant(header, line.target).name) for line in lines], {"L": L}
    )


def _with_gradients(header: Header, lines: Sequence[Line], *, decays: bool) -> list[Line]:
    """Turn updates into the gradients that stand in them, where no other line has them."""
    updates = {id(line) for line in lines if _is_update(header, line)}
    others = [line for line in lines if id(line) not in updates]
    found = []
    for at, line in enumerate(lines):
        if id(line) not in updates:
            found.append(line)
        elif not _is_given(header, line, others):
            target = replace(line.target, base=f"d{line.target.base}")
            formula = gradient(line, lines[:at])
            of_J = without(formula, "lam") if decays else formula
            found.append(replace(line, target=target, formula=of_J or formula))
    return found


def _is_update(header: Header, line: Line) -> bool:
    name = meant(header, line.target).name
    return name.base in ("W", "b") and name.index is not None


def _is_given(header: Header, update: Line, lines: Sequence[Line]) -> bool:
    """Whether lines set the derivative by what an update sets, in all of its rounds."""
    for L in depths(header):
        given = {step.key for step in traced(header, lines, L)}
        if not {f"d{step.key}" for step in traced(header, [update], L)} <= given:
            return False
    return True


def in_loops(header: Header, lines: Sequence[Line]) -> bool:
    """Whether what has a layer is kept by its number, as in W[l]."""
    return not header.layers or any(line.loop for line in lines)


def curves(header: Header, loop: Loop | None, layer: Node, *, but_last: bool = False) -> set[str]:
    """Return what g stands for at a layer, in all rounds of a loop; at L where it is left out."""
    found = set()
    for L in depths(header):
        bounds = [Scope({}, {"L": L}).index(bound) for bound in loop.bounds] if loop else [1]
        for number in range(*bounds):
            counted = {"L": L, **({loop.name: number} if loop else {})}
            if not (but_last and number == L):
                found.add(header.activation(Scope({}, counted).index(layer), L))
    return found


def with_names_of_the_trace(header: Header, found: Sequence[Statement]) -> list[Statement]:
    """Let statements that are not the text's read what it calls by names of its own.

    Where such a name is no other word for one of the trace, or is not set for the same layer, the
    name of the trace is set, too.
    """
    meanings = [meant(header, statement.line.target) for statement in found]
    own = {show(of.name): of.formula for of in meanings if isinstance(of.formula, Name)}

    def called(node: Node) -> Node | None:
        return own.get(show(node)) if isinstance(node, Name) else None

    whole: list[Statement] = []
    for statement, of in zip(found, meanings, strict=True):
        if not statement.line.number or statement.written or statement.at_L:
            at_L = replaced(statement.at_L, called) if statement.at_L else None
            formula = replaced(statement.line.formula, called)
            line = replace(statement.line, formula=formula) if at_L is None else statement.line
            statement = replace(statement, line=line, at_L=at_L)
        whole.append(statement)
        if not of.same and of.name.base != "J":
            whole.append(Statement(replace(statement.line, target=of.name, formula=of.formula)))
    return whole


def live(header: Header, found: Sequence[Statement], returned: Sequence[str]) -> list[Statement]:
    """Mark what is run: what is returned, and what that is made of.

    Parameters
    ----------
    header : Header
    found : sequence of Statement
    returned : sequence of str
        Names of the trace, ``dW[l]`` or ``dW1``, as `show` has them.
    """
    used: set[int] = set()
    for L in depths(header):
        statements = {id(s.line): s for s in found}
        wanted: set[str] = set()
        for step in reversed(steps([s.line for s in found], {"L": L})):
            statement = statements[id(step.line)]
            if show(step.line.target) not in returned and step.key not in wanted:
                continue
            used.add(id(statement))
            wanted.discard(step.key)
            scope = Scope({}, step.numbers)
            wanted |= {scope.key(name) for name in statement.reads(step)}
    return [replace(s, live=id(s) in used) for s in found]
