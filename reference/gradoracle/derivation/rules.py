"""The rule that each backward line is an instance of, in the notation of the text.

There are few: the derivative of the loss, the chain rule entry by entry, the chain rule through
loss and activation at once, a product with a transpose, a sum over a broadcast axis.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from gradoracle.derivation.header import Header
from gradoracle.derivation.source import Line
from gradoracle.derivation.syntax import Binary, Minus, Name, Node, Number, constant, names, show
from gradoracle.derivation.verdicts import Checked, LineVerdict, Verdict
from gradoracle.losses import LOSSES

RULED = (Verdict.RIGHT, Verdict.FED)


def with_rules(checked: Checked) -> Checked:
    """Return a checked derivation with a rule for each backward line that is right in itself.

    Texts without a network get the chain rule for what is no input: there is no layer to name.
    """
    lines = tuple(
        replace(verdict, rule=_rule(checked, verdict)) if verdict.verdict in RULED else verdict
        for verdict in checked.lines
    )
    return replace(checked, lines=lines)


def _rule(checked: Checked, verdict: LineVerdict) -> str:
    """Return the rule of one line; empty for a forward line or an update."""
    target = _meaning(checked.header, verdict.line.target)
    if not target.base.startswith("d") or target.base == "d":
        return ""
    if not checked.header.network:
        return "chain rule"
    if target.base == "dX":
        target = Name(target.at, "dA", Number(target.at, Fraction(0)))
    if target.index is None:
        return ""
    return _Layer(checked, verdict.line, target).rule()


def _meaning(header: Header, name: Name) -> Name:
    """Return the name in the trace that the text's own name is tied to."""
    meaning = header.meaning(name)
    while isinstance(meaning, Minus) or (
        isinstance(meaning, Binary) and isinstance(meaning.right, Number)
    ):
        meaning = meaning.operand if isinstance(meaning, Minus) else meaning.left
    return meaning if isinstance(meaning, Name) else name


class _Layer:
    """The names of one layer, as a line writes them."""

    def __init__(self, checked: Checked, line: Line, target: Name) -> None:
        self.header, self.line, self.target = checked.header, line, target
        self.here = target.index or Number(0, Fraction(0))

    def at(self, base: str, step: int = 0) -> str:
        """Return a name at this layer, or some layers from it."""
        whole = constant(self.here)
        if whole is not None:
            index: Node = Number(0, whole + step)
        else:
            index = _moved(self.here, step)
        text = show(Name(0, base, index))
        return {"A0": "X", "dA0": "dX"}.get(text, text)

    @property
    def is_last(self) -> bool:
        """Whether the layer is the output."""
        whole = constant(self.here)
        if whole is None:
            return show(self.here) == "L"
        return bool(self.header.layers) and whole == self.header.layers

    def rule(self) -> str:
        """Return the rule for the target."""
        match self.target.base:
            case "dW":
                return self.weights()
            case "db":
                return (
                    f"sum over a broadcast axis: {self.at('b')} is added in every example, so its "
                    f"derivative is the sum of {self.at('dZ')} over the examples"
                )
            case "dZ":
                return self.delta()
            case "dA":
                return self.activation()
        return ""

    def weights(self) -> str:
        Z, W, dZ, A = self.at("Z"), self.at("W"), self.at("dZ"), self.at("A", -1)
        gives = {
            (False, True): (f"{W} @ {A}", f"{dZ} @ {A}.T"),
            (False, False): (f"{W}.T @ {A}", f"{A} @ {dZ}.T"),
            (True, False): (f"{A} @ {W}", f"{A}.T @ {dZ}"),
            (True, True): (f"{A} @ {W}.T", f"{dZ}.T @ {A}"),
        }[self.header.rows, self.header.out_by_in]
        text = f"product with a transpose: {Z} = {gives[0]} + {self.at('b')} gives {gives[1]}"
        if self.header.l2:
            text += f"; lam / 2 times the squares of {W} gives lam * {W}"
        return text

    def activation(self) -> str:
        if self.is_last:
            return f"derivative of the loss: J is a function of {self.at('A')}"
        W, dZ, Z, A = self.at("W", 1), self.at("dZ", 1), self.at("Z", 1), self.at("A")
        gives = {
            (False, True): (f"{W} @ {A}", f"{W}.T @ {dZ}"),
            (False, False): (f"{W}.T @ {A}", f"{W} @ {dZ}"),
            (True, False): (f"{A} @ {W}", f"{dZ} @ {W}.T"),
            (True, True): (f"{A} @ {W}.T", f"{dZ} @ {W}"),
        }[self.header.rows, self.header.out_by_in]
        return f"product with a transpose: {Z} = {gives[0]} + {self.at('b', 1)} gives {gives[1]}"

    def delta(self) -> str:
        curve = self.header.activations[-1 if self.is_last else 0]
        whole = constant(self.here)
        if whole is not None and self.header.layers:
            curve = self.header.activation(int(whole), self.header.layers)
        A, Z, dA = self.at("A"), self.at("Z"), self.at("dA")
        fused = self.is_last and self.header.loss and LOSSES[self.header.loss].output
        if fused and not any(name.base == "dA" for name in names(self.line.formula)):
            return f"chain rule through loss and {curve} at once: what {curve}' has cancels"
        if curve == "softmax":
            return f"chain rule with the full Jacobian of softmax: every {Z} moves every {A}"
        through = f"{A} = {curve}({Z})"
        if not any(name.base == "dA" for name in names(self.line.formula)) and not self.is_last:
            step = f"product with a transpose gives {dA}, then the "
        else:
            step = ""
        return f"{step}chain rule, entry by entry: {through} gives {dA} * {curve}_prime({Z})"


def _moved(index: Node, step: int) -> Node:
    """Return l - 1 moved by a step, in its shortest form."""
    base, by = index, step
    if isinstance(index, Binary) and index.operator in "+-":
        offset = constant(index.right)
        if offset is not None:
            base, by = index.left, step + int(offset if index.operator == "+" else -offset)
    if by == 0:
        return base
    return Binary(0, "+" if by > 0 else "-", base, Number(0, Fraction(abs(by))))
