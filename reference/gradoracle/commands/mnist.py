"""``gradoracle mnist``: fetch MNIST and check it."""

from __future__ import annotations

from pathlib import Path

import click

from gradoracle.commands.options import Folder, errors
from gradoracle.status import Status


@click.command()
@click.argument("folder", type=Folder())
@click.option(
    "--url",
    help="Where the four .gz files lie. Default: $GRADORACLE_MNIST_URL, else public mirrors.",
)
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def mnist(folder: Path, url: str | None, quiet: bool) -> Status:
    """Fetch MNIST's four files into FOLDER and check their SHA-256.

    Files that are there and right are kept. Needs the extra 'fetch'.
    """
    from gradoracle.data import fetch

    console = errors()
    for path in fetch(
        folder, url, say=lambda line: None if quiet else console.print(line, markup=False)
    ):
        if not quiet:
            click.echo(path)
    return Status.OK
