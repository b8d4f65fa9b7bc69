"""Two small sets of data in rows, and the three classes ANN."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from gradoracle.data import binary, embedded

CLASSES = {
    "numpy": "gradoracle_numpy",
    "torch": "gradoracle_torch",
    "tensorflow": "gradoracle_tf",
}


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Let torch use one thread: on small matrices two mostly wait for each other."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(params=CLASSES)
def ANN(request):
    return importlib.import_module(CLASSES[request.param]).ANN


@pytest.fixture(scope="session")
def ANNs():
    return {name: importlib.import_module(module).ANN for name, module in CLASSES.items()}


@pytest.fixture(scope="session")
def digits():
    """Real handwritten 5 and 8 in rows, the labels as digits: train X, y, test X, y."""
    train, test = binary(embedded(), 5, 8)
    return train.X.T, np.where(train.Y[0], 8, 5), test.X.T, np.where(test.Y[0], 8, 5)


@pytest.fixture(scope="session")
def clouds():
    """Three Gaussian clouds in the plane, 20 points each, in random order."""
    rng = np.random.default_rng(3)
    y = rng.permutation(np.repeat(np.arange(3), 20))
    centres = np.array([[0.0, 3.0], [3.0, -1.0], [-3.0, -1.0]])
    return centres[y] + 0.5 * rng.standard_normal((60, 2)), y
