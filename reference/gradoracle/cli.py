"""The command line: errors are one line on standard error, exit statuses are documented."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

import click

from gradoracle.commands.cases import cases
from gradoracle.commands.corpus import corpus
from gradoracle.commands.mnist import mnist
from gradoracle.commands.show import show
from gradoracle.commands.train import train
from gradoracle.commands.verify import verify
from gradoracle.errors import GradoracleError, NothingCheckedError
from gradoracle.status import Status


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("gradoracle"), prog_name="gradoracle")
def cli() -> None:
    """Is this gradient right? If not: which tensor is wrong first, and by how much?

    Exit status: 0 right, 1 something is wrong, 2 the request is bad, 3 an implementation could
    not be run, 5 nothing was checked or nothing passed, 130 interrupted.
    """


for command in (verify, cases, show, corpus, train, mnist):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the process by default.
    """
    try:
        status = cli.main(args=arguments, prog_name="gradoracle", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return Status.BAD_REQUEST
    except click.ClickException as error:
        _say(error.format_message().replace("\n", " "))
        return Status.BAD_REQUEST
    except NothingCheckedError as error:
        _say(str(error))
        return Status.NOTHING
    except GradoracleError as error:
        _say(str(error))
        return Status.BAD_REQUEST
    except (KeyboardInterrupt, click.Abort):
        _say("interrupted")
        return Status.INTERRUPTED
    except BrokenPipeError:
        # the reader has gone; keep Python from failing again when it flushes at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Status.OK
    except (OSError, MemoryError) as error:
        _say(f"{type(error).__name__}: {error or 'out of memory'}")
        return Status.BAD_REQUEST
    return Status(status or 0)


def _say(message: str) -> None:
    click.echo(f"gradoracle: {message}", err=True)


if __name__ == "__main__":
    sys.exit(main())
