"""Options that several commands share, and the consoles they print to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    PathType = click.ParamType[Path]
else:  # older versions of click know no type arguments
    PathType = click.ParamType


class Folder(PathType):
    """A path that is not empty: an empty one would silently mean the current folder."""

    name = "folder"

    def convert(
        self, value: str | Path, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path:
        """Return the path."""
        if value == "":
            self.fail("a folder is expected, an empty path came; write . for this one", param, ctx)
        return Path(value)


data_option = click.option(
    "--data",
    type=Folder(),
    metavar="DIR",
    help="MNIST's IDX files, plain or gzip. Default: $GRADORACLE_MNIST, else the embedded digits.",
)


def output() -> Console:
    """Return the console on standard output; as wide as it must be when it is no terminal."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=160)


def errors() -> Console:
    """Return the console on standard error, for progress and notes."""
    return Console(stderr=True, highlight=False)


@contextmanager
def progress_bar(total: int, *, quiet: bool) -> Iterator[Progress]:
    """Show a bar on standard error while work is done; nothing where that is no terminal."""
    console = errors()
    columns = (
        BarColumn(20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(
        *columns, console=console, transient=True, disable=quiet or not console.is_terminal
    ) as progress:
        progress.add_task("", total=total)
        yield progress
