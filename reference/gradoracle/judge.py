"""The judge: a trace against the truth, entry by entry, in units of its rounding error.

No tolerance is chosen. An entry fails when its error exceeds 8 standard deviations of what
rounding alone does to it (plus the radius of the truth, and what a
pre-activation on a kink may do); shapes and dtypes are
exact, and every comparison is written so that NaN fails.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from gradoracle.arrays import Array, DType, Flags
from gradoracle.case import trace_shapes
from gradoracle.losses import LOSSES
from gradoracle.reference import Reference
from gradoracle.rounding import SIGMAS
from gradoracle.truth import Truth


class Verdict(IntEnum):
    """The outcome for a tensor, a case or a run; the largest is the worst."""

    PASS = 0
    CANNOT_TELL = 1
    FAIL = 2

    def __str__(self) -> str:
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True)
class TensorVerdict:
    """What the judge says of one array of a trace.

    Attributes
    ----------
    name : str
        As in the trace, e.g. ``dW1``.
    verdict : Verdict
    shape : tuple of int
        The expected shape.
    sigmas : float
        The largest error of an entry over its standard deviation; infinite where an error has no
        rounding to explain it, or is no number.
    index : tuple of int
        Where that is; () for J and for an array that could not be compared.
    expected, got : float
        Both numbers there.
    reason : str
        One line: why it fails or cannot be told; empty for a pass.
    sensitivity : float
        The median over the entries of 8 sigma, over the largest |expected|: the relative error
        that would still have been seen.
    """

    name: str
    verdict: Verdict
    shape: tuple[int, ...]
    sigmas: float
    index: tuple[int, ...]
    expected: float
    got: float
    reason: str
    sensitivity: float

    def __str__(self) -> str:
        where = f"{self.name}[{', '.join(map(str, self.index))}]" if self.index else self.name
        if self.reason:
            return f"{self.name} {self.shape}: {self.verdict}: {self.reason}"
        return f"{where}: {self.verdict}, {self.sigmas:.2g} sigma"


@dataclass(frozen=True)
class CaseVerdict:
    """What the judge says of one trace, tensors in the order of computation.

    Attributes
    ----------
    case_id, dtype : str
    tensors : tuple of TensorVerdict
        Only what was returned.
    missing : tuple of str
        Names the reference has and the trace has not.
    flips : mapping of str to int
        Pre-activations within rounding of a kink, by name; their effect was allowed for.
    """

    case_id: str
    dtype: str
    tensors: tuple[TensorVerdict, ...]
    missing: tuple[str, ...]
    flips: Mapping[str, int]

    @property
    def verdict(self) -> Verdict:
        """The worst of the tensors; nothing judged is `cannot tell`."""
        return max((t.verdict for t in self.tensors), default=Verdict.CANNOT_TELL)

    @property
    def worst(self) -> TensorVerdict:
        """The tensor with the worst verdict, then the largest error in sigma."""
        return max(self.tensors, key=lambda t: (t.verdict, t.sigmas))

    @property
    def first_wrong(self) -> TensorVerdict | None:
        """The first failing tensor in the order of computation."""
        return next((t for t in self.tensors if t.verdict is Verdict.FAIL), None)


def judge(trace: Mapping[str, Array], truth: Truth, reference: Reference) -> CaseVerdict:
    """Judge a trace against the truth.

    Parameters
    ----------
    trace : mapping of str to array
        What an implementation returned, in the dtype of ``reference.case``.
    truth : Truth
        Of the same case in the same dtype.
    reference : Reference
        What rounding may do in that dtype.
    """
    return _verdicts(trace, truth.values, truth.radii, reference, runs=1)


def compare(
    trace: Mapping[str, Array], other: Mapping[str, Array], reference: Reference
) -> CaseVerdict:
    """Judge a trace against another one of the same dtype, both of which round.

    Parameters
    ----------
    trace, other : mapping of str to array
        The second one is called "expected".
    reference : Reference
        What rounding may do to either in that dtype.
    """
    expected = {name: np.asarray(array, dtype=np.float64) for name, array in other.items()}
    return _verdicts(trace, expected, {}, reference, runs=2)


def _verdicts(
    trace: Mapping[str, Array],
    expected: Mapping[str, Array],
    radii: Mapping[str, Array],
    reference: Reference,
    runs: int,
) -> CaseVerdict:
    """Judge each array that was returned; ``runs`` of the two sides carry rounding errors."""
    shapes = trace_shapes(reference.case.network, reference.case.n)
    tensors = []
    for name in (name for name in shapes if name in trace):
        if name not in reference.arrays or name not in expected:
            tensors.append(_untold(name, shapes[name], "saturated: A^[L] has lost it to rounding"))
            continue
        allowance = _Allowance(
            reference.sigma(name) * math.sqrt(runs),
            reference.slack(name) * runs + radii.get(name, 0.0),
        )
        tensors.append(_tensor(name, trace[name], expected[name], allowance, reference.case.dtype))
    optional = _may_be_missing(reference)
    missing = tuple(
        n for n in reference.arrays if n in expected and n not in trace and n != optional
    )
    return CaseVerdict(
        reference.case.id, str(reference.case.dtype), tuple(tensors), missing, reference.flips
    )


def _may_be_missing(reference: Reference) -> str | None:
    """dA^[L] of a cross-entropy: whether a has saturated is decided on each trace's own a."""
    fused = LOSSES[reference.case.network.loss].output is not None
    return f"dA{reference.case.L}" if fused else None


@dataclass(frozen=True)
class _Allowance:
    """What an entry may be off by: sigma for rounding, and a part that is certain."""

    sigma: Array
    certain: Array | float

    @property
    def total(self) -> Array:
        return np.asarray(SIGMAS * self.sigma + self.certain)

    def sigmas(self, error: Array) -> Array:
        """Return the error in sigma beyond the certain part; 0/0 is 0, x/0 is infinite."""
        rest = np.asarray((error - self.certain).clip(min=0))  # NaN stays NaN
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(rest == 0, 0.0, rest / self.sigma)


def _tensor(
    name: str, got: object, expected: Array, allowance: _Allowance, dtype: DType
) -> TensorVerdict:
    """Judge one array; the order of the checks is the contract's."""
    if not isinstance(got, np.ndarray | np.generic | float):
        return _broken(name, expected.shape, f"expected an array, got a {type(got).__name__}")
    returned = np.asarray(got)
    if returned.shape != expected.shape:
        return _broken(name, expected.shape, _shape_reason(returned.shape, expected.shape))
    if returned.dtype != dtype and not (name == "J" and type(got) is float):
        return _broken(name, expected.shape, f"expected {dtype}, got {returned.dtype}")

    values = returned.astype(np.float64)
    error = np.abs(values - expected)
    right = np.isfinite(values) & (error <= allowance.total)  # NaN is never <=
    sigmas = np.where(np.isfinite(error), allowance.sigmas(error), np.inf)
    # the worst entry: a wrong one before any right one
    flat = np.argmax(np.where(right, -1.0, sigmas) if not right.all() else sigmas)
    index = tuple(int(i) for i in np.unravel_index(int(flat), sigmas.shape))
    largest = float(np.abs(expected).max())
    verdict, reason = Verdict.PASS, ""
    if not right.all():
        verdict = Verdict.FAIL
        reason = _value_reason(name, index, values[index], expected[index], sigmas[index], right)
    elif not (allowance.total < largest).any():
        verdict = Verdict.CANNOT_TELL
        reason = f"rounding may be as large as the largest entry, {largest:.3g}"
    return TensorVerdict(
        name=name,
        verdict=verdict,
        shape=expected.shape,
        sigmas=float(sigmas[index]),
        index=index,
        expected=float(expected[index]),
        got=float(values[index]),
        reason=reason,
        sensitivity=float(np.median(allowance.total)) / largest if largest > 0 else math.inf,
    )


def _value_reason(
    name: str, index: tuple[int, ...], got: float, expected: float, sigmas: float, right: Flags
) -> str:
    where = f"{name}[{', '.join(map(str, index))}]" if index else name
    wrong = int(right.size - np.count_nonzero(right))
    digits = next((d for d in (4, 8, 12) if f"{expected:.{d}e}" != f"{got:.{d}e}"), 16)
    size = "no number" if not np.isfinite(got) else f"{sigmas:.2g} sigma, more than {SIGMAS}"
    return (
        f"{where} expected {expected:.{digits}e} got {got:.{digits}e}, {size}; "
        f"{wrong:,} of {right.size:,} entries wrong"
    )


def _shape_reason(got: tuple[int, ...], want: tuple[int, ...]) -> str:
    reason = f"expected shape {want}, got {got}"
    if got == want[::-1]:
        return f"{reason}: transposed, or examples in rows"
    if int(np.prod(got, dtype=int)) == int(np.prod(want, dtype=int)):
        return f"{reason}: an axis was lost; keep it with keepdims=True"
    return reason


def _broken(name: str, shape: tuple[int, ...], reason: str) -> TensorVerdict:
    nan = float("nan")
    return TensorVerdict(name, Verdict.FAIL, shape, float("inf"), (), nan, nan, reason, nan)


def _untold(name: str, shape: tuple[int, ...], reason: str) -> TensorVerdict:
    nan = float("nan")
    return TensorVerdict(name, Verdict.CANNOT_TELL, shape, 0.0, (), nan, nan, reason, nan)
