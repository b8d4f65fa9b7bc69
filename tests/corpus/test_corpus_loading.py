"""Loading: by level, pattern and id, without python-flint, and quickly."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from gradoracle import corpus
from gradoracle.builtin_cases import builtin
from gradoracle.case import LEVELS, trace_shapes
from gradoracle.corpus import Library
from gradoracle.corpus.frozen import half_unit
from gradoracle.corpus.library import PACKAGED
from gradoracle.errors import InputError, NothingCheckedError

FLINT_FREE = """
import sys, time  # the time of the processor: other tests run beside this one
import numpy
from gradoracle import corpus
times = []
for _ in range(3):
    start = time.process_time()
    found = corpus.Library(corpus.packaged().folder).load("required")
    times.append(time.process_time() - start)
heavy = {"flint", "scipy", "rich", "click", "torch", "tensorflow"} & set(sys.modules)
print(len(found), min(times), *heavy)
"""


def test_required_level_loads_quickly_without_flint() -> None:
    out = subprocess.run(
        [sys.executable, "-c", FLINT_FREE], capture_output=True, text=True, check=True
    ).stdout.split()
    assert int(out[0]) == len(corpus.load("required"))
    assert out[2:] == []
    assert float(out[1]) <= 0.3


JUDGED = """
import sys
from gradoracle import corpus
from gradoracle.judge import judge
from gradoracle.reference import reference
from gradoracle_numpy import implementation

found = [corpus.find(case_id) for case_id in sys.argv[1:]] or corpus.load("required")
for frozen in found:
    for dtype in frozen.dtypes:
        case = frozen.case.astype(dtype)
        verdict = judge(implementation(case), frozen.truth, reference(case, frozen.truth))
        assert verdict.verdict.name == "PASS", verdict
print(len(found), *sorted({m.split(".")[0] for m in sys.modules}))
"""


def modules_of_judging(*case_ids: str) -> set[str]:
    """Judge cases in a fresh process; return the packages that it has imported."""
    out = subprocess.run(
        [sys.executable, "-c", JUDGED, *case_ids], capture_output=True, text=True, check=True
    )
    count, *modules = out.stdout.split()
    assert int(count) == (len(case_ids) or len(corpus.load("required")))
    return set(modules)


def test_judging_the_corpus_imports_nothing_slow() -> None:
    heavy = {"flint", "scipy", "rich", "click", "torch", "tensorflow"}
    assert modules_of_judging() & heavy == set()


def test_levels_and_patterns_choose() -> None:
    every = [frozen.case.id for frozen in corpus.load()]
    by_level = {level: [f.case.id for f in corpus.load(level)] for level in LEVELS}
    assert sorted(i for ids in by_level.values() for i in ids) == sorted(every)
    assert [f.case.id for f in corpus.load(("required", "stress"))] == [
        *by_level["required"],
        *by_level["stress"],
    ]
    assert [f.case.id for f in corpus.load(match="two-layer.relu-*")] == [
        "two-layer.relu-bce",
        "two-layer.relu-ce",
    ]
    assert len(corpus.load("required", ["alone.*", "hidden.*"])) == 20


def test_a_choice_of_nothing_says_so() -> None:
    with pytest.raises(NothingCheckedError, match=r"nowhere.*none of the \d+ of corpus 1\.1\.0"):
        corpus.load(match="nowhere")
    with pytest.raises(InputError, match="required, recommended, stress; got 'optional'"):
        corpus.load("optional")


def test_an_unknown_id_names_the_nearest() -> None:
    with pytest.raises(InputError, match=r"did you mean .*two-layer\.relu-bce"):
        corpus.find("two-layer.relu")
    with pytest.raises(InputError, match="'gradoracle cases' lists them"):
        corpus.find("xyzzy")


@pytest.mark.parametrize("frozen", corpus.load(), ids=lambda frozen: frozen.case.id)
def test_truth_has_every_array_of_the_trace(frozen: corpus.Frozen) -> None:
    case, truth = frozen.case, frozen.truth
    shapes = trace_shapes(case.network, case.n)
    missing = set(shapes) - set(truth.values)
    if missing:
        assert missing == {f"dA{case.L}"}
        assert case.id.endswith("800")
    assert list(truth.values) == list(truth.radii) == [n for n in shapes if n not in missing]
    for name, values in truth.values.items():
        assert values.shape == truth.radii[name].shape == shapes[name]
        assert np.isfinite(values).all()
        assert (truth.radii[name] <= half_unit(values)).all()  # correctly rounded
        assert (truth.radii[name] > 0).all()
        assert not values.flags.writeable
        assert not truth.radii[name].flags.writeable


def test_half_a_unit_never_vanishes() -> None:
    values = np.array([0.0, 5e-324, 2.0**-1022, 1.0, -3.0, 1.7e308])
    assert half_unit(values).tolist() == [
        5e-324,
        5e-324,
        5e-324,
        2.0**-53,
        2.0**-52,
        2.0**970,
    ]


def test_a_case_is_read_once() -> None:
    library = Library(PACKAGED)
    assert library.find("shape.one-neuron") is library.find("shape.one-neuron")
    assert corpus.truth_of("shape.one-neuron") is corpus.find("shape.one-neuron").truth


def test_builtin_is_the_corpus() -> None:
    assert [case.id for case in builtin()] == [f.case.id for f in corpus.load("required")]
    assert len(builtin(None)) == len(corpus.load())
    assert len(builtin("stress")) == len(corpus.load("stress"))
