"""The fields of a JSON document, read strictly: all that there must be, and no other."""

from __future__ import annotations

from collections.abc import Mapping

from gradoracle.corpus.place import Place

FORMAT = 1

Json = object  # whatever a JSON file may hold


def in_format(document: Json, place: Place) -> Mapping[str, Json]:
    """Return an object after checking that it is of the format that is read here."""
    if not isinstance(document, Mapping):
        raise place.error("an object", type(document).__name__)
    got = document.get("format")
    if type(got) is not int or got != FORMAT:  # True == 1
        mend = "install a gradoracle that knows it"
        raise place.at("format").error(f"format {FORMAT}", repr(got)[:40], mend)
    return document


def exactly(
    document: Json, keys: tuple[str, ...], place: Place, *, optional: tuple[str, ...] = ()
) -> Mapping[str, Json]:
    """Return an object after checking that it has these fields and no other."""
    if not isinstance(document, Mapping):
        raise place.error(f"an object with {', '.join(keys)}", repr(document)[:40])
    for key in keys:
        if key not in document:
            raise place.at(key).error("this field", "none")
    for key in document:
        if key not in keys and key not in optional:
            raise place.at(key[:40]).error(f"no field but {', '.join(keys)}", repr(key)[:40])
    return document


def text(value: Json, place: Place) -> str:
    """Return a text."""
    if not isinstance(value, str):
        raise place.error("a text", repr(value)[:40])
    return value


def texts(value: Json, place: Place) -> tuple[str, ...]:
    """Return a list of texts."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise place.error("a list of texts", repr(value)[:40])
    return tuple(value)


def different_texts(value: Json, place: Place) -> tuple[str, ...]:
    """Return a list of texts none of which is there twice."""
    found = texts(value, place)
    for i, item in enumerate(found):
        if item in found[:i]:
            raise place.entry(i).error("every text once", f"{item[:40]!r} twice")
    return found
