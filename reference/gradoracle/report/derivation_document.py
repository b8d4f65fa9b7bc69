"""A checked derivation as a JSON document; ``schema/derivation.json`` describes it.

The same text gives the same bytes, but for ``seconds``. Verdicts are told by identifiers that hold
still (`IDENTIFIERS`), beside the words that a reader sees.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

from gradoracle.derivation.judging.agreement import MANY
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.syntax import Name, Node, show
from gradoracle.derivation.verdicts import Checked, LineVerdict, Named, Verdict
from gradoracle.report.derivation_facts import headline
from gradoracle.report.derivation_files import status_of
from gradoracle.report.derivation_rows import words
from gradoracle.report.safe import line as cleaned

FORMAT = 1
SCHEMA = Path(__file__).parent / "schema" / "derivation.json"
IDENTIFIERS = {verdict: verdict.name.lower() for verdict in Verdict}

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def to_document(checked: Checked, *, strict: bool = False) -> str:
    """Return the verdicts as JSON, one line of the text a line."""
    before: dict[str, Json] = {
        "format": FORMAT,
        "gradoracle": version("gradoracle"),
        "name": cleaned(checked.name),
        "header": _header(checked.header),
        "reading": {
            "reduction": checked.reading.reduction,
            "convention": checked.reading.convention,
        },
        "networks": list(checked.networks),
        "notes": [cleaned(note) for note in checked.notes],
    }
    after: dict[str, Json] = {
        "summary": _summary(checked, strict=strict),
        "strict": strict,
        "status": int(status_of(checked, strict=strict)),
        "seconds": round(checked.seconds, 3),
    }
    lines = ",\n".join(_text(_line(verdict)) for verdict in checked.lines)
    parts = [*_entries(before), f'"lines": [\n{lines}\n]', *_entries(after)]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _entries(values: dict[str, Json]) -> list[str]:
    return [f'"{name}": {_text(value)}' for name, value in values.items()]


def _text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _header(header: Header) -> dict[str, Json]:
    return {
        "title": cleaned(header.title),
        "source": cleaned(header.source),
        "sizes": list(header.sizes),
        "layers": header.layers,
        "activations": list(header.activations),
        "loss": header.loss,
        "reduction": header.reduction,
        "l2": header.l2,
        "layout": "rows" if header.rows else "columns",
        "weights": "out-by-in" if header.out_by_in else "in-by-out",
        "convention": header.convention,
        "examples": "1" if header.single else "n",
        "biases": "yes" if header.biases else "none",
        "means": [{"name": show(name), "meaning": show(node)} for name, node in _ties(header)],
        "inputs": [
            {"name": name, "rows": show(rows), "columns": show(columns)}
            for name, rows, columns in header.inputs
        ],
    }


def _line(verdict: LineVerdict) -> dict[str, Json]:
    line = verdict.line
    place, _, expected = verdict.expected.partition(" = ")
    return {
        "number": line.number,
        "side": line.side,
        "written": cleaned(line.written),
        "normal": line.normal,
        "target": verdict.key,
        "loop": None if line.loop is None else line.loop.head,
        "verdict": IDENTIFIERS[verdict.verdict],
        "words": words(verdict),
        "digits": _digits(verdict),
        "networks": verdict.networks,
        "rounds": list(verdict.rounds),
        "convention": verdict.convention,
        "detail": cleaned(verdict.detail),
        "notes": [cleaned(note) for note in verdict.notes],
        "place": place,
        "expected": expected,
        "got": verdict.got,
        "mistake": None if verdict.mistake is None else _mistake(verdict.mistake),
        "mend": cleaned(verdict.mend),
        "rules": [cleaned(rule) for rule in verdict.rules],
    }


def _mistake(named: Named) -> dict[str, Json]:
    return {
        "name": cleaned(named.name),
        "others": [cleaned(other) for other in named.others],
        "formula": cleaned(named.formula),
    }


def _digits(verdict: LineVerdict) -> int | str | None:
    if verdict.verdict is not Verdict.RIGHT:
        return None
    return verdict.digits if verdict.digits < MANY else "exact"


def _summary(checked: Checked, *, strict: bool) -> dict[str, Json]:
    first = checked.first
    return {
        "judged": checked.judged,
        "right": checked.right,
        "wrong": [verdict.line.number for verdict in checked.wrong],
        "first": None if first is None else first.line.number,
        "ok": checked.ok,
        "words": headline(checked, strict=strict),
    }


def _ties(header: Header) -> list[tuple[Name, Node]]:
    """Return the ties as they are written: one for all layers is one."""
    every = {name.base for name, _ in header.patterns}
    single = [(name, meaning) for name, meaning in header.means if name.base not in every]
    return [*single, *header.patterns]
