"""`gradoracle cases`, `show` and `corpus emit`: what they print and write."""

from __future__ import annotations

import io
import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from rich.console import Console

from gradoracle import corpus
from gradoracle.cli import main
from gradoracle.corpus import Library
from gradoracle.corpus.writing import SCHEMAS
from gradoracle.report.show import print_cases
from gradoracle.status import Status

SOME = ("shape.*", "saturated.*.800", "scale.*", "weights.*", "depth.20", "l2.*", "mixed.*")

Capture = pytest.CaptureFixture[str]


def ids(text: str) -> list[str]:
    known = {row.id for row in corpus.packaged().rows}
    return [word for line in text.splitlines() for word in line.split()[:1] if word in known]


def test_cases_lists_all_of_them(capsys: Capture) -> None:
    assert main(["cases"]) == Status.OK
    text = capsys.readouterr().out
    assert ids(text) == [row.id for row in corpus.packaged().rows]
    assert f"{len(ids(text))} of the {len(ids(text))} cases of corpus 1.1.0" in text
    assert "b^[l]" in text  # brackets are no markup


def test_cases_filters(capsys: Capture) -> None:
    assert main(["cases", "--flag", "convention"]) == Status.OK
    assert set(ids(capsys.readouterr().out)) == {
        row.id for row in corpus.packaged().rows if row.id.startswith("kink.")
    }
    assert main(["cases", "--case", "two-layer.*", "--case", "alone.tanh"]) == Status.OK
    assert "6 of the" in capsys.readouterr().out


def test_cases_that_are_none(capsys: Capture) -> None:
    assert main(["cases", "--flag", "nope"]) == Status.NOTHING
    assert "flags of these cases are convention, " in capsys.readouterr().err
    assert main(["cases", "--case", "nope"]) == Status.NOTHING
    assert main(["cases", "--level", "nope"]) == Status.BAD_REQUEST


def test_a_narrow_terminal_gets_two_lines_a_case() -> None:
    console = Console(width=80, record=True, file=io.StringIO())
    print_cases([corpus.find("two-layer.relu-bce")], 1, "1.0.0", console)
    lines = console.export_text().splitlines()
    assert lines[0].startswith("two-layer.relu-bce  required, 5-4-1 relu sigmoid, binary")
    assert lines[1].startswith("    anything wrong")


def test_cases_as_json(tmp_path: Path, capsys: Capture) -> None:
    assert main(["cases", "--level", "stress", "--json", "-"]) == Status.OK
    found = json.loads(capsys.readouterr().out)
    assert found["count"] == len(found["cases"]) == len(corpus.load("stress"))
    assert found["of"] == len(corpus.load())
    row = next(row for row in found["cases"] if row["id"] == "scale.inputs-beyond-float32")
    assert row["dtypes"] == ["float64"]
    assert row["n"] == 7
    target = tmp_path / "cases.json"
    assert main(["cases", "--json", str(target)]) == Status.OK
    assert len(json.loads(target.read_text("utf-8"))["cases"]) == len(corpus.load())
    assert main(["cases", "--json", str(tmp_path / "no" / "folder.json")]) == Status.BAD_REQUEST
    assert "folder.json: No such file" in capsys.readouterr().err


@pytest.mark.parametrize("frozen", corpus.load(match=SOME), ids=lambda f: f.case.id)
def test_show_prints_any_case(frozen: corpus.Frozen, capsys: Capture) -> None:
    assert main(["show", frozen.case.id]) == Status.OK
    text = capsys.readouterr().out
    for name in ("X", "Y", *frozen.truth.values):
        assert f"\n{name} (" in text
    assert "every entry is correctly rounded" in text
    assert frozen.case.id in text


def test_show_says_everything_of_a_case(capsys: Capture) -> None:
    assert main(["show", "digits.64-4-1.relu-bce"]) == Status.OK
    short = capsys.readouterr().out
    for part in ("64-4-1 relu sigmoid", "6 examples", "two-layer.relu-bce", "sigma float32", "..."):
        assert part in short
    assert main(["show", "digits.64-4-1.relu-bce", "--full"]) == Status.OK
    whole = capsys.readouterr().out
    assert "..." not in whole
    value = float(corpus.truth_of("digits.64-4-1.relu-bce").values["dW1"][1, 11])
    assert f"{value:.16e}" in whole
    assert f"{value:.16e}" not in short


def test_show_as_json_is_the_frozen_document_and_the_rounding(capsys: Capture) -> None:
    assert main(["show", "two-layer.relu-bce", "--json", "-"]) == Status.OK
    found = json.loads(capsys.readouterr().out)
    rounding = found.pop("rounding")
    jsonschema.validate(found, json.loads((SCHEMAS / "case.json").read_text("utf-8")))
    assert set(rounding) == {"float64", "float32"}
    assert np.array(rounding["float32"]["dW1"]["sigma"]).shape == (4, 5)
    assert isinstance(rounding["float64"]["J"]["bound"], float)


def test_json_has_no_infinity(capsys: Capture) -> None:
    for case_id in ("weights.constant", "saturated.binary_cross_entropy.800"):
        assert main(["show", case_id, "--json", "-"]) == Status.OK
        text = capsys.readouterr().out
        assert "Infinity" not in text
        assert "NaN" not in text


def test_show_of_an_unknown_case(capsys: Capture) -> None:
    assert main(["show", "two-layer.relu"]) == Status.BAD_REQUEST
    streams = capsys.readouterr()
    assert streams.out == ""
    assert len(streams.err.splitlines()) == 1
    assert "did you mean two-layer.relu-" in streams.err


def test_emit_without_answers(tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "new" / "cases"
    assert main(["corpus", "emit", "--out", str(out), "--level", "stress"]) == Status.OK
    assert "without answers" in capsys.readouterr().out
    schema = json.loads((out / "schema" / "case.json").read_text("utf-8"))
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert len(manifest["cases"]) == len(corpus.load("stress"))
    for row in manifest["cases"]:
        document = json.loads((out / row["file"]).read_text("utf-8"))
        assert "truth" not in document
        jsonschema.validate(document, schema)


def test_emit_with_answers_can_be_loaded_and_verified(tmp_path: Path) -> None:
    out = tmp_path / "cases"
    arguments = ["corpus", "emit", "--out", str(out), "--case", "alone.*", "--with-answers"]
    assert main(arguments) == Status.OK
    found = Library(out).load()
    assert len(found) == 10
    for frozen in found:
        own = corpus.truth_of(frozen.case.id)
        assert all(np.array_equal(own.values[n], v) for n, v in frozen.truth.values.items())
    assert main(["corpus", "verify", "--corpus", str(out), "--quiet"]) == Status.OK


def test_emit_overwrites_nothing(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    assert main(["corpus", "emit", "--out", str(tmp_path)]) == Status.BAD_REQUEST
    assert "a folder that is new or empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    (tmp_path / "file").write_text("keep")
    assert main(["corpus", "emit", "--out", str(tmp_path / "file")]) == Status.BAD_REQUEST


def test_emit_of_nothing(tmp_path: Path) -> None:
    arguments = ["corpus", "emit", "--out", str(tmp_path / "new"), "--case", "nope"]
    assert main(arguments) == Status.NOTHING
    assert not (tmp_path / "new").exists()
