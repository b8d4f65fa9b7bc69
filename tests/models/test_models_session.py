"""What a model object is, its batch, and its manners."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from gradoracle import corpus
from gradoracle.candidate.answer import Skipped
from gradoracle.candidate.models import session_of
from gradoracle.candidate.models.deviations import LEDGER
from gradoracle.errors import InputError

PAIR = (nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.Linear(2, 1)), nn.BCEWithLogitsLoss())


@pytest.mark.parametrize(
    "other",
    [lambda case: {}, print, 3, "text", None, (1, 2), object(), np.zeros(2), torch.zeros(2)],
)
def test_what_is_no_model_is_left_to_others(other):
    assert session_of(other) is None


def test_no_framework_is_imported_to_find_out():
    program = (
        "import sys\nfrom gradoracle.candidate.models import session_of\n"
        "assert session_of(lambda case: {}) is None\n"
        "print({'torch', 'keras', 'tensorflow', 'sklearn'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr


def test_a_class_in_the_place_of_an_object():
    with pytest.raises(InputError, match=r"Sequential\(\.\.\.\)"):
        session_of(nn.Sequential)


def test_its_own_case_and_no_other():
    session = session_of(PAIR)
    (case,) = session.about.cases
    assert case.n not in case.network.sizes
    assert isinstance(session.run(corpus.load()[0].case), Skipped)
    session.close()


def test_a_random_batch_is_ordinary_and_follows_the_seed():
    model = nn.Sequential(nn.Linear(3, 1))
    with torch.no_grad():
        model[0].weight *= 1000
    cases = [session_of((model, PAIR[1]), seed=seed).about.cases[0] for seed in (0, 0, 1)]
    assert np.array_equal(cases[0].X, cases[1].X)
    assert not np.array_equal(cases[0].X, cases[2].X)
    Z = cases[0].W[1] @ cases[0].X + cases[0].b[1]
    assert np.abs(Z).max() <= 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"X": np.ones((4, 3))}, "no Y"),
        ({"X": np.ones((4, 2)), "Y": np.ones(4)}, r"X of shape \(n, 3\)"),
        ({"X": np.ones((4, 3)), "Y": np.ones(3)}, r"Y of shape \(4, 1\)"),
        ({"X": np.ones((4, 3)), "Y": 2 * np.ones(4)}, "labels between 0 and 1"),
        ({"X": np.full((4, 3), np.nan), "Y": np.ones(4)}, "finite"),
        ({"X": np.ones((4, 3), complex), "Y": np.ones(4)}, "real numbers"),
        ({"X": np.ones((4, 3)), "Y": np.ones(4), "n": 4}, "a batch or n"),
        ({"n": 0}, "n as a whole number"),
        ({"dtype": "float64"}, "the dtype of the model, float32"),
        ({"loss": "BCELoss"}, "one loss"),
    ],
)
def test_bad_batches(given, said):
    with pytest.raises(InputError, match=said):
        session_of(PAIR, **given)


@pytest.mark.parametrize("row", LEDGER, ids=lambda row: row.name)
def test_deviation_still_exists(row):
    import gradoracle_tf  # noqa: F401  (starts TensorFlow quietly)

    size = row.measure()
    assert row.size / 1.01 <= size <= 1.01 * row.size, (
        f"{row.name} has changed upstream: was {row.size:g}, is {size:g}; revise the ledger"
    )
