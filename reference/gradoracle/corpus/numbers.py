"""Numbers as text: C99 hexadecimal floats as printf's %a writes them, beside decimals.

A hexadecimal float is the float64 itself; the decimal beside it is the shortest that rounds to it,
and there to be read by people.
"""

from __future__ import annotations

import math
import re

import numpy as np

from gradoracle.arrays import Array
from gradoracle.corpus.fields import Json, exactly
from gradoracle.corpus.place import Place

SMALLEST_NORMAL = 2.0**-1022
HEXADECIMAL = "a finite float64 as printf's %a writes it, like 0x1.8p+1"

_NUMBER = r"-?0x(?:1(?:\.[0-9a-f]{0,12}[1-9a-f])?p(?:\+0|[+-][1-9][0-9]{0,3})|0p\+0)"
_ROW = re.compile(rf"{_NUMBER}(?: {_NUMBER})*")  # of numbers that are not subnormal

ARRAY = ("shape", "hex", "decimal")


def to_hex(value: float) -> str:
    """Write a float as printf's %a does: no more digits than it needs."""
    mantissa, exponent = value.hex().split("p")
    return f"{mantissa.rstrip('0').rstrip('.')}p{exponent}"


def from_hex(text: Json, place: Place) -> float:
    """Read such a float.

    Raises
    ------
    InputError
        For anything else: decimals, digits that a float64 has no room for, infinities, NaN.
    """
    if not isinstance(text, str):
        raise place.error(HEXADECIMAL, repr(text))
    try:
        value = float.fromhex(text)
    except OverflowError:
        raise place.error(HEXADECIMAL, f"{text!r}, which is larger than any") from None
    except ValueError:
        raise place.error(HEXADECIMAL, repr(text)) from None
    if not math.isfinite(value) or to_hex(value) != text:
        raise place.error(HEXADECIMAL, repr(text))
    return value


def encode(values: Array) -> dict[str, Json]:
    """Return an array as JSON: a matrix as a list of rows, a number as it is."""
    matrix = np.atleast_2d(values)
    rows = [[to_hex(v) for v in row] for row in matrix.tolist()]
    decimals = matrix.tolist()
    scalar = values.ndim == 0
    return {
        "shape": list(values.shape),
        "hex": rows[0][0] if scalar else rows,
        "decimal": decimals[0][0] if scalar else decimals,
    }


def decode(
    document: Json, shape: tuple[int, ...], place: Place, *, optional: tuple[str, ...] = ()
) -> Array:
    """Read an array of a known shape; fields named in ``optional`` are left to the caller.

    Raises
    ------
    InputError
        For another shape, ragged rows, a number that is none, decimals that say something else,
        a field that has no place here.
    """
    fields = exactly(document, ARRAY, place, optional=optional)
    if fields["shape"] != list(shape) or not all(type(k) is int for k in fields["shape"]):
        raise place.at("shape").error(str(list(shape)), repr(fields["shape"])[:40])
    texts = _entries(fields["hex"], shape, place, "hex")
    decimals = _entries(fields["decimal"], shape, place, "decimal")
    try:
        values = _quickly(texts)
    except (TypeError, ValueError, OverflowError):  # look again, slowly, to name the entry
        values = [
            from_hex(text, place.at("hex").entry(*_index(shape, i))) for i, text in enumerate(texts)
        ]
    # zeros have a sign that == does not see
    if values != decimals or 0.0 in values or not {*map(type, decimals)} <= {float, int}:
        for i, (value, decimal) in enumerate(zip(values, decimals, strict=True)):
            if not _is(value, decimal):
                here = place.at("decimal").entry(*_index(shape, i))
                raise here.error(f"{value!r}, as in hex", repr(decimal)[:40])
    array = np.array(values, dtype=np.float64).reshape(shape)
    array.flags.writeable = False
    return array


def _is(value: float, decimal: Json) -> bool:
    """Tell whether a JSON number is this float, sign of zero included; true is no number."""
    if not isinstance(decimal, int | float) or isinstance(decimal, bool) or value != decimal:
        return False
    return value != 0 or math.copysign(1, decimal) == math.copysign(1, value)


def _quickly(texts: list[Json]) -> list[float]:
    """Read numbers none of which is subnormal; a ValueError says no more than that."""
    if texts and not _ROW.fullmatch(" ".join(texts)):  # type: ignore[arg-type]
        raise ValueError
    values = list(map(float.fromhex, texts))  # type: ignore[arg-type]
    small = (text for v, text in zip(values, texts, strict=True) if abs(v) < SMALLEST_NORMAL)
    if not {"0x0p+0", "-0x0p+0"}.issuperset(small):
        raise ValueError
    return values


def _entries(value: Json, shape: tuple[int, ...], place: Place, name: str) -> list[Json]:
    """Return the entries of a list of rows, row after row; or a number as the only one."""
    if not shape:
        if isinstance(value, list):
            raise place.at(name).error("one number", f"a list of {len(value)}")
        return [value]
    rows, columns = shape
    if not isinstance(value, list) or len(value) != rows:
        got = f"{len(value)}" if isinstance(value, list) else repr(value)[:40]
        raise place.at(name).error(f"a list of {rows} rows", got)
    entries: list[Json] = []
    for i, row in enumerate(value):
        if not isinstance(row, list) or len(row) != columns:
            got = f"{len(row)}" if isinstance(row, list) else repr(row)[:40]
            raise place.at(name).entry(i).error(f"a list of {columns} numbers", got)
        entries += row
    return entries


def _index(shape: tuple[int, ...], i: int) -> tuple[int, ...]:
    return divmod(i, shape[1]) if shape else ()
