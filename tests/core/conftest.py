"""What every test of the core is held to."""

from __future__ import annotations

from collections.abc import Iterator

import flint
import pytest


@pytest.fixture(autouse=True)
def precision_left_alone() -> Iterator[None]:
    """python-flint's precision is global: whoever changes it must put it back."""
    before = flint.ctx.prec
    yield
    after, flint.ctx.prec = flint.ctx.prec, before
    assert after == before
