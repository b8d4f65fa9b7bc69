"""One child process: messages go in and come out within limits, and it ends with its family."""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import IO, cast

from gradoracle.arrays import shown
from gradoracle.errors import InputError
from gradoracle.wire import family
from gradoracle.wire.faults import Fault, protocol
from gradoracle.wire.limits import GB, Limits
from gradoracle.wire.pipes import Input, Output, Tail

TICK = 0.02  # seconds between two looks at a child that computes
LOOK = 0.1  # seconds between two looks at what its whole family holds
GRACE = 2.0  # seconds to leave by itself


class Process:
    """A program that was started.

    Parameters
    ----------
    command : sequence of str
    limits : Limits
    environment : mapping of str to str, optional
        Added to that of this process.

    Raises
    ------
    InputError
        If there is no such program, or it cannot be executed.
    """

    def __init__(
        self, command: Sequence[str], limits: Limits, environment: Mapping[str, str] | None = None
    ) -> None:
        self._limits = limits
        self._mark = secrets.token_hex(8)
        try:
            self._child = family.start(
                list(command), {**os.environ, **(environment or {})}, self._mark
            )
        except (OSError, ValueError, IndexError) as error:
            raise InputError(
                "a program that can be started",
                f"{' '.join(command) or 'nothing'}: {getattr(error, 'strerror', None) or error}",
                "write its path, such as ./my-net, and make it executable",
            ) from None
        self._input = Input(cast("IO[bytes]", self._child.stdin))
        self._output = Output(cast("IO[bytes]", self._child.stdout))
        self._errors = Tail(cast("IO[bytes]", self._child.stderr), limits.stderr)
        self._next_look = time.monotonic() + LOOK

    def send(self, message: bytes) -> None:
        """Write a message to its standard input."""
        self._input.write(message)

    def receive(self, end: re.Pattern[bytes], seconds: float) -> bytes:
        """Return the next message on its standard output, its end included.

        Raises
        ------
        Fault
            If it ends, or takes more time, memory or output than it may.
        """
        limit = time.monotonic() + seconds
        while True:
            try:
                message = self._output.message(end, self._limits.line)
            except OverflowError:
                raise protocol(f"a line of more than {self._limits.line:,} bytes") from None
            if message is not None:
                return message
            if self._output.ended:
                raise self._ended()
            now = time.monotonic()
            if now >= limit:
                raise Fault("timeout", f"no answer within {seconds:.3g} s")
            self._look(now)
            if not self._output.wait(min(TICK, limit - now)) and self._child.poll() is not None:
                family.end(self._child, self._mark)  # else its children keep the pipe open
                while not self._output.ended and self._output.wait(1.0):
                    pass
                self._output.ended = True

    def leave(self, farewell: bytes) -> int | None:
        """Say farewell and let it go; return its exit status, None if it had to be killed."""
        self.send(farewell)
        self._input.close()
        code = self._quiet_end()
        self.kill()
        return code

    def kill(self) -> str:
        """End it with its whole family; return the end of its standard error."""
        family.end(self._child, self._mark)
        self._input.close()
        self._output.leave()
        return self._errors.text()

    def _quiet_end(self) -> int | None:
        limit = time.monotonic() + GRACE
        while self._child.poll() is None and time.monotonic() < limit:
            self._output.wait(TICK)
            self._output.drop()  # what it still writes must not block it
            if self._output.ended:
                return family.wait(self._child, max(0.0, limit - time.monotonic()))
        return self._child.poll()

    def _look(self, now: float) -> None:
        """Look at the memory it holds."""
        if now < self._next_look:
            return
        held = family.memory(self._child.pid)
        after = time.monotonic()  # with many processes around, a look takes its time
        self._next_look = after + max(LOOK, 20 * (after - now))
        if held > self._limits.memory:
            raise Fault(
                "memory",
                f"held {held / GB:.2f} GiB, {self._limits.memory / GB:.3g} GiB are allowed",
            )

    def _ended(self) -> Fault:
        """Return the fault of a program whose output has ended."""
        code = family.wait(self._child, GRACE)
        partial = self._output.partial
        kind, how = ("protocol", "closed its output") if code is None else family.how_it_ended(code)
        if partial and kind != "signal":
            return protocol(
                f"half a line, {shown(partial[:60].decode(errors='replace'))}; it {how}"
            )
        return Fault(kind, f"{how} before it answered")
