from __future__ import annotations

import gzip
import os
import runpy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gradoracle import InputError
from gradoracle.data import binary, embedded, load, open_digits

REAL = os.environ.get("GRADORACLE_MNIST")  # read before the fixture hides it

MAKE = Path(__file__).with_name("make_digits.py")
PACKAGED = Path(__file__).parents[2] / "reference" / "gradoracle" / "digits"


def same(folder: Path, small: dict[str, np.ndarray]) -> None:
    data = load(folder)
    got = (data.train_images, data.train_labels, data.test_images, data.test_labels)
    for array, written in zip(got, small.values(), strict=True):
        np.testing.assert_array_equal(array, written, strict=True)


def refusal(folder: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        load(folder)
    assert "\n" not in str(caught.value)
    return caught.value


def test_the_embedded_files_are_what_the_script_makes() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn, the source of the digits, is missing")
    script = runpy.run_path(str(MAKE))
    for name, content in script["contents"]().items():
        packed = (PACKAGED / name).read_bytes()
        # the compressed bytes depend on the version of zlib, the content does not
        assert gzip.decompress(packed) == content
        assert packed[4:8] == bytes(4), "the gzip header holds a time"


def test_the_embedded_digits() -> None:
    data = embedded()
    assert data.train_images.shape == (1437, 8, 8)
    assert data.test_images.shape == (360, 8, 8)
    assert data.train_images.max() == data.test_images.max() == data.largest == 16
    assert set(data.train_labels) == set(data.test_labels) == set(range(10))
    assert data.notes == ()
    for array in (data.train_images, data.train_labels, data.test_images, data.test_labels):
        assert not array.flags.writeable


def test_the_licence_gives_what_the_licence_asks_for() -> None:
    text = (PACKAGED / "LICENSE.md").read_text(encoding="utf-8")
    for required in ("Alpaydin", "Kaynak", "UCI", "CC BY 4.0", "10.24432/C50P49", "0 to 16"):
        assert required in text


def test_gzip_files_are_read(folder: Path, small: dict[str, np.ndarray]) -> None:
    same(folder, small)
    same(folder, small)  # from the cache


@pytest.mark.parametrize("dotted", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_every_spelling_is_read(
    folder: Path, small: dict[str, np.ndarray], *, dotted: bool, packed: bool
) -> None:
    for name in small:
        file = folder / f"{name}.gz"
        spelled = name.replace("-idx", ".idx") if dotted else name
        content = file.read_bytes() if packed else gzip.decompress(file.read_bytes())
        file.unlink()
        (folder / (spelled + ".gz" * packed)).write_bytes(content)
    same(folder, small)


def test_a_set_that_is_not_mnist_is_called_by_its_folder(folder: Path) -> None:
    data = load(folder)
    assert data.name == "small"
    assert data.largest == 255


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    error = refusal(tmp_path / "nowhere")
    assert str(tmp_path / "nowhere") in error.expected
    assert "gradoracle mnist" in error.mend


def test_a_file_for_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert str(tmp_path / "file") in refusal(tmp_path / "file").expected


def test_a_missing_file_is_named_and_what_is_there_is_shown(folder: Path) -> None:
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    error = refusal(folder)
    assert "t10k-labels-idx1-ubyte" in error.expected
    assert "t10k-images-idx3-ubyte.gz, train-images-idx3-ubyte.gz" in error.got


def test_an_empty_folder_is_said_to_be_empty(tmp_path: Path) -> None:
    assert refusal(tmp_path).got == "a folder that holds nothing"


def test_damage_is_found_with_a_cache_and_nothing_is_kept(folder: Path, tmp_path: Path) -> None:
    file = folder / "train-images-idx3-ubyte.gz"
    file.write_bytes(file.read_bytes()[:-9])
    for _ in range(2):
        assert str(file) in refusal(folder).expected
    assert list(tmp_path.glob("cache/*")) == []


def test_damage_after_a_good_load_is_found(folder: Path) -> None:
    load(folder)
    file = folder / "train-images-idx3-ubyte.gz"
    file.write_bytes(file.read_bytes()[:-9])
    assert str(file) in refusal(folder).expected


def test_training_and_test_images_have_one_size(
    folder: Path, idx: Callable[[np.ndarray], bytes]
) -> None:
    (folder / "t10k-images-idx3-ubyte.gz").write_bytes(idx(np.ones((20, 2, 3))))
    error = refusal(folder)
    assert error.got == "3x2 and 2x3 pixels"
    assert "train-images" in error.expected
    assert "t10k-images" in error.expected


def test_without_a_cache_the_user_is_told_once(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADORACLE_CACHE", str(folder / "t10k-images-idx3-ubyte.gz"))
    (note,) = load(folder).notes
    assert "cannot be cached" in note


def test_which_digits_are_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_digits().name == "UCI digits"
    monkeypatch.setenv("GRADORACLE_MNIST", "")
    assert open_digits().name == "UCI digits"
    monkeypatch.setenv("GRADORACLE_MNIST", str(folder))
    assert open_digits().name == "small"
    monkeypatch.setenv("GRADORACLE_MNIST", "nowhere")
    assert open_digits(folder).name == "small"
    with pytest.raises(InputError, match="nowhere"):
        open_digits()


@pytest.mark.skipif(not REAL, reason="GRADORACLE_MNIST does not name a folder with MNIST")
def test_the_real_mnist(tmp_path: Path) -> None:
    data = open_digits(REAL)
    assert data.name == "MNIST"
    assert data.train_images.shape == (60_000, 28, 28)
    assert data.test_images.shape == (10_000, 28, 28)
    train, test = binary(data, 5, 8, np.dtype(np.float32))
    assert train.X.shape == (784, 11_272)
    assert train.Y.shape == (1, 11_272)
    assert test.X.shape == (784, 1_866)
    assert (train.X.min(), train.X.max()) == (0, 1)
    again = load(REAL)  # from the cache
    np.testing.assert_array_equal(again.train_images, data.train_images)
    raw = gzip.decompress((Path(REAL) / "train-images-idx3-ubyte.gz").read_bytes())[16:]
    assert data.train_images.tobytes() == raw
