"""The ledger: where a framework's own training gradient is not that of its own loss.

Models are judged as they are, so these are failures, each with a note in the report that names it.
Each row can measure itself, so a test sees a change upstream. Sizes were measured with scikit-learn
1.9.1, Keras 3.15.1 on TensorFlow 2.21.0 and torch 2.13.0 on an x86-64 CPU. What single functions
of torch and TensorFlow do is in the ledgers of `gradoracle_torch` and `gradoracle_tf`.
"""

from __future__ import annotations

from gradoracle.deviation import Deviation


def _regressor_ratio() -> float:
    """The gradient of a bias of the last layer over the difference quotient of the loss."""
    import numpy as np
    from sklearn.neural_network import MLPRegressor

    from gradoracle.candidate.models.scikit_learn_private import backprop

    model = MLPRegressor(hidden_layer_sizes=(2,), alpha=0.0, random_state=0)
    X, Y = np.eye(4, 2), np.eye(4, 3)
    model.partial_fit(X, Y)
    run, h = backprop(model), 2.0**-10
    gradient = float(run(model, X, Y).intercept_grads[-1][0])
    model.intercepts_[-1][0] += h
    above = run(model, X, Y).loss
    model.intercepts_[-1][0] -= 2 * h
    return gradient / ((above - run(model, X, Y).loss) / (2 * h))  # exact: J is quadratic in it


def _clipped_gradient() -> float:
    import keras
    import tensorflow as tf

    z = tf.constant([[20.0]])
    with tf.GradientTape() as tape:
        tape.watch(z)
        J = keras.losses.BinaryCrossentropy()(tf.constant([[0.0]]), tf.sigmoid(z))
    gradient = tape.gradient(J, z)
    return 1 - float(gradient[0, 0])


def _float32_loss() -> float:
    import keras
    import tensorflow as tf

    third = tf.constant([[1 / 3]], tf.float64)
    J = float(keras.losses.MeanSquaredError(dtype="float32")(tf.zeros_like(third), third))
    return abs(9 * J - 1)


def _float32_strength() -> float:
    import keras
    import tensorflow as tf

    one = tf.constant([[1.0]], tf.float64)
    return abs(float(keras.regularizers.L2(0.1)(one)) / 0.1 - 1)


def _saturated_gradient() -> float:
    import torch

    z = torch.tensor([40.0], dtype=torch.float64, requires_grad=True)
    J = torch.nn.BCELoss()(torch.sigmoid(z), torch.zeros(1, dtype=torch.float64))
    return 1 - float(torch.autograd.grad(J, z)[0])


LEDGER: tuple[Deviation, ...] = (
    Deviation(
        name="sklearn.neural_network.MLPRegressor",
        does="takes the mean of its loss over examples and outputs, of its gradient over examples "
        "alone: with k outputs the gradient is k times that of the loss; the ratio at k = 3",
        size=3.0,
        instead="judged against its loss: dW and db are found wrong from two outputs on",
        measure=_regressor_ratio,
    ),
    Deviation(
        name="keras.losses.BinaryCrossentropy(from_logits=False)",
        does="clips probabilities whose logits it does not find (those of a float64 model, cast "
        "to float32) to [1e-7, 1 - 1e-7]: what is missing of dJ/dz at z = 20, y = 0, which is 1",
        size=1.0,
        instead="from_logits=True without the last sigmoid",
        measure=_clipped_gradient,
    ),
    Deviation(
        name="keras.losses with floatx float32",
        does="compute in float32 whatever they are given: relative error of (1/3)^2 in float64",
        size=7.45e-8,
        instead="keras.config.set_floatx('float64') before the loss is made",
        measure=_float32_loss,
    ),
    Deviation(
        name="keras.regularizers.L2",
        does="keeps its strength in float32, also for a float64 kernel: relative error of 0.1",
        size=1.49e-8,
        instead="the strength is read as the float32 it is",
        measure=_float32_strength,
    ),
    Deviation(
        name="torch.nn.BCELoss on sigmoid",
        does="divides by max(a (1 - a), 1e-12), where a has become 1: what is missing of dJ/dz at "
        "z = 40, y = 0, which is 1",
        size=1.0,
        instead="torch.nn.BCEWithLogitsLoss without the last sigmoid",
        measure=_saturated_gradient,
    ),
)
