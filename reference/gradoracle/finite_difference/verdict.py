"""Finite differences judged by their own derived error, never by a tolerance that was chosen."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence

import numpy as np

from gradoracle.arrays import Array
from gradoracle.case import trace_shapes
from gradoracle.finite_difference.differences import (
    Differences,
    Indices,
    by_direction,
    by_parameter,
)
from gradoracle.finite_difference.objective import Objective
from gradoracle.judge import CaseVerdict, TensorVerdict, Verdict
from gradoracle.reference import Known, Reference

EVERY = 4096  # parameters that are all differentiated; of larger networks a sample is
SAMPLE = 4  # parameters of each tensor of a larger network
DIRECTIONS = 2  # random directions through all parameters of a larger network
ALONG = "dJ along d"


def judge_differences(objective: Objective, truth: Known, limits: Reference) -> CaseVerdict:
    """Judge SciPy's differences: every parameter of a small network, a sample of a large one.

    A large network (over 4,096 parameters) gets 4 random parameters of each tensor and 2 random
    directions of entries +-1 through all of them.

    Parameters
    ----------
    objective : Objective
    truth : Known
    limits : Reference
        In float64: the rounding error of J.

    Returns
    -------
    CaseVerdict
        Tensors dW and db, with their share of the derived error and no sigmas;
        `CaseVerdict.flips` counts the parameters whose steps cross a kink.
    """
    size = objective.theta.size
    crossings: dict[str, int] = {}
    rng = np.random.default_rng(zlib.crc32(objective.case.id.encode()))
    if size <= EVERY:
        flat = np.arange(size)
    else:
        flat = np.concatenate(
            [
                rng.choice(
                    np.arange(span.start, span.stop), min(SAMPLE, span.stop - span.start), False
                )
                for span in objective.slices.values()
            ]
        )
    found = by_parameter(objective, limits, flat)
    tensors = _by_tensor(objective, truth, flat, found)
    if found.crossed.any():
        crossings["parameters"] = int(found.crossed.sum())
    if size > EVERY:
        directions = rng.choice([-1.0, 1.0], size=(DIRECTIONS, size))
        tensors.append(
            _along(objective, truth, directions, by_direction(objective, limits, directions))
        )
    return CaseVerdict(objective.case.id, "float64", tuple(tensors), (), crossings)


def _by_tensor(
    objective: Objective, truth: Known, flat: Indices, found: Differences
) -> list[TensorVerdict]:
    """Sort the differences by tensor, in the order of computation."""
    tensors = []
    for name, shape in trace_shapes(objective.case.network, objective.case.n).items():
        span = objective.slices.get(name[1:])
        if span is None or name[0] != "d":
            continue
        mine = np.flatnonzero((flat >= span.start) & (flat < span.stop))
        at = flat[mine] - span.start
        expected, radius = truth.values[name].ravel()[at], truth.radii[name].ravel()[at]
        indices = [tuple(int(i) for i in np.unravel_index(int(k), shape)) for k in at]
        tensors.append(_verdict(name, shape, expected, radius, found, mine, indices))
    return tensors


def _along(
    objective: Objective, truth: Known, directions: Array, found: Differences
) -> TensorVerdict:
    """Compare with the true gradient's inner product with each direction."""
    gradient = gradient_of(objective, truth.values)
    expected = np.array([math.fsum(d * gradient) for d in directions])  # d is +-1: exact products
    radius = np.full(len(directions), gradient_of(objective, truth.radii).sum())
    indices = [(k,) for k in range(len(directions))]
    everything = np.arange(len(directions))
    return _verdict(ALONG, (len(directions),), expected, radius, found, everything, indices)


def gradient_of(objective: Objective, arrays: Mapping[str, Array]) -> Array:
    """Lay dW1 db1 dW2 ... of a trace flat, in the order of theta."""
    return np.concatenate([arrays[f"d{name}"].ravel() for name in objective.slices])


def _verdict(
    name: str,
    shape: tuple[int, ...],
    expected: Array,
    radius: Array,
    found: Differences,
    mine: Indices,
    indices: Sequence[tuple[int, ...]],
) -> TensorVerdict:
    """Judge the differences ``mine``, that belong to one tensor."""
    value, judged = found.value[mine], ~found.crossed[mine]
    allowed = found.rounding[mine] + found.truncation[mine] + radius
    error = np.abs(value - expected)
    wrong = judged & ~(error <= allowed)  # NaN is never <=
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(error == 0, 0.0, error / allowed)
    share = np.where(judged, np.nan_to_num(share, nan=np.inf), -1.0)
    worst = int(np.argmax(share))
    largest = float(np.abs(expected).max())
    verdict, reason = Verdict.PASS, ""
    if wrong.any():
        verdict = Verdict.FAIL
        reason = (
            f"{name}[{', '.join(map(str, indices[worst]))}] expected {expected[worst]:.9e} "
            f"got {value[worst]:.9e}, {share[worst]:.3g} times its derived error; "
            f"{np.count_nonzero(wrong)} of {judged.size} differences wrong"
        )
    elif not (judged & (allowed < largest)).any():
        verdict = Verdict.CANNOT_TELL
        crossings = int(np.count_nonzero(~judged))
        reason = (
            f"{crossings} of {judged.size} steps cross a kink"
            if crossings
            else f"its derived error may be as large as the largest entry, {largest:.3g}"
        )
    return TensorVerdict(
        name=name,
        verdict=verdict,
        shape=shape,
        share=max(0.0, float(share[worst])),
        index=indices[worst],
        expected=float(expected[worst]),
        got=float(value[worst]),
        reason=reason,
        judged=int(np.count_nonzero(judged)),
        sensitivity=float(np.median(allowed)) / largest if largest > 0 else math.inf,
    )


def check_grad(objective: Objective, truth: Known) -> float | None:
    """Return what `scipy.optimize.check_grad` says of the true gradient, or None if it is large.

    It is the check that people know: forward differences with one fixed step, summed into one
    norm, so the number shows its own error. Not judged, and only for small networks, because it
    runs the network once a parameter.
    """
    from scipy.optimize import check_grad as scipy_check_grad  # imported late, as above

    if objective.theta.size > EVERY // 16:
        return None
    true = gradient_of(objective, truth.values)

    def gradient(theta: Array) -> Array:  # noqa: ARG001 - asked for at the given point alone
        return true

    return float(scipy_check_grad(objective, gradient, objective.theta))
