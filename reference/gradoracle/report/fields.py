"""Dataclasses as JSON values, and back, strictly.

What is read must have every field, no other, and each of the declared type: a report that somebody
edited or cut is refused, not guessed at. JSON has no NaN and no infinity; they are strings.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeAlias, get_args, get_origin, get_type_hints

from gradoracle.candidate.answer import About

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

_LEFT_OUT = {(About, "cases")}  # a model's own: arrays are no part of a report
_NUMBERS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class FieldError(Exception):
    """A value that is not what its field declares: where, expected, got."""

    def __init__(self, where: str, expected: str, got: object) -> None:
        self.where, self.expected = where, expected
        self.got = repr(got)[:60]
        super().__init__(f"{where}: expected {expected}, got {self.got}")


def to_json(value: object) -> Json:
    """Return dataclasses, tuples, mappings, enums and numbers as JSON values."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return str(value)
    if isinstance(value, float):
        if math.isfinite(value):
            return float(value)
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, str | int):
        return value
    if isinstance(value, Mapping):
        return {str(name): to_json(entry) for name, entry in value.items()}
    if isinstance(value, tuple | list):
        return [to_json(entry) for entry in value]
    return to_object(value)


def to_object(value: object) -> dict[str, Json]:
    """Return a dataclass as a JSON object, field by field."""
    if not is_dataclass(value):
        raise TypeError(f"no JSON for a {type(value).__name__}")
    kind: Any = type(value)
    return {name: to_json(getattr(value, name)) for name in _names(kind)}


def from_json(kind: Any, value: Json, where: str = "") -> Any:
    """Return a value of the declared type ``kind``.

    Raises
    ------
    FieldError
        If the JSON is anything else.
    """
    return _reader(kind)(value, where)


@cache
def _names(kind: type) -> tuple[str, ...]:
    names = (field.name for field in fields(kind))
    return tuple(name for name in names if (kind, name) not in _LEFT_OUT)


@cache
def _reader(kind: Any) -> Callable[[Json, str], Any]:
    """Return the function that reads one declared type; made once a type."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind is float:
        return _float
    if kind in (str, int, bool, NoneType):
        return lambda value, where: _exactly(kind, value, where)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _enum(kind)
    if is_dataclass(kind):
        return _dataclass(kind)
    if origin is Literal:
        return lambda value, where: _one_of(inner, value, where)
    if origin is tuple:
        return _tuple(inner[0]) if inner[-1] is Ellipsis else _row(inner)
    if origin is list:
        return lambda value, where: list(_tuple(inner[0])(value, where))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(inner[1])
    if origin is UnionType and inner[-1] is NoneType:
        read = _reader(inner[0])
        return lambda value, where: None if value is None else read(value, where)
    raise TypeError(f"no reader for {kind}")


def _exactly(kind: type, value: Json, where: str) -> Json:
    if type(value) is not kind:  # a bool is an int, but not here
        raise FieldError(
            where, {str: "a text", int: "a whole number"}.get(kind, "true or false"), value
        )
    return value


def _float(value: Json, where: str) -> float:
    if isinstance(value, str) and value in _NUMBERS:
        return _NUMBERS[value]
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    raise FieldError(where, "a number", value)


def _enum(kind: type[Enum]) -> Callable[[Json, str], Enum]:
    members = {str(member): member for member in kind}

    def read(value: Json, where: str) -> Enum:
        return members[_one_of(tuple(members), value, where)]

    return read


def _one_of(allowed: tuple[str, ...], value: Json, where: str) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise FieldError(where, f"one of {', '.join(allowed)}", value)
    return value


def _dataclass(kind: Any) -> Callable[[Json, str], Any]:
    hints = get_type_hints(kind)
    readers = {name: _reader(hints[name]) for name in _names(kind)}

    def read(value: Json, where: str) -> Any:
        if not isinstance(value, dict):
            raise FieldError(where, "an object", value)
        if value.keys() != readers.keys():
            lacking = [name for name in readers if name not in value]
            more = [name for name in value if name not in readers]
            what = f"no {', '.join(lacking)}" if lacking else f"{', '.join(more)} too"
            raise FieldError(where, f"the fields {', '.join(readers)}", what)
        return kind(**{n: reader(value[n], f"{where}.{n}") for n, reader in readers.items()})

    return read


def _tuple(kind: Any) -> Callable[[Json, str], tuple[Any, ...]]:
    read_entry = _reader(kind)

    def read(value: Json, where: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise FieldError(where, "a list", value)
        return tuple(read_entry(entry, f"{where}[{i}]") for i, entry in enumerate(value))

    return read


def _row(kinds: tuple[Any, ...]) -> Callable[[Json, str], tuple[Any, ...]]:
    """Return the reader of a tuple with one declared type an entry."""
    readers = [_reader(kind) for kind in kinds]

    def read(value: Json, where: str) -> tuple[Any, ...]:
        if not isinstance(value, list) or len(value) != len(readers):
            raise FieldError(where, f"a list of {len(readers)}", value)
        found = zip(readers, value, strict=True)
        return tuple(reader(entry, f"{where}[{i}]") for i, (reader, entry) in enumerate(found))

    return read


def _mapping(kind: Any) -> Callable[[Json, str], dict[str, Any]]:
    read_entry = _reader(kind)

    def read(value: Json, where: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise FieldError(where, "an object", value)
        return {name: read_entry(entry, f"{where}.{name}") for name, entry in value.items()}

    return read
