"""One table of corruptions: the loader refuses each, and the schemas refuse what they can say."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from corpus_copies import FEW, case_file, copy, edit, edited, hash_anew

from gradoracle import corpus
from gradoracle.cli import main
from gradoracle.corpus import Library
from gradoracle.corpus.document import FLAGS
from gradoracle.corpus.writing import SCHEMAS
from gradoracle.errors import InputError
from gradoracle.status import Status

CASE = FEW[0]
SCHEMA, ALONE = "schema", "loader alone"

Change = Callable[[Any], None]


def put(*path: str | int, to: object) -> Change:
    def change(document: Any) -> None:
        for key in path[:-1]:
            document = document[key]
        document[path[-1]] = to

    return change


def both(name: str, *index: int, hex_: str, to: object) -> Change:
    """Put a number into hex and decimal."""

    def change(document: Any) -> None:
        field = document["network"]["l2"] if name == "l2" else document["inputs"][name]
        for kind, value in (("hex", hex_), ("decimal", to)):
            put(kind, *index, to=value)(field)

    return change


def valid(schema: str, path: Path) -> bool:
    rules = json.loads((SCHEMAS / schema).read_text("utf-8"))
    return jsonschema.Draft202012Validator(rules).is_valid(json.loads(path.read_text("utf-8")))


def refusal(library: Library) -> str:
    with pytest.raises(InputError) as caught:
        library.load()
    text = str(caught.value)
    assert "\n" not in text
    assert "; mend: " in text
    return text


CASES: list[tuple[str, Change, str, str]] = [
    # what sees it, the change, the field, what is said of it
    (SCHEMA, put("format", to=True), "format", "format 1; got True"),
    (SCHEMA, put("format", to="1"), "format", "format 1; got '1'"),
    (ALONE, put("format", to=1.0), "format", "format 1; got 1.0"),  # JSON's 1.0 is a whole number
    (SCHEMA, put("catches", to=""), "catches", "a text; got an empty one"),
    (SCHEMA, put("catches", to=True), "catches", "a text; got True"),
    (SCHEMA, put("id", to=True), "id", "a text; got True"),
    (SCHEMA, put("flags", to=["nope"]), "flags[0]", f"one of {', '.join(FLAGS)}; got 'nope'"),
    (SCHEMA, put("flags", to=["zero", "zero"]), "flags[1]", "every text once; got 'zero' twice"),
    (SCHEMA, put("flags", to={"zero": 1}), "flags", "a list of texts"),
    (SCHEMA, put("needs", to=["alone.relu"] * 2), "needs[1]", "every text once"),
    (SCHEMA, put("needs", to=[True]), "needs", "a list of texts"),
    (SCHEMA, put("needs", to=["No Id"]), "needs[0]", "the id of a case of the corpus; got 'No Id'"),
    (ALONE, put("needs", to=["alone.xyzzy"]), "needs[0]", "of the corpus; got 'alone.xyzzy'"),
    (ALONE, put("needs", to=[CASE]), "needs[0]", "another case; got the case itself"),
    (ALONE, put("needs", to=["depth.20"]), "needs[0]", "no later level than required"),
    (SCHEMA, put("dtypes", to=["float64"] * 2), "dtypes[1]", "every text once"),
    (SCHEMA, put("network", "sizes", to=[5, True, 1]), "network", "sizes"),
    (SCHEMA, put("network", "loss", to=True), "network.loss", "a text; got True"),
    (SCHEMA, put("network", "more", to=1), "network.more", "no field but sizes"),
    (SCHEMA, put("network", "l2", "more", to=1), "network.l2.more", "no field but shape"),
    (SCHEMA, put("network", "l2", "radius", to=None), "network.l2.radius", "no field but shape"),
    (SCHEMA, put("network", "l2", "decimal", to=False), "network.l2.decimal", "got False"),
    (SCHEMA, both("l2", hex_="-0x0p+0", to=-0.0), "network.l2", "without a sign; got -0.0"),
    (SCHEMA, both("l2", hex_="-0x1p-3", to=-0.125), "network.l2", "0 or more"),
    (SCHEMA, put("inputs", "X", "shape", to=[5, True]), "inputs.X.shape", "got [5, True]"),
    (SCHEMA, put("inputs", "X", "shape", to=[5, 0]), "inputs.X.shape", "[n_0, n]; got [5, 0]"),
    (SCHEMA, put("inputs", "b2", "shape", to=[True, 1]), "inputs.b2.shape", "got [True, 1]"),
    (SCHEMA, put("inputs", "W1", "radius", to=None), "inputs.W1.radius", "no field but shape"),
    (SCHEMA, put("inputs", "W1", "more", to=1), "inputs.W1.more", "no field but shape"),
    (SCHEMA, put("inputs", "W1", "decimal", 0, 0, to="1"), "inputs.W1.decimal[0][0]", "got '1'"),
    (SCHEMA, both("X", 0, 0, hex_="0x1p+0", to=True), "inputs.X.decimal[0][0]", "1.0, as in hex"),
    (ALONE, both("X", 0, 0, hex_="-0x0p+0", to=0.0), "inputs.X.decimal[0][0]", "-0.0, as in hex"),
    (SCHEMA, both("X", 0, 0, hex_="0x1p+01", to=2.0), "inputs.X.hex[0][0]", "%a"),
    (SCHEMA, both("X", 0, 0, hex_="0x0p+3", to=0.0), "inputs.X.hex[0][0]", "%a"),
    (SCHEMA, both("X", 0, 0, hex_="0x1p+1024", to=0.0), "inputs.X.hex[0][0]", "larger than any"),
    (SCHEMA, both("X", 0, 0, hex_="0x1p-1023", to=0.0), "inputs.X.hex[0][0]", "%a"),
    (ALONE, both("X", 0, 0, hex_="0x1p+200", to=2.0**200), "inputs.X[0][0]", "exact in float32"),
    (SCHEMA, put("truth", "J", "more", to=1), "truth.J.more", "no field but shape"),
    (SCHEMA, put("truth", "J", "decimal", to=True), "truth.J.decimal", "got True"),
    (SCHEMA, put("truth", "J", "radius", to="0x0p+0"), "truth.J.radius", "more than half a unit"),
    (SCHEMA, put("truth", "J", "radius", to="-0x1p+0"), "truth.J.radius", "more than half a unit"),
    (SCHEMA, put("truth", "J", "radius", to=1.0), "truth.J.radius", "%a"),
    (ALONE, put("truth", "J", "radius", to="0x1p-200"), "truth.J.radius", "more than half a unit"),
    (ALONE, lambda d: d["truth"].update(dW3=d["truth"]["dW2"]), "truth.dW3", "no field but Z1"),
    (SCHEMA, lambda d: d["truth"].pop("dX"), "truth.dX", "this field; got none"),
    (ALONE, lambda d: d["truth"].pop("dA2"), "truth.dA2", "this field; got none, and it is left"),
    (ALONE, lambda d: d.pop("truth"), "truth", "this field; got none; mend: 'gradoracle corpus e"),
]  # fmt: skip


@pytest.mark.parametrize(("seen_by", "change", "field", "said"), CASES)
def test_a_wrong_case(seen_by: str, change: Change, field: str, said: str, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    text = refusal(edited(folder, change))
    assert said in text
    assert str(case_file(folder)) in text
    assert field in text
    assert field in ("format", "id") or CASE in text.split(".json", 1)[1]
    assert valid("case.json", case_file(folder)) == (seen_by == ALONE)


MANIFESTS: list[tuple[str, Change, str]] = [
    (SCHEMA, put("format", to=True), "format: format 1; got True"),
    (SCHEMA, put("version", to="banana"), "version: a version like 1.0.0; got 'banana'"),
    (SCHEMA, put("version", to="99.0.0"), "version: a corpus of version 1.y.z; got 99.0.0"),
    (SCHEMA, put("version", to="1.0"), "version: a version like 1.0.0; got '1.0'"),
    (SCHEMA, put("version", to="1.01.0"), "version: a version like 1.0.0; got '1.01.0'"),
    (SCHEMA, put("version", to=True), "version: a version like 1.0.0; got True"),
    (SCHEMA, put("more", to=1), "more: no field but format, version, count, cases"),
    (SCHEMA, lambda m: m.pop("version"), "version: this field; got none"),
    (SCHEMA, put("count", "stress", to=False), "count: {'required': 4"),
    (SCHEMA, put("count", "more", to=0), "count: {'required': 4"),
    (SCHEMA, put("count", to=4), "count: {'required': 4"),
    (ALONE, put("count", "required", to=5), "count: {'required': 4"),
    (ALONE, put("count", "stress", to=0.0), "count: {'required': 4"),
    (SCHEMA, put("cases", 0, "more", to=1), "cases[0]: id, level, file and sha256"),
    (SCHEMA, put("cases", 0, "id", to=True), "cases[0].id: a text; got True"),
    (SCHEMA, put("cases", 0, "sha256", to="0" * 63), "cases[0].sha256: 64 lower-case"),
    (SCHEMA, put("cases", 0, "sha256", to="A" * 64), "cases[0].sha256: 64 lower-case"),
    (ALONE, put("cases", 0, "file", to="cases/other.json"), "cases[0].file: cases/"),
]


@pytest.mark.parametrize(("seen_by", "change", "said"), MANIFESTS)
def test_a_wrong_manifest(seen_by: str, change: Change, said: str, tmp_path: Path) -> None:
    path = copy(tmp_path / "copy") / "manifest.json"
    assert valid("manifest.json", path)
    edit(path, change)
    text = refusal(Library(path.parent))
    assert str(path) in text
    assert said in text
    assert valid("manifest.json", path) == (seen_by == ALONE)


def test_every_version_of_the_major_one_is_read(tmp_path: Path) -> None:
    path = copy(tmp_path / "copy") / "manifest.json"
    for version in ("1.0.0", "1.7.12"):
        edit(path, put("version", to=version))
        assert Library(path.parent).version == version
        assert valid("manifest.json", path)


def test_needs_in_a_circle(tmp_path: Path) -> None:
    folder = copy(tmp_path / "copy")
    one, two, three = FEW[1:]
    for case_id, need in ((one, two), (two, three), (three, one)):
        edit(case_file(folder, case_id), put("needs", to=[need]))
    edit(case_file(folder), put("needs", to=[two]))  # leads into the circle, and is none of it
    hash_anew(folder)
    text = refusal(Library(folder))
    assert f"{case_file(folder, two)}, {two}, needs: needs that are not circular" in text
    assert f"got {two} -> {three} -> {one} -> {two}" in text
    with pytest.raises(InputError, match="not circular"):
        Library(folder).find(CASE)


def test_needs_in_a_circle_through_the_packaged_corpus(tmp_path: Path) -> None:
    assert corpus.find("two-layer.relu-bce").case.needs == ("regression.logistic",)
    assert corpus.find("regression.logistic").case.needs == ("shape.one-neuron",)
    library = edited(tmp_path / "copy", put("needs", to=[CASE]), "shape.one-neuron")
    assert "not circular; got " in refusal(library)


def test_a_long_chain_of_needs_is_no_recursion() -> None:
    from gradoracle.corpus.needs import circle

    settled: set[str] = set()
    ahead = lambda i: [str(int(i) + 1)] if int(i) < 5000 else []  # noqa: E731
    assert circle("0", ahead, settled) == []
    assert len(settled) == 5001
    assert circle("0", lambda i: [str((int(i) + 1) % 3)], set()) == ["0", "1", "2", "0"]


@pytest.mark.parametrize(
    "change", [put("flags", to=["nope"]), lambda d: d["truth"].pop("dA2"), put("format", to=True)]
)
def test_the_command_line_ends_with_2(
    change: Change, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "copy"
    edited(folder, change)
    assert main(["corpus", "verify", "--corpus", str(folder)]) == Status.BAD_REQUEST
    streams = capsys.readouterr()
    assert streams.out == ""
    assert len(streams.err.splitlines()) == 1
    assert str(case_file(folder)) in streams.err
