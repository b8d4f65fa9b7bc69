"""Keras models as candidates."""

from __future__ import annotations

import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from model_verdicts import only_result

import gradoracle_tf  # noqa: F401  (starts TensorFlow quietly)
from gradoracle.candidate.models import session_of
from gradoracle.errors import InputError

layers, l2, l1_l2 = keras.layers, keras.regularizers.l2, keras.regularizers.l1_l2


@pytest.fixture(autouse=True)
def _same_weights():
    keras.utils.set_random_seed(0)
    before = keras.config.floatx()
    yield
    keras.config.set_floatx(before)


def network(*steps, loss=None, inputs=6, **compiled):
    model = keras.Sequential([keras.Input((inputs,)), *steps])
    if loss is not None:
        model.compile(loss=loss, **compiled)
    return model


@pytest.mark.parametrize(
    "step",
    [
        *("sigmoid", "tanh", "relu", "softplus", "elu", "gelu", "silu", "softmax", None),
        *(layers.LeakyReLU(0.01), layers.ReLU(), layers.ELU(), layers.Softmax()),
    ],
    ids=str,
)
def test_right_models_pass(step):
    named = step is None or isinstance(step, str)
    first = [layers.Dense(5, step)] if named else [layers.Dense(5), step]
    session = session_of(network(*first, layers.Dropout(0.5), layers.Dense(3), loss="mse"))
    assert session.about.cases[0].network.reduction == "mean_all"
    result = only_result(session)
    assert result.outcome == "passed", list(result.findings())


LOSSES = {
    "binary_crossentropy": ("sigmoid", "binary_cross_entropy", "mean_all"),
    "categorical_crossentropy": ("softmax", "cross_entropy", "mean"),
    "sparse_categorical_crossentropy": ("softmax", "cross_entropy", "mean"),
}


@pytest.mark.parametrize("floatx", ["float32", "float64"])
@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("name", LOSSES)
def test_losses_of_probabilities_pass(name, compiled, floatx):
    keras.config.set_floatx(floatx)
    activation, loss, reduction = LOSSES[name]
    settings = {"kernel_regularizer": l2(0.1), "dtype": floatx}
    steps = layers.Dense(5, "tanh", **settings), layers.Dense(3, activation, **settings)
    session = session_of(network(*steps, loss=name), compiled=compiled)
    read = session.about.cases[0].network
    assert (read.loss, read.reduction) == (loss, reduction)
    assert read.l2 == 2 * float(np.float32(0.1))
    assert session.about.dtypes == (floatx,)
    result = only_result(session)
    assert result.outcome == "passed", list(result.findings())


@pytest.mark.parametrize(
    ("loss", "outputs", "reduction"),
    [
        (keras.losses.BinaryCrossentropy(from_logits=True), 2, "mean_all"),
        (keras.losses.BinaryCrossentropy(from_logits=True, reduction="sum"), 1, "sum"),
        (keras.losses.CategoricalCrossentropy(from_logits=True, reduction="sum"), 3, "sum"),
        (keras.losses.mean_squared_error, 3, "mean_all"),
    ],
)
def test_losses_of_logits_and_functions_pass(loss, outputs, reduction):
    session = session_of(network(layers.Dense(outputs), loss=loss))
    assert session.about.cases[0].network.reduction == reduction
    assert only_result(session).outcome == "passed"


def test_a_functional_chain_and_a_loss_that_is_given():
    inputs = keras.Input((6,))
    hidden = layers.Activation("tanh")(layers.Dense(4)(layers.Flatten()(inputs)))
    model = keras.Model(inputs, keras.Sequential([layers.Dense(2)])(hidden))
    for session in (session_of((model, "mse")), session_of(model, loss="squared_error")):
        assert session.about.cases[0].network.activations == ("tanh", "identity")
        assert only_result(session).outcome == "passed"


def test_a_saturated_batch_of_a_float64_model_is_found():
    """Its logits are lost when the loss casts to float32, and probabilities are clipped."""
    steps = [layers.Dense(1, "sigmoid", dtype="float64")]
    model = network(*steps, loss="binary_crossentropy")
    session = session_of(model)
    assert "clips probabilities" in session.about.notes[-1]
    X = np.random.default_rng(0).normal(size=(8, 6)) * 100
    result = only_result(session_of(model, X=X, Y=(model(X).numpy() < 0.5).astype(int)))
    assert "dW1" in {f.tensor for f in result.findings()}
    tensor = next(t for t in result.tensors if t.name == "dW1")
    assert tensor.error > 0.1  # the gradient is gone, not rounded
    keras.config.set_floatx("float64")
    right = network(layers.Dense(1, "sigmoid", dtype="float64"), loss="binary_crossentropy")
    assert only_result(session_of(right, X=X, Y=np.arange(8) % 2)).outcome == "passed"


def test_a_wrong_gradient_is_found():
    @tf.custom_gradient
    def doubled(x):
        return x, lambda cotangent: 2 * cotangent

    model = network(layers.Dense(4, "relu"), layers.Dense(2), loss="mse")
    session, plain = session_of(model), model.compute_loss
    model.compute_loss = lambda **given: doubled(plain(**given))  # refused, were it there before
    result = only_result(session)
    assert result.outcome == "failed"
    assert result.first_wrong.name == "dA2"


def test_the_model_comes_out_unchanged():
    model = network(layers.Dense(4, "relu", trainable=False), layers.Dense(2), loss="mse")
    before = [weight.copy() for weight in model.get_weights()]
    assert only_result(session_of(model)).outcome == "passed"
    assert all(map(np.array_equal, before, model.get_weights()))
    assert [layer.trainable for layer in model.layers] == [False, True]


def test_class_numbers_of_the_user():
    model = network(layers.Dense(3, "softmax"), loss="sparse_categorical_crossentropy")
    X = np.random.default_rng(0).normal(size=(5, 6))
    for Y in ([0, 2, 1, 1, 0], [[0], [2], [1], [1], [0]]):
        assert only_result(session_of(model, X=X, Y=Y)).outcome == "passed"
    with pytest.raises(InputError, match="argmax"):
        session_of(model, X=X, Y=np.eye(3)[[0, 2, 1, 1, 0]])


def residual():
    inputs = keras.Input((6,))
    return keras.Model(inputs, layers.add([inputs, layers.Dense(6)(inputs)]))


def shared():
    inputs, dense = keras.Input((6,)), layers.Dense(6)
    return keras.Model(inputs, dense(dense(inputs)))


def scaled():
    inputs = keras.Input((6,))
    return keras.Model(inputs, keras.ops.multiply(layers.Dense(6)(inputs), 2.0))


class Own(keras.Model):
    pass


REFUSED_MODELS = {
    "branches": residual,
    "each used once": shared,
    "Multiply": scaled,
    "Own, a class of its own": Own,
    "BatchNormalization": lambda: network(layers.Dense(3), layers.BatchNormalization()),
    "Reshape": lambda: network(layers.Reshape((6, 1))),
    "without a bias": lambda: network(layers.Dense(3, use_bias=False)),
    "bias_regularizer": lambda: network(layers.Dense(3, bias_regularizer="l2")),
    "activity_regularizer": lambda: network(layers.Dense(3, activity_regularizer="l2")),
    "different strengths": lambda: network(
        layers.Dense(3, kernel_regularizer=l2(0.1)), layers.Dense(3)
    ),
    "l1 term": lambda: network(layers.Dense(3, kernel_regularizer=l1_l2(0.1, 0.1))),
    "with L1": lambda: network(layers.Dense(3, kernel_regularizer="l1")),
    "negative_slope=0.01": lambda: network(layers.Dense(3, "leaky_relu")),
    "negative_slope=0.3": lambda: network(layers.Dense(3), layers.LeakyReLU()),
    "with selu": lambda: network(layers.Dense(3, "selu")),
    "alpha=2.0": lambda: network(layers.Dense(3), layers.ELU(2.0)),
    "axis=0": lambda: network(layers.Dense(3), layers.Softmax(axis=0)),
    "mixed_bfloat16": lambda: network(layers.Dense(3, dtype="mixed_bfloat16")),
    "tanh after relu": lambda: network(layers.Dense(3, "relu"), layers.Activation("tanh")),
    "model.build": lambda: keras.Sequential([layers.Dense(3)]),
}


@pytest.mark.parametrize("named", REFUSED_MODELS)
def test_models_are_refused_by_name(named):
    with pytest.raises(InputError, match=re.escape(named)):
        session_of((REFUSED_MODELS[named](), "mse"))


REFUSED_LOSSES = {
    "Poisson": keras.losses.Poisson(),
    "Hinge": keras.losses.Hinge(),
    "huber": "huber",
    "'nonsense'": "nonsense",
    "label_smoothing": keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1),
    "a sum of means": keras.losses.MeanSquaredError(reduction="sum"),
    "None": keras.losses.MeanSquaredError(reduction=None),
    "takes probabilities": "binary_crossentropy",
}


@pytest.mark.parametrize("named", REFUSED_LOSSES)
def test_losses_are_refused_by_name(named):
    with pytest.raises(InputError, match=re.escape(named)):
        session_of(network(layers.Dense(3), loss=REFUSED_LOSSES[named]))


def test_other_refusals():
    with pytest.raises(InputError, match="compile"):
        session_of(network(layers.Dense(3)))
    with pytest.raises(InputError, match="loss_weights"):
        session_of(network(layers.Dense(3), loss="mse", loss_weights=[2.0]))
    of_logits = keras.losses.BinaryCrossentropy(from_logits=True)
    with pytest.raises(InputError, match="applied twice"):
        session_of(network(layers.Dense(3, "sigmoid"), loss=of_logits))
    with pytest.raises(InputError, match="device"):
        session_of(network(layers.Dense(3), loss="mse"), device="cpu")
    shared = layers.Dense(6)
    inner = [keras.Sequential([keras.Input((6,)), shared]) for _ in range(2)]
    with pytest.raises(InputError, match="used twice"):
        session_of(network(*inner, loss="mse"))
    patched = network(layers.Dense(3), loss="mse")
    patched.compute_loss = lambda **_: 0.0
    with pytest.raises(InputError, match="compute_loss of its own"):
        session_of(patched)
    float64 = layers.Dense(3, kernel_regularizer=l2(0.1), dtype="float64")
    with pytest.raises(InputError, match="set_floatx"):
        session_of(network(float64, loss="mse"))
