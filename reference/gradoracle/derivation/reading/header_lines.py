"""The header lines of a derivation: what it says of its network before the first formula.

::

    network: sizes 784-196-1, activations sigmoid sigmoid, loss binary_cross_entropy
    layout: rows
    weights: out-by-in
    convention: undivided
    examples: 1
    biases: none
    means: dLdZ1 = dZ1, diff_hid = -dZ1/2
    inputs: x (1, n), w (1, 1)

Sizes are a pattern: which are equal and which are 1. Numbers or letters do (``d-h-1``). ``layers
L`` leaves their number free; then the first activation is that of every hidden layer. Without a
loss the text's own J is the definition; without a network all its formulas up to J are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from gradoracle.derivation.limits import LAYERS, NAMES, DerivationError
from gradoracle.derivation.reading import syntax
from gradoracle.derivation.reading.claims import tie
from gradoracle.derivation.reading.header import CONVENTIONS, Header, Ties, layer_by_layer
from gradoracle.derivation.reading.header_names import about_its_own, check_names
from gradoracle.derivation.reading.indices import check_index
from gradoracle.derivation.reading.network_line import network_line, one_of
from gradoracle.derivation.reading.source import Source
from gradoracle.derivation.reading.spelling.parts import Style
from gradoracle.derivation.reading.syntax import Name, Node

WEIGHTS = ("out-by-in", "in-by-out")
EXAMPLES = ("n", "1")
BIASES = ("yes", "none")


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
                one = _means(value, source.whole) if name == "means" else _inputs(value)
                found[name] = (*found.get(name, ()), *one)
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
        mend = f"network: {_network_of(source)}, loss binary_cross_entropy"
        if about_its_own(source):
            mend += "; or, as J is the text's own, what it begins with: inputs: x (1, n), w (1, 1)"
        line = source.lines[0].number
        raise DerivationError("a network: line above the formulas", "none", mend, line)
    ties, layers = found.get("means", ()), found.get("layers", 0)
    found["means"], found["patterns"] = layer_by_layer(ties, layers)
    found["at"] = {name: number for number, name, _ in source.header}
    header = Header(**found)
    check_names(header, source)
    return header


def _network_of(source: Source) -> str:
    """Return how the network of a text may be told: with as many layers as it has."""
    named = [name for one in source.lines for name in (one.target, *syntax.names(one.formula))]
    layers = [syntax.constant(name.index) for name in named if name.index is not None]
    if None in layers or max(filter(None, layers), default=0) > LAYERS:
        return "layers L, activations sigmoid sigmoid"
    L = int(max(filter(None, layers), default=1))
    sizes = {1: "d-1", 2: "784-196-1"}.get(L, "-".join(f"n{layer}" for layer in range(L + 1)))
    return f"sizes {sizes}, activations {' '.join(['sigmoid'] * L)}"


def _refuse_many(found: Mapping[str, Any]) -> None:
    count = sum(len(found.get(name, ())) for name in ("means", "inputs"))
    if count > NAMES:
        expected = f"at most {NAMES} names in the header"
        raise DerivationError(expected, f"{count:,}", "write a smaller one")


def _layout(value: str) -> dict[str, object]:
    return {"rows": one_of("layout", value, ("columns", "rows")) == "rows"}


def _weights(value: str) -> dict[str, object]:
    return {"out_by_in": one_of("weights", value, WEIGHTS) == "out-by-in"}


def _convention(value: str) -> dict[str, object]:
    return {"convention": one_of("convention", value, CONVENTIONS)}


def _examples(value: str) -> dict[str, object]:
    return {"single": one_of("examples", value, EXAMPLES) == "1"}


def _biases(value: str) -> dict[str, object]:
    return {"biases": one_of("biases", value, BIASES) == "yes"}


def _means(value: str, style: Style) -> Ties:
    return tuple(tie(part.strip(), part.index(part.strip()), style) for part in _parts(value))


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
        check_index(_size(rows))
        check_index(_size(columns))
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
    "biases": _biases,
}
