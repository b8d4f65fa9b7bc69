"""Processes that a test has started, found again by a mark in their environment."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil
import pytest

NAME = "GRADORACLE_TEST_MARK"


@contextmanager
def nobody_stays(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Require that whoever is started inside the block is gone after it."""
    mark = uuid.uuid4().hex
    monkeypatch.setenv(NAME, mark)
    try:
        yield
    finally:
        limit = time.monotonic() + 3
        while (left := marked(mark)) and time.monotonic() < limit:
            time.sleep(0.02)
        for process in left:
            process.kill()
    assert not left


def marked(mark: str) -> list[psutil.Process]:
    """Return the living processes that carry a mark, but this one."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.status() != psutil.STATUS_ZOMBIE and process.environ().get(NAME) == mark:
                found.append(process)
    if sys.platform == "linux":
        me = psutil.Process()  # /proc keeps the environment of the start, Python's may be newer
        found = [process for process in found if process != me]
    return found
