"""Freezing: the same bytes again, whole folders or none, versions that say what changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpus_copies import FEW, copy

from gradoracle import corpus
from gradoracle.corpus.drawn import drawn
from gradoracle.corpus.freeze import check_version, freeze
from gradoracle.corpus.library import PACKAGED, Library
from gradoracle.corpus.magnitude import dtypes_of
from gradoracle.corpus.writing import texts, write
from gradoracle.errors import InputError
from gradoracle.truth.reverse import truth

FROZEN = corpus.load(match=FEW)
SAME = corpus.packaged().version
NEXT = "1.{}.0".format(int(SAME.split(".")[1]) + 1)


def test_freezing_again_gives_the_same_bytes() -> None:
    again = [freeze(case) for case in drawn() if case.id in FEW]
    for name, text in texts(again, SAME).items():
        if name.startswith("cases/"):
            assert (PACKAGED / name).read_bytes() == text


def test_writing_replaces_a_folder_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "v1"
    write(folder, texts(FROZEN, SAME))
    write(folder, texts(FROZEN[:1], SAME))
    assert len(list((folder / "cases").iterdir())) == 1
    assert len(Library(folder).load()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["v1"]


def test_what_was_there_stays_if_writing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy(tmp_path / "v1")
    before = {path: path.read_bytes() for path in folder.rglob("*.json")}
    real = Path.rename

    def failing(path: Path, target: Path) -> Path:
        if path.name == "fresh":
            raise OSError(28, "No space left on device")
        return real(path, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match="No space left"):
        write(folder, texts(FROZEN[:1], SAME))
    assert {path: path.read_bytes() for path in folder.rglob("*.json")} == before
    assert [path.name for path in tmp_path.iterdir()] == ["v1"]


def test_a_frozen_case_neither_changes_nor_goes_in_a_minor_version(tmp_path: Path) -> None:
    folder = copy(tmp_path / "v1")
    same = texts(FROZEN, SAME)
    check_version(folder, same, SAME)
    check_version(tmp_path / "none", same, SAME)
    name = f"cases/{FEW[0]}.json"
    with pytest.raises(InputError, match=f"1 changed or gone, {name}.*raise the major version"):
        check_version(folder, same | {name: same[name] + b" "}, "1.4.0")
    with pytest.raises(InputError, match="3 changed or gone"):
        check_version(folder, texts(FROZEN[:1], "1.4.0"), "1.4.0")
    check_version(folder, texts(FROZEN[:1], "2.0.0"), "2.0.0")


def test_a_new_case_raises_the_minor_version(tmp_path: Path) -> None:
    folder = copy(tmp_path / "v1")
    more = texts([*FROZEN, corpus.find("alone.tanh")], SAME)
    with pytest.raises(InputError, match=r"1 new cases, cases/alone\.tanh\.json"):
        check_version(folder, more, SAME)
    check_version(folder, more, NEXT)


def test_another_level_raises_the_minor_version(tmp_path: Path) -> None:
    folder = copy(tmp_path / "v1")
    same = texts(FROZEN, SAME)
    name = f"cases/{FEW[0]}.json"
    files = same | {name: same[name].replace(b'"level": "required"', b'"level": "stress"')}
    assert files[name] != same[name]
    with pytest.raises(InputError, match=f"1 cases of another level, {name}"):
        check_version(folder, files, SAME)
    check_version(folder, files, NEXT)
    files[name] = files[name].replace(b'"level": "stress"', b'"level": "stress" ')
    with pytest.raises(InputError, match="1 changed or gone"):
        check_version(folder, files, NEXT)


def test_dtypes_end_where_a_sum_of_magnitudes_does() -> None:
    case = next(case for case in drawn() if case.id == "scale.inputs-large")
    values = truth(case).values
    assert dtypes_of(case, values) == ("float64", "float32")
    assert dtypes_of(case, {**values, "Z1": values["Z1"] * 1e30, "A1": values["A1"] * 1e30}) == (
        "float64",
    )
    assert dtypes_of(case, {**values, "A1": values["A1"] * 1e200}) == ()
