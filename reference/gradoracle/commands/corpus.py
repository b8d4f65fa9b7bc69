"""``gradoracle corpus``: re-derive the frozen corpus, write it out for others."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from gradoracle.case import LEVELS
from gradoracle.commands.options import errors
from gradoracle.commands.progress import progress
from gradoracle.status import Status

MOST_DIFFERENCES = 20  # shown; all are counted

case_option = click.option(
    "--case", "patterns", multiple=True, metavar="PATTERN", help="Only cases like 'two-layer.*'."
)
level_option = click.option(
    "--level", "levels", multiple=True, type=click.Choice(LEVELS), help="Only this level."
)
quiet_option = click.option("--quiet", is_flag=True, help="Print nothing but errors.")


@click.group()
def corpus() -> None:
    """The frozen cases: check them, write them out for other languages."""


@corpus.command("verify")
@level_option
@case_option
@click.option(
    "--corpus",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Another corpus. Default: the one that is part of the package.",
)
@quiet_option
def verify_corpus(
    levels: tuple[str, ...], patterns: tuple[str, ...], folder: Path | None, quiet: bool
) -> Status:
    """Prove every frozen number anew, by two routes, and compare it bit for bit.

    The reverse pass in ball arithmetic gives each number correctly rounded; the Taylor
    coefficients of the definition of J, which share no derivative with it, must enclose it.
    """
    from gradoracle.corpus import Library, packaged
    from gradoracle.corpus.rederive import Difference, rederive

    library = packaged() if folder is None else Library(folder)
    cases = library.load(levels, patterns)
    differences: list[Difference] = []
    wrong = numbers = 0
    with progress(quiet=quiet) as shown:
        shown.total = len(cases)
        for frozen in cases:
            shown.say(f"proving {frozen.case.id}")
            found = rederive(frozen)
            differences += found
            wrong += bool(found)
            numbers += sum(array.size for array in frozen.truth.values.values())
            shown.done += 1
    _say(map(str, differences[:MOST_DIFFERENCES]))
    if len(differences) > MOST_DIFFERENCES:
        _say([f"and {len(differences) - MOST_DIFFERENCES:,} more like these"])
    if not quiet:
        click.echo(
            f"{len(cases) - wrong} of {len(cases)} cases ({len(library.rows)} in corpus "
            f"{library.version}) are as both routes derive them anew, {numbers:,} numbers"
        )
    return Status.WRONG if differences else Status.OK


@corpus.command("emit")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A folder that is not there yet, or is empty.",
)
@level_option
@case_option
@click.option("--with-answers", is_flag=True, help="Write the truth of every array as well.")
@quiet_option
def emit_corpus(
    out: Path, levels: tuple[str, ...], patterns: tuple[str, ...], with_answers: bool, quiet: bool
) -> Status:
    """Write cases as JSON for other languages: DIR/manifest.json, DIR/cases/*.json, the schemas.

    Numbers are C99 hexadecimal floats with decimals beside them; matrices are lists of rows, one
    example per column. Without --with-answers the truth stays here.
    """
    from gradoracle.corpus import packaged
    from gradoracle.corpus.writing import emit

    library = packaged()
    cases = library.load(levels, patterns)
    size = emit(out, cases, library.version, answers=with_answers)
    if not quiet:
        click.echo(
            f"{len(cases)} of the {len(library.rows)} cases of corpus {library.version} in {out}, "
            f"{'with' if with_answers else 'without'} answers, {size / 1e6:.2f} MB"
        )
    return Status.OK


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        errors().print(line, style="red", markup=False, soft_wrap=True)
