"""IDX, the format of MNIST's files: checked here byte for byte, then parsed by python-mnist.

An IDX file of unsigned bytes is a magic number (2051 for images, 2049 for labels), the sizes of
its dimensions, all as big-endian 32-bit integers, and the bytes; it may be compressed by gzip.
Format: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits".
"""

from __future__ import annotations

import gzip
import io
import math
import struct
import warnings
import zlib
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gradoracle.errors import InputError

Bytes = npt.NDArray[np.uint8]

GZIP_MAGIC = b"\x1f\x8b"
LARGEST = 2**30  # bytes of pixels; the largest set in this format, EMNIST, has 0.55e9
_AGAIN = "get the file again; MNIST's come with: gradoracle mnist DIR"
_KINDS = {2051: "images", 2049: "labels"}
_IMAGES_AT_A_TIME = 10_000  # python-mnist spends 8 bytes a pixel on what it parses


@dataclass(frozen=True)
class IdxFile:
    """The bytes of one file as they are on disk, plain or gzip, and its name for messages."""

    name: str
    raw: bytes


class Pair(NamedTuple):
    """Images, uint8 of shape (n, rows, columns), and their labels, uint8 of shape (n,)."""

    images: Bytes
    labels: Bytes


def read_pair(images: IdxFile, labels: IdxFile) -> Pair:
    """Check and parse a file of images and the file of their labels.

    Raises
    ------
    InputError
        Naming the file, if it is damaged, of the wrong kind, too short or too long, if the two
        differ in number, or if a label is not a digit.
    """
    pixels, (n, rows, columns) = _checked(images, 2051)
    digits, (n_labels,) = _checked(labels, 2049)
    if n != n_labels:
        raise InputError(
            f"as many labels in {labels.name} as images in {images.name}",
            f"{n_labels:,} labels and {n:,} images",
            "take both files from the same set",
        )
    if max(digits) > 9:
        raise InputError(
            f"labels from 0 to 9 in {labels.name}",
            f"the label {max(digits)}",
            "use a set of the ten digits",
        )
    return _parsed(pixels, digits, (n, rows, columns))


def _checked(file: IdxFile, magic: int) -> tuple[bytes, tuple[int, ...]]:
    """Return the bytes after the header and the dimensions, when every byte is there."""
    kind, dimensions = _KINDS[magic], 3 if magic == 2051 else 1
    try:
        with _opened(file.raw) as stream:
            header = stream.read(4 * (1 + dimensions))
            sizes = _sizes(file, header, magic, dimensions)
            # one byte more, and what follows, since gzip compares its checksum at the end
            body = stream.read(math.prod(sizes) + 1)
            while len(body) > math.prod(sizes) and stream.read(2**20):
                pass
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            f"a whole gzip file of {kind} in {file.name}",
            f"a damaged or truncated one ({error})",
            _AGAIN,
        ) from None
    if len(body) != math.prod(sizes):
        more = len(body) > math.prod(sizes)
        raise InputError(
            f"{math.prod(sizes):,} bytes of {kind} after the header of {file.name}",
            "more" if more else f"{len(body):,}: the file is truncated",
            _AGAIN,
        )
    return body, sizes


def _opened(raw: bytes) -> io.BufferedIOBase:
    stream = io.BytesIO(raw)
    return gzip.GzipFile(fileobj=stream) if raw.startswith(GZIP_MAGIC) else stream


def _sizes(file: IdxFile, header: bytes, magic: int, dimensions: int) -> tuple[int, ...]:
    """Read the dimensions from the header of an IDX file of the wanted kind."""
    wanted = f"an IDX file of {_KINDS[magic]} (magic number {magic}) in {file.name}"
    if len(header) >= 4:
        got = int.from_bytes(header[:4], "big")
        if got in _KINDS and got != magic:
            raise InputError(
                wanted,
                f"a file of {_KINDS[got]} (magic number {got})",
                "give each file its own name: were images and labels exchanged?",
            )
        if got != magic:
            page = header.lstrip().startswith(b"<")
            raise InputError(wanted, "a web page" if page else f"the magic number {got}", _AGAIN)
    if len(header) < 4 * (1 + dimensions):
        raise InputError(wanted, f"{len(header)} bytes: the file is truncated", _AGAIN)
    sizes = struct.unpack(f">{dimensions}I", header[4:])
    if not 1 <= math.prod(sizes) <= LARGEST:
        raise InputError(
            f"1 to {LARGEST:,} bytes of {_KINDS[magic]} in {file.name}",
            f"the dimensions {' x '.join(map(str, sizes))}",
            _AGAIN,
        )
    return sizes


def _parsed(pixels: bytes, digits: bytes, shape: tuple[int, int, int]) -> Pair:
    """Let python-mnist parse checked bytes, some images at a time to spare memory."""
    n, rows, columns = shape
    size = rows * columns
    reader = _python_mnist()()
    images, labels = np.empty((n, size), np.uint8), np.empty(n, np.uint8)
    for start in range(0, n, _IMAGES_AT_A_TIME):
        stop = min(start + _IMAGES_AT_A_TIME, n)
        contents = {
            "images": struct.pack(">4I", 2051, stop - start, rows, columns)
            + pixels[start * size : stop * size],
            "labels": struct.pack(">2I", 2049, stop - start) + digits[start:stop],
        }
        # it would open files by name; it gets the very bytes that were checked
        reader.opener = lambda name, _mode, contents=contents: io.BytesIO(contents[name])
        parsed, labels[start:stop] = reader.load("images", "labels")
        images[start:stop] = np.frombuffer(b"".join(map(bytes, parsed)), np.uint8).reshape(-1, size)
    return Pair(images.reshape(shape), labels)


def _python_mnist() -> Any:
    """Import python-mnist's reader; it shares its import name with another package."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # it compares strings with "is"
            from mnist import MNIST
    except ImportError:
        raise InputError(
            "the package python-mnist",
            "none, or another one that is also imported as mnist",
            "python -m pip uninstall mnist; python -m pip install python-mnist",
        ) from None
    return MNIST
