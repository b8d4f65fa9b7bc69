"""Options that several commands share, and the consoles they print to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

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

    console = Output(highlight=False, color_system=_colours())
    if console.is_terminal:
        return console
    return Output(highlight=False, color_system=_colours(), width=160)


def errors() -> Console:
    """Return the console on standard error, for notes."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, color_system=_colours())


def _colours() -> Literal["auto"] | None:
    """Return what `rich` is to find out about colours; with NO_COLOR bold and dim go, too."""
    return None if os.environ.get("NO_COLOR") else "auto"
