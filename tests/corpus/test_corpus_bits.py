"""One flipped bit of one frozen number: the hash sees it, and loading and proving anew see it too.

Even where somebody writes a new hash, and the decimal beside the hexadecimal number. Only the sign
of a zero among the inputs is left to the hash: it is the same real number.
"""

from __future__ import annotations

import copy as copies
import math
import random
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from corpus_copies import FEW, case_file, copy, edit

from gradoracle import Batch, Case, Network, Parameters, corpus
from gradoracle.corpus import Library
from gradoracle.corpus.document import from_document, to_document
from gradoracle.corpus.freeze import freeze
from gradoracle.corpus.numbers import to_hex
from gradoracle.corpus.place import Place
from gradoracle.corpus.rederive import rederive
from gradoracle.errors import InputError

SMALL = ("shape.one-neuron", "alone.softmax", "kink.relu", "two-layer.relu-bce",
         "regression.softmax", "saturated.cross_entropy.800", "l2.strong")  # fmt: skip
BITS = range(64)
SIGN = 63


def flipped(value: float, bit: int) -> float:
    (number,) = struct.unpack("<Q", struct.pack("<d", value))
    (found,) = struct.unpack("<d", struct.pack("<Q", number ^ (1 << bit)))
    return float(found)


def written(value: float) -> str:
    return to_hex(value) if math.isfinite(value) else repr(value)


def arrays(document: Any) -> Iterator[tuple[str, Any]]:
    yield "l2", document["network"]["l2"]
    for part in ("inputs", "truth"):
        yield from ((f"{part}.{name}", array) for name, array in document[part].items())


def flip(array: Any, index: tuple[int, ...], bit: int) -> float:
    """Flip a bit of one number, in both of its forms; return what it was."""
    if not index:
        old = float(array["decimal"])
        array["decimal"] = flipped(old, bit)
        array["hex"] = written(array["decimal"])
        return old
    i, j = index
    old = float(array["decimal"][i][j])
    array["decimal"][i][j] = flipped(old, bit)
    array["hex"][i][j] = written(array["decimal"][i][j])
    return old


def survives(document: Any) -> bool:
    """Whether neither the loader nor the proof sees anything wrong."""
    try:
        return not rederive(from_document(document, Place(Path("case.json"))))
    except InputError:
        return False


@pytest.mark.parametrize("case_id", SMALL)
def test_a_random_bit_in_every_array(case_id: str) -> None:
    right = to_document(corpus.find(case_id))
    assert survives(right)
    draw = random.Random(case_id)  # noqa: S311 - not for secrets
    for name, array in arrays(right):
        for _ in range(4):
            index = tuple(draw.randrange(size) for size in array["shape"])
            bit = draw.choice(BITS)
            wrong = copies.deepcopy(right)
            old = flip(dict(arrays(wrong))[name], index, bit)
            if name.startswith("inputs") and old == 0 and bit == SIGN:
                continue
            assert not survives(wrong), f"{name}{index} {old!r}, bit {bit}"


@pytest.mark.parametrize("case_id", ["l2.strong", "shape.one-neuron"])
@pytest.mark.parametrize("name", ["l2", "truth.J"])
def test_every_bit_of_lambda_and_of_J(name: str, case_id: str) -> None:
    right = to_document(corpus.find(case_id))
    for bit in BITS:
        wrong = copies.deepcopy(right)
        flip(dict(arrays(wrong))[name], (), bit)
        assert not survives(wrong), bit


def test_every_bit_of_a_radius() -> None:
    """db1 = t/3 + t/3 + t/3 is a tie that no ball of thirds decides, so the file has a radius."""
    network = Network((1, 1), ("identity",), "half_squared_error")
    parameters = Parameters([np.ones((1, 1))], [np.zeros((1, 1))])
    batch = Batch(np.full((1, 3), 3 * 2.0**-53), np.full((1, 3), -1.0))
    frozen = freeze(Case("tie", network, parameters, batch, "a tie"))
    right: Any = to_document(frozen)
    assert survives(right)
    radius = right["truth"]["db1"]["radius"]
    old = float.fromhex(radius[0][0])
    assert 2.0**-53 < old < 2.0**-52
    for bit in BITS:
        radius[0][0] = written(flipped(old, bit))
        assert not survives(right), bit
    radius[0][0] = written(old)
    assert survives(right)


def test_without_a_new_hash_no_bit_is_read_at_all(tmp_path: Path) -> None:
    folder = copy(tmp_path / "copy")
    before = case_file(folder).read_bytes()
    for name, index in (("l2", ()), ("inputs.X", (0, 0)), ("truth.J", ()), ("truth.dW1", (0, 2))):
        edit(case_file(folder), lambda d, n=name, i=index: flip(dict(arrays(d))[n], i, 0))
        with pytest.raises(InputError, match="SHA-256"):
            Library(folder).find(FEW[0])
        case_file(folder).write_bytes(before)
    assert Library(folder).find(FEW[0])
