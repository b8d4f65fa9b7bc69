"""``gradoracle verify``: the built-in implementations and SciPy against the truth."""

from __future__ import annotations

import time
from collections.abc import Sequence
from fnmatch import fnmatchcase
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gradoracle.arrays import DTYPES
from gradoracle.case import LEVELS, Case
from gradoracle.commands.options import data_option, errors, output
from gradoracle.commands.progress import progress
from gradoracle.errors import InputError, NothingCheckedError
from gradoracle.implementations import SCIPY, Implementation, Say
from gradoracle.status import Status

if TYPE_CHECKING:
    from gradoracle.corpus import Frozen
    from gradoracle.errors import GradoracleError


@click.command()
@click.option(
    "--impl",
    "wanted",
    multiple=True,
    metavar="NAME",
    help="Only this implementation (repeatable): numpy, torch, tensorflow, scipy, or one that an "
    "installed package announces. Default: all that are installed.",
)
@click.option(
    "--case", "patterns", multiple=True, metavar="PATTERN", help="Only cases like 'two-layer.*'."
)
@click.option(
    "--level",
    "levels",
    multiple=True,
    type=click.Choice(LEVELS),
    help="Only this level (repeatable). Default: the whole corpus.",
)
@click.option(
    "--dtype", "dtypes", multiple=True, type=click.Choice(list(DTYPES)), help="Only this dtype."
)
@data_option
@click.option("--pairs", is_flag=True, help="Judge each against each instead of the truth.")
@click.option(
    "--kink",
    type=click.Choice(["contract", "any"]),
    default="contract",
    help="The derivative at an exact kink: the contract's, or any between the one-sided ones.",
)
@click.option("--strict", is_flag=True, help="'cannot tell' counts as wrong.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def verify(
    wanted: tuple[str, ...],
    patterns: tuple[str, ...],
    levels: tuple[str, ...],
    dtypes: tuple[str, ...],
    data: Path | None,
    pairs: bool,
    kink: str,
    strict: bool,
    quiet: bool,
) -> Status:
    """Run all implementations on the same cases from the same weights, and judge every entry.

    Each forward array and each gradient of numpy (by hand), torch and tensorflow (autograd) is
    compared with the proven truth in units of its predicted rounding error; SciPy's finite
    differences are judged by their own derived error.
    """
    # imported here so that --help and bad options answer at once
    from gradoracle import corpus
    from gradoracle.builtin_cases import digit_cases
    from gradoracle.data import open_digits
    from gradoracle.report.matrix import Matrix, print_matrix
    from gradoracle.verify import status_of
    from gradoracle.verify import verify as run

    start = time.perf_counter()
    digits = open_digits(data)
    cases = _matching([*corpus.load(levels or None), *digit_cases(digits)], patterns)
    chosen = tuple(name for name in DTYPES if name in dtypes) or tuple(DTYPES)
    with progress(quiet=quiet) as shown:
        found, missing = _implementations(wanted, pairs, shown.say)
        columns = _columns([i.name for i in found], wanted, chosen, pairs)
        if not columns:
            raise NothingCheckedError(
                "something to judge",
                "a single implementation with --pairs"
                if pairs
                else "nothing: finite differences are taken in float64 alone",
                "name another with --impl" if pairs else "add --dtype float64",
            )
        shown.total = total = _cells(cases, columns, chosen)
        cells = []
        for cell in run(
            cases,
            found,
            chosen,
            differences=SCIPY in columns,
            pairs=pairs,
            any_side=kink == "any",
            say=shown.say,
        ):
            cells.append(cell)
            shown.done += 1
    matrix = Matrix(
        [case_of(item) for item in cases], columns, chosen, cells, time.perf_counter() - start
    )
    if not quiet:
        print_matrix(matrix, output())
        for note in (*digits.notes, *missing):
            errors().print(f"note: {note}", style="yellow", markup=False)
    return status_of(cells, total, strict=strict)


def _implementations(
    wanted: Sequence[str], pairs: bool, say: Say
) -> tuple[list[Implementation], list[GradoracleError]]:
    """Import what was asked for, or what is installed; SciPy is none of them."""
    from gradoracle import implementations

    if pairs and SCIPY in wanted:
        raise InputError(
            "implementations that return a whole trace with --pairs", SCIPY, "leave it out"
        )
    if not wanted:
        return implementations.load_installed(say)
    return [implementations.load(n, say) for n in dict.fromkeys(wanted) if n != SCIPY], []


def _columns(
    names: Sequence[str], wanted: Sequence[str], dtypes: Sequence[str], pairs: bool
) -> list[str]:
    """Return the columns of the matrix; SciPy's differences are taken in float64 alone."""
    if pairs:
        return [f"{a}~{b}" for a, b in combinations(names, 2)]
    scipy = "float64" in dtypes and (not wanted or SCIPY in wanted)
    return [*names, SCIPY] if scipy else list(names)


def _cells(cases: Sequence[Frozen | Case], columns: Sequence[str], dtypes: Sequence[str]) -> int:
    """Return how many cells there must be: fewer at the end is no success."""
    from gradoracle.known import dtypes_of

    return sum(
        len(dtypes_of(case, ["float64"] if column == SCIPY else dtypes))
        for case in cases
        for column in columns
    )


def case_of(item: Frozen | Case) -> Case:
    """Return the case itself."""
    return item if isinstance(item, Case) else item.case


def _matching(cases: Sequence[Frozen | Case], patterns: Sequence[str]) -> list[Frozen | Case]:
    found = [
        case
        for case in cases
        if not patterns or any(fnmatchcase(case_of(case).id, p) for p in patterns)
    ]
    if not found:
        raise NothingCheckedError(
            f"a case like {' or '.join(patterns)}",
            f"none of the {len(cases)} matches",
            "patterns are like 'two-layer.*'; gradoracle cases lists the ids",
        )
    return found
