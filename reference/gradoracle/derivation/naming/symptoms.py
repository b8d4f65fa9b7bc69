"""What the catalogue says of a known mistake, read as formulas: target, formula, and words.

A symptom is one line about a whole program: ``dW[l] = −dZ[l] A[l-1]ᵀ, beside a right db[l]``. Some
are formulas, some words, some both, and some tell of two lines. What is said of other lines than
the one in question is left out here: of a text nothing is known but that line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.mending.name_edits import layer_of, shifted
from gradoracle.derivation.mending.scalars import collected
from gradoracle.derivation.reading import notation, syntax
from gradoracle.derivation.reading.syntax import Name, Node, mapped, names, show

KNOWN = ("n", "N", "lam", "alpha", "X", "Y", "dX", "J")
NAME = r"d?[WbZA]\[[lL1](?:[-+]1)?\]"
STATED = re.compile(rf"({NAME}|J) = (.*)")
NEXT = re.compile(rf"(?:,? and|;) (?={NAME} [-+−]?=)")  # noqa: RUF001, another formula
ENDS = re.compile(r"[,:;]| with | where | in a | at every | along | for the ")
ELSEWHERE = re.compile(  # of other lines, or of the whole program
    r",? and so .*|, and every gradient .*|; the gradients have it|; d[Wb]\[l\] has it"
    r"|,? beside a right .*|, with [dgλα].*|: layer .* own .*| at every l.*|, as in layer.*"  # noqa: RUF001
    r"| with the gradient .*|, and λ/n .*|, and its .*|, where dZ\[l\] holds .*"
    r"| where the gradients .*| with l > 1| in a hidden layer|, and (?:d?[WbZ]\[.\]|Z\[1\]) .*"
    r"|, dA\[L\] its .*| along its rows|, where g is softplus, .*"
)
BIAS = re.compile(r" \+ b\[[lL1]\]")
BOTH = re.compile(r"^(?:J|dW\[l\]) and (?:dZ\[L\]|db\[l\])( are those| are|)")
ONE = {" are those": " is that", " are": " is", "": ""}
SPELLING = (  # how a symptom is written, and how a derivation
    (r"np\.", ""),
    (rf"Σ ({NAME})", r"sum(\1, axis=1)"),
    (r"(?<=\]) \(1", " ∘ (1"),
    (r"(\(1 − λ\)) ", r"\1 ∘ "),  # noqa: RUF001
    (r"(?<=[]ᵀX)]) (?=\(?d?[WAZX](?:\[|ᵀ|$| |/))", " @ "),
)


@dataclass(frozen=True)
class Statement:
    """One formula of a symptom, an example a column and every derivative plain.

    Attributes
    ----------
    target : Name
        With ``l``, ``L`` and what is added to them for its layer.
    formula : Node
    rest : str
        The words after it.
    """

    target: Name
    formula: Node
    rest: str


@dataclass(frozen=True)
class Layers:
    """How a text writes the layers l and L of a symptom; l is None if it has no one way."""

    l: Node | None  # noqa: E741
    L: Node

    def named(self, node: Node) -> Node:
        """Return a name with the layer of the text; X for A0."""
        if not isinstance(node, Name) or node.index is None:
            return node
        symbol, by = layer_of(node.index)
        index = self._shifted(symbol.base, by) if isinstance(symbol, Name) else node.index
        return self._at(node.base, index)

    def _at(self, base: str, index: Node | None) -> Name:
        if index is None or (show(index) == "0" and base in ("A", "dA")):
            return Name(0, "X" if base == "A" else "dX")
        return Name(0, base, index)

    def filled(self, words: str) -> str:
        """Return words with the layers of the text."""

        def fill(found: re.Match[str]) -> str:
            by = int(found[3] or 0)
            index = self._shifted(found[2], by)
            return found[0] if index is None else show(self._at(found[1], index))

        words = re.sub(r"(d?[WbZAn])\[([lL])([-+]1)?\]", fill, words)
        return re.sub(r"(d?[WbZ])\[1\]", r"\g<1>1", words)

    def _shifted(self, symbol: str, by: int) -> Node | None:
        base = self.l if symbol == "l" else self.L
        return None if base is None else shifted(base, by)


def statements(symptom: str) -> Iterator[Statement]:
    """Yield the formulas of a symptom that can be read as such."""
    for text in NEXT.split(symptom):
        if (stated := STATED.match(text)) and (found := _read(stated[1], stated[2])):
            yield found


def _read(target: str, text: str) -> Statement | None:
    formula = text
    for end in ENDS.finditer(text):
        before = text[: end.start()]
        if before.count("(") == before.count(")"):
            if end[0] == " where ":
                return None  # the formula is another one elsewhere
            formula = before
            break
    rest = ELSEWHERE.sub("", text[len(formula) :])
    for pattern, other in SPELLING:
        formula = re.sub(pattern, other, formula)
    try:
        name = syntax.read(target)
        node = syntax.read(notation.plain(f"f = {formula}").text.removeprefix("f = "))
    except DerivationError:
        return None
    strange = any(part.index is None and part.base not in KNOWN for part in names(node))
    return Statement(name, node, rest) if isinstance(name, Name) and not strange else None


def without_biases(symptom: str) -> str:
    """Return what a symptom says of a network without biases."""
    return BIAS.sub("", symptom)


def in_words(symptom: str, called: str) -> str:
    """Return what a symptom says of one line, which sets what is called so."""
    text = ELSEWHERE.sub("", NEXT.split(symptom)[0])
    text = BOTH.sub(lambda found: called + ONE[found[1]], text)
    return re.sub(r"R\(ℓ\)$", "the loss alone", text).replace("R(ℓ)", "the loss")  # noqa: RUF001


def at_layers(statement: Statement, layers: Layers) -> Statement:
    """Return a statement with the layers of a text."""
    target = layers.named(statement.target)
    formula = collected(mapped(statement.formula, layers.named))
    name = target if isinstance(target, Name) else statement.target
    return Statement(name, formula, layers.filled(statement.rest))
