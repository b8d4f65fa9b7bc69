"""Parameters and checkpoints in files: the same bits back, or one clear line."""

from __future__ import annotations

import numpy as np
import pytest

from gradoracle import Parameters
from gradoracle.classification import initial_parameters
from gradoracle.errors import InputError
from gradoracle.training import load_parameters, save_parameters
from gradoracle.training.store import Checkpoint, load_checkpoint, save_checkpoint

REQUEST = {"network": [3, 2, 1], "seed": 0}


@pytest.fixture
def parameters(dtype):
    return initial_parameters((5, 4, 3), np.dtype(dtype), 0)


def test_round_trip(tmp_path, parameters):
    save_parameters(tmp_path / "p.npz", parameters)
    again = load_parameters(str(tmp_path / "p.npz"))
    assert again.sizes == (5, 4, 3)
    assert again.dtype == parameters.dtype
    for layer in (1, 2):
        assert again.W[layer].tobytes() == parameters.W[layer].tobytes()
        assert again.b[layer].tobytes() == parameters.b[layer].tobytes()
    assert [path.name for path in tmp_path.iterdir()] == ["p.npz"]


def test_a_checkpoint_comes_back(tmp_path, parameters):
    path = tmp_path / "c.npz"
    request = REQUEST | {"network": [5, 4, 3]}
    save_checkpoint(path, Checkpoint(request, parameters, (0.7, 0.1 + 0.2), 1.5))
    again = load_checkpoint(path, request)
    assert again.costs == (0.7, 0.1 + 0.2)
    assert again.seconds == 1.5
    assert again.request == request


@pytest.fixture
def saved(tmp_path):
    """A checkpoint in a file, whose bytes are to be damaged."""
    path = tmp_path / "c.npz"
    start = initial_parameters((3, 2, 1), np.dtype(np.float64), 0)
    save_checkpoint(path, Checkpoint(REQUEST, start, (0.7,), 1.0))
    return path


def refused(path, load=lambda path: load_checkpoint(path, REQUEST)):
    with pytest.raises(InputError) as refusal:
        load(path)
    assert "\n" not in str(refusal.value)
    assert str(path) in str(refusal.value)
    return str(refusal.value)


def test_truncated_anywhere(saved):
    content = saved.read_bytes()
    for length in range(0, len(content), 97):
        saved.write_bytes(content[:length])
        assert "damaged" in refused(saved)


def test_a_flipped_bit_never_changes_a_number(saved):
    content = saved.read_bytes()
    right = load_checkpoint(saved, REQUEST)
    for position in range(0, len(content), 7):
        damaged = bytearray(content)
        damaged[position] ^= 0x10
        saved.write_bytes(damaged)
        try:
            found = load_checkpoint(saved, REQUEST)
        except InputError:
            continue
        # some bits, dates for one, mean nothing
        assert found.costs == right.costs
        assert all((found.parameters.W[i] == right.parameters.W[i]).all() for i in (1, 2))


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"W1": np.ones((2, 3))},
        {"W1": np.ones((2, 3)), "b1": np.ones((2, 1)), "more": np.ones(1)},
        {"W2": np.ones((2, 3)), "b2": np.ones((2, 1))},
        {"W1": np.ones((2, 3)), "b1": np.ones(2)},
        {"W1": np.full((2, 3), np.nan), "b1": np.ones((2, 1))},
        {"W1": np.ones((2, 3), np.int64), "b1": np.ones((2, 1), np.int64)},
        {"W1": np.array([["a"]]), "b1": np.ones((1, 1))},
    ],
)
def test_other_arrays(tmp_path, arrays):
    np.savez(tmp_path / "p.npz", **arrays)
    assert "delete it" in refused(tmp_path / "p.npz", load_parameters)


def test_nothing_is_unpickled(tmp_path):
    np.savez(tmp_path / "p.npz", W1=np.array([print], dtype=object), b1=np.ones((1, 1)))
    assert "damaged or foreign" in refused(tmp_path / "p.npz", load_parameters)


def test_files_of_other_kinds(tmp_path):
    path = tmp_path / "p.npz"
    path.write_text("<html>")
    refused(path, load_parameters)
    with path.open("wb") as stream:
        np.save(stream, np.ones(3))
    refused(path, load_parameters)
    path.unlink()
    assert "no such file" in refused(path, load_parameters)
    path.mkdir()
    refused(path, load_parameters)


def test_parameters_are_no_checkpoint(tmp_path):
    save_parameters(tmp_path / "p.npz", initial_parameters((3, 1), np.dtype(np.float64), 0))
    assert "a checkpoint" in refused(tmp_path / "p.npz")


def test_a_failed_save_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "p.npz"
    ours = initial_parameters((3, 1), np.dtype(np.float64), 0)
    save_parameters(path, ours)
    before = path.read_bytes()

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(InputError, match="No space left"):
        save_parameters(path, Parameters([np.ones((1, 1))], [np.ones((1, 1))]))
    assert path.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["p.npz"]


@pytest.mark.parametrize(
    ("costs", "seconds", "words"),
    [
        ((0.7, float("nan")), 1.0, "costs that are finite"),
        ((float("inf"),), 1.0, "costs that are finite"),
        ((-0.1,), 1.0, "costs that are finite"),
        ((0.7,), -1.0, "seconds that are finite"),
        ((0.7,), float("nan"), "seconds that are finite"),
    ],
)
def test_numbers_no_run_can_have(tmp_path, costs, seconds, words):
    start = initial_parameters((3, 2, 1), np.dtype(np.float64), 0)
    save_checkpoint(tmp_path / "c.npz", Checkpoint(REQUEST, start, costs, seconds))
    assert words in refused(tmp_path / "c.npz")


def test_parameters_of_another_network(tmp_path):
    start = initial_parameters((3, 4, 1), np.dtype(np.float64), 0)
    save_checkpoint(tmp_path / "c.npz", Checkpoint(REQUEST, start, (0.7,), 1.0))
    assert "layer sizes 3-2-1" in refused(tmp_path / "c.npz")


def test_a_folder_in_the_place_of_a_file(tmp_path):
    (tmp_path / "c.npz").mkdir()
    assert "got a folder" in refused(tmp_path / "c.npz")
    assert "got a folder" in refused(tmp_path / "c.npz", load_parameters)


@pytest.mark.parametrize("path", [None, 3, "", "a\0b"])
def test_no_path(path):
    with pytest.raises(InputError, match="a path"):
        load_parameters(path)
