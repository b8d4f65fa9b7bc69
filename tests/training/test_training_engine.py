"""The experiment from end to end: three implementations, two networks, every file."""

from __future__ import annotations

import io
import json
import re
import sys

import numpy as np
import pytest
from rich.console import Console

from gradoracle import Batch
from gradoracle.arrays import unit_roundoff
from gradoracle.errors import InputError, MissingExtra
from gradoracle.training import (
    TrainingData,
    TrainingRequest,
    load_parameters,
    progress_bar,
    render,
    train,
)
from gradoracle.training.picture import cost_figure

THREE = ("numpy", "torch", "tensorflow")


@pytest.fixture(scope="module")
def experiment(digits, tmp_path_factory):
    """Two networks in three implementations: the result, and its folder."""
    request = TrainingRequest(
        networks=((64, 6, 1), (64, 16, 8, 1)),
        learning_rate=1.0,
        iterations=40,
        dtype="float64",
    )
    out = tmp_path_factory.mktemp("experiment") / "new" / "folder"
    return train(request, digits, out), out


def text_of(result):
    console = Console(file=io.StringIO(), width=300)
    console.print(render(result))
    return console.file.getvalue()


def test_all_start_at_one_point_and_learn(experiment):
    result, _ = experiment
    assert [(r.network, r.implementation) for r in result.runs] == [
        (network, name) for network in ("64-6-1", "64-16-8-1") for name in THREE
    ]
    u = unit_roundoff(np.dtype(np.float64))
    for runs in result.by_network():
        # a sum of 286 losses of sums of at most 64 products, whose terms are of size 1
        starts = [run.costs[0] for run in runs]
        assert max(starts) - min(starts) <= (286 + 64) * u
        for run in runs:
            assert len(run.costs) == 40
            assert run.costs[-1] < run.costs[0]
    assert min(run.train_accuracy for run in result.runs[:3]) > 0.95


def test_the_trajectories_stay_within_their_rounding(experiment, digits, tmp_path):
    """Float32 shows what rounding does to this descent; float64 does u64 / u32 of it."""
    result, _ = experiment
    single = train(
        TrainingRequest(((64, 6, 1),), ("numpy",), learning_rate=1.0, iterations=40),
        digits,
        tmp_path,
    ).runs[0]
    double = result.runs[0]
    scale = 8 * 2.0**-53 / 2.0**-24
    gap = np.abs(np.subtract(double.costs, single.costs)).max()
    assert len(result.differences) == 6
    for difference in result.differences[:3]:
        assert difference.cost <= scale * gap
        assert difference.cost_relative >= difference.cost / max(double.costs)
        assert difference.parameters_relative > 0


def test_files(experiment):
    result, out = experiment
    written = {path.name for path in out.iterdir()}
    assert written == {path.name for path in result.files}
    assert {"costs.png", "costs.svg", "result.json"} < written
    assert (out / "costs.png").read_bytes().startswith(b"\x89PNG")
    svg = (out / "costs.svg").read_text()
    assert "<svg" in svg
    report = json.loads((out / "result.json").read_text())
    assert report == json.loads(json.dumps(result.as_dict()))
    assert report["runs"][0]["costs"] == list(result.runs[0].costs)
    assert report["request"]["networks"] == [[64, 6, 1], [64, 16, 8, 1]]
    saved = load_parameters(out / "parameters-64-16-8-1-torch.npz")
    assert (saved.W[2] == result.runs[4].parameters.W[2]).all()


def test_the_report_names_everything(experiment):
    result, _ = experiment
    text = text_of(result)
    for word in ("64-6-1", "tensorflow", "286 training", "numpy, torch", "result.json"):
        assert word in text
    assert re.search(r"the bigger 64-16-8-1 does (better than|worse than|as well as) 64-6-1", text)


def test_the_picture_has_a_curve_a_run_and_speaks(experiment):
    result, _ = experiment
    costs, differences = cost_figure(result).axes
    assert len(costs.lines) == 6
    assert costs.lines[0].get_ydata().tolist() == list(result.runs[0].costs)
    assert costs.get_ylabel() == "cost J"
    assert differences.get_xlabel() == "iteration"
    for word in ("64-6-1", "learning rate 1", "40 iterations", "%"):
        assert word in costs.get_title()
    assert "64-16-8-1  tensorflow" in costs.get_legend().get_texts()[5].get_text()


def test_runs_that_agree_in_every_bit_can_be_drawn(digits, request_of, tmp_path):
    result = train(request_of(implementations=("numpy", "torch"), iterations=1), digits, tmp_path)
    assert (tmp_path / "costs.png").exists()
    assert result.runs[0].largest_rise == 0.0


def test_a_bigger_network_that_does_worse_is_said_to(digits, request_of, tmp_path):
    networks = ((64, 4, 1), (64, 8, 8, 8, 1))  # three hidden sigmoid layers have not begun by then
    result = train(request_of(networks=networks, iterations=30), digits, tmp_path)
    assert result.comparison[0].startswith("the bigger 64-8-8-8-1 does worse than 64-4-1: cost 0.6")


def test_more_than_two_classes(request_of, tmp_path):
    digits = np.arange(30) % 3
    X = np.eye(3)[digits].T + 0.1
    batch = Batch(X, np.eye(3)[digits].T)
    result = train(
        request_of(networks=((3, 4, 3),), iterations=80), TrainingData(batch, batch), tmp_path
    )
    assert result.runs[0].train_accuracy == 1.0


def test_progress_is_told_and_silent_without_a_terminal(digits, request_of, tmp_path):
    seen = []
    train(request_of(iterations=3), digits, tmp_path, lambda *told: seen.append(told))
    assert [(label, i, of) for label, i, of, _ in seen] == [
        ("64-6-1 numpy", i, 3) for i in (1, 2, 3)
    ]
    for terminal in (False, True):
        console = Console(file=io.StringIO(), force_terminal=terminal, width=100)
        with progress_bar(console) as progress:
            train(request_of(iterations=3), digits, tmp_path, progress)
        text = console.file.getvalue()
        assert ("3/3" in text and "cost 0." in text) if terminal else not text


def test_without_matplotlib_there_is_a_note(digits, request_of, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = train(request_of(iterations=2), digits, tmp_path)
    assert "gradoracle[plot]" in result.notes[0]
    assert "gradoracle[plot]" in text_of(result)
    assert not (tmp_path / "costs.png").exists()


def test_a_missing_framework_is_found_before_any_work(digits, request_of, tmp_path, monkeypatch):
    for name in [n for n in sys.modules if n.split(".")[0] in ("gradoracle_torch", "torch")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtra, match=r"gradoracle\[torch\]"):
        train(request_of(implementations=("numpy", "torch")), digits, tmp_path / "none")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"networks": ()}, "at least one network"),
        ({"networks": ((64, 6, 1), (64, 6, 1))}, "each network once"),
        ({"networks": ((64,),)}, "layer sizes"),
        ({"implementations": ()}, "at least one implementation"),
        ({"implementations": ("jax",)}, "numpy, torch, tensorflow"),
        ({"learning_rate": 0.0}, "learning rate"),
        ({"learning_rate": float("inf")}, "learning rate"),
        ({"iterations": 0}, "iterations"),
        ({"activation": "sigm"}, "activation"),
        ({"dtype": "float16"}, "dtype"),
        ({"seed": -1}, "seed"),
        ({"l2": -1.0}, "l2"),
    ],
)
def test_bad_requests(request_of, changes, words):
    with pytest.raises(InputError, match=words):
        request_of(**changes)


def test_networks_that_do_not_fit_the_data(digits, request_of, tmp_path):
    with pytest.raises(InputError, match="mend: 64-196-1"):
        train(request_of(networks=((784, 196, 1),)), digits, tmp_path)


def test_data_that_do_not_fit_together(digits):
    short = Batch(digits.test.X[:-1], digits.test.Y)
    with pytest.raises(InputError, match="64"):
        TrainingData(digits.train, short)
    with pytest.raises(InputError, match="labels 0 and 1"):
        TrainingData(digits.train, Batch(digits.test.X, 5 + 3 * digits.test.Y))


def test_an_overflowing_cost_is_an_error_and_no_result(digits, request_of, tmp_path):
    request = request_of(activation="identity", learning_rate=1e300)
    with np.errstate(all="ignore"), pytest.raises(InputError, match="smaller learning_rate"):
        train(request, digits, tmp_path)
    assert not (tmp_path / "result.json").exists()


def test_a_file_in_the_place_of_the_folder(digits, request_of, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="choose another folder"):
        train(request_of(), digits, tmp_path / "file")


@pytest.mark.parametrize(
    "changes",
    [
        {"networks": (64, 1)},
        {"networks": 3},
        {"networks": ((),)},
        {"networks": None},
        {"learning_rate": "a"},
        {"learning_rate": True},
        {"dtype": []},
        {"implementations": None},
        {"implementations": "numpy"},
        {"implementations": ([],)},
        {"iterations": True},
        {"iterations": "5"},
        {"seed": None},
        {"l2": 10**400},
        {"activation": None},
    ],
)
def test_requests_of_the_wrong_kind(request_of, changes):
    with pytest.raises(InputError) as refusal:
        request_of(**changes)
    assert "\n" not in str(refusal.value)


def test_numbers_of_numpy_in_a_request(request_of):
    request = request_of(iterations=np.int64(5), seed=np.int64(1), learning_rate=np.float64(0.5))
    assert (type(request.iterations), type(request.seed)) == (int, int)
    assert request == request_of(iterations=5, seed=1, learning_rate=0.5)


@pytest.mark.parametrize("name", THREE)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("iterations", [1, 2, 20])
def test_a_run_that_diverges_leaves_no_folder(
    request_of, digits, tmp_path, name, dtype, iterations
):
    request = request_of(
        learning_rate=1e308,
        implementations=(name,),
        dtype=dtype,
        iterations=iterations,
        activation="identity",
        networks=((64, 6, 6, 1),),
    )
    try:
        train(request, digits, tmp_path / "new" / "folder")
    except InputError as error:
        assert "smaller learning_rate" in error.mend  # noqa: PT017 (one iteration may end well)
        assert not list(tmp_path.iterdir())
    else:
        assert iterations == 1


def test_a_cost_that_rises_is_noted(request_of, digits, tmp_path):
    request = request_of(learning_rate=50.0, iterations=2)
    (note,) = train(request, digits, tmp_path).notes
    assert "the cost rose from" in note
    assert not train(request_of(), digits, tmp_path).notes


@pytest.mark.parametrize("name", ["result.json", "costs.png", "parameters-64-6-1-numpy.npz"])
def test_a_folder_in_the_place_of_a_result(request_of, digits, tmp_path, name):
    (tmp_path / name).mkdir()
    steps = []
    with pytest.raises(InputError, match="a folder"):
        train(request_of(), digits, tmp_path, lambda *step: steps.append(step))
    assert not steps


def test_a_disk_that_fills_up_while_the_result_is_written(
    request_of, digits, tmp_path, monkeypatch
):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gradoracle.training.engine.draw", full)
    with pytest.raises(InputError, match="No space left"):
        train(request_of(iterations=1), digits, tmp_path)


def test_layers_beyond_the_memory(request_of, monkeypatch):
    class Generator:
        """A generator without memory."""

        def standard_normal(self, _shape):
            raise MemoryError

    monkeypatch.setattr(np.random, "default_rng", lambda _seed: Generator())
    with pytest.raises(InputError, match="65,000,000,000 weights in 64-1000000000-1"):
        request_of().start((64, 10**9, 1))
