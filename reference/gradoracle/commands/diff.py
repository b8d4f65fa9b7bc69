"""``gradoracle diff``: two reports of `gradoracle check --json`, before and after a change."""

from __future__ import annotations

from pathlib import Path

import click

from gradoracle.status import Status

report_file = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("before", type=report_file)
@click.argument("after", type=report_file)
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def diff(before: Path, after: Path, quiet: bool) -> Status:
    """Say what changed from one report to another, regressions first.

    Exit status 1 if anything got worse: wrong, wrong otherwise, or no longer passed.
    """
    from gradoracle.report.difference import circumstances, differences
    from gradoracle.report.document import load

    one, two = load(before), load(after)
    changes = differences(one, two)
    worse = sum(change.worse for change in changes)
    if not quiet:
        for note in circumstances(one, two):
            click.echo(f"note    {note}")
        for change in changes:
            click.echo(str(change))
        same = len({(r.case, r.dtype) for r in (*one.results, *two.results)}) - len(changes)
        click.echo(f"{worse} worse, {len(changes) - worse} better, {same} as before")
    return Status.WRONG if worse else Status.OK
