"""A network of any depth in TensorFlow: the loop over layers forward, a GradientTape backward.

Beside `gradoracle_numpy.n_layer`: `forward` and `objective` are the same steps with one example a
row; `output_error` and `backward` are the tape's.
"""

from __future__ import annotations

from dataclasses import dataclass

import tensorflow as tf

from gradoracle.case import Case, Trace
from gradoracle_tf.activations import ACTIVATIONS
from gradoracle_tf.gradients import derivatives, output_derivative
from gradoracle_tf.layout import Rows, to_tensorflow, to_trace
from gradoracle_tf.losses import LOSSES_OF_A, LOSSES_OF_Z
from gradoracle_tf.settings import pinned_settings


@dataclass(frozen=True)
class Forward:
    """What the forward pass leaves on the tape: Z[1..L] and A[0..L], each (n, n_l)."""

    Z: dict[int, tf.Tensor]
    A: dict[int, tf.Tensor]


def forward(case: Case, rows: Rows) -> Forward:
    """Return every Z^[l] = A^[l-1] W^[l] + b^[l] and A^[l] = g_l(Z^[l]), one example a row."""
    Z: dict[int, tf.Tensor] = {}
    A: dict[int, tf.Tensor] = {0: rows.X}
    for layer in range(1, case.L + 1):
        Z[layer] = A[layer - 1] @ rows.W[layer] + rows.b[layer]
        A[layer] = ACTIVATIONS[case.activation(layer)](Z[layer])
    return Forward(Z, A)


def objective(case: Case, rows: Rows, run: Forward) -> tf.Tensor:
    """Return J: the sum of the loss over N, plus l2 / 2 times the squared weights; shape ()."""
    Z, A, loss = run.Z[case.L], run.A[case.L], case.network.loss
    total = LOSSES_OF_Z[loss](Z, rows.Y) if loss in LOSSES_OF_Z else LOSSES_OF_A[loss](A, rows.Y)
    J = total / case.N
    if case.network.l2:
        for W in rows.W.values():
            J += case.network.l2 / 2 * tf.reduce_sum(tf.square(W))
    return J


def variables(case: Case, rows: Rows, run: Forward) -> dict[str, tf.Tensor]:
    """Return what J depends on, by name: Z, A, W, b of every layer, and X.

    A^[L] is missing with a cross-entropy, which is a function of Z^[L].
    """
    named = {"X": rows.X}
    for layer in range(1, case.L + 1):
        named |= {f"Z{layer}": run.Z[layer], f"A{layer}": run.A[layer]}
        named |= {f"W{layer}": rows.W[layer], f"b{layer}": rows.b[layer]}
    if case.network.loss in LOSSES_OF_Z:
        del named[f"A{case.L}"]
    return named


@pinned_settings()
def implementation(case: Case) -> Trace:
    """Run forward and the tape on any case and return the whole trace."""
    rows = to_tensorflow(case)
    with tf.GradientTape() as tape:
        tape.watch(rows.inputs)
        run = forward(case, rows)
        J = objective(case, rows, run)

    d = derivatives(tape, J, variables(case, rows, run))
    if case.network.loss in LOSSES_OF_Z:
        d |= output_derivative(case, run.A[case.L], rows.Y)

    tensors = {f"Z{layer}": z for layer, z in run.Z.items()} | {"J": J, **d}
    tensors |= {f"A{layer}": a for layer, a in run.A.items() if layer > 0}
    return to_trace(case.network, tensors)
