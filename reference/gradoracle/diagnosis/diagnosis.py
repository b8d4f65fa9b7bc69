"""What a diagnosis says: the names of what explains a failure, or the facts that are certain."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["mistake", "pair", "signature", "none"]

SHOWN = 2  # explanations with the same numbers that are named in a line


@dataclass(frozen=True)
class Partial:
    """A known mistake that explains whole wrong arrays, but not all of them.

    Attributes
    ----------
    name : str
        Of the mistake.
    layer : int
        0 is everywhere at once.
    share : float
        Of the wrong entries, how many it explains; below 1.
    explained, unexplained : tuple of str
        The wrong arrays, in the order of computation.
    """

    name: str
    layer: int
    share: float
    explained: tuple[str, ...]
    unexplained: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{described(self.name, self.layer)} would explain {', '.join(self.explained)} but not "
            f"{', '.join(self.unexplained) or 'what was right'}: {self.share:.0%} of the wrong "
            "entries"
        )


@dataclass(frozen=True)
class Diagnosis:
    """What explains a wrong trace.

    Attributes
    ----------
    kind : {"mistake", "pair", "signature", "none"}
        A signature is a relation of every wrong number to the truth, without a known mistake.
    names : tuple of tuple of (str, int)
        The explanations that nothing observed can tell apart, each with one (mistake, layer) or
        two; layer 0 is everywhere it can be made. Empty unless the kind is a mistake or a pair.
    formula, mend, code : str
        Of the first explanation: the wrong formula, the right one in words, and as NumPy.
    worst : float
        The largest |got - explained| over its tolerance; at most 1 for a mistake or a pair.
    confirmed : bool or None
        Whether a second case bears it out; None if the candidate could not be run on one that
        shows it.
    on : str
        The id of that case.
    partial : tuple of Partial
        What explains some wrong arrays wholly, best first; only where nothing explains all.
    facts : tuple of str
        What is certain whatever the cause, one line each.
    seconds : float
        What it took.
    """

    kind: Kind
    names: tuple[tuple[tuple[str, int], ...], ...] = ()
    formula: str = ""
    mend: str = ""
    code: str = ""
    worst: float = float("inf")
    confirmed: bool | None = None
    on: str = ""
    partial: tuple[Partial, ...] = ()
    facts: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def name(self) -> str:
        """The first explanation in one line; empty if there is none."""
        if not self.names:
            return ""
        return " and ".join(described(*part) for part in self.names[0])

    def __str__(self) -> str:
        if not self.names:
            where = f", and on {self.on} as well" if self.confirmed else ""
            return f"{self.formula}{where}" if self.formula else "no known mistake explains this"
        if self.confirmed:
            where = f", and of {self.on} as well"
        else:
            where = "" if self.confirmed is None else f", but not those of {self.on}"
        share = f"to {self.worst:.2g} of its tolerance"
        said = f"{self.name}: {self.formula} explains every number {share}{where}"
        others = [" and ".join(described(*part) for part in parts) for parts in self.names[1:]]
        more = f" and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
        return f"{said}; the same numbers: {', '.join(others[:SHOWN])}{more}" if others else said

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it; a share that is infinite is null."""
        fields = asdict(self)
        fields["worst"] = self.worst if self.worst < float("inf") else None
        return fields


def described(name: str, layer: int) -> str:
    """Return a mistake with its layer in words."""
    return f"{name} at layer {layer}" if layer else name
