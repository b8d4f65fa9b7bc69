"""What is being done, on standard error: a bar on a terminal, else a line now and then."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import RenderableType

SECONDS = 5.0  # between two lines at least, and a tenth of the time that has gone by


class Progress:
    """How far the work is: the worker writes it, a thread shows it.

    Attributes
    ----------
    text : str
        What is being done.
    done, total : int
        Of how many parts; a total of 0 is not known yet.
    """

    def __init__(self) -> None:
        self.text = ""
        self.done = self.total = 0
        self._began = time.monotonic()

    def say(self, text: str) -> None:
        """Tell what is being done."""
        self.text = text

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self._began

    def __str__(self) -> str:
        count = f"{self.done:,} of {self.total:,}, " if self.total else ""
        return f"{self.seconds:.0f} s, {count}{self.text}"

    def __rich__(self) -> RenderableType:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        line = Table.grid(padding=(0, 1))
        bar = ProgressBar(self.total or None, self.done, width=20, pulse=not self.total)
        line.add_row(bar, Text(str(self), no_wrap=True, overflow="ellipsis"))
        return line


@contextmanager
def progress(*, quiet: bool) -> Iterator[Progress]:
    """Show on standard error how far the work is, until it ends."""
    shown = Progress()
    if quiet or sys.stderr is None:
        yield shown
        return
    with _standard_error() as stream, (_bar if stream.isatty() else _lines)(shown, stream):
        yield shown


@contextmanager
def _standard_error() -> Iterator[TextIO]:
    """Duplicate standard error: TensorFlow's import is silenced by taking the first one away."""
    try:
        number = os.dup(sys.stderr.fileno())
    except (OSError, ValueError):  # it is no file, as in a notebook
        yield sys.stderr
        return
    stream = os.fdopen(number, "w", encoding=sys.stderr.encoding, errors="backslashreplace")
    try:
        yield stream
    finally:
        with suppress(OSError):  # nobody reads it
            stream.close()


@contextmanager
def _bar(shown: Progress, stream: TextIO) -> Iterator[None]:
    from rich.console import Console  # imported late: most runs have ended before a line is due
    from rich.live import Live

    with Live(
        get_renderable=lambda: shown,
        console=Console(file=stream),
        transient=True,
        refresh_per_second=8,
    ):
        yield


@contextmanager
def _lines(shown: Progress, stream: TextIO) -> Iterator[None]:
    over = threading.Event()

    def tell() -> None:
        with suppress(OSError, ValueError):  # nobody reads it
            while not over.wait(max(SECONDS, shown.seconds / 10)):
                print(f"gradoracle: {shown}", file=stream, flush=True)

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
