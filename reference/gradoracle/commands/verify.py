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
from gradoracle.commands.options import data_option, errors, output, progress_bar
from gradoracle.errors import InputError, NothingCheckedError
from gradoracle.status import Status

if TYPE_CHECKING:
    from gradoracle.corpus import Frozen


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
    from gradoracle import implementations as registry
    from gradoracle.cases import digit_cases
    from gradoracle.data import open_digits
    from gradoracle.report.matrix import Matrix, print_matrix
    from gradoracle.verify import SCIPY, dtypes_of, status_of
    from gradoracle.verify import verify as run

    start = time.perf_counter()
    digits = open_digits(data)
    frozen = corpus.load(levels or None)
    cases = _matching([*frozen, *digit_cases(digits)], patterns)
    chosen_dtypes = tuple(name for name in DTYPES if name in dtypes) or tuple(DTYPES)
    if pairs and SCIPY in wanted:
        raise InputError(
            "implementations that return a whole trace with --pairs", SCIPY, "leave it out"
        )
    notes = list(digits.notes)
    with progress_bar(0, quiet=quiet) as bar:
        task = bar.task_ids[0]
        bar.update(task, description="importing the frameworks")
        if wanted:
            found = [registry.load(name) for name in dict.fromkeys(wanted) if name != SCIPY]
        else:
            found, missing = registry.load_installed()
            notes += [str(error) for error in missing]
        names = [implementation.name for implementation in found]
        differences = not pairs and (SCIPY in wanted if wanted else True)
        columns = [f"{a}~{b}" for a, b in combinations(names, 2)] if pairs else names
        if differences and "float64" in chosen_dtypes:
            columns = [*columns, SCIPY]
        total = sum(
            len(dtypes_of(case, ["float64"] if column == SCIPY else chosen_dtypes))
            for case in cases
            for column in columns
        )
        bar.update(task, total=total)
        cells = []
        for cell in run(
            cases,
            found,
            chosen_dtypes,
            differences=differences,
            pairs=pairs,
            any_side=kink == "any",
            say=lambda text: bar.update(task, description=text),
        ):
            cells.append(cell)
            bar.advance(task)
    matrix = Matrix(
        [case_of(item) for item in cases],
        columns,
        chosen_dtypes,
        cells,
        time.perf_counter() - start,
    )
    if not quiet:
        print_matrix(matrix, output())
        for note in notes:
            errors().print(f"note: {note}", style="yellow", markup=False)
    return status_of(cells, total, strict=strict)


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
