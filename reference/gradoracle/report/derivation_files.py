"""The files of a report on a derivation, and the exit status that it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from gradoracle.derivation.verdicts import Checked, Verdict
from gradoracle.report.outputs import put
from gradoracle.status import Status

# imported when asked for: most runs write none
WRITERS = {
    "json": ("gradoracle.report.derivation_document", "to_document"),
    "markdown": ("gradoracle.report.derivation_markdown", "to_markdown"),
    "html": ("gradoracle.report.derivation_page", "to_page"),
}


def write(checked: Checked, targets: Mapping[str, str], *, strict: bool = False) -> None:
    """Write a report in the forms asked for, each to a path or, for ``-``, to standard output.

    Raises
    ------
    InputError
        If a file cannot be written.
    """
    for form, target in targets.items():
        module, name = WRITERS[form]
        put(getattr(import_module(module), name)(checked, strict=strict), target)


def status_of(checked: Checked, *, strict: bool = False) -> Status:
    """Return the exit status; nothing vacuous passes."""
    if checked.wrong or any(line.verdict is Verdict.FED for line in checked.lines):
        return Status.WRONG
    if strict and any(line.verdict is Verdict.UNDECIDED for line in checked.lines):
        return Status.WRONG
    return Status.OK if checked.right and not checked.vacuous else Status.NOTHING
