"""All commands, and the one line and exit status that an error of theirs becomes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

import click

from gradoracle.commands.cases import cases
from gradoracle.commands.check import check
from gradoracle.commands.corpus import corpus
from gradoracle.commands.derive import derive
from gradoracle.commands.diff import diff
from gradoracle.commands.judge import judge
from gradoracle.commands.mistakes import mistakes
from gradoracle.commands.mnist import mnist
from gradoracle.commands.show import show
from gradoracle.commands.smoke import smoke
from gradoracle.commands.train import train
from gradoracle.commands.verify import verify
from gradoracle.errors import GradoracleError, NothingCheckedError
from gradoracle.status import Status

NAME = "gradoracle"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version(NAME), prog_name=NAME)
def cli() -> None:
    """Is this gradient right? If not: which tensor is wrong first, and by how much?

    Exit status: 0 right, 1 something is wrong, 2 the request is bad or the answer cannot be
    written, 3 an implementation could not be run, 5 nothing was checked or nothing passed, 130
    interrupted.
    """


for command in (
    verify,
    check,
    derive,
    judge,
    diff,
    smoke,
    cases,
    show,
    mistakes,
    corpus,
    train,
    mnist,
):
    cli.add_command(command)


def answer(arguments: Sequence[str] | None) -> tuple[Status, str]:
    """Run a command; return the exit status, and what to complain of.

    Not by click's ``main``, which would answer to Ctrl-C and to a reader that leaves itself.
    """
    if f"_{NAME.upper()}_COMPLETE" in os.environ:  # a shell asks for completions
        cli.main(prog_name=NAME)
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        with cli.make_context(NAME, given) as context:
            return Status(cli.invoke(context) or 0), ""
    except click.exceptions.Exit as end:  # of --help and --version
        return Status(end.exit_code), ""
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return Status.BAD_REQUEST, ""
    except click.ClickException as error:
        return Status.BAD_REQUEST, error.format_message().replace("\n", " ")
    except NothingCheckedError as error:
        return Status.NOTHING, str(error)
    except GradoracleError as error:
        return Status.BAD_REQUEST, str(error)
