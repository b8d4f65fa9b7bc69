"""SciPy's finite differences as a witness: right gradients pass, wrong ones are found by them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from draws import build

from gradoracle import Batch, Case, Network, Parameters
from gradoracle.activations import ACTIVATIONS
from gradoracle.case import trace_shapes
from gradoracle.finite_difference import Objective, check_grad, judge_differences, verdict
from gradoracle.finite_difference.differences import Differences, by_direction, by_parameter
from gradoracle.judge import CaseVerdict, Verdict
from gradoracle.losses import LOSSES
from gradoracle.reference import Reference, reference
from gradoracle.truth.reverse import Truth, truth
from gradoracle_numpy.n_layer import implementation

PAIRS = [
    (loss, output)
    for loss, row in LOSSES.items()
    for output in (ACTIVATIONS if row.output is None else (row.output,))
]


def small(loss: str = "binary_cross_entropy", hidden: str = "tanh", **rest: object) -> Case:
    output = LOSSES[loss].output or "sigmoid"
    return build(f"difference.{hidden}.{loss}", (3, 4, 2), (hidden, output), loss, n=5, **rest)


def prepared(case: Case) -> tuple[Objective, Truth, Reference]:
    found = truth(case)
    return Objective(case), found, reference(case, found)


def spoiled(found: Truth, name: str, index: tuple[int, ...], value: float) -> Truth:
    """The truth with one entry replaced."""
    array = found.values[name].copy()
    array[index] = value
    return replace(found, values={**found.values, name: array})


def parameters(case: Case) -> list[tuple[str, tuple[int, ...]]]:
    """Every entry of every dW and db."""
    shapes = trace_shapes(case.network, case.n)
    return [
        (name, index)
        for name, shape in shapes.items()
        if name.startswith(("dW", "db"))
        for index in np.ndindex(shape)
    ]


# --- the objective


@pytest.mark.parametrize(("loss", "output"), PAIRS)
def test_the_objective_is_J(loss: str, output: str):
    """At the given parameters and elsewhere, one point at a time and many at once."""
    hidden = list(ACTIVATIONS)[PAIRS.index((loss, output)) % len(ACTIVATIONS)]
    case = build("objective", (3, 4, 2), (hidden, output), loss, n=5, reduction="sum", l2=0.25)
    objective = Objective(case)
    assert objective.theta.size == 4 * 3 + 4 + 2 * 4 + 2
    rng = np.random.default_rng(41)
    directions = rng.normal(size=(6, objective.theta.size))
    t = np.array([0.0, 1.0, -0.5, 1e-3, 0.25, 2.0])
    along, _ = objective.along(directions, t)
    for J, step, direction in zip(along, t, directions, strict=True):
        theta = objective.theta + step * direction
        there = replace(case, parameters=moved(case, objective, theta))
        expected, found = implementation(there), truth(there)
        limits = reference(there, found)
        allowed = 8 * 2 * limits.sigma("J")
        assert abs(J - expected["J"]) <= allowed
        assert abs(objective(theta) - expected["J"]) <= allowed


def moved(case: Case, objective: Objective, theta: np.ndarray) -> Parameters:
    def part(name: str, given: np.ndarray) -> np.ndarray:
        return theta[objective.slices[name]].reshape(given.shape)

    return Parameters(
        {i: part(f"W{i}", w) for i, w in case.W.items()},
        {i: part(f"b{i}", b) for i, b in case.b.items()},
    )


def test_the_objective_of_float32_is_evaluated_in_float64():
    case = small().astype("float32")
    assert Objective(case).theta.dtype == np.float64
    assert Objective(case)(Objective(case).theta) == Objective(small())(Objective(small()).theta)


# --- right gradients


@pytest.mark.parametrize(
    "case",
    [
        *(small(hidden=hidden) for hidden in ACTIVATIONS),
        *(small(loss, reduction="mean_all", l2=0.5) for loss in LOSSES),
        build("difference.deep", (4, 5, 3, 4, 2), ("silu", "softmax", "elu", "gelu"), "linear"),
    ],
    ids=lambda case: case.id,
)
def test_right_gradients_pass_at_every_parameter(case: Case, monkeypatch: pytest.MonkeyPatch):
    asked: list[int] = []
    once = by_parameter

    def spy(objective: Objective, limits: Reference, flat: np.ndarray) -> Differences:
        asked.extend(flat.tolist())
        return once(objective, limits, flat)

    monkeypatch.setattr(verdict, "by_parameter", spy)
    objective, found, limits = prepared(case)
    result = judge_differences(objective, found, limits)
    assert result.verdict is Verdict.PASS
    assert result.flips == {}
    assert asked == list(range(objective.theta.size))  # N of N, and none twice
    wanted = [n for n in trace_shapes(case.network, 1) if n.startswith(("dW", "db"))]
    assert [t.name for t in result.tensors] == wanted
    assert all(0 < t.share <= 1 and t.sigmas == 0 for t in result.tensors)
    # an allowance that let everything pass would not be small beside the gradient
    assert all(t.sensitivity < 1e-5 for t in result.tensors)


def test_the_truth_of_every_parameter_is_looked_at(monkeypatch: pytest.MonkeyPatch):
    """Spoil each of them in turn: each must fail, and be named."""
    case = small("cross_entropy", "silu")
    objective, found, limits = prepared(case)
    once = by_parameter(objective, limits, np.arange(objective.theta.size))
    monkeypatch.setattr(verdict, "by_parameter", lambda *given: once)
    assert judge_differences(objective, found, limits).verdict is Verdict.PASS
    entries = parameters(case)
    assert len(entries) == objective.theta.size
    for name, index in entries:
        right = float(found.values[name][index])
        for value in (1.01 * right, -right, np.nan, np.inf):
            result = judge_differences(objective, spoiled(found, name, index, value), limits)
            wrong = [t for t in result.tensors if t.verdict is Verdict.FAIL]
            assert [t.name for t in wrong] == [name]
            assert wrong[0].index == index
            assert "1 of" in wrong[0].reason


@pytest.mark.parametrize(
    "change",
    [
        lambda a: 1.01 * a,
        lambda a: -a,
        np.zeros_like,
        lambda a: np.full_like(a, np.nan),
        lambda a: np.roll(a, 1, axis=0),
        lambda a: 5 * a,  # without 1/n
        lambda a: a + 1e-6 * np.abs(a).max(),
    ],
)
def test_a_wrong_gradient_fails(change):
    objective, found, limits = prepared(small())
    for name in ("dW1", "db1", "dW2", "db2"):
        values = {**found.values, name: change(found.values[name])}
        result = judge_differences(objective, replace(found, values=values), limits)
        assert result.verdict is Verdict.FAIL
        assert [t.name for t in result.tensors if t.verdict is Verdict.FAIL] == [name]


def test_the_parameters_of_the_L2_term_are_among_them():
    case = small(l2=0.5)
    objective, _, limits = prepared(case)
    result = judge_differences(objective, truth(small()), limits)
    assert [t.name for t in result.tensors if t.verdict is Verdict.FAIL] == ["dW2", "dW1"]


def test_an_objective_that_is_no_number_fails(monkeypatch: pytest.MonkeyPatch):
    objective, found, limits = prepared(small())
    right = objective.along

    def broken(directions: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        J, crossed = right(directions, t)
        return np.full_like(J, np.nan), crossed

    monkeypatch.setattr(objective, "along", broken)
    result = judge_differences(objective, found, limits)
    assert all(t.verdict is Verdict.FAIL for t in result.tensors)


def test_a_wrong_objective_fails(monkeypatch: pytest.MonkeyPatch):
    """The witness is independent: J with a thousandth more is another function."""
    objective, found, limits = prepared(small())
    right = objective.along
    monkeypatch.setattr(objective, "along", lambda d, t: (right(d, t)[0] * 1.001, right(d, t)[1]))
    assert judge_differences(objective, found, limits).verdict is Verdict.FAIL


# --- the derived error


def test_the_derived_error_holds_and_is_not_blunt():
    """|difference - truth| <= rounding + truncation, both of them small beside the gradient."""
    for hidden in ("sigmoid", "gelu", "softmax"):
        case = small("squared_error", hidden)
        objective, found, limits = prepared(case)
        got = by_parameter(objective, limits, np.arange(objective.theta.size))
        true = verdict.gradient_of(objective, found.values)
        allowed = got.rounding + got.truncation
        assert not got.crossed.any()
        assert (np.abs(got.value - true) <= allowed).all()
        assert (got.rounding > 0).all()
        assert allowed.max() < 1e-5 * np.abs(true).max()
        # rounding: 3 E_J / h with E_J = 8 sigma of J, h the larger step of the second iteration
        step = 2.0**-6 / objective.input_scale() / 2
        assert np.allclose(got.rounding, 3 * 8 * limits.sigma("J") / step, rtol=1e-12, atol=0)


def test_steps_follow_the_scale_of_the_inputs():
    """Pixels of 0 ... 255 take steps 255 times smaller, or the truncation would be huge."""
    drawn = small(hidden="sigmoid")
    W = {1: drawn.W[1] / 256, 2: drawn.W[2]}
    case = Case("scale", drawn.network, Parameters(W, drawn.b), Batch(drawn.X * 256, drawn.Y))
    objective, found, limits = prepared(case)
    scale = objective.input_scale()
    assert (scale[objective.slices["W1"]] == max(1, np.abs(case.X).max())).all()
    assert (scale[objective.slices["b1"]] == 1).all()
    result = judge_differences(objective, found, limits)
    assert result.verdict is Verdict.PASS
    assert all(t.sensitivity < 1e-5 for t in result.tensors)


# --- kinks


def with_kink(distance: float, hidden: str = "relu") -> Case:
    """One pre-activation, Z1[0, 0], at a distance from 0; the others are far from it."""
    W = [np.array([[1.0, 0.5], [2.0, 1.0]]), np.array([[1.5, -0.75]])]
    X = np.array([[1.0, 3.0, -2.0], [-2.0, 1.0, -1.0]])
    b = [np.array([[distance], [4.0]]), np.array([[0.25]])]
    network = Network((2, 2, 1), (hidden, "identity"), "squared_error")
    return Case("with.kink", network, Parameters(W, b), Batch(X, np.array([[0.5, -1.0, 2.0]])))


@pytest.mark.parametrize("hidden", ["relu", "leaky_relu"])
def test_steps_that_cross_a_kink_are_counted_and_not_judged(hidden: str):
    case = with_kink(2.0**-24, hidden)
    objective, found, limits = prepared(case)
    assert found.values["Z1"][0, 0] == 2.0**-24
    result = judge_differences(objective, found, limits)
    # W1[0, 0], W1[0, 1] and b1[0] move that pre-activation; nothing else does
    assert result.flips == {"parameters": 3}
    assert result.verdict is Verdict.PASS
    for name, index in (("dW1", (0, 0)), ("dW1", (0, 1)), ("db1", (0, 0))):
        again = judge_differences(objective, spoiled(found, name, index, 7.0), limits)
        assert again.verdict is Verdict.PASS  # nothing can be said of these
    for name, index in (("dW1", (1, 0)), ("db1", (1, 0)), ("dW2", (0, 0))):
        again = judge_differences(objective, spoiled(found, name, index, 7.0), limits)
        assert again.verdict is Verdict.FAIL


def test_a_smaller_step_stays_on_one_side():
    """Crossed at 2^-6, not at 2^-11: tried again, judged, and not counted."""
    case = with_kink(2.0**-8)
    objective, found, limits = prepared(case)
    flat = np.arange(objective.theta.size)
    got = by_parameter(objective, limits, flat)
    assert not got.crossed.any()
    far = by_parameter(*prepared(with_kink(0.5))[::2], flat)
    assert (got.rounding > 16 * far.rounding).sum() == 3  # their steps were 32 times smaller
    assert judge_differences(objective, found, limits).verdict is Verdict.PASS
    wrong = spoiled(found, "db1", (0, 0), float(found.values["db1"][0, 0]) * 1.01)
    assert judge_differences(objective, wrong, limits).verdict is Verdict.FAIL


def test_an_exact_kink_says_nothing():
    objective, found, limits = prepared(with_kink(0.0))
    result = judge_differences(objective, found, limits)
    assert result.flips["parameters"] == objective.theta.size
    assert result.verdict is Verdict.CANNOT_TELL
    assert all(t.verdict is Verdict.CANNOT_TELL for t in result.tensors)
    assert "steps cross a kink" in result.tensors[0].reason


def test_crossings_are_found_from_the_pre_activations():
    objective = Objective(with_kink(2.0**-10))
    directions = np.zeros((4, objective.theta.size))
    directions[:, objective.slices["b1"].start] = 1  # b1[0]
    _, crossed = objective.along(directions, np.array([2.0**-11, -(2.0**-11), -(2.0**-9), 1.0]))
    assert crossed.tolist() == [False, False, True, False]


# --- large networks


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> tuple[Objective, Truth, Reference]:
    monkeypatch.setattr(verdict, "EVERY", 32)
    case = build("large", (6, 7, 5, 1), ("tanh", "silu", "sigmoid"), "binary_cross_entropy")
    return prepared(case)


def test_a_large_network_is_sampled_in_every_tensor(large, monkeypatch: pytest.MonkeyPatch):
    objective, found, limits = large
    asked: list[np.ndarray] = []
    once = by_parameter

    def spy(objective: Objective, limits: Reference, flat: np.ndarray) -> Differences:
        asked.append(flat)
        return once(objective, limits, flat)

    monkeypatch.setattr(verdict, "by_parameter", spy)
    result = judge_differences(objective, found, limits)
    assert result.verdict is Verdict.PASS
    assert [t.name for t in result.tensors] == [
        "dW3", "db3", "dW2", "db2", "dW1", "db1", "dJ along d",
    ]  # fmt: skip
    (flat,) = asked
    assert len(set(flat.tolist())) == len(flat)
    for name, span in objective.slices.items():
        mine = (flat >= span.start) & (flat < span.stop)
        assert mine.sum() == min(4, span.stop - span.start), name
    assert judge_differences(objective, found, limits) == result  # seeded by the case
    assert result.tensors[-1].shape == (2,)


def test_the_directions_find_what_the_sample_misses(large):
    objective, found, limits = large
    missed = 0
    for name, index in parameters(objective.case):
        right = float(found.values[name][index])
        result = judge_differences(objective, spoiled(found, name, index, -right), limits)
        assert result.verdict is Verdict.FAIL, (name, index)
        failed = [t.name for t in result.tensors if t.verdict is Verdict.FAIL]
        assert failed[-1] == "dJ along d"
        missed += len(failed) == 1
    assert missed == objective.theta.size - (4 + 1 + 4 + 4 + 4 + 4)


def test_directional_derivatives(large):
    objective, found, limits = large
    rng = np.random.default_rng(42)
    directions = rng.choice([-1.0, 1.0], size=(5, objective.theta.size))
    got = by_direction(objective, limits, directions)
    true = directions @ verdict.gradient_of(objective, found.values)
    allowed = got.rounding + got.truncation
    assert (np.abs(got.value - true) <= allowed).all()
    assert (allowed < 1e-4 * np.abs(true).max()).all()
    assert got.converged.shape == got.crossed.shape == (5,)


def test_the_gradient_is_laid_flat_in_the_order_of_theta():
    case = small()
    objective, found, _ = prepared(case)
    flat = verdict.gradient_of(objective, found.values)
    again = moved(case, objective, flat)
    for layer in (1, 2):
        assert np.array_equal(again.W[layer], found.values[f"dW{layer}"])
        assert np.array_equal(again.b[layer], found.values[f"db{layer}"])
    back = moved(case, objective, objective.theta)
    assert np.array_equal(back.W[2], case.W[2])


# --- scipy.optimize.check_grad


def test_check_grad_says_a_small_number():
    case = small()
    objective, found, _ = prepared(case)
    said = check_grad(objective, found)
    assert said is not None
    # forward differences: h = sqrt(2^-52) takes h |J''| / 2 and 2 E_J / h a parameter
    gradient = np.abs(verdict.gradient_of(objective, found.values)).max()
    assert 0 < said < 1e-5 * gradient
    index = (1, 2)
    wrong = spoiled(found, "dW1", index, 1.01 * float(found.values["dW1"][index]))
    louder = check_grad(objective, wrong)
    assert louder is not None
    assert louder > 10 * said


def test_check_grad_is_for_small_networks(monkeypatch: pytest.MonkeyPatch):
    objective, found, _ = prepared(small())
    monkeypatch.setattr(verdict, "EVERY", 16 * (objective.theta.size - 1))
    assert check_grad(objective, found) is None
    monkeypatch.setattr(verdict, "EVERY", 16 * objective.theta.size)
    assert check_grad(objective, found) is not None


def test_a_verdict_of_nothing_is_no_pass():
    assert CaseVerdict("nothing", "float64", (), (), {}).verdict is Verdict.CANNOT_TELL
