"""`gradoracle.derive`: a derivation from a text, a file or a name, checked."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from gradoracle.derivation.limits import FILE_BYTES
from gradoracle.derivation.verdicts import Checked
from gradoracle.errors import InputError

TEXTS = Path(__file__).parent / "texts"
MARKDOWN = (".md", ".markdown")
FENCED = re.compile(rb"^ {0,3}(```|~~~)", re.MULTILINE)  # a line that no formula begins with


@dataclass(frozen=True)
class Text:
    """A derivation that was not read yet.

    Attributes
    ----------
    name : str
        What reports call it.
    text : str
    markdown : bool
        Whether only its fenced blocks count.
    """

    name: str
    text: str
    markdown: bool = False


@dataclass(frozen=True, repr=False)
class Derivation(Checked):
    """A checked derivation that shows itself: as text when printed, as a table in a notebook.

    `ok` says whether every line that was judged is right, `first` is the first wrong line, and
    ``lines`` has the verdict on each.
    """

    def __repr__(self) -> str:
        from gradoracle.report.derivation_facts import headline

        return f"<Derivation {self.name!r}: {headline(self)}>"

    def __str__(self) -> str:
        from gradoracle.report.derivation import plain

        return plain(self)

    def _repr_html_(self) -> str:
        from gradoracle.report.derivation_notebook import to_table

        return to_table(self)


def derive(where: str | os.PathLike[str], *, rules: bool = False) -> Derivation:
    """Check a derivation line by line, in balls of fifty digits or more.

    Parameters
    ----------
    where : str or path
        The text itself (with a line end or a ``=`` in it), the path of a file, or the name of a
        derivation that comes with this package. Nothing in it is executed.
    rules : bool
        Whether to name the rule behind each backward line.

    Returns
    -------
    Derivation

    Raises
    ------
    InputError
        If it cannot be read; a `DerivationError` has line and column.
    """
    if isinstance(where, str) and "\n" in where:
        return judged(Text("derivation", where), rules=rules)
    text = isinstance(where, str) and "=" in where and not Path(where).is_file()
    return judged(Text("derivation", str(where)) if text else read(where), rules=rules)


def judged(text: Text, *, rules: bool = False) -> Derivation:
    """Check a text.

    Raises
    ------
    DerivationError
        As `gradoracle.derivation.check.check`.
    """
    from gradoracle.derivation.check import check

    checked = check(text.text, text.name, markdown=text.markdown)
    if rules:
        from gradoracle.derivation.rules.rules import with_rules

        checked = with_rules(checked)
    return Derivation(**{field.name: getattr(checked, field.name) for field in fields(checked)})


def read(where: str | os.PathLike[str]) -> Text:
    """Read a file, standard input for ``-``, or a derivation that comes with this package.

    A file is Markdown by its name; standard input, which has none, by a fenced block in it.

    Raises
    ------
    InputError
        If there is none, or it is no text.
    """
    name = os.fspath(where)
    if where == "-":
        data = sys.stdin.buffer.read(FILE_BYTES + 1)
        return _decoded("-", data, FENCED.search(data) is not None)
    path = Path(name)
    if not path.exists() and name in shipped():
        path = shipped()[name]
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES + 1)
    except FileNotFoundError:
        raise InputError(
            "a file, or a name that 'gradoracle derive --list' shows", name, "check the spelling"
        ) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise InputError("a file that can be read", f"{name}: {why}", "check the path") from None
    return _decoded(name, data, path.suffix.lower() in MARKDOWN)


def _decoded(name: str, data: bytes, markdown: bool = False) -> Text:
    if len(data) > FILE_BYTES:
        raise InputError(f"at most {FILE_BYTES:,} bytes", f"more in {name}", "split the file")
    try:
        return Text(name, data.decode("utf-8-sig"), markdown)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        got = f"byte {data[error.start]:#04x} in line {line} of {name}"
        raise InputError("UTF-8", got, "save it as UTF-8") from None


@cache
def shipped() -> dict[str, Path]:
    """Return the derivations that come with this package, by name."""
    found = [path for path in TEXTS.rglob("*") if path.suffix in (".txt", *MARKDOWN)]
    return {path.stem: path for path in sorted(found)}


def title(text: Text) -> str:
    """Return the title in a text's header; empty if it has none."""
    from gradoracle.derivation.reading.source import read as read_source

    source = read_source(text.text, markdown=text.markdown)
    return next((value.strip() for _, name, value in source.header if name == "title"), "")
