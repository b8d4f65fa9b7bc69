"""Fetch MNIST from its public mirrors with pooch, and keep only what has the known SHA-256."""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gradoracle.arrays import shown
from gradoracle.data.digits import MNIST, find
from gradoracle.data.idx import GZIP_MAGIC
from gradoracle.data.whole import checked_path, made_folder, written_whole
from gradoracle.errors import InputError, MissingExtra

VARIABLE = "GRADORACLE_MNIST_URL"
MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)

Download = Callable[[str, Path], None]


def fetch(
    folder: str | os.PathLike[str],
    url: str | None = None,
    *,
    files: Mapping[str, str] = MNIST,
    timeout: float = 30.0,
    say: Callable[[str], None] = lambda _line: None,
) -> list[Path]:
    """Download the four .gz files of MNIST into ``folder``, except those that are there and right.

    A file gets its name only when its uncompressed content has the known SHA-256; whatever goes
    wrong, the interrupt included, nothing half-written stays behind and good files are kept.

    Parameters
    ----------
    folder : path-like
        Made if it does not exist.
    url : str, optional
        The address of a mirror's folder; by default ``GRADORACLE_MNIST_URL``, else the public
        mirrors one after the other.
    files : mapping of str to str
        The names, without ``.gz``, and the SHA-256 of the uncompressed content.
    timeout : float
        Seconds to wait for the connection, and for each part of the answer.
    say : callable
        Gets one line about each file.

    Returns
    -------
    list of pathlib.Path
        The file of each name, which `gradoracle.data.load` will read.

    Raises
    ------
    MissingExtra
        If pooch is not installed.
    InputError
        If the folder cannot be written to, or no mirror gave the right file, with each cause.
    """
    folder = checked_path(folder, "mnist")
    mirrors = _mirrors(url)
    wanted = {name: sha256 for name, sha256 in files.items() if not _is_right(folder, name, sha256)}
    for name in files:
        if name not in wanted:
            say(f"{name}: already there")
    if wanted:
        download = _downloader(timeout)
        with made_folder(folder, lambda error: _unwritable(folder, error)):
            for name, sha256 in wanted.items():
                say(f"{name}.gz: from {_from_one_of(mirrors, folder, name, sha256, download)}")
    return [path for name in files if (path := find(folder, name)) is not None]


def _from_one_of(
    mirrors: Sequence[str], folder: Path, name: str, sha256: str, download: Download
) -> str:
    """Download one file from the first mirror that has it right, and return that mirror."""
    causes = []
    for mirror in mirrors:
        try:
            with written_whole(folder / f"{name}.gz") as partial:
                download(f"{mirror}{name}.gz", partial)
                _require(partial, sha256)
        except (OSError, EOFError, ValueError, zlib.error) as error:
            # the errors of requests are OSErrors without a number: a number is the disk's
            if getattr(error, "errno", None):
                raise _unwritable(folder, error) from None
            causes.append(f"{mirror}: {_cause(error)}")
        else:
            return mirror
    raise InputError(
        f"{name}.gz with the known SHA-256 from a mirror",
        "; ".join(causes),
        f"try again, name another mirror in {VARIABLE}, or put the file into {folder} yourself",
    )


def _mirrors(url: str | None) -> tuple[str, ...]:
    chosen = url or os.environ.get(VARIABLE)
    if not chosen:
        return MIRRORS
    if not isinstance(chosen, str) or not chosen.startswith(("http://", "https://")):
        raise InputError(
            "the address of a mirror, http:// or https://", shown(chosen), f"e.g. {MIRRORS[0]}"
        )
    return (chosen.rstrip("/") + "/",)


def _downloader(timeout: float) -> Download:
    try:
        from pooch import HTTPDownloader
    except ImportError:
        raise MissingExtra("pooch", "fetch") from None
    # identity: a .gz must arrive as it is, not unpacked on the way
    http = HTTPDownloader(
        chunk_size=2**16, timeout=timeout, headers={"Accept-Encoding": "identity"}
    )
    return lambda url, path: http(url, str(path), None)


def _unwritable(folder: Path, error: Exception) -> InputError:
    return InputError(
        f"a folder that can be written to at {folder}",
        str(getattr(error, "strerror", None) or error),
        "choose another folder: gradoracle mnist DIR",
    )


def _is_right(folder: Path, name: str, sha256: str) -> bool:
    """Tell whether the file that would be read for ``name`` is there with the known content."""
    try:
        path = find(folder, name)
        return path is not None and _content_sha256(path) == sha256
    except (OSError, EOFError, zlib.error):
        return False


def _require(path: Path, sha256: str) -> None:
    with path.open("rb") as stream:
        if stream.read(2) != GZIP_MAGIC:
            raise ValueError("not a gzip file")
    if (got := _content_sha256(path)) != sha256:
        raise ValueError(f"wrong content, SHA-256 {got[:12]}... instead of {sha256[:12]}...")


def _content_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content, uncompressed."""
    with path.open("rb") as stream:
        packed = stream.read(2) == GZIP_MAGIC
    with gzip.open(path) if packed else path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _cause(error: Exception) -> str:
    """Say in a few words what requests needs a paragraph for."""
    response = getattr(error, "response", None)
    if response is not None:
        return f"HTTP status {response.status_code}"
    return {
        "ChunkedEncodingError": "the connection was cut",
        "ConnectionError": "no connection",
        "ConnectTimeout": "no connection in time",
        "EOFError": "a truncated file",
        "ReadTimeout": "no answer in time",
    }.get(type(error).__name__, str(error))
