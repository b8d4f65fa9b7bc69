"""What every test of the truth is held to."""

from __future__ import annotations

from collections.abc import Iterator

import flint
import pytest


@pytest.fixture(autouse=True)
def settings_left_alone() -> Iterator[None]:
    """python-flint's precision and length of series are global: whoever changes them resets them.

    Both differ here from every value that is used inside.
    """
    before = flint.ctx.prec, flint.ctx.cap
    flint.ctx.prec, flint.ctx.cap = 101, 7
    yield
    after = flint.ctx.prec, flint.ctx.cap
    flint.ctx.prec, flint.ctx.cap = before
    assert after == (101, 7)
