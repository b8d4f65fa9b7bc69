"""Small errors are seen: each of these wrong programs must fail in float64."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from gradoracle.arrays import Array
from gradoracle.builtin_cases import build
from gradoracle.case import Case, Trace
from gradoracle.judge import Verdict, judge
from gradoracle.network import Batch
from gradoracle.reference import Reference, reference
from gradoracle.truth.reverse import Truth, truth
from gradoracle_numpy import n_layer
from random_networks import images, on_grid
from shared import case_of, implementation, limits, proven

SEED = "two-layer.sigmoid-bce"


def wrong_tensors(trace: dict[str, Array], of: Truth, in_: Reference) -> set[str]:
    return {t.name for t in judge(trace, of, in_).tensors if t.verdict is Verdict.FAIL}


def test_float32_arithmetic_inside_a_float64_run() -> None:
    """Only the hidden activation passes through float32; everything after it inherits that."""
    case = case_of(SEED, "float64")
    trace = dict(n_layer.implementation(case))
    trace["A1"] = trace["A1"].astype(np.float32).astype(np.float64)
    assert wrong_tensors(trace, proven(SEED), limits(SEED, "float64")) == {"A1"}


def test_a_log_with_an_epsilon() -> None:
    """-y log(p + 1e-7) - (1 - y) log(1 - p + 1e-7), as many programs print it."""
    case = case_of(SEED, "float64")
    trace = dict(n_layer.implementation(case))
    p, y = trace["A2"], case.Y
    trace["J"] = np.asarray(-(y * np.log(p + 1e-7) + (1 - y) * np.log(1 - p + 1e-7)).mean())
    assert wrong_tensors(trace, proven(SEED), limits(SEED, "float64")) == {"J"}
    trace["J"] = np.asarray(-(y * np.log(p) + (1 - y) * np.log(1 - p)).mean())
    assert wrong_tensors(trace, proven(SEED), limits(SEED, "float64")) == set()


def test_a_softplus_that_is_linear_above_20() -> None:
    drawn = build("sharp.softplus", (1, 1), ("softplus",), "linear", n=4)
    X = np.array([[20.5, 21.0, 22.0, 3.0]])
    case = replace(drawn, batch=Batch(X, drawn.Y.copy()))
    W = {1: np.ones((1, 1))}
    case = replace(case, parameters=type(case.parameters)(W, {1: np.zeros((1, 1))}))
    of = truth(case)
    trace = dict(n_layer.implementation(case))
    in_ = reference(case, of)
    assert wrong_tensors(trace, of, in_) == set()
    trace["A1"] = np.where(X > 20, X, trace["A1"])
    assert wrong_tensors(trace, of, in_) == {"A1"}


@cache
def big() -> tuple[Case, Truth, Reference, Trace]:
    """784-12-1 on 1,024 examples, sorted by label."""
    case = images(1024, 12, "sigmoid", "label")
    of = truth(case)
    return case, of, reference(case, of), n_layer.implementation(case)


def test_one_example_of_1024_left_out() -> None:
    case, of, in_, trace = big()
    dropped = {k: v.copy() for k, v in trace.items()}
    dropped["dW1"] = trace["dZ1"][:, 1:] @ case.X[:, 1:].T
    assert wrong_tensors(dropped, of, in_) == {"dW1"}


def test_divided_by_n_minus_1() -> None:
    case, of, in_, trace = big()
    for name in ("dW1", "db1", "dW2", "db2", "J"):
        wrong = {**trace, name: np.asarray(trace[name] * case.n / (case.n - 1))}
        assert wrong_tensors(wrong, of, in_) == {name}


@cache
def biggest() -> tuple[Case, Truth, Reference, Trace]:
    """The 784-196-1 network with its 154,057 parameters, 32 examples."""
    case = images(32, 196, "sigmoid", "random")
    of = truth(case)
    return case, of, reference(case, of), n_layer.implementation(case)


def test_one_entry_of_154057_off_by_a_relative_1e_12() -> None:
    _, of, in_, trace = biggest()
    assert sum(of.values[f"d{n}"].size for n in ("W1", "b1", "W2", "b2")) == 154_057
    assert wrong_tensors(dict(trace), of, in_) == set()
    flat = np.abs(of.values["dW1"]).ravel()
    nonzero = np.flatnonzero(flat)
    median = nonzero[np.argsort(flat[nonzero])[nonzero.size // 2]]
    wrong = trace["dW1"].copy()
    wrong.ravel()[median] *= 1 + 1e-12
    assert wrong_tensors({**trace, "dW1": wrong}, of, in_) == {"dW1"}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("dW1", lambda a: a[::-1].copy()),
        ("dW1", lambda a: np.roll(a, 1, axis=1)),
        ("db1", lambda a: a * 196 / 195),
        ("dX", lambda a: a * (1 + 1e-11)),
        ("dZ1", lambda a: a * (1 + 1e-12)),
        ("dA1", lambda a: np.where(np.arange(a.shape[1]) == 7, 0, a)),
    ],
)
def test_large_arrays_hide_nothing(name: str, change: Callable[[Array], Array]) -> None:
    _, of, in_, trace = biggest()
    wrong = {**trace, name: np.asarray(change(trace[name]))}
    assert wrong_tensors(wrong, of, in_) == {name}


def saturated(logit: float) -> tuple[Case, Truth, Reference]:
    """Logistic regression whose logits are +-logit, with hard labels on either side."""
    X = np.array([[logit, -logit, logit, -logit]])
    drawn = build("sharp.logistic", (1, 1), ("sigmoid",), "binary_cross_entropy", n=4)
    case = replace(
        drawn,
        batch=Batch(X, np.array([[0.0, 1.0, 1.0, 0.0]])),
        parameters=type(drawn.parameters)({1: np.ones((1, 1))}, {1: np.zeros((1, 1))}),
    )
    of = truth(case)
    return case, of, reference(case, of)


def torch_probabilities(case: Case) -> dict[str, Array]:
    """BCELoss(sigmoid(z)), as torch's own loss on probabilities differentiates it."""
    torch = pytest.importorskip("torch")
    Z = torch.tensor((case.W[1] @ case.X + case.b[1]).T.copy(), requires_grad=True)
    J = torch.nn.BCELoss()(torch.sigmoid(Z), torch.tensor(case.Y.T.copy()))
    (dZ,) = torch.autograd.grad(J, Z)
    return {"Z1": Z.detach().numpy().T, "dZ1": dZ.numpy().T}


def keras_probabilities(case: Case) -> dict[str, Array]:
    """BinaryCrossentropy(from_logits=False) in eager mode, in float64 as it must be asked for."""
    implementation("tensorflow")  # imports TensorFlow quietly
    import tensorflow as tf

    Z = tf.constant((case.W[1] @ case.X + case.b[1]).T)
    with tf.GradientTape() as tape:
        tape.watch(Z)
        J = tf.keras.losses.BinaryCrossentropy(dtype="float64")(
            tf.constant(case.Y.T), tf.sigmoid(Z)
        )
    return {"Z1": Z.numpy().T, "dZ1": tape.gradient(J, Z).numpy().T}


LOSSES_ON_PROBABILITIES = [torch_probabilities, keras_probabilities]


@pytest.mark.parametrize("run", LOSSES_ON_PROBABILITIES)
@pytest.mark.parametrize("logit", [40.0, 800.0])
def test_losses_on_probabilities_fail_where_saturated(run, logit: float) -> None:  # type: ignore[no-untyped-def]
    case, of, in_ = saturated(logit)
    assert wrong_tensors(run(case), of, in_) == {"dZ1"}
    assert wrong_tensors(dict(implementation("torch").run(case)), of, in_) == set()


@pytest.mark.parametrize("run", LOSSES_ON_PROBABILITIES)
def test_losses_on_probabilities_pass_elsewhere(run) -> None:  # type: ignore[no-untyped-def]
    """Keras clips at 1e-7, which shows from logit 16 on; at 2 both are right."""
    case, of, in_ = saturated(on_grid(np.array(2.0)).item())
    found = judge(run(case), of, in_)
    assert [t.name for t in found.tensors] == ["Z1", "dZ1"]
    assert all(t.verdict is Verdict.PASS for t in found.tensors), found.tensors
