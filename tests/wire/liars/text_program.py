"""A program that speaks the text form from its standard library alone, and answers with zeros.

``python text_program.py [FAULT]``
"""

from __future__ import annotations

import os
import sys

BAD = "two-layer.relu-bce"

fault = sys.argv[1] if len(sys.argv) > 1 else ""


def say(*lines: str) -> None:
    sys.stdout.write("\n".join([*lines, "end", ""]))
    sys.stdout.flush()


def traces(arrays: dict[str, list[str]]) -> list[str]:
    lines = ["number J 0x1.8p+0"]
    for name, (rows, columns) in arrays.items():
        numbers = " ".join(["0.0"] * (int(rows) * int(columns)))
        lines.append(f"array d{name} {rows} {columns} {numbers}")
    return lines


LIES = {
    "log": ["computing"],
    "name twice": ["trace {seq}", "number J 1.0", "number J 1.0"],
    "too few": ["trace {seq}", "array dW1 4 5 0.0"],
    "no number": ["trace {seq}", "number J one"],
    "1e999": ["trace {seq}", "number J 1e999"],
    "seq": ["trace {seq}9", "number J 1.0"],
    "no seq": ["trace"],
    "line": ["trace {seq}", "matrix dW1 1 1 0.0"],
    "negative": ["trace {seq}", "array dW1 -4 5"],
    "nothing": [],
    "after skipped": ["skipped {seq} no relu", "number J 1.0"],
    "skipped": ["skipped {seq} no relu"],
    "errored": ["errored {seq} division by zero"],
    "mixed": ["trace {seq}", "number J NaN", "array dW1 1 3 0x1p+1 0x1.8p+0 nan"],
    "crlf": ["trace {seq}\r", "number J 1.5\r"],
}

arrays: dict[str, list[str]] = {}
for line in sys.stdin:
    word, *words = line.split()
    if word == "start":
        first = line
    elif word == "array" and words[0] not in "XY":
        arrays[words[0]] = words[1:3]
    elif word in ("run", "smoke", "stop"):
        first = line
        arrays = {}
        numbers: dict[str, float] = {}
    elif word == "number":
        numbers[words[0]] = float(words[1])
    elif word == "end":
        asked = first.split()
        if asked[0] == "stop":
            break
        if asked[0] == "start":
            supports = ["supports layers 2", "supports l2 no", "conventions kink any"]
            say("started 1", "name a text program", "language Python 3", *supports)
        elif asked[0] == "smoke":
            numbers["product"] = numbers["a"] * numbers["b"]
            say(f"values {asked[1]}", *(f"number {n} {v!r}" for n, v in numbers.items()))
        elif fault == "half" and asked[2] == BAD:
            os.write(1, b"trace 1\nnumber J 1.0\n")
            os._exit(0)
        elif fault == "utf8" and asked[2] == BAD:
            os.write(1, b"errored 1 \xff\nend\n")
        elif fault and asked[2] == BAD:
            say(*(lie.format(seq=asked[1]) for lie in LIES[fault]))
        else:
            say(f"trace {asked[1]}", *traces(arrays))
