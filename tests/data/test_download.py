from __future__ import annotations

import gzip
import hashlib
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from gradoracle import InputError, MissingExtra
from gradoracle.data import download, fetch, load
from gradoracle.data.digits import MNIST
from gradoracle.data.whole import written_whole

pytest.importorskip("pooch", reason="the extra 'fetch' is not installed")


class Mirror(ThreadingHTTPServer):
    """Serve the small set, and misbehave where it is told to."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = files
        self.asked: list[str] = []
        self.trouble: dict[str, Callable[[BaseHTTPRequestHandler, bytes], None]] = {}
        self.url = f"http://127.0.0.1:{self.server_port}/mnist"


class _Handler(BaseHTTPRequestHandler):
    server: Mirror

    def do_GET(self) -> None:
        name = self.path.removeprefix("/mnist/")
        self.server.asked.append(name)
        self.server.trouble.get(name, answer)(self, self.server.files[name])

    def log_message(self, *args: object) -> None:
        pass


def answer(handler: BaseHTTPRequestHandler, body: bytes, length: int | None = None) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    handler.end_headers()
    handler.wfile.write(body)


def not_found(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
    handler.send_error(404)


def cut(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    answer(handler, body[: len(body) // 2], len(body))


def cut_and_unannounced(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    answer(handler, body[: len(body) // 2])


def another(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
    answer(handler, gzip.compress(b"something else"))


def web_page(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
    answer(handler, b"<html>Log in to the network</html>")


def silent(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
    handler.server.released.wait(30)  # type: ignore[attr-defined]


@pytest.fixture
def hashes(folder: Path, small: dict[str, np.ndarray]) -> dict[str, str]:
    return {
        name: hashlib.sha256(gzip.decompress((folder / f"{name}.gz").read_bytes())).hexdigest()
        for name in small
    }


@pytest.fixture
def mirror(folder: Path) -> Iterator[Mirror]:
    with Mirror({path.name: path.read_bytes() for path in folder.iterdir()}) as server:
        server.released = threading.Event()  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.released.set()  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "new" / "target"


def refusal(target: Path, url: str, hashes: dict[str, str], timeout: float = 10) -> InputError:
    with pytest.raises(InputError) as caught:
        fetch(target, url, files=hashes, timeout=timeout)
    assert "\n" not in str(caught.value)
    return caught.value


def names(target: Path) -> list[str]:
    return sorted(path.name for path in target.iterdir())


def test_the_four_files_come_and_can_be_loaded(
    mirror: Mirror, target: Path, hashes: dict[str, str], small: dict[str, np.ndarray]
) -> None:
    said: list[str] = []
    paths = fetch(target, mirror.url, files=hashes, say=said.append)
    assert [path.name for path in paths] == [f"{name}.gz" for name in hashes]
    assert names(target) == sorted(mirror.files)
    assert all((target / name).read_bytes() == raw for name, raw in mirror.files.items())
    assert len(said) == 4
    np.testing.assert_array_equal(load(target).test_images, small["t10k-images-idx3-ubyte"])


def test_the_second_time_nothing_is_downloaded(
    mirror: Mirror, target: Path, hashes: dict[str, str]
) -> None:
    first = fetch(target, mirror.url, files=hashes)
    said: list[str] = []
    assert fetch(target, "http://127.0.0.1:9", files=hashes, say=said.append) == first
    assert len(mirror.asked) == 4
    assert all("already there" in line for line in said)


def test_only_what_is_missing_or_damaged_is_downloaded(
    mirror: Mirror, target: Path, hashes: dict[str, str]
) -> None:
    fetch(target, mirror.url, files=hashes)
    mirror.asked.clear()
    missing, damaged, plain, _good = hashes
    (target / f"{missing}.gz").unlink()
    (target / f"{damaged}.gz").write_bytes(mirror.files[f"{damaged}.gz"][:-3])
    (target / f"{plain}.gz").unlink()
    (target / plain).write_bytes(gzip.decompress(mirror.files[f"{plain}.gz"]))
    fetch(target, mirror.url, files=hashes)
    assert mirror.asked == [f"{missing}.gz", f"{damaged}.gz"]
    assert load(target).train_images.shape == (40, 3, 2)


@pytest.mark.parametrize(
    ("trouble", "cause"),
    [
        (not_found, "HTTP status 404"),
        (cut, "the connection was cut"),
        (cut_and_unannounced, "a truncated file"),
        (another, "wrong content, SHA-256"),
        (web_page, "not a gzip file"),
    ],
)
def test_trouble_with_one_file_is_told_and_leaves_the_good_ones_only(
    mirror: Mirror, target: Path, hashes: dict[str, str], trouble: Callable, cause: str
) -> None:
    bad = "t10k-images-idx3-ubyte.gz"
    mirror.trouble[bad] = trouble
    error = refusal(target, mirror.url, hashes)
    assert error.expected.startswith(bad)
    assert error.got.startswith(f"{mirror.url}/: {cause}")
    assert "GRADORACLE_MNIST_URL" in error.mend
    assert names(target) == ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"]
    mirror.trouble.clear()
    mirror.asked.clear()
    fetch(target, mirror.url, files=hashes)
    assert mirror.asked == [bad, "t10k-labels-idx1-ubyte.gz"]


def test_a_failure_keeps_the_older_file(
    mirror: Mirror, target: Path, hashes: dict[str, str]
) -> None:
    fetch(target, mirror.url, files=hashes)
    name = "train-labels-idx1-ubyte.gz"
    (target / name).write_bytes(b"not what it should be")
    mirror.trouble[name] = cut
    refusal(target, mirror.url, hashes)
    assert (target / name).read_bytes() == b"not what it should be"
    assert names(target) == sorted(mirror.files)


def test_a_server_that_is_down_is_told_and_no_folder_is_left(
    target: Path, hashes: dict[str, str]
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound but not listening: refused
        error = refusal(target, f"http://127.0.0.1:{nobody.getsockname()[1]}/", hashes)
    assert "no connection" in error.got
    assert not target.parent.exists()


def test_a_server_that_does_not_answer_is_given_up(
    mirror: Mirror, target: Path, hashes: dict[str, str]
) -> None:
    mirror.trouble["train-images-idx3-ubyte.gz"] = silent
    assert "no answer in time" in refusal(target, mirror.url, hashes, timeout=0.2).got


def test_the_second_mirror_serves_what_the_first_does_not(
    mirror: Mirror, target: Path, hashes: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = "train-labels-idx1-ubyte.gz"
    refused = f"http://127.0.0.1:{mirror.server_port}/other/"  # KeyError there: cut at once
    monkeypatch.setattr(mirror, "handle_error", lambda *_: None)
    monkeypatch.setattr(download, "MIRRORS", (refused, f"{mirror.url}/"))
    fetch(target, files=hashes)
    assert names(target) == sorted(mirror.files)
    (target / bad).unlink()
    mirror.trouble[bad] = not_found
    with pytest.raises(InputError) as caught:
        fetch(target, files=hashes)
    assert refused in caught.value.got
    assert f"{mirror.url}/: HTTP status 404" in caught.value.got


def test_an_interrupt_leaves_nothing_half_written(
    mirror: Mirror, target: Path, hashes: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def interrupt(_self: object, _url: str, path: str, _pooch: None) -> None:
        Path(path).write_bytes(b"half")
        seen.extend(names(target))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pooch.HTTPDownloader.__call__", interrupt)
        with pytest.raises(KeyboardInterrupt):
            fetch(target, mirror.url, files=hashes)
    assert len(seen) == 1
    assert seen[0].endswith(".part")
    assert not target.exists()
    fetch(target, mirror.url, files=hashes)


def test_the_environment_names_a_mirror(
    mirror: Mirror, target: Path, hashes: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADORACLE_MNIST_URL", mirror.url)
    fetch(target, files=hashes)
    assert len(mirror.asked) == 4


def test_an_address_that_is_none_is_refused(target: Path) -> None:
    with pytest.raises(InputError, match="http"):
        fetch(target, "ftp://127.0.0.1/mnist")
    assert not target.exists()


def test_a_folder_that_cannot_be_made_is_told(
    mirror: Mirror, tmp_path: Path, hashes: dict[str, str]
) -> None:
    (tmp_path / "file").write_text("")
    error = refusal(tmp_path / "file" / "folder", mirror.url, hashes)
    assert str(tmp_path / "file") in error.expected
    assert mirror.asked == []


def test_a_full_disk_is_not_blamed_on_the_mirror(
    mirror: Mirror, target: Path, hashes: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pooch.HTTPDownloader.__call__", full)
    error = refusal(target, mirror.url, hashes)
    assert error.got == "No space left on device"
    assert str(target) in error.expected
    assert not target.exists()


def test_without_pooch_the_extra_is_named(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(MissingExtra, match=r"gradoracle\[fetch\]"):
        fetch(target)
    assert not target.exists()


def test_the_known_hashes_are_those_of_four_files() -> None:
    assert len(MNIST) == len(set(MNIST.values())) == 4
    assert all(len(bytes.fromhex(sha256)) == 32 for sha256 in MNIST.values())


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "file"
    with written_whole(target) as partial:
        partial.write_text("old")
    with suppress(ZeroDivisionError), written_whole(target) as partial:
        partial.write_text("half")
        _ = 1 / 0
    assert target.read_text() == "old"
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("path", [None, 3, "", "a\0b", b"mnist"])
def test_no_path(path):
    for use in (fetch, load):
        with pytest.raises(InputError, match="a path"):
            use(path)


def test_no_address(tmp_path):
    with pytest.raises(InputError, match="the address of a mirror"):
        fetch(tmp_path, url=3)


def test_a_folder_that_cannot_be_looked_into(tmp_path, monkeypatch):
    def refuse(self, **_):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "exists", refuse)
    with pytest.raises(InputError, match="Permission denied"):
        fetch(tmp_path / "unreadable" / "z", url="http://127.0.0.1:1/")
