"""The files of a report: whole or not at all, and what cannot work is refused before the run."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from report_samples import one, whole

from gradoracle.errors import InputError
from gradoracle.report.outputs import WRITERS, check_targets, put, write

posix = pytest.mark.skipif(os.name == "nt", reason="modes, links and /dev are of POSIX")


def test_every_form_is_written(tmp_path: Path) -> None:
    targets: dict[str, Any] = {form: tmp_path / form for form in WRITERS}
    assert write(whole(one()), **targets) == ()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(WRITERS)
    assert all(path.stat().st_size for path in tmp_path.iterdir())


def test_a_partial_run_leaves_the_badge_out_and_says_so(tmp_path: Path) -> None:
    (note,) = write(one(), badge=tmp_path / "badge.json", json=tmp_path / "r.json")
    assert "badge.json is not written" in note
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]


@pytest.mark.parametrize("step", ["write", "replace", "chmod"])
def test_old_content_stays_when_a_write_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    target = tmp_path / "report.json"
    target.write_text("old", encoding="utf-8")

    def full(*_args: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    if step == "write":
        monkeypatch.setattr(tempfile._TemporaryFileWrapper, "write", full, raising=False)
    else:
        monkeypatch.setattr(Path, step, full)
    with pytest.raises(InputError, match="No space left"):
        put("new", str(target))
    monkeypatch.undo()
    assert target.read_text("utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_nothing_is_left_after_ctrl_c(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        put("new", str(tmp_path / "report.json"))
    assert list(tmp_path.iterdir()) == []


def test_a_writer_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "badge.json"
    target.write_text("old", encoding="utf-8")
    write(one(), badge=target)  # partial
    assert target.read_text("utf-8") == "old"


@posix
def test_modes_and_links_stay(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("old", encoding="utf-8")
    file.chmod(0o640)
    link.symlink_to(file)
    put("new", str(link))
    assert link.is_symlink()
    assert file.read_text("utf-8") == "new"
    assert file.stat().st_mode & 0o777 == 0o640


@posix
def test_a_device_is_written_to_and_not_replaced() -> None:
    put("new", "/dev/null")
    assert not Path("/dev/null").is_file()


def test_dash_is_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    write(one(), junit="-")
    assert capsys.readouterr().out.endswith("</testsuites>\n")


def test_one_dash_at_most() -> None:
    check_targets(json="-", junit="x.xml", html=None)
    with pytest.raises(InputError, match="--json and --html"):
        check_targets(json="-", html="-")


@pytest.mark.parametrize("other", ["r.out", "./r.out", "sub/../r.out", "link"])
def test_one_file_for_two_forms_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    if other == "link":
        try:
            (tmp_path / "link").symlink_to(tmp_path / "r.out")
        except OSError:
            pytest.skip("this user may not make links")
    check_targets(json="r.out", junit="r.xml")
    with pytest.raises(InputError, match="--json and --junit"):
        check_targets(json="r.out", junit=other)
    with pytest.raises(InputError, match="--json and --junit"):
        write(one(), json="r.out", junit=other)
    assert not (tmp_path / "r.out").exists()


@posix
def test_two_forms_may_go_to_a_device() -> None:
    check_targets(json="/dev/null", junit="/dev/null")


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="mkdir -p"):
        check_targets(html=tmp_path / "absent" / "report.html")


@pytest.mark.parametrize("target", ["", "."])
def test_what_is_no_file_is_refused(target: str) -> None:
    with pytest.raises(InputError, match="--markdown"):
        check_targets(markdown=target)
