"""The `start` exchange: what is said of the run, and what a program says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from gradoracle.arrays import DTYPES, is_whole, shown
from gradoracle.candidate.answer import About, Conventions, Crashed
from gradoracle.errors import GradoracleError, InputError, MissingExtra
from gradoracle.rounding.formats import FORMATS
from gradoracle.wire.faults import Fault, protocol
from gradoracle.wire.fields import fields, flag, one_of, text, texts
from gradoracle.wire.files import THRESHOLD
from gradoracle.wire.messages import read_case, read_crash, write_case, write_crash
from gradoracle.wire.numbers import Form
from gradoracle.wire.supports import Supports

Document = Mapping[str, object]

VERSION = 1
SAID = ("language", "release", "dtypes", "numbers", "files", "supports", "conventions")
PYTHON = ("cases", "notes", "refused", "crashed")  # from `gradoracle.wire.serve` alone


@dataclass(frozen=True)
class Greeting:
    """The answer to `start`.

    Attributes
    ----------
    about : About
    supports : Supports
    numbers : {"hex", "decimal"}
        The form in which it wants numbers.
    files : bool
        Whether it reads large arrays from files.
    """

    about: About
    supports: Supports = field(default_factory=Supports)
    numbers: Form = "hex"
    files: bool = False


def write_start(folder: Path) -> Document:
    """Return the first message of a conversation."""
    return {"cmd": "start", "version": VERSION, "folder": str(folder), "threshold": THRESHOLD}


def read_greeting(document: object, folder: Path) -> Greeting:
    """Read the answer to `start`.

    Raises
    ------
    Fault
        If it is none, or says that a Python candidate crashed on the way.
    InputError, MissingExtra
        If a Python candidate could not be found, or not be read.
    """
    one = fields(document, ("version",), ("name", *SAID, *PYTHON), "the answer to start")
    if one["version"] != VERSION or isinstance(one["version"], bool):
        raise protocol(f"it speaks version {shown(one['version'])}, this gradoracle {VERSION}")
    if "refused" in one:
        raise _read_refusal(one["refused"])
    if "crashed" in one:
        crashed = read_crash(one["crashed"])
        raise Fault(crashed.kind, crashed.reason, crashed.context)
    if "name" not in one:
        raise protocol("the answer to start has no name")
    cases = one.get("cases")
    if not (cases is None or isinstance(cases, list)):
        raise protocol(f"cases: expected a list, got {shown(cases)}")
    form: Literal["hex", "decimal"] = "hex"
    if one_of(one.get("numbers", "hex"), ("hex", "decimal"), "numbers") == "decimal":
        form = "decimal"
    return Greeting(
        About(
            name=text(one["name"], "name", 200) or "unnamed",
            language=text(one.get("language", ""), "language", 200),
            release=text(one.get("release", ""), "release", 200),
            dtypes=_dtypes(one.get("dtypes", list(DTYPES))),
            conventions=_read_conventions(one.get("conventions", {})),
            cases=None if cases is None else tuple(read_case(case, folder) for case in cases),
            notes=texts(one.get("notes", []), "notes"),
        ),
        _read_supports(one.get("supports", {})),
        form,
        flag(one.get("files", False), "files"),
    )


def write_greeting(about: About, folder: Path | None) -> Document:
    """Return what a Python candidate says of itself."""
    said: dict[str, object] = {
        "version": VERSION,
        "name": about.name,
        "language": about.language,
        "release": about.release,
        "dtypes": list(about.dtypes),
        "files": folder is not None,
        "conventions": {k: v for k, v in vars(about.conventions).items() if v is not None},
        "notes": list(about.notes),
    }
    if about.cases is not None:
        said["cases"] = [write_case(case, "hex") for case in about.cases]
    return said


def write_refusal(error: GradoracleError) -> Document:
    """Return why a Python candidate cannot be had, for the other side to raise again."""
    if isinstance(error, InputError):
        said = {"expected": error.expected, "got": error.got, "mend": error.mend}
    elif isinstance(error, MissingExtra):
        said = {"package": error.package, "extra": error.extra}
    else:
        said = {"expected": "a candidate", "got": str(error), "mend": "see above"}
    return {"version": VERSION, "refused": said}


def write_crashed_start(crashed: Crashed) -> Document:
    """Return how a Python candidate crashed before its first case."""
    return {"version": VERSION, "crashed": write_crash(crashed)}


def _read_refusal(document: object) -> GradoracleError:
    if isinstance(document, Mapping) and "package" in document:
        one = fields(document, ("package", "extra"), (), "refused")
        return MissingExtra(text(one["package"], "package"), text(one["extra"], "extra"))
    one = fields(document, ("expected", "got", "mend"), (), "refused")
    return InputError(*(text(one[name], name) for name in ("expected", "got", "mend")))


def _dtypes(value: object) -> tuple[str, ...]:
    said = texts(value, "dtypes")
    if not said or not set(said) <= set(DTYPES):
        raise protocol(f"dtypes: expected some of {', '.join(DTYPES)}, got {shown(value)}")
    return tuple(dtype for dtype in DTYPES if dtype in said)


def _read_conventions(value: object) -> Conventions:
    names = ("per_example", "kink", "layout", "arithmetic")
    one = fields(value, (), names, "conventions")
    kink = one_of(one.get("kink", "contract"), ("contract", "any"), "kink")
    layout = one_of(one.get("layout", "columns"), ("columns", "rows"), "layout")
    return Conventions(
        per_example=flag(one.get("per_example", False), "per_example"),
        kink="any" if kink == "any" else "contract",
        layout="rows" if layout == "rows" else "columns",
        arithmetic=one_of(one["arithmetic"], FORMATS, "arithmetic")
        if "arithmetic" in one
        else None,
    )


def _read_supports(value: object) -> Supports:
    names = ("activations", "losses", "reductions")
    one = fields(value, (), (*names, "layers", "l2"), "supports")
    layers = one.get("layers")
    if layers is not None and not (isinstance(layers, list) and all(map(is_whole, layers))):
        raise protocol(f"supports.layers: expected numbers of layers, got {shown(layers)}")
    return Supports(
        **{name: texts(one[name], f"supports.{name}") for name in names if name in one},
        layers=None if layers is None else tuple(layers),
        l2=flag(one.get("l2", True), "supports.l2"),
    )
