"""A program whose harness is wrong in one way: ``python smoking.py FAULT``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

Values = dict[str, float]

FAULTS: dict[str, Callable[[Values], Values]] = {
    "none": dict,
    "tiny": lambda v: v | {"tiny": 0.0},
    "minus_zero": lambda v: v | {"minus_zero": 0.0},
    "third": lambda v: v | {"third": v["third"] + 2.0**-54},
    "huge": lambda v: v | {"huge": float("inf")},
    "nan": lambda v: v | {"nan": 0.0},
    "product": lambda v: v | {"product": v["product"] * (1 + 2.0**-52)},
    "missing": lambda v: {n: x for n, x in v.items() if n != "a"},
    "extra": lambda v: v | {"c": 1.0},
}

fault = sys.argv[1]
for line in sys.stdin:
    message = json.loads(line)
    if message["cmd"] == "stop":
        sys.exit(7 if fault == "stop" else 0)
    if message["cmd"] == "start":
        numbers = "decimal" if fault == "none" else "hex"
        reply: dict[str, object] = {"version": 1, "name": "smoking \x1b[31m", "numbers": numbers}
    else:
        if fault == "crash":
            sys.exit("no floating point here\x1b[2J")
        read: Callable[[str], float] = float if fault == "none" else float.fromhex
        values = {name: read(text) for name, text in message["values"].items()}
        values["product"] = values["a"] * values["b"]
        values = FAULTS.get(fault, dict)(values)
        reply = {"seq": message["seq"], "values": {n: v.hex() for n, v in values.items()}}
    sys.stdout.write(json.dumps(reply) + "\n")
    sys.stdout.flush()
