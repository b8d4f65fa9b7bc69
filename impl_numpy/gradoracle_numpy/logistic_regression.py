"""Logistic regression by hand: yhat = A = sigmoid(W X + b), one output.

Source: the first of the two texts, "logistic regression" (yhat = A = sigma(Z), update
W := W - alpha dJ/dW); what it prints of J and its derivatives is lost, so they are derived here
from binary cross-entropy. One example per column, the 1/n included in every derivative.
"""

from __future__ import annotations

import numpy as np

from gradoracle.activations import sigmoid, softplus
from gradoracle.arrays import Array
from gradoracle.case import Case, Trace
from gradoracle.losses import probability_form_resolves
from gradoracle.network import Network


def suits(network: Network) -> bool:
    """Tell whether the network is plain logistic regression with one output."""
    return (
        network.L == 1
        and network.sizes[1] == 1
        and (network.loss, network.reduction, network.l2) == ("binary_cross_entropy", "mean", 0.0)
    )


def forward(W: Array, b: Array, X: Array) -> tuple[Array, Array]:
    """Return Z = W X + b and yhat = A = sigmoid(Z), both (1, n)."""
    Z = W @ X + b
    return Z, sigmoid(Z)


def binary_cross_entropy(Z: Array, Y: Array) -> Array:
    """Return J = (1/n) sum of -y log sigma(z) - (1-y) log(1 - sigma(z)), from the logits."""
    terms: Array = Y * softplus(-Z) + (1 - Y) * softplus(Z)
    return np.asarray(terms.sum() / Y.shape[1])


def gradients(W: Array, X: Array, Y: Array, A: Array) -> dict[str, Array]:
    """Return the derivatives of J; loss and activation are fused.

    dZ = (A - Y) / n, (1, n); dW = dZ X^T, (1, n_0); db = sum of dZ, (1, 1); dX = W^T dZ.
    """
    n = X.shape[1]
    dZ = (A - Y) / n
    return {"dZ1": dZ, "dW1": dZ @ X.T, "db1": dZ.sum(axis=1, keepdims=True), "dX": W.T @ dZ}


def implementation(case: Case) -> Trace:
    """Run one case that `suits` and return the whole trace."""
    Y = case.Y
    Z, A = forward(case.W[1], case.b[1], case.X)
    arrays = {"Z1": Z, "A1": A, "J": binary_cross_entropy(Z, Y)}
    arrays |= gradients(case.W[1], case.X, Y, A)
    if probability_form_resolves(case.network.loss, A):
        arrays["dA1"] = (-Y / A + (1 - Y) / (1 - A)) / case.n
    return Trace(arrays, case.network)
