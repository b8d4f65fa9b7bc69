"""One message after another with a program, in either form, from `start` to `stop`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Literal

from gradoracle.errors import InputError
from gradoracle.wire import json_lines, messages, text
from gradoracle.wire.faults import Fault
from gradoracle.wire.files import Folder
from gradoracle.wire.greeting import Greeting, read_greeting, write_start
from gradoracle.wire.limits import Limits
from gradoracle.wire.process import Process

if TYPE_CHECKING:
    from gradoracle.wire.lint import Lint

Wire = Literal["json", "text"]

FORMS: Mapping[str, ModuleType] = {"json": json_lines, "text": text}


class Conversation:
    """A program, started at `start` and, after `kill`, started again.

    Parameters
    ----------
    command : sequence of str
    wire : {"json", "text"}
    limits : Limits
    lint : bool
        Whether every message, either way, is held against its schema.
    env : mapping of str to str, optional
        Added to the environment of this process.

    Raises
    ------
    InputError
        For another form.
    MissingExtra
        If ``lint`` is asked for and jsonschema is not installed.
    """

    def __init__(
        self,
        command: Sequence[str],
        wire: Wire,
        limits: Limits,
        *,
        lint: bool = False,
        env: Mapping[str, str] | None = None,
        hints: bool = True,
    ) -> None:
        if wire not in FORMS:
            raise InputError("wire json or text", repr(wire), "check the spelling")
        self.limits = limits
        self._command, self._wire, self._environment = list(command), wire, env
        self._form, self._hints = FORMS[wire], hints
        self._lint = _linter() if lint else None
        self._began = time.monotonic()
        self._process: Process | None = None
        self.folder = Folder()

    @property
    def running(self) -> bool:
        """Whether a program is there to talk to."""
        return self._process is not None

    def start(self) -> Greeting:
        """Start the program and greet it.

        Raises
        ------
        InputError, MissingExtra
            If there is no such program, or candidate.
        Fault
            If it does not answer as it should.
        """
        self._process = Process(self._command, self.limits, self._environment)
        try:
            answer = self.ask(write_start(self.folder.path), self.limits.start)
        except Fault as fault:
            if fault.kind == "timeout" and self._hints and "whole run" not in fault.reason:
                # it may wait for the end of a line that never comes
                other = "text" if self._wire == "json" else "json"
                fault.reason += f" to start in the {self._wire} form; try --wire {other}"
            raise
        return read_greeting(answer, self.folder.path)

    def numbers(self, greeting: Greeting) -> Literal["hex", "decimal"]:
        """Return the form in which numbers are sent."""
        return "decimal" if self._wire == "text" else greeting.numbers

    def ask(
        self,
        request: messages.Document,
        seconds: float,
        meanwhile: Callable[[], object] = lambda: None,
    ) -> messages.Document:
        """Send a message, do something ``meanwhile``, and return the answer to it.

        Raises
        ------
        Fault
            If none comes, or none that is well formed.
        """
        if self._process is None:
            raise RuntimeError("nothing was started")
        total = self.limits.total
        if total is not None:
            left = self._began + total - time.monotonic()
            if left <= 0:
                raise Fault("timeout", f"the {total:.3g} s for the whole run are over")
            seconds = min(seconds, left)
        if self._lint is not None:
            self._lint.sent(request)
        self._process.send(self._form.write(request))
        meanwhile()
        line = self._process.receive(self._form.END, seconds)
        answer: messages.Document = self._form.read(line)
        if self._lint is not None:
            self._lint.answered(str(request["cmd"]), answer)
        return answer

    def leave(self) -> int | None:
        """Say `stop`; return the program's exit status, None if it had to be killed."""
        process, self._process = self._process, None
        return process.leave(self._form.write(messages.STOP)) if process is not None else None

    def kill(self) -> str:
        """End the program with all its children; return the end of its standard error."""
        process, self._process = self._process, None
        return process.kill() if process is not None else ""

    def close(self) -> None:
        """Leave, and remove the folder."""
        try:
            self.leave()
        finally:
            self.kill()
            self.folder.close()

    def __str__(self) -> str:
        return " ".join(self._command)


def _linter() -> Lint:
    from gradoracle.wire.lint import Lint  # jsonschema is asked for here only

    return Lint()
