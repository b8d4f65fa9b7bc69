"""``gradoracle derive``: a derivation as it stands on paper, line by line."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import click

from gradoracle.commands.check import file_option
from gradoracle.commands.options import errors, output
from gradoracle.errors import GradoracleError, InputError
from gradoracle.status import Status

if TYPE_CHECKING:
    from gradoracle.derivation.api import Text
    from gradoracle.derivation.limits import DerivationError
    from gradoracle.derivation.verdicts import Checked


@click.command()
@click.argument("where", metavar="FILE|NAME|-", required=False)
@click.option("--list", "listed", is_flag=True, help="List the derivations that come with this.")
@click.option("--rules", is_flag=True, help="Name the rule behind each backward line.")
@click.option(
    "--to", "language", type=click.Choice(["numpy"]), help="Print a right derivation as code."
)
@file_option("json", "Write the report as JSON (- for standard output).")
@file_option("html", "Write a page that works offline.")
@file_option("markdown", "Write a summary in Markdown.")
@click.option("--strict", is_flag=True, help="'cannot tell' counts as wrong.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def derive(where: str | None, *, listed: bool, **options: Any) -> Status:
    """Check a derivation line by line, in fifty digits, on random networks.

    FILE holds formulas, one a line, under a header that names the network (docs/derive.md): plain
    text, or Markdown, of which the fenced blocks count: *.md, or standard input (-) with a fenced
    block in it. NAME is one of --list. Nothing in it is executed.

    Exit status: 0 no line is wrong, 1 a line is, 2 it cannot be read, 5 no line could be judged.
    With --to numpy the code is on standard output, and a report on what is not right on standard
    error; 2 also says that a line is missing for it.
    """
    if listed:
        return _list(where)
    if where is None:
        raise InputError(
            "FILE, NAME or -", "none", "gradoracle derive --list names those that are here"
        )
    targets = {form: options[form] for form in ("json", "html", "markdown") if options[form]}
    _check_request(targets, options["language"])
    checked = _checked(where, rules=options["rules"])
    return _tell(checked, targets, options)


def _list(where: str | None) -> Status:
    from gradoracle.derivation.api import read, shipped, title

    if where is not None:
        raise InputError("--list alone", f"--list and {where}", "leave one out")
    names, console = shipped(), output()
    width = max(map(len, names), default=0)
    for name, path in names.items():
        console.print(f"{name:<{width}}  {title(read(path))}".rstrip(), markup=False)
    return Status.OK


def _check_request(targets: dict[str, str], language: str | None) -> None:
    from gradoracle.report.outputs import check_targets

    if language and "-" in targets.values():
        raise InputError(
            "one text on standard output", f"--to {language} and a report", "name a file"
        )
    check_targets(**targets)


def _checked(where: str, *, rules: bool) -> Checked:
    from gradoracle.derivation.api import judged, read
    from gradoracle.derivation.limits import DerivationError

    text = read(where)
    try:
        return judged(text, rules=rules)
    except DerivationError as error:
        raise GradoracleError(pointed(text, error)) from None


def pointed(text: Text, error: DerivationError) -> str:
    """Return what is said of a text that cannot be read: the line too, and a caret under it."""
    from gradoracle.report.excerpt import excerpt
    from gradoracle.report.safe import line

    place = f"{line(text.name)}{', ' if error.line else ': '}"
    return "\n".join([f"{place}{line(str(error))}", *excerpt(text.text, error)])


def _tell(checked: Checked, targets: dict[str, str], options: dict[str, Any]) -> Status:
    """Print the report, unless standard output is taken, and write the files."""
    from gradoracle.report.derivation import render
    from gradoracle.report.derivation_files import status_of, write

    status = status_of(checked, strict=options["strict"])
    write(checked, targets, strict=options["strict"])
    code = options["language"] and status is Status.OK
    if not options["quiet"] and not code and "-" not in targets.values():
        console = errors() if options["language"] else output()
        # where the console is a pipe and takes all, COLUMNS still says how wide
        width = shutil.get_terminal_size((console.width, 0)).columns
        console.print(render(checked, width, strict=options["strict"]))
    if code:
        from gradoracle.derivation.as_numpy.code import numpy_code

        printed = numpy_code(checked)
        click.echo(printed.text, nl=False)
        if printed.note and not options["quiet"]:
            note = f"note: {printed.note}"
            errors().print(note, style="yellow", markup=False, soft_wrap=True)
    return status
