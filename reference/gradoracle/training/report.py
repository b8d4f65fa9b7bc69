"""Training in the terminal: a progress bar while it runs, a table afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from gradoracle.training.engine import Progress as Report
from gradoracle.training.result import TrainingResult


@contextmanager
def progress_bar(console: Console | None = None) -> Iterator[Report]:
    """Give a function for `train` that draws a bar a run; silent where there is no terminal.

    Parameters
    ----------
    console : rich.console.Console, optional
        By default standard error.
    """
    console = console or Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}  cost {task.fields[cost]:.4f}"),
        TimeRemainingColumn(),
    )
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:

        def report(label: str, iteration: int, of: int, cost: float) -> None:
            if label not in tasks:
                tasks[label] = bars.add_task(label, total=of, cost=cost)
            bars.update(tasks[label], completed=iteration, cost=cost)

        yield report


def render(result: TrainingResult) -> RenderableType:
    """Return the table of runs, that of differences, the comparison, the files and the notes."""
    request = result.request
    parts: list[RenderableType] = [
        Text(
            f"{result.data['name']}: {result.data['train']:,} training and "
            f"{result.data['test']:,} test examples, {request.iterations} iterations, "
            f"learning rate {request.learning_rate:g}, {request.dtype}"
        ),
        Text(),
        _runs(result),
    ]
    if result.differences:
        parts += [Text(), _differences(result)]
    if result.comparison:
        parts += [Text(), *map(Text, result.comparison)]
    parts += [Text(), *(Text(f"wrote {path}", style="dim") for path in result.files)]
    return Group(*parts, *(Text(note, style="yellow") for note in result.notes))


def _runs(result: TrainingResult) -> Table:
    table = _table(
        "network", "implementation", "", "cost", "", "rises by", "train", "test", "seconds", ""
    )
    for run in result.runs:
        table.add_row(
            run.network,
            run.implementation,
            f"{run.costs[0]:.4f}",
            "to",
            f"{run.costs[-1]:.4f}",
            f"{run.largest_rise:.1e}" if run.largest_rise else "never",
            f"{run.train_accuracy:.2%}",
            f"{run.test_accuracy:.2%}",
            f"{run.seconds:.1f}",
            f"continued at {run.continued_at}" if run.continued_at else "",
        )
    return table


def _differences(result: TrainingResult) -> Table:
    table = _table("largest difference", "", "of the cost", "relative", "of W and b", "relative")
    for d in result.differences:
        table.add_row(
            d.network,
            f"{d.one}, {d.other}",
            f"{d.cost:.1e}",
            _in_u(d.cost_relative, d.u),
            f"{d.parameters:.1e}",
            _in_u(d.parameters_relative, d.u),
        )
    return table


def _in_u(relative: float, u: float) -> str:
    """Return a relative difference in units of the rounding of one number."""
    return f"{relative / u:.0f} u" if relative < 1e4 * u else f"{relative / u:.0e} u"


def _table(*headers: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    for index, header in enumerate(headers):
        table.add_column(header, no_wrap=True, justify="left" if index < 2 else "right")
    return table
