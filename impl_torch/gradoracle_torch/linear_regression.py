"""Linear regression in torch: yhat = z = x W^T + b, one output.

Beside `gradoracle_numpy.linear_regression`: the same forward pass with one example a row, and
autograd in the place of `gradients`.
"""

from __future__ import annotations

from torch import nn

from gradoracle.case import Case, Trace
from gradoracle_numpy.linear_regression import suits
from gradoracle_torch.activations import identity
from gradoracle_torch.gradients import derivatives
from gradoracle_torch.layout import to_torch, to_trace
from gradoracle_torch.settings import pinned_settings

__all__ = ["implementation", "suits"]


@pinned_settings()
def implementation(case: Case) -> Trace:
    """Run one case that `suits` and return the whole trace.

    Shapes: X (n, n_0); W (1, n_0); b (1,); Z, yhat, Y (n, 1). J is the mean over the n examples,
    which with one output is also torch's mean over all entries.
    """
    rows = to_torch(case)
    X, Y, W, b = rows.X, rows.Y, rows.W[1], rows.b[1]

    Z = nn.functional.linear(X, W, b)
    yhat = identity(Z)
    J = nn.functional.mse_loss(yhat, Y)

    d = derivatives(J, {"A1": yhat, "Z1": Z, "W1": W, "b1": b, "X": X})
    return to_trace(case.network, {"Z1": Z, "A1": yhat, "J": J, **d})
