from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from contextlib import suppress

import numpy as np
import pytest

from gradoracle import InputError
from gradoracle.data import idx as idx_module
from gradoracle.data.idx import IdxFile, read_pair

Write = Callable[[np.ndarray], bytes]

IMAGES = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3)
LABELS = np.array([5, 8, 0, 9, 5], np.uint8)


def refusal(images: bytes, labels: bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        read_pair(IdxFile("folder/images", images), IdxFile("folder/labels", labels))
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("at_a_time", [1, 2, 5, 100])
def test_what_python_mnist_parses_is_what_was_written(
    idx: Write, pack: Callable[[bytes], bytes], at_a_time: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idx_module, "_IMAGES_AT_A_TIME", at_a_time)
    pair = read_pair(IdxFile("i", pack(idx(IMAGES))), IdxFile("l", pack(idx(LABELS))))
    np.testing.assert_array_equal(pair.images, IMAGES, strict=True)
    np.testing.assert_array_equal(pair.labels, LABELS, strict=True)


def test_python_mnist_does_the_parsing(idx: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = idx_module._python_mnist()
    calls = []
    original = reader.load
    monkeypatch.setattr(reader, "load", lambda *a: calls.append(a) or original(*a))
    read_pair(IdxFile("i", idx(IMAGES)), IdxFile("l", idx(LABELS)))
    assert calls


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_file_cut_anywhere_is_refused_by_name(idx: Write, pack: Callable[[bytes], bytes]) -> None:
    images, labels = pack(idx(IMAGES)), pack(idx(LABELS))
    for size in range(len(images)):
        assert "folder/images" in refusal(images[:size], labels).expected
    for size in range(len(labels)):
        assert "folder/labels" in refusal(images, labels[:size]).expected


def test_a_gzip_file_with_any_bit_flipped_is_refused_unless_the_content_is_the_same(
    idx: Write,
) -> None:
    images, labels = gzip.compress(idx(IMAGES)), idx(LABELS)
    accepted = 0
    for place in range(len(images)):
        for bit in range(8):
            damaged = bytearray(images)
            damaged[place] ^= 1 << bit
            with suppress(InputError):
                pair = read_pair(IdxFile("images", bytes(damaged)), IdxFile("labels", labels))
                np.testing.assert_array_equal(pair.images, IMAGES)
                accepted += 1
    assert accepted <= 8 * 8  # the time, the name of the system, padding


def test_damage_that_changes_the_length_is_called_damage(idx: Write) -> None:
    packed = bytearray(gzip.compress(idx(IMAGES) + bytes(1000)))
    packed[-5] ^= 1  # in the checksum
    assert "damaged" in refusal(bytes(packed), idx(LABELS)).got


def test_bytes_after_the_end_are_refused(idx: Write) -> None:
    assert refusal(idx(IMAGES) + b"\0", idx(LABELS)).got == "more"
    assert "damaged" in refusal(gzip.compress(idx(IMAGES)) + b"junk", idx(LABELS)).got


def test_images_and_labels_exchanged_are_told(idx: Write) -> None:
    error = refusal(idx(LABELS), idx(IMAGES))
    assert error.expected == "an IDX file of images (magic number 2051) in folder/images"
    assert error.got == "a file of labels (magic number 2049)"
    assert "exchanged" in error.mend


@pytest.mark.parametrize(
    ("raw", "got"),
    [
        (b"", "0 bytes: the file is truncated"),
        (b"\n <html>Forbidden</html>", "a web page"),
        (b"PK\x03\x04 and so on", "the magic number 1347093252"),
        (struct.pack(">4I", 0x0D03, 1, 1, 1) + bytes(4), "the magic number 3331"),  # floats
        (struct.pack(">4I", 2051, 0, 28, 28), "the dimensions 0 x 28 x 28"),
        (struct.pack(">4I", 2051, 2**32 - 1, 2**32 - 1, 2**32 - 1), "the dimensions 4294967295 x"),
        (struct.pack(">4I", 2051, 5, 4, 4) + IMAGES.tobytes(), "60: the file is truncated"),
    ],
)
def test_what_is_no_idx_file_of_images_is_refused(idx: Write, raw: bytes, got: str) -> None:
    error = refusal(raw, idx(LABELS))
    assert error.got.startswith(got)
    assert "folder/images" in error.expected


def test_numbers_of_images_and_labels_must_agree(idx: Write) -> None:
    error = refusal(idx(IMAGES), idx(LABELS[:4]))
    assert error.got == "4 labels and 5 images"
    assert "folder/images" in error.expected
    assert "folder/labels" in error.expected


def test_labels_are_digits(idx: Write) -> None:
    assert refusal(idx(IMAGES), idx(np.array([0, 1, 2, 10, 3]))).got == "the label 10"


def test_a_python_mnist_that_is_another_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "mnist", None)
    with pytest.raises(InputError, match="python-mnist"):
        idx_module._python_mnist()
