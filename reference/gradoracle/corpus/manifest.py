"""The manifest of a corpus folder: its version, and a line for each case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gradoracle.case import ID, LEVELS
from gradoracle.corpus.fields import Json, exactly, in_format, text
from gradoracle.corpus.place import MEND, Place

KEYS = ("format", "version", "count", "cases")
MAJOR = "1"  # every 1.y.z is read: new cases raise y, and what was there stays as it is
VERSION = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Row:
    """A line of the manifest.

    Attributes
    ----------
    id, level : str
    file : str
        Relative to the folder; its name is the id.
    sha256 : str
        Of the file's bytes, 64 lower-case digits.
    """

    id: str
    level: str
    file: str
    sha256: str


def read_manifest(document: Json, place: Place) -> tuple[str, tuple[Row, ...]]:
    """Return the version and the lines.

    Raises
    ------
    InputError
        Naming the field.
    """
    fields = exactly(in_format(document, place), KEYS, place)
    version, listed = _version(fields["version"], place.at("version")), fields["cases"]
    if not isinstance(listed, list) or not listed:
        raise place.at("cases").error("a list of cases", repr(listed)[:40])
    rows = tuple(_row(item, place.at("cases").entry(i)) for i, item in enumerate(listed))
    seen: set[str] = set()
    for row in rows:
        if row.id in seen:
            raise place.of(row.id).at("id").error("every id once", "the id twice")
        seen.add(row.id)
    count = {level: sum(row.level == level for row in rows) for level in LEVELS}
    given = fields["count"]
    whole = isinstance(given, Mapping) and all(type(v) is int for v in given.values())
    if given != count or not whole:  # True == 1
        raise place.at("count").error(str(count), str(given)[:80], MEND)
    return version, rows


def _version(value: Json, place: Place) -> str:
    if not isinstance(value, str) or not VERSION.fullmatch(value):
        raise place.error("a version like 1.0.0", repr(value)[:40])
    if value.split(".")[0] != MAJOR:
        mend = "install a gradoracle that reads it"
        raise place.error(f"a corpus of version {MAJOR}.y.z", value[:40], mend)
    return value


def _row(item: Json, place: Place) -> Row:
    if not isinstance(item, Mapping) or set(item) != {"id", "level", "file", "sha256"}:
        raise place.error("id, level, file and sha256", str(item)[:80])
    row = Row(**{name: text(value, place.at(name)) for name, value in item.items()})
    if not ID.fullmatch(row.id):
        raise place.at("id").error("lower case, digits, '.', '-' and '_'", repr(row.id)[:80])
    place = place.of(row.id)
    if row.level not in LEVELS:
        raise place.at("level").error(f"one of {', '.join(LEVELS)}", repr(row.level)[:40])
    if row.file != f"cases/{row.id}.json":
        raise place.at("file").error(f"cases/{row.id}.json", row.file[:80])
    if not SHA256.fullmatch(row.sha256):
        raise place.at("sha256").error("64 lower-case hexadecimal digits", repr(row.sha256)[:80])
    return row
