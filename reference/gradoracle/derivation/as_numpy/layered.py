"""A name that a text writes both as ``delta2`` and as ``delta[2]``: it is one array.

Where values are looked up both are ``delta2``; in Python one is a name and one an entry of a
dictionary.
"""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

from gradoracle.derivation.reading.lines import Line
from gradoracle.derivation.reading.syntax import Name, Node, Number, mapped, names
from gradoracle.derivation.verdicts import Checked

NUMBERED = re.compile(r"(\w*[A-Za-z_])(0|[1-9][0-9]*)", re.ASCII)


def with_layers(checked: Checked) -> Checked:
    """Return a text in which a name has its layer as an index, if its base has one anywhere."""
    lines = [verdict.line for verdict in checked.lines]
    several = [name for line in lines for name in (line.target, *names(line.formula))]
    layered = {name.base for name in several if name.index is not None}

    def indexed(node: Node) -> Node:
        plain = isinstance(node, Name) and node.index is None
        found = NUMBERED.fullmatch(node.base) if isinstance(node, Name) and plain else None
        if found is None or found[1] not in layered:
            return node
        return Name(node.at, found[1], Number(node.at, Fraction(int(found[2]))))

    def changed(line: Line) -> Line:
        target = indexed(line.target)
        own = target if isinstance(target, Name) else line.target
        return replace(line, target=own, formula=mapped(line.formula, indexed))

    whole = [replace(verdict, line=changed(verdict.line)) for verdict in checked.lines]
    return replace(checked, lines=tuple(whole))
