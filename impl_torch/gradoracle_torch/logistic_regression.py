"""Logistic regression in torch: yhat = A = sigmoid(x W^T + b), one output.

Beside `gradoracle_numpy.logistic_regression`: the same forward pass with one example a row, and
autograd in the place of `gradients`.
"""

from __future__ import annotations

import torch
from torch import nn

from gradoracle.case import Case, Trace
from gradoracle_numpy.logistic_regression import suits
from gradoracle_torch.gradients import derivatives, output_derivative
from gradoracle_torch.layout import to_torch, to_trace
from gradoracle_torch.losses import binary_cross_entropy
from gradoracle_torch.settings import pinned_settings

__all__ = ["implementation", "suits"]


@pinned_settings()
def implementation(case: Case) -> Trace:
    """Run one case that `suits` and return the whole trace.

    Shapes: X (n, n_0); W (1, n_0); b (1,); Z, A, Y (n, 1). J is the mean over the n examples of a
    loss on the logits Z, so A is not in its graph: dA comes from a graph of its own.
    """
    rows = to_torch(case)
    X, Y, W, b = rows.X, rows.Y, rows.W[1], rows.b[1]

    Z = nn.functional.linear(X, W, b)
    A = torch.sigmoid(Z)
    J = binary_cross_entropy(Z, Y) / case.n

    d = derivatives(J, {"Z1": Z, "W1": W, "b1": b, "X": X}) | output_derivative(case, A, Y)
    return to_trace(case.network, {"Z1": Z, "A1": A, "J": J, **d})
