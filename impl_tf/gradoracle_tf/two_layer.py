"""The 2-layer network in TensorFlow: hidden sigmoid or relu, output sigmoid, cross-entropy.

Beside `gradoracle_numpy.two_layer`: the same five forward lines with one example a row; the ten
backward lines are the tape's.
"""

from __future__ import annotations

import tensorflow as tf

from gradoracle.case import Case, Trace
from gradoracle_numpy.two_layer import suits
from gradoracle_tf.gradients import derivatives, output_derivative
from gradoracle_tf.layout import to_tensorflow, to_trace
from gradoracle_tf.losses import binary_cross_entropy
from gradoracle_tf.settings import pinned_settings

__all__ = ["implementation", "suits"]


@pinned_settings()
def implementation(case: Case) -> Trace:
    """Run one case that `suits` and return the whole trace.

    Shapes: X (n, n_0); W1 (n_0, n_1); b1 (n_1,); Z1, A1 (n, n_1); W2 (n_1, n_2); b2 (n_2,); Z2,
    A2, Y (n, n_2). J is summed over outputs and averaged over the n examples; it is a function of
    Z2, so dA2 comes from a tape of its own.
    """
    rows = to_tensorflow(case)
    X, Y, W1, b1, W2, b2 = rows.X, rows.Y, rows.W[1], rows.b[1], rows.W[2], rows.b[2]

    with tf.GradientTape() as tape:
        tape.watch(rows.inputs)
        Z1 = X @ W1 + b1
        A1 = tf.nn.relu(Z1) if case.activation(1) == "relu" else tf.sigmoid(Z1)
        Z2 = A1 @ W2 + b2
        A2 = tf.sigmoid(Z2)
        J = binary_cross_entropy(Z2, Y) / case.n

    variables = {"Z2": Z2, "W2": W2, "b2": b2, "A1": A1, "Z1": Z1, "W1": W1, "b1": b1, "X": X}
    d = derivatives(tape, J, variables) | output_derivative(case, A2, Y)
    return to_trace(case.network, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2, "J": J, **d})
