"""Options that several commands share, and the consoles they print to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

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
    from rich.console import Console  # imported late: --help and bad options answer at once

    class Output(Console):
        """A reader that leaves changes no exit status."""

        def on_broken_pipe(self) -> None:
            self.quiet = True  # what is left in the buffer is thrown away in `gradoracle.cli`

    console = Output(highlight=False)
    return console if console.is_terminal else Output(highlight=False, width=160)


def errors() -> Console:
    """Return the console on standard error, for notes."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)
