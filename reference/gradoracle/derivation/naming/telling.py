"""What a known mistake computes, in the layout, the names and the convention of a text.

The catalogue has one example a column, out-by-in weights and plain derivatives. Its formula is
turned into the text's own way of writing, and told only if it gives what the line gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from flint import ctx

from gradoracle.derivation.judging.agreement import PRECISIONS
from gradoracle.derivation.judging.places import Place
from gradoracle.derivation.judging.tied import Names, meant
from gradoracle.derivation.mending.name_edits import layer_of, shifted
from gradoracle.derivation.mending.scalars import collected
from gradoracle.derivation.mending.tidying import tidied
from gradoracle.derivation.naming.made import Made, same
from gradoracle.derivation.naming.manner import Manner
from gradoracle.derivation.naming.symptoms import (
    STATED,
    Layers,
    Statement,
    at_layers,
    in_words,
    statements,
    without_biases,
)
from gradoracle.derivation.reading import syntax
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.lines import Line
from gradoracle.derivation.reading.syntax import (
    Binary,
    Call,
    Name,
    Node,
    Number,
    Transpose,
    mapped,
    names,
    show,
    with_name,
)
from gradoracle.derivation.truth.true_values import Reading
from gradoracle.mistakes import Mistake

COLUMNS = re.compile(r"ᵀ|axis|np\.|reshape|[]X] (?=[(dAWXZ])|\(n")  # what other layouts turn
DIVIDED = re.compile(r"/ ?N\b|divided|averaged|1/N")
NAMES = re.compile(r"\b(?:d?[WbZA](?:\d+|\[[lL][^]]*\])|[XY]\b(?!_))")
TENTH = Number(0, Fraction(1, 10))


@dataclass(frozen=True)
class Told:
    """What a mistake does in one line of a text.

    Attributes
    ----------
    text : str
        Empty where nothing is known to be true of this text.
    formula : str
        What it computes for the name that the line sets; empty if that is said in words.
    """

    text: str
    formula: str = ""


@dataclass(frozen=True, eq=False)
class Telling:
    """How a text would write what a mistake computes in one of its lines.

    Attributes
    ----------
    header : Header
    reading : Reading
    line : Line
    made : sequence of Made
        Wherever the line is wrong by it.
    right : bool
        Whether the line is right in itself, and not held against the formula.
    """

    header: Header
    reading: Reading
    line: Line
    made: Sequence[Made]
    right: bool = False

    def told(self, mistake: Mistake) -> Told:
        """Return what the mistake does, as far as it is true of the text."""
        symptom = mistake.symptom if self.header.biases else without_biases(mistake.symptom)
        found = [(one, self._is_own(one.target)) for one in statements(symptom)]
        for statement, own in sorted(found, key=lambda one: not one[1]):
            for written in self._written(statement, own=own):
                if self.right or not own or self._gives(written.formula):
                    formula = show(written.formula)
                    whole = f"{show(written.target)} = {formula}{written.rest}"
                    return Told(whole, formula if own else "")
        return Told(self._in_words(symptom))

    @cached_property
    def names(self) -> Names:
        """How the text calls the names of the trace."""
        return Names(self.header, [(one.place.step.numbers, one.place.known) for one in self.made])

    @property
    def manner(self) -> Manner:
        """The convention and the layout of the text."""
        return Manner(self.header, self.reading)

    @property
    def kind(self) -> str:
        """What the line sets: dZ, dW, J."""
        return self.made[0].own[0]

    def _is_own(self, target: Name) -> bool:
        """Whether a statement is about the array that the line sets."""
        own = [one.own for one in self.made]
        return own[0][0] == target.base and all(
            target.base == "J" or layer in one.layers(target.base)
            for one, (_, layer) in zip(self.made, own, strict=True)
        )

    def _written(self, statement: Statement, *, own: bool) -> Iterator[Statement]:
        """Yield a statement as the text would write it, in one way or another."""
        layers = self._layers(statement.target, own=own)
        if layers is None:
            return
        one = at_layers(statement, layers)
        formula = mapped(mapped(one.formula, self._with_curve), self._through)
        rest = one.rest
        if self.header.rows:
            rest = re.sub(r"\((n\d*|n\[.*?\]), (n\d*)\)", r"(\2, \1)", rest)
        called = self.names.own(one.target)
        target = called if isinstance(called, Name) else one.target
        own_too = show(self.names.shown(one.target)) == show(self.line.target)  # A1 is Z1
        for way in _ways(one.target, formula):
            for whole in self.manner.in_convention(one.target, way):
                written = self._in_own_names(self.manner.laid_out(one.target, whole), own=own)
                yield Statement(self.line.target if own or own_too else target, written, rest)

    def _layers(self, target: Name, *, own: bool) -> Layers | None:
        """Return what l and L are in the text; None if the statement is about something else."""
        L = Number(0, Fraction(self.header.layers)) if self.header.layers else Name(0, "L")
        if target.index is None:
            return Layers(None, L)
        symbol, by = layer_of(target.index)
        found = []
        for one in self.made:
            layers = [one.own[1]] if own else one.layers(target.base)
            if not layers:
                return None
            found.append((one.place, layers[0] - by))
        if not isinstance(symbol, Name) or symbol.base != "l":
            return Layers(None, L)
        here = self._index(found)
        return None if here is None else Layers(here, L)

    def _index(self, layers: Sequence[tuple[Place, int]]) -> Node | None:
        """Return how the text writes a layer: l, l + 1, L, 2; None if it has no one way."""
        counters = [self.line.loop.name] if self.line.loop else []
        for counter in [*counters, *([] if self.header.layers else ["L"])]:
            apart = {layer - place.step.numbers[counter] for place, layer in layers}
            if len(apart) == 1:
                return shifted(Name(0, counter), apart.pop())
        several = {layer for _, layer in layers}
        return Number(0, Fraction(several.pop())) if len(several) == 1 else None

    def _with_curve(self, node: Node) -> Node:
        """Return g by its name where it has one, unless the line says g."""
        if not isinstance(node, Call) or node.function not in ("g", "g_prime"):
            return node
        found = {
            self.header.activation(layer, one.place.given.setting.L)
            for one in self.made
            for layer in (*one.layers("A"), *one.layers("dZ"))
        }
        says_g = re.search(r"\bg(_prime)?[([]", self.line.normal)
        if len(found) != 1 or says_g or "softmax" in found:
            return node
        return replace(node, function=node.function.replace("g", found.pop(), 1))

    def _through(self, node: Node) -> Node:
        """Return W[l+1]ᵀ dZ[l+1] for a dA[l] that the text has not."""
        if not isinstance(node, Name) or node.base != "dA" or self.names.spelled(show(node)):
            return node
        index = shifted(node.index, 1) if node.index is not None else None
        W, dZ = (Name(0, base, index) for base in ("W", "dZ"))
        has = all(self.names.spelled(show(name)) for name in (W, dZ))
        return Binary(0, "@", Transpose(0, W), dZ) if has else node

    def _in_own_names(self, formula: Node, *, own: bool) -> Node:
        def called(part: Node) -> Node:
            found = self.names.own(part) if isinstance(part, Name) else None
            return part if found is None else found

        formula = collected(tidied(mapped(formula, called)))
        found = meant(self.header, self.line.target) if own else None
        if found is not None and found[0] != 1:
            formula = collected(Binary(0, "*", Number(0, found[0]), formula))
        return formula

    def _gives(self, formula: Node) -> bool:
        """Whether a formula gives what the line gives, wherever that is wrong."""
        with ctx.workprec(PRECISIONS[0]):
            return all(same(formula, one) for one in self.made)

    def _in_words(self, symptom: str) -> str:
        """Return what the catalogue says where that is true in every layout and convention."""
        text = in_words(symptom, self._called)
        if self.kind in ("dA", "dZ"):
            text = re.sub(r"^dZ\[L\](?= (?:lacks|has|is) )", self._called, text)
        if stated := STATED.match(text):
            kind = stated[1].partition("[")[0]
            if kind != "J" and not any(one.layers(kind) for one in self.made):
                return ""
            if self.reading.convention != "plain" and kind in ("dW", "db"):  # the formula is plain
                text = text.partition(", ")[2]
        if self.manner.multiples(self.kind):
            text = re.sub(r" ?/ ?N\b", "", text)
            if DIVIDED.search(text):
                return ""
        if self.header.rows or not self.header.out_by_in:
            if COLUMNS.search(text):
                return ""
            swap = {"row": "column", "column": "row"}
            text = re.sub(r"\b(row|column)", lambda found: swap[found[1]], text)
        if re.search(r"(?<!1)/ ?N\b|\(1/N\)", text) and len(self.manner.divisors) > 1:
            return ""
        text = re.sub(r"\bN\b", self.manner.N, text) if self.manner.N == "n" else text
        layers = [(one.place, one.layer) for one in self.made]
        L = Number(0, Fraction(self.header.layers)) if self.header.layers else Name(0, "L")
        here = self._index(layers) if all(layer for _, layer in layers) else None
        return NAMES.sub(self._shown, Layers(here, L).filled(text))

    def _shown(self, found: re.Match[str]) -> str:
        """Return how the text calls a name in a sentence."""
        name = syntax.read(found[0])
        if found[0] == self.made[0].place.name:
            return self._called
        called = self.names.own(name)
        return show(called) if isinstance(called, Name) else found[0]

    @property
    def _called(self) -> str:
        """The name that the line sets, or that of the trace where it is a multiple."""
        target = self.line.target
        found = meant(self.header, target)
        if found is None or found[0] == 1:
            return show(target)
        return self.made[0].place.name if target.index is None else show(replace(found[1], at=0))


def _ways(target: Name, formula: Node) -> Iterator[Node]:
    """Yield a formula, also with the rate that programs have, and with the L2 term beside it."""
    yield formula
    read = {name.base for name in names(formula)}
    if "alpha" in read:
        yield with_name(formula, Name(0, "alpha"), TENTH)
    if target.base == "dW" and "lam" not in read:
        decay = Binary(0, "*", Name(0, "lam"), Name(0, "W", target.index))
        yield Binary(0, "+", formula, decay)
