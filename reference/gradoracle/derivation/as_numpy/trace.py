"""The trace that ``net(case)`` returns: names, layout and convention are the contract's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from gradoracle.derivation.as_numpy.statements import TRACE, Statement, depths, traced
from gradoracle.derivation.as_numpy.text import LAYER, Writer
from gradoracle.derivation.as_numpy.ties import meant
from gradoracle.derivation.as_numpy.updates import replaced
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.syntax import Call, Name, Node, names, show
from gradoracle.losses import LOSSES

DIVISORS = {"mean": "n", "sum": "", "mean_all": "Y.size"}


@dataclass
class Returned:
    """What the function returns, of what the text sets.

    Attributes
    ----------
    header : Header
    N : str
        By which what is left undivided is divided; empty for 1.
    loops : bool
        Whether what has a layer is kept as W[l].
    given : list of Name
        What is set.
    undivided : set of str
        The derivatives that are N times those of J.
    """

    header: Header
    N: str
    loops: bool
    given: list[Name]
    undivided: set[str] = field(default_factory=set)

    def wanted(self) -> Iterator[Name]:
        """Yield what is returned, as the text calls it."""
        yield Name(0, "J")
        tables = self.tables()
        for name in self.given:
            of = meant(self.header, name).name
            if of.base == "J" or self.key(of):
                own = tables.get(of.base)
                yield from [name, of] if own and show(own) == f"{of.base}[layer]" else [name]

    def key(self, name: Name) -> str:
        """Return under which name it is returned; empty if it is not."""
        if self.lost(name) or not ((name.base in TRACE and name.index) or show(name) == "dX"):
            return ""
        return {"A0": "", "dA0": "dX"}.get(show(name), show(name))

    def lost(self, name: Name) -> bool:
        """Whether it is dA^[L] of a cross-entropy: not finite where A is 0 or 1."""
        fused = self.header.loss and LOSSES[self.header.loss].output is not None
        return bool(fused) and show(name) in (f"dA{self.header.layers or '[L]'}", "dA[L]")

    def tables(self) -> dict[str, Node]:
        """Return, for what is kept by layer, the formula of its entry for a layer."""
        found: dict[str, dict[str, Node]] = defaultdict(dict)
        for name in self.given if self.loops else ():
            of = meant(self.header, name)
            if of.name.base in TRACE and of.name.index is not None:
                own = of.formula if name.index is not None else of.name
                entry = _entry(own)
                found[of.name.base][show(entry)] = entry
        return {
            base: next(iter(own.values())) if len(own) == 1 else Name(0, base, LAYER)
            for base, own in found.items()
        }

    def lines(self, live: Sequence[Statement], writer: Writer) -> Iterator[str]:
        """Yield the lines that return the trace: all in the layout of the contract."""
        values, tables = {"J": "J"}, self.tables()
        for name in self.given:
            of = meant(self.header, name)
            if of.name.base == "J":
                values["J"] = writer.show(name)
            elif of.name.base not in tables and (key := self.key(of.name)):
                values[key] = self.value(writer, of.formula, of.name.base, show(name))
        stable = any(is_loss(statement.line.formula, self.header) for statement in live)
        values["J"] += "" if stable else ".item()"
        if not self.loops:
            yield from ["return {", *(f'    "{key}": {v},' for key, v in values.items()), "}"]
            return
        entries = ", ".join(f'"{key}": {value}' for key, value in values.items())
        yield f"trace = {{{entries}}}"
        yield from self.by_layer(tables, live, writer)
        yield "return trace"

    def by_layer(
        self, tables: dict[str, Node], live: Sequence[Statement], writer: Writer
    ) -> Iterator[str]:
        """Yield the loops that name what is kept by layer as the trace does."""
        left = [show(name) for name in self.given if show(name) in self.undivided]
        whole = {base: own for base, own in tables.items() if self.everywhere(base, live)}
        yield "for layer in range(1, L + 1):"
        for base, formula in whole.items():
            undivided = next((name for name in left if name.startswith(base)), "")
            yield f'    trace[f"{base}{{layer}}"] = {self.value(writer, formula, base, undivided)}'
        for base in [base for base in tables if base not in whole]:
            own = writer.plain(next(names(tables[base])).base)
            kept = any(self.lost(meant(self.header, s.line.target).name) for s in live)
            yield f"for layer in {own}{'.keys() - {L}' if kept and base == 'dA' else ''}:"
            key = 'f"dA{layer}" if layer else "dX"' if base == "dA" else f'f"{base}{{layer}}"'
            yield f"    trace[{key}] = {self.value(writer, tables[base], base)}"

    def everywhere(self, base: str, live: Sequence[Statement]) -> bool:
        """Whether every layer has it; dA may have a layer 0, too."""
        lines = [statement.line for statement in live]
        return base != "dA" and all(
            {f"{base}{layer}" for layer in range(1, L + 1)}
            <= {step.key for step in traced(self.header, lines, L)}
            for L in depths(self.header)
        )

    def value(self, writer: Writer, formula: Node, base: str, name: str = "") -> str:
        """Return what the contract calls a name of the trace, out of what the text calls it."""
        text = writer.show(formula)
        if self.header.rows if base != "dW" else not self.header.out_by_in:
            bare = text.removesuffix(".T")
            text = bare if bare != text else f"({text}).T" if " " in text else f"{text}.T"
        return f"{text} / {self.N}" if name in self.undivided and self.N else text


def is_loss(node: Node, header: Header) -> bool:
    """Whether a formula is J as `J_of` has it."""
    return isinstance(node, Call) and node.function == header.loss


def _entry(node: Node) -> Node:
    """Return a formula of one name with a layer, for the layer that the last loop counts."""

    def of_layer(part: Node) -> Node | None:
        return replace(part, index=LAYER) if isinstance(part, Name) and part.index else None

    return replaced(node, of_layer)
