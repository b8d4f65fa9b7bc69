"""Small sets in MNIST's format, and an environment that knows none of the user's."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GRADORACLE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name in ("GRADORACLE_MNIST", "GRADORACLE_MNIST_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def idx() -> Callable[[np.ndarray], bytes]:
    """Write an array as an IDX file."""

    def write(array: np.ndarray) -> bytes:
        header = struct.pack(f">{1 + array.ndim}I", 0x0800 + array.ndim, *array.shape)
        return header + array.astype(np.uint8).tobytes()

    return write


@pytest.fixture
def small() -> dict[str, np.ndarray]:
    """A set of 40 training and 20 test images, 3 x 2 pixels, each digit among the labels."""
    rng = np.random.default_rng(58)
    return {
        "train-images-idx3-ubyte": rng.integers(0, 256, (40, 3, 2), np.uint8),
        "train-labels-idx1-ubyte": np.arange(40, dtype=np.uint8) % 10,
        "t10k-images-idx3-ubyte": rng.integers(0, 256, (20, 3, 2), np.uint8),
        "t10k-labels-idx1-ubyte": np.arange(20, dtype=np.uint8)[::-1] % 10,
    }


@pytest.fixture
def folder(
    tmp_path: Path, small: dict[str, np.ndarray], idx: Callable[[np.ndarray], bytes]
) -> Path:
    """The small set as four .gz files."""
    folder = tmp_path / "small"
    folder.mkdir()
    for name, array in small.items():
        (folder / f"{name}.gz").write_bytes(gzip.compress(idx(array)))
    return folder
