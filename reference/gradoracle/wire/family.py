"""A child process with all its descendants: what they hold, and how they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil

MARK = "GRADORACLE_FAMILY"  # in the environment, which a child that leaves the group takes along

_GONE = (psutil.Error, OSError)


def start(command: list[str], environment: Mapping[str, str], mark: str) -> subprocess.Popen[bytes]:
    """Start a program as the head of a group of its own, so that Ctrl-C is not for it."""
    group = 0
    if sys.platform == "win32":
        group = subprocess.CREATE_NEW_PROCESS_GROUP
    return subprocess.Popen(  # noqa: S603 -- running it is what was asked for
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        env={**environment, MARK: mark},
        start_new_session=sys.platform != "win32",
        creationflags=group,
    )


def memory(head: int) -> int:
    """Return the bytes that it and its descendants hold in memory."""
    held = 0
    with suppress(*_GONE):
        process = psutil.Process(head)
        for member in [process, *process.children(recursive=True)]:
            with suppress(*_GONE):
                held += member.memory_info().rss
    return held


def end(child: subprocess.Popen[bytes], mark: str) -> None:
    """Kill it and every descendant, and wait until it is gone.

    Nothing is asked to end itself first: what hangs may ignore that. Found are the descendants, the
    process group, and, on Linux, whoever carries the mark.
    """
    members = []
    with suppress(*_GONE):
        members = psutil.Process(child.pid).children(recursive=True)
    if sys.platform != "win32":
        with suppress(OSError):  # the group is empty
            os.killpg(child.pid, signal.SIGKILL)
    if child.poll() is None:
        child.kill()
    for member in members:
        with suppress(*_GONE):
            member.kill()  # psutil looks whether the id is still that process'
    for _ in range(5):  # one may have forked another meanwhile
        stragglers = _marked(mark)
        for straggler in stragglers:
            with suppress(*_GONE):
                straggler.kill()
        if not stragglers:
            break
    with suppress(subprocess.TimeoutExpired):  # what the kernel holds cannot be waited for
        child.wait(5.0)


def _marked(mark: str) -> list[psutil.Process]:
    """Return the processes that carry the mark: they left the group, and their parent is gone."""
    if not sys.platform.startswith("linux"):
        return []
    found = []
    wanted = f"{MARK}={mark}".encode()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(*_GONE):
                if wanted in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(psutil.Process(int(entry.name)))
    return found


def how_it_ended(code: int) -> tuple[str, str]:
    """Return the kind of crash that an exit status amounts to, and what to say of it."""
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        return "signal", f"ended by {name}"
    if sys.platform == "win32" and code >= 0xC0000000:
        return "signal", f"ended by exception {code:#x}"
    return "exited", f"exited with {code}"


def wait(child: subprocess.Popen[bytes], seconds: float) -> int | None:
    """Return its exit status, or None if it goes on longer than that."""
    limit = time.monotonic() + seconds
    with suppress(subprocess.TimeoutExpired):
        return child.wait(max(0.0, limit - time.monotonic()))
    return None
