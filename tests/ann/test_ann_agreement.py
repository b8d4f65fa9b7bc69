"""The three classes compute one thing: each gradient within its rounding, each descent alike."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from gradoracle import Batch, Case, Trace
from gradoracle.arrays import DTYPES, unit_roundoff
from gradoracle.case import trace_shapes
from gradoracle.classification import classification_network, initial_parameters
from gradoracle.judge import Verdict, judge
from gradoracle.reference import reference
from gradoracle.rounding import SIGMAS
from gradoracle.truth.reverse import truth
from gradoracle_numpy import ann as numpy_ann

NETWORKS = {
    "two-layer": ((5, 4, 1), "sigmoid", 0.0),
    "deep": ((5, 6, 4, 3, 1), "tanh", 0.0),
    "relu": ((5, 4, 4, 1), "relu", 0.25),
    "three-classes": ((5, 4, 3), "sigmoid", 0.0),
    "hidden-softmax": ((5, 4, 1), "softmax", 0.5),
    "gelu": ((5, 4, 3), "gelu", 0.0),
    "one-layer": ((5, 1), "sigmoid", 0.125),
}
WRONG = {
    "sign": lambda dV: -dV,
    "x1.001": lambda dV: dV * 1.001,
    "no 1/n": lambda dV: dV * 11,
    "zero": lambda dV: dV * 0,
}


def random_case(name):
    """Return a case of random numbers that are exact in float32; the biases are not zero."""
    sizes, activation, l2 = NETWORKS[name]
    rng = np.random.default_rng(sum(map(ord, name)))
    start = initial_parameters(sizes, DTYPES["float32"], 5)
    biases = {i: rng.normal(size=b.shape).astype(np.float32) for i, b in start.b.items()}
    Y = np.eye(sizes[-1])[rng.integers(0, sizes[-1], 11)].T
    if sizes[-1] == 1:
        Y = rng.integers(0, 2, (1, 11))
    batch = Batch(rng.normal(size=(5, 11)).astype(np.float32), Y.astype(np.float32))
    network = classification_network(sizes, activation, l2)
    return Case(f"ann.{name}", network, type(start)(start.W, biases), batch).astype("float64")


def trace_of(ANN, case):
    """Return what the class computes on a case, as a trace."""
    network = case.network
    ann = ANN(network.sizes[1:], activation=network.activations[0], l2=network.l2)
    store = ann.forward(ann.native(case.X), ann.named(case.parameters))
    Y = ann.native(case.Y)
    arrays = {"J": ann.cost(store, Y)} | store | ann.backward(store, Y)
    names = trace_shapes(network, case.n)
    return Trace({n: np.array(ann.numpy(v)) for n, v in arrays.items() if n in names}, network)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_array_is_the_truth_within_its_rounding(ANN, name, dtype):
    case = random_case(name)
    proven = truth(case)
    case = case.astype(dtype)
    verdict = judge(trace_of(ANN, case), proven, reference(case, proven))
    assert verdict.verdict is Verdict.PASS, verdict.worst
    assert {f"dW{case.L}", f"db{case.L}", "Z1", "J"} <= {t.name for t in verdict.tensors}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_wrong_gradient_is_no_truth(ANN, mistake, monkeypatch):
    case = random_case("two-layer")
    proven = truth(case)
    limits = reference(case, proven)
    break_gradient(ANN, mistake, monkeypatch)
    first = judge(trace_of(ANN, case), proven, limits).first_wrong
    assert first is not None
    assert first.name == "dW2"


def break_gradient(ANN, mistake, monkeypatch):
    """Let backward return wrong derivatives by the weights."""
    right = ANN.backward

    def backward(self, *arguments, **options):
        d = right(self, *arguments, **options)
        return d | {name: WRONG[mistake](dV) for name, dV in d.items() if name.startswith("dW")}

    monkeypatch.setattr(ANN, "backward", backward)


# Whole trajectories. What float32 does to a descent is measured: the distance of NumPy's float32
# run from its float64 run. The same roundings in float64 do u64 / u32 of it to first order, and
# eight times that is what no two correct runs are apart.

ITERATIONS = 30


def trajectory(ANN, digits, dtype):
    """Return the costs, and the final W and b as one vector a tensor."""
    X, y, *_ = digits
    columns = np.ascontiguousarray(X.T.astype(dtype))
    Y = (y == 8)[np.newaxis].astype(dtype)
    ann = ANN([16, 1], learning_rate=1.0)
    start = initial_parameters((64, 16, 1), DTYPES[dtype], 0)
    costs, parameters = zip(*islice(ann.descend(start, columns, Y), ITERATIONS), strict=True)
    tensors = {name: ann.numpy(value).astype(np.float64) for name, value in parameters[-1].items()}
    return {"costs": np.array(costs), **tensors}


@pytest.fixture(scope="module")
def allowed(digits):
    """How far two float64 trajectories may be apart, for each array."""
    double, single = (trajectory(numpy_ann.ANN, digits, dtype) for dtype in ("float64", "float32"))
    scale = unit_roundoff(DTYPES["float64"]) / unit_roundoff(DTYPES["float32"])
    return {n: SIGMAS * scale * np.abs(double[n] - single[n]).max() for n in double}


def apart(one, other, allowed):
    """Return the names of the arrays that rounding does not explain."""
    return [n for n in one if not np.abs(one[n] - other[n]).max() <= allowed[n]]


def test_trajectories_from_one_start_stay_together(ANN, digits, allowed):
    ours, theirs = trajectory(numpy_ann.ANN, digits, "float64"), trajectory(ANN, digits, "float64")
    assert apart(ours, theirs, allowed) == []


@pytest.mark.parametrize("mistake", WRONG)
def test_a_wrong_gradient_leaves_the_trajectory(digits, allowed, mistake, monkeypatch):
    right = trajectory(numpy_ann.ANN, digits, "float64")
    break_gradient(numpy_ann.ANN, mistake, monkeypatch)
    wrong = trajectory(numpy_ann.ANN, digits, "float64")
    assert {"costs", "W1", "W2"} <= set(apart(right, wrong, allowed))


@pytest.mark.parametrize("name", ["numpy", "torch"])  # TensorFlow's graph may fuse operations
def test_a_step_is_the_public_methods_in_a_row(name, ANNs, clouds):
    """Arrays that are used again change no bit of what a user computes by hand."""
    X, y = clouds
    ANN = ANNs[name]
    for activation in ("sigmoid", "gelu", "softmax"):
        ann = ANN([4, 3], activation=activation, learning_rate=0.5, l2=0.125, random_state=2)
        parameters = ann.initialize_parameters(2)
        columns, Y = np.ascontiguousarray(X.T), (np.arange(3)[:, np.newaxis] == y).astype(float)
        steps = ann.descend(ann.unnamed(parameters), columns, Y)
        for J, stepped in islice(steps, 4):
            store = ann.forward(ann.native(columns), parameters)
            by_hand = ann.cost(store, ann.native(Y))
            d = ann.backward(store, ann.native(Y))
            parameters = ann.update(parameters, d)
            assert float(ann.numpy(by_hand)) == J
            for name, value in stepped.items():
                assert (ann.numpy(value) == ann.numpy(parameters[name])).all(), name
