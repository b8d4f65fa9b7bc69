"""The process of the command line: what the shell is told, whatever happens.

Errors are one line on standard error, exit statuses are documented (`gradoracle --help`). The
commands are imported inside `main`, where Ctrl-C is caught from the first moment.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TextIO

from gradoracle.interruption import remembered
from gradoracle.status import Status


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the process by default.
    """
    complaint = ""
    try:
        with remembered():
            from gradoracle.commands.group import answer

            status, complaint = answer(arguments)
    except KeyboardInterrupt:
        status, complaint = Status.INTERRUPTED, "interrupted"
    except BrokenPipeError:
        status = Status.OK  # the reader has seen enough
    except (OSError, MemoryError) as error:
        status, complaint = Status.BAD_REQUEST, _told(error)
    unwritten = _settled(sys.stdout)
    if unwritten and not isinstance(unwritten, BrokenPipeError) and status < Status.INTERRUPTED:
        status, complaint = Status.BAD_REQUEST, _told(unwritten)
    if complaint and sys.stderr is not None:
        with suppress(OSError):
            print(f"gradoracle: {complaint}", file=sys.stderr)  # noqa: T201
    _settled(sys.stderr)
    if status is Status.INTERRUPTED and arguments is None:
        # a framework that is half imported must not be torn down, nor a second Ctrl-C be heard;
        # and Python kills itself if the first one came in exec, as in making a dataclass
        os._exit(status)
    return status


def _told(error: OSError | MemoryError) -> str:
    if isinstance(error, MemoryError):
        return f"out of memory: {error}".rstrip(": ")
    if error.filename is None:  # of a stream that was open already
        return f"cannot write the answer: {error.strerror or error}"
    return f"{error.filename}: {error.strerror}"


def _settled(stream: TextIO | None) -> OSError | None:
    """Flush a stream; if that fails, send the rest nowhere, for Python flushes it again at exit."""
    if stream is None:
        return None
    try:
        stream.flush()
    except OSError as error:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        return error
    return None


if __name__ == "__main__":
    sys.exit(main())
