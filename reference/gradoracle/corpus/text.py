"""JSON, written for people and read strictly."""

from __future__ import annotations

import json

from gradoracle.corpus.fields import Json
from gradoracle.corpus.place import CorpusError, Place


def to_text(document: Json, indent: str = "") -> str:
    """Write a document as JSON, a list of plain values (a row of a matrix) on one line."""
    deeper = indent + "  "
    if isinstance(document, dict) and document:
        lines = [f'{deeper}"{key}": {to_text(value, deeper)}' for key, value in document.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if isinstance(document, list) and any(isinstance(item, dict | list) for item in document):
        lines = [deeper + to_text(item, deeper) for item in document]
        return "[\n" + ",\n".join(lines) + f"\n{indent}]"
    return json.dumps(document, ensure_ascii=False, allow_nan=False)


def parse(text: bytes, place: Place) -> Json:
    """Read JSON strictly: UTF-8, no key twice, no NaN or infinity.

    Raises
    ------
    InputError
        Naming the file.
    """

    def unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise place.at(twice).error("every key once", "the key twice")
        return found

    def constant(name: str) -> Json:
        raise place.error("finite numbers", name)

    try:
        return json.loads(text.decode(), object_pairs_hook=unique, parse_constant=constant)
    except UnicodeDecodeError as error:
        raise place.error("text in UTF-8", f"byte {error.start} of another encoding") from None
    except json.JSONDecodeError as error:
        raise place.error("JSON", f"{error.msg} in line {error.lineno}") from None
    except CorpusError:
        raise
    except (RecursionError, ValueError) as error:
        raise place.error("JSON", str(error) or "lists nested too deeply") from None
