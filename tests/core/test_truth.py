"""The proven truth against the definition of J, by routes that share no reverse formula with it."""

from __future__ import annotations

import contextlib
from fractions import Fraction

import flint
import mpmath
import numpy as np
import pytest
from definition import BALLS, DIGITS, RATIONAL, Definition
from draws import build
from flint import arb

from gradoracle import Batch, Case, Network, Parameters
from gradoracle.activations import ACTIVATIONS
from gradoracle.case import trace_shapes
from gradoracle.losses import LOSSES
from gradoracle.network import REDUCTIONS
from gradoracle.truth import balls, reverse
from gradoracle.truth.balls import UndecidedError
from gradoracle.truth.nearest import nearest
from gradoracle.truth.reverse import Truth, truth
from gradoracle.truth.sweep import Sweep

BITS = 640
STEP = -160  # differences with h = 2^-160: their truncation is h^2 / 6 times J''' along one entry
# the values of J to 640 bits leave 480 - 10 of a difference; |J'''| / 6 is below 2^20 for every
# case here, so 2^-300 covers h^2 |J'''| / 6 = 2^-320 |J'''| / 6 and the rounding of J as well
TRUNCATION = -300

PAIRS = [
    (loss, output)
    for loss, row in LOSSES.items()
    for output in (ACTIVATIONS if row.output is None else (row.output,))
]


def small_case(
    loss: str, output: str, hidden: str = "tanh", reduction: str = "mean", l2: float = 0.0
) -> Case:
    """Six weights, three biases, two outputs; distinct n_0, n_1 and n."""
    name = f"truth.{hidden}.{output}.{loss}.{reduction}"
    return build(name, (2, 3, 2), (hidden, output), loss, n=4, reduction=reduction, l2=l2)


def origin(name: str) -> str:
    """The array that dV differentiates by: W1 for dW1; the name itself for a value."""
    return name[1:] if name.startswith("d") else name


def wrong_by_differences(
    case: Case, found: Truth, bits: int = BITS, step: int = STEP, truncation: int = TRUNCATION
) -> list[str]:
    """Names of the trace with an entry outside its radius, by differences of the definition."""
    wrong = []
    with flint.ctx.workprec(bits):
        definition, h = Definition(case, BALLS), arb(2) ** step
        forward = definition.forward()
        for name, shape in trace_shapes(case.network, case.n).items():
            value, radius = found.values[name], found.radii[name]
            assert value.shape == radius.shape == shape
            for index in np.ndindex(shape):
                if name == "J":
                    true = forward["J"]
                elif name.startswith("d"):
                    true = definition.derivative(origin(name), index, h)
                else:
                    true = forward[name][index[0]][index[1]]
                allowed = arb(float(radius[index])) + arb(2) ** truncation
                if not abs(true - arb(float(value[index]))) <= allowed:
                    wrong.append(name)
                    break
    return wrong


def sharp(found: Truth) -> bool:
    """Whether the radii are those of correctly rounded numbers, with 2^-100 of the largest."""
    for name, value in found.values.items():
        rounding = np.spacing(np.abs(value)) / 2
        allowed = 1.001 * rounding + 2.0**-100 * np.abs(value).max() + 2.0**-1074
        if not (found.radii[name] <= allowed).all():
            return False
    return True


# --- every array by differences of the definition


@pytest.mark.parametrize(("loss", "output"), PAIRS)
def test_every_array_by_differences_of_the_definition(loss: str, output: str):
    """All pairs x reductions, L2 and hidden activations in turn: parameters, X, Z and A."""
    hidden = list(ACTIVATIONS)
    start = PAIRS.index((loss, output))
    for turn, reduction in enumerate(REDUCTIONS):
        l2 = (0.0, 0.375)[(start + turn) % 2]
        case = small_case(loss, output, hidden[(start + turn) % len(hidden)], reduction, l2)
        found = truth(case)
        assert list(found.values) == list(trace_shapes(case.network, case.n))
        assert wrong_by_differences(case, found) == [], case.id
        assert sharp(found), case.id


@pytest.mark.parametrize("hidden", list(ACTIVATIONS))
def test_deep_networks_in_both_dtypes(hidden: str):
    case = build(
        f"truth.deep.{hidden}",
        (2, 2, 3, 2),
        (hidden, "softmax" if hidden == "gelu" else hidden, "sigmoid"),
        "binary_cross_entropy",
        n=3,
        l2=0.1,  # not exact in float32: the truth takes the float64 that is given
    )
    tenth = Batch(case.X * 0.1, case.Y)  # more bits than float32 has
    for one in (Case(case.id, case.network, case.parameters, tenth), case.astype("float32")):
        found = truth(one)
        assert wrong_by_differences(one, found) == []
        assert sharp(found)


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "cross_entropy"])
def test_saturated_outputs(loss: str):
    """At |z| about 300, 1 - a is 2^-433 and dA up to 2^433: no digit is lost on either side."""
    binary = loss == "binary_cross_entropy"
    b = np.array([[300.0], [-300.0]] if binary else [[150.0], [-150.0]])
    X = np.array([[0.5, -0.25, 0.125]])
    Y = np.array([[0.25, 0.5, 1.0], [0.75, 0.5, 0.0]])
    network = Network((1, 2), (LOSSES[loss].output,), loss)
    case = Case("saturated", network, Parameters([np.array([[1.0], [-2.0]])], [b]), Batch(X, Y))
    found = truth(case)
    # the third derivative by an entry of A is up to 2^1300; h^2 takes 2^3000 of it
    assert wrong_by_differences(case, found, bits=4000, step=-1500, truncation=-1600) == []
    for name, value in found.values.items():
        rounding = np.spacing(np.abs(value)) / 2
        assert (found.radii[name] <= 1.001 * rounding + 2.0**-1074).all(), name


def test_by_another_arithmetic():
    """mpmath instead of balls: nothing of python-flint on this side."""
    for loss, output in (("cross_entropy", "softmax"), ("squared_error", "gelu")):
        case = small_case(loss, output, "silu", "mean_all", 0.25)
        found = truth(case)
        with mpmath.workdps(120):
            definition, h = Definition(case, DIGITS), mpmath.mpf(10) ** -40
            for name in ("dW1", "db1", "dW2", "dX", "dZ1", "dA2"):
                for index in np.ndindex(found.values[name].shape):
                    true = definition.derivative(origin(name), index, h)
                    radius = mpmath.mpf(float(found.radii[name][index]))
                    # h^2 is 1e-80, 120 - 40 digits are left of the difference
                    allowed = radius + mpmath.mpf(10) ** -70
                    assert abs(true - float(found.values[name][index])) <= allowed


# --- by exact rationals


@pytest.mark.parametrize("loss", ["squared_error", "half_squared_error", "linear"])
@pytest.mark.parametrize("hidden", ["identity", "relu", "leaky_relu"])
def test_exact_rationals(hidden: str, loss: str):
    """J is a quadratic along every single entry as long as no kink is crossed.

    A central difference in rationals is then the derivative itself, and the ball must hold it.
    """
    reduction, l2 = {
        "squared_error": ("mean", 0.0),
        "half_squared_error": ("sum", 0.125),
        "linear": ("mean_all", 0.3),
    }[loss]
    case = build(
        f"rational.{hidden}.{loss}",
        (2, 3, 2, 2),
        (hidden, hidden, "identity"),
        loss,
        n=4,
        reduction=reduction,
        l2=l2,
    )
    found = truth(case)
    definition, h = Definition(case, RATIONAL), Fraction(1, 2**24)
    forward = definition.forward()
    kinks = [z for layer in (1, 2) for row in forward[f"Z{layer}"] for z in row]
    assert min(map(abs, kinks)) > 2**8 * h  # far from every kink
    zeros = 0
    for name, value in found.values.items():
        for index in np.ndindex(value.shape):
            if name == "J":
                true = forward["J"]
            elif name.startswith("d"):
                true = definition.derivative(origin(name), index, h)
            else:
                true = forward[name][index[0]][index[1]]
            assert value[index] == float(true), name  # float(Fraction) rounds correctly
            radius = Fraction(float(found.radii[name][index]))
            assert abs(Fraction(float(value[index])) - true) <= radius, name
            zeros += true == 0
    assert (zeros > 0) == (hidden == "relu")
    assert sharp(found)


def test_balls_are_rounded_correctly():
    """value = float(midpoint), |ball - value| <= radius, in rationals, at every magnitude."""
    powers = (-1200, -1074, -1060, -500, 0, 90, 1000)
    with flint.ctx.workprec(128):
        entries = [
            arb(0),
            arb(1),
            arb(1) + arb(2) ** -53,  # half way between two floats
            arb(3) * arb(2) ** -1075,  # half way between two subnormals
            arb(0, 2.0**-100),
            arb(1, 2.0**-30),
            arb("0.1", "1e-20"),
            1 + arb(2) ** -53 + arb(2) ** -100,
            *(arb(2) ** e / 3 * sign for e in powers for sign in (1, -1)),
        ]
        found = nearest(flint.arb_mat(len(entries), 1, entries))
    open_ones = 0
    for i, ball in enumerate(entries):
        mid, width = rational(ball.mid()), rational(ball.rad())
        value, radius = Fraction(float(found.values[i, 0])), Fraction(float(found.radii[i, 0]))
        assert abs(mid - value) + width <= radius
        ends = {float(mid - width), float(mid + width)}
        assert found.decided[i, 0] == (len(ends) == 1)
        open_ones += len(ends) > 1
        if found.decided[i, 0]:
            assert {float(value)} == ends
        # not blunt either: half a unit, a hair, and the smallest subnormal
        ulp = Fraction(float(np.spacing(abs(float(value)))))
        assert radius <= (ulp / 2 + width) * Fraction(1001, 1000) + Fraction(2) ** -1073
    assert open_ones == 2  # 0 +- 2^-100 and 1 +- 2^-30


def rational(ball: arb) -> Fraction:
    man, exponent = ball.man_exp()
    return Fraction(int(man)) * Fraction(2) ** int(exponent)


# --- tests of the tests: a wrong reverse pass is seen


def times(factor: object):
    return lambda prime: lambda z: prime(z) * factor


SABOTAGE = {
    "a thousandth": times(arb(1001) / 1000),
    "one in 10^12": times(1 + arb(10) ** -12),
    "sign": times(-1),
    "zero": times(0),
}


@pytest.mark.parametrize("hidden", list(balls.ELEMENTWISE))
def test_what_is_sabotaged_below_is_right(hidden: str):
    case = small_case("cross_entropy", "softmax", hidden)
    assert wrong_by_differences(case, truth(case)) == []


@pytest.mark.parametrize("mistake", list(SABOTAGE))
@pytest.mark.parametrize("hidden", list(balls.ELEMENTWISE))
def test_a_wrong_derivative_is_seen(hidden: str, mistake: str, monkeypatch: pytest.MonkeyPatch):
    case = small_case("cross_entropy", "softmax", hidden)
    value, prime = balls.ELEMENTWISE[hidden]
    monkeypatch.setitem(balls.ELEMENTWISE, hidden, (value, SABOTAGE[mistake](prime)))
    assert wrong_by_differences(case, truth(case)) == ["dZ1", "dW1", "db1", "dX"]


@pytest.mark.parametrize("hidden", [n for n in balls.ELEMENTWISE if n != "identity"])
def test_a_wrong_value_is_seen(hidden: str, monkeypatch: pytest.MonkeyPatch):
    case = small_case("squared_error", "sigmoid", hidden)
    value, prime = balls.ELEMENTWISE[hidden]
    monkeypatch.setitem(balls.ELEMENTWISE, hidden, (lambda z: value(z) * arb("1.001"), prime))
    assert wrong_by_differences(case, truth(case))[0] == "A1"


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "cross_entropy"])
def test_a_wrong_output_error_is_seen(loss: str, monkeypatch: pytest.MonkeyPatch):
    case = small_case(loss, LOSSES[loss].output, "sigmoid")
    assert wrong_by_differences(case, truth(case)) == []
    everything = ["dZ2", "dW2", "db2", "dA1", "dZ1", "dW1", "db1", "dX"]
    fused, cotangent = balls.fused_output_error, balls.cotangent
    with monkeypatch.context() as patch:
        patch.setattr(balls, "fused_output_error", lambda *given: [-v for v in fused(*given)])
        assert wrong_by_differences(case, truth(case)) == everything
    with monkeypatch.context() as patch:
        patch.setattr(balls, "cotangent", lambda *given: [-v for v in cotangent(*given)])
        assert wrong_by_differences(case, truth(case)) == ["dA2"]


@pytest.mark.parametrize("loss", ["squared_error", "half_squared_error", "linear"])
def test_a_wrong_cotangent_is_seen(loss: str, monkeypatch: pytest.MonkeyPatch):
    case = small_case(loss, "softmax", "sigmoid")
    right = balls.cotangent
    monkeypatch.setattr(balls, "cotangent", lambda *given: [2 * v for v in right(*given)])
    wrong = wrong_by_differences(case, truth(case))
    assert wrong == ["dA2", "dZ2", "dW2", "db2", "dA1", "dZ1", "dW1", "db1", "dX"]


def test_a_wrong_softmax_is_seen(monkeypatch: pytest.MonkeyPatch):
    case = small_case("squared_error", "softmax", "softmax")
    diagonal = lambda a, da: [p * (1 - p) * d for p, d in zip(a, da, strict=True)]  # noqa: E731
    monkeypatch.setattr(balls, "softmax_vjp", diagonal)
    wrong = wrong_by_differences(case, truth(case))
    assert wrong == ["dZ2", "dW2", "db2", "dA1", "dZ1", "dW1", "db1", "dX"]


def test_a_wrong_loss_is_seen(monkeypatch: pytest.MonkeyPatch):
    case = small_case("cross_entropy", "softmax")
    right = balls.loss_of_column
    monkeypatch.setattr(balls, "loss_of_column", lambda *given: right(*given) * arb("1.001"))
    assert wrong_by_differences(case, truth(case)) == ["J"]


def test_a_wrong_L2_is_seen():
    case = small_case("squared_error", "tanh", l2=0.375)
    network = Network(case.network.sizes, case.network.activations, case.network.loss, l2=0.25)
    found = truth(Case(case.id, network, case.parameters, case.batch))
    assert wrong_by_differences(case, found) == ["J", "dW2", "dW1"]


# --- kinks, chunks, precision


def on_the_kink(hidden: str) -> Case:
    """Exact zeros of both signs in Z1: z = x1 - x2, and +-0 for x = 0."""
    W = [np.array([[1.0, -1.0], [0.5, 0.25]]), np.array([[2.0, -3.0]])]
    b = [np.array([[0.0], [-0.0]]), np.array([[0.5]])]
    X = np.array([[1.5, 0.0, -0.0, 1.0], [1.5, 0.0, -0.0, 0.5]])
    network = Network((2, 2, 1), (hidden, "identity"), "squared_error", "sum")
    return Case("on.the-kink", network, Parameters(W, b), Batch(X, np.zeros((1, 4))))


@pytest.mark.parametrize(("hidden", "slope"), [("relu", 0), ("leaky_relu", Fraction(1, 100))])
def test_exact_zeros_get_the_value_of_the_contract(hidden: str, slope: Fraction):
    found = truth(on_the_kink(hidden))
    Z, dA, dZ = found.values["Z1"], found.values["dA1"], found.values["dZ1"]
    zeros = Z == 0
    assert zeros.tolist() == [[True, True, True, False], [False, True, True, False]]
    assert (dA[zeros] != 0).all()
    for got, above, radius in zip(dZ[zeros], dA[zeros], found.radii["dZ1"][zeros], strict=True):
        expected = slope * Fraction(float(above))
        assert abs(Fraction(float(got)) - expected) <= Fraction(float(radius))
    assert (dZ[~zeros] == dA[~zeros]).all()
    assert (found.values["A1"][zeros] == 0).all()


@pytest.mark.parametrize("chunk", [1, 3, 10, 11])
def test_chunks_change_nothing(chunk: int, monkeypatch: pytest.MonkeyPatch):
    case = build("chunks", (3, 4, 2), ("silu", "softmax"), "cross_entropy", n=10, l2=0.25)
    whole = truth(case)
    monkeypatch.setattr(reverse, "CHUNK", chunk)
    steps: list[tuple[int, int]] = []
    parts = truth(case, lambda done, of: steps.append((done, of)))
    assert steps == [(min(k, 10), 10) for k in range(chunk, 10 + chunk, chunk)]
    for name, value in whole.values.items():
        assert value.tobytes() == parts.values[name].tobytes(), name
    assert sharp(parts)


def cancelling(*powers: int, hidden: str = "relu") -> Case:
    """Z1 = 2^2p + 2^2q - 2^2p - 2^2q is exactly 0, if the precision holds them all."""
    row = [2.0**p for p in powers]
    W = [np.array([row + [-w for w in row]]), np.array([[1.5]])]
    network = Network((2 * len(row), 1, 1), (hidden, "identity"), "half_squared_error")
    X, Y = np.array([row + row]).T, np.zeros((1, 1))
    zero = np.zeros((1, 1))
    return Case("cancelling", network, Parameters(W, [zero, zero + 0.5]), Batch(X, Y))


def precisions(monkeypatch: pytest.MonkeyPatch, case: Case) -> tuple[list[int], Truth | None]:
    """The precisions that were tried, and what came of it."""
    tried: list[int] = []

    class Spy(Sweep):
        def __init__(self, *given: object) -> None:
            super().__init__(*given)
            tried.append(self.bits)

    with monkeypatch.context() as patch:
        patch.setattr(reverse, "Sweep", Spy)
        try:
            return tried, truth(case)
        except UndecidedError:
            return tried, None


@pytest.mark.parametrize(
    ("powers", "tried"),
    [
        ((0, -10), [128]),
        ((100, 0), [128, 256]),
        ((150, -150), [128, 256, 512, 1024]),
        ((450, -450), [128, 256, 512, 1024, 2048]),
    ],
)
def test_the_precision_is_raised_for_a_kink(
    powers: tuple[int, ...], tried: list[int], monkeypatch: pytest.MonkeyPatch
):
    precisions_tried, found = precisions(monkeypatch, cancelling(*powers))
    assert precisions_tried == tried
    assert found is not None
    assert found.undecided == 0
    assert found.values["Z1"] == 0
    assert found.values["dA1"] == 0.75  # 0.5 x 1.5
    assert found.values["dZ1"] == 0  # the contract's relu'(0)


def test_a_kink_that_stays_undecided(monkeypatch: pytest.MonkeyPatch):
    tried, found = precisions(monkeypatch, cancelling(700, -700))  # needs 2,801 bits
    assert found is None
    assert tried == list(reverse.PRECISIONS)
    with pytest.raises(UndecidedError, match="either side of the kink at 0"):
        truth(cancelling(700, -700))
    assert issubclass(UndecidedError, ArithmeticError)
    # without a kink there is nothing to decide but the rounding, and an honest radius
    smooth = truth(cancelling(700, -700, hidden="tanh"))
    assert smooth.undecided > 0
    assert not smooth.decided["Z1"].any()
    assert abs(smooth.values["Z1"][0, 0]) <= smooth.radii["Z1"][0, 0]
    assert 0 < smooth.radii["Z1"][0, 0] <= 2.0 ** (1400 - 2047 + 8)


def test_the_precision_is_put_back():
    for case in (cancelling(0, -10), cancelling(100, 0), cancelling(700, -700)):
        with flint.ctx.workprec(77):
            with contextlib.suppress(UndecidedError):
                truth(case)
            assert flint.ctx.prec == 77
    case = small_case("squared_error", "silu")
    values = truth(case).values
    with flint.ctx.workprec(20):  # the precision outside has no say
        assert all((truth(case).values[name] == v).all() for name, v in values.items())


def test_precision_is_put_back_where_something_else_breaks(monkeypatch: pytest.MonkeyPatch):
    def broken(*given: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(balls, "loss_of_column", broken)
    with pytest.raises(ZeroDivisionError):
        truth(small_case("squared_error", "silu"))
