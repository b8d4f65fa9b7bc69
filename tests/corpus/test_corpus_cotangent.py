"""dA^[L] of a cross-entropy is missing from a file exactly where it is no float64."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from corpus_copies import edit, hash_anew

from gradoracle import Batch, Case, Network, Parameters, corpus
from gradoracle.corpus import Library, cotangent
from gradoracle.corpus.writing import texts, write
from gradoracle.errors import InputError
from gradoracle.judge import Verdict, judge
from gradoracle.losses import LOSSES
from gradoracle.reference import reference
from gradoracle.truth.reverse import truth
from shared import implementation

FUSED = [f for f in corpus.load() if LOSSES[f.case.network.loss].output is not None]
MISSING = [f for f in FUSED if f"dA{f.case.L}" not in f.truth.values]


def test_the_corpus_has_both_kinds() -> None:
    assert len(MISSING) >= 3
    assert len(FUSED) - len(MISSING) >= 50


@pytest.mark.parametrize("frozen", FUSED, ids=lambda f: f.case.id)
def test_taking_it_out_or_putting_it_in_is_refused(frozen: corpus.Frozen, tmp_path: Path) -> None:
    name = f"dA{frozen.case.L}"

    def change(document: Any) -> None:
        kept = document["truth"]
        if name in kept:
            del kept[name]
        else:
            kept[name] = kept[f"dZ{frozen.case.L}"]

    write(tmp_path / "copy", texts([frozen], "1.0.0"))
    assert Library(tmp_path / "copy").load()
    edit(tmp_path / "copy" / "cases" / f"{frozen.case.id}.json", change)
    hash_anew(tmp_path / "copy")
    with pytest.raises(InputError, match=rf"{frozen.case.id}, truth\.{name}: .*largest float64"):
        Library(tmp_path / "copy").load()


@pytest.mark.parametrize("name", ["numpy", "torch", "tensorflow"])
@pytest.mark.parametrize("frozen", MISSING, ids=lambda f: f.case.id)
def test_a_file_without_it_is_judged(frozen: corpus.Frozen, name: str) -> None:
    for dtype in frozen.dtypes:
        case = frozen.case.astype(dtype)
        limits = reference(case, frozen.truth)
        trace = dict(implementation(name).run(case))
        verdict = judge(trace, frozen.truth, limits)
        assert verdict.verdict is Verdict.PASS
        assert not verdict.missing
        returned = trace | {f"dA{case.L}": np.zeros_like(case.Y)}
        assert judge(returned, frozen.truth, limits).verdict is Verdict.CANNOT_TELL


def one(z: float, y: float, n: int) -> Case:
    network = Network((1, 1), ("sigmoid",), "binary_cross_entropy")
    X, Y = np.full((1, n), z), np.full((1, n), y)
    parameters = Parameters([np.ones((1, 1))], [np.zeros((1, 1))])
    return Case("edge", network, parameters, Batch(X, Y))


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("y", [0.0, 2.0**-20, 0.5, 1.0])
def test_both_are_told_as_the_balls_tell_them(y: float, n: int) -> None:
    """Around 709.78, where e^z becomes too large; labels and n move the edge."""
    seen = set()
    for z in (*np.arange(-730.0, -690, 0.75), *np.arange(690.0, 730, 0.75)):
        case = one(float(z), y, n)
        found = truth(case)
        present = "dA1" in found.values
        seen.add(present)
        assert cotangent.must_be_present(case, found.values["Z1"]) == present
        assert cotangent.must_be_missing(case, found.values["Z1"]) != present
    assert seen == {True, False}


@pytest.mark.parametrize(("label", "present"), [(0.0, True), (0.5, False), (1.0, False)])
@pytest.mark.parametrize("z", [2000.0, 1.5e308])
def test_softmax_of_any_size(z: float, label: float, present: bool) -> None:
    """A label of 0 takes its term away, however small a is."""
    network = Network((1, 2), ("softmax",), "cross_entropy")
    Y = np.array([[1 - label], [label]])
    parameters = Parameters([np.ones((2, 1))], [np.zeros((2, 1))])
    case = Case("vast", network, parameters, Batch(np.ones((1, 1)), Y))
    Z = np.array([[z], [-z]])
    assert cotangent.must_be_present(case, Z) == present
    assert cotangent.must_be_missing(case, Z) != present
