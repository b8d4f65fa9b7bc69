"""Every gradient of this package: one backward pass of a tf.GradientTape."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

from gradoracle.case import Case
from gradoracle.losses import probability_form_resolves
from gradoracle_tf.losses import PROBABILITY_FORMS


def derivatives(
    tape: tf.GradientTape, J: tf.Tensor, variables: Mapping[str, tf.Tensor]
) -> dict[str, tf.Tensor]:
    """Return dV = dJ/dV, named ``dV``, for each named variable V that the tape has recorded.

    A variable may be an input (W, b, X) or an intermediate (Z, A); dV has its shape. Nothing is
    averaged here: the division by N is part of J.
    """
    values = tape.gradient(J, dict(variables))
    return {f"d{name}": value for name, value in values.items()}


def output_derivative(case: Case, A: tf.Tensor, Y: tf.Tensor) -> dict[str, tf.Tensor]:
    """Return dA^[L], (n, n_L), of a cross-entropy, from a second tape that starts at A^[L].

    J is a function of the logits Z^[L], so A^[L] is not on the way to it. Here A^[L] is an
    independent variable and the loss has its probability form, divided by N. Empty where rounding
    has taken from A^[L] what that form needs.
    """
    if not probability_form_resolves(case.network.loss, A.numpy()):
        return {}
    with tf.GradientTape() as tape:
        tape.watch(A)
        J = PROBABILITY_FORMS[case.network.loss](A, Y) / case.N
    return derivatives(tape, J, {f"A{case.L}": A})
