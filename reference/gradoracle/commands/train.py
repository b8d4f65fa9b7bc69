"""``gradoracle train``: the training experiment, from one shared initialisation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gradoracle.arrays import DTYPES
from gradoracle.commands.options import Folder, data_option, errors, output
from gradoracle.commands.progress import progress
from gradoracle.status import Status

if TYPE_CHECKING:
    from gradoracle.implementations import Say
    from gradoracle.training.engine import Progress as Report


@click.command()
@data_option
@click.option(
    "--impl",
    "wanted",
    multiple=True,
    metavar="NAME",
    help="Only this implementation (repeatable): numpy, torch or tensorflow. Default: all that "
    "are installed.",
)
@click.option(
    "--layers",
    "networks",
    multiple=True,
    metavar="SIZES",
    help="Layer sizes such as 784-196-1 (repeatable, to compare networks). Default: a quarter as "
    "many hidden units as inputs.",
)
@click.option("--learning-rate", type=float, default=0.15, show_default=True)
@click.option("--iterations", type=int, default=1000, show_default=True)
@click.option("--activation", default="sigmoid", show_default=True, help="Of the hidden layers.")
@click.option("--l2", type=float, default=0.0, show_default=True, help="Strength of the L2 term.")
@click.option("--dtype", type=click.Choice(list(DTYPES)), default="float32", show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the initial weights.")
@click.option(
    "--out",
    type=Folder(),
    default=Path("gradoracle-train"),
    show_default=True,
    help="Folder for curves, parameters, result.json and checkpoints.",
)
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def train(
    data: Path | None,
    wanted: tuple[str, ...],
    networks: tuple[str, ...],
    learning_rate: float,
    iterations: int,
    activation: str,
    l2: float,
    dtype: str,
    seed: int,
    out: Path,
    quiet: bool,
) -> Status:
    """Train on handwritten digits, 5 against 8, by full-batch gradient descent.

    Every implementation starts from the same weights; the cost curves are drawn in one picture.
    An interrupted run continues from its checkpoint when the same command is given again.
    """
    # imported here so that --help and bad options answer at once
    from gradoracle.data import binary, open_digits
    from gradoracle.implementations import load
    from gradoracle.network import parse_sizes
    from gradoracle.training import TrainingData, TrainingRequest, render
    from gradoracle.training import train as run

    sizes = tuple(map(parse_sizes, networks))
    digits = open_digits(data)
    training, test = binary(digits)
    inputs = training.X.shape[0]
    with progress(quiet=quiet) as shown:
        installed, notes = _installed(wanted, shown.say)
    request = TrainingRequest(
        networks=sizes or ((inputs, inputs // 4, 1),),
        implementations=installed,
        learning_rate=learning_rate,
        iterations=iterations,
        activation=activation,
        l2=l2,
        dtype=dtype,
        seed=seed,
    )
    with progress(quiet=quiet) as shown:
        for name in request.implementations:
            load(name, shown.say)
    with _watched(quiet=quiet) as report:
        result = run(request, TrainingData(training, test, digits.name), out, report)
    if not quiet:
        output().print(render(result))
        for note in (*digits.notes, *notes):
            errors().print(f"note: {note}", style="yellow", markup=False)
    return Status.OK


@contextmanager
def _watched(*, quiet: bool) -> Iterator[Report]:
    """Show the iterations: a bar a run on a terminal, else a line now and then."""
    from gradoracle.training import progress_bar

    if not quiet and errors().is_terminal:
        with progress_bar() as bars:
            yield bars
        return
    with progress(quiet=quiet) as shown:
        yield lambda label, iteration, of, cost: shown.say(
            f"{label}, iteration {iteration:,} of {of:,}, cost {cost:.4f}"
        )


def _installed(wanted: tuple[str, ...], say: Say) -> tuple[tuple[str, ...], list[str]]:
    """Return the implementations to train, and what to install for the rest."""
    from gradoracle import implementations
    from gradoracle.training.request import IMPLEMENTATIONS

    if wanted:
        return tuple(dict.fromkeys(wanted)), []
    found, missing = implementations.load_installed(say)
    names = {implementation.name for implementation in found}
    return tuple(n for n in IMPLEMENTATIONS if n in names), [str(error) for error in missing]
