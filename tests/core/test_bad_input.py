"""What does not fit is refused on construction, in one line that says how to mend it."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Callable

import numpy as np
import pytest

import gradoracle
from gradoracle import Batch, Case, InputError, MissingExtra, Network, Parameters, Trace
from gradoracle.errors import NothingCheckedError
from gradoracle.network import parse_sizes

FLOATS = (np.float64, np.float32)


def refusal(make: Callable[[], object], expected: str, got: str, mend: str) -> InputError:
    """Require that a request is refused, and that the one line says each of three things."""
    with pytest.raises(InputError) as caught:
        make()
    error = caught.value
    assert isinstance(error, ValueError)
    assert expected in error.expected
    assert got in error.got
    assert mend in error.mend
    message = str(error)
    assert len(message.splitlines()) == 1
    assert message == f"expected {error.expected}; got {error.got}; mend: {error.mend}"
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert type(again) is type(error)
    assert (str(again), again.mend) == (message, error.mend)
    return error


def network(loss: str = "squared_error", output: str = "identity", **rest: object) -> Network:
    return Network((3, 4, 2), ("tanh", output), loss, **rest)


def arrays(dtype: type = np.float64) -> tuple[dict[int, np.ndarray], dict[int, np.ndarray]]:
    rng = np.random.default_rng(1)
    W = {1: rng.normal(size=(4, 3)).astype(dtype), 2: rng.normal(size=(2, 4)).astype(dtype)}
    return W, {1: rng.normal(size=(4, 1)).astype(dtype), 2: rng.normal(size=(2, 1)).astype(dtype)}


def case(
    net: Network | None = None, Y: np.ndarray | None = None, X: np.ndarray | None = None
) -> Case:
    rng = np.random.default_rng(2)
    X = rng.normal(size=(3, 5)) if X is None else X
    Y = rng.normal(size=(2, 5)) if Y is None else Y
    return Case("bad.input", net or network(), Parameters(*arrays()), Batch(X, Y))


def single(Y: np.ndarray, n: int = 4) -> Case:
    """A logistic regression, for labels that do not suit it."""
    return Case(
        "bad.labels",
        Network((2, 1), ("sigmoid",), "binary_cross_entropy"),
        Parameters([np.ones((1, 2))], [np.zeros((1, 1))]),
        Batch(np.arange(2.0 * n).reshape(2, n), Y),
    )


def test_the_same_things_are_accepted_where_they_fit():
    for dtype in FLOATS:
        W, b = arrays(dtype)
        rng = np.random.default_rng(3)
        batch = Batch(rng.normal(size=(3, 5)).astype(dtype), rng.normal(size=(2, 5)).astype(dtype))
        for given in ((W, b), (list(W.values()), list(b.values()))):
            parameters = Parameters(*given)
            fine = Case("fine.case-1", network(l2=0.5), parameters, batch)
            assert fine.dtype == dtype
            assert (fine.L, fine.n, fine.N) == (2, 5, 5)
            assert np.array_equal(fine.W[2], W[2])


# --- layer sizes


@pytest.mark.parametrize(
    "sizes",
    [
        (3, 0, 2), (3, 4, -2), (3,), (), (3, 4, True), (3, 4.0, 2), (3, None, 2), "3-4-2",
        (3, np.float64(4), 2),
    ],
)  # fmt: skip
def test_layer_sizes(sizes: object):
    refusal(
        lambda: Network(sizes, ("tanh", "identity"), "squared_error"),
        "at least two layer sizes, whole numbers of 1 or more",
        repr(tuple(sizes)),
        "n_0 ... n_L, e.g. (784, 196, 1)",
    )


def test_layer_sizes_of_numpy_become_plain():
    sizes = Network(np.array([3, 2]), ["tanh"], "squared_error").sizes
    assert sizes == (3, 2)
    assert {type(size) for size in sizes} == {int}


def test_parse_sizes():
    assert parse_sizes("784-196-1") == (784, 196, 1)
    for text in ("784", "", "-", "784-", "784--1", "a-b", "784-0-1", "3.5-2", "784x196"):
        refusal(lambda text=text: parse_sizes(text), "784-196-1", repr(text), "joined by '-'")


# --- activations, losses, reductions, L2


def test_number_of_activations():
    for given in (("tanh",), ("tanh", "tanh", "tanh"), ()):
        refusal(
            lambda given=given: Network((3, 4, 2), given, "squared_error"),
            "2 activations for layer sizes 3-4-2",
            f"{len(given)}: {', '.join(given) or 'none'}",
            "one activation for each layer",
        )


def test_activations_as_one_string():
    refusal(
        lambda: Network((3, 2), "tanh", "squared_error"),
        "a sequence of activation names",
        "'tanh'",
        "write ('tanh',) with the comma",
    )


@pytest.mark.parametrize("name", ["ReLU", "swish", "", None, "relu\nsigmoid"])
def test_unknown_names(name: object):
    mend = "check the spelling"
    refusal(
        lambda: Network((3, 2), (name,), "squared_error"),
        "activation one of identity, sigmoid, tanh, relu, leaky_relu, softplus, elu, gelu, silu",
        repr(name),
        mend,
    )
    refusal(
        lambda: network(name),
        "loss one of squared_error, half_squared_error, linear, binary_cross_entropy",
        repr(name),
        mend,
    )
    refusal(
        lambda: network(reduction=name), "reduction one of mean, sum, mean_all", repr(name), mend
    )


@pytest.mark.parametrize("place", [0, 1])
def test_softmax_of_a_single_unit(place: int):
    activations = ("softmax", "sigmoid") if place == 0 else ("sigmoid", "softmax")
    sizes = (3, 1, 4) if place == 0 else (3, 4, 1)
    for loss in ("squared_error", "cross_entropy"):
        refusal(
            lambda loss=loss: Network(sizes, activations, loss),
            "width 2 or more",
            "width 1",
            "sigmoid with binary_cross_entropy",
        )


@pytest.mark.parametrize(
    ("loss", "needed", "wrong"),
    [
        ("binary_cross_entropy", "sigmoid", ("relu", "identity", "softmax", "tanh")),
        ("cross_entropy", "softmax", ("sigmoid", "identity", "relu")),
    ],
)
def test_pairs_that_are_not_allowed(loss: str, needed: str, wrong: tuple[str, ...]):
    assert network(loss, needed).loss == loss
    for output in wrong:
        refusal(
            lambda output=output: network(loss, output),
            f"a {needed} output layer with {loss}",
            output,
            f"make the last activation {needed}, or the loss squared_error",
        )


@pytest.mark.parametrize(
    "l2", [-1e-9, float("nan"), float("inf"), -float("inf"), True, "0.1", None, 1j]
)
def test_strength_of_l2(l2: object):
    refusal(lambda: network(l2=l2), "a finite number of 0 or more", repr(l2), "l2=0.0")


# --- arrays: dtype, kind, shape, numbers


@pytest.mark.parametrize(
    "dtype", [np.float16, np.int64, np.uint8, np.bool_, np.complex128, np.longdouble, object]
)
@pytest.mark.parametrize("name", ["X", "Y", "W1", "b2"])
def test_dtypes(name: str, dtype: type):
    refusal(
        lambda: with_array(name, lambda a: a.astype(dtype)),
        f"{name} in float64 or float32",
        str(np.dtype(dtype)),
        f"{name}.astype(np.float64)",
    )


def with_array(name: str, change: Callable[[np.ndarray], object]) -> Case:
    """Build a good case with one array changed."""
    W, b = arrays()
    rng = np.random.default_rng(4)
    given = {"X": rng.normal(size=(3, 5)), "Y": rng.normal(size=(2, 5))}
    given |= {f"W{i}": w for i, w in W.items()} | {f"b{i}": v for i, v in b.items()}
    given[name] = change(given[name].copy())
    return Case(
        "bad.array",
        network(),
        Parameters([given["W1"], given["W2"]], [given["b1"], given["b2"]]),
        Batch(given["X"], given["Y"]),
    )


@pytest.mark.parametrize("name", ["X", "Y", "b1", "b2"])
def test_lists(name: str):
    refusal(
        lambda: with_array(name, np.ndarray.tolist),
        f"{name} as a NumPy array",
        "a list",
        f"np.asarray({name}, dtype=np.float64)",
    )


def test_weights_as_lists():
    refusal(lambda: with_array("W1", np.ndarray.tolist), "W1 as an array", "list", "one row a unit")


def test_rows_of_different_lengths():
    for make in (lambda: Batch([[1.0, 2.0], [3.0]], np.ones((1, 2))), lambda: Batch(5.0, "labels")):
        refusal(make, "X as a NumPy array", "a ", "np.asarray(X, dtype=np.float64)")


@pytest.mark.parametrize("name", ["X", "Y", "W1", "W2", "b1", "b2"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite(name: str, bad: float):
    def spoil(a: np.ndarray) -> np.ndarray:
        a[1, 0] = bad
        return a

    refusal(
        lambda: with_array(name, spoil),
        f"finite numbers in {name}",
        f"{bad} at [1, 0]",
        f"np.argwhere(~np.isfinite({name}))",
    )


def test_a_lost_axis():
    for name in ("X", "Y"):
        refusal(
            lambda name=name: with_array(name, lambda a: a[0]),
            f"{name} as a matrix, one example per column",
            "shape (5,)",
            f"{name}.reshape(1, -1)",
        )
    refusal(lambda: with_array("b1", np.ravel), "b1 of shape (4, 1)", "(4,)", "b1.reshape(4, 1)")
    refusal(lambda: with_array("b1", np.transpose), "b1 of shape (4, 1)", "(1, 4)", "b1.T")
    refusal(lambda: with_array("W1", np.ravel), "(n_1, n_0)", "(12,)", "one row a unit")


def test_labels_of_shape_n_are_never_broadcast():
    labels = np.array([0.0, 1.0, 1.0, 0.0])
    refusal(lambda: single(labels), "Y as a matrix", "shape (4,)", "Y.reshape(1, -1)")
    assert single(labels.reshape(1, -1)).Y.shape == (1, 4)


def test_examples_in_rows():
    square = np.ones((5, 5))
    refusal(lambda: case(X=square[:, :3], Y=square[:2, :3]), "X of shape (3, n)", "(5, 3)", "X.T")
    refusal(lambda: case(X=square[:3, :2], Y=square[:, :2]), "Y of shape (2, n)", "(5, 2)", "Y.T")
    rng = np.random.default_rng(5)
    X, Y = rng.normal(size=(3, 4)), rng.normal(size=(4, 2))
    refusal(lambda: Batch(X, Y), "same number of columns", "(3, 4) and (4, 2)", "pass Y.T")
    refusal(lambda: Batch(X.T, Y), "same number of columns", "(4, 3) and (4, 2)", "X.T and Y.T")
    error = refusal(
        lambda: Batch(X.T, Y.T), "same number of columns", "(4, 3) and (2, 4)", "pass X.T"
    )
    assert "Y.T" not in error.mend  # Y is right as it is


def test_as_many_labels_as_examples():
    refusal(
        lambda: Batch(np.ones((3, 5)), np.ones((2, 7))),
        "X and Y with the same number of columns",
        "shapes (3, 5) and (2, 7)",
        "drop what has no label",
    )


def test_an_empty_batch():
    for X, Y in ((np.ones((3, 0)), np.ones((2, 0))), (np.ones((0, 5)), np.ones((2, 5)))):
        refusal(
            lambda X=X, Y=Y: Batch(X, Y), "at least one example", f"shape {X.shape}", "the data"
        )
    refusal(
        lambda: Batch(np.ones((3, 5)), np.ones((0, 5))), "Y with at least", "(0, 5)", "the data"
    )


def test_mixed_dtypes():
    for name, first in (("Y", "X"), ("W2", "W1"), ("b1", "W1"), ("b2", "W1")):
        refusal(
            lambda name=name: with_array(name, lambda a: a.astype(np.float32)),
            f"{name} in the dtype of {first}, float64",
            "float32",
            f"{name}.astype(np.float64)",
        )
    batch = case().batch.astype(np.dtype(np.float32))
    refusal(
        lambda: Case("mixed", network(), Parameters(*arrays()), batch),
        "X and Y in the dtype of the parameters, float64",
        "float32",
        "batch.astype(np.dtype('float64'))",
    )


# --- parameters


def test_parameters_that_do_not_fit_each_other():
    W, b = arrays()
    refusal(
        lambda: Parameters({1: W[1], 2: W[2].T}, b), "W2 of shape (4, 4)", "(4, 2)", "layer sizes"
    )
    refusal(lambda: Parameters(W, {1: b[1]}), "as many biases", "2 weights and 1 biases", "b[l]")
    refusal(lambda: Parameters({}, {}), "at least one", "0 weights and 0 biases", "W[l] and b[l]")


def test_parameters_that_do_not_fit_the_network():
    refusal(
        lambda: case(Network((3, 5, 2), ("tanh", "identity"), "squared_error")),
        "parameters for layer sizes 3-5-2",
        "3-4-2",
        "W[l] has shape (n_l, n_{l-1})",
    )


def test_layers_are_numbered_from_1():
    W, b = arrays()
    for misnumbered in ({0: W[1], 1: W[2]}, {1: W[1], 3: W[2]}, {"W1": W[1], "W2": W[2]}):
        refusal(
            lambda misnumbered=misnumbered: Parameters(misnumbered, b),
            "W numbered 1 ... L",
            str(sorted(misnumbered)),
            "numbered from 1",
        )
    refusal(lambda: Parameters(W, {0: b[1], 1: b[2]}), "b numbered", "[0, 1]", "from 1")
    turned = Parameters({2: W[2], 1: W[1]}, {2: b[2], 1: b[1]})  # the order does not matter
    assert list(turned.W) == [1, 2]
    assert turned.sizes == (3, 4, 2)


# --- labels


def test_two_classes_that_are_not_0_and_1():
    classes = np.array([[5, 8, 8, 5]])
    refusal(lambda: single(classes), "Y in float64", "int64", "Y.astype(np.float64)")
    for dtype in FLOATS:
        Y = classes.astype(dtype)
        error = refusal(
            lambda Y=Y: single(Y) if Y.dtype == np.float64 else single32(Y),
            "labels between 0 and 1 with binary_cross_entropy",
            "values from 5 to 8",
            "(Y == 8).astype(Y.dtype)",
        )
        mended = eval(error.mend, {"Y": Y})  # noqa: S307 - the mend is code, so it is run
        assert mended.tolist() == [[0, 1, 1, 0]]
        assert mended.dtype == dtype


def single32(Y: np.ndarray) -> Case:
    right = single(np.zeros((1, 4))).astype("float32")
    return Case(right.id, right.network, right.parameters, Batch(right.X, Y))


@pytest.mark.parametrize("large", [16777217.0, 1234567.0, 3.14159265358979])
def test_the_mend_of_the_labels_finds_them(large: float):
    Y = np.array([[0.0, large, large, 0.0]])
    error = refusal(lambda: single(Y), "between 0 and 1", "values from 0", "(Y == ")
    assert eval(error.mend, {"Y": Y}).tolist() == [[0, 1, 1, 0]]  # noqa: S307


def test_labels_of_many_classes():
    refusal(lambda: single(np.array([[0.0, 1.0, 2.0, 1.0]])), "0 and 1", "from 0 to 2", "one-hot")
    refusal(lambda: single(np.array([[0, 0.5, -0.25, 1]])), "0 and 1", "from -0.25 to 1", "one-hot")


def softmax_case(*columns: list[float]) -> Case:
    Y = np.array(columns).T
    net = Network((2, len(Y)), ("softmax",), "cross_entropy")
    parameters = Parameters([np.ones((len(Y), 2))], [np.zeros((len(Y), 1))])
    return Case("soft.labels", net, parameters, Batch(np.ones((2, len(columns))), Y))


def test_soft_labels_sum_to_exactly_1():
    one_hot = [0.0, 1.0, 0.0]
    for column in (one_hot, [0.25, 0.5, 0.25], [1 / 1024, 1022 / 1024, 1 / 1024], [0.5, 0, 0.5]):
        assert softmax_case(one_hot, column).n == 2
    for column in ([0.1, 0.2, 0.7], [1 / 3, 1 / 3, 1 / 3], [0.5, 0.5, 0.5], [0, 0, 0],
                   [0.5, 0.5, 2.0**-80]):  # fmt: skip
        error = refusal(
            lambda column=column: softmax_case(one_hot, column),
            "sum to exactly 1 in every column",
            "in column 1",
            "one-hot labels, or soft labels that are multiples of a power of two",
        )
        # 0.1 + 0.2 + 0.7 rounds to 1.0, which would tell nobody what is wrong
        assert "1.0 in" not in error.got
    refusal(lambda: softmax_case([1.5, -0.5]), "between 0 and 1", "-0.5 to 1.5", "(Y == 1.5)")


def test_the_labels_are_summed_without_rounding():
    # in float64, 0.5 + 0.5 + 2^-60 - 2^-60 would do; a column of 2^-60 and its complement does not
    softmax_case([0.5, 0.5 - 2.0**-52, 2.0**-52])
    refusal(
        lambda: softmax_case([0.5, 0.5 - 2.0**-52, 2.0**-53]), "exactly 1", "column 0", "one-hot"
    )


def test_a_cotangent_of_ones():
    refusal(
        lambda: case(network("linear"), np.ones((2, 5))),
        "a cotangent Y that is not all ones",
        "hide a wrong softmax",
        "draw it at random",
    )
    ones_but_one = np.ones((2, 5))
    ones_but_one[1, 3] = 0.5
    assert case(network("linear"), ones_but_one).n == 5
    assert case(network("squared_error"), np.ones((2, 5))).n == 5  # labels may all be 1


# --- case and trace


@pytest.mark.parametrize("bad", ["", "Two-Layer", "two layer", "a..b", ".a", "a/b", "ä", "a\nb"])
def test_case_ids(bad: str):
    right = case()
    refusal(
        lambda: Case(bad, right.network, right.parameters, right.batch),
        "a case id like two-layer.relu-bce",
        repr(bad),
        "a-z 0-9 . - _",
    )


def test_dtypes_of_a_case():
    for bad in ("float16", "double", "int64"):
        refusal(lambda bad=bad: case().astype(bad), "float64 or float32", repr(bad), "float64")


def test_names_of_a_trace():
    for bad in ("dW3", "W1", "dw1", "Z0", "dA0", "DW1"):
        refusal(
            lambda bad=bad: Trace({"Z1": np.ones((4, 5)), bad: np.ones((4, 3))}, network()),
            "Z1 A1 Z2 A2 J dA2 dZ2 dW2 db2 dA1 dZ1 dW1 db1 dX",
            repr(bad),
            "check the spelling",
        )


@pytest.mark.parametrize("bad", [None, "zero", {"a": 1}, [[1.0], [1.0, 2.0]], np.array([None])])
def test_values_of_a_trace(bad: object):
    refusal(
        lambda: Trace({"dW1": bad}, network()),
        "dW1 as an array of numbers",
        type(bad).__name__,
        "NumPy arrays",
    )


def test_a_trace_is_sorted_by_computation_and_leaves_values_to_the_judge():
    odd = {"dW1": np.full((7, 7), np.nan, np.float16), "J": 2.5, "Z1": np.ones((4, 5))}
    trace = Trace(odd, network())
    assert list(trace) == ["Z1", "J", "dW1"]
    assert trace["J"].shape == ()
    assert trace["dW1"].dtype == np.float16


def test_J_may_be_a_python_float():
    for dtype in FLOATS:
        trace = Trace({"J": 2.1, "Z1": np.ones((4, 5), dtype)}, network())
        assert trace["J"].dtype == dtype
        assert trace["J"] == dtype(2.1)
    assert np.isinf(Trace({"J": 1e300, "Z1": np.ones((4, 5), np.float32)}, network())["J"])
    wide = Trace({"J": np.array(2.1), "Z1": np.ones((4, 5), np.float32)}, network())
    assert wide["J"].dtype == np.float64  # an array keeps its dtype, for the judge to see


# --- frozen


def test_nothing_can_be_set():
    fine = case()
    trace = Trace({"J": 1.0}, network())
    for thing in (fine, fine.network, fine.parameters, fine.batch, trace):
        for field in dataclasses.fields(thing):
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(thing, field.name, None)
        with pytest.raises(dataclasses.FrozenInstanceError):
            thing.new = 1
    for mapping in (fine.W, fine.b, trace.arrays):
        with pytest.raises(TypeError, match="item assignment"):
            mapping[1] = np.ones((4, 3))


def test_arrays_are_read_only_copies():
    W, b = arrays()
    rng = np.random.default_rng(6)
    X, Y = rng.normal(size=(3, 5)), rng.normal(size=(2, 5))
    fine = Case("frozen", network(), Parameters(W, b), Batch(X, Y))
    held = {"X": fine.X, "Y": fine.Y, "W1": fine.W[1], "W2": fine.W[2], "b1": fine.b[1],
            "b2": fine.b[2]}  # fmt: skip
    given = {"X": X, "Y": Y, "W1": W[1], "W2": W[2], "b1": b[1], "b2": b[2]}
    before = {name: array.tobytes() for name, array in held.items()}
    for name, array in held.items():
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 7
        assert not np.shares_memory(array, given[name])
        given[name][:] = 7  # the caller goes on using what is the caller's
        assert array.tobytes() == before[name]
    W[1] = W[2]
    assert fine.W[1].shape == (4, 3)


def test_subclasses_of_arrays_become_plain():
    class Odd(np.ndarray):
        """An array whose operators mean something else, as np.matrix's do."""

        def __mul__(self, other: object) -> str:
            return "surprise"

    fine = with_array("X", lambda a: a.view(Odd))
    assert type(fine.X) is np.ndarray
    for flags in (fine.X.flags, fine.W[1].flags):
        assert flags.c_contiguous
        assert not flags.writeable


# --- errors


def test_errors_survive_a_worker_process():
    for error in (
        InputError("a", "b", "c"),
        NothingCheckedError("a", "b", "c"),
        MissingExtra("torch", "torch"),
    ):
        again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert vars(again) == vars(error)
        assert isinstance(again, gradoracle.GradoracleError)
    assert isinstance(NothingCheckedError("a", "b", "c"), InputError)
    assert 'python -m pip install "gradoracle[torch]"' in str(MissingExtra("torch", "torch"))


# --- things of another kind


@pytest.mark.parametrize(
    "make",
    [
        lambda: Network(3, ("tanh",), "squared_error"),
        lambda: Network(None, ("tanh",), "squared_error"),
        lambda: Network((3, 1), None, "squared_error"),
        lambda: Network((3, 1), (None,), "squared_error"),
        lambda: Network((3, 1), ("tanh",), np.array(["squared_error", "linear"])),
        lambda: Network((3, 1), ("tanh",), "squared_error", reduction=[]),
        lambda: network(l2=10**400),
        lambda: Network(np.ones((2, 2), int), ("tanh",), "squared_error"),
        lambda: parse_sizes("٣-1"),
        lambda: parse_sizes("1_0-1"),
        lambda: parse_sizes(" 3-1"),
        lambda: parse_sizes("9" * 5000 + "-1"),
        lambda: parse_sizes(None),
        lambda: Parameters(None, None),
        lambda: Parameters(3, 3),
        lambda: Parameters({1: np.ones((1, 1)), "2": np.ones((1, 1))}, {1: np.ones((1, 1))}),
        lambda: Parameters([np.ones((0, 3))], [np.ones((0, 1))]),
        lambda: Parameters([np.ones((1, 0))], [np.ones((1, 1))]),
        lambda: dataclasses.replace(case(), id=3),
        lambda: dataclasses.replace(case(), id=None),
        lambda: dataclasses.replace(case(), network=None),
        lambda: dataclasses.replace(case(), parameters={}),
        lambda: dataclasses.replace(case(), batch=(1, 2)),
        lambda: dataclasses.replace(case(), needs="abc"),
        lambda: dataclasses.replace(case(), needs=(1,)),
        lambda: dataclasses.replace(case(), flags="kink"),
        lambda: dataclasses.replace(case(), flags=None),
        lambda: dataclasses.replace(case(), level=[]),
        lambda: case().astype(None),
        lambda: case().astype(3),
        lambda: Trace(None, network()),
        lambda: Trace([1], network()),
        lambda: Trace({}, None),
    ],
)
def test_things_of_another_kind(make: Callable[[], object]):
    assert len(str(refusal(make, "", "", "")).splitlines()) == 1


def test_a_number_beyond_float32():
    W, b = arrays()
    W[1][0, 0] = 1e300
    wide = Case("wide", network(), Parameters(W, b), case().batch)
    refusal(lambda: wide.astype("float32"), "finite numbers in W1", "inf", "isfinite")


def test_dtypes_of_a_case_by_another_name():
    for name in ("float32", np.float32, np.dtype(np.float32)):
        assert case().astype(name).dtype == np.float32


def test_all_labels_the_same():
    refusal(
        lambda: single(np.full((1, 4), 5.0)),
        "between 0 and 1",
        "values from 5 to 5",
        "(Y == 5).astype(Y.dtype) if that is the class 1",
    )
