"""Large arrays by file, in a private folder that goes with the session."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

import numpy as np

from gradoracle.arrays import Array, DType, shown
from gradoracle.wire.faults import protocol

THRESHOLD = 10_000  # numbers; smaller arrays stand in the message
LARGEST = 2**31  # bytes of a file; a sparse one costs its writer nothing

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_GUARDS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Folder:
    """A private temporary folder (mode 0700), removed at `close`."""

    def __init__(self) -> None:
        self._own = tempfile.TemporaryDirectory(prefix="gradoracle-", ignore_cleanup_errors=True)
        self.path = Path(self._own.name)

    def clear(self) -> None:
        """Remove what the last case has left."""
        with suppress(OSError):
            for entry in self.path.iterdir():
                if not entry.is_dir() or entry.is_symlink():
                    entry.unlink(missing_ok=True)

    def close(self) -> None:
        """Remove it."""
        self._own.cleanup()


def write_array(folder: Path, name: str, array: Array) -> str:
    """Write an array, little-endian, row after row, and return the file's name."""
    file = f"{name}.bin"
    (folder / file).write_bytes(array.astype(array.dtype.newbyteorder("<")).tobytes())
    return file


def read_array(folder: Path, name: object, shape: tuple[int, ...], dtype: DType, at: str) -> Array:
    """Read an array that a program has written into the folder.

    Raises
    ------
    Fault
        For a name that leads out of the folder, what is no plain file, and another size.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise protocol(f"{at}: expected the name of a file in the folder, got {shown(name)}")
    path = folder / name
    size = dtype.itemsize
    for length in shape:  # Python's whole numbers do not overflow
        size *= length
    try:
        # looked at before it is opened, which for a pipe would wait
        if not stat.S_ISREG(path.lstat().st_mode):
            raise protocol(f"{at}: {name} is no plain file")
        with os.fdopen(os.open(path, os.O_RDONLY | _GUARDS), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
                raise protocol(f"{at}: {name} is no plain file of its own")
            if found.st_size != size or size > LARGEST:
                expected = f"shape {shape} in {dtype} takes {size:,}, {LARGEST:,} are allowed"
                raise protocol(f"{at}: {name} has {found.st_size:,} bytes; {expected}")
            data = file.read(size)
    except OSError as error:
        raise protocol(f"{at}: {name} cannot be read: {error.strerror}") from None
    if len(data) != size:
        raise protocol(f"{at}: {name} shrank while it was read")
    return np.frombuffer(data, dtype.newbyteorder("<")).astype(dtype).reshape(shape)
