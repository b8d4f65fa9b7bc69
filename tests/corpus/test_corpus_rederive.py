"""Re-deriving: a frozen number that is wrong in its last bit is found and named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from corpus_copies import FEW, case_file, copy, edited

from gradoracle import corpus
from gradoracle.case import Case
from gradoracle.cli import main
from gradoracle.corpus import FrozenTruth, Library
from gradoracle.corpus.document import from_document, to_document
from gradoracle.corpus.numbers import to_hex
from gradoracle.corpus.place import Place
from gradoracle.corpus.rederive import rederive
from gradoracle.corpus.text import parse, to_text
from gradoracle.status import Status
from gradoracle.truth.balls import UndecidedError
from gradoracle.truth.reverse import Truth
from gradoracle.truth.second_route import Certificate
from shared import proven

SMALL = ("shape.*", "alone.*", "regression.*", "kink.*", "saturated.*.800")


@pytest.mark.parametrize("frozen", corpus.load(match=SMALL), ids=lambda frozen: frozen.case.id)
def test_frozen_numbers_are_derived_anew(frozen: corpus.Frozen) -> None:
    assert rederive(frozen) == []


def flip(name: str, *index: int) -> Any:
    """Return an edit that flips the last bit of one number of the truth."""

    def change(document: Any) -> None:
        field = document["truth"][name]
        texts, decimals = field["hex"], field["decimal"]
        for i in index[:-1]:
            texts, decimals = texts[i], decimals[i]
        last: Any = index[-1] if index else "hex"
        if not index:
            texts = decimals = field
        flipped = np.array(float.fromhex(texts[last]))
        flipped.view(np.int64)[()] ^= 1
        texts[last] = to_hex(float(flipped))
        decimals["decimal" if not index else last] = float(flipped)

    return change


@pytest.mark.parametrize(
    ("name", "index"), [("Z1", (3, 10)), ("J", ()), ("dW1", (0, 2)), ("db2", (0, 0))]
)
def test_one_bit_is_found_and_named(
    name: str, index: tuple[int, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "copy"
    library = edited(folder, flip(name, *index))
    found = rederive(library.find(FEW[0]))
    right = float(corpus.truth_of(FEW[0]).values[name][index])
    wrong = float(library.find(FEW[0]).truth.values[name][index])
    assert right != wrong
    assert [difference.field for difference in found] == [
        name + (str(list(index)) if index else "")
    ]
    assert main(["corpus", "verify", "--corpus", str(folder)]) == Status.WRONG
    streams = capsys.readouterr()
    assert "3 of 4 cases (4 in corpus 1.1.0)" in streams.out
    for part in (FEW[0], name, to_hex(right), to_hex(wrong), repr(right), repr(wrong)):
        assert part in streams.err.replace("\n", "")


def test_a_copy_as_it_is_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = copy(tmp_path / "copy")
    assert main(["corpus", "verify", "--corpus", str(folder)]) == Status.OK
    assert "4 of 4 cases (4 in corpus 1.1.0)" in capsys.readouterr().out
    assert main(["corpus", "verify", "--corpus", str(folder), "--quiet"]) == Status.OK
    assert capsys.readouterr().out == ""


def test_one_bit_of_an_input_changes_many_numbers(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        X = document["inputs"]["X"]
        X["decimal"][0][0] += 2.0**-12
        X["hex"][0][0] = to_hex(X["decimal"][0][0])

    found = rederive(edited(tmp_path / "copy", change).find(FEW[0]))
    assert len(found) > 40
    assert found[0].field == "Z1[0, 0]"


def test_a_negative_zero_is_not_a_zero() -> None:
    frozen = corpus.find("alone.relu")
    A1 = frozen.truth.values["A1"].copy()
    index = tuple(int(i) for i in np.argwhere(A1 == 0)[0])
    A1[index] = -0.0
    wrong = FrozenTruth({**frozen.truth.values, "A1": A1}, frozen.truth.radii)
    assert [d.field for d in rederive(replace(frozen, truth=wrong))] == [f"A1{list(index)}"]


def test_dtypes_are_derived_anew(tmp_path: Path) -> None:
    library = edited(tmp_path / "copy", lambda d: d.update(dtypes=["float64"]))
    found = rederive(library.find(FEW[0]))
    assert [str(d) for d in found] == [f"{FEW[0]} dtypes: frozen float64, derived float64, float32"]


def test_an_array_that_was_left_out_is_named() -> None:
    frozen = corpus.find(FEW[0])
    values, radii = dict(frozen.truth.values), dict(frozen.truth.radii)
    del values["dA2"], radii["dA2"]
    found = rederive(replace(frozen, truth=FrozenTruth(values, radii)))
    assert [str(d) for d in found] == [f"{FEW[0]} dA2: frozen absent, derived present"]


def test_an_undecided_entry_keeps_midpoint_and_radius(tmp_path: Path) -> None:
    frozen = corpus.find("shape.one-neuron")
    radii = {name: array.copy() for name, array in frozen.truth.radii.items()}
    radii["dX"][0, 1] = 2.0**-40
    radii["J"] = np.array(2.0**-30)
    text = to_text(
        to_document(replace(frozen, truth=FrozenTruth(frozen.truth.values, radii)))
    ).encode()
    place = Place(case_file(tmp_path))
    again = from_document(parse(text, place), place)
    assert again.truth.radii["dX"][0, 1] == 2.0**-40
    assert float(again.truth.radii["J"]) == 2.0**-30
    assert (again.truth.radii["dX"] == radii["dX"]).all()
    assert [d.field for d in rederive(again)] == ["radius of J", "radius of dX[0, 1]"]


def test_radii_enclose_those_of_the_proof() -> None:
    for case_id in FEW:
        truth, frozen = proven(case_id), corpus.truth_of(case_id)
        for name, values in truth.values.items():
            assert np.array_equal(values, frozen.values[name])
            assert (truth.radii[name] <= frozen.radii[name]).all()


def test_a_library_of_one_case_says_of_how_many(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy(tmp_path / "copy")
    assert main(["corpus", "verify", "--corpus", str(folder), "--case", "alone.*"]) == Status.OK
    assert "1 of 1 cases (4 in corpus 1.1.0)" in capsys.readouterr().out
    assert len(Library(folder).rows) == 4


def test_routes_that_disagree_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    frozen = corpus.find("alone.relu")
    line = "dW1[0, 0]: 1.0 by the reverse pass, 2.0 by the second route"
    answer = Certificate(100, 99, (line,))
    monkeypatch.setattr("gradoracle.corpus.rederive.certify", lambda case, truth: answer)
    assert [str(d) for d in rederive(frozen)] == [
        f"alone.relu second route: frozen by the reverse pass, derived {line}"
    ]


def test_a_case_that_cannot_be_decided_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def undecided(case: Case) -> Truth:
        raise UndecidedError("pre-activation on either side of 0, even at 2,048 bits")

    monkeypatch.setattr("gradoracle.corpus.rederive.truth", undecided)
    assert "derived none: pre-activation on either" in str(rederive(corpus.find("alone.relu"))[0])
