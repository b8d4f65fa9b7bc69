"""What a derivation says about its network before the first formula.

::

    network: sizes 784-196-1, activations sigmoid sigmoid, loss binary_cross_entropy
    layout: rows
    weights: out-by-in
    convention: undivided
    means: dLdZ1 = dZ1, diff_hid = -dZ1/2
    inputs: x (1, n), w (1, 1)

Sizes are a pattern: which are equal and which are 1. Numbers or letters do (``d-h-1``). ``layers
L`` leaves their number free; then the first activation is that of every hidden layer. Without a
loss the text's own J is the definition; without a network all its formulas up to J are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypedDict

from gradoracle.activations import ACTIVATIONS
from gradoracle.derivation import syntax
from gradoracle.derivation.limits import LAYERS, NAMES, DerivationError
from gradoracle.derivation.source import CONSTANTS, Source, reserved, tie
from gradoracle.derivation.syntax import Name, Node
from gradoracle.losses import LOSSES
from gradoracle.network import REDUCTIONS

CONVENTIONS = ("plain", "per-example", "undivided")
WEIGHTS = ("out-by-in", "in-by-out")
PARAMETER = re.compile(r"[Wb][1-9][0-9]*")
SIZE = re.compile(r"[A-Za-z][A-Za-z0-9_]*|[1-9][0-9]*")


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
    means : tuple of (Name, Node)
        The text's names, and what they are in names of the trace.
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
    means: tuple[tuple[Name, Node], ...] = ()
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

    def is_parameter(self, key: str) -> bool:
        """Whether a name is W^[l], b^[l], or a further input without a place for each example."""
        for name, *shape in self.inputs:
            if name == key:
                sizes = [used for size in shape for used in syntax.names(size)]
                return not any(size.base == "n" and size.index is None for size in sizes)
        return self.network and PARAMETER.fullmatch(key) is not None

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
    found: dict[str, object] = {}
    for number, name, value in source.header:
        try:
            if name in ("means", "inputs"):
                found[name] = (*found.get(name, ()), *READERS[name](value))  # type: ignore[misc]
                _refuse_many(found)
                continue
            new = {name: value.strip()} if name in ("title", "source") else READERS[name](value)
            if set(new) & set(found):
                raise DerivationError(f"{name}: once", "it twice", "write it on one line")
            found.update(new)  # type: ignore[arg-type]
        except DerivationError as error:
            raise error.on_line(number) from None
    if found.get("rows") and "out_by_in" not in found:
        found["out_by_in"] = False
    if "inputs" not in found and "activations" not in found:
        raise DerivationError(
            "a network: line above the formulas",
            "none",
            "network: sizes 784-196-1, activations sigmoid sigmoid, loss binary_cross_entropy",
            line=source.lines[0].number,
        )
    found["at"] = {name: number for number, name, _ in source.header}
    header = Header(**found)  # type: ignore[arg-type]
    _check_names(header, source)
    return header


def _refuse_many(found: Mapping[str, object]) -> None:
    count = sum(len(found.get(name, ())) for name in ("means", "inputs"))  # type: ignore[arg-type, misc]
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
    for meant, _ in header.means:
        name = syntax.show(meant)
        trace = reserved(name) and name not in ("L", "N")  # both stand for other things, too
        if name in seen | counters or trace:
            mend = "tie a name of the text to one of the trace: means: dLdZ1 = dZ1"
            raise DerivationError("a name of the text's own", name, mend, header.at["means"])
        seen.add(name)


def _taken(name: str, header: Header) -> bool:
    """Whether an input may not be called so: without a network those of the trace are free."""
    numbered = syntax.NUMBERED.fullmatch(name)
    if name in syntax.FUNCTIONS or name in syntax.ALIASES or (header.network and reserved(name)):
        return True
    derived = name.startswith("d") and reserved(name)
    return (
        derived or name in (*CONSTANTS, "J", "A0") or (numbered is not None and numbered[1] == "n")
    )


class _Words(TypedDict, total=False):
    """What a network line says, word by word."""

    sizes: tuple[str, ...]
    layers: int
    activations: tuple[str, ...]
    loss: str
    reduction: str
    l2: bool


def _network(value: str) -> Mapping[str, object]:
    found: _Words = {}
    for part in filter(None, (part.strip() for part in value.split(","))):
        word, *rest = part.split()
        match word.lower(), rest:
            case "sizes", [pattern]:
                new: _Words = {"sizes": _sizes(pattern)}
            case "layers", ["L"]:
                new = {"layers": 0}
            case "layers", [number] if number.isascii() and number.isdigit():
                new = {"layers": _layers(int(number))}
            case (("activations" | "activation"), [_, *_]):
                several = tuple(_one("activation", name, ACTIVATIONS) for name in rest)
                new = {"activations": several}
            case "loss", [name]:
                new = {"loss": _one("loss", name, LOSSES)}
            case "reduction", [name]:
                new = {"reduction": _one("reduction", name, REDUCTIONS)}
            case "l2", ["lam"]:
                new = {"l2": True}
            case _:
                raise DerivationError(
                    "sizes, layers, activations, loss, reduction, l2",
                    part[:60],
                    "network: sizes 784-196-1, activations relu sigmoid, loss squared_error, l2 lam",
                )
        if new.keys() & found.keys():
            raise DerivationError(f"{word} once", "it twice", "one network a derivation")
        found.update(new)
    found = _consistent(found)
    _possible(found)
    return found


def _consistent(found: _Words) -> _Words:
    """Bring sizes, layers and activations together."""
    sizes, activations = found.get("sizes", ()), found.get("activations", ())
    if not activations:
        raise DerivationError("activations", "none", "activations relu sigmoid: one for each layer")
    free = found.get("layers") == 0
    L = len(sizes) - 1 if sizes else found.get("layers", len(activations))
    if free and sizes:
        raise DerivationError("sizes or layers L", "both", "leave the sizes out: they are free")
    if free:
        if len(activations) > 2:
            raise DerivationError(
                "the hidden and the output activation", f"{len(activations)}", "relu sigmoid"
            )
        return found
    if len(activations) == 2 < L:
        activations = (activations[0],) * (L - 1) + activations[1:]
    if len(activations) != L or found.get("layers", L) != L:
        raise DerivationError(
            f"{L} activations", f"{len(activations)}", "one for each layer but the input"
        )
    return {**found, "activations": activations, "layers": _layers(L)}


def _possible(found: _Words) -> None:
    """Refuse what the contract does not have: see `gradoracle.network.Network`."""
    sizes, activations = found.get("sizes", ()), found["activations"]
    loss = found.get("loss", "")
    if ("softmax", "1") in zip(activations, sizes[1:], strict=False):
        mend = "a single output is sigmoid with binary_cross_entropy"
        raise DerivationError("softmax on 2 units or more", "1, where it is constant", mend)
    needed = LOSSES[loss].output if loss else None
    if needed is not None and activations[-1] != needed:
        raise DerivationError(f"a {needed} output with {loss}", activations[-1], "or squared_error")
    if "l2" in found and not loss:
        mend = "name the loss, or write J = ... + lam / 2 * sum(W1**2) without l2"
        raise DerivationError("a loss beside l2", "none", mend)


def _layers(number: int) -> int:
    if not 1 <= number <= LAYERS:
        got = f"{number}" if abs(number) < 10**6 else "more"
        raise DerivationError(f"1 to {LAYERS} layers", got, "layers L leaves it free")
    return number


def _sizes(pattern: str) -> tuple[str, ...]:
    sizes = tuple(pattern.split("-"))
    if len(sizes) < 2 or not all(SIZE.fullmatch(size) for size in sizes):
        raise DerivationError("sizes such as 784-196-1 or d-h-1", pattern[:60], "join them by '-'")
    _layers(len(sizes) - 1)
    return sizes


def _layout(value: str) -> dict[str, object]:
    return {"rows": _one("layout", value, ("columns", "rows")) == "rows"}


def _weights(value: str) -> dict[str, object]:
    return {"out_by_in": _one("weights", value, WEIGHTS) == "out-by-in"}


def _convention(value: str) -> dict[str, object]:
    return {"convention": _one("convention", value, CONVENTIONS)}


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


def _one(what: str, name: str, allowed: object) -> str:
    names, name = tuple(allowed), name.strip()  # type: ignore[var-annotated, arg-type]
    if name not in names:
        raise DerivationError(f"{what} one of {', '.join(names)}", name[:40], "check the spelling")
    return name


READERS = {
    "network": _network,
    "layout": _layout,
    "weights": _weights,
    "convention": _convention,
    "means": _means,
    "inputs": _inputs,
}
