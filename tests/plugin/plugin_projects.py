"""The files of somebody else's project: right and lying candidates, and tests of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

CANDIDATES = """
from gradoracle_numpy import implementation


def right(case):
    return dict(implementation(case))


def wrong(case):
    trace = right(case)
    return {**trace, "dW1": trace["dW1"] * trace["dW1"].dtype.type(1.001)}


def transposed(case):
    trace = right(case)
    return {**trace, "dW1": trace["dW1"].T}


def nan(case):
    trace = right(case)
    return {**trace, "dW1": trace["dW1"] * float("nan")}


def nothing(case):
    return {}


def raising(case):
    raise ZeroDivisionError("my own mistake")


def exiting(case):
    raise SystemExit(0)


def choosy(case):
    return right(case)


choosy.supports = lambda case: "no softmax" if "softmax" in case.network.activations else True


def lazy(case):
    return right(case)


lazy.supports = lambda case: "not today"
"""


def decorated(candidate: str, arguments: str = "match='two-layer.relu-bce'") -> str:
    """Return a test file for one candidate."""
    return (
        f"import gradoracle\nfrom candidates import {candidate}\n\n\n"
        f"@gradoracle.cases({arguments})\ndef test_{candidate}(case):\n"
        f"    case.check({candidate})\n"
    )


def read(path: Path) -> dict[str, Any]:
    """Read a report as anybody would."""
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document
