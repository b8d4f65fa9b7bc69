"""Linear regression in TensorFlow: yhat = z = x W + b, one output.

Beside `gradoracle_numpy.linear_regression`: the same forward pass with one example a row, and a
GradientTape in the place of `gradients`.
"""

from __future__ import annotations

import tensorflow as tf

from gradoracle.case import Case, Trace
from gradoracle_numpy.linear_regression import suits
from gradoracle_tf.activations import identity
from gradoracle_tf.gradients import derivatives
from gradoracle_tf.layout import to_tensorflow, to_trace
from gradoracle_tf.settings import pinned_settings

__all__ = ["implementation", "suits"]


@pinned_settings()
def implementation(case: Case) -> Trace:
    """Run one case that `suits` and return the whole trace.

    Shapes: X (n, n_0); W (n_0, 1); b (1,); Z, yhat, Y (n, 1). J is the mean over the n examples,
    which with one output is also the mean over all entries.
    """
    rows = to_tensorflow(case)
    X, Y, W, b = rows.X, rows.Y, rows.W[1], rows.b[1]

    with tf.GradientTape() as tape:
        tape.watch(rows.inputs)
        Z = X @ W + b
        yhat = identity(Z)
        J = tf.reduce_mean(tf.math.squared_difference(yhat, Y))

    d = derivatives(tape, J, {"A1": yhat, "Z1": Z, "W1": W, "b1": b, "X": X})
    return to_trace(case.network, {"Z1": Z, "A1": yhat, "J": J, **d})
