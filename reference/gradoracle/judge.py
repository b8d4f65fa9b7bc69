"""The judge: a trace against the truth, entry by entry, with bounds that are derived.

For each entry, in this order: a wrong shape or dtype, or NaN or infinity, fails; an error beyond
what rounding can do in any order of summation fails and is **proven**; an error of more than 8
standard deviations of what rounding is predicted to do fails and is **statistical**. A tensor none
of whose entries could have failed before its largest true value was lost `cannot tell`. Every
comparison is written so that NaN fails.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from gradoracle.allowance import Allowance, median
from gradoracle.arrays import Array, DType, Flags
from gradoracle.case import trace_shapes
from gradoracle.errors import InputError
from gradoracle.losses import LOSSES
from gradoracle.reference import Known, Reference
from gradoracle.rounding import SIGMAS
from gradoracle.verdict import CaseVerdict, TensorVerdict, Verdict, classify

__all__ = ["PREMISE", "CaseVerdict", "TensorVerdict", "Verdict", "classify", "compare", "judge"]

PREMISE = (
    "these formulas, any order of summation, elementary functions within u (8 |f| + |z f'(z)|)"
)


def judge(
    trace: Mapping[str, Array], truth: Known, reference: Reference, *, per_example: bool = False
) -> CaseVerdict:
    """Judge a trace against the truth.

    If every returned dA, dZ and dX is N times the truth, each judged with N times its bound and
    sigma, they are right in the per-example convention, which is said in a note; dW and db are
    judged as plain derivatives whatever they are.

    Parameters
    ----------
    trace : mapping of str to array
        What an implementation returned, in the dtype of ``reference.case``.
    truth : Known
        Of the same case in the same dtype.
    reference : Reference
        What rounding may do in that dtype.
    per_example : bool
        Whether that convention was declared: then dA, dZ and dX are judged as nothing else.

    Raises
    ------
    InputError
        For a name that is none of the trace's.
    """
    plain = _verdicts(trace, truth.values, truth.radii, reference)
    return _with_kinks_named(
        _per_example(trace, truth, reference, plain, declared=per_example), reference
    )


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
    shapes = trace_shapes(reference.case.network, reference.case.n)
    _check_names(other, shapes)
    broken = [
        verdict
        for name, array in other.items()
        if (verdict := _form(name, array, shapes[name], reference.case.dtype)) is not None
    ]
    if broken:  # there is nothing to compare with
        found = tuple(sorted(broken, key=lambda v: list(shapes).index(v.name)))
        return CaseVerdict(reference.case.id, str(reference.case.dtype), found, (), reference.flips)
    expected = {name: np.asarray(array, dtype=np.float64) for name, array in other.items()}
    return _verdicts(trace, expected, {}, reference, runs=2)


def _verdicts(
    trace: Mapping[str, Array],
    expected: Mapping[str, Array],
    radii: Mapping[str, Array],
    reference: Reference,
    runs: int = 1,
) -> CaseVerdict:
    """Judge each array that was returned; ``runs`` of the two sides carry rounding errors."""
    shapes = trace_shapes(reference.case.network, reference.case.n)
    _check_names(trace, shapes)
    tensors = []
    for name in (name for name in shapes if name in trace):
        if name not in reference.bounds or name not in expected:
            reason = "A^[L] is so near 0 or 1 that rounding has taken what this needs"
            tensors.append(TensorVerdict(name, Verdict.CANNOT_TELL, shapes[name], reason=reason))
            continue
        allowance = Allowance.of(reference, name, radii.get(name), runs)
        tensors.append(_tensor(name, trace[name], expected[name], allowance, reference))
    optional = _may_be_missing(reference)
    missing = tuple(
        n for n in reference.names if n in expected and n not in trace and n != optional
    )
    return CaseVerdict(
        reference.case.id, str(reference.case.dtype), tuple(tensors), missing, reference.flips
    )


def _per_example(
    trace: Mapping[str, Array],
    truth: Known,
    reference: Reference,
    plain: CaseVerdict,
    *,
    declared: bool,
) -> CaseVerdict:
    """Recognise dA, dZ and dX that are derivatives per example, N times the plain ones."""
    N = reference.case.N
    names = [t.name for t in plain.tensors if t.name[:2] in ("dA", "dZ", "dX")]
    right = all(t.verdict is not Verdict.FAIL for t in plain.tensors if t.name in names)
    if N == 1 or not names or (right and not declared):
        return plain
    scaled = _times(trace, truth, reference, plain, N)
    wrong = [n for n in names if scaled[n].verdict is Verdict.FAIL]
    if wrong and not declared:
        return replace(plain, notes=(*plain.notes, *_hint(trace, truth, reference, plain, wrong)))
    tensors = tuple(scaled[t.name] for t in plain.tensors)
    if wrong:
        note = f"judged per example, as declared: {N} times the plain derivative"
        return replace(plain, tensors=tensors, notes=(*plain.notes, note))
    note = f"{_listed(names)} per example: {N} times the plain derivative, right as such"
    return replace(plain, tensors=tensors, notes=(*plain.notes, note))


def _times(
    trace: Mapping[str, Array], truth: Known, reference: Reference, plain: CaseVerdict, factor: int
) -> dict[str, TensorVerdict]:
    """Judge dA, dZ and dX as so many times the plain derivatives, and the rest as it was."""
    scaled = {}
    for tensor in plain.tensors:
        name = tensor.name
        known = name in reference.bounds and name in truth.values
        if name[:2] in ("dA", "dZ", "dX") and known:
            allowance = Allowance.of(reference, name, truth.radii[name], 1).times(factor)
            expected = truth.values[name] * factor
            tensor = _tensor(name, trace[name], expected, allowance, reference)
        scaled[name] = tensor
    return scaled


def _hint(
    trace: Mapping[str, Array],
    truth: Known,
    reference: Reference,
    plain: CaseVerdict,
    wrong: list[str],
) -> list[str]:
    """Say what nearly is the per-example convention: all but one array, or n for n * n_L."""
    case = reference.case
    failing = [t.name for t in plain.tensors if t.verdict is Verdict.FAIL]
    rest = [n for n in failing if n[:2] in ("dA", "dZ", "dX") and n not in wrong]
    if len(wrong) == 1 and len(rest) > 1:
        return [
            f"{_listed(rest)} {case.N} times the plain derivative (per example): "
            f"{wrong[0]} is the one that is wrong then"
        ]
    if case.network.reduction == "mean_all" and case.n not in (1, case.N):
        by_n = _times(trace, truth, reference, plain, case.n)
        names = [n for n in by_n if n[:2] in ("dA", "dZ", "dX")]
        if all(by_n[n].verdict is not Verdict.FAIL for n in names):
            return [
                f"{_listed(names)} {case.n} times the plain derivative; with mean_all per example "
                f"means n * n_L = {case.N} times"
            ]
    return []


def _listed(names: list[str]) -> str:
    """Return names as the subject of a sentence, with its verb."""
    return f"{', '.join(names[:-1])} and {names[-1]} are" if len(names) > 1 else f"{names[0]} is"


def _with_kinks_named(verdict: CaseVerdict, reference: Reference) -> CaseVerdict:
    """Where a failing case has pre-activations exactly on a kink, say what the contract takes."""
    if verdict.verdict is not Verdict.FAIL or not reference.on_kink:
        return verdict
    where = ", ".join(f"{count} of {name}" for name, count in reference.on_kink.items())
    note = (
        f"exactly on a kink: {where}; the contract takes relu'(0) = 0 and leaky_relu'(0) = 1/100, "
        "any value between the one-sided derivatives is a valid choice: --kink any"
    )
    return replace(verdict, notes=(*verdict.notes, note))


def _check_names(trace: object, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Refuse what is no mapping of known names: a misspelt tensor must not go unjudged."""
    if not isinstance(trace, Mapping):
        raise InputError(
            "a mapping of names to arrays",
            f"a {type(trace).__name__}",
            'return {"J": J, "dW1": dW1}',
        )
    unknown = [name for name in trace if name not in shapes]
    if unknown:
        raise InputError(
            f"names among {' '.join(shapes)}", ", ".join(map(repr, unknown)), "check the spelling"
        )


def _may_be_missing(reference: Reference) -> str | None:
    """dA^[L] of a cross-entropy: whether a has saturated is decided on each trace's own a."""
    fused = LOSSES[reference.case.network.loss].output is not None
    return f"dA{reference.case.L}" if fused else None


def _tensor(
    name: str, got: object, expected: Array, allowance: Allowance, reference: Reference
) -> TensorVerdict:
    """Judge one array; the order of the checks is the contract's."""
    broken = _form(name, got, expected.shape, reference.case.dtype)
    if broken is not None:
        return broken
    returned = np.asarray(got)
    values = returned.astype(np.float64)
    difference = values - expected
    error = np.abs(difference)
    finite = np.isfinite(error)
    sigmas, shares = allowance.shares(difference)
    sigmas, shares = np.where(finite, sigmas, np.inf), np.where(finite, shares, np.inf)
    overflown = _overflown(name, values, reference)
    within_bound = (shares <= 1) | overflown  # NaN is never <=
    right = within_bound & ((sigmas <= SIGMAS) | overflown)
    index = _worst(right, within_bound, sigmas, shares)
    largest, visible = float(np.abs(expected).max()), allowance.visible
    tensor = TensorVerdict(
        name=name,
        verdict=Verdict.PASS,
        shape=expected.shape,
        sigmas=float(sigmas[index]),
        share=float(shares[index]),
        index=index,
        expected=float(expected[index]),
        got=float(values[index]),
        error=float(np.max(error)) / largest if largest > 0 else float(np.max(error)),
        judged=expected.size,
        sensitivity=median(visible) / largest if largest > 0 else math.inf,
    )
    if not right.all():
        proven = not within_bound.all()
        reason = _value_reason(tensor, right, proven)
        return replace(tensor, verdict=Verdict.FAIL, proven=proven, reason=reason)
    if overflown.any():
        reason = (
            f"infinite: before the division by N = {reference.case.N} a right sum may be more than "
            f"the largest {reference.case.dtype}; divide earlier"
        )
        return replace(tensor, verdict=Verdict.CANNOT_TELL, reason=reason)
    if not (visible < largest).any():
        reason = f"rounding may be as large as the largest entry, {largest:.3g}"
        return replace(tensor, verdict=Verdict.CANNOT_TELL, reason=reason)
    return tensor


def _overflown(name: str, got: Array, reference: Reference) -> Flags:
    """Tell where infinity proves nothing: a right sum may be too large before its division by N."""
    infinite = np.isinf(got)
    if infinite.any() and (name == "J" or name[0] == "d"):
        return np.asarray(infinite & reference.may_overflow(name))
    return np.zeros_like(infinite)


def _form(name: str, got: object, shape: tuple[int, ...], dtype: DType) -> TensorVerdict | None:
    """Check what can be checked without numbers: an array, of the shape and dtype of the contract.

    J may be a Python float.
    """
    if not isinstance(got, np.ndarray | np.generic | float):
        return _broken(name, shape, f"expected an array, got a {type(got).__name__}")
    returned = np.asarray(got)
    if returned.shape != shape:
        return _broken(name, shape, _shape_reason(returned.shape, shape))
    if returned.dtype != dtype and not (name == "J" and type(got) is float):
        return _broken(name, shape, f"expected {dtype}, got {returned.dtype}")
    return None


def _worst(right: Flags, within_bound: Flags, sigmas: Array, shares: Array) -> tuple[int, ...]:
    """Return the index of the worst entry: no number, beyond the bound, beyond 8 sigma, right."""
    if not within_bound.all():
        rank = np.where(within_bound, -1.0, np.nan_to_num(shares, nan=np.inf))
    else:
        rank = np.where(right & (not right.all()), -1.0, sigmas)
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(rank)), right.shape))


def _value_reason(tensor: TensorVerdict, right: Flags, proven: bool) -> str:
    expected, got = tensor.expected, tensor.got
    where = f"{tensor.name}[{', '.join(map(str, tensor.index))}]" if tensor.index else tensor.name
    wrong = int(right.size - np.count_nonzero(right))
    digits = next((d for d in (4, 8, 12) if f"{expected:.{d}e}" != f"{got:.{d}e}"), 16)
    size = f"{tensor.sigmas:.2g} sigma, {tensor.share:.2g} x bound"
    kind = "proven wrong" if proven else f"more than {SIGMAS} sigma: statistical"
    if not np.isfinite(got):
        size, kind = "no number", "proven wrong"
    return (
        f"{where} expected {expected:.{digits}e} got {got:.{digits}e}, {size}: {kind}; "
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
    return TensorVerdict(
        name, Verdict.FAIL, shape, sigmas=math.inf, share=math.inf, reason=reason, proven=True
    )
