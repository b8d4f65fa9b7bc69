"""Every implementation on the levels beyond the required one; what cannot be told is listed.

`tests/test_agreement.py` holds the required level to more: there every array of every case passes.
"""

from __future__ import annotations

import numpy as np
import pytest

from gradoracle import corpus
from gradoracle.case import Trace
from gradoracle.judge import Verdict, judge
from gradoracle.reference import reference
from shared import implementation

BEYOND = {frozen.case.id: frozen for frozen in corpus.load(("recommended", "stress"))}

UNTOLD = {
    # truths that are 0 throughout: no error passes through weights of 0
    ("weights.zero", "float64"): {"dA1", "dZ1", "dW1", "db1", "dX"},
    ("weights.zero", "float32"): {"dA1", "dZ1", "dW1", "db1", "dX"},
    ("weights.zero-first", "float64"): {"dX"},
    ("weights.zero-first", "float32"): {"dX"},
    # -y/a of an a that has lost all but its magnitude
    ("saturated.cross_entropy-hard.40", "float32"): {"dA1"},
    # a - 1 is 1e-8 where a is 1 to float32; float64 tells
    ("logits.right-ones", "float32"): {"J", "dZ1", "dW1", "db1", "dX"},
    ("logits.left-zeros", "float32"): {"J"},
}


@pytest.mark.parametrize("name", ["numpy", "torch", "tensorflow"])
@pytest.mark.parametrize(
    ("case_id", "dtype"), [(i, dtype) for i, frozen in BEYOND.items() for dtype in frozen.dtypes]
)
def test_no_correct_implementation_fails(case_id: str, name: str, dtype: str) -> None:
    frozen = BEYOND[case_id]
    case = frozen.case.astype(dtype)
    verdict = judge(
        implementation(name).run(case),
        frozen.truth,  # type: ignore[arg-type]
        reference(case, frozen.truth),
    )
    assert not verdict.missing
    assert verdict.first_wrong is None, str(verdict.first_wrong)
    untold = {t.name for t in verdict.tensors if t.verdict is Verdict.CANNOT_TELL}
    assert untold <= UNTOLD.get((case_id, dtype), set())
    assert len(untold) < len(verdict.tensors)


@pytest.mark.parametrize("dtype", ["complex128", "complex64", "int64", "float16", "longdouble"])
@pytest.mark.parametrize("name", ["J", "dW1"])
def test_an_array_of_another_dtype_is_a_verdict_and_no_crash(name: str, dtype: str) -> None:
    """A complex step that keeps its imaginary part returns such a trace."""
    frozen = corpus.find("two-layer.relu-bce")
    right = dict(implementation("numpy").run(frozen.case))
    wrong = Trace({**right, name: np.asarray(right[name]).astype(dtype)}, frozen.case.network)
    verdict = judge(wrong, frozen.truth, reference(frozen.case, frozen.truth))
    assert verdict.verdict is Verdict.FAIL
    assert verdict.first_wrong is not None
    assert verdict.first_wrong.name == name
    assert f"expected float64, got {np.dtype(dtype)}" in verdict.first_wrong.reason
