"""Writing a corpus folder: whole, or not at all."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from gradoracle.case import LEVELS
from gradoracle.corpus.document import to_document
from gradoracle.corpus.fields import FORMAT
from gradoracle.corpus.frozen import Frozen
from gradoracle.corpus.library import MANIFEST
from gradoracle.corpus.text import to_text
from gradoracle.errors import InputError

SCHEMAS = Path(__file__).parent / "schema"


def texts(cases: Sequence[Frozen], version: str, *, answers: bool = True) -> dict[str, bytes]:
    """Return every file of a corpus folder by its name; the manifest comes last."""
    files: dict[str, bytes] = {}
    rows = []
    for frozen in cases:
        name = f"cases/{frozen.case.id}.json"
        files[name] = (to_text(to_document(frozen, answers=answers)) + "\n").encode()
        rows.append(
            f'    {{"id": "{frozen.case.id}", "level": "{frozen.case.level}", '
            f'"file": "{name}", "sha256": "{hashlib.sha256(files[name]).hexdigest()}"}}'
        )
    count = {level: sum(frozen.case.level == level for frozen in cases) for level in LEVELS}
    head = to_text({"format": FORMAT, "version": version, "count": count}).removesuffix("\n}")
    listed = ",\n".join(rows)
    files[MANIFEST] = f'{head},\n  "cases": [\n{listed}\n  ]\n}}\n'.encode()
    return files


def emit(folder: Path, cases: Sequence[Frozen], version: str, *, answers: bool) -> int:
    """Write cases and the schemas into a new folder; return how many bytes.

    Raises
    ------
    InputError
        If there is something in the folder, or it cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError("a folder that is new or empty", str(folder), "choose another one")
    schemas = {f"schema/{path.name}": path.read_bytes() for path in sorted(SCHEMAS.glob("*.json"))}
    files = texts(cases, version, answers=answers) | schemas
    try:
        write(folder, files)
    except OSError as error:
        raise InputError(
            "a folder that can be written", f"{folder}: {error.strerror}", "choose another one"
        ) from None
    return sum(map(len, files.values()))


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files by name where ``folder`` is or will be, in place of all that is there.

    They go to a temporary folder beside it first, which is then renamed: nothing half-written is
    ever in its place, and what was there comes back if the renaming fails.
    """
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as room:
        fresh, old = Path(room) / "fresh", Path(room) / "old"
        for name, text in files.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text)
        if folder.exists():
            folder.rename(old)
        try:
            fresh.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise
