"""The ledger of deviations: each still exists upstream, at the size that is written down."""

from __future__ import annotations

import pytest

from gradoracle_tf.deviations import LEDGER


@pytest.mark.parametrize("row", LEDGER, ids=lambda row: row.name)
def test_deviation_still_exists(row):
    size = row.measure()
    # the size is written with three digits; a change upstream would be one of orders of magnitude
    assert row.size / 1.01 <= size <= 1.01 * row.size, (
        f"{row.name} has changed upstream: was {row.size:g}, is {size:g}; revise the ledger"
    )
