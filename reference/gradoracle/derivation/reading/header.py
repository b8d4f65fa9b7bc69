"""What a derivation says about its network before the first formula.

::

    network: sizes 784-196-1, activations sigmoid sigmoid, loss binary_cross_entropy
    layout: rows
    weights: out-by-in
    convention: undivided
    examples: 1
    means: dLdZ1 = dZ1, diff_hid = -dZ1/2
    inputs: x (1, n), w (1, 1)

Sizes are a pattern: which are equal and which are 1. Numbers or letters do (``d-h-1``). ``layers
L`` leaves their number free; then the first activation is that of every hidden layer. Without a
loss the text's own J is the definition; without a network all its formulas up to J are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from gradoracle.derivation.limits import NAMES, DerivationError
from gradoracle.derivation.reading import syntax
from gradoracle.derivation.reading.claims import tie
from gradoracle.derivation.reading.network_line import network_line, one_of
from gradoracle.derivation.reading.reserved import CONSTANTS, has_a_meaning, reserved
from gradoracle.derivation.reading.source import Source
from gradoracle.derivation.reading.syntax import Name, Node, Number

CONVENTIONS = ("plain", "per-example", "undivided")
WEIGHTS = ("out-by-in", "in-by-out")
EXAMPLES = ("n", "1")
FREE_LAYERS = 4  # at most, in the networks for ``layers L``
PARAMETER = re.compile(r"[Wb][1-9][0-9]*")


@dataclass(frozen=True)
class Header:
    """The family of networks a derivation is about, and how it writes things.

    Attributes
    ----------
    sizes : tuple of str
        The pattern of n_0 ... n_L; empty where it is free.
    layers : int
        L; 0 where it is free.
    activations : tuple of str
        g_1 ... g_L, or the hidden and the output one; empty without a network.
    loss : str
        Empty where the text's J is the definition.
    reduction : str
        Empty where it is not said.
    l2 : bool
        Whether J has lam / 2 times the squared weights.
    rows : bool
        Whether an example is a row.
    out_by_in : bool
        Whether W^[l] has n_l rows.
    convention : str
        One of `CONVENTIONS`; empty where it is not said.
    single : bool
        Whether it is about one example alone: n is 1.
    means : tuple of (Name, Node)
        The text's names, and what they are in names of the trace, layer by layer.
    patterns : tuple of (Name, Node)
        Those of them that stand for every layer, as they are written: ``delta[l] = dZ[l]``.
    inputs : tuple of (str, Node, Node)
        Further inputs, with the number of rows and of columns.
    title, source : str
        Of the derivation.
    at : mapping of str to int
        The line of each kind of header line.
    """

    sizes: tuple[str, ...] = ()
    layers: int = 0
    activations: tuple[str, ...] = ()
    loss: str = ""
    reduction: str = ""
    l2: bool = False
    rows: bool = False
    out_by_in: bool = True
    convention: str = ""
    single: bool = False
    means: tuple[tuple[Name, Node], ...] = ()
    patterns: tuple[tuple[Name, Node], ...] = ()
    inputs: tuple[tuple[str, Node, Node], ...] = ()
    title: str = ""
    source: str = ""
    at: Mapping[str, int] = field(default_factory=dict, compare=False)

    @property
    def network(self) -> bool:
        """Whether there is one."""
        return bool(self.activations)

    def activation(self, layer: int, L: int) -> str:
        """Return g_l in a network of L layers."""
        if self.layers:
            return self.activations[layer - 1]
        return self.activations[-1] if layer == L else self.activations[0]

    def curves(self, L: int) -> tuple[str, ...]:
        """Return g_1 to g_L in a network of L layers."""
        return tuple(self.activation(layer, L) for layer in range(1, L + 1) if self.network)

    def is_parameter(self, key: str) -> bool:
        """Whether a name is W^[l], b^[l], or a further input without a place for each example."""
        for name, *shape in self.inputs:
            if name == key:
                sizes = [used for size in shape for used in syntax.names(size)]
                return not any(size.base == "n" and size.index is None for size in sizes)
        return self.network and PARAMETER.fullmatch(key) is not None

    def meaning(self, name: Name) -> Node | None:
        """Return what a name means that the header ties; a layer may be l, L or l - 1."""
        for tied, meaning in self.means:
            if syntax.show(tied) == syntax.show(name):
                return meaning
        for tied, meaning in self.patterns:
            counter = _counter(tied)
            if tied.base == name.base and counter and name.index is not None:
                return syntax.substituted(meaning, counter, name.index)
        return None

    @property
    def hidden(self) -> str:
        """What g stands for: the activation of all hidden layers, or of the only layer."""
        several = set(self.activations[:-1] or self.activations)
        return several.pop() if len(several) == 1 else ""


def read_header(source: Source) -> Header:
    """Read the header lines of a file.

    Raises
    ------
    DerivationError
        With the line.
    """
    found: dict[str, Any] = {}
    for number, name, value in source.header:
        try:
            if name in ("means", "inputs"):
                found[name] = (*found.get(name, ()), *READERS[name](value))
                _refuse_many(found)
                continue
            new = {name: value.strip()} if name in ("title", "source") else READERS[name](value)
            if set(new) & set(found):
                raise DerivationError(f"{name}: once", "it twice", "write it on one line")
            found.update(new)
        except DerivationError as error:
            raise error.on_line(number) from None
    if found.get("rows") and "out_by_in" not in found:
        found["out_by_in"] = False
    if "inputs" not in found and "activations" not in found:
        mend = "network: sizes 784-196-1, activations sigmoid sigmoid, loss binary_cross_entropy"
        if _about_its_own(source):
            mend += "; or, as J is the text's own, what it begins with: inputs: x (1, n), w (1, 1)"
        line = source.lines[0].number
        raise DerivationError("a network: line above the formulas", "none", mend, line)
    _every_layer(found)
    found["at"] = {name: number for number, name, _ in source.header}
    header = Header(**found)
    _check_names(header, source)
    return header


def _about_its_own(source: Source) -> bool:
    """Whether a text sets a J and names nothing else of a network."""
    targets = {line.target.base for line in source.lines}
    named = [name for line in source.lines for name in (line.target, *syntax.names(line.formula))]
    of_networks = [
        name.index is not None or (reserved(name.base) and name.base not in (*CONSTANTS, "J"))
        for name in named
    ]
    return "J" in targets and not any(of_networks)


def _counter(name: Name) -> str:
    """Return the l of ``delta[l]``: the name of a layer that is any layer."""
    index = name.index
    return index.base if isinstance(index, Name) and index.base != "L" else ""


def _every_layer(found: dict[str, Any]) -> None:
    """Write ``delta[l] = dZ[l]`` out, layer by layer."""
    layers = found.get("layers") or FREE_LAYERS
    means, patterns = [], []
    for name, meaning in found.get("means", ()):
        counter = _counter(name)
        if not counter:
            means.append((name, meaning))
            continue
        patterns.append((name, meaning))
        for layer in range(layers + 1):
            number = Number(name.at, Fraction(layer))
            made = replace(name, index=number), syntax.substituted(meaning, counter, number)
            means.append(made)
    found["means"], found["patterns"] = tuple(means), tuple(patterns)


def with_tie(header: Header, name: Name, meaning: Node) -> Header:
    """Return a header with one tie more; ``delta[l] = dZ[l]`` is one of every layer."""
    found: dict[str, Any] = {"means": ((name, meaning),), "layers": header.layers}
    _every_layer(found)
    return replace(
        header,
        means=(*header.means, *found["means"]),
        patterns=(*header.patterns, *found["patterns"]),
    )


def _refuse_many(found: Mapping[str, Any]) -> None:
    count = sum(len(found.get(name, ())) for name in ("means", "inputs"))
    if count > NAMES:
        expected = f"at most {NAMES} names in the header"
        raise DerivationError(expected, f"{count:,}", "write a smaller one")


def _check_names(header: Header, source: Source) -> None:
    """Refuse names of the header that have a meaning already."""
    counters = {line.loop.name for line in source.lines if line.loop}
    seen: set[str] = set()
    for name, *_ in header.inputs:
        if name in seen | counters | {f"d{other}" for other in seen} or _taken(name, header):
            mend = "rename it: a name has one meaning"
            raise DerivationError("a name of its own", name, mend, header.at["inputs"])
        seen.add(name)
    free = ("L", "N") if header.loss == "linear" else ("L", "N", "C")  # they are other things, too
    for meant, _ in header.means:
        name = syntax.show(meant)
        trace = reserved(name) and name not in free
        if name in seen | counters or trace:
            mend = "tie a name of the text to one of the trace: means: dLdZ1 = dZ1"
            raise DerivationError("a name of the text's own", name, mend, header.at["means"])
        seen.add(name)


def _taken(name: str, header: Header) -> bool:
    """Whether an input may not be called so: without a network those of the trace are free."""
    numbered = syntax.NUMBERED.fullmatch(name)
    if has_a_meaning(name) and (header.network or not reserved(name)):
        return True
    derived = name.startswith("d") and reserved(name)
    return (
        derived or name in (*CONSTANTS, "J", "A0") or (numbered is not None and numbered[1] == "n")
    )


def _layout(value: str) -> dict[str, object]:
    return {"rows": one_of("layout", value, ("columns", "rows")) == "rows"}


def _weights(value: str) -> dict[str, object]:
    return {"out_by_in": one_of("weights", value, WEIGHTS) == "out-by-in"}


def _convention(value: str) -> dict[str, object]:
    return {"convention": one_of("convention", value, CONVENTIONS)}


def _examples(value: str) -> dict[str, object]:
    return {"single": one_of("examples", value, EXAMPLES) == "1"}


def _means(value: str) -> tuple[tuple[Name, Node], ...]:
    return tuple(tie(part.strip(), part.index(part.strip())) for part in _parts(value))


def _inputs(value: str) -> tuple[tuple[str, Node, Node], ...]:
    found = []
    for part in _parts(value):
        text = part.rstrip()
        shaped = re.fullmatch(r"\s*([A-Za-z]\w{0,39})\s*\(([^,()]+),([^,()]+)\)", text, re.ASCII)
        if shaped is None:
            column = len(text) - len(text.lstrip()) + 1
            got, mend = text.strip()[:60], "inputs: x (1, n), w (1, 1)"
            raise DerivationError("NAME (rows, columns)", got, mend, column=column)
        rows, columns = (syntax.read(" " * shaped.start(i) + shaped[i]) for i in (2, 3))
        syntax.check_index(_size(rows))
        syntax.check_index(_size(columns))
        found.append((shaped[1], rows, columns))
    return tuple(found)


def _size(node: Node) -> Node:
    """Return what of a size the rules for an index hold for: n0 is a size, W[n0] is no layer."""
    return node.index if isinstance(node, Name) and node.index is not None else node


def _parts(value: str) -> list[str]:
    """Cut at the commas outside brackets; every part stays in its column."""
    found, start, depth = [], 0, 0
    for at, sign in enumerate(value + ","):
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth <= 0:
            found.append(" " * start + value[start:at])
            start = at + 1
    if depth > 0:
        found.append(" " * start + value[start:])
    return [part for part in found if part.strip()]


READERS: dict[str, Callable[[str], Any]] = {
    "network": network_line,
    "layout": _layout,
    "weights": _weights,
    "convention": _convention,
    "examples": _examples,
    "means": _means,
    "inputs": _inputs,
}
