"""What a text leaves out of the forward pass, put in before it is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gradoracle.derivation.as_numpy.statements import Statement, depths, traced
from gradoracle.derivation.as_numpy.ties import meant
from gradoracle.derivation.reading import syntax
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.lines import Line, Loop
from gradoracle.derivation.reading.syntax import Call, Name, Node, names, show
from gradoracle.derivation.truth.contract import forward_text
from gradoracle.errors import InputError


def with_forward_loops(header: Header, lines: Sequence[Line]) -> list[Line]:
    """Put in what loops leave out of the forward pass: all of Z or of A, or both.

    Raises
    ------
    InputError
        If the text sets some layers of them only.
    """
    missing: set[str] = set()
    for L in depths(header):
        given = {step.key for step in traced(header, lines, L)}
        for base in "ZA":
            lacking = [
                f"{base}{layer}" for layer in range(1, L + 1) if f"{base}{layer}" not in given
            ]
            if 0 < len(lacking) < L:
                expected = f"lines for {', '.join(lacking)}"
                raise InputError(expected, f"none, with {L} layers", "set them in every layer")
            missing |= {base} if lacking else set()
    if missing == {"Z", "A"}:
        whole = Loop(-1, "l", tuple(map(syntax.read, ("1", "L + 1"))))
        return [*(_forward(header, base, Name(0, "l"), whole) for base in "ZA"), *lines]
    found: list[Line] = []
    for line in lines:
        name = meant(header, line.target).name
        layer = name.index if name.base in ("Z", "A") and show(name) != "A0" else None
        new = [_forward(header, base, layer, line.loop) for base in missing if layer]
        found += [*new, line] if missing == {"Z"} else [line, *new]
    return found


def _forward(header: Header, base: str, layer: Node, loop: Loop | None) -> Line:
    """Return the line of the contract for Z^[l] or A^[l], in the layout of the text."""
    if base == "A":
        formula: Node = Call(0, "g", (Name(0, "Z", layer),), layer=layer)
    else:
        (_, written), *_ = forward_text(replace(header, loss=""), "mean", max(1, header.layers))
        index, text = show(layer), written
        for old, new in (("W1", f"W[{index}]"), ("A0", f"A[{index} - 1]"), ("b1", f"b[{index}]")):
            text = text.replace(old, new)
        formula = syntax.read(text)
    return Line(0, "", Name(0, base, layer), formula, loop)


def with_forward(header: Header, found: Sequence[Statement]) -> list[Statement]:
    """Put in, before they are read, the lines of the forward pass that a text leaves out."""
    forward = dict(forward_text(replace(header, loss=""), "mean", header.layers))
    done: set[str] = set()

    def before(formula: Node) -> Iterator[Statement]:
        for name in names(formula):
            if (key := show(name)) in forward and key not in done:
                done.add(key)
                needed = syntax.read(forward[key])
                yield from before(needed)
                yield Statement(Line(0, "", name, needed))

    whole: list[Statement] = []
    for statement in found:
        whole += [*before(statement.line.formula), statement]
        done.add(show(meant(header, statement.line.target).name))
    return whole
