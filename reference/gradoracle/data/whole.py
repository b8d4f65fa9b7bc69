"""Files are written whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gradoracle.arrays import shown
from gradoracle.errors import InputError


def checked_path(path: str | os.PathLike[str], example: str) -> Path:
    """Return a path as such.

    Raises
    ------
    InputError
        For something else, and for an empty one, which would mean the current folder.
    """
    text = os.fspath(path) if isinstance(path, os.PathLike) else path
    if not isinstance(text, str) or not text or "\0" in text:
        raise InputError("a path", shown(path), f"e.g. {example!r}")
    return Path(text)


@contextmanager
def made_folder(folder: Path, refusal: Callable[[OSError], Exception]) -> Iterator[None]:
    """Make a folder; when the block raises, remove again what was made and is empty.

    Raises
    ------
    Exception
        ``refusal`` of the error with which the folder could not be made.
    """
    try:
        new = [path for path in (folder, *folder.parents) if not path.exists()]
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refusal(error) from None
    try:
        yield
    except BaseException:
        with suppress(OSError):
            for path in new:
                path.rmdir()
        raise


@contextmanager
def written_whole(target: Path) -> Iterator[Path]:
    """Give a temporary path beside ``target``; it becomes ``target`` when the block ends well.

    When the block raises, the interrupt included, the temporary file is removed and an older
    ``target`` stays as it was.

    Raises
    ------
    OSError
        If the folder does not let the file be renamed.
    """
    partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        yield partial
        os.replace(partial, target)  # noqa: PTH105 (Path.replace hides that it overwrites)
    finally:
        partial.unlink(missing_ok=True)
