"""Small training data, and requests that take a moment."""

from __future__ import annotations

import pytest

from gradoracle.data import binary, embedded
from gradoracle.training import TrainingData, TrainingRequest


@pytest.fixture(scope="session")
def digits():
    return TrainingData(*binary(embedded(), 5, 8), "UCI digits 5 and 8")


@pytest.fixture
def request_of():
    """Make a request for the 64-pixel digits, NumPy alone unless said otherwise."""

    def make(**changes):
        usual = {
            "networks": ((64, 6, 1),),
            "implementations": ("numpy",),
            "learning_rate": 1.0,
            "iterations": 20,
            "dtype": "float64",
        }
        return TrainingRequest(**(usual | changes))

    return make
