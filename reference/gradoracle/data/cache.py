"""What took seconds to parse is kept: one .npz a pair of files, found by the files' SHA-256."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from gradoracle.data.idx import IdxFile, Pair
from gradoracle.data.whole import written_whole

VARIABLE = "GRADORACLE_CACHE"


def cache_folder() -> Path:
    """Return ``GRADORACLE_CACHE`` if it is set, else the user's cache folder of this project."""
    if chosen := os.environ.get(VARIABLE):
        return Path(chosen)
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("gradoracle", appauthor=False))


def cached(
    parse: Callable[[IdxFile, IdxFile], Pair], images: IdxFile, labels: IdxFile
) -> tuple[Pair, str | None]:
    """Return ``parse(images, labels)``, from the cache where these very bytes were parsed before.

    A damaged cache file is replaced. Nothing is unpickled. Only what parsed well is ever kept.

    Returns
    -------
    pair : Pair
        The images and labels.
    note : str or None
        One line if the result could not be kept, which costs time and nothing else.

    Raises
    ------
    InputError
        As ``parse`` does.
    """
    file = cache_folder() / f"idx-{_key(images, labels)}.npz"
    if (kept := _kept(file)) is not None:
        return kept, None
    pair = parse(images, labels)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(file) as partial, partial.open("wb") as stream:
            np.savez(stream, images=pair.images, labels=pair.labels)
    except OSError as error:
        return pair, (
            f"the digits were parsed but cannot be cached in {file.parent} "
            f"({error.strerror or error}), so parsing is repeated each time; "
            f"mend: set {VARIABLE} to a folder that can be written to"
        )
    return pair, None


def _key(*files: IdxFile) -> str:
    digests = [hashlib.sha256(file.raw).digest() for file in files]
    return hashlib.sha256(b"".join(digests)).hexdigest()


def _kept(file: Path) -> Pair | None:
    """Return the cached pair, or None if there is none or it is damaged."""
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            if archive.zip.testzip() is not None:  # compares the checksum of every byte
                return None
            images, labels = archive["images"], archive["labels"]
    except Exception:  # damage can raise anything from BadZipFile to MemoryError
        return None
    fits = images.dtype == labels.dtype == np.uint8 and images.ndim == 3
    return Pair(images, labels) if fits and labels.shape == images.shape[:1] else None
