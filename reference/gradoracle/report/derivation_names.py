"""What a line of a derivation sets, in the names of the text: ``dJ/dZ2``, ``dE/dh``."""

from __future__ import annotations

import re
from dataclasses import replace

from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.syntax import Name, show
from gradoracle.derivation.verdicts import LineVerdict

TRACE = re.compile(r"d(?:[AZWb](?:\d+|\[.*\])|X)")


def derivative(verdict: LineVerdict, header: Header) -> str:
    """Return ``dJ/dZ2`` in the names of the text; where one is tied to more, what it means."""
    target = verdict.line.target
    meant = header.meaning(target) or target
    by = replace(meant, base=meant.base[1:]) if isinstance(meant, Name) else target
    # dh needs no meaning of its own where the text says what h is
    known = isinstance(meant, Name) and (TRACE.fullmatch(show(meant)) or header.meaning(by))
    if verdict.tied and not known:
        return "what it means"
    return f"d{_own(header, Name(0, 'J'))}/d{_own(header, by)}"


def _own(header: Header, name: Name) -> str:
    """Return what the text calls a name of the trace."""
    for own, meaning in header.means:
        if isinstance(meaning, Name) and show(meaning) == show(name):
            return show(own)
    for own, meaning in header.patterns:
        if isinstance(meaning, Name) and meaning.base == name.base:
            same_layer = show(replace(own, base=meaning.base)) == show(meaning)
            return show(replace(name, base=own.base)) if same_layer else show(name)
    return show(name)
