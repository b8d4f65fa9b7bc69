"""Logistic regression in TensorFlow: yhat = A = sigmoid(x W + b), one output.

Beside `gradoracle_numpy.logistic_regression`: the same forward pass with one example a row, and a
GradientTape in the place of `gradients`.
"""

from __future__ import annotations

import tensorflow as tf

from gradoracle.case import Case, Trace
from gradoracle_numpy.logistic_regression import suits
from gradoracle_tf.gradients import derivatives, output_derivative
from gradoracle_tf.layout import to_tensorflow, to_trace
from gradoracle_tf.losses import binary_cross_entropy
from gradoracle_tf.settings import pinned_settings

__all__ = ["implementation", "suits"]


@pinned_settings()
def implementation(case: Case) -> Trace:
    """Run one case that `suits` and return the whole trace.

    Shapes: X (n, n_0); W (n_0, 1); b (1,); Z, A, Y (n, 1). J is the mean over the n examples of a
    loss on the logits Z, so A is not on the way to it: dA comes from a tape of its own.
    """
    rows = to_tensorflow(case)
    X, Y, W, b = rows.X, rows.Y, rows.W[1], rows.b[1]

    with tf.GradientTape() as tape:
        tape.watch(rows.inputs)
        Z = X @ W + b
        A = tf.sigmoid(Z)
        J = binary_cross_entropy(Z, Y) / case.n

    d = derivatives(tape, J, {"Z1": Z, "W1": W, "b1": b, "X": X}) | output_derivative(case, A, Y)
    return to_trace(case.network, {"Z1": Z, "A1": A, "J": J, **d})
