"""The network line of a header: ``sizes 784-196-1, activations relu sigmoid, loss linear``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypedDict

from gradoracle.activations import ACTIVATIONS
from gradoracle.derivation.limits import LAYERS, DerivationError
from gradoracle.derivation.reading.refusals import nearest
from gradoracle.losses import LOSSES
from gradoracle.network import REDUCTIONS

WORDS = ("sizes", "layers", "activations", "activation", "loss", "reduction", "l2")
SHORT = {  # what a loss is called for short
    "bce": "binary_cross_entropy",
    "ce": "cross_entropy",
    "mse": "squared_error",
    "xent": "cross_entropy",
}
DASH = re.compile("[-\u2010-\u2013\u2212]")  # the hyphens and dashes of PDF files
SIZE = re.compile(r"[A-Za-z][A-Za-z0-9_]*|[1-9][0-9]*")


class _Words(TypedDict, total=False):
    """What a network line says, word by word."""

    sizes: tuple[str, ...]
    layers: int
    activations: tuple[str, ...]
    loss: str
    reduction: str
    l2: bool


def network_line(value: str) -> Mapping[str, object]:
    """Read a network line into what a header holds of it.

    Raises
    ------
    DerivationError
        For words that are unknown or do not go together.
    """
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
                several = tuple(one_of("activation", name, ACTIVATIONS) for name in rest)
                new = {"activations": several}
            case "loss", [name]:
                new = {"loss": one_of("loss", name, LOSSES)}
            case "reduction", [name]:
                new = {"reduction": one_of("reduction", name, REDUCTIONS)}
            case "l2", ["lam"]:
                new = {"l2": True}
            case "l2", [other] if other.isidentifier():
                mend = f"the strength is called lam here: l2 lam, and a line means: {other} = lam"
                raise DerivationError("l2 lam", part[:60], mend)
            case _:
                raise DerivationError(
                    "sizes, layers, activations, loss, reduction, l2",
                    part[:60],
                    "network: sizes 8-4-1, activations relu sigmoid, loss squared_error, l2 lam",
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
    sizes = tuple(DASH.split(pattern))
    if len(sizes) < 2 or not all(SIZE.fullmatch(size) for size in sizes):
        raise DerivationError("sizes such as 784-196-1 or d-h-1", pattern[:60], "join them by '-'")
    _layers(len(sizes) - 1)
    return sizes


def one_of(what: str, name: str, allowed: Iterable[str]) -> str:
    """Return a name if it is allowed.

    Raises
    ------
    DerivationError
        With all that are.
    """
    names, name = tuple(allowed), name.strip()
    if name not in names:
        near = nearest(name, names)
        if SHORT.get(name.lower()) in names:
            near = SHORT[name.lower()]
        mend = f"did you mean {near}?" if near else "check the spelling"
        raise DerivationError(f"{what} one of {', '.join(names)}", name[:40], mend)
    return name
