"""The cheapest edits that make a formula right: a search in the order of their cost.

Edits are tried on true inputs where the line is wrong. All formulas of a search share the parts
that were not edited, and their values: so most of a formula is evaluated once.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from heapq import heappop, heappush
from itertools import count

from gradoracle.derivation.judging.places import Place
from gradoracle.derivation.judging.tied import Names
from gradoracle.derivation.mending.canonical import Writer, layer
from gradoracle.derivation.mending.changes import Around, Edit
from gradoracle.derivation.mending.edits import edits
from gradoracle.derivation.mending.local_edits import factors_of
from gradoracle.derivation.reading import syntax
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.syntax import Call, Name, Node, Number, parts, show
from gradoracle.derivation.truth.evaluate import Scope, value_of

COST = 5  # of all edits together
ANOTHER = 1  # what it costs that there is one more
EDITS = 3
TRIED = 600  # formulas for one line
IN_ALL = 4800  # for a text, shared out among its wrong lines
SECONDS = 2.0  # of the processor, for large matrices; small ones are through long before


@dataclass
class Budget:
    """What is left for the edits of a text; after that a line gets its right formula."""

    left: int = IN_ALL
    here: int = TRIED
    until: float = field(default_factory=lambda: time.process_time() + SECONDS)

    @property
    def over(self) -> bool:
        """Whether the time is over."""
        return time.process_time() > self.until

    def share_out(self, lines: int) -> None:
        """Give the next line its share."""
        self.here = min(TRIED, self.left // max(1, lines))

    def spend(self) -> bool:
        """Take one, if there is one."""
        self.left -= 1
        self.here -= 1
        return self.here >= 0 and not self.over


@dataclass(eq=False)
class Search:
    """Edited formulas in the order of their cost, and a quick look at each.

    Formulas share their parts, and the scope keeps the value of every part it has seen: so all
    are kept alive, too.
    """

    place: Place
    scope: Scope = field(init=False)
    alive: list[Node] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.scope = self.place.scope()

    def nearest(self, start: Node, around: Around) -> Iterator[tuple[Node, tuple[Edit, ...]]]:
        """Yield formulas with their edits, the cheapest first, each once.

        A formula waits a second time to be edited further, until the cheapest of that is due.
        """
        order = count()  # of one cost, what leaves something out; then what is nearer to the root
        waiting: list[tuple[int, bool, int, Node, tuple[Edit, ...], bool]] = []
        seen = {show(start)}
        heappush(waiting, (0, False, next(order), start, (), True))
        while waiting:
            cost, more, _, formula, made, tried = heappop(waiting)
            if not tried and (text := show(formula)) not in seen:
                seen.add(text)
                self.alive.append(formula)
                yield formula, made
                if len(made) < EDITS and cost + ANOTHER < COST:
                    again = (cost + ANOTHER + 1, more, next(order), formula, made, True)
                    heappush(waiting, again)
            elif tried:
                spent = cost - 1 if made else 0
                for edit in edits(formula, around, COST - spent):
                    cost, more = spent + edit.cost, not edit.less
                    item = (cost, more, next(order), edit.formula, (*made, edit), False)
                    heappush(waiting, item)

    def right(self, formula: Node) -> bool:
        """Whether a formula gives the truth here."""
        return self.place.accepts(value_of(self.scope, formula))


def around(
    header: Header,
    target: Name,
    curves: Sequence[str],
    called: Names,
    writer: Writer,
    *,
    layered: bool = False,
) -> Around:
    """Return what an edit of a line may bring in.

    Parameters
    ----------
    header : Header
    target : Name
        What the line sets, by its name in the trace.
    curves : sequence of str
        The activations it may be about, the first as the line writes it.
    called : Names
    writer : Writer
    layered : bool
        Whether the text says ``g[l]``.
    """
    here = layer(target)
    slopes: list[tuple[Node, ...]] = [()] if curves[:1] == ("identity",) else []
    if target.base[0] == "d" and (len(curves) == 1 or curves[:1] == ("g",)):
        right = filter(None, writer.slopes(here, curves[0]))
        slopes += [tuple(factors_of(called.plain(syntax.read(text)))) for text in right]
    missing = {"Z": here.of("b") if header.biases else ""}
    missing["dW"] = f"lam * {here.of('W')}" if header.l2 else ""
    term = missing.get(target.base, "")
    return Around(
        axis=0 if header.rows else 1,
        slopes=tuple(slopes),
        curve=curves[0] if curves else "",
        terms=(syntax.read(term),) if term else (),
        counts=(Name(0, "n"), Number(0, Fraction(2))),
        curves=tuple(curves),
        layered=layered,
    )


def curves_of(header: Header, at: Sequence[Place]) -> tuple[str, ...]:
    """Return the activations of the layers that a line is about, g first where it says g."""
    if not header.network:
        return ()
    found = []
    for place in at:
        digits, L = re.search(r"[0-9]+$", place.name), place.given.setting.L
        found.append(header.activation(max(1, int(digits[0])) if digits else L, L))
    says_g = re.search(r"\bg(_prime)?\(", at[0].step.line.normal)
    several = len(set(found)) > 1 or says_g
    return tuple(dict.fromkeys(["g", *found] if several and header.hidden else found))


def says_layers(place: Place) -> bool:
    """Whether the text says ``g[l]`` somewhere."""
    lines = {id(one.step.line): one.step.line for one in place.outcomes}
    return any(
        isinstance(part, Call) and part.layer is not None
        for line in lines.values()
        for part in parts(line.formula)
    )
