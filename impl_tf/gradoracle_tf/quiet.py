"""TensorFlow's start-up log, kept off standard error."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOG_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
SILENT = "3"


@contextmanager
def quiet_start() -> Iterator[None]:
    """Silence the import of TensorFlow, unless ``TF_CPP_MIN_LOG_LEVEL`` asks for more than 3.

    The variable silences what is logged later (an absent GPU, say). The libraries' first lines
    are written before they look at it, so file descriptor 2 leads nowhere meanwhile. Python's
    exceptions come through.
    """
    if os.environ.setdefault(LOG_LEVEL, SILENT) != SILENT:
        yield
        return
    try:
        standard_error = os.dup(2)
    except OSError:  # there is none
        yield
        return
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(standard_error, 2)
        os.close(standard_error)
