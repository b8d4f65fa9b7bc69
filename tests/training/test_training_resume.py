"""An interrupted run ends with the bits of one in one piece."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from gradoracle.errors import InputError
from gradoracle.training import engine, train

THREE = ("numpy", "torch", "tensorflow")


@pytest.fixture(autouse=True)
def no_picture(monkeypatch):
    """Spare the time for the pictures, which other tests look at."""
    monkeypatch.setattr(engine, "draw", lambda result, out: [])


def interrupt_at(iteration, label):
    """Return a progress function that presses Ctrl-C."""

    def progress(running, done, of, cost):
        if (running, done) == (label, iteration):
            raise KeyboardInterrupt

    return progress


def same_bits(one, other):
    for ours, theirs in zip(one.runs, other.runs, strict=True):
        assert ours.costs == theirs.costs
        for layer in ours.parameters.W:
            for v in "Wb":
                a, b = getattr(ours.parameters, v)[layer], getattr(theirs.parameters, v)[layer]
                assert a.tobytes() == b.tobytes()
        assert ours.test_accuracy == theirs.test_accuracy


@pytest.mark.parametrize("interrupted", THREE)
def test_ctrl_c_and_again(digits, request_of, tmp_path, dtype, interrupted):
    request = request_of(implementations=THREE, dtype=dtype)
    whole = train(request, digits, tmp_path / "whole")
    out = tmp_path / "parts"
    with pytest.raises(KeyboardInterrupt):
        train(request, digits, out, interrupt_at(7, f"64-6-1 {interrupted}"))
    assert not (out / "result.json").exists()
    assert (out / f"checkpoint-64-6-1-{interrupted}.npz").exists()
    continued = train(request, digits, out)
    same_bits(whole, continued)
    continued_at = [run.continued_at for run in continued.runs]
    assert (
        continued_at
        == {
            "numpy": [7, 0, 0],
            "torch": [20, 7, 0],
            "tensorflow": [20, 20, 7],
        }[interrupted]
    )
    assert not list(out.glob("*checkpoint*"))


def test_an_interrupt_inside_a_step_loses_that_step_alone(
    digits, request_of, tmp_path, monkeypatch
):
    from gradoracle_numpy import ANN

    whole = train(request_of(), digits, tmp_path / "whole")
    update, calls = ANN.update, []

    def interrupted_update(self, parameters, d):
        calls.append(None)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return update(self, parameters, d)

    monkeypatch.setattr(ANN, "update", interrupted_update)
    with pytest.raises(KeyboardInterrupt):
        train(request_of(), digits, tmp_path)
    monkeypatch.setattr(ANN, "update", update)
    continued = train(request_of(), digits, tmp_path)
    assert continued.runs[0].continued_at == 4
    same_bits(whole, continued)


def test_more_iterations_continue_as_well(digits, request_of, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        train(request_of(), digits, tmp_path, interrupt_at(20, "64-6-1 numpy"))
    longer = train(request_of(iterations=25), digits, tmp_path)
    same_bits(train(request_of(iterations=25), digits, tmp_path / "whole"), longer)
    assert longer.runs[0].continued_at == 20


def test_fewer_iterations_than_the_checkpoint_are_refused(digits, request_of, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        train(request_of(), digits, tmp_path, interrupt_at(20, "64-6-1 numpy"))
    with pytest.raises(InputError, match="at most 10 iterations"):
        train(request_of(iterations=10), digits, tmp_path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"learning_rate": 0.5}, "learning_rate 1.0 instead of 0.5"),
        ({"l2": 0.5}, "l2 0.0 instead of 0.5"),
        ({"seed": 1}, "seed 0 instead of 1"),
        ({"dtype": "float32"}, "dtype float64 instead of float32"),
        ({"activation": "tanh"}, "activation sigmoid instead of tanh"),
    ],
)
def test_a_checkpoint_of_another_request_is_refused(digits, request_of, tmp_path, changes, words):
    with pytest.raises(KeyboardInterrupt):
        train(request_of(), digits, tmp_path, interrupt_at(3, "64-6-1 numpy"))
    with pytest.raises(InputError) as refusal:
        train(request_of(**changes), digits, tmp_path)
    assert words in str(refusal.value)
    assert "choose another folder" in refusal.value.mend


def test_a_checkpoint_of_other_data_is_refused(digits, request_of, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        train(request_of(), digits, tmp_path, interrupt_at(3, "64-6-1 numpy"))
    X = digits.train.X.copy()
    X[5, 5] = np.nextafter(X[5, 5], 2.0)
    other = type(digits)(type(digits.train)(X, digits.train.Y), digits.test)
    with pytest.raises(InputError, match="another request: data"):
        train(request_of(), other, tmp_path)


def test_kill_9(digits, request_of, tmp_path):
    """A child that checkpoints after every iteration is killed without warning, and continued."""
    code = """
import sys
from pathlib import Path
from gradoracle.data import binary, embedded
from gradoracle.training import TrainingData, TrainingRequest, engine, train
engine.CHECKPOINT_SECONDS = 0.0
data = TrainingData(*binary(embedded(), 5, 8), "UCI digits 5 and 8")
request = TrainingRequest(((64, 6, 1),), ("numpy",), learning_rate=1.0, iterations=10**6,
                          dtype="float64")
train(request, data, Path(sys.argv[1]))
"""
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])
    checkpoint = tmp_path / "checkpoint-64-6-1-numpy.npz"
    deadline = time.monotonic() + 60
    while not checkpoint.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.1)  # wherever it is now, also in the middle of writing
    child.send_signal(signal.SIGKILL)
    child.wait()
    found = engine.load_checkpoint(checkpoint, _request_in(checkpoint))
    iterations = len(found.costs) + 5
    continued = train(request_of(iterations=iterations), digits, tmp_path)
    assert continued.runs[0].continued_at == len(found.costs) > 0
    same_bits(train(request_of(iterations=iterations), digits, tmp_path / "whole"), continued)
    assert not list(tmp_path.glob(".*"))


def _request_in(checkpoint):
    import json

    with np.load(checkpoint) as file:
        return json.loads(str(file["request"]))
