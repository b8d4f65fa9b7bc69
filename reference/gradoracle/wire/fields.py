"""Fields of a document, read strictly: a misspelt one must not go unseen."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from gradoracle.arrays import shown
from gradoracle.wire.faults import protocol

Document = Mapping[str, object]


def fields(
    document: object, needed: Collection[str], optional: Collection[str], where: str
) -> Document:
    """Return an object that has all of some fields, and perhaps some others."""
    if not isinstance(document, Mapping):
        raise protocol(f"{where}: expected an object, got {shown(document)}")
    for name in needed:
        if name not in document:
            raise protocol(f"{where} has no {name}")
    for name in document:
        if name not in needed and name not in optional:
            known = ", ".join((*needed, *optional))
            raise protocol(f"{where} has {shown(name)}; its fields are {known}")
    return document


def text(value: object, where: str, longest: int = 1000) -> str:
    """Return a text, cut where it is endless."""
    if not isinstance(value, str):
        raise protocol(f"{where}: expected a text, got {shown(value)}")
    return value[:longest]


def texts(value: object, where: str) -> tuple[str, ...]:
    """Return a list of texts as a tuple."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise protocol(f"{where}: expected a list of texts, got {shown(value)}")
    return tuple(value)


def flag(value: object, where: str) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise protocol(f"{where}: expected true or false, got {shown(value)}")
    return value


def one_of(value: object, allowed: Collection[str], where: str) -> str:
    """Return one of some texts."""
    if not isinstance(value, str) or value not in allowed:
        raise protocol(f"{where}: expected one of {', '.join(allowed)}, got {shown(value)}")
    return value
