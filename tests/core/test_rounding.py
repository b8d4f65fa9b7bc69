"""The predicted rounding errors against measured ones, and where the prediction is needed."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from draws import build

from gradoracle import Batch, Case, Network, Parameters
from gradoracle.activations import ACTIVATIONS, activate, pull_back
from gradoracle.arrays import DTYPES, unit_roundoff
from gradoracle.judge import CaseVerdict, Verdict, judge
from gradoracle.losses import LOSSES
from gradoracle.reference import Reference, reference
from gradoracle.rounding import FORMATS, SIGMAS, Quantity, Sigma, sums
from gradoracle.rounding import sigma as sigma_module
from gradoracle.rounding.quantity import exact
from gradoracle.truth.reverse import Truth, truth
from gradoracle_numpy.n_layer import Forward, implementation, objective, output_error

EVERY_DTYPE = pytest.mark.parametrize("dtype", list(DTYPES))
PAIRS = [
    (loss, output)
    for loss, row in LOSSES.items()
    for output in (ACTIVATIONS if row.output is None else (row.output,))
]

Run = dict[str, np.ndarray]


def one_by_one(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """x @ y, summed term by term in the order of the data, as a plain loop does."""
    total = np.zeros((x.shape[0], y.shape[1]), x.dtype)
    for k in range(x.shape[1]):
        total += x[:, k : k + 1] * y[k : k + 1]
    return total


def plain(case: Case) -> Run:
    """The whole trace with every product summed term by term."""
    Z, A = {}, {0: case.X}
    for layer in range(1, case.L + 1):
        Z[layer] = one_by_one(case.W[layer], A[layer - 1]) + case.b[layer]
        A[layer] = activate(case.activation(layer), Z[layer])
    forward = Forward(Z, A)
    run = {f"Z{layer}": z for layer, z in Z.items()} | {f"A{i}": A[i] for i in Z}
    run |= {"J": objective(case, forward)} | output_error(case, forward)
    ones = np.ones((case.n, 1), case.dtype)
    for layer in range(case.L, 0, -1):
        dZ, W = run[f"dZ{layer}"], case.W[layer]
        decay = case.dtype.type(case.network.l2) * W
        run[f"dW{layer}"] = one_by_one(dZ, A[layer - 1].T) + decay
        run[f"db{layer}"] = one_by_one(dZ, ones)
        dA = one_by_one(W.T, dZ)
        if layer == 1:
            run["dX"] = dA
        else:
            below = layer - 1
            run[f"dA{below}"] = dA
            run[f"dZ{below}"] = pull_back(case.activation(below), Z[below], A[below], dA)
    return run


# --- one sum: the model against the measured spread

FILLS: dict[str, Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]] = {
    "both signs": lambda rng, n: (rng.normal(size=(32, n)), rng.normal(size=(n, 32))),
    "one sign": lambda rng, n: (rng.uniform(size=(32, n)), rng.uniform(size=(n, 32))),
    "sorted": lambda rng, n: (
        rng.uniform(0.5, 1, size=(32, n)),
        rng.uniform(0.5, 1, size=(n, 32)) * np.where(np.arange(n) < n // 2, 1, -1)[:, None],
    ),
    "all but one 0": lambda rng, n: (
        rng.normal(size=(32, n)),
        rng.normal(size=(n, 32)) * (np.arange(n) == n // 3)[:, None] + 0.0,
    ),
}


def spread(fill: str, n: int) -> float:
    """Root mean square of error / sigma over 1,024 sums of n terms, float32, term by term."""
    x, y = FILLS[fill](np.random.default_rng(31), n)
    x, y = x.astype(np.float32), y.astype(np.float32)
    true = x.astype(float) @ y.astype(float)  # 29 bits more
    predicted = Sigma(FORMATS["float32"]).matmul(exact(x), exact(y))
    assert np.array_equal(predicted.value, true)
    return float(np.sqrt(np.mean(((one_by_one(x, y) - true) / predicted.error) ** 2)))


# A rounding of v is uniform in half a unit in the last place, which lies between u|v| / 2 and
# u|v|, the model's: the ratio of the deviations lies between 1/2 and 1. Of 1,024 squares the mean
# is known to 8 sqrt(2 / 1024) / 2 = 0.18 of itself.
LOW, HIGH = 0.5 * (1 - 0.18), 1 + 0.18


@pytest.mark.parametrize("n", [64, 256, 1024])
@pytest.mark.parametrize("fill", ["both signs", "one sign", "sorted"])
def test_the_spread_of_a_sum(fill: str, n: int):
    assert LOW <= spread(fill, n) <= HIGH


def test_the_spread_of_a_sum_without_checkpoints(monkeypatch: pytest.MonkeyPatch):
    """A straight line from 0 to the result knows nothing of the hill between them."""
    monkeypatch.setattr(sigma_module, "CHECKPOINTS", 1)
    for n in (64, 256, 1024):
        assert LOW <= spread("both signs", n) <= HIGH
        assert LOW <= spread("one sign", n) <= HIGH
        assert spread("sorted", n) > HIGH


def test_one_term_is_not_a_sum():
    """Zeros add nothing: one rounding of a product is left, and a bound of three of them holds."""
    assert 0.05 < spread("all but one 0", 256) <= HIGH


def test_every_partial_sum_at_its_place(monkeypatch: pytest.MonkeyPatch):
    """With one term a block, the formula holds for every partial sum, from either end.

    A sum may begin with the number that is added, too.
    """
    monkeypatch.setattr(sums, "TERMS", 1)
    rng = np.random.default_rng(32)
    for k in (1, 2, 3, 64):
        x, y = rng.normal(size=(2, k)), rng.normal(size=(k, 3))
        terms = x[:, :, None] * y[None]
        after = np.cumsum(terms, axis=1)
        before = after - terms
        plus = 3 * rng.normal(size=(2, 3))
        own, last = (terms**2 / 6 + terms**2).sum(axis=1), after[:, -1:]

        def line(a: np.ndarray, b: np.ndarray) -> np.ndarray:
            one = (a**2 + a * b + b**2) / 3  # a single block is a straight line
            return (one if k == 1 else (a**2 + b**2) / 2).sum(axis=1)  # noqa: B023

        ways = [(before + P, after + P) for P in (0, plus[:, np.newaxis])]
        ways += [(last - before + P, last - after + P) for P in (0, plus[:, np.newaxis])]
        for given, several in ((None, (ways[0], ways[2])), (plus, ways)):
            variance = (own + np.max([line(*way) for way in several], axis=0) + last[:, 0] ** 2) / 3
            got = sums.summation_sigma(x, y, np.ones(k), 64, plus=given)
            assert np.allclose(got, np.sqrt(variance), rtol=1e-12, atol=0)


def test_checkpoints_may_be_more_than_the_terms():
    rng = np.random.default_rng(32)
    for k in (1, 2, 3, 5, 65, 130):
        x, y = rng.normal(size=(2, k)), rng.normal(size=(k, 3))
        sigma = sums.summation_sigma(x, y, np.ones(k), 64)
        assert sigma.shape == (2, 3)
        # no more than if every partial sum were the sum of the magnitudes, no less than the end's
        magnitude = np.abs(x) @ np.abs(y)
        assert (sigma <= np.sqrt((k * (1 + 1 / 6) + 2) / 3) * magnitude).all()
        assert (sigma >= np.abs(x @ y) / np.sqrt(3) * (1 - 1e-12)).all()


def test_blocks_of_a_product_are_the_whole(monkeypatch: pytest.MonkeyPatch):
    """The sides in which a large product is cut, for the cache, change nothing."""
    rng = np.random.default_rng(33)
    x, y, w = rng.normal(size=(7, 200)), rng.normal(size=(200, 9)), rng.integers(1, 4, size=200)
    whole = sums.summation_sigma(x, y, w.astype(float), 64)
    monkeypatch.setattr(sums, "ROOM", 64)
    parts = sums.summation_sigma(x, y, w.astype(float), 64)
    assert np.allclose(parts, whole, rtol=1e-13, atol=0)


# --- whole networks


def random_case(k: int, rng: np.random.Generator) -> Case:
    loss, output = PAIRS[k % len(PAIRS)]
    sizes = rng.integers(2, 9, size=3 + k % 2).tolist()
    hidden = [list(ACTIVATIONS)[i] for i in rng.integers(0, 10, size=len(sizes) - 2)]
    n = int(rng.integers(2, 30))
    reduction, l2 = ("mean", "sum", "mean_all")[k % 3], (0.0, 0.1)[k % 2]
    return build(f"mc.{k}", sizes, (*hidden, output), loss, n=n, reduction=reduction, l2=l2)


@EVERY_DTYPE
def test_no_alarm_and_nothing_vague_on_200_random_networks(dtype: str):
    """8 sigma hold for correct code; and sigma is no more than 20 times what happens."""
    rng = np.random.default_rng(34)
    squares: dict[str, list[np.ndarray]] = {}
    for k in range(200):
        case = random_case(k, rng).astype(dtype)
        found = truth(case)
        limits = reference(case, found)
        run = plain(case) if k % 2 else implementation(case)
        verdict = judge(run, found, limits)
        assert verdict.first_wrong is None, f"{case.id}: {verdict.first_wrong}"
        assert verdict.missing == ()
        for name in limits.names:
            if name in run:
                kinks = limits.kinks(name)
                reach = 0.0 if kinks is None else kinks.reach + np.abs(kinks.middle)
                error = np.abs(run[name].astype(float) - found.values[name])
                error = np.maximum(error - found.radii[name] - reach, 0)
                sigma = limits.sigma(name)
                some = sigma > 0
                squares.setdefault(name.rstrip("123"), []).append((error[some] / sigma[some]) ** 2)
    for kind, parts in squares.items():
        rms = float(np.sqrt(np.concatenate(parts).mean()))
        # predicted: 1/2 to 1, less where a radius or a power of two hides or saves a rounding
        assert 0.05 <= rms <= 1, (kind, rms)
    assert set(squares) == {"Z", "A", "J", "dA", "dZ", "dW", "db", "dX"}


def judged(case: Case, run: Run | None = None) -> CaseVerdict:
    found = truth(case)
    return judge(plain(case) if run is None else run, found, reference(case, found))


def balanced(order: str, n: int = 1024) -> Case:
    """Two classes with alike inputs and outputs near 1/2: the gradients of the halves cancel."""
    rng = np.random.default_rng(35)
    network = Network((12, 6, 1), ("sigmoid", "sigmoid"), "binary_cross_entropy")
    W = [np.round(rng.normal(size=(6, 12)) * 1024) / 4096, np.array([[1, -1, 1, -1, 1, -1]]) / 8]
    b = [np.round(rng.normal(size=(6, 1)) * 1024) / 4096, np.zeros((1, 1))]
    X = np.round(rng.uniform(size=(12, n)) * 256) / 256  # all positive, as pixels are
    Y = (np.arange(n) >= n // 2).astype(float)[np.newaxis]
    if order == "random":
        shuffled = rng.permutation(n)
        X, Y = X[:, shuffled], Y[:, shuffled]
    return Case(f"balanced.{order}", network, Parameters(W, b), Batch(X, Y)).astype("float32")


def test_batches_sorted_by_label_need_the_checkpoints(monkeypatch: pytest.MonkeyPatch):
    """Correct code, summed in the order of the data, on 1,024 examples sorted by label."""
    for order in ("sorted", "random"):
        verdict = judged(balanced(order))
        assert verdict.verdict is Verdict.PASS
        assert verdict.worst.sigmas < SIGMAS / 2
    monkeypatch.setattr(sigma_module, "CHECKPOINTS", 1)
    assert judged(balanced("random")).verdict is Verdict.PASS
    accused = judged(balanced("sorted"))
    assert accused.verdict is Verdict.FAIL
    assert {t.name for t in accused.tensors if t.verdict is Verdict.FAIL} <= {
        "dW2", "db2", "dW1", "db1",
    }  # fmt: skip
    assert accused.worst.sigmas > 2 * SIGMAS


@pytest.mark.parametrize("distinct", [1, 4])
def test_duplicated_examples_need_their_multiplicity(
    distinct: int, monkeypatch: pytest.MonkeyPatch
):
    """Equal examples make equal roundings, which add up instead of averaging out."""
    n = 1024
    rng = np.random.default_rng(36)
    drawn = build("copies", (12, 6, 1), ("sigmoid", "sigmoid"), "binary_cross_entropy", n=1)
    X = np.repeat(rng.normal(size=(12, distinct)), n // distinct, axis=1)
    Y = np.repeat(rng.uniform(size=(1, distinct)), n // distinct, axis=1)
    case = Case("copies", drawn.network, drawn.parameters, Batch(X, Y)).astype("float32")
    verdict = judged(case)
    assert verdict.verdict is Verdict.PASS
    assert verdict.worst.sigmas < SIGMAS / 2
    monkeypatch.setattr(sigma_module, "_copies", lambda keys: np.ones(len(keys)))
    monkeypatch.setattr(sigma_module, "alike", lambda x, y, u: None)
    accused = judged(case)
    assert accused.verdict is Verdict.FAIL
    assert accused.worst.sigmas > 2 * SIGMAS
    assert accused.first_wrong is not None
    assert accused.first_wrong.name in ("dW2", "db2")


# --- kinks


def near_a_kink(offset: float, hidden: str = "relu") -> Case:
    """Z1[0, 0] = 0.7 + 0.1 - 0.8 + offset, which rounding may take to either side of 0."""
    network = Network((3, 2, 2), (hidden, "identity"), "squared_error")
    W = [np.array([[1.0, 1.0, -1.0], [0.5, 0.25, 0.75]]), np.array([[1.5, -0.5], [0.25, 2.0]])]
    b = [np.array([[offset], [0.25]]), np.array([[0.5], [-0.75]])]
    X = np.array([[0.7, 0.3, -0.4], [0.1, 0.9, 0.2], [0.8, -0.5, 0.6]])
    Y = np.array([[1.0, 0.5, -0.25], [0.0, 2.0, 1.0]])
    return Case("near.kink", network, Parameters(W, b), Batch(X, Y))


@pytest.mark.parametrize(("hidden", "jump"), [("relu", 1.0), ("leaky_relu", 0.99)])
def test_either_side_of_a_kink_is_allowed_within_rounding(hidden: str, jump: float):
    case = near_a_kink(0.0, hidden)
    found = truth(case)
    limits = reference(case, found)
    assert found.values["Z1"][0, 0] != 0
    assert limits.flips == {"Z1": 1}
    dA = found.values["dA1"][0, 0]
    kinks = limits.kinks("dZ1")
    assert kinks is not None
    assert kinks.reach[0, 0] == pytest.approx(abs(dA) * jump / 2)
    assert abs(kinks.middle[0, 0]) == pytest.approx(abs(dA) * jump / 2)
    assert np.count_nonzero(kinks.reach) == np.count_nonzero(kinks.middle) == 1
    run = flipped(case)
    verdict = judge(run, found, limits)
    assert verdict.first_wrong is None
    assert verdict.flips == {"Z1": 1}
    for factor in (-0.5, 0.5, 1.5):  # beyond one side, between the two, beyond the other
        beyond = dict(run)
        beyond["dZ1"] = run["dZ1"].copy()
        beyond["dZ1"][0, 0] = found.values["dZ1"][0, 0] + factor * jump * dA * np.sign(
            run["dZ1"][0, 0] - found.values["dZ1"][0, 0]
        ) * np.sign(dA)
        expected = Verdict.PASS if 0 <= factor <= 1 else Verdict.FAIL
        assert judge({"dZ1": beyond["dZ1"]}, found, limits).verdict is expected


def flipped(case: Case) -> Run:
    """The trace of a correct program whose Z1[0, 0] fell on the other side of 0."""
    run = dict(implementation(case))
    value, Z = {"relu": (0.0, 1.0), "leaky_relu": (0.01, 1.0)}[case.activation(1)], run["Z1"]
    slopes = np.where(Z > 0, 1.0, value[0])
    slopes[0, 0] = value[1] if slopes[0, 0] == value[0] else value[0]
    run["dZ1"] = run["dA1"] * slopes
    run["dW1"] = run["dZ1"] @ case.X.T
    run["db1"] = run["dZ1"].sum(axis=1, keepdims=True)
    run["dX"] = case.W[1].T @ run["dZ1"]
    return run


def test_the_wrong_side_of_a_kink_further_away_is_wrong():
    for offset in (1e-12, -1e-12):
        case = near_a_kink(offset)
        found = truth(case)
        limits = reference(case, found)
        assert limits.flips == {}
        verdict = judge(flipped(case), found, limits)
        assert [t.name for t in verdict.tensors if t.verdict is Verdict.FAIL] == [
            "dZ1", "dW1", "db1", "dX",
        ]  # fmt: skip


def test_an_exact_kink_is_no_flip():
    """Where nothing rounds the contract's value is the only one."""
    network = Network((1, 1, 1), ("relu", "identity"), "squared_error", "sum")
    parameters = Parameters([np.ones((1, 1))] * 2, [np.zeros((1, 1))] * 2)
    case = Case("exact.kink", network, parameters, Batch(np.zeros((1, 1)), np.ones((1, 1))))
    found = truth(case)
    limits = reference(case, found)
    assert limits.flips == {}
    assert limits.on_kink == {"Z1": 1}
    run = dict(implementation(case))
    assert run["dA1"] == -2
    assert judge(run, found, limits).first_wrong is None
    other = run | {"dZ1": run["dA1"]}  # relu'(0) = 1
    verdict = judge(other, found, limits)
    assert verdict.first_wrong is not None
    assert verdict.first_wrong.name == "dZ1"
    assert any("exactly on a kink: 1 of Z1" in note for note in verdict.notes)
    any_side = reference(case, found, any_side=True)
    for slope in (0.0, 0.5, 1.0):
        assert judge({"dZ1": slope * run["dA1"]}, found, any_side).first_wrong is None
    for slope in (-1.5, 1.5):
        assert judge({"dZ1": slope * run["dA1"]}, found, any_side).first_wrong is not None


# --- zeros, underflow, scale


def test_what_cannot_round_has_no_sigma():
    """A pixel that is always 0, and a unit that is never on: any other gradient is wrong."""
    network = Network((3, 2, 1), ("relu", "identity"), "squared_error")
    W = [np.array([[0.5, 0.25, 1.0], [0.3, -0.7, 0.2]]), np.array([[0.7, 1.1]])]
    b = [np.array([[-100.0], [0.3]]), np.array([[0.1]])]
    X = np.array([[0.3, 0.1, 0.2, 0.7], [0.0, -0.0, 0.0, 0.0], [0.4, 0.9, 0.6, 0.5]])
    case = Case("zeros", network, Parameters(W, b), Batch(X, np.full((1, 4), 0.3)))
    found = truth(case)
    limits = reference(case, found)
    assert (limits.sigma("dW1") > 0).tolist() == [[False] * 3, [True, False, True]]
    assert (limits.sigma("dZ1") > 0).tolist() == [[False] * 4, [True] * 4]
    run = dict(implementation(case))
    assert judge(run, found, limits).verdict is Verdict.PASS
    run["dW1"] = run["dW1"].copy()
    run["dW1"][1, 1] = 1e-300
    wrong = judge(run, found, limits).first_wrong
    assert wrong is not None
    assert (wrong.name, wrong.index, wrong.sigmas) == ("dW1", (1, 1), np.inf)


def test_only_powers_of_two_scale_without_rounding():
    model = Sigma(FORMATS["float32"])
    tiny, u = float(np.finfo(np.float32).tiny), unit_roundoff(DTYPES["float32"])
    x = Quantity(np.array([[3.0, -0.1]]), np.array([[0.5, 0.0]]))
    for factor in (1.0, 0.25, -8.0):
        scaled = model.scale(x, factor)
        assert np.allclose(scaled.error, abs(factor) * x.error + tiny, rtol=1e-15, atol=0)
    third = model.scale(x, 1 / 3).error
    assert (third > [[0.5 / 3, 0.01 * u]]).all()
    assert model.scale(x, 0.0).error.tolist() == [[0, 0]]


@pytest.mark.parametrize("hidden", list(ACTIVATIONS))
def test_errors_scale_with_small_gradients(hidden: str):
    """A cotangent times 2^-560, 1e-169, scales every gradient and so every sigma by that.

    Their squares leave the range of float64: a sigma computed from them unscaled would be 0, and
    correct code accused.
    """
    case = build(f"scale.{hidden}", (3, 4, 4, 2), (hidden, hidden, "identity"), "linear", n=8)
    factor = 2.0**-560
    small = Case(case.id, case.network, case.parameters, Batch(case.X, case.Y * factor))
    large_limits, small_limits = (reference(c, truth(c)) for c in (case, small))
    for name in large_limits.names:
        if name.startswith("d"):
            expected = large_limits.sigma(name) * factor
            # what may be flushed to zero does not scale; 1e-300 is nothing beside 1e-169 u
            assert np.allclose(small_limits.sigma(name), expected, rtol=1e-9, atol=1e-300), name
    assert judged(small).first_wrong is None


@pytest.mark.parametrize("hidden", list(ACTIVATIONS))
def test_gradients_from_1_to_tiny_in_one_batch(hidden: str):
    """Each example's gradients are 2^-80 times those of the one before: 1 to 1e-169."""
    case = build(f"span.{hidden}", (3, 5, 4, 2), (hidden, "tanh", "identity"), "linear", n=8)
    # the dW of a unit that is on for small examples alone is a sum of small terms alone
    factor = 2.0 ** (-80 * np.arange(8))
    case = Case(case.id, case.network, case.parameters, Batch(case.X, case.Y * factor))
    found = truth(case)
    limits = reference(case, found)
    largest = np.abs(found.values["dZ3"]).max(axis=0)
    assert largest[0] > 1e-2
    assert 0 < largest[-1] < 1e-168
    u = unit_roundoff(case.dtype)
    for name in limits.names:
        if name.startswith(("dW", "db", "dZ1", "dZ2", "dX")):
            value = np.abs(found.values[name])
            if hidden not in ("relu", "leaky_relu", "identity") or name[1] != "Z":
                assert (limits.sigma(name) >= 0.5 * u * value).all(), name
            assert (limits.sigma(name)[value > 0] > 0).all(), name
    for run in (dict(implementation(case)), plain(case)):
        verdict = judge(run, found, limits)
        assert verdict.first_wrong is None
        last = run["dX"].copy()  # and a wrong one is seen among the smallest
        last[:, -1] *= 1 + 1e-10
        assert judge(run | {"dX": last}, found, limits).first_wrong is not None


def exact_roots(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """sqrt(sum x^2 y^2) and the standard deviation of the sum of x y, from many digits."""
    with mpmath.workdps(50):
        terms = [mpmath.mpf(a) * mpmath.mpf(b) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
        squares = sum(t * t for t in terms)
        before, variance = mpmath.mpf(0), mpmath.mpf(0)
        for t in terms:
            after = before + t
            variance += (before**2 + before * after + after**2) / 3 + t * t / 6 + t * t
            before = after
        return float(mpmath.sqrt(squares)), float(mpmath.sqrt((variance + before**2) / 3))


@pytest.mark.parametrize("k", [3, 40])
@pytest.mark.parametrize("small", [-400, -470, -500, -560, -700])
def test_zeros_that_keep_large_entries_apart(small: int, k: int, monkeypatch: pytest.MonkeyPatch):
    """The large entries of x meet zeros of y: what is left has squares below 2^-1074."""
    monkeypatch.setattr(sums, "TERMS", 1)
    rng = np.random.default_rng(37)
    x, y = rng.uniform(0.5, 1, size=(2, k))
    x[1:] *= 2.0**small
    y[0] = 0.0
    root, deviation = exact_roots(x, y)
    assert root > 0
    mended = float(sums.root_sum_squares(x[np.newaxis], y[:, np.newaxis])[0, 0])
    own = sums.summation_sigma(x[np.newaxis], y[:, np.newaxis], np.ones(k), 64)
    # at most the sum of magnitudes, and that times sqrt(k + 1) for the partial sums
    assert root * (1 - 1e-12) <= mended <= np.sqrt(k) * root * (1 + 1e-12)
    assert deviation * (1 - 1e-12) <= own[0, 0] <= (k + 1) * deviation
    if small == -400:  # nothing has underflown, and nothing is mended
        assert mended == pytest.approx(root, rel=1e-12)
        assert own[0, 0] == pytest.approx(deviation, rel=1e-12)


def test_mending_touches_only_what_may_have_underflown():
    x, y = np.array([[1.0, 2.0**-500]]), np.array([[3.0, 0.0], [0.5, 0.5]])
    root = np.array([[3.0, 0.0]])
    mended = sums.mend_underflow(root, x, y)
    assert mended.tolist() == [[3.0, 2.0**-501]]
    untouched = np.array([[3.0, 0.25]])
    assert sums.mend_underflow(untouched, x, y) is untouched
    nothing = sums.mend_underflow(np.zeros((1, 2)), np.zeros((1, 2)), y)
    assert nothing.tolist() == [[0, 0]]


def test_long_sums_of_small_gradients_are_not_accused():
    """4,096 positive terms that are 2^-500 of an entry that meets a zero, term by term."""
    k = 4096
    rng = np.random.default_rng(38)
    x, y = rng.uniform(0.5, 1, size=(8, k)), rng.uniform(0.5, 1, size=(k, 8))
    x[:, 1:] *= 2.0**-500
    y[0] = 0.0
    sigma = Sigma(FORMATS["float64"]).matmul(exact(x), exact(y)).error
    got = one_by_one(x, y)
    true = np.array(
        [[float(sum(map(Fraction.__mul__, *fractions(r, c)))) for c in y.T] for r in x[:1]]
    )
    ratio = np.abs(got[:1] - true) / sigma[:1]
    assert ratio.max() < SIGMAS / 2
    # the model: k partial sums that grow to S have variance k S^2 / 9
    assert (sigma >= np.sqrt(k) / 3 * unit_roundoff(DTYPES["float64"]) * np.abs(got)).all()


def fractions(x: np.ndarray, y: np.ndarray) -> tuple[list[Fraction], list[Fraction]]:
    return [Fraction(v) for v in x.tolist()], [Fraction(v) for v in y.tolist()]


# --- what the reference says of itself


def test_reference_in_the_order_of_computation():
    drawn = build("order", (3, 4, 2), ("tanh", "identity"), "squared_error")
    tenth = Batch(drawn.X * 0.1, drawn.Y * 0.1)  # on the grid of drawn cases, Z1 would be exact
    case = Case(drawn.id, drawn.network, drawn.parameters, tenth)
    found = truth(case)
    assert isinstance(found, Truth)
    limits = reference(case, found)
    assert isinstance(limits, Reference)
    assert limits.names == list(found.values)
    for name, array in found.values.items():
        for error in (limits.sigma(name), limits.bound(name)):
            assert error.shape == array.shape
            assert np.isfinite(error).all()
            assert (error[array != 0] > 0).all(), name
        assert limits.kinks(name) is None
        # 8 sigma may be more than any order can do, but a deviation is not
        assert (limits.sigma(name) <= limits.bound(name)).all(), name
