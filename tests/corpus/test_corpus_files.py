"""The frozen files: ids, schema, hashes, size."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

import jsonschema
import pytest

from gradoracle import corpus
from gradoracle.case import LEVELS
from gradoracle.corpus.document import to_document
from gradoracle.corpus.library import PACKAGED
from gradoracle.corpus.text import to_text
from gradoracle.corpus.writing import SCHEMAS

IDS = (Path(__file__).parent / "ids.txt").read_text("utf-8").split()
MANIFEST = json.loads((PACKAGED / "manifest.json").read_text("utf-8"))


def validator(name: str) -> jsonschema.Draft202012Validator:
    schema = json.loads((SCHEMAS / name).read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


CASE = validator("case.json")


def document(case_id: str) -> dict[str, object]:
    text = (PACKAGED / "cases" / f"{case_id}.json").read_text("utf-8")
    return json.loads(text)  # type: ignore[no-any-return]


def digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


# of another level since 1.0.0, where they were recommended, or stress
PROMOTED = {
    "batch.pixels-255": "recommended",
    "kink.relu": "recommended",
    "saturated.softplus.40": "recommended",
    "saturated.binary_cross_entropy.40": "recommended",
    "saturated.binary_cross_entropy.100": "stress",
    "saturated.binary_cross_entropy.800": "stress",
    "saturated.cross_entropy.40": "recommended",
    "saturated.cross_entropy.100": "stress",
    "saturated.cross_entropy.800": "stress",
}


def as_in_1_0_0(case_id: str) -> str:
    """Return the SHA-256 of a case's file with the level that it had in 1.0.0."""
    text = (PACKAGED / "cases" / f"{case_id}.json").read_bytes()
    if case_id in PROMOTED:
        now, then = b'\n  "level": "required",\n', f'\n  "level": "{PROMOTED[case_id]}",\n'
        assert text.count(now) == 1
        text = text.replace(now, then.encode())
    return hashlib.sha256(text).hexdigest()


def test_the_cases_of_1_0_0_are_there_for_good_to_the_last_bit() -> None:
    """In every 1.y.z: no id of ids.txt is renamed or taken back, and of a file only the level.

    Only a corpus of major version 2 may come with other digests here.
    """
    files = {row.id: as_in_1_0_0(row.id) for row in corpus.packaged().rows}
    assert set(IDS) <= set(files)
    assert digest(IDS) == "e3bed36b414693aa02a6dbd513d33a0c48e57038da15ab36dd798e16f86fa2f0"
    assert digest(f"{i} {files[i]}" for i in IDS) == (
        "7fba5ec278d9479e1ba75f82bcded07cf47dc72585aa07bba10b22b5eb4450e7"
    )


def test_1_1_0_is_1_0_0_with_nine_more_required_cases() -> None:
    assert MANIFEST["version"] == "1.1.0"  # in the next version this test goes
    assert sorted(row.id for row in corpus.packaged().rows) == sorted(IDS)
    assert len(IDS) == len(set(IDS)) == 214
    assert MANIFEST["count"] == {"required": 115, "recommended": 69, "stress": 30}
    changed = {row["id"] for row in MANIFEST["cases"] if row["sha256"] != as_in_1_0_0(row["id"])}
    assert changed == set(PROMOTED)


def test_manifest_keeps_to_its_schema_and_counts() -> None:
    validator("manifest.json").validate(MANIFEST)
    assert sum(MANIFEST["count"].values()) == len(IDS)
    assert list(MANIFEST["count"]) == list(LEVELS)


def test_manifest_names_every_file_there_is() -> None:
    files = {path.relative_to(PACKAGED).as_posix() for path in PACKAGED.rglob("*.json")}
    assert files == {row["file"] for row in MANIFEST["cases"]} | {"manifest.json"}
    for row in MANIFEST["cases"]:
        assert hashlib.sha256((PACKAGED / row["file"]).read_bytes()).hexdigest() == row["sha256"]


def test_all_of_it_is_small() -> None:
    assert sum(path.stat().st_size for path in PACKAGED.rglob("*.json")) <= 6_000_000


@pytest.mark.parametrize("case_id", IDS)
def test_case_keeps_to_its_schema(case_id: str) -> None:
    CASE.validate(document(case_id))


@pytest.mark.parametrize("case_id", IDS)
def test_case_is_written_again_byte_for_byte(case_id: str) -> None:
    text = (PACKAGED / "cases" / f"{case_id}.json").read_text("utf-8")
    assert to_text(to_document(corpus.find(case_id))) + "\n" == text


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["format"], 2),
        (["id"], "Two Layers"),
        (["level"], "optional"),
        (["catches"], ""),
        (["surprise"], 1),
        (["network", "loss"], "hinge"),
        (["network", "sizes"], [0, 1]),
        (["inputs", "W0"], {}),
        (["inputs", "X", "hex"], [["0.1"]]),
        (["inputs", "X", "hex"], [["0x1.80p+0"]]),
        (["inputs", "X", "hex"], [["inf"]]),
        (["inputs", "X", "hex"], "0x1p+0"),
        (["truth", "J", "shape"], [1]),
        (["truth", "dQ"], {}),
        (["dtypes"], ["float16"]),
    ],
)
def test_schema_refuses_what_is_wrong(path: list[str], value: object) -> None:
    wrong = document("shape.one-neuron")
    inner = wrong
    for key in path[:-1]:
        inner = inner[key]  # type: ignore[assignment]
    inner[path[-1]] = value
    assert not CASE.is_valid(wrong)
