"""A report as a JSON document, and back; ``schema/report.json`` describes it.

Header, results, footer: the order of the run. The footer is written last, so a document without one
tells of a run that was cut off, and is refused. What is derived (findings, counts, the exit status)
is written for readers in other languages, and must agree with the rest when it is read back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from gradoracle.checking.report import Footer, Header, Report
from gradoracle.checking.result import Result
from gradoracle.corpus.place import CorpusError, Place
from gradoracle.corpus.text import parse
from gradoracle.errors import InputError
from gradoracle.report.fields import FieldError, Json, from_json, to_json, to_object
from gradoracle.report.safe import cleaned

FORMAT = 1
KEYS = ("format", "header", "results", "footer", "strict", "counts", "score", "status")
SCHEMA = Path(__file__).parent / "schema" / "report.json"


def to_document(report: Report) -> str:
    """Return the report as JSON, one result a line.

    The cases that a model object brings with it are named in the results, and left out of the
    header; strings from the candidate are cleaned.
    """
    return "".join(_pieces(cleaned(report)))


def from_document(text: str | bytes, path: str = "report") -> Report:
    """Read a report.

    Parameters
    ----------
    text : str or bytes
    path : str
        What messages call it.

    Raises
    ------
    InputError
        If it is no report, was cut off, or does not agree with itself.
    """
    document = _parsed(text, path)
    try:
        report = _report(document)
    except FieldError as error:
        where = f"{path}: {error.where}" if error.where else path
        mend = "write it anew with --json"
        raise InputError(f"{error.expected} in {where}", error.got, mend) from None
    for name, derived in _derived(report).items():
        if document[name] != derived:
            raise InputError(
                f"{name} that agree with the results in {path}",
                json.dumps(document[name])[:60],
                "write it anew with --json",
            )
    return report


def load(path: Path) -> Report:
    """Read a report from a file.

    Raises
    ------
    InputError
        If it cannot be read, and as `from_document`.
    """
    try:
        return from_document(path.read_bytes(), str(path))
    except OSError as error:
        raise InputError(
            "a report that can be read", f"{path}: {error.strerror}", "check the path"
        ) from None


def _pieces(report: Report) -> Iterator[str]:
    yield f'{{\n"format": {FORMAT},\n"header": {_text(to_json(report.header))},\n"results": ['
    for number, result in enumerate(report.results):
        yield f"{',' if number else ''}\n{_text(_result(result))}"
    yield f'\n],\n"footer": {_text(to_json(report.footer))}'
    for name, value in {"strict": report.strict, **_derived(report)}.items():
        yield f',\n"{name}": {_text(value)}'
    yield "\n}\n"


def _text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _result(result: Result) -> dict[str, Json]:
    return {**to_object(result), "findings": _findings(result)}


def _findings(result: Result) -> Json:
    return [
        {
            "tensor": f.tensor,
            "finding": f.finding,
            "detail": f.detail,
            "diagnosis": f.diagnosis,
        }
        for f in result.findings()
    ]


def _derived(report: Report) -> dict[str, Json]:
    return {
        "counts": {str(outcome): count for outcome, count in report.counts.items()},
        "score": report.score,
        "status": int(report.status),
    }


def _parsed(text: str | bytes, path: str) -> dict[str, Json]:
    """Parse the JSON, and see that nothing is missing at its end."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if not data.rstrip().endswith(b"}"):
        raise InputError(
            f"a whole report in {path}", "one that was cut off", "run it again with --json"
        )
    try:
        document = parse(data, Place(Path(path)))
    except CorpusError as error:
        raise InputError(error.expected, error.got, "write it anew with --json") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        got = document.get("format") if isinstance(document, dict) else document
        raise InputError(
            f"a gradoracle report of format {FORMAT} in {path}",
            repr(got)[:60],
            "write one with gradoracle check --json FILE",
        )
    if document.get("footer") is None:
        raise InputError(
            f"a report with a footer in {path}", "one that was cut off", "run it again with --json"
        )
    if set(document) != set(KEYS):
        odd = ", ".join(sorted(set(document) ^ set(KEYS)))
        raise InputError(f"the fields {', '.join(KEYS)} in {path}", odd[:60], "write it anew")
    return document


def _report(document: dict[str, Json]) -> Report:
    results = document["results"]
    if not isinstance(results, list):
        raise FieldError("results", "a list", results)
    return Report(
        header=from_json(Header, document["header"], "header"),
        results=[_read_result(entry, f"results[{i}]") for i, entry in enumerate(results)],
        footer=from_json(Footer, document["footer"], "footer"),
        strict=from_json(bool, document["strict"], "strict"),
    )


def _read_result(value: Json, where: str) -> Result:
    if not isinstance(value, dict) or "findings" not in value:
        raise FieldError(where, "a result with its findings", value)
    fields = {name: entry for name, entry in value.items() if name != "findings"}
    result: Result = from_json(Result, fields, where)
    if value["findings"] != _findings(result):
        raise FieldError(f"{where}.findings", "what the verdicts say", value["findings"])
    return result
