"""A corpus file that is not what it should be: file, id and field are named, on one line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from corpus_copies import FEW, case_file, copy, edit, edited, hash_anew

from gradoracle.cli import main
from gradoracle.corpus import Library
from gradoracle.errors import InputError
from gradoracle.status import Status

CASE = FEW[0]


def message(library: Library) -> str:
    with pytest.raises(InputError) as caught:
        library.load()
    text = str(caught.value)
    assert "\n" not in text
    return text


def put(*path: str | int, value: object) -> Callable[[Any], None]:
    """Return an edit that sets one field of a document."""

    def change(document: Any) -> None:
        for key in path[:-1]:
            document = document[key]
        document[path[-1]] = value

    return change


def drop(*path: str | int) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        for key in path[:-1]:
            document = document[key]
        del document[path[-1]]

    return change


HEX = "a finite float64 as printf's %a writes it"


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        (put("format", value=2), "format", "format 1; got 2"),
        (drop("format"), "format", "format 1; got None"),
        (drop("inputs"), "inputs", "this field; got none"),
        (drop("truth"), "truth", "this field; got none"),
        (put("more", value=1), "more", "no field but format, id"),
        (put("level", value="optional"), "level", "level"),
        (put("level", value=3), "level", "a text; got 3"),
        (put("needs", value="shape.one-neuron"), "needs", "a list of texts"),
        (put("dtypes", value=["float16"]), "dtypes", "some of float64, float32; got float16"),
        (put("dtypes", value=[]), "dtypes", "got none"),
        (put("network", value=[]), "network", "an object with sizes"),
        (put("network", "sizes", value=[5, 4]), "network", "1 activations"),
        (put("network", "sizes", value="5-4-1"), "network.sizes", "a list of layer sizes"),
        (put("network", "sizes", value=[5, 4, 2]), "inputs.W2.shape", "[2, 4]; got [1, 4]"),
        (put("network", "activations", value=["relu", "relux"]), "network", "'relux'"),
        (put("network", "loss", value="hinge"), "network", "'hinge'"),
        (put("network", "l2", "hex", value="0x1p-5"), "network.l2.decimal", "0.03125, as in hex"),
        (put("inputs", "X", "shape", value=[5]), "inputs.X.shape", "[n_0, n]; got [5]"),
        (put("inputs", "X", "shape", value=[5, 12]), "inputs.X.hex[0]", "12 numbers; got 11"),
        (put("inputs", "X", value=7), "inputs.X.shape", "[n_0, n]"),
        (put("inputs", "Y", value=7), "inputs.Y", "an object with shape, hex, decimal"),
        (put("inputs", "W1", "shape", value=[5, 4]), "inputs.W1.shape", "[4, 5]; got [5, 4]"),
        (put("inputs", "W1", "hex", value=[]), "inputs.W1.hex", "a list of 4 rows; got 0"),
        (put("inputs", "W1", "hex", 2, value=["0x1p+0"]), "inputs.W1.hex[2]", "5 numbers; got 1"),
        (put("inputs", "W1", "hex", 2, 3, value="0.1"), "inputs.W1.hex[2][3]", f"{HEX}"),
        (put("inputs", "W1", "hex", 2, 3, value=0.5), "inputs.W1.hex[2][3]", "got 0.5"),
        (put("inputs", "W1", "hex", 2, 3, value="one"), "inputs.W1.hex[2][3]", "got 'one'"),
        (put("inputs", "W1", "hex", 2, 3, value="nan"), "inputs.W1.hex[2][3]", "got 'nan'"),
        (put("inputs", "W1", "hex", 2, 3, value="inf"), "inputs.W1.hex[2][3]", "got 'inf'"),
        (put("inputs", "W1", "hex", 2, 3, value="0x1p+1024"), "inputs.W1.hex[2][3]", "larger"),
        (put("inputs", "W1", "hex", 2, 3, value="0x1p-1080"), "inputs.W1.hex[2][3]", HEX),
        (put("inputs", "W1", "hex", 2, 3, value="0x1.80p+0"), "inputs.W1.hex[2][3]", HEX),
        (put("inputs", "W1", "hex", 2, 3, value="0x1.00000000000001p+0"), "W1.hex[2][3]", HEX),
        (put("inputs", "W1", "hex", 2, 3, value="__import__('os')"), "W1.hex[2][3]", HEX),
        (put("inputs", "W1", "decimal", 2, 3, value=7.0), "inputs.W1.decimal[2][3]", "got 7.0"),
        (drop("inputs", "b2"), "inputs.b2", "this field; got none"),
        (put("inputs", "W3", value={}), "inputs.W3", "no field but W1, b1"),
        (put("truth", "J", "hex", value=["0x1p+0"]), "truth.J.hex", "one number; got a list"),
        (drop("truth", "dX"), "truth.dX", "this field; got none"),
        (drop("truth", "dA1"), "truth.dA1", "this field; got none"),
        (put("truth", "dQ", value={}), "truth.dQ", "no field but Z1"),
        (put("truth", "dW1", "radius", value=[]), "truth.dW1.radius", "radii of shape [4, 5]"),
    ],
)
def test_a_wrong_field_is_named(
    change: Callable[[Any], None], field: str, said: str, tmp_path: Path
) -> None:
    text = message(edited(tmp_path / "copy", change))
    assert str(case_file(tmp_path / "copy")) in text
    assert said in text
    assert field in text
    if not field.startswith("format"):
        assert CASE in text.split(".json", 1)[1]


def test_an_input_that_float32_cannot_hold(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        document["inputs"]["X"]["hex"][1][2] = "0x1.0000001p+0"
        document["inputs"]["X"]["decimal"][1][2] = 1 + 2.0**-28

    text = message(edited(tmp_path / "copy", change))
    assert "inputs.X[1][2]: a number that is exact in float32; got 1.0000000037" in text


def test_labels_that_the_loss_refuses(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        document["inputs"]["Y"]["hex"][0][2] = "0x1p+1"
        document["inputs"]["Y"]["decimal"][0][2] = 2.0

    assert "labels between 0 and 1" in message(edited(tmp_path / "copy", change))


def test_an_edited_file(tmp_path: Path) -> None:
    folder = copy(tmp_path / "copy")
    path = case_file(folder)
    path.write_bytes(path.read_bytes().replace(b"0x1.", b"0x1.1", 1))
    text = message(Library(folder))
    assert str(path) in text
    assert CASE in text.split(".json", 1)[1]
    assert "SHA-256" in text
    assert "cut short or edited" in text


def test_a_truncated_file(tmp_path: Path) -> None:
    folder = copy(tmp_path / "copy")
    path = case_file(folder)
    path.write_bytes(path.read_bytes()[:1000])
    assert "1,000 bytes: it was cut short or edited" in message(Library(folder))
    hash_anew(folder)
    text = message(Library(folder))
    assert str(path) in text
    assert "JSON" in text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "JSON; got Expecting value in line 1"),
        (b"\xff\xfe", "text in UTF-8; got byte 0"),
        (b"[" * 100_000, "JSON"),
        (b"[]", "an object; got list"),
        (b'{"format": NaN}', "finite numbers; got NaN"),
        (b'{"format": 1, "format": 1}', "format: every key once"),
    ],
)
def test_a_file_that_is_no_case(content: bytes, said: str, tmp_path: Path) -> None:
    folder = copy(tmp_path / "copy")
    case_file(folder).write_bytes(content)
    hash_anew(folder)
    text = message(Library(folder))
    assert str(case_file(folder)) in text
    assert said in text


def test_a_missing_file(tmp_path: Path) -> None:
    folder = copy(tmp_path / "copy")
    case_file(folder).unlink()
    assert f"{case_file(folder)}, {CASE}: a file; got no file" in message(Library(folder))


def test_a_case_under_another_name(tmp_path: Path) -> None:
    folder = copy(tmp_path / "copy")
    shutil.copy(case_file(folder, FEW[1]), case_file(folder))
    hash_anew(folder)
    assert f"{FEW[1]}, id" not in message(Library(folder))
    assert f"id: {CASE}; got {FEW[1]}" in message(Library(folder))


def test_a_case_at_another_level(tmp_path: Path) -> None:
    text = message(edited(tmp_path / "copy", put("level", value="stress")))
    assert "level: required, as the manifest says; got stress" in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (put("format", value=99), "format: format 1; got 99"),
        (put("version", value=1), "version: a version like 1.0.0; got 1"),
        (put("cases", value=[]), "cases: a list of cases; got []"),
        (put("cases", value="all"), "cases: a list of cases; got 'all'"),
        (put("cases", 0, value={}), "cases[0]: id, level, file and sha256"),
        (put("cases", 0, "level", value="optional"), "level: one of required"),
        (put("cases", 0, "sha256", value=1), "cases[0].sha256: a text; got 1"),
        (put("cases", 0, "file", value="../../secret.json"), "got ../../secret.json"),
        (put("count", "stress", value=7), "count: {'required': 4"),
        (lambda m: m["cases"].append(m["cases"][0]), f"{CASE}, id: every id once"),
    ],
)
def test_a_wrong_manifest(change: Callable[[Any], None], said: str, tmp_path: Path) -> None:
    folder = copy(tmp_path / "copy")
    edit(folder / "manifest.json", change)
    text = message(Library(folder))
    assert str(folder / "manifest.json") in text
    assert said in text


def test_no_manifest_at_all(tmp_path: Path) -> None:
    assert "manifest.json: a file; got no file of that name" in message(Library(tmp_path))


def test_the_command_line_says_it_on_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy(tmp_path / "copy")
    path = case_file(folder)
    path.write_text(json.dumps({"format": 1}), "utf-8")
    assert main(["corpus", "verify", "--corpus", str(folder)]) == Status.BAD_REQUEST
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"gradoracle: expected in {path}, {CASE}: the file that was frozen")


@pytest.mark.parametrize("radius", [[1, 1, 1, 1], [["0x0p+0"] * 5] * 4, [["-0x1p+0"] * 5] * 4])
def test_a_radius_that_cannot_be(radius: object, tmp_path: Path) -> None:
    """Flat, or no wider than the half unit that every correctly rounded entry has."""
    library = edited(tmp_path, put("truth", "dW1", "radius", value=radius))
    said = message(library)
    assert "two-layer.relu-bce" in said
    assert "truth.dW1.radius" in said


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "../../escape", "Upper"])
def test_an_id_that_is_none(name: str, tmp_path: Path) -> None:
    copy(tmp_path)

    def change(manifest: Any) -> None:
        manifest["cases"][0] |= {"id": name, "file": f"cases/{name}.json"}

    edit(tmp_path / "manifest.json", change)
    assert "lower case" in message(Library(tmp_path))
