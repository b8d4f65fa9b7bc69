"""The formulas of a line of LaTeX, and each as the nodes that pylatexenc reads.

The parser is imported when the first LaTeX is met.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from gradoracle.derivation.reading.spelling.macros import (
    DROPPED,
    ENVIRONMENTS,
    FONTS,
    FRACTIONS,
    HATS,
    ONES,
    SCRIPTS,
    UPRIGHT,
)
from gradoracle.derivation.reading.spelling.signs import NotationError

if TYPE_CHECKING:
    from pylatexenc.latexwalker import LatexNode

LAYOUT = re.compile(
    r"(?P<next>\\\\(?:\[\d+(?:\.\d+)?(?:pt|em|ex|mm|cm)\])?)"
    rf"|(?P<blank>\\(?:begin|end)\{{(?:{'|'.join(ENVIRONMENTS)})\*?\}}|\\[\[\]()]|\$\$?|(?<!\\)[&~])"
    r"|(?P<other>\\.)",
    re.DOTALL,
)
WITH_ARGUMENT = (*UPRIGHT, *FONTS, *SCRIPTS, *ONES, *HATS, *DROPPED, "sqrt")


def statements(body: str) -> Iterator[tuple[int, str]]:
    r"""Yield the formulas between ``\\``, the marks of layout blanked, and where each begins."""
    blanked = LAYOUT.sub(_blanked, body)
    start = 0
    for formula in blanked.split("\x00"):
        yield start, formula
        start += len(formula) + 1


def _blanked(found: re.Match[str]) -> str:
    if found["other"]:
        return found.group()
    mark = "\x00" if found["next"] else " "
    return mark + " " * (len(found.group()) - 1)


@cache
def _macros() -> Any:
    """Return the macros with arguments; `latex_tokens` knows the others, or refuses them."""
    from pylatexenc.macrospec import LatexContextDb, std_macro

    shapes = dict.fromkeys(WITH_ARGUMENT, "{") | {"operatorname": "*{", "sqrt": "[{"}
    shapes |= dict.fromkeys(FRACTIONS, "{{")
    macros = [std_macro(name, shape) for name, shape in shapes.items()]
    context = LatexContextDb()
    context.add_context_category("formulas", macros=macros)
    return context


def nodes_of(statement: str, start: int) -> list[LatexNode]:
    """Return the nodes of a formula that begins at a column.

    Raises
    ------
    NotationError
        For a group that is open, and for a backslash at the end.
    """
    from pylatexenc.latexwalker import LatexWalker, LatexWalkerError

    if re.search(r"(?<!\\)(\\\\)*\\\s*$", statement):  # the parser would drop it
        raise NotationError(
            "a macro", "a backslash at the end", "delete it", column=start + len(statement.rstrip())
        )
    walker = LatexWalker(statement, latex_context=_macros(), tolerant_parsing=False)
    try:
        nodes: list[LatexNode] = walker.get_latex_nodes()[0]
    except LatexWalkerError as error:
        at = start + min(getattr(error, "pos", None) or 0, len(statement))
        got = getattr(error, "msg", None) or str(error)
        raise NotationError(
            "LaTeX whose groups are closed",
            got.splitlines()[0],
            "close every { and }",
            column=at + 1,
        ) from None
    return nodes
