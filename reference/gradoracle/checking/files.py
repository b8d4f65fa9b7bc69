"""Traces that were computed elsewhere, read from files; nothing is run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, ClassVar

from gradoracle import corpus
from gradoracle.arrays import DTYPES
from gradoracle.candidate.answer import About, Answer, Crashed
from gradoracle.case import Case
from gradoracle.checking.api import fill, header
from gradoracle.checking.report import Report
from gradoracle.corpus.library import MANIFEST, Library
from gradoracle.errors import InputError, NothingCheckedError

Document = Mapping[str, Any]
FORM = '{"id": "two-layer.relu-bce", "dtype": "float64", "trace": {"J": …}}'


@dataclass
class Traces:
    """Answers by case and dtype: a session that was recorded.

    Attributes
    ----------
    about : About
    answers : dict of (str, str) to dict
        What stands in each file.
    cases : tuple of str
        The ids that were emitted, whether there is an answer or not.
    """

    about: About
    answers: dict[tuple[str, str], Document] = field(default_factory=dict)
    cases: tuple[str, ...] = ()
    repeats: ClassVar[bool] = True

    def run(self, case: Case) -> Answer:
        """Return what was recorded for a case in its dtype."""
        from gradoracle.wire.faults import Fault
        from gradoracle.wire.messages import read_answer

        found = self.answers.get((case.id, str(case.dtype)))
        if found is None:
            return Crashed("protocol", "there is no trace of it")
        try:
            said = {name: found[name] for name in ("trace", "skipped", "errored") if name in found}
            return read_answer({"seq": 0, **said}, 0, case, None)
        except Fault as fault:
            return Crashed(fault.kind, fault.reason)

    def close(self) -> None:
        """Nothing runs."""


def read(where: Path | IO[bytes]) -> Traces:
    """Read a folder with ``traces/*.json``, or one trace from a file or a stream.

    Raises
    ------
    InputError
        If a file is none of that, naming it.
    """
    if not isinstance(where, Path):
        return _one(where.read(), "standard input")
    if where.is_dir():
        return _folder(where)
    return _one(_bytes(where), str(where))


def report_of(
    traces: Traces,
    target: str,
    *,
    any_side: bool,
    strict: bool,
    say: Callable[[str], None] = lambda text: None,
) -> Report:
    """Judge every case that was emitted, in the dtypes of which there is any trace."""
    cases = [corpus.find(case_id) for case_id in traces.cases]
    dtypes = tuple(name for name in DTYPES if any(d == name for _, d in traces.answers))
    required = {row.id for row in corpus.packaged().rows if row.level == "required"}
    partial = not required.issubset(traces.cases) or len(dtypes) < len(DTYPES)
    report = Report(header(traces, target, cases, dtypes, partial), strict=strict)
    fill(
        report,
        traces,
        cases,
        any_side=any_side,
        reproduce=lambda case, dtype: f"gradoracle judge {target}",
        say=say,
    )
    return report


def _folder(folder: Path) -> Traces:
    from gradoracle.wire.faults import Fault
    from gradoracle.wire.greeting import read_greeting

    files = sorted((folder / "traces").glob("*.json"))
    about = About(folder.resolve().name)
    answers = {}
    for file in files:
        document = _parse(_bytes(file), str(file))
        if file.name == "about.json":
            try:
                about = read_greeting(document, folder).about
            except Fault as fault:
                reason = f"{file}: {fault.reason}"
                raise InputError("an answer to start", reason, "docs/wire.md has it") from None
            continue
        key = _key(document, str(file))
        if key in answers:
            what = f"{key[0]} {key[1]} again in {file}"
            raise InputError("one trace of a case in a dtype", what, "delete one of them")
        answers[key] = document
    if not answers:
        raise NothingCheckedError(
            "traces to judge", f"no file {folder / 'traces'}/*.json", f"write there {FORM}"
        )
    ids = {case_id for case_id, _ in answers}
    if (folder / MANIFEST).is_file():
        ids |= {row.id for row in Library(folder).rows}
    order = [row.id for row in corpus.packaged().rows]
    return Traces(about, answers, tuple(sorted(ids, key=order.index)))


def _one(text: bytes, name: str) -> Traces:
    document = _parse(text, name)
    case_id, dtype = _key(document, name)
    about = About(str(document.get("name", name)))
    return Traces(about, {(case_id, dtype): document}, (case_id,))


def _key(document: Any, name: str) -> tuple[str, str]:
    if not isinstance(document, dict) or not isinstance(document.get("id"), str):
        raise InputError(FORM, f"{name}: no id", "docs/wire.md has the format")
    if document.get("dtype") not in DTYPES:
        raise InputError(
            "a dtype out of float64, float32", f"{name}: {document.get('dtype')!r}", "say which"
        )
    corpus.find(document["id"])  # an unknown id is told with the nearest ones
    return document["id"], document["dtype"]


def _parse(text: bytes, name: str) -> Any:
    try:
        return json.loads(text.decode())
    except (ValueError, RecursionError) as error:
        raise InputError(
            "a trace as JSON", f"{name}: {error}", "docs/wire.md has the format"
        ) from None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            "a folder with traces/, or a file with one trace",
            f"{path}: {error.strerror}",
            "'gradoracle corpus emit --out DIR' makes the folder",
        ) from None
