"""A document as one line of JSON, and back, strictly."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from gradoracle.arrays import shown
from gradoracle.wire.faults import Fault, protocol

Document = Mapping[str, object]

END = re.compile(rb"\n")

MOST_LISTS = 1_000_000  # each takes 64 bytes and more, out of 2 on the line
NAME = "json"


def write(document: Document) -> bytes:
    """Return the line, its end included."""
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def read(line: bytes) -> Document:
    """Read a line.

    Raises
    ------
    Fault
        For what is not UTF-8, not JSON, not an object, a key twice, a number that JSON does not
        have, and lists too many or too deep to be an answer.
    """
    if line.count(b"[") + line.count(b"{") > MOST_LISTS:
        raise protocol(f"a line of more than {MOST_LISTS:,} lists is no answer")
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise protocol(f"byte {error.start} of the line is not UTF-8: {_start(line)}") from None
    try:
        document = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except Fault:
        raise
    except RecursionError:
        raise protocol("a line whose lists are nested too deeply") from None
    except ValueError as error:
        raise protocol(
            f"expected a JSON object on one line, got {_start(line)}: "
            f"{getattr(error, 'msg', error)}; log to standard error"
        ) from None
    if not isinstance(document, dict):
        raise protocol(f"expected a JSON object on one line, got {_start(line)}")
    return document


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise protocol(f"the key {shown(twice)} stands twice in an object")
    return found


def _no_constant(name: str) -> object:
    raise protocol(f'a bare {name} is not JSON; numbers are strings: "{name}"')


def _start(line: bytes) -> str:
    """Return what a message shows of a line."""
    return shown(line[:100].decode(errors="replace").strip())
