"""Sets of handwritten digits: the one in the package, and MNIST's files in a folder."""

from __future__ import annotations

import hashlib
import os
import struct
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from gradoracle.data.cache import cached
from gradoracle.data.idx import Bytes, IdxFile, Pair, read_pair
from gradoracle.data.whole import checked_path
from gradoracle.errors import InputError

VARIABLE = "GRADORACLE_MNIST"

# SHA-256 of MNIST's files, uncompressed; their .gz differ from mirror to mirror
MNIST = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}

EMBEDDED_TRAIN = 1_437  # of 1,797: four fifths


@dataclass(frozen=True, eq=False)
class Digits:
    """Images of handwritten digits with their labels, as read: one example per row, read-only.

    Parameters
    ----------
    train_images, test_images : numpy.ndarray
        uint8, shapes (n, rows, columns).
    train_labels, test_labels : numpy.ndarray
        uint8, shapes (n,): the digit, 0 to 9.
    largest : int
        The value of full ink in this set, by which pixels are divided: 255 or 16.
    name : str
        What reports call the set.
    notes : tuple of str
        What the user should be told, one line each, e.g. that the cache cannot be written to.
    """

    train_images: Bytes
    train_labels: Bytes
    test_images: Bytes
    test_labels: Bytes
    largest: int
    name: str
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for array in (self.train_images, self.train_labels, self.test_images, self.test_labels):
            array.flags.writeable = False


def open_digits(folder: str | os.PathLike[str] | None = None) -> Digits:
    """Return MNIST from ``folder``, else from ``GRADORACLE_MNIST``, else the embedded digits.

    Raises
    ------
    InputError
        As `load` does; a folder that was asked for is never replaced by the embedded digits.
    """
    chosen = folder if folder is not None else os.environ.get(VARIABLE) or None
    return embedded() if chosen is None else load(chosen)


def embedded() -> Digits:
    """Return the UCI set of 8 x 8 digits that is part of the package, values 0 to 16.

    Its 1,797 images stand in the order of the UCI file; the first 1,437 are for training, the
    other 360 for testing. The file goes from writer to writer, so the test images are by hands
    that training has mostly not seen.

    References
    ----------
    E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
    Repository, 1998, https://doi.org/10.24432/C50P49.
    """
    folder = files("gradoracle") / "digits"
    names = ("digits-images-idx3-ubyte.gz", "digits-labels-idx1-ubyte.gz")
    images, labels = read_pair(*(IdxFile(name, (folder / name).read_bytes()) for name in names))
    train, test = slice(EMBEDDED_TRAIN), slice(EMBEDDED_TRAIN, None)
    return Digits(
        images[train], labels[train], images[test], labels[test], largest=16, name="UCI digits"
    )


def load(folder: str | os.PathLike[str]) -> Digits:
    """Read MNIST, or a set in its format, from the four IDX files in ``folder``.

    ``train-images-idx3-ubyte``, ``train-labels-idx1-ubyte``, ``t10k-images-idx3-ubyte`` and
    ``t10k-labels-idx1-ubyte``, also spelled with a dot (``train-images.idx3-ubyte``), plain or
    with ``.gz``, which is preferred. What was parsed is cached (`gradoracle.data.cache`).

    Raises
    ------
    InputError
        Naming the folder or file, if it is missing, cannot be read, is damaged, or does not fit
        the others.
    """
    folder = checked_path(folder, "mnist")
    sources = {name: _source(folder, name) for name in MNIST}
    train_files, test_files = list(sources.values())[:2], list(sources.values())[2:]
    train, train_note = cached(read_pair, *train_files)
    test, test_note = cached(read_pair, *test_files)
    if train.images.shape[1:] != test.images.shape[1:]:
        raise InputError(
            f"images of one size in {train_files[0].name} and {test_files[0].name}",
            f"{_size(train)} and {_size(test)} pixels",
            "take all four files from the same set",
        )
    known = _is_mnist(train) and _is_mnist(test)
    return Digits(
        *train,
        *test,
        largest=255,
        name="MNIST" if known else folder.resolve().name,
        notes=tuple(dict.fromkeys(note for note in (train_note, test_note) if note)),
    )


def find(folder: Path, name: str) -> Path | None:
    """Return the file that `load` reads for ``name``, e.g. ``train-images-idx3-ubyte``."""
    dotted = name.replace("-idx", ".idx")
    spellings = (f"{name}.gz", name, f"{dotted}.gz", dotted)
    return next((path for s in spellings if (path := folder / s).is_file()), None)


def _source(folder: Path, name: str) -> IdxFile:
    """Read the bytes of one of the four files."""
    try:
        present = sorted(path.name for path in folder.iterdir())
        if (path := find(folder, name)) is not None:
            return IdxFile(str(path), path.read_bytes())
    except OSError as error:
        where = error.filename or folder
        raise InputError(
            f"a folder with MNIST's files at {folder}",
            f"{error.strerror or error}: {where}",
            f"check the path, or fetch MNIST into it: gradoracle mnist {folder}",
        ) from None
    shown = ", ".join(present[:8]) + (", ..." if len(present) > 8 else "")
    raise InputError(
        f"{name}, plain or .gz, in {folder}",
        f"a folder that holds {shown or 'nothing'}",
        f"fetch what is missing: gradoracle mnist {folder}",
    )


def _size(pair: Pair) -> str:
    return "x".join(map(str, pair.images.shape[1:]))


def _is_mnist(pair: Pair) -> bool:
    """Tell MNIST from sets in its format by the labels, which are quick to compare."""
    content = struct.pack(">II", 2049, len(pair.labels)) + pair.labels.tobytes()
    return hashlib.sha256(content).hexdigest() in MNIST.values()
