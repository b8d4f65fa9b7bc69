"""A sum may begin anywhere: with the bias, with the L2 term, or at its end."""

from __future__ import annotations

import numpy as np
import pytest

from gradoracle import Batch, Case, Network, Parameters
from gradoracle.arrays import Array
from gradoracle.judge import CaseVerdict, Verdict, judge
from gradoracle.reference import reference
from gradoracle.rounding import SIGMAS
from gradoracle.truth.reverse import truth
from random_networks import one_by_one


def one_layer(W: Array, b: Array, X: Array, Y: Array, dtype: str, l2: float = 0.0) -> Case:
    network = Network((W.shape[1], W.shape[0]), ("identity",), "squared_error", l2=l2)
    return Case("orders", network, Parameters([W], [b]), Batch(X, Y)).astype(dtype)


def drawn(
    inputs: int, outputs: int, n: int, dtype: str, bias: float = 0.0, l2: float = 0.0
) -> Case:
    rng = np.random.default_rng([inputs, n])
    W = rng.normal(size=(outputs, inputs)) / np.sqrt(inputs)
    b = bias + 0.1 * rng.normal(size=(outputs, 1))
    X, Y = rng.normal(size=(inputs, n)), rng.normal(size=(outputs, n))
    return one_layer(W, b, X, Y, dtype, l2)


def judged(case: Case, **trace: Array) -> CaseVerdict:
    known = truth(case)
    return judge(trace, known, reference(case, known))


def assert_right(found: CaseVerdict) -> None:
    assert found.verdict is Verdict.PASS, str(found.first_wrong)
    assert max(t.sigmas for t in found.tensors) < SIGMAS / 2
    assert max(t.share for t in found.tensors) < 1


def summed(terms: Array) -> Array:
    """A plain loop, in the dtype of the terms."""
    return np.asarray(np.add.accumulate(terms.ravel())[-1])


def losses(case: Case) -> Array:
    """The terms of J over N, example by example."""
    A = case.W[1] @ case.X + case.b[1]
    return np.asarray(((A - case.Y) ** 2).T.ravel() / case.dtype.type(case.N))


def decay(case: Case) -> Array:
    """The terms of the L2 term."""
    return np.asarray(case.dtype.type(case.network.l2 / 2) * case.W[1].ravel() ** 2)


@pytest.mark.parametrize("l2", [16.0, 1024.0])
def test_J_that_begins_with_the_l2_term(l2: float, dtype: str):
    case = drawn(6, 4, 2000, dtype, l2=l2)
    J = summed(np.concatenate([[decay(case).sum()], losses(case)]))
    assert_right(judged(case, J=J))
    wrong = summed(np.concatenate([[decay(case).sum() * 2], losses(case)]))
    assert judged(case, J=wrong).verdict is Verdict.FAIL


@pytest.mark.parametrize("l2", [2.0**-8, 2.0**-5])
def test_J_to_which_weights_are_added_one_by_one(l2: float, dtype: str):
    case = drawn(784, 1, 4, dtype, l2=l2)
    case = one_layer(case.W[1], case.b[1], case.X, case.Y * 30, dtype, l2)
    assert_right(judged(case, J=summed(np.concatenate([[losses(case).sum()], decay(case)]))))
    wrong = losses(case).sum() * case.dtype.type(1.001)
    assert judged(case, J=wrong).verdict is Verdict.FAIL


def test_J_of_many_weights_is_quick():
    """Every weight is a term of the sum: none of them is looked at alone."""
    case = drawn(784, 196, 4, "float32", l2=0.25)
    assert_right(judged(case, J=summed(np.concatenate([losses(case), decay(case)]))))


@pytest.mark.parametrize("inputs", [5, 64, 784])
@pytest.mark.parametrize("bias", [5.0, 100.0])
def test_a_sum_that_begins_with_the_bias(inputs: int, bias: float, dtype: str):
    case = drawn(inputs, 4, 50, dtype, bias)
    W = np.hstack([case.b[1], case.W[1]])
    X = np.vstack([np.ones((1, case.n), case.dtype), case.X])
    for Z in (one_by_one(W, X), W @ X):
        assert_right(judged(case, Z1=Z))
    assert judged(case, Z1=one_by_one(W[:, :-1], X[:-1])).verdict is Verdict.FAIL


def test_a_gradient_that_begins_with_its_l2_term(dtype: str):
    case = drawn(6, 4, 2000, dtype, l2=16.0)
    dZ = 2 * (case.W[1] @ case.X + case.b[1] - case.Y) / case.dtype.type(case.n)
    one, identity = np.ones((1, 1), case.dtype), case.dtype.type(case.network.l2)
    rows = [
        one_by_one(
            np.hstack([identity * case.W[1][:, i : i + 1], dZ]), np.vstack([one, x[:, None]])
        )
        for i, x in enumerate(case.X)
    ]
    assert_right(judged(case, dW1=np.hstack(rows)))
    assert judged(case, dW1=np.hstack(rows) - identity * case.W[1]).verdict is Verdict.FAIL


@pytest.mark.parametrize("last", [False, True])
def test_a_loop_from_the_end(last: bool, dtype: str):
    """A feature that is much larger than the others, met first or last."""
    case = drawn(64, 4, 300, dtype)
    X, place = case.X.copy(), -1 if last else 0
    X[place] = 2000 * (1 + 0.01 * X[place])
    case = one_layer(case.W[1], case.b[1], X, case.Y, dtype)
    for step in (1, -1):
        Z = one_by_one(case.W[1][:, ::step], case.X[::step]) + case.b[1]
        assert_right(judged(case, Z1=Z))


def test_zeros_that_are_added_do_not_round():
    """A pixel that is always 0: its gradient is the L2 term, whatever the number of examples."""
    case = drawn(3, 2, 1000, "float64", l2=0.3)
    X = case.X.copy()
    X[1] = 0
    case = one_layer(case.W[1], case.b[1], X, case.Y, "float64", 0.3)
    sigma = reference(case, truth(case)).sigma("dW1")[:, 1]
    assert (sigma <= 3 * 2.0**-53 * 0.3 * np.abs(case.W[1][:, 1])).all()
