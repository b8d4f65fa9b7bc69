"""Properties of random networks: what must hold whatever the numbers are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gradoracle import Batch, Case, Network, Parameters, Trace
from gradoracle.activations import ACTIVATIONS
from gradoracle.case import trace_shapes
from gradoracle.judge import Verdict, compare, judge
from gradoracle.losses import LOSSES
from gradoracle.network import REDUCTIONS
from gradoracle.reference import reference
from gradoracle.truth.reverse import truth
from gradoracle_numpy import implementation, n_layer

PER_EXAMPLE = ("Z", "A", "dA", "dZ", "dX")  # the arrays with one column an example


def examples(count: int) -> settings:
    """The same examples on every machine, as many as the time allows."""
    return settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=count,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


@st.composite
def networks(draw: st.DrawFn, loss: str | None = None, l2: float | None = None) -> Network:
    """Any network that the contract allows, depths 1 to 4, widths 1 to 5."""
    if loss is None:
        loss = draw(st.sampled_from(list(LOSSES)))
    needed = LOSSES[loss].output
    activations = draw(st.lists(st.sampled_from(list(ACTIVATIONS)), min_size=1, max_size=4))
    if needed is not None:
        activations[-1] = needed
    widths = [
        draw(st.integers(2 if name == "softmax" else 1, 5)) for name in ("identity", *activations)
    ]
    reduction = draw(st.sampled_from(REDUCTIONS))
    strength = draw(st.sampled_from([0.0, 0.125, 0.1])) if l2 is None else l2
    return Network(tuple(widths), tuple(activations), loss, reduction, strength)


@st.composite
def cases(
    draw: st.DrawFn, loss: str | None = None, l2: float | None = None, sizes: int = 9
) -> Case:
    """A case with numbers of ordinary size; Hypothesis shrinks structure and seed."""
    network = draw(networks(loss, l2))
    n = draw(st.integers(1, sizes))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    spread = draw(st.sampled_from([0.25, 1.0, 3.0]))

    def normal(*shape: int) -> np.ndarray:
        return (spread * rng.normal(size=shape)).astype(np.float32).astype(np.float64)

    W = [normal(m, k) for k, m in zip(network.sizes, network.sizes[1:], strict=False)]
    b = [normal(m, 1) for m in network.sizes[1:]]
    outputs = network.sizes[-1]
    Y = normal(outputs, n)
    if network.loss == "binary_cross_entropy":
        Y = rng.choice([0.0, 1.0, 0.25, 0.875], size=Y.shape)
    if network.loss == "cross_entropy":
        Y = rng.multinomial(8, np.full(outputs, 1 / outputs), size=n).T / 8.0
    assume(not (network.loss == "linear" and (Y == 1).all()))
    batch = Batch(normal(network.sizes[0], n), Y)
    return Case("property", network, Parameters(W, b), batch)


dtypes = st.sampled_from(["float64", "float32"])


# --- the judge


@examples(120)
@given(cases(), dtypes)
def test_numpy_passes_the_judge(case: Case, dtype: str):
    case = case.astype(dtype)
    found = truth(case)
    limits = reference(case, found)
    shapes = trace_shapes(case.network, case.n)
    for run in (implementation, n_layer.implementation):
        trace = run(case)
        verdict = judge(trace, found, limits)
        assert verdict.first_wrong is None, verdict.first_wrong
        assert verdict.missing == ()
        for name, array in trace.items():
            assert array.shape == shapes[name]
            assert array.dtype == case.dtype


@examples(40)
@given(cases(), dtypes, st.data())
def test_the_judge_sees_a_wrong_sign(case: Case, dtype: str, data: st.DataObject):
    """The property above is not empty: a sign that is wrong in a random array fails."""
    case = case.astype(dtype)
    found = truth(case)
    limits = reference(case, found)
    trace = dict(implementation(case))
    name = data.draw(st.sampled_from(sorted(trace)))
    right = judge({name: trace[name]}, found, limits)
    assume(right.verdict is Verdict.PASS)  # what rounding may have taken, nobody can tell
    assert judge({name: -trace[name]}, found, limits).verdict is Verdict.FAIL
    nan = trace[name] * np.array(np.nan, case.dtype)
    assert judge({name: nan}, found, limits).verdict is Verdict.FAIL


# --- scaling the loss


@examples(60)
@given(cases(loss="linear", l2=0.0), dtypes, st.integers(-20, 20))
def test_scaling_the_cotangent_scales_every_gradient(case: Case, dtype: str, power: int):
    """J is linear in C, and a power of two rounds nothing: bit for bit."""
    case = case.astype(dtype)
    factor = case.dtype.type(2.0**power)
    Y = case.Y * factor
    assume(not (Y == 1).all())
    scaled = Case(case.id, case.network, case.parameters, Batch(case.X, Y))
    assert_scaled(case, scaled, factor)


@examples(60)
@given(cases(l2=0.0), dtypes, st.sampled_from([1, 2, 4, 8]), st.data())
def test_the_sum_is_n_times_the_mean(case: Case, dtype: str, n: int, data: st.DataObject):
    """With n a power of two the division rounds nothing: bit for bit."""
    columns = np.resize(np.arange(case.n), n)
    batch = Batch(case.X[:, columns], case.Y[:, columns])
    assume(not (case.network.loss == "linear" and (batch.Y == 1).all()))
    mean, total = (
        Case(case.id, replace(case.network, reduction=r), case.parameters, batch).astype(dtype)
        for r in ("mean", "sum")
    )
    assert_scaled(mean, total, n)


def assert_scaled(case: Case, other: Case, factor: float) -> None:
    """Every derivative and J are ``factor`` times those of the first, the forward arrays equal.

    Numbers that leave the normal range are rounded again, which no power of two can undo.
    """
    tiny = np.finfo(case.dtype).tiny
    for run in (implementation, n_layer.implementation):
        first, second = run(case), run(other)
        assert list(first) == list(second)
        for name, array in first.items():
            expected = array * case.dtype.type(factor) if name[0] in "dJ" else array
            small = (np.abs(array) < 2.0**40 * tiny) & (name[0] in "dJ")
            assert ((second[name] == expected) | small).all(), name


@examples(40)
@given(cases(), dtypes)
def test_mean_all_divides_by_the_outputs_too(case: Case, dtype: str):
    """In the truth: every derivative of `sum` is N times that of the others, up to two halves."""
    assume(case.network.l2 == 0)
    by_reduction = {}
    for reduction in REDUCTIONS:
        network = replace(case.network, reduction=reduction)
        one = Case(case.id, network, case.parameters, case.batch).astype(dtype)
        by_reduction[reduction] = (one.N, truth(one))
    _, total = by_reduction["sum"]
    outputs = case.network.sizes[-1]
    assert [by_reduction[r][0] for r in REDUCTIONS] == [case.n, 1, case.n * outputs]
    for N, found in by_reduction.values():
        for name, value in found.values.items():
            scale = N if name[0] in "dJ" else 1
            allowed = total.radii[name] + scale * found.radii[name]
            off = np.abs(total.values[name] - scale * value)
            # and the rounding of this very product and difference
            assert (off <= allowed + 2.0**-52 * np.abs(total.values[name])).all(), name


# --- order of the examples


@examples(60)
@given(cases(), dtypes, st.randoms(use_true_random=False))
def test_permuting_examples_changes_nothing_but_rounding(case: Case, dtype: str, random):
    case = case.astype(dtype)
    order = list(range(case.n))
    random.shuffle(order)
    batch = Batch(case.X[:, order], case.Y[:, order])
    permuted = Case(case.id, case.network, case.parameters, batch)
    limits = reference(case, truth(case))
    back = np.argsort(order)
    for run in (implementation, n_layer.implementation):
        there = run(permuted)
        assert there.network == case.network
        undone = {
            name: array[:, back] if name.startswith(PER_EXAMPLE) else array
            for name, array in there.items()
        }
        verdict = compare(undone, run(case), limits)
        assert verdict.first_wrong is None, verdict.first_wrong
        assert verdict.missing == ()


def test_a_permutation_that_is_not_undone_is_seen():
    """Or of the labels alone: then every gradient is another one."""
    rng = np.random.default_rng(51)
    network = Network((3, 4, 2), ("tanh", "sigmoid"), "binary_cross_entropy")
    parameters = Parameters(
        [rng.normal(size=(4, 3)), rng.normal(size=(2, 4))],
        [rng.normal(size=(4, 1)), rng.normal(size=(2, 1))],
    )
    X, Y = rng.normal(size=(3, 6)), rng.uniform(size=(2, 6))
    case = Case("order", network, parameters, Batch(X, Y))
    limits = reference(case, truth(case))
    order = [3, 0, 5, 1, 4, 2]
    both = n_layer.implementation(replace(case, batch=Batch(X[:, order], Y[:, order])))
    verdict = compare(both, n_layer.implementation(case), limits)
    failed = {t.name for t in verdict.tensors if t.verdict is Verdict.FAIL}
    assert failed == {n for n in trace_shapes(network, 6) if n.startswith(PER_EXAMPLE)}
    labels = n_layer.implementation(replace(case, batch=Batch(X, Y[:, order])))
    verdict = compare(labels, n_layer.implementation(case), limits)
    failed = {t.name for t in verdict.tensors if t.verdict is Verdict.FAIL}
    # db2 is the sum of the a - y over the examples, whichever y goes with which a
    assert failed == set(trace_shapes(network, 6)) - {"Z1", "A1", "Z2", "A2", "db2"}


# --- purity


@examples(80)
@given(cases(), dtypes)
def test_runs_are_pure(case: Case, dtype: str):
    """Inputs are untouched and not handed out again; a second call gives the identical result."""
    case = case.astype(dtype)
    inputs = {"X": case.X, "Y": case.Y}
    inputs |= {f"W{i}": w for i, w in case.W.items()} | {f"b{i}": b for i, b in case.b.items()}
    before = {name: array.tobytes() for name, array in inputs.items()}
    for run in (implementation, n_layer.implementation):
        first, second = run(case), run(case)
        assert isinstance(first, Trace)
        assert list(first) == list(second)
        for name, array in first.items():
            assert array.tobytes() == second[name].tobytes(), name
            assert not np.shares_memory(array, second[name])
            assert not any(np.shares_memory(array, given) for given in inputs.values()), name
        kept = {name: array.tobytes() for name, array in second.items()}
        for array in first.values():  # whoever writes into one array writes into no other
            if array.flags.writeable:
                array[...] = 7
        assert {name: array.tobytes() for name, array in second.items()} == kept
        assert {name: array.tobytes() for name, array in inputs.items()} == before


@examples(40)
@given(cases())
def test_no_two_arrays_of_a_trace_are_one(case: Case):
    """A = Z for the identity, dZ = dA and the like are equal, but not the same memory."""
    for run in (implementation, n_layer.implementation):
        arrays = list(run(case).items())
        for i, (name, array) in enumerate(arrays):
            for other, another in arrays[i + 1 :]:
                assert not np.shares_memory(array, another), (name, other)
