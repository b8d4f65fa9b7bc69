"""``gradoracle mistakes``: the gallery of known mistakes, and each as a file to hand out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gradoracle.commands.options import output
from gradoracle.errors import InputError
from gradoracle.status import Status

if TYPE_CHECKING:
    from gradoracle.mistakes import Mistake


@click.command()
@click.argument("name", required=False)
@click.option("--code", is_flag=True, help="Print a NumPy file with this mistake in it.")
@click.option(
    "--layer",
    type=int,
    metavar="L",
    help="Make it at this layer alone; -1, -2, ... count from the output.",
)
@click.option("--reveal", is_flag=True, help="Say in the file which line is wrong.")
@click.option("--json", "target", metavar="F", help="Write JSON to this file; '-' prints it.")
def mistakes(
    name: str | None, code: bool, layer: int | None, reveal: bool, target: str | None
) -> Status:
    """List the known mistakes, or show one: what it looks like, its mend, how far it is off.

    `gradoracle mistakes NAME --code > net.py` writes a file that runs with NumPy alone, and that
    `gradoracle check net.py:net` fails.
    """
    from gradoracle.mistakes import all as every
    from gradoracle.mistakes import find
    from gradoracle.report.mistakes import (
        mistake_json,
        mistakes_json,
        print_mistake,
        print_mistakes,
    )
    from gradoracle.report.show import put

    if (layer is not None or reveal) and not code:
        raise InputError("--code with --layer and --reveal", "none", "add --code")
    if name is None:
        if code:
            raise InputError("a name with --code", "none", "'gradoracle mistakes' lists them")
        if target is not None:
            put(mistakes_json(every()), target)
        if target != "-":
            print_mistakes(every(), output())
        return Status.OK
    mistake = find(name)
    if code:
        if target is not None:
            raise InputError("--code or --json", "both", "leave one out")
        click.echo(_code(mistake, layer, reveal), nl=False)
        return Status.OK
    if target is not None:
        put(mistake_json(mistake), target)
    if target != "-":
        print_mistake(mistake, output())
    return Status.OK


def _code(mistake: Mistake, layer: int | None, reveal: bool) -> str:
    from gradoracle.mistakes.code import stand_alone

    if layer == 0:
        raise InputError("a layer, 1, 2, ... or -1, -2, ...", "0", "X is layer 0; leave it out")
    return stand_alone(mistake, layer or 0, reveal=reveal)
