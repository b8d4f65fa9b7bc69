"""Files are written whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
