"""``gradoracle show CASE``: one case of the corpus with every number."""

from __future__ import annotations

import click

from gradoracle.commands.options import output
from gradoracle.status import Status


@click.command()
@click.argument("case_id", metavar="CASE")
@click.option("--full", is_flag=True, help="Show every entry of every array, to the last digit.")
@click.option("--json", "target", metavar="F", help="Write JSON to this file; '-' prints it.")
def show(case_id: str, full: bool, target: str | None) -> Status:
    """Show one case: network, shapes, inputs, truth with its radius, rounding.

    For each dtype, bound is the largest error of an entry that rounding alone can explain, sigma
    the predicted standard deviation of it.
    """
    from gradoracle.corpus import find
    from gradoracle.reference import reference
    from gradoracle.report.show import case_json, print_case, put

    frozen = find(case_id)
    references = {
        dtype: reference(frozen.case.astype(dtype), frozen.truth) for dtype in frozen.dtypes
    }
    if target is not None:
        put(case_json(frozen, references), target)
    if target != "-":
        print_case(frozen, references, output(), full=full)
    return Status.OK
