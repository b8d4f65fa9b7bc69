"""The files of a report, each written whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from gradoracle.errors import InputError

if TYPE_CHECKING:  # a derivation's report does without the machinery of `check`
    from gradoracle.checking.report import Report

# imported when asked for: most runs write none
WRITERS = {
    "json": ("gradoracle.report.document", "to_document"),
    "junit": ("gradoracle.report.junit", "to_junit"),
    "markdown": ("gradoracle.report.markdown", "to_markdown"),
    "html": ("gradoracle.report.page", "to_page"),
    "badge": ("gradoracle.report.badge", "to_badge"),
}


def check_targets(**targets: str | Path | None) -> None:
    """Refuse what cannot work before the run, not after it.

    Raises
    ------
    InputError
        If two of them are ``-`` or the same file, or a folder is missing.
    """
    wanted = {form: str(target) for form, target in targets.items() if target is not None}
    streams = [f"--{form}" for form, target in wanted.items() if target == "-"]
    if len(streams) > 1:
        raise InputError(
            "one '-' at most, for one standard output", " and ".join(streams), "name files"
        )
    for form, target in wanted.items():
        if not target or (target != "-" and Path(target).is_dir()):
            raise InputError(f"a file for --{form}", repr(target), "name a file, or -")
        if target != "-" and not Path(target).parent.is_dir():
            folder = Path(target).parent
            raise InputError(f"a folder {folder}", "none", f"mkdir -p {folder}")
    _check_distinct({form: target for form, target in wanted.items() if target != "-"})


def _check_distinct(files: dict[str, str]) -> None:
    """Refuse two forms in one file: the second would take the place of the first."""
    form_of: dict[str, str] = {}
    for form, target in files.items():
        path = os.path.normcase(os.path.realpath(target))
        if Path(path).exists() and not Path(path).is_file():  # /dev/null holds any number
            continue
        other = form_of.setdefault(path, form)
        if other != form:
            raise InputError(
                "a file for each form", f"{target} for --{other} and --{form}", "name two"
            )


def write(
    report: Report,
    *,
    mend: bool = True,
    json: str | Path | None = None,
    junit: str | Path | None = None,
    markdown: str | Path | None = None,
    html: str | Path | None = None,
    badge: str | Path | None = None,
) -> tuple[str, ...]:
    """Write a report in the forms asked for, each to a path or, for ``-``, to standard output.

    Parameters
    ----------
    report : Report
    mend : bool
        Whether they may tell the right numbers.

    Returns
    -------
    tuple of str
        Notes: a badge that was not written because the run is partial.

    Raises
    ------
    InputError
        If a file cannot be written, or two of them are ``-``.
    """
    targets = {"json": json, "junit": junit, "markdown": markdown, "html": html, "badge": badge}
    check_targets(**targets)
    from gradoracle.report.withhold import withheld

    told = report if mend else withheld(report)
    notes = []
    for form, target in targets.items():
        if target is None:
            continue
        try:
            text = _writer(form)(told)
        except InputError as error:
            if form != "badge":
                raise
            notes.append(f"{target} is not written: {error}")
            continue
        put(text, str(target))
    return tuple(notes)


def put(text: str, target: str) -> None:
    """Write a text to a file that has either its old content or all of the new.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    if target == "-":
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
        return
    path = Path(os.path.realpath(target))  # a link stays one
    try:
        if path.exists() and not path.is_file():  # a pipe or a device cannot be replaced
            path.write_text(text, encoding="utf-8", newline="\n")
        else:
            _replace(path, text)
    except OSError as error:
        raise InputError(
            "a file that can be written", f"{target}: {error.strerror}", "choose another one"
        ) from None


def _writer(form: str) -> Callable[[Report], str]:
    module, name = WRITERS[form]
    writer: Callable[[Report], str] = getattr(import_module(module), name)
    return writer


def _replace(path: Path, text: str) -> None:
    mode = path.stat().st_mode & 0o777 if path.exists() else None
    with NamedTemporaryFile(
        "w", encoding="utf-8", newline="\n", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        try:
            file.write(text)
            file.close()
            Path(file.name).chmod(mode if mode is not None else 0o666 & ~_umask())
            Path(file.name).replace(path)
        except BaseException:
            file.close()
            Path(file.name).unlink(missing_ok=True)
            raise


def _umask() -> int:
    """Return the mask of new files, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
