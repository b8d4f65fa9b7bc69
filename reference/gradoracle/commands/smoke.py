"""``gradoracle smoke -- PROGRAM ARG...``: a program's harness, before any network."""

from __future__ import annotations

from typing import Literal

import click

from gradoracle.status import Status


@click.command(context_settings={"ignore_unknown_options": False})
@click.option(
    "--wire",
    type=click.Choice(["json", "text"]),
    default="json",
    show_default=True,
    help="The form of the protocol that it speaks.",
)
@click.option("--lint", is_flag=True, help="Hold every message against its schema.")
@click.option(
    "--timeout", type=float, default=60.0, show_default=True, help="Seconds for an answer."
)
@click.argument(
    "command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- PROGRAM ARG..."
)
def smoke(
    command: tuple[str, ...], wire: Literal["json", "text"], lint: bool, timeout: float
) -> Status:
    """Test the harness of a program: numbers there and back, and one product.

    A line for each check. Exit status: 0 all right, 1 something is wrong, 3 it could not be run.
    """
    from gradoracle.wire.faults import CouldNotStart
    from gradoracle.wire.limits import Limits
    from gradoracle.wire.smoke import smoke as checks

    wrong = False
    try:
        for check in checks(
            command, wire=wire, limits=Limits(seconds=timeout, start=timeout), lint=lint
        ):
            wrong = wrong or not check.ok
            click.echo(f"{'ok  ' if check.ok else 'FAIL'}  {check.name:10}  {_plain(check.detail)}")
    except CouldNotStart as error:
        click.echo(f"FAIL  crashed     {error.crashed.kind}: {_plain(error.crashed.reason)}")
        if error.crashed.context:
            click.echo(_plain(error.crashed.context.rstrip()), err=True)
        return Status.CRASHED
    return Status.WRONG if wrong else Status.OK


def _plain(text: str) -> str:
    """Return a program's words without what a terminal would obey."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
