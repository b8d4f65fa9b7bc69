"""What a derivation is made of: claims, and loops over layers that they stand in."""

from __future__ import annotations

from dataclasses import dataclass

from gradoracle.derivation.reading import syntax
from gradoracle.derivation.reading.syntax import Name, Node


@dataclass(frozen=True)
class Loop:
    """``for l in range(first, end, step):`` with its line and how far it is indented.

    Its line is 0 where none says it: see `every_layer`.
    """

    number: int
    name: str
    bounds: tuple[Node, ...]
    indent: int = 0

    @property
    def head(self) -> str:
        """Its first line, in normal form."""
        return f"for {self.name} in range({', '.join(map(syntax.show, self.bounds))}):"


@dataclass(frozen=True)
class Line:
    """One claim: a target and one side of its formula.

    Attributes
    ----------
    number : int
        Of the line in the file, from 1.
    written : str
        The line as it stands there, without the comment.
    target : Name
    formula : Node
    loop : Loop or None
        The loop it stands in.
    side : int
        0, or the number of the side where a line has several.
    """

    number: int
    written: str
    target: Name
    formula: Node
    loop: Loop | None = None
    side: int = 0

    @property
    def is_equation(self) -> bool:
        """Whether it is meant of every layer and stands in no loop: see `every_layer`."""
        return self.loop is not None and not self.loop.number

    @property
    def normal(self) -> str:
        """The normal form of the line: how it was understood."""
        return f"{syntax.show(self.target)} = {syntax.show(self.formula)}"
