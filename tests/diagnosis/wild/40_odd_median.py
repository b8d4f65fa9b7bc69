"""odd: db is n times the median over the examples instead of their sum."""

import numpy as np


def net(case):
    n = case.n
    Z1 = case.W[1] @ case.X + case.b[1]
    A1 = 1 / (1 + np.exp(-Z1))
    Z2 = case.W[2] @ A1 + case.b[2]
    A2 = 1 / (1 + np.exp(-Z2))
    dZ2 = (A2 - case.Y) / n
    dZ1 = (case.W[2].T @ dZ2) * A1 * (1 - A1)
    return {
        "J": np.sum(np.logaddexp(0, Z2) - case.Y * Z2) / n,
        "dW2": dZ2 @ A1.T,
        "db2": n * np.median(dZ2, axis=1, keepdims=True),
        "dW1": dZ1 @ case.X.T,
        "db1": n * np.median(dZ1, axis=1, keepdims=True),
    }


def supports(case):
    c = case.network
    if c.activations != ("sigmoid", "sigmoid") or c.loss != "binary_cross_entropy":
        return "two sigmoids, BCE"
    return (c.reduction == "mean" and c.l2 == 0) or "mean"


net.supports = supports
