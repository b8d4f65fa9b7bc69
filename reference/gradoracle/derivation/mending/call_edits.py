"""The edits of a call: another function, another axis, the argument alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gradoracle.derivation.mending.changes import INSTEAD, Around, Edit
from gradoracle.derivation.mending.name_edits import shifted
from gradoracle.derivation.reading.syntax import Call, Minus, Name, constant, show
from gradoracle.derivation.reading.vocabulary import CURVES


def edits_of_call(node: Call, around: Around) -> Iterator[Edit]:
    """Yield other functions, other axes, and the argument alone."""
    name, given, at = node.function, node.arguments, node.at
    if name in ("sum", "mean"):
        for axis in (around.axis, 1 - around.axis, None):
            words = "of everything" if axis is None else f"over axis={axis}"
            if axis != node.axis:
                cost = 1 if axis == around.axis else 2
                yield Edit(cost, Call(at, name, given, axis), f"the {name} is {words}")
        other = "mean" if name == "sum" else "sum"
        yield Edit(2, Call(at, other, given, node.axis), f"the {other}, not the {name}")
        yield Edit(3, given[0], f"the {name} of {{}} is too much", (given[0],), less=True)
    elif name == "softmax":
        units = 1 - around.axis
        if node.axis == around.axis:
            yield Edit(1, Call(at, name, given, units), f"softmax is over axis={units}")
    elif name == "exp" and not isinstance(given[0], Minus):
        turned = replace(node, arguments=(Minus(at, given[0]),))
        yield Edit(2, turned, INSTEAD, (turned, node))
    elif name.removesuffix("_prime") in CURVES:
        yield from _curve(node, around)


def _curve(node: Call, around: Around) -> Iterator[Edit]:
    """Yield the derivative at Z, another activation, and the derivative for the function."""
    name, given, at = node.function, node.arguments, node.at
    primed = name.endswith("_prime")
    inner = given[0]
    if primed and isinstance(inner, Name) and inner.base != "Z" and inner.index is not None:
        Z = Name(inner.at, "Z", inner.index)
        text = "the derivative is to be taken at {}, not at {}"
        yield Edit(2, Call(at, name, (Z,)), text, (Z, inner))
    for cost, one in _of_layers(node, around):
        yield Edit(cost, one, f"{called(one)}, not {called(node)}")
    others = [f"{curve}_prime" if primed else curve for curve in around.curves]
    others.append(name.removesuffix("_prime") if primed else f"{name}_prime")
    for other in others:
        if other != name:
            yield Edit(2, Call(at, other, given), f"{other}, not {called(node)}")


def _of_layers(node: Call, around: Around) -> Iterator[tuple[int, Call]]:
    """Yield ``g[l]`` of the layer of what it is taken at, and of those beside its own."""
    inner = node.arguments[0]
    at = inner.index if isinstance(inner, Name) else None
    symbolic = at is not None and constant(at) is None
    if at is not None and (around.layered or symbolic):
        of_g = "g_prime" if node.function.endswith("_prime") else "g"
        yield 1 if around.layered else 3, replace(node, function=of_g, layer=at)
    for by in (-1, 1):
        layer = None if node.layer is None else shifted(node.layer, by)
        if layer is not None:
            yield 2, replace(node, layer=layer)


def called(node: Call) -> str:
    """Return the name of a function, with its layer."""
    return show(replace(node, arguments=()))[:-2]
