"""Fixtures of all tests."""

from __future__ import annotations

import pytest


@pytest.fixture(params=["float64", "float32"])
def dtype(request: pytest.FixtureRequest) -> str:
    """Run a test in both dtypes."""
    return str(request.param)
