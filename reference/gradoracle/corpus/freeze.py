"""Freezing: ``python -m gradoracle.corpus.freeze`` proves every drawn case and writes the corpus.

A frozen case never changes and never goes: new cases and another level raise the minor version,
changed ones the major version, and nothing is written before that is so.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from gradoracle.case import LEVELS, Case
from gradoracle.commands.progress import progress
from gradoracle.corpus.drawn import drawn
from gradoracle.corpus.frozen import Frozen, FrozenTruth
from gradoracle.corpus.library import MANIFEST, PACKAGED, Library
from gradoracle.corpus.magnitude import dtypes_of
from gradoracle.corpus.writing import texts, write
from gradoracle.errors import InputError
from gradoracle.truth.reverse import truth

VERSION = "1.1.0"


def freeze(case: Case) -> Frozen:
    """Prove a case."""
    proven = truth(case)
    return Frozen(case, FrozenTruth(proven.values, proven.radii), dtypes_of(case, proven.values))


def check_needs(cases: Sequence[Case]) -> None:
    """Check that ids are unique, and that needs exist, are not circular, and of no later level.

    Raises
    ------
    InputError
        Naming the case.
    """
    by_id = {case.id: case for case in cases}
    if len(by_id) < len(cases):
        ids = [case.id for case in cases]
        twice = next(case_id for case_id in ids if ids.count(case_id) > 1)
        raise InputError("every id once", f"{twice} twice", "choose another id")
    settled: set[str] = set()
    waiting = list(cases)
    while waiting:
        ready = [case for case in waiting if settled.issuperset(case.needs)]
        if not ready:
            names = ", ".join(case.id for case in waiting)
            raise InputError("needs that exist and are not circular", names, "mend their needs")
        settled.update(case.id for case in ready)
        waiting = [case for case in waiting if case.id not in settled]
    for case in cases:
        for need in case.needs:
            if LEVELS.index(by_id[need].level) > LEVELS.index(case.level):
                raise InputError(f"{case.id}: needs of no later level", need, "move one of them")


def check_version(folder: Path, files: dict[str, bytes], version: str) -> None:
    """Refuse to replace a corpus by one whose version does not say what changed.

    Raises
    ------
    InputError
        Naming the first case that is new, changed or gone.
    """
    if not (folder / MANIFEST).exists():
        return
    before = Library(folder)
    old, new = (tuple(map(int, v.split("."))) for v in (before.version, version))
    named = {row.file: (folder / row.file).read_bytes() for row in before.rows}
    other = [name for name, text in named.items() if files.get(name) != text]
    changed = [n for n in other if _without_level(files.get(n, b"")) != _without_level(named[n])]
    if changed and new[0] == old[0]:
        raise InputError(
            f"the cases of corpus {before.version} as they are",
            f"{len(changed)} changed or gone, {changed[0]} the first",
            "give new numbers a new id, or raise the major version",
        )
    added = [name for name in files if name not in named and name != MANIFEST]
    for what, names in (("new cases", added), ("cases of another level", other)):
        if names and new[:2] <= old[:2]:
            raise InputError(
                f"a version above {before.version}",
                f"{len(names)} {what}, {names[0]} the first",
                "raise the minor version",
            )


def _without_level(text: bytes) -> bytes:
    """Return a case's file but for the line of its level."""
    return re.sub(rb'^  "level": "[a-z]+",\n', b"", text, count=1, flags=re.MULTILINE)


@click.command()
@click.option(
    "--out", type=click.Path(path_type=Path), default=PACKAGED, help="Default: the package's own."
)
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def main(out: Path, quiet: bool) -> None:
    """Prove every drawn case and write the corpus."""
    cases = drawn()
    check_needs(cases)
    frozen = []
    with progress(quiet=quiet) as shown:
        shown.total = len(cases)
        for case in cases:
            shown.say(f"proving {case.id}")
            frozen.append(freeze(case))
            shown.done += 1
    files = texts(frozen, VERSION)
    check_version(out, files, VERSION)
    write(out, files)
    if not quiet:
        size = sum(map(len, files.values())) / 1e6
        click.echo(f"{len(frozen)} cases of corpus {VERSION} in {out}, {size:.2f} MB")


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        sys.exit(f"freeze: {error}")
