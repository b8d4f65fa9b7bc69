"""Linear regression by hand: yhat = z = W X + b, one output.

Source: the first of the two texts, "linear regression" (yhat = b + x1 w1 + x2 w2, update
W := W - alpha dJ/dW); its pictures of J, dW and db are lost, so they are derived here from
J = (1/n) sum of (yhat - y)^2. One example per column, the 1/n included in every derivative.
"""

from __future__ import annotations

from gradoracle.arrays import Array
from gradoracle.case import Case, Trace
from gradoracle.network import Network


def suits(network: Network) -> bool:
    """Tell whether the network is plain linear regression with one output."""
    return (
        network.L == 1
        and network.sizes[1] == 1
        and network.activations == ("identity",)
        and (network.loss, network.reduction, network.l2) == ("squared_error", "mean", 0.0)
    )


def forward(W: Array, b: Array, X: Array) -> Array:
    """Return yhat = Z = W X + b, (1, n), from W (1, n_0), b (1, 1), X (n_0, n)."""
    return W @ X + b


def gradients(W: Array, X: Array, Y: Array, yhat: Array) -> dict[str, Array]:
    """Return the derivatives of J = (1/n) sum (yhat - y)^2.

    d yhat = 2 (yhat - Y) / n, (1, n); dW = dZ X^T, (1, n_0); db = sum of dZ, (1, 1);
    dX = W^T dZ, (n_0, n).
    """
    n = X.shape[1]
    dA = 2 * (yhat - Y) / n
    dZ = dA.copy()  # yhat = z, so the derivative of the activation is 1
    return {
        "dA1": dA,
        "dZ1": dZ,
        "dW1": dZ @ X.T,
        "db1": dZ.sum(axis=1, keepdims=True),
        "dX": W.T @ dZ,
    }


def implementation(case: Case) -> Trace:
    """Run one case that `suits` and return the whole trace."""
    yhat = forward(case.W[1], case.b[1], case.X)
    J = ((yhat - case.Y) ** 2).mean()
    d = gradients(case.W[1], case.X, case.Y, yhat)
    return Trace({"Z1": yhat, "A1": yhat.copy(), "J": J, **d}, case.network)
