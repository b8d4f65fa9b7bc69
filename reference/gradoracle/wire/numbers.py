"""Arrays as lists of rows of strings: C99 hexadecimal floats, or decimals."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from gradoracle.arrays import Array, DType, shown
from gradoracle.corpus.numbers import to_hex
from gradoracle.wire.faults import protocol

Form = Literal["hex", "decimal"]

LONGEST = 2000  # characters of a number: the exact decimals of the smallest float64 are 1077

# every way in which printf, Java, JavaScript and Rust write what is no number
_SPECIAL = r"[+-]?(?:nan(?:\([a-z0-9_]*\))?|inf(?:inity)?)"
_HEX = r"[+-]?0x(?:[0-9a-f]+(?:\.[0-9a-f]*)?|\.[0-9a-f]+)(?:p[+-]?[0-9]{1,5})?"
_DECIMAL = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]{1,5})?"
_ONE = {
    "hex": re.compile(f"{_HEX}|{_SPECIAL}", re.IGNORECASE | re.ASCII),
    "decimal": re.compile(f"{_DECIMAL}|{_SPECIAL}", re.IGNORECASE | re.ASCII),
}
_MANY = {
    form: re.compile(f"(?:{one.pattern})(?: (?:{one.pattern}))*", re.IGNORECASE | re.ASCII)
    for form, one in _ONE.items()
}
_READ = {"hex": float.fromhex, "decimal": float}
_LIKE = {"hex": "a hexadecimal float like 0x1.8p+1", "decimal": "a decimal like 1.5 or 2e-3"}


def write_rows(array: Array, form: Form) -> list[list[str]]:
    """Return a matrix as rows of strings that come back to the same numbers."""
    if form == "hex":
        return [[to_hex(v) if math.isfinite(v) else _special(v) for v in r] for r in array.tolist()]
    return [[write_decimal(v) for v in row] for row in array]


def write_number(value: float, form: Form) -> str:
    """Return one float64 as a string."""
    if not math.isfinite(value):
        return _special(value)
    return to_hex(value) if form == "hex" else repr(float(value))


def write_decimal(value: np.floating[Any]) -> str:
    """Return the shortest decimal that comes back to the same number of this dtype."""
    return str(value) if np.isfinite(value) else _special(float(value))


def _special(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def read_numbers(texts: Sequence[object], form: Form, where: str) -> list[float]:
    """Read strings, all of one form; NaN and infinities are for the judge.

    Raises
    ------
    Fault
        For anything else, a number that float64 has no room for included.
    """
    try:
        together = " ".join(texts)  # type: ignore[arg-type]
    except TypeError:
        odd = next(text for text in texts if not isinstance(text, str))
        raise protocol(
            f"{where}: numbers are strings, as parsers of JSON numbers differ; "
            f'got {shown(odd)}, write "{_LIKE[form].split()[-1]}"'
        ) from None
    if texts and not _all(together, texts, form):
        odd = next(t for t in map(str, texts) if len(t) > LONGEST or not _ONE[form].fullmatch(t))
        raise protocol(f"{where}: expected {_LIKE[form]}, got {shown(odd)}")
    try:
        values = list(map(_READ[form], texts))  # type: ignore[arg-type]
    except (ValueError, OverflowError):
        values = [_read(str(text), form, where) for text in texts]
    if math.inf in values or -math.inf in values:  # said, or too large?
        values = [_read(str(text), form, where) for text in texts]
    return values


def _all(together: str, texts: Sequence[Any], form: Form) -> bool:
    """Tell whether all of some strings, here joined by blanks, have the form of a number."""
    if max(map(len, texts)) > LONGEST or together.count(" ") >= len(texts):
        return False
    return _MANY[form].fullmatch(together) is not None


def _read(text: str, form: Form, where: str) -> float:
    """Read one string that has the form of a number."""
    if "n" in text.lower():
        return math.nan if "nan" in text.lower() else math.copysign(math.inf, float(text))
    try:
        value = _READ[form](text)
    except OverflowError:
        value = math.inf
    if math.isinf(value):
        raise protocol(f"{where}: {shown(text)} is larger than any float64")
    return value


def read_scalar(text: object, where: str) -> tuple[float, Form]:
    """Read one string, and tell which form it has."""
    form: Form = "hex" if isinstance(text, str) and "x" in text[:3].lower() else "decimal"
    return read_numbers([text], form, where)[0], form


def in_dtype(values: Sequence[float], form: Form, dtype: DType) -> Array:
    """Return numbers of a case in this dtype as an array.

    A decimal is rounded to float32; a hexadecimal number is what it is, and where one of them is no
    float32 the array is left float64, for the judge to see.
    """
    array: Array = np.array(values, dtype=np.float64)
    if dtype == np.float64:
        return array
    with np.errstate(over="ignore"):
        rounded: Array = array.astype(np.float32)
    exact = form == "decimal" or np.array_equal(rounded.astype(np.float64), array, equal_nan=True)
    return rounded if exact else array
