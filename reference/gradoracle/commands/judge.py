"""``gradoracle judge``: traces that were computed elsewhere, from files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from gradoracle.commands.check import judging_options, outputs_of, show
from gradoracle.commands.progress import progress
from gradoracle.status import Status


@click.command()
@click.argument("where", metavar="DIR|FILE|-")
@judging_options
def judge(where: str, **options: Any) -> Status:
    """Judge what another machine computed, without running anything.

    DIR is a folder that 'gradoracle corpus emit --out DIR' made, with the answers in
    DIR/traces/*.json; FILE, or - for standard input, is one answer: {"id": …, "dtype": …,
    "trace": {…}} (docs/wire.md).
    """
    from gradoracle.checking.files import read, report_of

    outputs = outputs_of(options)
    with progress(quiet=options["quiet"]) as shown:
        shown.say(f"reading {where}")
        traces = read(sys.stdin.buffer if where == "-" else Path(where))
        report = report_of(
            traces,
            where,
            any_side=options["kink"] == "any",
            strict=options["strict"],
            say=shown.say,
        )
    show(report, outputs, mend=not options["no_mend"], quiet=options["quiet"])
    return report.status
