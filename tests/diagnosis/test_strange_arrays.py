"""Whatever a candidate returns, the diagnosis must not end the run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradoracle
from gradoracle.status import Status
from gradoracle_numpy import implementation

STRANGE: dict[str, Any] = {
    "no rows": np.zeros((0, 3)),
    "no entries": np.zeros(0),
    "three axes": np.ones((1, 2, 3)),
    "six axes": np.ones((1,) * 6),
    "a number": np.float64(3.0),
    "a Python number": 3.0,
    "a huge number": np.full((4, 5), 1e300),
    "NaN": np.full((4, 5), np.nan),
    "infinities": np.full((4, 5), -np.inf),
    "whole numbers": np.ones((4, 5), dtype=int),
    "truth values": np.ones((4, 5), dtype=bool),
    "complex numbers": np.ones((4, 5)) * 1j,
    "texts": np.array([["a"]]),
    "objects": np.array([[None]], dtype=object),
    "a list": [[1.0]],
    "nothing": None,
}


@pytest.mark.parametrize("name", ["J", "Z1", "dA1", "dW1", "db1", "dX"])
@pytest.mark.parametrize("strange", STRANGE)
def test_strange_arrays_are_wrong_and_no_more(name: str, strange: str) -> None:
    def candidate(case: gradoracle.Case) -> dict[str, Any]:
        return dict(implementation(case)) | {name: STRANGE[strange]}

    report = gradoracle.check(candidate, match="two-layer.relu-bce", dtype="float64", diagnose=0.5)
    assert report.status is Status.WRONG
    diagnosis = report.results[0].diagnosis
    assert diagnosis is None or not diagnosis.names
