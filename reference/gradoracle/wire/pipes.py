"""Threads at the ends of a child's pipes: reading with a time limit works so on every system."""

from __future__ import annotations

import queue
import re
import threading
from contextlib import suppress
from typing import IO

CHUNK = 64 * 1024


class Output:
    """Standard output, cut into messages by the main thread, with a bound on what waits there.

    Parameters
    ----------
    stream : file
        The reading end, unbuffered.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._chunks: queue.Queue[bytes] = queue.Queue(maxsize=16)  # a flood waits in the pipe
        self._held = bytearray()
        self._scanned = 0
        self._left = False
        self.ended = False
        self._thread = _started(self._pump, stream)

    @property
    def partial(self) -> bytes:
        """What came after the last message."""
        return bytes(self._held)

    def message(self, end: re.Pattern[bytes], longest: int) -> bytes | None:
        """Return the first message that is held, if there is a whole one.

        Raises
        ------
        OverflowError
            If it is longer than that.
        """
        found = end.search(self._held, self._scanned)
        if (found.end() if found else len(self._held)) > longest:
            raise OverflowError
        if found is None:
            self._scanned = max(0, len(self._held) - 16)  # an end may have come in two parts
            return None
        with memoryview(self._held) as held:
            message = bytes(held[: found.end()])
        del self._held[: found.end()]
        self._scanned = 0
        return message

    def wait(self, seconds: float) -> bool:
        """Wait for more; tell whether something came, the end included."""
        try:
            chunk = self._chunks.get(timeout=seconds) if seconds > 0 else self._chunks.get_nowait()
        except queue.Empty:
            return False
        self._held += chunk
        self.ended = self.ended or not chunk
        return True

    def drop(self) -> None:
        """Forget what came and was not asked for."""
        self._held.clear()
        self._scanned = 0

    def leave(self) -> None:
        """Let the thread go, which may wait for room."""
        self._left = True
        with suppress(queue.Empty):
            while True:
                self._chunks.get_nowait()
        self._thread.join(1.0)

    def _pump(self, stream: IO[bytes]) -> None:
        chunk = b"-"
        with stream:
            while chunk and not self._left:
                try:
                    chunk = stream.read(CHUNK)
                except (OSError, ValueError):
                    chunk = b""
                self._chunks.put(chunk)


class Tail:
    """The end of standard error; the rest is read and dropped, so that no flood blocks the child.

    Parameters
    ----------
    stream : file
        The reading end, unbuffered.
    longest : int
        How many bytes are kept.
    """

    def __init__(self, stream: IO[bytes], longest: int) -> None:
        self._longest = longest
        self._end = b""
        self._thread = _started(self._pump, stream)

    def text(self) -> str:
        """Return it once the child is gone."""
        self._thread.join(1.0)
        return self._end.decode(errors="replace")

    def _pump(self, stream: IO[bytes]) -> None:
        with stream, suppress(OSError, ValueError):
            while chunk := stream.read(CHUNK):
                self._end = (self._end + chunk)[-self._longest :]


class Input:
    """Standard input, written by a thread of its own: a child that does not read blocks nobody.

    Parameters
    ----------
    stream : file
        The writing end, unbuffered.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._messages: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = _started(self._pump, stream)

    def write(self, message: bytes) -> None:
        """Write a message, some time."""
        self._messages.put(message)

    def close(self) -> None:
        """Close it after the last message."""
        self._messages.put(None)

    def _pump(self, stream: IO[bytes]) -> None:
        # a child that has gone is seen at its output
        with suppress(OSError, ValueError), stream:
            while (message := self._messages.get()) is not None:
                left = memoryview(message)
                while left:
                    left = left[stream.write(left) :]


def _started(target: object, stream: IO[bytes]) -> threading.Thread:
    thread = threading.Thread(target=target, args=(stream,), daemon=True)  # type: ignore[arg-type]
    thread.start()
    return thread
