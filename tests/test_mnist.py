"""The seed network on the real MNIST: shapes as published, every entry agreeing."""

from __future__ import annotations

import os

import pytest

from gradoracle.builtin_cases import digit_cases
from gradoracle.data import open_digits
from shared import implementation

pytestmark = pytest.mark.skipif(
    "GRADORACLE_MNIST" not in os.environ,
    reason="GRADORACLE_MNIST does not name a folder with MNIST",
)

# the first text's dimension table, corrected: db sums over the examples, and keeps its shape
PUBLISHED = {
    "A0": (784, 11272),
    "W1": (196, 784),
    "b1": (196, 1),
    "Z1": (196, 11272),
    "A1": (196, 11272),
    "W2": (1, 196),
    "b2": (1, 1),
    "Z2": (1, 11272),
    "A2": (1, 11272),
    "J": (),
    "dA2": (1, 11272),
    "dZ2": (1, 11272),
    "dW2": (1, 196),
    "db2": (1, 1),
    "dA1": (196, 11272),
    "dZ1": (196, 11272),
    "dW1": (196, 784),
    "db1": (196, 1),
    "dX": (784, 11272),
}


@pytest.mark.parametrize("name", ["numpy", "torch", "tensorflow"])
def test_shapes_are_those_of_the_published_table(name: str, dtype: str) -> None:
    case = digit_cases(open_digits())[0].astype(dtype)
    arrays = dict(implementation(name).run(case))
    arrays |= {f"W{layer}": w for layer, w in case.W.items()}
    arrays |= {f"b{layer}": b for layer, b in case.b.items()}
    arrays["A0"] = case.X
    assert {key: array.shape for key, array in arrays.items()} == PUBLISHED
    assert {array.dtype.name for array in arrays.values()} == {dtype}
    assert sum(arrays[f"d{key}"].size for key in ("W1", "b1", "W2", "b2")) == 154_057
