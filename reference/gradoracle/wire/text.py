"""A document as lines of plain tokens, and back: for languages without JSON.

A message is one or more lines, the last one `end`. What is read becomes the document that the same
answer in JSON would be, so that everything behind it is the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from gradoracle.arrays import shown
from gradoracle.wire.faults import protocol

Document = Mapping[str, object]

END = re.compile(rb"(?:\A|\n)[ \t]*end[ \t\r]*\n")

_YES = {"yes": True, "no": False}


def write(document: Document) -> bytes:
    """Return the lines of a message; numbers in it must be decimals already."""
    lines = _WRITE[str(document["cmd"])](document)
    return "\n".join([*lines, "end", ""]).encode()


def read(message: bytes) -> Document:
    """Read the lines of an answer.

    Raises
    ------
    Fault
        For what is not UTF-8, and lines that no answer has.
    """
    try:
        lines = message.decode().split("\n")[:-2]
    except UnicodeDecodeError as error:
        raise protocol(f"byte {error.start} of the answer is not UTF-8") from None
    word, rest = _split(lines[0]) if lines else ("end", "")
    if word not in _READ:
        expected = ", ".join(_READ)
        raise protocol(f"expected one of {expected}, got {shown(word)}; log to standard error")
    return _READ[word](rest, lines[1:])


def _write_start(document: Document) -> list[str]:
    return [f"start {document['version']}"]


def _write_stop(_: Document) -> list[str]:
    return ["stop"]


def _write_smoke(document: Document) -> list[str]:
    values: Mapping[str, str] = document["values"]  # type: ignore[assignment]
    return [f"smoke {document['seq']}", *(f"number {n} {v}" for n, v in values.items())]


def _write_run(document: Document) -> list[str]:
    case: Mapping[str, object] = document["case"]  # type: ignore[assignment]
    network: Mapping[str, object] = case["network"]  # type: ignore[assignment]
    inputs: Mapping[str, Mapping[str, object]] = case["inputs"]  # type: ignore[assignment]
    lines = [f"run {document['seq']} {case['id']} {case['dtype']}"]
    for name, value in network.items():
        words = map(str, value) if isinstance(value, list) else [str(value)]
        lines.append(f"{name} {' '.join(words)}")
    lines.append(f"n {case['n']}")
    for name, array in inputs.items():
        rows: list[list[str]] = array["decimal"]  # type: ignore[assignment]
        numbers = " ".join(" ".join(row) for row in rows)
        lines.append(f"array {name} {' '.join(map(str, array['shape']))} {numbers}")  # type: ignore[call-overload]
    return lines


def _read_started(rest: str, lines: list[str]) -> Document:
    found: dict[str, object] = {"version": _whole(rest, "started")}
    for line in lines:
        word, said = _split(line)
        if word in ("name", "language", "release"):
            _once(found, word, said)
        elif word == "dtypes":
            _once(found, word, said.split())
        elif word in ("supports", "conventions"):
            part: dict[str, object] = found.setdefault(word, {})  # type: ignore[assignment]
            what, values = _split(said)
            _once(part, what, _said_of(what, values))
        else:
            raise protocol(f"the answer to start has a line {shown(line)}")
    return found


def _said_of(what: str, values: str) -> object:
    if what == "layers":
        return [_whole(value, "supports layers") for value in values.split()]
    if what in ("l2", "per_example"):
        if values not in _YES:
            raise protocol(f"{what}: expected yes or no, got {shown(values)}")
        return _YES[values]
    return values if what in ("kink", "layout") else values.split()


def _read_trace(rest: str, lines: list[str]) -> Document:
    trace: dict[str, object] = {}
    for line in lines:
        words = line.split()
        if words[:1] == ["number"] and len(words) == 3:
            _once(trace, words[1], words[2])
        elif words[:1] == ["array"] and len(words) >= 4:
            _once(trace, words[1], _array(words[1], words[2:4], words[4:]))
        else:
            raise protocol(
                "expected a line 'array NAME ROWS COLUMNS ...' or 'number NAME VALUE', "
                f"got {shown(line[:100])}"
            )
    return {"seq": _whole(rest, "trace"), "trace": trace}


def _array(name: str, shape: list[str], numbers: list[str]) -> Document:
    rows, columns = (_whole(length, name) for length in shape)
    if len(numbers) != rows * columns:
        raise protocol(f"{name}: {rows} x {columns} was said, {len(numbers)} numbers came")
    # one form an array; NaN and infinity look alike in both
    form = "hex" if any("x" in number[:3].lower() for number in numbers) else "decimal"
    lines = [numbers[i * columns : (i + 1) * columns] for i in range(rows)]
    return {"shape": [rows, columns], form: lines}


def _read_values(rest: str, lines: list[str]) -> Document:
    values: dict[str, object] = {}
    for line in lines:
        words = line.split()
        if words[:1] != ["number"] or len(words) != 3:
            raise protocol(f"expected a line 'number NAME VALUE', got {shown(line[:100])}")
        _once(values, words[1], words[2])
    return {"seq": _whole(rest, "values"), "values": values}


def _read_reason(word: str) -> Callable[[str, list[str]], Document]:
    def read(rest: str, lines: list[str]) -> Document:
        if lines:
            raise protocol(f"after {word} expected end, got {shown(lines[0][:100])}")
        seq, reason = _split(rest)
        return {"seq": _whole(seq, word), word: reason}

    return read


_WRITE = {"start": _write_start, "smoke": _write_smoke, "run": _write_run, "stop": _write_stop}
_READ: Mapping[str, Callable[[str, list[str]], Document]] = {
    "started": _read_started,
    "trace": _read_trace,
    "values": _read_values,
    "skipped": _read_reason("skipped"),
    "errored": _read_reason("errored"),
}


def _split(line: str) -> tuple[str, str]:
    """Return the first word of a line, and the rest."""
    word, _, rest = line.strip().partition(" ")
    return word, rest.strip()


def _whole(word: str, where: str) -> int:
    if not (word.isascii() and word.isdigit() and len(word) < 16):
        raise protocol(f"{where}: expected a whole number, got {shown(word)}")
    return int(word)


def _once(found: dict[str, object], name: str, value: object) -> None:
    if name in found:
        raise protocol(f"{shown(name)} comes twice")
    found[name] = value
