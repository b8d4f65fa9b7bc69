"""Make the embedded digits from scikit-learn's copy: python tests/data/make_digits.py"""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parents[2] / "reference" / "gradoracle" / "digits"


def idx(array: np.ndarray) -> bytes:
    """Return uint8 array of 1 or 3 dimensions as an IDX file."""
    header = struct.pack(f">{1 + array.ndim}I", 0x0800 + array.ndim, *array.shape)
    return header + array.tobytes()


def contents() -> dict[str, bytes]:
    """Return the two IDX files, uncompressed, by the names of their .gz."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    return {
        "digits-images-idx3-ubyte.gz": idx(digits.images.astype(np.uint8)),
        "digits-labels-idx1-ubyte.gz": idx(digits.target.astype(np.uint8)),
    }


if __name__ == "__main__":
    for name, content in contents().items():
        # neither a time nor a name goes into the header: the same bytes every time
        with (
            (FOLDER / name).open("wb") as raw,
            gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed,
        ):
            packed.write(content)
