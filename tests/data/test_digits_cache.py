from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gradoracle import InputError
from gradoracle.data import cache
from gradoracle.data.idx import IdxFile, Pair

PAIR = Pair(np.arange(24, dtype=np.uint8).reshape(4, 3, 2), np.array([5, 8, 5, 0], np.uint8))
FILES = IdxFile("images", b"image bytes"), IdxFile("labels", b"label bytes")


class Parser:
    """Count the calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, _images: IdxFile, _labels: IdxFile) -> Pair:
        self.calls += 1
        return PAIR


@pytest.fixture
def parse() -> Parser:
    return Parser()


def kept() -> list[Path]:
    return sorted(cache.cache_folder().glob("*")) + sorted(cache.cache_folder().glob(".*"))


def assert_same(got: Pair) -> None:
    np.testing.assert_array_equal(got.images, PAIR.images, strict=True)
    np.testing.assert_array_equal(got.labels, PAIR.labels, strict=True)


def test_the_second_time_nothing_is_parsed(parse: Parser) -> None:
    for _ in range(2):
        pair, note = cache.cached(parse, *FILES)
        assert_same(pair)
        assert note is None
    assert parse.calls == 1
    assert len(kept()) == 1  # and no temporary file


@pytest.mark.parametrize(
    "other",
    [
        (IdxFile("images", b"image byteS"), FILES[1]),
        (FILES[0], IdxFile("labels", b"label byteS")),
        (IdxFile("images", b"image byte"), IdxFile("labels", b"slabel bytes")),
    ],
)
def test_other_bytes_are_parsed(parse: Parser, other: tuple[IdxFile, IdxFile]) -> None:
    cache.cached(parse, *FILES)
    cache.cached(parse, *other)
    assert parse.calls == 2


def test_the_same_bytes_under_another_name_are_not_parsed(parse: Parser) -> None:
    cache.cached(parse, *FILES)
    cache.cached(parse, IdxFile("elsewhere", FILES[0].raw), FILES[1])
    assert parse.calls == 1


def test_a_cache_file_with_a_bit_flipped_anywhere_never_gives_other_digits(parse: Parser) -> None:
    cache.cached(parse, *FILES)
    (file,) = kept()
    whole = file.read_bytes()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 8
        file.write_bytes(damaged)
        pair, note = cache.cached(parse, *FILES)
        assert_same(pair)
        assert note is None
    assert parse.calls > len(whole) / 2  # the rest is in what zip does not use, such as times


def test_a_truncated_cache_file_is_rebuilt(parse: Parser) -> None:
    cache.cached(parse, *FILES)
    (file,) = kept()
    whole = file.read_bytes()
    for size in (0, 1, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:size])
        assert_same(cache.cached(parse, *FILES)[0])
        assert file.read_bytes() == whole
    assert parse.calls == 5


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return pytest.fail, ("a pickle was executed",)


@pytest.mark.parametrize(
    "content",
    [
        {"images": np.array([Bomb()], object), "labels": PAIR.labels},  # a pickle
        {"images": PAIR.images.astype(np.int64), "labels": PAIR.labels},
        {"images": PAIR.images, "labels": PAIR.labels[:3]},
        {"images": PAIR.images},
    ],
)
def test_a_cache_file_of_other_content_is_rebuilt_and_never_unpickled(
    parse: Parser, content: dict[str, np.ndarray]
) -> None:
    cache.cached(parse, *FILES)
    (file,) = kept()
    np.savez(file, **content)
    assert_same(cache.cached(parse, *FILES)[0])
    assert parse.calls == 2


def test_a_cache_that_cannot_be_written_costs_a_note_only(
    parse: Parser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "a file" / "cache"))
    pair, note = cache.cached(parse, *FILES)
    assert_same(pair)
    assert note is not None
    assert "GRADORACLE_CACHE" in note
    assert "a file" in note


def test_a_full_disk_leaves_nothing_half_written(
    parse: Parser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(stream: object, **_arrays: object) -> None:
        stream.write(b"half")  # type: ignore[attr-defined]
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    pair, note = cache.cached(parse, *FILES)
    assert_same(pair)
    assert "No space left" in str(note)
    assert kept() == []


def test_what_does_not_parse_is_not_kept() -> None:
    def refuse(_images: IdxFile, _labels: IdxFile) -> Pair:
        raise InputError("a", "b", "c")

    with pytest.raises(InputError):
        cache.cached(refuse, *FILES)
    assert kept() == []


def test_the_default_folder_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(cache.VARIABLE)
    assert "gradoracle" in str(cache.cache_folder())


def test_nothing_optional_or_slow_is_imported_before_it_is_needed() -> None:
    code = (
        "import sys, gradoracle.data\n"
        "late = {'mnist', 'pooch', 'platformdirs', 'requests', 'sklearn'} & set(sys.modules)\n"
        "sys.exit(', '.join(late) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
