"""Whether the names of a header, or of a text without one, are its own: each has one meaning."""

from __future__ import annotations

from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.reading import syntax
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.reserved import CONSTANTS, has_a_meaning, reserved
from gradoracle.derivation.reading.source import Source
from gradoracle.derivation.reading.vocabulary import NUMBERED


def about_its_own(source: Source) -> bool:
    """Whether a text sets a J and names nothing else of a network."""
    targets = {line.target.base for line in source.lines}
    named = [name for line in source.lines for name in (line.target, *syntax.names(line.formula))]
    of_networks = [
        name.index is not None or (reserved(name.base) and name.base not in (*CONSTANTS, "J"))
        for name in named
    ]
    return "J" in targets and not any(of_networks)


def check_names(header: Header, source: Source) -> None:
    """Refuse names of the header that have a meaning already.

    Raises
    ------
    DerivationError
        With the line.
    """
    counters = {line.loop.name for line in source.lines if line.loop}
    seen: set[str] = set()
    for name, *_ in header.inputs:
        if name in seen | counters | {f"d{other}" for other in seen} or _taken(name, header):
            mend = "rename it: a name has one meaning"
            raise DerivationError("a name of its own", name, mend, header.at["inputs"])
        seen.add(name)
    free = ("L", "N") if header.loss == "linear" else ("L", "N", "C")  # they are other things, too
    for meant, _ in header.means:
        name = syntax.show(meant)
        trace = reserved(name) and name not in free
        if name in seen | counters or trace:
            mend = "tie a name of the text to one of the trace: means: dLdZ1 = dZ1"
            raise DerivationError("a name of the text's own", name, mend, header.at["means"])
        seen.add(name)


def _taken(name: str, header: Header) -> bool:
    """Whether an input may not be called so: without a network those of the trace are free."""
    numbered = NUMBERED.fullmatch(name)
    if has_a_meaning(name) and (header.network or not reserved(name)):
        return True
    derived = name.startswith("d") and reserved(name)
    return (
        derived or name in (*CONSTANTS, "J", "A0") or (numbered is not None and numbered[1] == "n")
    )
