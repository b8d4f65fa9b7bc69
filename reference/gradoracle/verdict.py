"""Verdicts: what the judge says of an array, of a trace, and of a failure in two dtypes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum


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
        rounding to explain it, or is no number; 0 where only the bound counts.
    share : float
        The error there over its bound; above 1 is proven wrong. Of a finite difference, which is
        judged by nothing else, over its own derived error.
    index : tuple of int
        Where that is; () for J and for an array that could not be compared.
    expected, got : float
        Both numbers there.
    error : float
        The largest error over the largest |expected|.
    reason : str
        One line: why it fails or cannot be told; empty for a pass.
    proven : bool
        Whether the failure is proven: a shape, a dtype, no number, or beyond the bound.
    judged : int
        How many entries were compared.
    sensitivity : float
        The median over the entries of min(bound, 8 sigma), over the largest |expected|: the
        relative error that would still have been seen.
    """

    name: str
    verdict: Verdict
    shape: tuple[int, ...]
    sigmas: float = 0.0
    share: float = 0.0
    index: tuple[int, ...] = ()
    expected: float = math.nan
    got: float = math.nan
    error: float = math.nan
    reason: str = ""
    proven: bool = False
    judged: int = 0
    sensitivity: float = math.nan

    def __str__(self) -> str:
        where = f"{self.name}[{', '.join(map(str, self.index))}]" if self.index else self.name
        if self.reason:
            return f"{self.name} {self.shape}: {self.verdict}: {self.reason}"
        return f"{where}: {self.verdict}, {self.sigmas:.2g} sigma, {self.share:.2g} of the bound"


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
    notes : tuple of str
        Conventions that were recognised, or that a failure may be owed to.
    """

    case_id: str
    dtype: str
    tensors: tuple[TensorVerdict, ...]
    missing: tuple[str, ...]
    flips: Mapping[str, int]
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The worst of the tensors; nothing judged is `cannot tell`."""
        return max((t.verdict for t in self.tensors), default=Verdict.CANNOT_TELL)

    @property
    def worst(self) -> TensorVerdict:
        """The tensor with the worst verdict, then the largest error in sigma, then of the bound.

        Where nothing was returned, a `cannot tell` without a name.
        """
        nothing = TensorVerdict("", Verdict.CANNOT_TELL, (), reason="nothing was returned")
        return max(self.tensors, key=lambda t: (t.verdict, t.sigmas, t.share), default=nothing)

    @property
    def first_wrong(self) -> TensorVerdict | None:
        """The first failing tensor in the order of computation."""
        return next((t for t in self.tensors if t.verdict is Verdict.FAIL), None)


def classify(in_float32: TensorVerdict, in_float64: TensorVerdict) -> str:
    """Tell a right formula that loses digits from a wrong one, by running both dtypes.

    The error of a wrong formula does not care about the dtype; the error of an unstable
    evaluation of a right one shrinks with u, by 2^29. Halfway between (in the logarithm) lies
    2^14.5.

    Returns
    -------
    str
        ``unstable evaluation`` or ``wrong formula``; empty if there are no two numbers to compare.
    """
    if not (math.isfinite(in_float32.error) and math.isfinite(in_float64.error)):
        return ""
    shrinks = in_float64.error * 2.0**14.5 < in_float32.error
    return "unstable evaluation" if shrinks else "wrong formula"
