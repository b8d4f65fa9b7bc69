"""Exit statuses, as documented: the first that applies."""

from __future__ import annotations

from enum import IntEnum


class Status(IntEnum):
    """What the shell is told."""

    OK = 0
    WRONG = 1  # a gradient, a re-derived number
    BAD_REQUEST = 2  # an unknown name, an unreadable file, a framework asked for and missing
    CRASHED = 3  # an implementation could not be run
    NOTHING = 5  # nothing was checked, or nothing passed
    INTERRUPTED = 130
