"""Arrays in messages: in rows of numbers, by file, or, from Python, as what they wrongly are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from gradoracle.arrays import DTYPES, Array, DType, is_whole, shown
from gradoracle.wire import numbers
from gradoracle.wire.faults import protocol
from gradoracle.wire.fields import fields, text
from gradoracle.wire.files import THRESHOLD, read_array, write_array

Document = Mapping[str, object]

_TYPE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}", re.ASCII)


def write_input(name: str, array: Array, form: numbers.Form, folder: Path | None) -> Document:
    """Return a matrix of a case as a document; by file if there is a folder and it is large."""
    shape = list(array.shape)
    if folder is not None and array.size > THRESHOLD:
        return {"shape": shape, "file": write_array(folder, name, array)}
    return {"shape": shape, form: numbers.write_rows(array, form)}


def write_returned(name: str, value: object, folder: Path | None) -> object:
    """Return what a Python candidate returned as a document, wrong as it may be.

    An array that is neither float64 nor float32 goes by its shape and dtype alone, and what is no
    array by the name of its type: the judge looks no further.
    """
    if type(value) is float:
        return numbers.write_number(value, "hex")
    if not isinstance(value, np.ndarray | np.generic):
        return {"type": type(value).__name__}
    array = np.asarray(value)
    said = {"shape": list(array.shape), "dtype": str(array.dtype)}
    if array.dtype not in DTYPES.values():
        return said
    if folder is not None and array.size > THRESHOLD:
        return said | {"file": write_array(folder, name, array)}
    rows = array.reshape(-1, array.shape[-1] if array.ndim and array.size else 1)
    return said | {"hex": numbers.write_rows(rows, "hex")}


def read_tensor(document: object, name: str, dtype: DType, folder: Path | None) -> object:
    """Read an array, or a number, of a case in this dtype.

    Raises
    ------
    Fault
        For anything that is not as the protocol says. A wrong shape is: the judge will say so.
    """
    if isinstance(document, str):
        value, form = numbers.read_scalar(document, name)
        return float(np.float32(value)) if form == "decimal" and dtype == np.float32 else value
    if isinstance(document, Mapping) and document.keys() == {"type"}:
        return _no_array(text(document["type"], f"{name}.type"))
    if isinstance(document, int | float):
        numbers.read_scalar(document, name)
    one = fields(document, ("shape",), ("hex", "decimal", "file", "dtype"), name)
    shape = _shape(one["shape"], name, any_rank="dtype" in one)
    own = text(one["dtype"], f"{name}.dtype") if "dtype" in one else str(dtype)
    carried = [key for key in ("hex", "decimal", "file") if key in one]
    if len(carried) > 1 or (not carried and own in DTYPES):
        got = " and ".join(carried) or "none of them"
        raise protocol(f"{name}: expected one of hex, decimal and file, got {got}")
    if own not in DTYPES:
        return _without_numbers(shape, own, name)
    if carried == ["file"]:
        if folder is None:
            raise protocol(f"{name}: there is no folder to read a file from")
        return read_array(folder, one["file"], shape, DTYPES[own], name)
    form = "hex" if carried == ["hex"] else "decimal"
    values = numbers.read_numbers(_flat(one[form], shape, name, form), form, name)
    return numbers.in_dtype(values, form, DTYPES[own]).reshape(shape)


def _shape(value: object, name: str, *, any_rank: bool) -> tuple[int, ...]:
    whole = isinstance(value, list) and all(is_whole(v) and 0 <= v < 2**40 for v in value)
    if not isinstance(value, list) or not whole or not (any_rank or len(value) == 2):
        raise protocol(f"{name}: expected a shape like [3, 2], got {shown(value)}")
    return tuple(value)


def _flat(rows: object, shape: tuple[int, ...], name: str, form: str) -> list[object]:
    """Return the entries of a list of rows, row after row."""
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise protocol(f"{name}: expected {form} as a list of rows, got {shown(rows)[:40]}")
    entries = [entry for row in rows for entry in row]
    size = 1
    for length in shape:
        size *= length
    lengths = {len(row) for row in rows}
    ragged = len(shape) == 2 and (len(rows) != shape[0] or not lengths <= {shape[1]})
    if len(entries) != size or (ragged and size):
        got = f"{len(rows)} rows of {' or '.join(map(str, sorted(lengths)[:5]))} numbers"
        raise protocol(f"{name}: shape {shape} was said, {got} came")
    return entries


def _no_array(type_name: str) -> object:
    """Return an object of a type of that name: the judge names the type of what is no array."""
    if not _TYPE.fullmatch(type_name):
        raise protocol(f"expected the name of a type, got {shown(type_name)}")
    return type(type_name, (), {})()


def _without_numbers(shape: tuple[int, ...], dtype: str, name: str) -> object:
    """Return an array of a wrong dtype that holds no memory."""
    try:
        return np.broadcast_to(np.zeros((), np.dtype(dtype)), shape)
    except TypeError:  # such as bfloat16, which NumPy knows only where ml_dtypes is imported
        return _no_array(re.sub(r"\W", "_", dtype) or "dtype")
    except ValueError as error:
        raise protocol(f"{name}: {error}") from None
