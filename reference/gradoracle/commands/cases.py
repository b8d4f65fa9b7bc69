"""``gradoracle cases``: what is in the corpus, and what each case is there to catch."""

from __future__ import annotations

import click

from gradoracle.commands.corpus import case_option, level_option
from gradoracle.commands.options import output
from gradoracle.errors import NothingCheckedError
from gradoracle.status import Status


@click.command()
@level_option
@click.option(
    "--flag", "flags", multiple=True, metavar="FLAG", help="Only cases with this flag (repeatable)."
)
@case_option
@click.option("--json", "target", metavar="F", help="Write JSON to this file; '-' prints it.")
def cases(
    levels: tuple[str, ...], flags: tuple[str, ...], patterns: tuple[str, ...], target: str | None
) -> Status:
    """List the cases of the corpus."""
    from gradoracle.corpus import packaged
    from gradoracle.report.show import cases_json, print_cases, put

    library = packaged()
    found = library.load(levels, patterns)
    known = sorted({flag for frozen in found for flag in frozen.case.flags})
    found = [frozen for frozen in found if frozen.case.flags.issuperset(flags)]
    if not found:
        raise NothingCheckedError(
            f"a case with the flag {' and '.join(flags)}",
            "none",
            f"flags of these cases are {', '.join(known) or 'none'}",
        )
    if target is not None:
        put(cases_json(found, len(library.rows), library.version), target)
    if target != "-":
        print_cases(found, len(library.rows), library.version, output())
    return Status.OK
