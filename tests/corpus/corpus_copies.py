"""Copies of a few frozen cases that tests may damage."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gradoracle import corpus
from gradoracle.corpus import Library
from gradoracle.corpus.writing import texts, write

FEW = ("two-layer.relu-bce", "shape.one-neuron", "regression.softmax", "alone.relu")


def copy(folder: Path) -> Path:
    """Write some cases of the packaged corpus, as they are, and return the folder."""
    write(folder, texts(corpus.load(match=FEW), corpus.packaged().version))
    return folder


def case_file(folder: Path, case_id: str = FEW[0]) -> Path:
    return folder / "cases" / f"{case_id}.json"


def edit(path: Path, change: Callable[[Any], None]) -> None:
    """Change a JSON file by a function that works in place."""
    document = json.loads(path.read_text("utf-8"))
    change(document)
    path.write_text(json.dumps(document), "utf-8")


def hash_anew(folder: Path) -> None:
    """Put the SHA-256 of every file into the manifest, as somebody might who edits a case."""

    def change(manifest: Any) -> None:
        for row in manifest["cases"]:
            row["sha256"] = hashlib.sha256((folder / row["file"]).read_bytes()).hexdigest()

    edit(folder / "manifest.json", change)


def edited(folder: Path, change: Callable[[Any], None], case_id: str = FEW[0]) -> Library:
    """Return a copy of the corpus with one case changed, hash and all."""
    copy(folder)
    edit(case_file(folder, case_id), change)
    hash_anew(folder)
    return Library(folder)
