"""Terms and derivatives of the losses against their definitions in rationals or many digits."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from many_digits import ENOUGH, errors

from gradoracle import Batch, Case, Network, Parameters
from gradoracle.activations import sigmoid, softmax, softplus
from gradoracle.arrays import DTYPES, unit_roundoff
from gradoracle.judge import judge
from gradoracle.losses import LOSSES, probability_form_resolves
from gradoracle.reference import reference
from gradoracle.truth.reverse import truth
from gradoracle_numpy.n_layer import implementation

EVERY_DTYPE = pytest.mark.parametrize("dtype", list(DTYPES))
BINARY_LABELS = (0.0, 1.0, 0.5, 0.25, 2.0**-10, 1 - 2.0**-10)
SOFT_LABELS = ([0.25, 0.5, 0.25], [1.0, 0.0, 0.0], [0.0, 0.125, 0.875], [0.0, 1.0, 0.0])
LOGITS = (
    [0.3, -1.1, 0.8],
    [0.0, 0.0, 0.0],
    [35.0, -5.0, 1.0],
    [-20.0, 4.0, 3.5],
    [800.0, -800.0, 0.0],
    [-800.0, -801.0, -800.5],
)

Terms = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def gamma(k: int, dtype: str) -> float:
    """k u / (1 - k u): what k roundings in any order may do to a product or a sum."""
    u = unit_roundoff(DTYPES[dtype])
    return k * u / (1 - k * u)


def outputs(dtype: str) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(21)
    a, y = rng.normal(size=(2, 6, 5))
    a[0], y[1] = y[0], 0.0  # where the difference is 0, and where a label is
    return a.astype(dtype), y.astype(dtype)


def rational_share(got: np.ndarray, arrays: tuple[np.ndarray, ...], exact: Callable) -> float:
    """|error| over gamma_3 of the value and the smallest normal number, in rationals."""
    if got.dtype != arrays[0].dtype or got.shape != arrays[0].shape:
        return np.inf
    dtype, worst = str(got.dtype), 0.0
    for entry, *given in zip(got.flat, *(array.flat for array in arrays), strict=True):
        if not np.isfinite(entry):
            return np.inf
        true = exact(*(Fraction(float(v)) for v in given))
        allowed = gamma(3, dtype) * abs(float(true)) + float(np.finfo(dtype).tiny)
        worst = max(worst, abs(float(Fraction(float(entry)) - true)) / allowed)
    return worst


@EVERY_DTYPE
@pytest.mark.parametrize(
    ("loss", "term", "slope", "curvature"),
    [
        ("squared_error", lambda a, y: (a - y) ** 2, lambda a, y: 2 * (a - y), 2),
        ("half_squared_error", lambda a, y: (a - y) ** 2 / 2, lambda a, y: a - y, 1),
        ("linear", lambda a, c: a * c, lambda a, c: c, 0),
    ],
)
def test_losses_of_the_activation(loss: str, dtype: str, term, slope, curvature: float):
    a, y = outputs(dtype)
    row = LOSSES[loss]
    z = np.full_like(a, np.nan)  # they are functions of a alone
    assert rational_share(row.terms(z, a, y), (a, y), term) <= 1
    assert rational_share(row.cotangent(a, y), (a, y), slope) <= 1
    assert row.curvature == curvature
    assert row.output is None
    assert not np.shares_memory(row.cotangent(a, y), y)
    for wrong in (1.001, -1.0, 2.0, 0.0):
        assert rational_share((wrong * row.terms(z, a, y)).astype(dtype), (a, y), term) > 1
        assert rational_share((wrong * row.cotangent(a, y)).astype(dtype), (a, y), slope) > 1
    # the derivative of the terms: both are polynomials of a, so a difference is exact
    step = Fraction(1, 2)
    for p, t in ((Fraction(3, 7), Fraction(-2, 5)), (Fraction(1), Fraction(0))):
        assert (term(p + step, t) - term(p - step, t)) / (2 * step) == slope(p, t)


def shares(error: np.ndarray, allowed: np.ndarray, dtype: str) -> float:
    """The largest share of what is allowed and the smallest normal number."""
    with np.errstate(over="ignore"):  # a wrong 1 for a true 1e-348
        return float((error / (allowed + np.finfo(dtype).tiny)).max())


def binary_share(terms: Terms, dtype: str) -> float:
    """|error| over u (8 M + |z (a - y)|), M = y softplus(-z) + (1 - y) softplus(z)."""
    z = np.array(sorted({*np.linspace(-40, 40, 33), 1e-9, -1e-6, 800.0, -800.0}), dtype)
    worst = 0.0
    for label in BINARY_LABELS:
        y = np.full_like(z, label)
        got = terms(z, sigmoid(z), y)
        if got.dtype != z.dtype:
            return np.inf
        with mpmath.workdps(ENOUGH):
            true = []
            for v in z.tolist():
                a = 1 / (1 + mpmath.exp(-mpmath.mpf(v)))
                t = mpmath.mpf(label)
                true.append(-t * mpmath.log(a) - (1 - t) * mpmath.log(1 - a))
        wide = z.astype(np.float64)
        magnitude = label * softplus(-wide) + (1 - label) * softplus(wide)
        argument = np.abs(wide * (sigmoid(wide) - label))
        allowed = unit_roundoff(DTYPES[dtype]) * (8 * magnitude + argument)
        worst = max(worst, shares(errors(got, true), allowed, dtype))
    return worst


def column_share(terms: Terms, dtype: str) -> float:
    """|error| of y_i (logsumexp - z_i), over its roundings counted one by one.

    The shift has 1; each e^s at most 8 + |s|, s e^s at most 1 / e of the sum, of k terms; the log
    8 of its own and the difference and the product 2 more.
    """
    worst = 0.0
    for column in LOGITS:
        for label in SOFT_LABELS:
            z, y = np.array([column], dtype).T, np.array([label], dtype).T
            got = terms(z, softmax(z), y)
            if got.dtype != z.dtype or got.shape != z.shape:
                return np.inf
            k = len(column)
            with mpmath.workdps(ENOUGH):
                s = [mpmath.mpf(v) for v in z[:, 0].tolist()]
                lse = mpmath.log(sum(mpmath.exp(v) for v in s))
                true = [mpmath.mpf(t) * (lse - v) for t, v in zip(label, s, strict=True)]
            shift = max(column) - np.array(column)
            log = float(lse) - max(column)
            count = (8 + k + k / np.e) + 8 * log + shift + 2 * (log + shift)
            allowed = unit_roundoff(DTYPES[dtype]) * 1.001 * count * np.array(label)
            worst = max(worst, shares(errors(got, true), allowed, dtype))
    return worst


def clipped(a: np.ndarray) -> np.ndarray:
    return np.clip(a, a.dtype.type(1e-7), a.dtype.type(1 - 1e-7))


@EVERY_DTYPE
def test_binary_cross_entropy(dtype: str):
    right = LOSSES["binary_cross_entropy"].terms
    assert binary_share(right, dtype) <= 1
    wrong: list[Terms] = [
        lambda z, a, y: -y * np.log(clipped(a)) - (1 - y) * np.log(1 - clipped(a)),
        lambda z, a, y: -y * np.log(clipped(a)),
        lambda z, a, y: right(-z, a, y),
        lambda z, a, y: (1.001 * right(z, a, y)).astype(z.dtype),
        lambda z, a, y: right(z, a, 1 - y),
        lambda z, a, y: np.maximum(z, 0) - z * y,
    ]
    for terms in wrong:
        assert binary_share(terms, dtype) > 1


@EVERY_DTYPE
def test_cross_entropy(dtype: str):
    right = LOSSES["cross_entropy"].terms
    assert column_share(right, dtype) <= 1
    wrong: list[Terms] = [
        lambda z, a, y: -y * np.log(clipped(a)),
        lambda z, a, y: (1.001 * right(z, a, y)).astype(z.dtype),
        lambda z, a, y: -right(z, a, y),
        lambda z, a, y: right(z, a, y[::-1]),
        lambda z, a, y: y * (np.log(np.exp(z - z.max()).sum()) - z).astype(z.dtype),
        lambda z, a, y: right(z, a, y).sum(axis=0),
    ]
    for terms in wrong:
        assert column_share(terms, dtype) > 1


@EVERY_DTYPE
def test_cross_entropies_of_saturated_logits(dtype: str):
    """No clipping and no epsilon: the values that follow from the definition at |z| = 800."""
    z = np.array([[800.0, -800.0, 800.0, -800.0, 800.0]], dtype)
    y = np.array([[0.0, 1.0, 1.0, 0.0, 0.25]], dtype)
    got = LOSSES["binary_cross_entropy"].terms(z, sigmoid(z), y)
    assert got.tolist() == [[800, 800, 0, 0, 600]]
    z = np.array([[800.0, 0.0, -800.0]] * 3, dtype).T
    y = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.25, 0.25, 0.5]], dtype).T
    got = LOSSES["cross_entropy"].terms(z, softmax(z), y)
    assert got.T.tolist() == [[0, 0, 1600], [0, 0, 0], [0, 200, 800]]


@EVERY_DTYPE
@pytest.mark.parametrize("loss", ["binary_cross_entropy", "cross_entropy"])
def test_probability_form(loss: str, dtype: str):
    """In rationals, from the given a: at most 1 - a, 1 - y, a division and a sum of two terms."""
    rng = np.random.default_rng(22)
    a = rng.uniform(0.001, 0.999, size=(6, 5)).astype(dtype)
    y = rng.choice(BINARY_LABELS, size=a.shape).astype(dtype)
    a[0] = [0.25, 1e-30, 1 - 2.0**-20, 0.5, 2.0**-10]
    got = LOSSES[loss].cotangent(a, y)
    binary = loss == "binary_cross_entropy"

    def worst(cotangent: np.ndarray) -> float:
        share = 0.0
        for p, t, g in zip(a.flat, y.flat, cotangent.flat, strict=True):
            p, t = Fraction(float(p)), Fraction(float(t))
            head, rest = t / p, (1 - t) / (1 - p) if binary else 0
            allowed = gamma(4, dtype) * float(head + rest) + float(np.finfo(dtype).tiny)
            share = max(share, float(abs(Fraction(float(g)) - (rest - head))) / allowed)
        return share

    assert got.dtype == a.dtype
    assert worst(got) <= 1
    for wrong in (-got, 1.001 * got, -y / a if binary else -a / np.maximum(y, 0.1), a - y):
        assert worst(wrong.astype(dtype)) > 1
    assert LOSSES[loss].output == ("sigmoid" if binary else "softmax")


@EVERY_DTYPE
def test_which_activations_resolve_the_probability_form(dtype: str):
    u, tiny = unit_roundoff(DTYPES[dtype]), float(np.finfo(dtype).tiny)

    def resolves(loss: str, *a: float) -> bool:
        return probability_form_resolves(loss, np.array([[0.5, *a]], dtype))

    for loss in LOSSES:
        assert resolves(loss, 0.25, 0.75)
        fused = loss in ("binary_cross_entropy", "cross_entropy")
        assert resolves(loss, tiny, 1e-30)
        assert resolves(loss, tiny / 2) is not fused
        assert resolves(loss, 0.0) is not fused
        assert resolves(loss, np.nan) is not fused
        assert resolves(loss, 1 - 10 * u)
        for saturated in (1.0, 1 - 2 * u, 1 - 8 * u):
            assert resolves(loss, saturated) is (loss != "binary_cross_entropy")


@EVERY_DTYPE
@pytest.mark.parametrize("largest", [5.0, 60.0, 800.0])
@pytest.mark.parametrize("loss", ["binary_cross_entropy", "cross_entropy"])
def test_dA_of_a_saturated_output_is_left_out(loss: str, largest: float, dtype: str):
    """The rest of the trace is right whatever the logits; dA^[L] is there where it can be."""
    binary = loss == "binary_cross_entropy"
    b = np.array([[largest]] if binary else [[largest], [0.0], [-largest]])
    X = np.array([[0.5, -0.25, 0.125]])
    Y = np.array([[0.0, 1.0, 0.5]] if binary else [[0.0, 1, 0.25], [0.5, 0, 0.25], [0.5, 0, 0.5]])
    network = Network((1, len(b)), ("sigmoid" if binary else "softmax",), loss)
    case = Case("saturated", network, Parameters([np.ones_like(b)], [b]), Batch(X, Y))
    case = case.astype(dtype)
    run, proven = implementation(case), truth(case)
    limits = reference(case, proven)
    smallest = np.finfo(dtype).tiny
    gone = largest > 40 if binary else 2 * largest > -np.log(smallest)
    assert ("dA1" not in run) == gone
    assert ("dA1" not in limits.names) == gone
    verdict = judge(run, proven, limits)
    assert verdict.first_wrong is None
    assert verdict.missing == ()
    if largest == 800 and binary:
        assert 399 < run["J"] < 402  # 800, 0 and 400, over 3, and what X adds
