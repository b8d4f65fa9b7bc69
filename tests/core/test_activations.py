"""Values and derivatives of the activations against their definitions to many digits."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import flint
import mpmath
import numpy as np
import pytest
from definition import BALLS
from flint import arb
from many_digits import ENOUGH, STEP, derivatives, errors, grid, own_error

from gradoracle.activations import (
    ACTIVATIONS,
    activate,
    elementwise,
    pull_back,
    sigmoid,
    sigmoid_prime,
    sigmoid_prime_from_a,
    softmax,
    softmax_vjp,
    tanh,
    tanh_prime,
    tanh_prime_from_a,
)
from gradoracle.arrays import DTYPES, unit_roundoff
from gradoracle.truth import balls

NAMES = [name for name in ACTIVATIONS if name != "softmax"]
ORDERS = ("value", "prime", "second")
EVERY_DTYPE = pytest.mark.parametrize("dtype", list(DTYPES))
EVERY_NAME = pytest.mark.parametrize("name", NAMES)

Function = Callable[[np.ndarray], np.ndarray]


def phi(z: float) -> float:
    return float(np.exp(-z * z / 2) / np.sqrt(2 * np.pi))


def terms(name: str, order: str, z: float) -> float | None:
    """Sum of the magnitudes of the terms of the textbook form; None where the form is exact.

    Those of f and f' are the table's in the measured tolerances; f'' follows the same rule.
    """
    d = derivatives(name, z)
    f, below, size = float(d.value), z <= 0, abs(z)
    a = {"softplus": float(d.prime)}.get(name, 0.0)  # sigma(z), where the form has it
    if name in ("sigmoid", "silu"):
        a = float(derivatives("sigmoid", z).value)
    table: dict[str, tuple[float, float, float] | None] = {
        "identity": None,
        "relu": None,
        "leaky_relu": (size / 100 * below, 0.01 * below, 0.0),
        "sigmoid": (f, f, float(d.prime) * (1 + 2 * f)),
        "tanh": (abs(f), 1 + f * f, 2 * abs(f) * (1 + f * f)),
        "softplus": (f, a * (1 + size), a),
        "elu": ((f + 2) * below, 1.0, (f + 1) * below),
        "gelu": (size, 1 + size * phi(z), phi(z) * (2 + z * z)),
        "silu": (size * a, a * (1 + size), a * (2 + size * (1 + 2 * a))),
    }
    row = table[name]
    return None if row is None else row[ORDERS.index(order)]


def allowance(name: str, order: str, z: float, dtype: str) -> float:
    """u (8 terms + |z f'(z)|) for f, alike for f' and f''; (1 + |z|) of what may be flushed to 0.

    z e^z may be flushed to zero before it is multiplied by z, hence the second part.
    """
    magnitude = terms(name, order, z)
    if magnitude is None:
        return 0.0
    d = derivatives(name, z)
    slope = {"value": d.prime, "prime": d.second, "second": d.third}[order]
    flushed = (1 + abs(z)) * float(np.finfo(dtype).tiny)
    return unit_roundoff(DTYPES[dtype]) * (8 * magnitude + float(abs(z * slope))) + flushed


def worst_share(function: Function, name: str, order: str, dtype: str) -> float:
    """The largest |error| / allowance over the grid; infinite for a wrong dtype or shape."""
    z = grid(dtype)
    got = function(z)
    if got.dtype != z.dtype or got.shape != z.shape:
        return np.inf
    points = z.tolist()
    error = errors(got, [getattr(derivatives(name, v), order) for v in points])
    allowed = np.array([allowance(name, order, v, dtype) for v in points])
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.where(error == 0, 0.0, error / allowed).max())


@EVERY_DTYPE
@pytest.mark.parametrize("order", ORDERS)
@EVERY_NAME
def test_against_the_definition(name: str, order: str, dtype: str):
    assert worst_share(getattr(elementwise(name), order), name, order, dtype) <= 1


@EVERY_DTYPE
@pytest.mark.parametrize("order", ["value", "prime"])
@EVERY_NAME
def test_a_wrong_function_is_seen(name: str, order: str, dtype: str):
    right = getattr(elementwise(name), order)

    def one_nan(z: np.ndarray) -> np.ndarray:
        a = right(z).copy()
        a[3] = np.nan
        return a

    wrong: dict[str, Function] = {
        "a thousandth too large": lambda z: (1.001 * right(z)).astype(z.dtype),
        "sign": lambda z: -right(z),
        "one NaN": one_nan,
        "another dtype": lambda z: right(z).astype(np.float16),
        "an axis more": lambda z: right(z)[np.newaxis],
        "zero": lambda z: 0 * z,
        "the other side": lambda z: right(-z),
    }
    if name == "identity" and order == "prime":
        del wrong["the other side"]  # 1 on both sides
    if name in ("sigmoid", "tanh") and order == "prime":
        if name == "sigmoid":
            del wrong["the other side"]  # an even function, as is tanh'
        wrong.pop("the other side", None)
        wrong["g'(a) for g'(z)"] = lambda z: right(elementwise(name).value(z))
    for mistake, function in wrong.items():
        assert worst_share(function, name, order, dtype) > 1, mistake


@EVERY_DTYPE
def test_derivatives_from_a_are_functions_of_the_activation(dtype: str):
    """In exact arithmetic from the given a: a (1 - a) and 1 - a^2 with at most 3 roundings."""
    u = unit_roundoff(DTYPES[dtype])
    for function, prime_from_a, exact in (
        (sigmoid, sigmoid_prime_from_a, lambda a: a * (1 - a)),
        (tanh, tanh_prime_from_a, lambda a: 1 - a * a),
    ):
        a = function(grid(dtype))
        got = prime_from_a(a)
        assert got.dtype == a.dtype
        for given, value in zip(a.tolist(), got.tolist(), strict=True):
            assert abs(Fraction(value) - exact(Fraction(given))) <= 3 * u * (1 + abs(given))
    z = np.linspace(-3, 3, 31).astype(dtype)
    for function, prime, prime_from_a in (
        (sigmoid, sigmoid_prime, sigmoid_prime_from_a),
        (tanh, tanh_prime, tanh_prime_from_a),
    ):
        a = function(z)
        # the table's 8 (1 + a^2) for g' on one side, 8 a (1 - 2a) and 3 on the other
        assert (np.abs(prime(z) - prime_from_a(a)) <= u * (16 + 16 + 6 + np.abs(z))).all()
        assert (np.abs(prime(z) - prime_from_a(z)) > u * 41).any()  # they do not take z


@EVERY_DTYPE
def test_kinks(dtype: str):
    zeros = np.array([0.0, -0.0], dtype)
    assert elementwise("relu").prime(zeros).tolist() == [0, 0]
    assert elementwise("relu").value(zeros).tolist() == [0, 0]
    hundredth = np.array(0.01, dtype)
    assert (elementwise("leaky_relu").prime(zeros) == hundredth).all()
    assert elementwise("elu").prime(zeros).tolist() == [1, 1]
    smallest = np.array([5e-324, -5e-324] if dtype == "float64" else [1e-45, -1e-45], dtype)
    assert elementwise("relu").prime(smallest).tolist() == [1, 0]
    assert (elementwise("leaky_relu").prime(smallest) == [1, hundredth]).all()
    kinked = {name for name in NAMES if elementwise(name).kink}
    assert kinked == {"relu", "leaky_relu"}
    for name in NAMES:  # a kink is a jump of g' at 0, and nothing else is
        near = np.array([1e-9, -1e-9])
        above, below = elementwise(name).prime(near)
        assert (abs(above - below) > 0.5) == elementwise(name).kink


@EVERY_NAME
def test_terms_are_the_measured_table(name: str):
    row, z = elementwise(name), grid("float64")
    for order, function in (("value", row.terms), ("prime", row.prime_terms)):
        expected = [terms(name, order, v) for v in z.tolist()]
        if function is None:
            assert expected == [None] * len(expected)
            continue
        got = function(z)
        flushed = (1 + np.abs(z)) * np.finfo(float).tiny
        # they scale an error: five digits are more than enough
        assert (np.abs(got - expected) <= 1e-5 * np.abs(expected) + flushed).all(), order


def test_the_table_is_whole():
    assert list(ACTIVATIONS) == [
        "identity", "sigmoid", "tanh", "relu", "leaky_relu", "softplus", "elu", "gelu", "silu",
        "softmax",
    ]  # fmt: skip
    assert set(balls.ELEMENTWISE) == set(NAMES)
    with pytest.raises(ValueError, match="softmax couples the units"):
        elementwise("softmax")


@EVERY_DTYPE
def test_functions_by_name(dtype: str):
    rng = np.random.default_rng(12)
    z, da = rng.normal(size=(2, 4, 5)).astype(dtype)
    for name in NAMES:
        a = activate(name, z)
        assert a.tobytes() == elementwise(name).value(z).tobytes()
        expected = da * elementwise(name).prime(z)
        assert pull_back(name, z, a, da).tobytes() == expected.tobytes()
        assert not np.shares_memory(a, z)
    a = activate("softmax", z)
    assert a.tobytes() == softmax(z).tobytes()
    assert pull_back("softmax", z, a, da).tobytes() == softmax_vjp(a, da).tobytes()


# --- softmax


LOGITS = [
    [0.3, -1.1, 0.8],
    [0.0, 0.0, 0.0],
    [35.0, -5.0, 1.0],
    [-20.0, 4.0, 3.5],
    [800.0, -800.0, 0.0],
    [-800.0, -801.0, -800.5],
    [1e-8, -1e-8, 0.0],
]


def softmax_truth(z: list[float]) -> tuple[list[mpmath.mpf], list[list[mpmath.mpf]]]:
    """Softmax and J[i][j] = d a_i / d z_j, by differences of e^z_i / sum e^z_k."""
    with mpmath.workdps(ENOUGH):
        h = STEP

        def a(j: int, step: mpmath.mpf) -> list[mpmath.mpf]:
            e = [mpmath.exp(mpmath.mpf(v) + (step if k == j else 0)) for k, v in enumerate(z)]
            return [v / sum(e) for v in e]

        columns = [
            [(u - v) / (2 * h) for u, v in zip(a(j, h), a(j, -h), strict=True)]
            for j in range(len(z))
        ]
        return a(0, mpmath.mpf(0)), [list(row) for row in zip(*columns, strict=True)]


def softmax_share(function: Function, dtype: str) -> float:
    """|error| over u a (2 * 8 + k + |z - max z|): two exponentials, k sums, the shift."""
    z = np.array(LOGITS, dtype).T
    got = function(z)
    if got.dtype != z.dtype or got.shape != z.shape:
        return np.inf
    shares = []
    for column, given in zip(got.T, z.T.tolist(), strict=True):
        value, _ = softmax_truth(given)
        shift = max(given) - np.array(given)
        allowed = unit_roundoff(DTYPES[dtype]) * np.array(value, float) * (16 + len(given) + shift)
        shares.append(errors(column, value) / (allowed + np.finfo(dtype).tiny))
    return float(np.max(shares))


def vjp_share(function: Callable[[np.ndarray, np.ndarray], np.ndarray], dtype: str) -> float:
    """|error| over gamma_{k+3} a_i (|da_i| + sum a |da|), against (diag(a) - a a^T)^T da.

    In rationals, from the given floats: k products and k - 1 sums in any order, a difference and
    a product.
    """
    rng = np.random.default_rng(13)
    a = softmax(np.array([*LOGITS, *rng.normal(size=(5, 3))], dtype).T)
    da = rng.normal(size=a.shape).astype(dtype)
    got = function(a, da)
    if got.dtype != a.dtype or got.shape != a.shape:
        return np.inf
    k, u = len(a), unit_roundoff(DTYPES[dtype])
    gamma = (k + 3) * u / (1 - (k + 3) * u)
    worst = 0.0
    for p, d, g in zip(a.T.tolist(), da.T.tolist(), got.T.tolist(), strict=True):
        if not np.isfinite(g).all():
            return np.inf
        p, d = [Fraction(v) for v in p], [Fraction(v) for v in d]
        scale = sum(v * abs(w) for v, w in zip(p, d, strict=True))
        for i in range(k):
            jacobian = [(p[j] if i == j else 0) - p[j] * p[i] for j in range(k)]
            exact = sum(v * w for v, w in zip(jacobian, d, strict=True))
            allowed = gamma * float(p[i] * (abs(d[i]) + scale)) + float(np.finfo(dtype).tiny)
            worst = max(worst, float(abs(Fraction(g[i]) - exact)) / allowed)
    return worst


@EVERY_DTYPE
def test_softmax(dtype: str):
    assert softmax_share(softmax, dtype) <= 1
    wrong: list[Function] = [
        lambda z: (1.001 * softmax(z)).astype(z.dtype),
        lambda z: softmax(z.T).T,  # along the other axis
        lambda z: softmax(z)[::-1],
        lambda z: softmax(z).astype(np.float16),
        lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(),  # over all columns
    ]
    for function in wrong:
        assert softmax_share(function, dtype) > 1


@EVERY_DTYPE
def test_softmax_vjp(dtype: str):
    assert vjp_share(softmax_vjp, dtype) <= 1
    wrong: list[Callable[[np.ndarray, np.ndarray], np.ndarray]] = [
        lambda a, da: a * (1 - a) * da,  # the diagonal alone
        lambda a, da: a * (da - (a * da).sum(axis=1, keepdims=True)),
        lambda a, da: a * (da - da.mean(axis=0, keepdims=True)),
        lambda a, da: -softmax_vjp(a, da),
        lambda a, da: (1.001 * softmax_vjp(a, da)).astype(a.dtype),
    ]
    for function in wrong:
        assert vjp_share(function, dtype) > 1


def test_softmax_jacobian_of_the_definition():
    """softmax and softmax_vjp together against differences of the definition itself."""
    rng = np.random.default_rng(14)
    z = np.array(LOGITS).T
    a, da = softmax(z), rng.normal(size=z.shape)
    got = softmax_vjp(a, da)
    for column in range(z.shape[1]):
        value, jacobian = softmax_truth(z[:, column].tolist())
        with mpmath.workdps(ENOUGH):
            rows = list(zip(*jacobian, strict=True))
            exact = [
                sum(s * mpmath.mpf(d) for s, d in zip(row, da[:, column].tolist(), strict=True))
                for row in rows
            ]
        p, size = np.array(value, float), np.abs(da[:, column])
        shift = np.abs(z[:, column] - z[:, column].max())
        relative = 16 + 3 + shift  # of each a, as above
        inner = size + (p * size).sum()
        first_order = p * (relative * inner + (p * size * relative).sum() + 6 * inner)
        allowed = 2.0**-53 * 1.01 * first_order + 2.0**-1021
        assert (errors(got[:, column], exact) <= allowed).all()


# --- the ball forms


def exactly(ball: arb) -> mpmath.mpf:
    """The midpoint without rounding."""
    man, exponent = ball.mid().man_exp()
    return mpmath.mpf(int(man)) * mpmath.mpf(2) ** int(exponent)


BALL_POINTS = [0.0, -0.0, 1e-300, -1e-300, 1e-9, -1e-9, 0.1, -0.7, 1.0, -2.5, 8.0, -8.0, 40.0,
               -40.0, 800.0, -800.0]  # fmt: skip


def ball_is_right(function: Callable[[arb], arb], name: str, order: str, z: float) -> bool:
    """Whether the ball holds the definition's value, and its radius is below 2^-100 of it."""
    true = getattr(derivatives(name, z), order)
    with flint.ctx.workprec(128), mpmath.workdps(ENOUGH):
        ball = function(arb(z))
        radius = exactly(ball.rad())
        sharp = radius <= mpmath.mpf(2) ** -100 * abs(true) + own_error(true)
        return bool(abs(exactly(ball) - true) <= radius + own_error(true)) and sharp


@EVERY_NAME
def test_ball_forms(name: str):
    # gelu(-800) is 1e-138974: the definition to 450 digits says 0
    points = [z for z in BALL_POINTS if name != "gelu" or abs(z) <= 40]
    for order, function in zip(("value", "prime"), balls.ELEMENTWISE[name], strict=True):
        for z in points:
            assert ball_is_right(function, name, order, z), (order, z)
        wrong: list[Callable[[arb], arb]] = [
            lambda z, f=function: f(z) * (1 + arb(2) ** -90),
            lambda z, f=function: -f(z),
            lambda z, f=function: arb(f(z).mid(), abs(f(z)) * arb(2) ** -60),  # a blunt radius
        ]
        for mistaken in wrong:
            assert not all(ball_is_right(mistaken, name, order, z) for z in points)


def test_ball_of_a_wide_argument():
    """A ball that straddles 0 gives the hull where the function is continuous, else it raises."""
    wide = arb(0, 0.25)
    ends = {"elu": (BALLS.exp(arb(-0.25)) - 1, arb(0.25))}
    value, prime = balls.ELEMENTWISE["elu"]
    for end in ends["elu"]:
        assert value(wide).contains(end)
    assert prime(wide).contains(BALLS.exp(arb(-0.25)))
    assert prime(wide).contains(arb(1))
    for name in ("relu", "leaky_relu"):
        for function in balls.ELEMENTWISE[name]:
            with pytest.raises(balls.UndecidedError, match="either side of the kink"):
                function(wide)
    smooth = ("sigmoid", "tanh", "softplus", "gelu", "silu", "identity")
    for name in smooth:
        for order, function in zip(("value", "prime"), balls.ELEMENTWISE[name], strict=True):
            for z in (-0.25, -0.125, 0.0, 0.25):
                near = arb(float(getattr(derivatives(name, z), order)))
                assert function(wide).overlaps(near + arb(0, 2.0**-50)), (name, order, z)


def test_softmax_in_balls():
    with flint.ctx.workprec(128):
        rng = np.random.default_rng(15)
        for column in LOGITS:
            value, jacobian = softmax_truth(column)
            a = balls.softmax([arb(v) for v in column])
            da = rng.normal(size=3).tolist()
            pulled = balls.softmax_vjp(a, [arb(v) for v in da])
            with mpmath.workdps(ENOUGH):
                rows = zip(*jacobian, strict=True)
                true = [
                    sum(s * mpmath.mpf(d) for s, d in zip(row, da, strict=True)) for row in rows
                ]
                for ball, exact in zip([*a, *pulled], [*value, *true], strict=True):
                    radius = exactly(ball.rad())
                    assert abs(exactly(ball) - exact) <= radius + own_error(exact)
                    assert radius <= mpmath.mpf(2) ** -100
