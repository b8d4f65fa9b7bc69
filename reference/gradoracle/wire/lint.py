"""Every message against its published schema, `schema/*.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from gradoracle.errors import MissingExtra
from gradoracle.wire.faults import protocol

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

SCHEMAS = (
    "common",
    "case",
    "trace",
    "start",
    "started",
    "smoke",
    "values",
    "run",
    "answer",
    "stop",
)
ANSWERS = {"start": "started", "smoke": "values", "run": "answer"}


class Lint:
    """Counts the answers of a program, and refuses the first that its schema does not allow.

    Raises
    ------
    MissingExtra
        If jsonschema is not installed.
    """

    def __init__(self) -> None:
        self._validators = validators()
        self._line = 0

    def sent(self, request: Mapping[str, object]) -> None:
        """Look at what this side says."""
        name = str(request["cmd"])
        problem = self._problem(name, request)
        if problem:
            raise AssertionError(f"schema/{name}.json, which this side breaks, at {problem}")

    def answered(self, command: str, answer: Mapping[str, object]) -> None:
        """Look at what the program answers.

        Raises
        ------
        Fault
            Naming the answer and the path in it.
        """
        self._line += 1
        schema = ANSWERS[command]
        problem = self._problem(schema, answer)
        if problem:
            raise protocol(f"line {self._line} at {problem} (schema/{schema}.json)")

    def _problem(self, schema: str, document: Any) -> str:
        from jsonschema.exceptions import best_match

        error = best_match(self._validators[schema].iter_errors(document))
        if error is None:
            return ""
        path = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in error.absolute_path)
        message = error.message
        if error.validator == "pattern":
            message = f"{error.instance!r} is not {error.schema['title']}"
        message = message if len(message) <= 200 else f"{message[:197]}..."
        return f"{path.removeprefix('.') or 'the top'}: {message}"


@cache
def validators() -> Mapping[str, Validator]:
    """Return a validator for each message.

    Raises
    ------
    MissingExtra
        If jsonschema is not installed.
    """
    try:
        from jsonschema import Draft202012Validator
        from referencing import Registry, Resource
    except ImportError:
        raise MissingExtra("jsonschema", "lint") from None
    folder = files("gradoracle.wire") / "schema"
    documents = {n: json.loads((folder / f"{n}.json").read_text("utf-8")) for n in SCHEMAS}
    registry = Registry().with_resources(
        (document["$id"], Resource.from_contents(document)) for document in documents.values()
    )
    return {n: Draft202012Validator(d, registry=registry) for n, d in documents.items()}
