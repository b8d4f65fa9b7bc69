"""Two: tanh's derivative is 1 - a without the square, and db lacks the 1/n that dW has."""

import numpy as np


def net(case):
    n = case.X.shape[1]
    A1 = np.tanh(case.W[1] @ case.X + case.b[1])
    Z2 = case.W[2] @ A1 + case.b[2]
    A2 = 1 / (1 + np.exp(-Z2))
    J = np.sum(np.logaddexp(0, Z2) - case.Y * Z2) / n
    delta2 = A2 - case.Y
    delta1 = (case.W[2].T @ delta2) * (1 - A1)
    return {
        "J": J,
        "dW2": delta2 @ A1.T / n,
        "db2": np.sum(delta2, axis=1, keepdims=True),
        "dW1": delta1 @ case.X.T / n,
        "db1": np.sum(delta1, axis=1, keepdims=True),
    }


def supports(case):
    n = case.network
    if n.activations == ("tanh", "sigmoid") and n.loss == "binary_cross_entropy":
        return (n.reduction == "mean" and n.l2 == 0) or "mean"
    return "tanh and sigmoid, BCE"


net.supports = supports
